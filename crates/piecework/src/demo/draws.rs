//! Seeded draws that give the same numbers on every platform.
//!
//! Only operations that IEEE 754 rounds exactly are used (no `ln`, `exp` or `cos` of the platform's
//! library), so that one seed is one month everywhere. Each work draws from a stream of its own, so
//! that another work or customer does not shift what follows. Good enough for a demonstration, not
//! for statistics: the normal is a sum of twelve uniforms.

/// One stream of draws.
#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

impl Draws {
    /// The stream of `index` among the streams of one `purpose`.
    pub(super) fn of(seed: u64, purpose: &str, index: u64) -> Draws {
        let mut state = mixed(seed);
        for byte in purpose.bytes() {
            state = mixed(state ^ u64::from(byte));
        }
        Draws(mixed(state ^ mixed(index)))
    }

    /// 64 random bits (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Uniform in [0, 1).
    #[allow(clippy::cast_precision_loss)] // 53 bits fit an f64 exactly
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Mean 0, standard deviation 1, within ±6.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// Lognormal with this median and standard deviation of the logarithm.
    pub(super) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * exp(sigma * self.normal())
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + whole(self.uniform() * decimal_span(low, high))
    }

    /// An index with probability proportional to its weight.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut rest = self.uniform() * total;
        for (index, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }
}

#[allow(clippy::cast_precision_loss)] // spans of a demonstration are far below 2^53
fn decimal_span(low: i64, high: i64) -> f64 {
    (high - low + 1) as f64
}

/// The finaliser of SplitMix64.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// e to the `x`, to about four digits for |x| < 5, by ten exactly rounded squarings.
pub(super) fn exp(x: f64) -> f64 {
    let mut y = 1.0 + x / 1024.0 + x * x / (2.0 * 1024.0 * 1024.0);
    for _ in 0..10 {
        y *= y;
    }
    y
}

/// The logistic function.
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The whole part: the one place where a draw becomes a number of an event.
#[allow(clippy::cast_possible_truncation)] // draws are clamped far inside an i64
pub(super) fn whole(x: f64) -> i64 {
    x.clamp(-1e15, 1e15).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of SplitMix64 with state 1234567 (Vigna's reference `splitmix64.c`).
    #[test]
    fn the_generator_is_splitmix64() {
        let mut draws = Draws(1_234_567);
        assert_eq!(draws.bits(), 6_457_827_717_110_365_317);
        assert_eq!(draws.bits(), 3_203_168_211_198_807_973);
        assert_eq!(draws.bits(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn exp_is_e_to_the_x() {
        for tenth in -50..=50 {
            let x = f64::from(tenth) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-4, "{x}");
        }
    }

    #[test]
    fn draws_have_their_moments() {
        let mut draws = Draws::of(7, "moments", 0);
        let normals: Vec<f64> = (0..20_000).map(|_| draws.normal()).collect();
        let mean = normals.iter().sum::<f64>() / 20_000.0;
        let variance = normals.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05);
        let share = (0..20_000)
            .filter(|_| draws.weighted(&[1.0, 3.0]) == 1)
            .count();
        assert!((14_600..15_400).contains(&share));
        assert!((0..1_000).all(|_| (3..=5).contains(&draws.between(3, 5))));
    }
}
