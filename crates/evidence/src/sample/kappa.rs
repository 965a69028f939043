//! Cohen's kappa: how far two people who judge the same works agree beyond chance (Cohen 1960).
//!
//! Low where nearly all works are of one category, whatever the people do: show the agreement beside it.

use crate::error::{Error, at_least, at_most};
use crate::interval::{Confidence, Interval};
use crate::limits::{CATEGORIES_MAX, COUNT_MAX};

/// The agreement of two people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    /// (agreed - by chance) / (1 - by chance).
    pub kappa: f64,
    /// Works on which they agreed, of all.
    pub agreed: f64,
    /// What chance alone would give.
    pub by_chance: f64,
    /// The large-sample error of Fleiss, Cohen and Everitt (1969).
    pub standard_error: f64,
    /// kappa ± z · error.
    pub interval: Interval,
}

/// From a square table: row the first person's category, column the second's.
///
/// # Errors
/// Fewer than two categories or more than [`CATEGORIES_MAX`], a table that is not square, no works, or
/// all of one category.
pub fn kappa(table: &[Vec<u64>], confidence: Confidence) -> Result<Kappa, Error> {
    let k = table.len();
    at_least("categories", k as u64, 2)?;
    at_most("categories", k as u64, CATEGORIES_MAX as u64)?;
    for row in table {
        if row.len() != k {
            return Err(Error::Lengths {
                what: "rows and columns",
                left: k,
                right: row.len(),
            });
        }
    }
    let works = table
        .iter()
        .flatten()
        .fold(0u64, |sum, &n| sum.saturating_add(n));
    at_least("works", works, 1)?;
    at_most("works", works, COUNT_MAX)?;
    let n = works as f64;
    let p = |i: usize, j: usize| table[i][j] as f64 / n;
    let rows: Vec<f64> = (0..k).map(|i| (0..k).map(|j| p(i, j)).sum()).collect();
    let columns: Vec<f64> = (0..k).map(|j| (0..k).map(|i| p(i, j)).sum()).collect();
    let agreed: f64 = (0..k).map(|i| p(i, i)).sum();
    let by_chance: f64 = rows
        .iter()
        .zip(&columns)
        .map(|(row, column)| row * column)
        .sum();
    let left = 1.0 - by_chance;
    if left <= 1e-12 {
        return Err(Error::NoVariation { what: "category" });
    }
    let kappa = (agreed - by_chance) / left;
    let (mut on, mut off) = (0.0, 0.0);
    for i in 0..k {
        on += p(i, i) * (1.0 - (rows[i] + columns[i]) * (1.0 - kappa)).powi(2);
        for j in (0..k).filter(|&j| j != i) {
            off += p(i, j) * (columns[i] + rows[j]).powi(2);
        }
    }
    let off = (1.0 - kappa).powi(2) * off;
    let rest = (kappa - by_chance * (1.0 - kappa)).powi(2);
    let standard_error = ((on + off - rest).max(0.0) / n).sqrt() / left;
    Ok(Kappa {
        kappa,
        agreed,
        by_chance,
        standard_error,
        interval: Interval::around(kappa, confidence.z() * standard_error, confidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    /// statsmodels 0.15: cohens_kappa.
    #[test]
    fn two_tables() {
        let two = kappa(&[vec![20, 5], vec![10, 15]], Confidence::P95).unwrap();
        decimals(two.kappa, 0.4, 12);
        decimals(two.standard_error, 0.126_996_062_931, 11);
        decimals(two.agreed, 0.7, 12);
        let three = vec![vec![45, 15, 3], vec![10, 60, 7], vec![2, 8, 50]];
        let three = kappa(&three, Confidence::P95).unwrap();
        decimals(three.kappa, 0.659_323_188_735, 11);
        decimals(three.standard_error, 0.044_936_146_374, 11);
    }

    #[test]
    fn degenerate_tables() {
        assert!(kappa(&[vec![1]], Confidence::P95).is_err());
        assert!(kappa(&[vec![1, 2], vec![3]], Confidence::P95).is_err());
        assert!(kappa(&[vec![0, 0], vec![0, 0]], Confidence::P95).is_err());
        assert!(kappa(&[vec![9, 0], vec![0, 0]], Confidence::P95).is_err());
        let many = vec![vec![1; CATEGORIES_MAX + 1]; CATEGORIES_MAX + 1];
        assert!(kappa(&many, Confidence::P95).is_err());
        let one = kappa(&[vec![9, 0], vec![0, 9]], Confidence::P95).unwrap();
        assert_eq!((one.kappa, one.standard_error), (1.0, 0.0));
    }
}
