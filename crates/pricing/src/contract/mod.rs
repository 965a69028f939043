//! The contract: which customer buys which plan, for which term, on which conditions.
//!
//! A contract is a TOML document named by the digest of its text; it pins the plan and the
//! definitions by digest, and the number of these semantics (semantics.md D13). [`Contract::resolve`]
//! puts it over its plan: overrides of single terms, and totals. Not here: versions over time, which
//! are made by entries of the log, and any amount.

mod agreement;
mod changes;
mod history;
mod holdback;
mod invoice;
mod opening;
mod phase;
mod read;
mod renewal;
mod resolve;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::{Currency, Rounding};
use work::body::Verdict;
use work::{Digest, Span};

use crate::period::Interval;
use crate::plan::{Retier, TotalsTerms};

pub use agreement::{Agreement, AgreementError, Version};
pub use changes::{Change, changes};
pub use history::{Enacted, EnactingEntry, Told};
pub use holdback::Holdback;
pub use invoice::{CostCentre, Invoice, Party};
pub use opening::{
    Counter, FreeBefore, GrantBefore, Opening, OpeningRefusal, RolledBefore, StatedBefore,
    UnpaidBefore, WorkBefore,
};
pub use phase::{Free, Phase, Step, Trial};
pub use read::SEMANTICS;
pub use renewal::{Renewal, Term};
pub use resolve::{InForce, written};

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The id, the same in every version.
    pub id: String,
    /// The customer.
    pub customer: String,
    /// The digest of the document's text.
    pub digest: Digest,
    /// The digest of the plan's text.
    pub plan: Digest,
    /// The digests of the definitions' texts.
    pub definitions: Vec<Digest>,
    /// First day of the term.
    pub starts: Date,
    /// Last day of the term; of the first one, where it renews.
    pub ends: Option<Date>,
    /// How it goes on after its last day.
    pub renews: Option<Renewal>,
    /// Days at the start in which nothing is charged.
    pub trial: Option<Trial>,
    /// Days from which other terms hold.
    pub phases: Vec<Phase>,
    /// Where days and months are counted.
    pub time_zone: TimeZone,
    /// The day of the month on which periods start.
    pub anchor_day: i8,
    /// How often a statement is made.
    pub billing: Interval,
    /// The currency.
    pub currency: Currency,
    /// How a cell is rounded.
    pub rounding: Rounding,
    /// The number of the rules that decide money.
    pub semantics: u32,
    /// What becomes of facts that arrive late (D8).
    pub late: Late,
    /// What happens where one unit fewer would cost more, for every component (D4).
    pub retier_on_reversal: Option<Retier>,
    /// The verdict where nobody decides a dispute in time, in place of the definition's own (D11).
    pub dispute_default: Option<Verdict>,
    /// The series that statements are numbered in; the customer's own where absent (D15).
    pub series: Option<String>,
    /// Days after the end of a period before which its statement is not issued: what comes late may still come.
    pub grace_days: u32,
    /// What is kept back of outcome components for a time (D11).
    pub holdback: Option<Holdback>,
    /// What accounts payable needs to see.
    pub invoice: Invoice,
    /// Totals in place of the plan's.
    pub(crate) totals: TotalsTerms,
    /// Ids of components with other terms than the plan's.
    pub overrides: Vec<String>,
    /// The document's text.
    pub text: String,
}

impl Contract {
    /// The first instant at which the statement of a cut may be issued: the same time of day, when the days of
    /// grace are over in the contract's zone.
    #[must_use]
    pub fn issuable_from(&self, cut: Timestamp) -> Timestamp {
        let zoned = cut.to_zoned(self.time_zone.clone());
        let later = zoned.checked_add(i64::from(self.grace_days).days());
        later.map_or(cut, |later| later.timestamp())
    }
}

/// What becomes of a fact of a period that was stated long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Late {
    /// It is charged.
    #[default]
    Bill,
    /// It is not charged where its rating period ended longer ago than this.
    WaiveAfter(Span),
}
