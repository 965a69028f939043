//! Published documents whose numbers enter rating: calibrations, measures, baselines; and rates of exchange.
//!
//! Some prices depend on numbers that no work tells: whether confidence is calibrated, which service level was
//! reached, what a portfolio came to. The seller publishes them into the customer's log, and nothing of them is
//! computed while rating (semantics.md D12). A document says what holds of its subject in a period of its own; of
//! several that hold at once the one that was published last counts. Not here: whether one may still be published
//! (the account says that), and what its numbers do to a price ([`crate::cell`]). Invariant: which document counts
//! follows from the documents, never from the order in which they arrived.

mod read;

use jiff::Timestamp;
use money::{Currency, Decimal};
use work::Digest;
use work::body::DocumentKind;
use work::settle::FactRef;

/// A document whose numbers enter rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is about, as plans name it.
    pub subject: String,
    /// From when it holds.
    pub from: Timestamp,
    /// Until when; without end where absent.
    pub until: Option<Timestamp>,
    /// What it says.
    pub says: Says,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// Who approved that it changes what was stated (D12).
    pub reprice: Option<String>,
    /// Digest of its text.
    pub digest: Digest,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Whether a price may depend on the confidence, and the numbers that decided it.
    Calibration {
        /// The verdict.
        passed: bool,
        /// The numbers, by name.
        numbers: Vec<(String, Decimal)>,
    },
    /// What was measured in the period.
    Measure(Value),
    /// What a rating period would have come to without the work.
    Baseline(Value),
    /// What one of a currency is worth in another.
    Fx {
        /// The currency that is converted.
        of: Currency,
        /// The currency that it is converted to.
        to: Currency,
        /// So many of this for one of that.
        rate: Decimal,
    },
}

/// A number, or an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// The number.
    pub number: Decimal,
    /// The currency, of money.
    pub currency: Option<Currency>,
}

/// A document of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Source and id of the entry that published it.
    pub fact: FactRef,
    /// When it was published.
    pub time: Timestamp,
    /// The document.
    pub document: Document,
}

impl Document {
    /// What kind of document it is.
    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        match self.says {
            Says::Calibration { .. } => DocumentKind::Calibration,
            Says::Measure(_) => DocumentKind::Measure,
            Says::Baseline(_) => DocumentKind::Baseline,
            Says::Fx { .. } => DocumentKind::Fx,
        }
    }

    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether there is an instant at which both hold.
    #[must_use]
    pub fn overlaps(&self, other: &Document) -> bool {
        let begins_before =
            |one: &Document, end: Option<Timestamp>| end.is_none_or(|end| one.from < end);
        begins_before(self, other.until) && begins_before(other, self.until)
    }

    /// The beginning of its digest, as lines name it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("document {}", self.digest.short())
    }
}

/// Whether documents of a kind enter what is owed. Rates of exchange never touch it.
#[must_use]
pub const fn is_rated(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Calibration | DocumentKind::Measure | DocumentKind::Baseline
    )
}

/// Brings documents into the order in which they are looked up: by kind and subject, then as they were published.
pub(crate) fn sort(documents: &mut [Published]) {
    documents.sort_by(|one, other| {
        place(one)
            .cmp(&place(other))
            .then_with(|| (one.time, &one.fact).cmp(&(other.time, &other.fact)))
    });
}

fn place(own: &Published) -> (DocumentKind, &str) {
    (own.document.kind(), &own.document.subject)
}

/// The documents of one kind and subject, as they were published; `documents` are sorted.
fn of<'d>(documents: &'d [Published], kind: DocumentKind, subject: &str) -> &'d [Published] {
    let first = documents.partition_point(|own| place(own) < (kind, subject));
    let rest = &documents[first..];
    &rest[..rest.partition_point(|own| place(own) == (kind, subject))]
}

/// The calibration of a subject in force at an instant.
pub(crate) fn calibration<'d>(
    documents: &'d [Published],
    subject: &str,
    at: Timestamp,
) -> Option<&'d Published> {
    let own = of(documents, DocumentKind::Calibration, subject).iter();
    own.rev().find(|own| own.document.holds_at(at))
}

/// The measure of a subject in exactly this period.
pub(crate) fn measure<'d>(
    documents: &'d [Published],
    subject: &str,
    (from, until): (Timestamp, Timestamp),
) -> Option<(&'d Published, Value)> {
    let own = of(documents, DocumentKind::Measure, subject).iter();
    own.rev().find_map(|own| match own.document.says {
        Says::Measure(value) if (own.document.from, own.document.until) == (from, Some(until)) => {
            Some((own, value))
        }
        _ => None,
    })
}

/// The baseline of a subject for the whole of a period.
pub(crate) fn baseline<'d>(
    documents: &'d [Published],
    subject: &str,
    (from, until): (Timestamp, Timestamp),
) -> Option<(&'d Published, Value)> {
    let covers = |own: &Document| own.from <= from && own.until.is_none_or(|end| until <= end);
    let own = of(documents, DocumentKind::Baseline, subject).iter();
    own.rev().find_map(|own| match own.document.says {
        Says::Baseline(value) if covers(&own.document) => Some((own, value)),
        _ => None,
    })
}
