//! Power cuts: whatever a disk may come back with, after any step of a run, a plain start makes it right.
//!
//! A run is traced. From its log follows every state that a power cut may leave ([`crash`]); each of them is made real
//! ([`replay`]), the daemon runs over it once, and then every input stands where it should, exactly once ([`world`]).

mod trace;
mod disk;
mod crash;
mod replay;
mod world;

use crate::support::strace::can_trace;
use crash::Law;
use world::{World, Wrong};

/// What every file system keeps to.
const LAW: Law = Law { doubles: false, syncs_files: true, syncs_folders: true };

fn assert_right(wrong: &Wrong) {
    let mut said = String::new();
    for (problems, states) in wrong {
        said += &format!("\n{} states:\n  {}\nthe first:\n  {}\n", states.len(), problems.join("\n  "), states[0]);
    }
    assert!(wrong.is_empty(), "what is wrong after a restart:\n{said}");
}

#[test]
fn a_power_cut_in_a_batch_loses_nothing_and_doubles_nothing() {
    if !can_trace() {
        return;
    }
    let (world, from) = World::with_a_batch();
    assert_right(&world.play("a batch into a sink that is there", from, LAW));
}

#[test]
fn a_power_cut_in_the_first_run_of_all_loses_nothing_and_doubles_nothing() {
    if !can_trace() {
        return;
    }
    let mut world = World::new();
    for name in ["sub/a.txt", "sub/b.txt", "sub/c.txt"] {
        world.article(name);
    }
    world.refused("sub/bad.txt", b"a\0b");
    let from = world.disk.steps.len();
    world.run();
    assert_right(&world.play("the first run", from, LAW));
}

#[test]
fn a_power_cut_after_a_rotation_loses_nothing_and_doubles_nothing() {
    if !can_trace() {
        return;
    }
    let mut world = World::new();
    world.article("a.txt");
    world.run();
    for name in ["b.txt", "c.txt", "sub/d.txt"] {
        world.article(name);
    }
    let from = world.disk.steps.len();
    world.disk.rename(&world.dir.sink(), &world.dir.path("sink.jsonl.1"));
    world.run();
    assert_right(&world.play("a batch after a rotation", from, LAW));
}

#[test]
fn a_power_cut_after_a_rotation_beside_a_running_daemon_loses_nothing_and_doubles_nothing() {
    if !can_trace() {
        return;
    }
    let mut world = World::new();
    world.article("a.txt");
    world.run();
    let from = world.rotate_beside_a_daemon(&["b.txt", "c.txt", "d.txt"]);
    assert_right(&world.play("a batch after a rotation beside a running daemon", from, LAW));
}

#[test]
fn a_second_power_cut_in_what_follows_the_first_loses_nothing_and_doubles_nothing() {
    if !can_trace() {
        return;
    }
    let (mut world, from) = World::with_a_batch();
    world.cut_after_the_lines(from, LAW);
    let from = world.disk.steps.len();
    world.run();
    assert_right(&world.play("a run after a power cut", from, LAW));
}

#[test]
fn where_a_rename_is_two_changes_nothing_is_lost() {
    if !can_trace() {
        return;
    }
    let (world, from) = World::with_a_batch();
    let mut wrong = world.play("a batch, renamed in two steps", from, Law { doubles: true, ..LAW });
    // That a file stands twice, and then its line may, is the price of a file system without a journal.
    wrong.retain(|problems, _| problems.iter().any(|problem| !problem.starts_with("2 ")));
    assert_right(&wrong);
}

#[test]
fn without_its_syncs_a_power_cut_is_found_to_lose_and_to_double() {
    if !can_trace() {
        return;
    }
    let (world, from) = World::with_a_batch();
    for (what, law, problem) in [
        ("without syncs of files", Law { syncs_files: false, ..LAW }, "0 lines of"),
        ("without syncs of folders", Law { syncs_folders: false, ..LAW }, "2 lines of"),
    ] {
        let wrong = world.play_until(what, from, law, |found| found.contains(problem));
        assert!(wrong.keys().flatten().any(|found| found.contains(problem)), "{what}: {wrong:#?}");
    }
}
