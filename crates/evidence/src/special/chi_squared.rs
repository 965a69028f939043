//! The chi-squared distribution.

use super::gamma;
use crate::error::{Error, inside, within};
use crate::limits::{SHAPE_MAX, STEPS_MAX};

/// P(X ≥ x): the p-value of a statistic x ≥ 0 with these degrees of freedom.
///
/// # Errors
/// An argument outside of its range.
pub fn survival(x: f64, degrees: f64) -> Result<f64, Error> {
    in_range(degrees)?;
    gamma::upper(
        0.5 * degrees,
        0.5 * within("chi-squared", x, 0.0, f64::MAX)?,
    )
}

/// The x at which P(X ≤ x) = p, by bisection: chi-squared quantiles are wanted rarely.
///
/// # Errors
/// p outside of (0, 1), degrees of freedom out of range.
pub fn quantile(p: f64, degrees: f64) -> Result<f64, Error> {
    inside("probability", p, 0.0, 1.0)?;
    let shape = 0.5 * in_range(degrees)?;
    // The tail that p is closer to decides, so that neither loses its digits.
    let above = |x: f64| {
        let (lower, upper) = gamma::both_of(shape, x);
        if p <= 0.5 {
            lower >= p
        } else {
            upper <= 1.0 - p
        }
    };
    let (mut low, mut high) = (0.0, shape.max(1.0));
    while !above(high) {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..STEPS_MAX {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(2.0 * high)
}

fn in_range(degrees: f64) -> Result<f64, Error> {
    within("degrees of freedom", degrees, 1e-9, 2.0 * SHAPE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// scipy 1.17: chi2.sf.
    #[test]
    fn p_values_of_a_grid() {
        for (degrees, x, wanted) in [
            (1.0, 0.01, 0.920344325445942),
            (1.0, 1.0, 0.31731050786291115),
            (1.0, 3.841458820694124, 0.04999999999999989),
            (1.0, 20.0, 7.744216431044088e-06),
            (1.0, 1000.0, 1.7958327848007363e-219),
            (2.0, 0.01, 0.9950124791926823),
            (2.0, 1.0, 0.6065306597126334),
            (2.0, 3.841458820694124, 0.1465000644860843),
            (2.0, 20.0, 4.539992976248486e-05),
            (2.0, 1000.0, 7.124576406741474e-218),
            (5.0, 0.01, 0.9999994699729957),
            (5.0, 1.0, 0.9625657732472964),
            (5.0, 3.841458820694124, 0.5724604629258029),
            (5.0, 20.0, 0.0012497305630313773),
            (5.0, 1000.0, 6.0100776879208495e-214),
            (40.0, 0.01, 1.0),
            (40.0, 1.0, 1.0),
            (40.0, 3.841458820694124, 0.999999999999969),
            (40.0, 20.0, 0.9965456580241432),
            (40.0, 1000.0, 1.1611382363656968e-183),
            (1000.0, 0.01, 1.0),
            (1000.0, 1.0, 1.0),
            (1000.0, 3.841458820694124, 1.0),
            (1000.0, 20.0, 1.0),
            (1000.0, 1000.0, 0.49405285382923964),
        ] {
            relative(survival(x, degrees).unwrap(), wanted, 1e-11);
        }
    }

    /// scipy 1.17: chi2.ppf.
    #[test]
    fn quantiles_of_a_grid() {
        for (degrees, p, wanted) in [
            (1.0, 0.001, 1.5707971492624921e-06),
            (1.0, 0.05, 0.003932140000019522),
            (1.0, 0.5, 0.454936423119572),
            (1.0, 0.95, 3.841458820694124),
            (1.0, 0.999, 10.827566170662733),
            (2.0, 0.001, 0.002001000667167068),
            (2.0, 0.05, 0.10258658877510106),
            (2.0, 0.5, 1.386294361119891),
            (2.0, 0.95, 5.991464547107979),
            (2.0, 0.999, 13.815510557964274),
            (5.0, 0.001, 0.2102126026292192),
            (5.0, 0.05, 1.1454762260617692),
            (5.0, 0.5, 4.351460191095526),
            (5.0, 0.95, 11.070497693516351),
            (5.0, 0.999, 20.515005652432873),
            (40.0, 0.001, 17.91642653525202),
            (40.0, 0.05, 26.50930319669311),
            (40.0, 0.5, 39.33534484661134),
            (40.0, 0.95, 55.75847927888702),
            (40.0, 0.999, 73.40195751899103),
            (1000.0, 0.001, 867.479082607277),
            (1000.0, 0.05, 927.594363020979),
            (1000.0, 0.5, 999.333412403381),
            (1000.0, 0.95, 1074.679448803441),
            (1000.0, 0.999, 1143.9170926196791),
        ] {
            relative(quantile(p, degrees).unwrap(), wanted, 1e-12);
        }
    }

    #[test]
    fn edges() {
        assert!(survival(-1.0, 1.0).is_err());
        assert!(survival(1.0, 0.0).is_err());
        assert!(quantile(1.0, 1.0).is_err());
        assert_eq!(survival(0.0, 1.0), Ok(1.0));
    }
}
