//! Whether the evidence that a definition names is there, on how many of the works that count.
//!
//! What is needed (`gate`) is promised of every counted work; of what is expected the share is reported, and too little
//! of it is worth a look. Few works are no proof of a lack.

use std::collections::BTreeSet;

use evidence::Confidence;
use evidence::rate::Share;
use jiff::Timestamp;
use money::Decimal;
use pages::view::CheckVerdict;
use work::Definition;
use work::settle::Unit;

use super::attribution::counted;
use super::{Found, Priced, reason};
use crate::limits::MEASURED_WORKS_MIN;

pub(super) fn check(priced: &Priced<'_>, units: &[Unit], at: Timestamp, least: Decimal) -> Found {
    let mut found = Found::passing();
    let mut seen = BTreeSet::new();
    for (_, definition) in priced.outcomes() {
        if seen.insert(&definition.id) {
            of_definition(definition, units, at, least, &mut found);
        }
    }
    if found.is_empty() {
        found.add(reason(
            CheckVerdict::Pass,
            "no outcome is priced".to_owned(),
        ));
    }
    found.mended_by(
        "attach what is missing (`piecework evidence attach`, or `evidence.attached` with the works), or agree on a \
         definition that names what is kept",
    )
}

fn of_definition(
    definition: &Definition,
    units: &[Unit],
    at: Timestamp,
    least: Decimal,
    found: &mut Found,
) {
    let unit = &definition.id;
    let needed = definition.evidence.gate.iter().map(|name| (name, true));
    let expected = definition
        .evidence
        .expected
        .iter()
        .map(|name| (name, false));
    for (name, is_needed) in needed.chain(expected) {
        let works = counted(units, unit, at);
        let has = |own: &&Unit| {
            own.evidence
                .iter()
                .any(|(when, own)| when <= &at && own == name)
        };
        let (all, with) = (
            works.clone().count() as u64,
            works.filter(has).count() as u64,
        );
        let Ok(share) = Share::new(with, all) else {
            let says = format!("no `{unit}` has counted yet that could carry `{name}`");
            found.add(reason(CheckVerdict::Warn, says));
            continue;
        };
        let interval = share.wilson(Confidence::P95);
        let word = if is_needed { "needed" } else { "expected" };
        let says = format!(
            "`{name}`, which is {word}, is there on {with} of {all} counted `{unit}` ({:.1} % to {:.1} %; at least {} %)",
            100.0 * interval.low,
            100.0 * interval.high,
            percent(least),
        );
        let high: Decimal = (format!("{:.6}", interval.high).parse()).unwrap_or(Decimal::ONE);
        let rate: Decimal = (format!("{:.6}", share.rate()).parse()).unwrap_or(Decimal::ONE);
        let verdict = if high < least && is_needed && all >= MEASURED_WORKS_MIN as u64 {
            CheckVerdict::Fail
        } else if rate < least {
            CheckVerdict::Warn
        } else {
            CheckVerdict::Pass
        };
        found.add(reason(verdict, says));
    }
}

/// A share in per cent.
fn percent(share: Decimal) -> String {
    let hundred = Decimal::from_int(100);
    share
        .times(hundred)
        .map_or_else(|_| share.to_string(), |own| own.to_string())
}
