//! Logistic regression over a few inputs, by Newton's method: how a judge is trained.

use crate::model::{Judge, probability, rounded};

/// The judge that minimises the log-loss over the rows plus half the squared length of its coefficients; the intercept
/// is free. `None` where all rows say the same.
///
/// Every step is plain arithmetic in a fixed order, so the same rows give the same judge on any machine.
pub(super) fn fit<const N: usize>(rows: &[([f64; N], bool)]) -> Option<Judge> {
    const STEPS: usize = 50;
    const CLOSE: f64 = 1e-9;
    if rows.iter().all(|&(_, y)| y) || !rows.iter().any(|&(_, y)| y) {
        return None;
    }
    // The coefficients, and the intercept as the last.
    let mut w = vec![0.0; N + 1];
    for _ in 0..STEPS {
        let (gradient, hessian) = derivatives(rows, &w);
        let Some(step) = solve(hessian, gradient) else { break };
        let before = loss(rows, &w);
        let mut length = 1.0;
        let along = |length: f64| -> Vec<f64> { w.iter().zip(&step).map(|(w, s)| w - length * s).collect() };
        while length > 1e-6 && loss(rows, &along(length)) > before + 1e-12 {
            length /= 2.0;
        }
        w = along(length);
        if step.iter().all(|s| s.abs() < CLOSE) {
            break;
        }
    }
    let mut w = w.into_iter().map(rounded);
    let coefficients = w.by_ref().take(N).collect();
    Some(Judge { coefficients, intercept: w.next()? })
}

fn sum<const N: usize>(w: &[f64], x: &[f64; N]) -> f64 {
    w[N] + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
}

fn loss<const N: usize>(rows: &[([f64; N], bool)], w: &[f64]) -> f64 {
    let penalty: f64 = w[..N].iter().map(|w| w * w).sum::<f64>() / 2.0;
    // ln(1 + e^z), without overflow.
    let softplus = |z: f64| z.max(0.0) + libm::log1p(libm::exp(-z.abs()));
    let row = |(x, y): &([f64; N], bool)| {
        let z = sum(w, x);
        softplus(if *y { -z } else { z })
    };
    penalty + rows.iter().map(row).sum::<f64>()
}

fn derivatives<const N: usize>(rows: &[([f64; N], bool)], w: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut gradient = vec![0.0; N + 1];
    let mut hessian = vec![vec![0.0; N + 1]; N + 1];
    for (x, y) in rows {
        let p = probability(sum(w, x));
        let (error, curvature) = (p - f64::from(u8::from(*y)), p * (1.0 - p));
        let at = |i: usize| if i < N { x[i] } else { 1.0 };
        for i in 0..=N {
            gradient[i] += error * at(i);
            for (j, cell) in hessian[i].iter_mut().enumerate() {
                *cell += curvature * at(i) * at(j);
            }
        }
    }
    for i in 0..=N {
        let penalty = if i < N { 1.0 } else { 0.0 };
        gradient[i] += penalty * w[i];
        hessian[i][i] += penalty + CURVATURE_FLOOR;
    }
    (gradient, hessian)
}

/// Keeps the equations solvable where every probability is 0 or 1 already.
const CURVATURE_FLOOR: f64 = 1e-9;

/// Gauss elimination with row pivots; `None` where the equations have no single answer.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs()))?;
        if a[pivot][k].abs() < f64::MIN_POSITIVE {
            return None;
        }
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (above, below) = a.split_at_mut(k + 1);
        for (row, i) in below.iter_mut().zip(k + 1..) {
            let factor = row[k] / above[k][k];
            row.iter_mut().zip(&above[k]).skip(k).for_each(|(cell, pivot)| *cell -= factor * pivot);
            b[i] -= factor * b[k];
        }
    }
    let mut x = vec![0.0; n];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * x[j]).sum();
        x[k] = (b[k] - known) / a[k][k];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_solved_with_pivots() {
        assert_eq!(solve(vec![vec![0.0, 2.0], vec![4.0, 2.0]], vec![2.0, 6.0]), Some(vec![1.0, 1.0]));
        assert_eq!(solve(vec![vec![1.0, 1.0], vec![1.0, 1.0]], vec![1.0, 2.0]), None);
    }

    #[test]
    fn a_judge_without_evidence_gives_the_base_rate() {
        let rows: Vec<([f64; 1], bool)> = (0..100).map(|i| ([0.0], i < 20)).collect();
        let judge = fit(&rows).expect("both answers");
        assert!((probability(judge.intercept) - 0.2).abs() < 1e-9, "{judge:?}");
        assert_eq!(fit(&rows[..20]), None, "only one answer");
    }

    #[test]
    fn the_gradient_is_zero_at_the_answer() {
        let rows: Vec<([f64; 2], bool)> =
            (0..60).map(|i| ([f64::from(i % 7), f64::from(i % 5)], (i * i) % 11 < 4)).collect();
        let judge = fit(&rows).expect("both answers");
        let w = [&judge.coefficients[..], &[judge.intercept]].concat();
        assert!(derivatives(&rows, &w).0.iter().all(|g| g.abs() < 1e-5));
    }
}
