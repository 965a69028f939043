//! mpdta: county teen employment, minimum wages raised in 2004, 2006 and 2007. Reference numbers: the
//! R package did 2.5.0 (analytic errors), and csdid 0.4.3 for controls not treated yet.

use std::collections::BTreeMap;

use piecework_evidence::Confidence;
use piecework_evidence::lift::did::{self, ErrorOf};
use piecework_evidence::lift::staggered::{Controls, Effects, Panel, Unit};
use piecework_evidence::lift::{Lift, PriceBasis, Threat, Tier};

use crate::support::{Table, data, decimals};

const P95: Confidence = Confidence::P95;

fn units() -> Option<Vec<Unit>> {
    let table = Table::read(&data("mpdta-minimum-wage/mpdta.csv")?);
    let mut counties: BTreeMap<i64, (i64, BTreeMap<i64, f64>)> = BTreeMap::new();
    for row in table.rows() {
        let county = counties
            .entry(row.whole("countyreal"))
            .or_insert((row.whole("first.treat"), BTreeMap::new()));
        county.1.insert(row.whole("year"), row.number("lemp"));
    }
    let unit = |(first, years): (i64, BTreeMap<i64, f64>)| Unit {
        first_treated: (first > 0).then_some(first),
        outcomes: years.into_values().collect(),
    };
    Some(counties.into_values().map(unit).collect())
}

#[track_caller]
fn check(lift: &Lift, estimate: f64, error: f64, digits: i32) {
    decimals(lift.estimate, estimate, digits);
    decimals(lift.precision.unwrap().standard_error, error, digits);
}

#[test]
fn group_time_effects() {
    let Some(units) = units() else { return };
    let panel = Panel::new(2003, units).unwrap();
    let never = Effects::of(&panel, Controls::NeverTreated).unwrap();
    let wanted = [
        (2004, 2004, -0.010_503_246, 0.023_251_036),
        (2004, 2005, -0.070_423_158, 0.030_984_767),
        (2004, 2006, -0.137_258_739, 0.036_435_664),
        (2004, 2007, -0.100_811_363, 0.034_359_226),
        (2006, 2004, 0.006_520_112, 0.023_326_805),
        (2006, 2005, -0.002_750_819, 0.019_558_561),
        (2006, 2006, -0.004_594_607, 0.017_755_197),
        (2006, 2007, -0.041_224_472, 0.020_229_181),
        (2007, 2004, 0.030_506_656, 0.015_033_560),
        (2007, 2005, -0.002_725_893, 0.016_395_833),
        (2007, 2006, -0.031_087_119, 0.017_877_511),
        (2007, 2007, -0.026_054_411, 0.016_655_435),
    ];
    assert_eq!(never.group_time().count(), wanted.len());
    for (is, (group, time, estimate, error)) in never.group_time().zip(wanted) {
        assert_eq!((is.group, is.time, is.control), (group, time, 309));
        decimals(is.estimate, estimate, 9);
        decimals(is.standard_error, error, 9);
    }
    let test = never.pre_trend().unwrap();
    decimals(test.statistic, 7.791_236_627, 9);
    decimals(test.p_value, 0.168_12, 5);
    assert_eq!(test.degrees, 5);
    check(
        &never.at(2006, 2007, P95).unwrap(),
        -0.041_224_472,
        0.020_229_181,
        9,
    );
    assert!(never.at(2005, 2007, P95).is_err());
}

#[test]
fn aggregates_against_the_never_treated() {
    let Some(units) = units() else { return };
    let panel = Panel::new(2003, units).unwrap();
    let never = Effects::of(&panel, Controls::NeverTreated).unwrap();
    let simple = never.simple(P95).unwrap();
    check(&simple, -0.039_951_275_2, 0.012_034_012_8, 10);
    assert_eq!(
        (simple.tier, simple.treated, simple.control),
        (Tier::B, 191, 309)
    );
    assert_eq!(simple.price_basis(), PriceBasis::Can);
    for (group, estimate, error) in [
        (2004, -0.079_749_127, 0.026_367_799),
        (2006, -0.022_909_539, 0.016_703_330),
        (2007, -0.026_054_411, 0.016_655_435),
    ] {
        check(&never.group(group, P95).unwrap(), estimate, error, 9);
    }
    check(
        &never.groups(P95).unwrap(),
        -0.031_018_282,
        0.012_446_059,
        9,
    );
    let events = [
        (0.030_506_656, 0.015_033_560),
        (-0.000_563_085, 0.013_291_645),
        (-0.024_458_745, 0.014_236_402),
        (-0.019_931_817, 0.011_826_364),
        (-0.050_957_367, 0.016_893_476),
        (-0.137_258_739, 0.036_435_664),
        (-0.100_811_363, 0.034_359_226),
    ];
    let study = never.event_study(P95).unwrap();
    assert_eq!(study.len(), events.len());
    for (is, (estimate, error)) in study.iter().zip(events) {
        check(is, estimate, error, 9);
    }
    check(
        &never.events(P95).unwrap(),
        -0.077_239_821,
        0.019_964_989,
        9,
    );
    for (year, estimate) in (2004..).zip([-0.010_503, -0.070_423, -0.048_815_984, -0.037_059_340]) {
        decimals(never.calendar(year, P95).unwrap().estimate, estimate, 6);
    }
    check(
        &never.calendars(P95).unwrap(),
        -0.041_700_432,
        0.015_971_852,
        9,
    );
}

#[test]
fn aggregates_against_those_not_treated_yet() {
    let Some(units) = units() else { return };
    let panel = Panel::new(2003, units).unwrap();
    let not_yet = Effects::of(&panel, Controls::NotYetTreated).unwrap();
    check(
        &not_yet.at(2004, 2004, P95).unwrap(),
        -0.019_372_363_676,
        0.022_310_112_884,
        12,
    );
    check(
        &not_yet.at(2006, 2005, P95).unwrap(),
        -0.001_939_246_095,
        0.019_042_158_606,
        12,
    );
    check(
        &not_yet.at(2007, 2004, P95).unwrap(),
        0.029_759_364_761,
        0.014_533_541_639,
        12,
    );
    check(
        &not_yet.simple(P95).unwrap(),
        -0.039_763_625_624,
        0.012_052_424_787,
        12,
    );
    check(
        &not_yet.groups(P95).unwrap(),
        -0.030_462_228_114,
        0.012_575_120_132,
        12,
    );
    check(
        &not_yet.events(P95).unwrap(),
        -0.077_399_313_971,
        0.019_560_176_947,
        12,
    );
    check(
        &not_yet.calendars(P95).unwrap(),
        -0.044_267_083_477,
        0.015_570_904_421,
        12,
    );
}

/// Cohort 2007 against the never treated, 2006 to 2007.
#[test]
fn two_by_two() {
    let Some(units) = units() else { return };
    let side = |first: Option<i64>| -> Vec<(f64, f64)> {
        let of = units.iter().filter(|unit| unit.first_treated == first);
        of.map(|unit| (unit.outcomes[3], unit.outcomes[4]))
            .collect()
    };
    let (treated, control) = (side(Some(2007)), side(None));
    assert_eq!((treated.len(), control.len()), (131, 309));
    let influence = did::panel(&treated, &control, ErrorOf::InfluenceFunction, P95).unwrap();
    check(&influence, -0.026_054_41, 0.016_655_44, 8);
    let welch = did::panel(&treated, &control, ErrorOf::Welch, P95).unwrap();
    check(&welch, -0.026_054_41, 0.016_707_96, 8);
    assert!(welch.threats.contains(&Threat::PreTrendUntested));
}

/// Nobody is never treated: the last cohort has nobody to be compared with, and it is said.
#[test]
fn without_a_never_treated_unit() {
    let Some(mut units) = units() else { return };
    units.retain(|unit| unit.first_treated.is_some());
    let panel = Panel::new(2003, units).unwrap();
    assert!(Effects::of(&panel, Controls::NeverTreated).is_err());
    let not_yet = Effects::of(&panel, Controls::NotYetTreated).unwrap();
    assert!(not_yet.group_time().all(|effect| effect.time < 2007));
    assert!(
        not_yet
            .simple(P95)
            .unwrap()
            .threats
            .contains(&Threat::NoNeverTreated)
    );
}
