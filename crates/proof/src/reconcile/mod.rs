//! [`reconcile()`]: a statement beside what the buyer's own systems saw.
//!
//! A proof file shows that the statement follows from the seller's log; whether the log has what
//! happened only the buyer's own records show. Records meet billed works by work id or by the headers
//! that the definition counts by. Facts that speak against a work, and that the log never had, are
//! added to the entries the statement was computed from, and the same cut is computed again: the
//! works whose charge falls are in question. Not here: reading the buyer's files, and deciding the
//! dispute. Invariant: pure, and nothing is said of a file that does not verify.

mod compare;
mod facts;

use jiff::{SignedDuration, Timestamp};
use money::Amount;
use pricing::statement::StatementError;
use work::body::{Body, Kind};
use work::effective::Content;
use work::event::Authorship;
use work::{Event, Headers, SmolStr};

use crate::carry::LogEntry;
use crate::verify::{self, Code, Options, Refusal, Report};

/// The source of the disputes that come out of a reconciliation.
const SOURCE: &str = "reconcile";

/// What the buyer brings along.
#[derive(Debug, Clone)]
pub struct Mine {
    /// The buyer's records as events; those of other customers are passed over, and counted.
    pub events: Vec<Event>,
    /// How far apart two clocks may put the same fact.
    pub tolerance: SignedDuration,
}

/// A statement beside the buyer's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Works that are billed and in the buyer's records.
    pub matched: Vec<Billed>,
    /// Works that are billed and not in the buyer's records at all.
    pub not_mine: Vec<Billed>,
    /// Works of the buyer's records that are not billed, and why.
    pub not_billed: Vec<NotBilled>,
    /// The buyer's facts that speak against works in the log, and that the log has not.
    pub unreported: Vec<Event>,
    /// Works whose charge falls once these facts are known.
    pub in_question: Vec<InQuestion>,
    /// What they fall by, summed.
    pub amount: Amount,
    /// The buyer's records that are of another customer.
    pub others: u64,
}

/// A work that the statement charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// The work's name in statements.
    pub name: String,
    /// Its work id, or the values that it is counted by.
    pub work: String,
    /// The class that it counts in.
    pub class: String,
    /// Its share of the statement's charges.
    pub amount: Amount,
}

/// A work of the buyer's records that the statement does not charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBilled {
    /// The work id, or the values that it is counted by.
    pub work: String,
    /// Why it is not billed.
    pub why: WhyNot,
}

/// Why a work of the buyer's records is not billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The log does not have it.
    NotInLog,
    /// The log has it, and no definition of the contract makes a unit of it.
    NoUnit,
    /// It is decided later.
    Pending,
    /// It counted, and was taken back.
    Reversed,
    /// It did not count: the reason's name.
    NotCounted(&'static str),
    /// It counts, and is charged by another statement or at no price.
    Elsewhere,
}

impl WhyNot {
    /// The reason's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            WhyNot::NotInLog => "not_in_log",
            WhyNot::NoUnit => "no_unit",
            WhyNot::Pending => "pending",
            WhyNot::Reversed => "reversed",
            WhyNot::NotCounted(reason) => reason,
            WhyNot::Elsewhere => "not_charged_here",
        }
    }
}

/// A work whose charge falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InQuestion {
    /// The work's name in statements.
    pub name: String,
    /// Its work id, or the values that it is counted by.
    pub work: String,
    /// What it is charged.
    pub charged: Amount,
    /// What it would be charged.
    pub would_be: Amount,
    /// What it falls by.
    pub falls: Amount,
    /// The unreported facts about it: kind and time.
    pub facts: Vec<(Kind, Timestamp)>,
    id: Option<SmolStr>,
    headers: Headers,
}

/// Why there is no reconciliation.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The file does not hold.
    #[error("the proof file is refused ({}): {}", .0.code.word(), .0.reason)]
    Refused(Refusal),
    /// The file does not have the whole log.
    #[error(
        "the proof file goes on from the carry of statement {0} and has not the whole log; ask for \
         one made without --carry"
    )]
    Carry(String),
    /// The statement cannot be computed with the buyer's facts.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

/// Verifies a proof file, and compares its statement with the buyer's records.
///
/// # Errors
/// [`ReconcileError`].
pub fn reconcile(
    file: &[u8],
    options: &Options,
    mine: Mine,
) -> Result<(Report, Reconciliation), ReconcileError> {
    let report = verify::verify(file, options);
    if let Some(refusal) = report.refusal.as_ref().filter(|own| own.code != Code::Void) {
        return Err(ReconcileError::Refused(refusal.clone()));
    }
    if let Some(number) = &report.rests_on {
        return Err(ReconcileError::Carry(number.clone()));
    }
    let entries = verify::entries(file).map_err(ReconcileError::Refused)?;
    let Some(which) = report.statement.clone() else {
        let reason = "it names no statement";
        return Err(ReconcileError::Refused(Refusal::new(Code::Proof, reason)));
    };
    let log: Vec<Content> = entries.into_iter().map(LogEntry::into_content).collect();
    let compared = compare::compare(&which, &log, mine)?;
    Ok((report, compared))
}

impl Reconciliation {
    /// The disputes: one event per work in question, in the buyer's name.
    #[must_use]
    pub fn disputes(&self, customer: &str, number: &str, at: Timestamp) -> Vec<Event> {
        let disputed = |own: &InQuestion| {
            let facts: Vec<String> = own
                .facts
                .iter()
                .map(|(kind, time)| format!("{} at {time}", kind.word()))
                .collect();
            let reason = format!(
                "statement {number} charges {}; our records have {}, which the log does not: that \
                 leaves {}",
                own.charged,
                facts.join(", "),
                own.would_be
            );
            Event {
                id: format!("{number}/{}", own.name).into(),
                source: SOURCE.into(),
                customer: customer.into(),
                time: at,
                work: own.id.clone(),
                traceparent: None,
                authorship: Authorship::Buyer,
                headers: own.headers.clone(),
                signature: None,
                body: Body::Disputed {
                    reason: Some(reason),
                },
            }
        };
        self.in_question.iter().map(disputed).collect()
    }
}
