//! [`Summary`]: count, mean and variance of a list, summed about its mean.

use crate::error::{Error, at_least, at_most, finite};
use crate::limits::OBSERVATIONS_MAX;

/// Count, mean and spread of some observations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Σ(x - mean)² / (n - 1).
    pub variance: f64,
}

impl Summary {
    /// Of at least two observations.
    ///
    /// # Errors
    /// Fewer than two, more than [`OBSERVATIONS_MAX`], or one that is not finite.
    pub fn of(values: &[f64]) -> Result<Summary, Error> {
        at_least("observations", values.len() as u64, 2)?;
        at_most("observations", values.len() as u64, OBSERVATIONS_MAX as u64)?;
        for &value in values {
            finite("observation", value)?;
        }
        let mean = mean(values);
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        Ok(Summary {
            n: values.len() as u64,
            mean,
            variance: finite("variance", squares / (values.len() - 1) as f64)?,
        })
    }

    /// The variance of the mean.
    #[must_use]
    pub fn error_squared(&self) -> f64 {
        self.variance / self.n as f64
    }
}

/// The mean of a list that is not empty, corrected once by what is left over.
pub(crate) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let rough = values.iter().sum::<f64>() / n;
    rough + values.iter().map(|x| x - rough).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_from_zero() {
        let is = Summary::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).unwrap();
        assert_eq!((is.mean, is.variance), (1e9 + 10.0, 30.0));
        assert!(Summary::of(&[1.0]).is_err());
        assert!(Summary::of(&[1.0, f64::NAN]).is_err());
        assert!(Summary::of(&[1e300, -1e300]).is_err());
        let many = vec![0.0; OBSERVATIONS_MAX + 1];
        assert!(matches!(Summary::of(&many), Err(Error::TooMany { .. })));
    }
}
