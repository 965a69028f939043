//! Student's t distribution, for any degrees of freedom up to twice [`SHAPE_MAX`].

use super::beta;
use crate::error::{Error, finite, inside, within};
use crate::limits::SHAPE_MAX;

/// P(T ≤ t), DLMF 8.17 by way of the incomplete beta function.
///
/// # Errors
/// t not finite, degrees of freedom outside of [1e-9, 2 · [`SHAPE_MAX`]].
pub fn cdf(t: f64, degrees: f64) -> Result<f64, Error> {
    finite("t", t)?;
    in_range(degrees)?;
    let tail = 0.5 * two_sided_of(t, degrees);
    Ok(if t < 0.0 { tail } else { 1.0 - tail })
}

/// P(|T| ≥ |t|): the two-sided p-value.
///
/// # Errors
/// As [`cdf`].
pub fn two_sided(t: f64, degrees: f64) -> Result<f64, Error> {
    finite("t", t)?;
    in_range(degrees)?;
    Ok(two_sided_of(t, degrees))
}

/// The t at which P(T ≤ t) = p.
///
/// # Errors
/// p outside of (0, 1), degrees of freedom out of range, or a p so small that t is no finite number.
pub fn quantile(p: f64, degrees: f64) -> Result<f64, Error> {
    inside("probability", p, 0.0, 1.0)?;
    in_range(degrees)?;
    if p > 0.5 {
        return quantile(1.0 - p, degrees).map(|t| -t);
    }
    // Of the shares x = d/(d + t²) and y = t²/(d + t²), the one that is below a half is solved for.
    let square = if p < 0.25 {
        let x = beta::quantile_of(0.5 * degrees, 0.5, 2.0 * p);
        degrees * (1.0 - x) / x
    } else {
        let y = beta::quantile_of(0.5, 0.5 * degrees, 1.0 - 2.0 * p);
        degrees * y / (1.0 - y)
    };
    finite("t quantile", -square.max(0.0).sqrt())
}

fn in_range(degrees: f64) -> Result<f64, Error> {
    within("degrees of freedom", degrees, 1e-9, 2.0 * SHAPE_MAX)
}

pub(crate) fn two_sided_of(t: f64, degrees: f64) -> f64 {
    let square = t * t;
    if !square.is_finite() {
        return 0.0;
    }
    let sum = degrees + square;
    beta::both_of(0.5 * degrees, 0.5, degrees / sum, square / sum).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// scipy 1.17: t.cdf.
    #[test]
    fn cdf_of_a_grid() {
        for (degrees, t, wanted) in [
            (1.0, -10.0, 0.03172551743055357),
            (1.0, -2.0, 0.14758361765043326),
            (1.0, -0.01, 0.496817007235093),
            (1.0, 0.3, 0.5927735790777423),
            (1.0, 2.1, 0.858536971878491),
            (2.5, -10.0, 0.0022207478836537117),
            (2.5, -2.0, 0.07869574787898295),
            (2.5, -0.01, 0.49638199717895415),
            (2.5, 0.3, 0.6063288142524014),
            (2.5, 2.1, 0.9277487776225781),
            (5.0, -10.0, 8.547378787148181e-05),
            (5.0, -2.0, 0.050969739414929174),
            (5.0, -0.01, 0.49620400902129097),
            (5.0, 0.3, 0.6118754788683627),
            (5.0, 2.1, 0.9551233750577006),
            (18.0, -10.0, 4.4654734549784644e-09),
            (18.0, -2.0, 0.030410732834666217),
            (18.0, -0.01, 0.49606564404829645),
            (18.0, 0.3, 0.6161929393532609),
            (18.0, 2.1, 0.9749547971452158),
            (30.0, -10.0, 2.287625704114809e-11),
            (30.0, -2.0, 0.027312522481491547),
            (30.0, -0.01, 0.49604374628658887),
            (30.0, 0.3, 0.6168769473578236),
            (30.0, 2.1, 0.9778787643688382),
            (1000.0, -10.0, 8.335351479300069e-23),
            (1000.0, -2.0, 0.02288517324662583),
            (1000.0, -0.01, 0.4960116409660936),
            (1000.0, 0.3, 0.617880247916378),
            (1000.0, 2.1, 0.982010562844609),
            (1000000.0, -10.0, 7.63930538408909e-24),
            (1000000.0, -2.0, 0.02275026692565962),
            (1000000.0, -0.01, 0.4960106446827738),
            (1000000.0, 0.3, 0.617911391010503),
            (1000000.0, 2.1, 0.9821354545126825),
        ] {
            relative(cdf(t, degrees).unwrap(), wanted, 1e-11);
        }
    }

    /// scipy 1.17: t.ppf.
    #[test]
    fn quantiles_of_a_grid() {
        for (degrees, p, wanted) in [
            (1.0, 1e-06, -318309.8861827435),
            (1.0, 0.025, -12.706204736174705),
            (1.0, 0.4999, -0.0003141592756945358),
            (1.0, 0.7, 0.7265425280053608),
            (1.0, 0.975, 12.706204736174694),
            (2.5, 1e-06, -220.17342917823686),
            (2.5, 0.025, -3.5746548420036834),
            (2.5, 0.4999, -0.0002763891391802735),
            (2.5, 0.7, 0.5973077382523173),
            (2.5, 0.975, 3.5746548420036817),
            (5.0, 1e-06, -24.771029720515948),
            (5.0, 0.025, -2.5705818356363155),
            (5.0, 0.4999, -0.0002634305560701236),
            (5.0, 0.7, 0.5594296444693603),
            (5.0, 0.975, 2.5705818356363146),
            (18.0, 1e-06, -6.868638173932599),
            (18.0, 0.025, -2.1009220402410387),
            (18.0, 0.4999, -0.00025416673817908427),
            (18.0, 0.7, 0.5338157505289777),
            (18.0, 0.975, 2.1009220402410382),
            (30.0, 1e-06, -5.871117120418882),
            (30.0, 0.025, -2.042272456301238),
            (30.0, 0.4999, -0.0002527600253933647),
            (30.0, 0.7, 0.5300190039065046),
            (30.0, 0.975, 2.0422724563012378),
            (1000.0, 1e-06, -4.781608620458351),
            (1000.0, 0.025, -1.9623390808264085),
            (1000.0, 0.4999, -0.0002507255036228889),
            (1000.0, 0.7, 0.5245677073092267),
            (1000.0, 0.975, 1.9623390808264083),
            (1000000.0, 1e-06, -4.75345234827968),
            (1000000.0, 0.025, -1.9599663568141072),
            (1000000.0, 0.4999, -0.0002506628927537268),
            (1000000.0, 0.7, 0.524400679860209),
            (1000000.0, 0.975, 1.959966356814107),
        ] {
            relative(quantile(p, degrees).unwrap(), wanted, 1e-9);
        }
    }

    #[test]
    fn edges() {
        assert!(cdf(1.0, 0.0).is_err());
        assert!(quantile(0.0, 5.0).is_err());
        assert_eq!(cdf(0.0, 3.0), Ok(0.5));
        assert!(quantile(0.5, 3.0).unwrap().abs() < 1e-12);
        assert_eq!(two_sided(1e200, 3.0), Ok(0.0));
    }
}
