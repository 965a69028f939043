//! Strata: works of different risk drawn apart (by stated confidence, money at stake, new release,
//! customer tier), and weighed back together.

use crate::error::{Error, at_least, at_most, within};
use crate::interval::{Confidence, Interval};
use crate::limits::{COUNT_MAX, STRATA_MAX};
use crate::rate::Share;

/// A stratum before the draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Works in it.
    pub size: u64,
    /// The rate that is expected of them.
    pub rate: f64,
}

/// How a sample is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// nₕ ∝ Nₕ.
    Proportional,
    /// nₕ ∝ Nₕ √(pₕ (1-pₕ)) (Neyman 1934): the smallest error, if the expected rates are right.
    Neyman,
}

/// A spread sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// For each stratum, before rounding.
    pub exact: Vec<f64>,
    /// For each stratum, whole works that add up (largest remainders), none more than there are.
    pub works: Vec<u64>,
    /// √Σ Wₕ² (1-fₕ) pₕ(1-pₕ)/nₕ of the exact ones, if the expected rates are right.
    pub standard_error: f64,
}

/// Spreads a sample of so many works.
///
/// # Errors
/// No strata or more than [`STRATA_MAX`], an empty one, rates outside of [0, 1], a sample of 0 or larger
/// than all, or (Neyman) rates that are all 0 or 1.
pub fn spread(strata: &[Stratum], sample: u64, allocation: Allocation) -> Result<Spread, Error> {
    let all = population(strata.iter().map(|stratum| stratum.size))?;
    at_least("works to draw", sample, 1)?;
    if sample > all {
        return Err(Error::More {
            what: "works to draw",
            is: sample,
            of: all,
        });
    }
    for stratum in strata {
        within("rate", stratum.rate, 0.0, 1.0)?;
    }
    let shares: Vec<f64> = strata
        .iter()
        .map(|stratum| match allocation {
            Allocation::Proportional => stratum.size as f64,
            Allocation::Neyman => stratum.size as f64 * deviation(stratum.rate),
        })
        .collect();
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return Err(Error::NoVariation {
            what: "expected rate",
        });
    }
    let exact: Vec<f64> = shares
        .iter()
        .map(|share| sample as f64 * share / sum)
        .collect();
    let variance: f64 = strata
        .iter()
        .zip(&exact)
        .filter(|(stratum, n)| **n > 0.0 && stratum.rate > 0.0 && stratum.rate < 1.0)
        .map(|(stratum, n)| {
            let (size, rate) = (stratum.size as f64, stratum.rate);
            let drawn = (n / size).min(1.0);
            (size / all as f64).powi(2) * (1.0 - drawn) * rate * (1.0 - rate) / n
        })
        .sum();
    Ok(Spread {
        works: whole(strata, &exact, sample),
        exact,
        standard_error: variance.sqrt(),
    })
}

/// The error of as large a sample drawn from all works as one: √((1-f) p(1-p)/n).
///
/// # Errors
/// As [`spread`].
pub fn unstratified_error(strata: &[Stratum], sample: u64) -> Result<f64, Error> {
    let all = population(strata.iter().map(|stratum| stratum.size))? as f64;
    let weighted = strata
        .iter()
        .map(|stratum| stratum.size as f64 * stratum.rate);
    let rate = within("rate", weighted.sum::<f64>() / all, 0.0, 1.0)?;
    let n = at_least("works to draw", sample, 1)? as f64;
    Ok(((1.0 - n / all).max(0.0) * rate * (1.0 - rate) / n).sqrt())
}

/// The rate of all works from what was found in each stratum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Σ Wₕ p̂ₕ.
    pub rate: f64,
    /// √Σ Wₕ² (1-fₕ) p̂ₕ(1-p̂ₕ)/(nₕ-1).
    pub standard_error: f64,
    /// rate ± z · error, cut to [0, 1]; too narrow where a stratum showed no hit or few were drawn.
    pub interval: Interval,
}

/// Estimates the rate; each stratum with its size and what was drawn of it.
///
/// # Errors
/// As [`spread`]; a stratum with fewer than two works drawn (one, if it has only one), or with more
/// drawn than there are.
pub fn estimate(strata: &[(u64, Share)], confidence: Confidence) -> Result<Estimate, Error> {
    let all = population(strata.iter().map(|stratum| stratum.0))? as f64;
    let (mut rate, mut variance) = (0.0, 0.0);
    for &(size, seen) in strata {
        at_least("works drawn from a stratum", seen.trials(), size.min(2))?;
        if seen.trials() > size {
            return Err(Error::More {
                what: "drawn",
                is: seen.trials(),
                of: size,
            });
        }
        let weight = size as f64 / all;
        rate += weight * seen.rate();
        let left = 1.0 - seen.trials() as f64 / size as f64;
        if left > 0.0 {
            let spread = seen.rate() * (1.0 - seen.rate()) / (seen.trials() - 1) as f64;
            variance += weight * weight * left * spread;
        }
    }
    let standard_error = variance.sqrt();
    let reach = confidence.z() * standard_error;
    Ok(Estimate {
        rate,
        standard_error,
        interval: Interval::around(rate, reach, confidence).of_a_rate(),
    })
}

fn deviation(rate: f64) -> f64 {
    (rate * (1.0 - rate)).sqrt()
}

fn population(sizes: impl ExactSizeIterator<Item = u64>) -> Result<u64, Error> {
    at_least("strata", sizes.len() as u64, 1)?;
    at_most("strata", sizes.len() as u64, STRATA_MAX as u64)?;
    let mut all = 0u64;
    for size in sizes {
        at_least("works of a stratum", size, 1)?;
        all = all.saturating_add(size);
    }
    at_most("works", all, COUNT_MAX)
}

/// Whole works that add up to the sample: floors, then one more by largest remainder, capped by size.
fn whole(strata: &[Stratum], exact: &[f64], sample: u64) -> Vec<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to the sample"
    )]
    let mut works: Vec<u64> = strata
        .iter()
        .zip(exact)
        .map(|(stratum, n)| (n.floor() as u64).min(stratum.size))
        .collect();
    let mut order: Vec<usize> = (0..works.len()).collect();
    order.sort_by(|&a, &b| {
        exact[b]
            .fract()
            .total_cmp(&exact[a].fract())
            .then(a.cmp(&b))
    });
    let mut left = sample.saturating_sub(works.iter().sum());
    while left > 0 {
        let before = left;
        for &stratum in &order {
            if left > 0 && works[stratum] < strata[stratum].size {
                works[stratum] += 1;
                left -= 1;
            }
        }
        // What a full stratum could not take: hand it on in bulk, not one by one.
        if left > before / 2 {
            for &stratum in &order {
                let more = (strata[stratum].size - works[stratum]).min(left);
                works[stratum] += more;
                left -= more;
            }
        }
    }
    works
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    fn three() -> Vec<Stratum> {
        [(8_000, 0.02), (1_800, 0.08), (200, 0.25)]
            .map(|(size, rate)| Stratum { size, rate })
            .to_vec()
    }

    #[test]
    fn four_hundred_of_ten_thousand() {
        let neyman = spread(&three(), 400, Allocation::Neyman).unwrap();
        for (is, wanted) in neyman.exact.iter().zip([264.318, 115.244, 20.438]) {
            decimals(*is, wanted, 3);
        }
        assert_eq!(neyman.works, [264, 115, 21]);
        decimals(neyman.standard_error, 0.008_279_6, 7);
        let proportional = spread(&three(), 400, Allocation::Proportional).unwrap();
        assert_eq!(proportional.works, [320, 72, 8]);
        decimals(proportional.standard_error, 0.008_855_9, 7);
        decimals(unstratified_error(&three(), 400).unwrap(), 0.009_052_8, 7);
    }

    #[test]
    fn no_stratum_gives_more_than_it_has() {
        let strata = [(10, 0.5), (1_000, 0.001)].map(|(size, rate)| Stratum { size, rate });
        for sample in [1, 9, 10, 200, 1_009, 1_010] {
            let is = spread(&strata, sample, Allocation::Neyman).unwrap();
            assert_eq!(is.works.iter().sum::<u64>(), sample);
            assert!(is.works[0] <= 10 && is.works[1] <= 1_000);
        }
        assert!(spread(&strata, 1_011, Allocation::Neyman).is_err());
        assert!(spread(&[], 1, Allocation::Neyman).is_err());
        let sure = [Stratum { size: 5, rate: 0.0 }];
        assert!(spread(&sure, 1, Allocation::Neyman).is_err());
        assert!(spread(&sure, 1, Allocation::Proportional).is_ok());
        let many = vec![Stratum { size: 1, rate: 0.5 }; STRATA_MAX + 1];
        assert!(spread(&many, 1, Allocation::Neyman).is_err());
    }

    /// By hand: 0.8 · 5/264 + 0.18 · 10/115 + 0.02 · 4/21.
    #[test]
    fn weighed_back_together() {
        let seen = |hits, drawn| Share::new(hits, drawn).unwrap();
        let strata = [
            (8_000, seen(5, 264)),
            (1_800, seen(10, 115)),
            (200, seen(4, 21)),
        ];
        let is = estimate(&strata, Confidence::P95).unwrap();
        decimals(
            is.rate,
            0.8 * 5.0 / 264.0 + 0.18 * 10.0 / 115.0 + 0.02 * 4.0 / 21.0,
            12,
        );
        let part = |weight: f64, left: f64, p: f64, n: f64| {
            weight * weight * left * p * (1.0 - p) / (n - 1.0)
        };
        let variance = part(0.8, 1.0 - 264.0 / 8_000.0, 5.0 / 264.0, 264.0)
            + part(0.18, 1.0 - 115.0 / 1_800.0, 10.0 / 115.0, 115.0)
            + part(0.02, 1.0 - 21.0 / 200.0, 4.0 / 21.0, 21.0);
        decimals(is.standard_error, variance.sqrt(), 12);
        // Everything drawn: no error left.
        let all = estimate(&[(4, seen(1, 4)), (1, seen(1, 1))], Confidence::P95).unwrap();
        assert_eq!((all.rate, all.standard_error), (0.4, 0.0));
        assert!(estimate(&[(4, seen(1, 1))], Confidence::P95).is_err());
        assert!(estimate(&[(4, seen(1, 5))], Confidence::P95).is_err());
    }
}
