//! The work-unit definition: the smallest job the buyer recognises and the vendor can meter.
//!
//! A definition is a TOML document under version control, named by the digest of its text. Reading
//! it ([`Definition::parse`]) refuses what is misspelt, missing or contradictory, with the place in
//! the file; [`crate::settle`] runs it. The grammar of conditions is small and closed, so that both
//! parties can read every rule: see [`condition`].

pub mod attribute;
mod check;
pub mod condition;
mod condition_parse;
mod document;
mod edge_cases;
pub mod english;
pub mod exhibit;
mod implies;
mod read;
mod sample;
mod sections;
pub mod suggest;
mod test_parse;
mod token;

use jiff::tz::TimeZone;
use money::{Amount, Decimal};

pub use condition::{Condition, Predicate};
pub use document::KEYS;
pub use edge_cases::EdgeCase;
pub use exhibit::{Exhibit, exhibit};
pub use read::{DefinitionError, Fault};

use crate::{Digest, Header, Span};

/// A published definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The id, e.g. `support.resolved_case`.
    pub id: String,
    /// The digest of the document's text.
    pub digest: Digest,
    /// The job, as the buyer would ask: "Did it resolve the ticket?"
    pub question: String,
    /// Who answers for the definition.
    pub owner: String,
    /// Which facts belong to one scope, and how a scope splits into units (S8).
    pub one_per: OnePer,
    /// Facts outside this condition on shared headers are excluded, by name.
    pub only: Option<Condition>,
    /// The acts that a unit can rest on (S2): a visible answer of kind `answer`, the declared ones,
    /// and those that the classes name positively. Reading makes sure that no class can hold
    /// without one of them in the same episode.
    pub acts: Vec<Predicate>,
    /// Those of them that make an attempt: the visible answer and the declared ones. What a class names says
    /// that work is done, not that it was tried.
    pub attempts: Vec<Predicate>,
    /// The classes, in order of precedence (S9).
    pub counts: Vec<Class>,
    /// A later fact moves a settled unit to an earlier-listed class within this span (S9).
    pub upgrade_within: Option<Span>,
    /// Silence after which an unsettled unit is not counted (S11).
    pub abandon_after: Span,
    /// What facts after settlement do (S10).
    pub after: Vec<After>,
    /// What a counted unit is worth to the buyer.
    pub value: WorkValue,
    /// Evidence.
    pub evidence: Evidence,
    /// The cost lines that performing the work incurs.
    pub cost_lines: Vec<crate::body::CostLine>,
    /// How a unit is undone.
    pub rollback: Rollback,
    /// Who controls and who decides; `None` where the document leaves it undecided, which
    /// `piecework check` reports.
    pub attribution: Option<Attribution>,
    /// Disputes.
    pub dispute: Dispute,
}

/// The scope of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnePer {
    /// The headers whose values together are the scope key.
    pub key: Vec<Header>,
    /// How a scope splits into units.
    pub split: Split,
}

/// How the facts of one scope key split into units (S7, S8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Never: at most one net unit per scope key.
    None,
    /// Each reopening begins a new unit.
    Reopen,
    /// A unit holds what happens within a span of its opening.
    WindowFromStart(Span),
    /// A unit ends when nothing happened for a span.
    WindowIdle(Span),
}

/// One class of counted work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The class's name, e.g. `confirmed`, `assumed`, `verified`.
    pub name: String,
    /// When a unit is of this class.
    pub when: Condition,
}

/// What a fact after settlement does (S10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The fact.
    pub on: Predicate,
    /// How long after the latest settlement it still does.
    pub within: Span,
    /// What it does.
    pub then: Then,
    /// Whether the unit may settle again afterwards (S6); a reopening may, others may not unless
    /// the document says so.
    pub again: bool,
}

/// The effect of a fact after settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The unit no longer counts.
    Reverse,
    /// A new unit begins; the settled one stands.
    NewUnit,
    /// Only this share of the unit still counts.
    Partial(Decimal),
    /// Nothing; the fact is kept and listed.
    Ignore,
}

/// What a counted unit is worth to the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkValue {
    /// Agreed per unit.
    PerUnit(Amount),
    /// Measured by `work.valued`.
    Measured,
    /// Not stated.
    Unstated,
}

/// Evidence that a counted unit carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Names without which nothing settles.
    pub gate: Vec<String>,
    /// Names whose share is reported.
    pub expected: Vec<String>,
}

/// How a unit is undone, and who approves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollback {
    /// What the buyer gets, e.g. `credit`.
    pub remedy: String,
    /// How the work itself is undone.
    pub undo: String,
    /// For how long.
    pub window: Span,
    /// Who approves.
    pub approver: String,
}

/// Who controls the work and who decides that it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// All steps from the trigger to the outcome, where the document names them.
    pub steps: Option<Vec<String>>,
    /// The steps that the product controls.
    pub controls: Vec<String>,
    /// Who emits the deciding fact.
    pub decided_by: DecidedBy,
    /// The largest share of counted works that people may have touched.
    pub human_touched_share_at_most: Option<Decimal>,
    /// What the work is compared with.
    pub counterfactual: Counterfactual,
}

/// Who emits the fact that decides a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// The seller's own systems.
    Seller,
    /// The buyer or its customers.
    Customer,
    /// Neither: a test suite, a platform.
    ThirdParty,
}

impl DecidedBy {
    /// The words of the document.
    pub const WORDS: &'static [(&'static str, DecidedBy)] = &[
        ("seller", DecidedBy::Seller),
        ("customer", DecidedBy::Customer),
        ("third_party", DecidedBy::ThirdParty),
    ];
}

/// What the work is compared with: the design behind any claim of lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counterfactual {
    /// Cases withheld at random.
    Holdout,
    /// Introduced at different times in different places.
    Staggered,
    /// An interrupted time series.
    InterruptedTimeSeries,
    /// Before against after.
    BeforeAfter,
    /// Nothing: the difference is assumed.
    Assumed,
}

impl Counterfactual {
    /// The words of the document.
    pub const WORDS: &'static [(&'static str, Counterfactual)] = &[
        ("holdout", Counterfactual::Holdout),
        ("staggered", Counterfactual::Staggered),
        ("its", Counterfactual::InterruptedTimeSeries),
        ("before_after", Counterfactual::BeforeAfter),
        ("assumed", Counterfactual::Assumed),
    ];
}

/// How disputes run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// How long after settlement the buyer may dispute, and how long a decision may take.
    pub window: Span,
    /// The verdict where nobody decides in time (D11).
    pub default: crate::body::Verdict,
}

impl Default for Dispute {
    /// 30 days, and an unanswered dispute is credited.
    fn default() -> Dispute {
        Dispute {
            window: Span::Days(30),
            default: crate::body::Verdict::Credited,
        }
    }
}

/// The definitions that govern one scope over time: what opens at an instant is governed for life by
/// the definition in force then (S12).
#[derive(Debug, Clone)]
pub struct Timeline<'a> {
    /// `(from, contract version, definition)`, ascending; the first also governs what is earlier.
    pub versions: Vec<(jiff::Timestamp, u32, &'a Definition)>,
    /// Where days are counted (P3).
    pub zone: TimeZone,
}

impl<'a> Timeline<'a> {
    /// One definition for all time.
    #[must_use]
    pub fn of(definition: &'a Definition, zone: TimeZone) -> Timeline<'a> {
        Timeline {
            versions: vec![(jiff::Timestamp::MIN, 1, definition)],
            zone,
        }
    }

    /// The version in force at an instant.
    ///
    /// # Panics
    /// Never for a timeline with at least one version, which is the only kind there is.
    #[must_use]
    pub fn at(&self, instant: jiff::Timestamp) -> (u32, &'a Definition) {
        let (_, version, definition) = self
            .versions
            .iter()
            .rev()
            .find(|(from, ..)| *from <= instant)
            .unwrap_or(&self.versions[0]);
        (*version, definition)
    }
}
