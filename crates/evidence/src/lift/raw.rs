//! What is not evidence of an effect, named as what it is: means before and after (tier D), and
//! assumptions (tier E).

use super::{Assumption, Estimand, Lift, Precision, Summary, Tier, holdout};
use crate::error::{Error, finite};
use crate::interval::Confidence;

/// The mean after the start less the mean before. Everything else that changed is in it too: in the
/// study of Brynjolfsson, Li and Raymond the raw gap overstates the effect 2.7 times.
///
/// # Errors
/// Fewer than two observations on a side, one that is not finite, or none that differ.
pub fn before_after(before: &[f64], after: &[f64], confidence: Confidence) -> Result<Lift, Error> {
    let (after, before) = (Summary::of(after)?, Summary::of(before)?);
    let (estimate, error, degrees) = holdout::welch(after, before)?;
    Ok(Lift {
        estimand: Estimand::BeforeAfter,
        tier: Tier::D,
        treated: after.n,
        control: before.n,
        estimate,
        precision: Some(Precision::of(estimate, error, Some(degrees), confidence)?),
        assumptions: vec![Assumption::NothingElseChanged],
        threats: Vec::new(),
    }
    .checked(holdout::UNITS_MIN))
}

/// A number that somebody assumed.
///
/// # Errors
/// It is not finite.
pub fn assumed(estimate: f64) -> Result<Lift, Error> {
    Ok(Lift {
        estimand: Estimand::Assumption,
        tier: Tier::E,
        treated: 0,
        control: 0,
        estimate: finite("estimate", estimate)?,
        precision: None,
        assumptions: vec![Assumption::Trust],
        threats: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lift::{PriceBasis, Reason};

    #[test]
    fn tiers_d_and_e_are_no_basis_of_a_price() {
        let before: Vec<f64> = (0..40).map(|n| f64::from(n % 7)).collect();
        let after: Vec<f64> = (0..40).map(|n| f64::from(n % 7) + 3.0).collect();
        let raw = before_after(&before, &after, Confidence::P95).unwrap();
        assert!((raw.estimate - 3.0).abs() < 1e-12 && raw.threats.is_empty());
        assert_eq!(
            raw.price_basis(),
            PriceBasis::Cannot(vec![Reason::Tier(Tier::D)])
        );
        let guess = assumed(0.2).unwrap();
        assert_eq!(guess.interval(), None);
        let PriceBasis::Cannot(reasons) = guess.price_basis() else {
            panic!("an assumption is no evidence");
        };
        assert_eq!(
            reasons[0].sentence(),
            "a result of design tier E: assumed cannot be the basis of an outcome price"
        );
        assert!(assumed(f64::NAN).is_err());
    }
}
