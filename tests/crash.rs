//! Killed, or refused by the disk, at every file system call: after a restart every input stands exactly once in the sink,
//! and exactly once in done/ or failed/.
//!
//! No call is named here. A run under strace shows which ones the daemon makes today, and each is then aimed at.

mod random;
mod stage;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::support::strace::{Call, Target, can_trace};
use stage::{SCENES, Scene, Stage, discover};

/// How often each step is hit, at least.
const GOAL: usize = 20;

/// What is still to be hit, and what has been.
struct Plan {
    steps: BTreeMap<String, Vec<(Scene, Call, Vec<Target>)>>,
    /// Each call once, whatever its step has by then.
    first: Vec<(Scene, Target)>,
    tries: BTreeMap<String, usize>,
    hits: BTreeMap<String, usize>,
}

impl Plan {
    fn new(steps: BTreeMap<String, Vec<(Scene, Call, Vec<Target>)>>) -> Plan {
        // A kill at a look finds the disk as a kill at the next change does.
        let first = steps.values().flatten().filter(|(_, call, _)| !call.looks());
        let first = first.map(|(scene, _, targets)| (*scene, targets[0].clone())).collect();
        let hits = steps.keys().map(|step| (step.clone(), 0)).collect();
        Plan { steps, first, tries: BTreeMap::new(), hits }
    }

    /// The next aim: at the step that was hit least, until every one was hit often enough or is not to be hit.
    fn next(&mut self) -> Option<(Scene, Target)> {
        const MOST_TRIES: usize = 10 * GOAL;
        if let Some(aim) = self.first.pop() {
            return Some(aim);
        }
        let tried = |step: &String| self.tries.get(step).copied().unwrap_or_default();
        let open = self.hits.iter().filter(|(step, hits)| **hits < GOAL && tried(step) < MOST_TRIES);
        let (step, _) = open.filter(|(step, _)| self.steps.contains_key(*step)).min_by_key(|(_, hits)| **hits)?;
        let step = step.clone();
        let tries = self.tries.entry(step.clone()).or_default();
        let calls = &self.steps[&step];
        let (scene, _, targets) = &calls[*tries % calls.len()];
        let target = &targets[*tries / calls.len() % targets.len()];
        *tries += 1;
        Some((*scene, target.clone()))
    }
}

/// Plays rounds on all processors until the plan has no more.
fn play(plan: Plan, round: impl Fn(Scene, &Target) -> Option<String> + Sync) -> Plan {
    let plan = Mutex::new(plan);
    let locked = || plan.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((scene, target)) = locked().next() else { break };
                    let hit = round(scene, &target);
                    if let Some(step) = hit {
                        *locked().hits.entry(step).or_default() += 1;
                    }
                }
            });
        }
    });
    plan.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn killed_at_every_file_system_call() {
    if !can_trace() {
        return;
    }
    let started = Instant::now();
    let rounds = AtomicUsize::new(0);
    let plan = play(Plan::new(discover(&SCENES)), |scene, target| {
        rounds.fetch_add(1, Ordering::Relaxed);
        let mut stage = Stage::new(scene);
        let ending = stage.run_traced(&target.options(&stage.dir, "signal=SIGKILL"));
        let hit = target.hit(&ending.calls);
        if hit.as_ref().is_some_and(Call::is_of_trial) || hit.is_some() && ending.signal != Some(9) {
            // The process died in which a suspect is tried, and the daemon sets the suspect aside, as it should.
            return None;
        }
        let context = format!("{scene:?}, killed at {hit:#?}");
        stage.must(stage.ledger.verdict_cut_short(&stage.dir), &context);
        stage.must(stage.restart(), &context);
        hit.filter(|call| !call.files.is_empty() && ending.signal == Some(9)).map(|call| call.step())
    });
    eprintln!("kills  step");
    plan.hits.iter().for_each(|(step, hits)| eprintln!("{hits:5}  {step}"));
    let kills: usize = plan.hits.values().sum();
    eprintln!("{kills:5}  in {} rounds, {:.0?}", rounds.into_inner(), started.elapsed());
    let rare: Vec<_> = plan.steps.keys().filter(|step| plan.hits[*step] < GOAL).collect();
    assert!(rare.is_empty(), "killed less than {GOAL} times at {rare:?}");
    assert!(kills >= 500);
}

/// What an error must end in, where the daemon does not go on by itself: a code of sysexits.h that says that somebody has
/// to look at the disk or the settings.
const EXITS: [i32; 4] = [66, 74, 77, 78];

#[test]
fn an_error_at_any_file_system_call_heals() {
    if !can_trace() {
        return;
    }
    let started = Instant::now();
    let mut aims = Vec::new();
    for calls in discover(&SCENES).into_values() {
        // What a running daemon could not look at it looks at again with the next scan, which is a minute away.
        let heals = |(scene, call, _): &&(Scene, Call, _)| call.role != "intake" || !scene.is_live();
        let calls: Vec<_> = calls.iter().filter(heals).collect();
        // So many of each step, from all scenes.
        const MOST: usize = 8;
        for (i, (scene, call, targets)) in calls.iter().step_by(calls.len().div_ceil(MOST).max(1)).enumerate() {
            aims.push((*scene, targets[0].clone(), "EIO"));
            if call.changes() {
                aims.push((*scene, targets[0].clone(), ["ENOSPC", "EROFS", "ENOSPC", "EDQUOT"][i % 4]));
            }
        }
    }
    let (aims, outcomes, wrong) =
        (Mutex::new(aims), Mutex::new(BTreeMap::<String, usize>::new()), Mutex::new(Vec::new()));
    let round = || {
        let Some((scene, target, error)) = aims.lock().expect("a lock").pop() else { return false };
        let mut stage = Stage::new(scene);
        let ending = stage.run_traced(&target.options(&stage.dir, &format!("error={error}")));
        let Some(hit) = target.hit(&ending.calls) else { return true };
        let outcome = match ending.code {
            Some(0) => "went on, and finished".to_string(),
            Some(code) if EXITS.contains(&code) && hit.role == "start" => format!("exit {code} at the start"),
            code => format!("ended with {code:?}, signal {:?}", ending.signal),
        };
        let finished = if ending.code == Some(0) { stage.ledger.verdict(&stage.dir) } else { Ok(()) };
        let verdicts =
            [("", stage.ledger.verdict_cut_short(&stage.dir)), ("", finished), ("after a restart: ", stage.restart())];
        for (when, verdict) in verdicts {
            if let Err(what) = verdict {
                wrong.lock().expect("a lock").push(format!("{scene:?}: {when}{what}\n    {outcome}; {}", hit.line));
            }
        }
        *outcomes.lock().expect("a lock").entry(outcome).or_default() += 1;
        true
    };
    std::thread::scope(|scope| (0..6).for_each(|_| drop(scope.spawn(|| while round() {}))));
    let outcomes = outcomes.into_inner().expect("a lock");
    outcomes.iter().for_each(|(outcome, count)| eprintln!("{count:5}  {outcome}"));
    eprintln!("{:.0?}", started.elapsed());
    let wrong = wrong.into_inner().expect("a lock");
    assert!(wrong.is_empty(), "{} violations\n{}", wrong.len(), wrong.join("\n"));
}
