//! The plan: what is sold, on which of the four surfaces, at which price.
//!
//! A plan is a TOML document named by the digest of its text. Reading it is strict
//! ([`Plan::parse`]); [`check`] asks what needs the definitions as well: whether every class has a
//! price, and whether a lost unit could raise a bill. Not here: who buys it and for how long
//! ([`crate::contract`]), and any quantity.

pub mod check;
mod component;
mod price;
mod read;
mod totals;

use money::Currency;
use work::Digest;

use crate::period::Interval;

pub(crate) use component::read_component;
pub use component::{
    Aggregate, Aggregated, Band, BandRange, Committed, CreditBand, Due, FALLBACK, Fallback, Group,
    Indemnity, LossRate, Metered, Outcome, Platform, Retier, Risk, RiskBy, SeatCount,
    SeatProration, Seats, ServiceLevel,
};
pub(crate) use read::{CURRENCY_HINT, fit_together};
pub use totals::{Bill, Cap, CapMode, Discount, Minimum, Off, PeriodTotals, Scope, Totals};
pub(crate) use totals::{TotalsTerms, check_scopes, read_totals, surface_of};

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The id.
    pub id: String,
    /// The seller's version number of the plan.
    pub version: u32,
    /// The digest of the document's text.
    pub digest: Digest,
    /// The currency of every price in it.
    pub currency: Currency,
    /// The meters that it prices.
    pub meters: Vec<Meter>,
    /// Its priced lines, in the order of the file.
    pub components: Vec<Component>,
    /// What is done to the sum of a period.
    pub totals: PeriodTotals,
    /// Which component is paid for a work that several price: the first in this order.
    pub precedence: Vec<String>,
    /// The document's text.
    pub text: String,
}

/// A meter, and what its unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The id that `usage.recorded` names.
    pub id: String,
    /// What the unit is.
    pub class: MeterClass,
}

/// What a meter's unit is: a plan that sells a cost unit as an outcome is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterClass {
    /// What performing costs: a token, a GPU second, a reviewer's minute.
    Cost,
    /// What the buyer consumes: a message, a document, a call.
    Usage,
    /// What the buyer values: a piece of work.
    Value,
}

/// The four surfaces of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Surface {
    /// For being able to use it.
    Access,
    /// For how much is used.
    Usage,
    /// For work that counts.
    Outcome,
    /// For risk taken over or handed back.
    Risk,
}

impl Surface {
    /// The words of documents.
    pub const WORDS: [(&'static str, Surface); 4] = [
        ("access", Surface::Access),
        ("usage", Surface::Usage),
        ("outcome", Surface::Outcome),
        ("risk", Surface::Risk),
    ];

    /// The word of documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// One priced line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The id, which stays the same over versions of the plan.
    pub id: String,
    /// What is sold and for how much.
    pub terms: Terms,
    /// The rating period: after it, tiers and allowances begin again.
    pub every: Interval,
    /// Discount, cap and minimum of this line alone.
    pub totals: Totals,
    /// What the tax system that lines are exported to knows it by. No amount looks at it.
    pub tax_category: Option<String>,
    /// The bytes of the document that it was read from.
    pub span: std::ops::Range<usize>,
}

/// What a component sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// A fee per period.
    Platform(Platform),
    /// A fee per seat.
    Seats(Seats),
    /// A price of usage.
    Metered(Metered),
    /// A price of counted work.
    Outcome(Outcome),
    /// A factor on another component, by what is known of each unit.
    Risk(Risk),
    /// A premium per counted unit of another component.
    Indemnity(Indemnity),
    /// What of other components' charges is paid back by the level that was reached.
    ServiceLevel(ServiceLevel),
    /// A share of what a portfolio came to over its baseline.
    Aggregate(Aggregated),
}

impl Component {
    /// Whether it charges for attempts of a unit.
    #[must_use]
    pub fn prices_attempts_of(&self, unit: &str) -> bool {
        matches!(&self.terms, Terms::Outcome(own) if own.unit == unit && own.attempt.is_some())
    }

    /// The surface that the component belongs to.
    #[must_use]
    pub fn surface(&self) -> Surface {
        match self.terms {
            Terms::Platform(_) | Terms::Seats(_) => Surface::Access,
            Terms::Metered(_) => Surface::Usage,
            Terms::Outcome(_) | Terms::Aggregate(_) => Surface::Outcome,
            Terms::Risk(_) | Terms::Indemnity(_) | Terms::ServiceLevel(_) => Surface::Risk,
        }
    }

    /// The component's kind, as documents name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.terms {
            Terms::Platform(_) => "platform",
            Terms::Seats(_) => "seats",
            Terms::Metered(_) => "metered",
            Terms::Outcome(_) => "outcome",
            Terms::Risk(_) => "risk",
            Terms::Indemnity(_) => "indemnity",
            Terms::ServiceLevel(_) => "service_level",
            Terms::Aggregate(_) => "aggregate",
        }
    }
}

impl Plan {
    /// The component of that id.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }
}
