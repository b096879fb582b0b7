//! The exponential function, the logarithm and the logistic function without a branch or a table, so that the compiler can
//! work out several at once; plain arithmetic in a fixed order, so that every machine gives the same bits.

/// e to the power of x, to within a part in 10¹⁴.
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
    polynomial(&INVERSE_FACTORIALS, r) * f64::from_bits((shifted.to_bits() << 52).wrapping_add(BIAS))
}

/// 1/0!, 1/1!, 1/2! and so on.
const INVERSE_FACTORIALS: [f64; TERMS] = {
    let (mut inverses, mut factorial, mut i) = ([1.0; TERMS], 1.0, 1);
    while i < TERMS {
        factorial *= i as f64;
        inverses[i] = 1.0 / factorial;
        i += 1;
    }
    inverses
};

/// The natural logarithm of a positive number, to within a part in 10¹⁴ or 10⁻¹⁵, whichever is more. Of zero it is below
/// −700, and of infinity above 700.
///
/// x is 2ⁿ·m with m around 1, so the logarithm is n·ln 2 + ln m, and with s = (m − 1) / (m + 1) that of m is twice the
/// series s + s³/3 + s⁵/5 + ….
#[inline]
pub(crate) fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    /// The bits of √½: where those of a number are above its exponent's share of them, the number is of the next n.
    const HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    /// An integer in the lowest bits of this number, less the number, is that integer.
    const INTEGER: f64 = 4_503_599_627_370_496.0;
    let above = x.to_bits().wrapping_sub(HALF);
    let n = f64::from_bits((above.wrapping_add(1024 << 52) >> 52) | INTEGER.to_bits()) - (INTEGER + 1024.0);
    let m = f64::from_bits((above & MANTISSA) + HALF);
    let s = (m - 1.0) / (m + 1.0);
    n * std::f64::consts::LN_2 + s * polynomial(&INVERSE_ODDS, s * s)
}

/// 2/1, 2/3, 2/5 and so on.
const INVERSE_ODDS: [f64; TERMS] = {
    let (mut inverses, mut i) = ([2.0; TERMS], 1);
    while i < TERMS {
        inverses[i] = 2.0 / (2 * i + 1) as f64;
        i += 1;
    }
    inverses
};

/// How much of a series is taken.
const TERMS: usize = 12;

/// The polynomial with these coefficients, the constant first: in pairs, and pairs of pairs, because none of a level has
/// to wait for another (Estrin 1960).
#[inline]
fn polynomial(c: &[f64; TERMS], x: f64) -> f64 {
    let two = |i: usize| c[i] + c[i + 1] * x;
    let x2 = x * x;
    let four = |i: usize| two(i) + two(i + 2) * x2;
    let x4 = x2 * x2;
    four(0) + (four(4) + four(8) * x4) * x4
}

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

    #[test]
    fn the_logarithm_of_the_ends_is_far_out() {
        assert!(ln(0.0) < -700.0 && ln(f64::INFINITY) > 700.0 && ln(f64::MIN_POSITIVE) < -700.0);
        assert_eq!((ln(1.0), ln(2.0), ln(0.5)), (0.0, std::f64::consts::LN_2, -std::f64::consts::LN_2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn it_is_the_exponential_function(x in prop_oneof![-1.0..1.0f64, -40.0..40.0f64, -707.0..709.0f64]) {
            let (ours, theirs) = (exp(x), libm::exp(x));
            prop_assert!((ours - theirs).abs() <= 1e-14 * theirs, "{x}: {ours} and {theirs}");
        }

        #[test]
        fn it_is_the_logarithm(x in prop_oneof![0.4..2.5f64, 0.999..1.001f64, 1e-9..1.0f64, 1.0..1e9f64, 1e-300..1e300f64]) {
            let (ours, theirs) = (ln(x), libm::log(x));
            prop_assert!((ours - theirs).abs() <= 1e-14 * theirs.abs().max(0.1), "{x}: {ours} and {theirs}");
        }
    }
}
