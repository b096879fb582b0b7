//! How the chains are learned: paragraphs say which of them are on a topic, and expectation-maximisation finds the few
//! ways in which articles treat one.

use super::samples::Samples;
use crate::model::{Chains, Normal, TEMPER, Treatment, normalise, rounded};

/// How many ways there are. They begin as: not at all, not at all although the words come near, in passing, as a thread.
const TREATMENTS: usize = 4;

/// How often expectation and maximisation take turns; by then nothing moves any more.
const ROUNDS: usize = 25;

/// One topic in one article: all that the fit needs to know of its paragraphs, boilerplate apart.
pub(super) struct Course {
    fold: usize,
    /// Whether the first paragraph is on the topic.
    starts: bool,
    /// How often a paragraph that is `[off, on]` is followed by one that is `[off, on]`.
    steps: [[f64; 2]; 2],
    /// Of the paragraphs that are off and of those that are on.
    scores: [Moments; 2],
}

/// The number of some scores, their sum, and the sum of their squares.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, other: Moments, times: f64) {
        self.count += times * other.count;
        self.sum += times * other.sum;
        self.squares += times * other.squares;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    /// The normal distribution of these scores, drawn towards `all` as by twenty more paragraphs.
    fn normal(&self, all: &Moments) -> Normal {
        const DRAWN: f64 = 20.0;
        const NARROWEST: f64 = 0.02;
        let (count, mean) = (all.count.max(1.0), all.mean());
        let variance = all.squares / count - mean * mean;
        let ours = (self.sum + DRAWN * mean) / (self.count + DRAWN);
        let squares = self.squares - 2.0 * ours * self.sum + ours * ours * self.count;
        let variance = (squares + DRAWN * variance) / (self.count + DRAWN);
        Normal { mean: rounded(ours), deviation: rounded(variance.max(NARROWEST).sqrt()) }
    }

    /// The log-likelihood of the scores under a normal distribution.
    fn log_likelihood(&self, normal: &Normal) -> f64 {
        let squares = self.squares - 2.0 * normal.mean * self.sum + normal.mean * normal.mean * self.count;
        -0.5 * squares / (normal.deviation * normal.deviation) - self.count * libm::log(normal.deviation)
    }
}

impl Course {
    /// The courses of every topic in the articles that the judges learn from. `scores` are those of all samples, scaled.
    pub(super) fn all(samples: &Samples, scores: &[Vec<f64>]) -> Vec<Course> {
        let mut courses = Vec::new();
        for range in samples.documents() {
            let content: Vec<usize> = range.clone().filter(|&i| !samples.all[i].is_boilerplate()).collect();
            let Some(&first) = content.first().filter(|&&i| samples.counts(&samples.all[i])) else { continue };
            let course = |topic: usize| {
                let on = |i: usize| samples.all[i].labels[topic];
                let mut course = Course {
                    fold: samples.all[first].fold,
                    starts: on(first),
                    steps: [[0.0; 2]; 2],
                    scores: [Moments::default(); 2],
                };
                for step in content.windows(2) {
                    course.steps[usize::from(on(step[0]))][usize::from(on(step[1]))] += 1.0;
                }
                for &i in &content {
                    let score = scores[i][topic];
                    let moments = Moments { count: 1.0, sum: score, squares: score * score };
                    course.scores[usize::from(on(i))].add(moments, 1.0);
                }
                course
            };
            courses.extend((0..samples.topics).map(course));
        }
        courses
    }

    fn mean(&self) -> f64 {
        let mut all = self.scores[0];
        all.add(self.scores[1], 1.0);
        all.mean()
    }

    /// A first guess at the treatment; `near` is the mean score from which words come near a topic that is not there.
    fn guess(&self, near: f64) -> usize {
        let [off, on] = self.scores.map(|moments| moments.count);
        match (on > 0.0, on < off, self.mean() > near) {
            (false, _, false) => 0,
            (false, _, true) => 1,
            (true, true, _) => 2,
            (true, false, _) => 3,
        }
    }

    fn log_likelihood(&self, treatment: &Treatment) -> f64 {
        let chance = |p: f64, yes: f64, no: f64| yes * libm::log(p) + no * libm::log(1.0 - p);
        let starts = f64::from(u8::from(self.starts));
        let [[out, enters], [leaves, stays]] = self.steps;
        let [off, on] = &self.scores;
        chance(treatment.starts, starts, 1.0 - starts)
            + chance(treatment.enters, enters, out)
            + chance(treatment.stays, stays, leaves)
            + TEMPER * (off.log_likelihood(&treatment.off) + on.log_likelihood(&treatment.on))
    }
}

/// The chains of all courses but those of one fold.
pub(super) fn fit(courses: &[Course], without: Option<usize>) -> Chains {
    /// The part of the courses without the topic whose words are far from it.
    const FAR: f64 = 0.85;
    let courses: Vec<&Course> = courses.iter().filter(|course| Some(course.fold) != without).collect();
    let mut means: Vec<f64> = courses.iter().filter(|c| c.scores[1].count == 0.0).map(|c| c.mean()).collect();
    means.sort_by(f64::total_cmp);
    let near = means.get((means.len() as f64 * FAR) as usize).copied().unwrap_or(f64::INFINITY);
    // Nine parts in ten to the guess, so that none is excluded.
    let guess = |course: &&Course| {
        let mut shares = vec![0.1 / TREATMENTS as f64; TREATMENTS];
        shares[course.guess(near)] += 0.9;
        shares
    };
    let mut shares: Vec<Vec<f64>> = courses.iter().map(guess).collect();
    let mut chains = maximise(&courses, &shares);
    for _ in 1..ROUNDS {
        let expect = |course: &&Course| {
            let log_joint = |t: &Treatment| libm::log(t.share) + course.log_likelihood(t);
            let mut shares: Vec<f64> = chains.treatments.iter().map(log_joint).collect();
            normalise(&mut shares);
            shares
        };
        shares = courses.iter().map(expect).collect();
        chains = maximise(&courses, &shares);
    }
    chains
}

/// The most likely chains if each course is shared so among the treatments; one of each kind is added, so that nothing
/// is impossible.
fn maximise(courses: &[&Course], shares: &[Vec<f64>]) -> Chains {
    let mut all = [Moments::default(); 2];
    for course in courses {
        all[0].add(course.scores[0], 1.0);
        all[1].add(course.scores[1], 1.0);
    }
    let treatment = |k: usize| {
        let (mut share, mut starts, mut steps, mut scores) = (1.0, 1.0, [[1.0; 2]; 2], [Moments::default(); 2]);
        for (course, shares) in courses.iter().zip(shares) {
            let part = shares[k];
            share += part;
            starts += part * f64::from(u8::from(course.starts));
            for (to, from) in steps.as_flattened_mut().iter_mut().zip(course.steps.as_flattened()) {
                *to += part * from;
            }
            scores[0].add(course.scores[0], part);
            scores[1].add(course.scores[1], part);
        }
        Treatment {
            share: rounded(share / (courses.len() + TREATMENTS) as f64),
            starts: rounded(starts / (share + 1.0)),
            enters: rounded(steps[0][1] / (steps[0][0] + steps[0][1])),
            stays: rounded(steps[1][1] / (steps[1][0] + steps[1][1])),
            off: scores[0].normal(&all[0]),
            on: scores[1].normal(&all[1]),
        }
    };
    Chains { treatments: (0..TREATMENTS).map(treatment).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A topic in an article of paragraphs that score 1 where they are on it, and −0.2 where they are not.
    fn course(fold: usize, on: &[bool]) -> Course {
        let mut course = Course { fold, starts: on[0], steps: [[0.0; 2]; 2], scores: [Moments::default(); 2] };
        for step in on.windows(2) {
            course.steps[usize::from(step[0])][usize::from(step[1])] += 1.0;
        }
        for &on in on {
            let score = if on { 1.0 } else { -0.2 };
            course.scores[usize::from(on)].add(Moments { count: 1.0, sum: score, squares: score * score }, 1.0);
        }
        course
    }

    fn courses() -> Vec<Course> {
        let thread = [true, true, true, false, true, true, true, true];
        let aside = [false, false, false, true, false, false, false, false];
        let of = |n: usize, on: &[bool]| (0..n).map(|i| course(i % 4, on)).collect::<Vec<_>>();
        [of(80, &[false; 8]), of(20, &aside), of(40, &thread)].into_iter().flatten().collect()
    }

    #[test]
    fn threads_and_asides_are_told_apart() {
        let chains = fit(&courses(), None);
        assert!(chains.is_sound());
        let shares: f64 = chains.treatments.iter().map(|t| t.share).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{shares}");
        let [_, _, aside, thread] = chains.treatments[..] else { panic!("four treatments") };
        assert!((thread.share - 40.0 / 140.0).abs() < 0.02 && (aside.share - 20.0 / 140.0).abs() < 0.02, "{chains:?}");
        assert!(thread.starts > 0.9 && thread.stays > 0.8 && aside.starts < 0.1 && aside.stays < 0.2, "{chains:?}");
        assert!((thread.on.mean - 1.0).abs() < 0.1 && (thread.off.mean + 0.2).abs() < 0.1, "{chains:?}");
    }

    #[test]
    fn a_fold_that_is_left_out_says_nothing() {
        let mut courses = courses();
        let before = fit(&courses, Some(3));
        courses.iter_mut().filter(|c| c.fold == 3).for_each(|c| c.starts = !c.starts);
        assert_eq!(fit(&courses, Some(3)), before);
        assert_ne!(fit(&courses, None), fit(&courses, Some(3)));
    }

    #[test]
    fn without_articles_nothing_is_known_of_neighbours() {
        let chains = fit(&[], None);
        assert!(chains.is_sound());
        assert!(chains.treatments.iter().all(|t| t.enters == 0.5 && t.stays == 0.5 && t.share == 0.25), "{chains:?}");
    }
}
