//! Components: what each kind sells, and how one is read. A file for each kind.

mod aggregate;
mod indemnity;
mod metered;
mod outcome;
mod platform;
mod risk;
mod seats;
mod service_level;

use money::Currency;
use work::body::DocumentKind;

use super::totals::read_line_totals;
use super::{Component, Surface, Terms};
use crate::document::Table;
use crate::period::Interval;
use crate::rating::{Measure, Price};

pub use aggregate::Aggregated;
pub use indemnity::{Indemnity, LossRate};
pub use metered::{Aggregate, Metered};
pub use outcome::{Group, Outcome, Retier};
pub use platform::{Due, Platform};
pub use risk::{Band, BandRange, FALLBACK, Fallback, Risk, RiskBy};
pub use seats::{Committed, SeatCount, SeatProration, Seats};
pub use service_level::{CreditBand, ServiceLevel};

/// Reads a component; faults go to the table's collector.
pub(crate) fn read_component(table: &Table<'_>, currency: Currency) -> Option<Component> {
    let id = table.need("id", table.id("id"));
    let kind = table.need("kind", table.text("kind"));
    let surface = table.word("surface", &Surface::WORDS);
    let every = table.word("every", &Interval::WORDS).unwrap_or_default();
    let totals = read_line_totals(table, currency);
    let tax_category = table.id("tax_category");
    let terms = match kind.as_deref() {
        Some("platform") => platform::read(table, currency),
        Some("seats") => seats::read(table, currency),
        Some("metered") => metered::read(table, currency),
        Some("outcome") => outcome::read(table, currency),
        Some("risk") => risk::read(table),
        Some("indemnity") => indemnity::read(table, currency),
        Some("service_level") => service_level::read(table, currency),
        Some("aggregate") => aggregate::read(table),
        Some(other) => {
            table.fault(
                "kind",
                format!(
                    "`{other}` is not one of: platform, seats, metered, outcome, risk, indemnity, \
                     service_level, aggregate"
                ),
                None,
            );
            return None;
        }
        None => None,
    };
    table.finish();
    let component = Component {
        id: id?,
        terms: terms?,
        every,
        totals,
        tax_category,
        span: table.span(),
    };
    if surface.is_some_and(|surface| surface != component.surface()) {
        let own = component.surface().word();
        table.fault(
            "surface",
            format!("`{}` belongs to the surface `{own}`", component.kind()),
            None,
        );
    }
    if matches!(component.terms, Terms::ServiceLevel(_)) && !component.totals.is_empty() {
        table.fault(
            "kind",
            "what is paid back has no discount, maximum or minimum",
            Some("`cap` is the most that is paid back for a period"),
        );
    }
    Some(component)
}

/// Refuses a price of money where only units are counted.
fn of_quantity(table: &Table<'_>, key: &str, price: &Price, what: &str) -> Option<()> {
    if price.measure() == Measure::Quantity {
        return Some(());
    }
    table.fault(
        key,
        format!("a percentage needs money; {what} are counted"),
        None,
    );
    None
}

impl Component {
    /// The subject of the documents of a kind that it is priced by.
    #[must_use]
    pub fn looks_at(&self, kind: DocumentKind) -> Option<&str> {
        match (&self.terms, kind) {
            (Terms::Risk(risk), DocumentKind::Calibration) => {
                risk.fallback.as_ref().map(|own| own.calibration.as_str())
            }
            (Terms::ServiceLevel(own), DocumentKind::Measure) => Some(&own.measure),
            (Terms::Aggregate(own), DocumentKind::Measure) => Some(&own.measure),
            (Terms::Aggregate(own), DocumentKind::Baseline) => Some(&own.baseline),
            _ => None,
        }
    }

    /// What of the usage is priced, of a metered component.
    #[must_use]
    pub fn aggregate(&self) -> Option<Aggregate> {
        match &self.terms {
            Terms::Metered(metered) => Some(metered.aggregate),
            _ => None,
        }
    }
}
