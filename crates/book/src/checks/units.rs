//! Whether cost units are kept apart from what the buyer values.
//!
//! A plan that sells a cost unit as an outcome cannot be read at all (`pricing::plan`); what is left to see is a price
//! on what performing costs, and works that two components charge.

use pages::view::CheckVerdict;
use pricing::plan::check::shared_works;
use pricing::plan::{Meter, MeterClass, Terms};

use super::{Found, Priced, reason};

pub(super) fn check(priced: &Priced<'_>, meters: &[Meter]) -> Found {
    let mut found = Found::passing();
    for component in priced.components {
        match &component.terms {
            Terms::Outcome(own) => found.add(reason(
                CheckVerdict::Pass,
                format!("`{}` sells the value unit `{}`", component.id, own.unit),
            )),
            Terms::Metered(own) => {
                let class = meters.iter().find(|meter| meter.id == own.meter);
                let (verdict, says) = match class.map(|meter| meter.class) {
                    Some(MeterClass::Cost) => (
                        CheckVerdict::Warn,
                        format!(
                            "`{}` charges `{}`, a unit of cost: the buyer pays for effort, whatever comes of it",
                            component.id, own.meter
                        ),
                    ),
                    _ => (
                        CheckVerdict::Pass,
                        format!("`{}` charges the usage unit `{}`", component.id, own.meter),
                    ),
                };
                found.add(reason(verdict, says));
            }
            _ => {}
        }
    }
    for pair in shared_works(priced.components, priced.precedence) {
        let verdict = if pair.is_decided {
            CheckVerdict::Pass
        } else {
            CheckVerdict::Warn
        };
        let says = format!("`{}` and `{}`: {}", pair.first, pair.second, pair.reason);
        found.add(reason(verdict, says));
    }
    if found.is_empty() {
        found.add(reason(
            CheckVerdict::Pass,
            "nothing is priced by a unit of cost, of usage or of value".to_owned(),
        ));
    }
    found.mended_by(
        "sell what the buyer counts (a `usage` meter) in place of a `cost` meter; say in the plan whether a work that two \
         components charge is paid once (`precedence`, `instead_of`) or twice (`in_addition_to`)",
    )
}
