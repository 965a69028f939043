//! Castle doctrine laws and homicide: cohorts of one state. Reference: csdid 0.4.3 on causaldata 0.1.5.

use piecework_evidence::Confidence;
use piecework_evidence::lift::Threat;
use piecework_evidence::lift::staggered::{Controls, Effects, Panel, Unit};

use crate::support::{Table, decimals};

#[test]
fn cohorts_of_one_state_are_said() {
    let table = Table::parse(include_str!("../tables/castle.csv"));
    let unit = |first: i64, outcomes| Unit {
        first_treated: (first > 0).then_some(first),
        outcomes,
    };
    let units: Vec<Unit> = table
        .rows()
        .map(|row| {
            let years = (2000..=2010).map(|year: i64| row.number(&year.to_string()));
            unit(row.whole("first"), years.collect())
        })
        .collect();
    assert_eq!(units.len(), 50);
    let panel = Panel::new(2000, units).unwrap();
    let effects = Effects::of(&panel, Controls::NeverTreated).unwrap();
    let simple = effects.simple(Confidence::P95).unwrap();
    decimals(simple.estimate, 0.019_402_8, 6);
    decimals(simple.precision.unwrap().standard_error, 0.038_388_6, 6);
    assert!(
        simple
            .threats
            .contains(&Threat::SingleUnitCohorts { cohorts: 2 })
    );
    assert!(simple.threats.contains(&Threat::MayBeNothing));
}
