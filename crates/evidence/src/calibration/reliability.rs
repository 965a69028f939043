//! [`Reliability`]: stated against seen, bin by bin, and the parts of the Brier score.

use super::{Forecast, Score, checked};
use crate::error::{Error, at_least, at_most};
use crate::interval::{Confidence, Interval};
use crate::limits::BINS_MAX;
use crate::rate::Share;

/// How forecasts are put in bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bins {
    /// One for each confidence that was stated: for a price list with a few of them.
    Stated,
    /// So many of one width; the last one has its upper end. Empty bins are left out.
    Width(usize),
    /// So many of about one size; forecasts of one confidence stay together.
    Size(usize),
}

/// Forecasts of about one confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The least confidence in it.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// Their mean.
    pub stated: f64,
    /// How many were right.
    pub seen: Share,
    /// Wilson's interval of the share that was right.
    pub interval: Interval,
}

/// The table behind a reliability picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Ascending by confidence; none is empty.
    pub bins: Vec<Bin>,
    /// The Brier score and Spiegelhalter's test of all forecasts.
    pub score: Score,
    /// REL: Σ n (stated - seen)² / N (Murphy 1973). 0 is calibrated.
    pub reliability: f64,
    /// RES: Σ n (seen - base rate)² / N. More is better.
    pub resolution: f64,
    /// UNC: base rate · (1 - base rate).
    pub uncertainty: f64,
    /// Brier - (REL - RES + UNC): what differs within bins; 0 with [`Bins::Stated`].
    pub within_bins: f64,
    /// ECE: Σ n |stated - seen| / N. It shrinks with fewer bins: compare only equal ones.
    pub expected_error: f64,
}

impl Reliability {
    /// The table of some forecasts.
    ///
    /// # Errors
    /// No forecasts, a confidence outside of [0, 1], no bins, or more than [`BINS_MAX`].
    pub fn of(
        forecasts: &[Forecast],
        bins: Bins,
        confidence: Confidence,
    ) -> Result<Reliability, Error> {
        checked(forecasts)?;
        let mut sorted = forecasts.to_vec();
        sorted.sort_by(|a, b| a.stated.total_cmp(&b.stated));
        let groups = grouped(&sorted, bins)?;
        let bins = groups
            .iter()
            .map(|group| Bin::of(group, confidence))
            .collect::<Result<Vec<_>, _>>()?;
        let score = Score::of(forecasts)?;
        let n = forecasts.len() as f64;
        let base = forecasts.iter().map(Forecast::outcome).sum::<f64>() / n;
        let mean = |part: &dyn Fn(&Bin) -> f64| {
            let weighted = bins.iter().map(|bin| bin.seen.trials() as f64 * part(bin));
            weighted.sum::<f64>() / n
        };
        let reliability = mean(&|bin| (bin.stated - bin.seen.rate()).powi(2));
        let resolution = mean(&|bin| (bin.seen.rate() - base).powi(2));
        let expected_error = mean(&|bin| (bin.stated - bin.seen.rate()).abs());
        let uncertainty = base * (1.0 - base);
        Ok(Reliability {
            score,
            reliability,
            resolution,
            uncertainty,
            within_bins: score.brier - (reliability - resolution + uncertainty),
            expected_error,
            bins,
        })
    }
}

impl Reliability {
    /// The numbers behind a verdict by name, for the `numbers` of a `calibration` document. Without a
    /// Spiegelhalter's z, it is left out.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [
            ("forecasts", Some(self.score.n as f64)),
            ("bins", Some(self.bins.len() as f64)),
            ("brier", Some(self.score.brier)),
            ("reliability", Some(self.reliability)),
            ("resolution", Some(self.resolution)),
            ("uncertainty", Some(self.uncertainty)),
            ("expected_error", Some(self.expected_error)),
            ("spiegelhalter_z", self.score.spiegelhalter_z),
        ]
        .into_iter()
        .filter_map(|(name, number)| Some((name, number?)))
    }
}

impl Bin {
    fn of(forecasts: &[Forecast], confidence: Confidence) -> Result<Bin, Error> {
        let right = forecasts.iter().filter(|forecast| forecast.right).count();
        let seen = Share::new(right as u64, forecasts.len() as u64)?;
        let (low, high) = (forecasts[0].stated, forecasts[forecasts.len() - 1].stated);
        let sum: f64 = forecasts.iter().map(|forecast| forecast.stated).sum();
        Ok(Bin {
            low,
            high,
            stated: (sum / forecasts.len() as f64).clamp(low, high),
            seen,
            interval: seen.wilson(confidence),
        })
    }
}

/// The forecasts, sorted by confidence, cut into bins that are not empty.
fn grouped(sorted: &[Forecast], bins: Bins) -> Result<Vec<&[Forecast]>, Error> {
    let same = |a: &Forecast, b: &Forecast| a.stated.total_cmp(&b.stated).is_eq();
    let groups: Vec<&[Forecast]> = match bins {
        Bins::Stated => sorted.chunk_by(same).collect(),
        Bins::Width(count) => {
            bounded(count)?;
            let bin = |forecast: &Forecast| {
                (forecast.stated * count as f64)
                    .floor()
                    .min(count as f64 - 1.0)
            };
            sorted.chunk_by(|a, b| bin(a) == bin(b)).collect()
        }
        Bins::Size(count) => {
            bounded(count)?;
            let mut groups = Vec::with_capacity(count);
            let (mut from, mut until) = (0, 0);
            for confidence in sorted.chunk_by(same) {
                until += confidence.len();
                // Cut where the next bin's turn has come.
                if until * count >= (groups.len() + 1) * sorted.len() {
                    groups.push(&sorted[from..until]);
                    from = until;
                }
            }
            groups
        }
    };
    at_most("bins", groups.len() as u64, BINS_MAX as u64)?;
    Ok(groups)
}

fn bounded(count: usize) -> Result<(), Error> {
    at_least("bins", count as u64, 1)?;
    at_most("bins", count as u64, BINS_MAX as u64)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::tests::said;
    use crate::special::close::decimals;

    #[test]
    fn the_parts_of_thirty_forecasts() {
        let forecasts = said(&[(0.95, 10, 9), (0.80, 10, 8), (0.60, 10, 4)]);
        let is = Reliability::of(&forecasts, Bins::Stated, Confidence::P95).unwrap();
        decimals(is.score.brier, 0.1775, 12);
        decimals(is.reliability, 0.014_166_7, 7);
        decimals(is.resolution, 0.046_666_7, 7);
        decimals(is.uncertainty, 0.21, 12);
        decimals(is.expected_error, 0.083_333_3, 7);
        assert!(is.within_bins.abs() < 1e-15);
        assert_eq!(is.bins.len(), 3);
        let names: Vec<&str> = is.numbers().map(|(name, _)| name).collect();
        assert_eq!(names[..3], ["forecasts", "bins", "brier"]);
        assert_eq!(names.len(), 8);
        assert_eq!(is.bins[0].stated, 0.6);
        assert_eq!(
            is.bins[0].interval,
            Share::new(4, 10).unwrap().wilson(Confidence::P95)
        );
    }

    #[test]
    fn the_parts_add_up_whatever_the_bins() {
        let forecasts: Vec<Forecast> = (0..997u32)
            .map(|n| Forecast {
                stated: f64::from(n * 613 % 997) / 996.0,
                right: n * 7 % 5 < 2,
            })
            .collect();
        for bins in [Bins::Width(1), Bins::Width(10), Bins::Size(7), Bins::Stated] {
            let is = Reliability::of(&forecasts, bins, Confidence::P95).unwrap();
            let n: u64 = is.bins.iter().map(|bin| bin.seen.trials()).sum();
            assert_eq!(n, 997);
            let sum = is.reliability - is.resolution + is.uncertainty + is.within_bins;
            assert!((sum - is.score.brier).abs() < 1e-14);
            assert!(is.bins.windows(2).all(|pair| pair[0].high < pair[1].low));
        }
        let sizes = Reliability::of(&forecasts, Bins::Size(7), Confidence::P95).unwrap();
        assert_eq!(sizes.bins.len(), 7);
    }

    #[test]
    fn degenerate_bins() {
        let forecasts = said(&[(1.0, 3, 3), (0.0, 2, 0)]);
        let is = Reliability::of(&forecasts, Bins::Width(10), Confidence::P95).unwrap();
        assert_eq!((is.bins.len(), is.expected_error), (2, 0.0));
        for bins in [Bins::Width(0), Bins::Size(0), Bins::Width(BINS_MAX + 1)] {
            assert!(Reliability::of(&forecasts, bins, Confidence::P95).is_err());
        }
        let many: Vec<Forecast> = (0..=BINS_MAX)
            .map(|n| Forecast {
                stated: n as f64 / 2_000.0,
                right: true,
            })
            .collect();
        assert!(Reliability::of(&many, Bins::Stated, Confidence::P95).is_err());
        assert!(Reliability::of(&[], Bins::Stated, Confidence::P95).is_err());
    }
}
