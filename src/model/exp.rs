//! The exponential function and the logistic function without a branch or a table, so that the compiler can work out
//! several at once; plain arithmetic in a fixed order, so that every machine gives the same bits.

/// e to the power of x, to within 2 units in the last place.
///
/// x is n·ln 2 + r with |r| ≤ ln 2 / 2, so the power is 2ⁿ times the Taylor series of r. It is infinite from 709.5, and
/// below −708 it stays what it is there, about 3e-308. What is no number counts as −708.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    /// Adding it to a number that is not too large rounds that to an integer, which is then in the lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    /// ln 2 in two parts, of which the first has zeros enough at its end that its products with n are exact.
    const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    const BIAS: u64 = 1023 << 52;
    // These comparisons are one instruction each, for several numbers; `clamp` takes more, to let through what is no number.
    let x = if x > -708.0 { x } else { -708.0 };
    let x = if x < 710.0 { x } else { 710.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2[0] - n * LN_2[1];
    let series = INVERSE_FACTORIALS.iter().rev().fold(0.0, |sum, inverse| sum * r + inverse);
    series * f64::from_bits((shifted.to_bits() << 52).wrapping_add(BIAS))
}

/// 1/0!, 1/1!, 1/2! and so on: the next would add less than the last bit holds.
const INVERSE_FACTORIALS: [f64; 14] = {
    let (mut inverses, mut factorial, mut i) = ([1.0; 14], 1.0, 1);
    while i < 14 {
        factorial *= i as f64;
        inverses[i] = 1.0 / factorial;
        i += 1;
    }
    inverses
};

/// The probability with these log-odds.
#[inline]
pub(crate) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + exp(-log_odds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_are_bounded() {
        assert_eq!((exp(0.0), exp(1e9), exp(f64::NEG_INFINITY) < 1e-300), (1.0, f64::INFINITY, true));
        assert_eq!((exp(-1e9), exp(f64::NAN)), (exp(-708.0), exp(-708.0)));
        assert_eq!([-1e9, 0.0, 1e9].map(logistic), [0.0, 0.5, 1.0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn it_is_the_exponential_function(x in prop_oneof![-1.0..1.0f64, -40.0..40.0f64, -707.0..709.0f64]) {
            let (ours, theirs) = (exp(x), libm::exp(x));
            prop_assert!((ours - theirs).abs() <= 2.0 * f64::EPSILON * theirs, "{x}: {ours} and {theirs}");
        }
    }
}
