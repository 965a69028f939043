//! Ordinary least squares on a few columns, and a joint test of a few estimates. By orthogonal columns
//! (modified Gram-Schmidt, twice), so that no digits are lost in X'X.

use crate::error::{Error, at_most, finite};
use crate::limits::COLUMNS_MAX;

/// A fit.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// One for each column.
    pub(super) coefficients: Vec<f64>,
    /// One for each row.
    pub(super) residuals: Vec<f64>,
    /// For each row, what its residual moved each coefficient by: (X'X)⁻¹ xₜ eₜ.
    pub(super) influence: Vec<Vec<f64>>,
}

/// y on the columns, each as long as y.
pub(super) fn fit(columns: &[Vec<f64>], y: &[f64]) -> Result<Fit, Error> {
    let k = columns.len();
    at_most("columns", k as u64, COLUMNS_MAX as u64)?;
    if y.len() <= k {
        return Err(Error::TooFew {
            what: "points",
            is: y.len() as u64,
            needs: k as u64 + 1,
        });
    }
    for &value in columns.iter().flatten().chain(y) {
        finite("observation", value)?;
    }
    let (q, r) = orthogonal(columns)?;
    let mut residuals = y.to_vec();
    let mut projections = vec![0.0; k];
    for _ in 0..2 {
        for (column, projection) in q.iter().zip(&mut projections) {
            let part = dot(column, &residuals);
            *projection += part;
            subtract(&mut residuals, column, part);
        }
    }
    let coefficients = back_substituted(&r, projections);
    let influence = (0..y.len())
        .map(|row| {
            let scores = q
                .iter()
                .map(|column| column[row] * residuals[row])
                .collect();
            back_substituted(&r, scores)
        })
        .collect();
    Ok(Fit {
        coefficients,
        residuals,
        influence,
    })
}

/// Rows, or columns, of numbers.
type Matrix = Vec<Vec<f64>>;

/// X = QR: unit columns, and the upper triangle by rows.
fn orthogonal(columns: &[Vec<f64>]) -> Result<(Matrix, Matrix), Error> {
    let k = columns.len();
    let mut q: Vec<Vec<f64>> = Vec::with_capacity(k);
    let mut r = vec![vec![0.0; k]; k];
    for (j, column) in columns.iter().enumerate() {
        let mut rest = column.clone();
        let length = dot(&rest, &rest).sqrt();
        for _ in 0..2 {
            for (i, unit) in q.iter().enumerate() {
                let part = dot(unit, &rest);
                r[i][j] += part;
                subtract(&mut rest, unit, part);
            }
        }
        let left = dot(&rest, &rest).sqrt();
        if left <= 1e-10 * length {
            return Err(Error::Singular {
                what: "the regression",
            });
        }
        r[j][j] = left;
        q.push(rest.iter().map(|x| x / left).collect());
    }
    Ok((q, r))
}

/// The x of R x = b.
fn back_substituted(r: &[Vec<f64>], mut b: Vec<f64>) -> Vec<f64> {
    for i in (0..b.len()).rev() {
        let known: f64 = (i + 1..b.len()).map(|j| r[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / r[i][i];
    }
    b
}

/// a' V⁻¹ a of a positive definite V, by Cholesky's triangle.
pub(super) fn wald(v: &[Vec<f64>], a: &[f64]) -> Result<f64, Error> {
    let k = a.len();
    let mut l = vec![vec![0.0; k]; k];
    let mut solved = vec![0.0; k];
    for i in 0..k {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|m| l[i][m] * l[j][m]).sum();
            let left = v[i][j] - sum;
            if i > j {
                l[i][j] = left / l[j][j];
            } else if left <= 1e-10 * v[i][i].abs() || !left.is_finite() {
                return Err(Error::Singular {
                    what: "the joint test",
                });
            } else {
                l[i][i] = left.sqrt();
            }
        }
        let known: f64 = (0..i).map(|m| l[i][m] * solved[m]).sum();
        solved[i] = (a[i] - known) / l[i][i];
    }
    Ok(solved.iter().map(|x| x * x).sum())
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn subtract(from: &mut [f64], unit: &[f64], part: f64) {
    for (x, u) in from.iter_mut().zip(unit) {
        *x -= part * u;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    #[test]
    fn a_line_by_hand() {
        // y = 1 + 2t with residuals 1, -2, 1
        let columns = [vec![1.0; 3], vec![0.0, 1.0, 2.0]];
        let is = fit(&columns, &[2.0, 1.0, 6.0]).unwrap();
        decimals(is.coefficients[0], 1.0, 12);
        decimals(is.coefficients[1], 2.0, 12);
        decimals(is.residuals[1], -2.0, 12);
        assert!(fit(&columns, &[1.0, 2.0]).is_err());
        let twice = [vec![1.0; 3], vec![2.0; 3]];
        assert!(matches!(
            fit(&twice, &[1.0, 2.0, 4.0]),
            Err(Error::Singular { .. })
        ));
        assert!(fit(&columns, &[1.0, f64::NAN, 2.0]).is_err());
        let wide = vec![vec![1.0; 3]; COLUMNS_MAX + 1];
        assert!(matches!(fit(&wide, &[1.0; 3]), Err(Error::TooMany { .. })));
    }

    #[test]
    fn a_joint_test_by_hand() {
        // V⁻¹ = [[2, -1], [-1, 1]] of [[1, 1], [1, 2]]: (3, 1) gives 18 - 6 + 1
        decimals(
            wald(&[vec![1.0, 1.0], vec![1.0, 2.0]], &[3.0, 1.0]).unwrap(),
            13.0,
            12,
        );
        assert!(wald(&[vec![1.0, 1.0], vec![1.0, 1.0]], &[1.0, 1.0]).is_err());
    }
}
