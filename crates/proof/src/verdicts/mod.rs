//! [`Sample`]: what was drawn from a statement, and what was found of it since.
//!
//! `docs/reference/proof-file.md` section 7. A sample is all draws from one statement by one method
//! from one stratum: a later, larger draw extends the earlier one. Each work is judged by what stands
//! in the log *behind the first draw that has it*: reviews, and redactions of what it stands on. Not
//! here: what so many failures say of the whole (`evidence`), and whether the draws are as the seed
//! wants them ([`crate::verify()`]). Invariant: unknown is not passed.

mod said;

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Decimal};
use pricing::PricingError;
use pricing::statement::StatementError;
use work::body::{ReviewResult, SampleMethod};
use work::effective::Content;
use work::event::Authorship;
use work::{Digest, Header};

use crate::draws::{DrawError, Drawing, Draws};
use crate::issued::Issued;

use self::said::Said;

/// A sample, with every draw that extended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its id: of the first draw.
    pub id: String,
    /// The statement that it is drawn from.
    pub issued: Issued,
    /// How it was drawn.
    pub method: SampleMethod,
    /// From which works: `all` or `unit:<id>`.
    pub stratum: String,
    /// How many works there were to draw from.
    pub population: u64,
    /// The buyer's nonce in the seed; without one the seller could have picked the head.
    pub nonce: Option<Digest>,
    /// The entries of its draws.
    pub drawn: Vec<u64>,
    /// The items, in the order drawn; by money, one may be there several times.
    pub items: Vec<u64>,
    /// The works behind the items, each once, in the order drawn.
    pub works: Vec<SampledWork>,
}

/// A work that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledWork {
    /// Position of the entry that opened it.
    pub item: u64,
    /// The work as its people call it.
    pub name: String,
    /// The units of it that are charged.
    pub units: Vec<SampledUnit>,
    /// What the statement charges for it.
    pub charge: Amount,
    /// Position of the first draw that has it.
    pub drawn: u64,
    /// What it stands on.
    pub evidence: Vec<Evidence>,
    /// What reviews behind the draw found.
    pub reviews: Vec<Review>,
    /// Whether a payload of it was redacted behind the draw.
    pub is_redacted: bool,
}

/// A unit of a work that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledUnit {
    /// The definition's id.
    pub unit: String,
    /// The class that it is charged in.
    pub class: String,
    /// The headers that it is counted by, and their values.
    pub scope: Vec<(Header, String)>,
    /// Its work ids.
    pub works: Vec<String>,
}

/// What a work stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Position of the entry that commits to it.
    pub entry: u64,
    /// What it is, e.g. `transcript`.
    pub name: String,
    /// The commitment.
    pub commitment: Digest,
    /// Whether it was committed to behind the draw, when it was known which works would be looked at.
    pub is_late: bool,
}

/// What a review found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Position of its entry.
    pub entry: u64,
    /// Who reviewed: the event's source.
    pub source: String,
    /// When.
    pub time: Timestamp,
    /// On whose side.
    pub authorship: Authorship,
    /// Whether the buyer signed it.
    pub is_signed: bool,
    /// What it found.
    pub result: ReviewResult,
    /// Minutes spent.
    pub minutes: Option<Decimal>,
}

/// What is known of a work that was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Taken as it was.
    Passed,
    /// Taken after edits.
    Edited,
    /// Rejected, by anybody's last word.
    Rejected,
    /// What it stood on was redacted behind the draw: that counts as failed.
    Redacted,
    /// Nobody looked, or said.
    Unreviewed,
}

/// How many items have each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Taken, as they were or after edits.
    pub passed: u32,
    /// Of these, after edits.
    pub edited: u32,
    /// Rejected or redacted.
    pub failed: u32,
    /// Of these, redacted.
    pub redacted: u32,
    /// Not known: not passed, and not failed.
    pub unreviewed: u32,
}

/// Why samples cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The log holds what it must not.
    #[error("entry {entry}: {error}")]
    Draw {
        /// Which entry.
        entry: u64,
        /// Why.
        #[source]
        error: DrawError,
    },
    /// A statement cannot be computed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A work's charge cannot be told.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// A draw has a work that the statement does not charge.
    #[error("entry {entry} draws {item}, which is no work that the statement charges")]
    Stranger {
        /// The draw's entry.
        entry: u64,
        /// The item.
        item: u64,
    },
}

impl Verdict {
    /// The verdict's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::Edited => "edited",
            Verdict::Rejected => "rejected",
            Verdict::Redacted => "redacted",
            Verdict::Unreviewed => "unreviewed",
        }
    }
}

impl SampledWork {
    /// What is known of it. Of each side the last word counts, the buyer's signed word apart from what
    /// the seller says that the buyer said; nobody's word takes back another's rejection.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.is_redacted {
            return Verdict::Redacted;
        }
        let mut last: BTreeMap<(Authorship, bool), &Review> = BTreeMap::new();
        for own in &self.reviews {
            last.insert((own.authorship, own.is_signed), own); // they are in order
        }
        let found = |wanted: ReviewResult| last.values().any(|own| own.result == wanted);
        if found(ReviewResult::Rejected) {
            Verdict::Rejected
        } else if found(ReviewResult::Edited) {
            Verdict::Edited
        } else if found(ReviewResult::Accepted) {
            Verdict::Passed
        } else {
            Verdict::Unreviewed
        }
    }
}

impl Sample {
    /// The work of that name: a work id, or the values that it is counted by, with commas.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a SampledWork> {
        let of_unit = move |own: &SampledUnit| {
            let scope: Vec<&str> = own.scope.iter().map(|(_, value)| value.as_str()).collect();
            own.works.iter().any(|work| work == name) || scope.join(",") == name
        };
        let named = move |own: &&SampledWork| own.name == name || own.units.iter().any(of_unit);
        self.works.iter().filter(named)
    }

    /// How many items have each verdict; an item drawn twice counts twice.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let verdicts: BTreeMap<u64, Verdict> = self
            .works
            .iter()
            .map(|own| (own.item, own.verdict()))
            .collect();
        let mut tally = Tally::default();
        for item in &self.items {
            match verdicts.get(item).copied().unwrap_or(Verdict::Unreviewed) {
                Verdict::Passed => tally.passed += 1,
                Verdict::Edited => {
                    tally.passed += 1;
                    tally.edited += 1;
                }
                Verdict::Rejected => tally.failed += 1,
                Verdict::Redacted => {
                    tally.failed += 1;
                    tally.redacted += 1;
                }
                Verdict::Unreviewed => tally.unreviewed += 1,
            }
        }
        tally
    }
}

/// The samples of a customer log, in the order of their first draws; of one statement, if it is named.
///
/// # Errors
/// [`SampleError`].
pub fn samples(
    customer: &str,
    log: &[Content],
    statement: Option<&str>,
) -> Result<Vec<Sample>, SampleError> {
    let mut draws = Draws::default();
    let mut drawings: Vec<Vec<Drawing>> = Vec::new();
    for Content { entry, event } in log {
        let taken = draws.take(*entry, event);
        let taken = taken.map_err(|error| SampleError::Draw {
            entry: *entry,
            error,
        })?;
        let Some(drawing) = taken.filter(|own| statement.is_none_or(|s| s == own.draw.statement))
        else {
            continue;
        };
        let same = |own: &&mut Vec<Drawing>| extends(&own[0], &drawing);
        match drawings.iter_mut().find(same) {
            Some(own) => own.push(drawing),
            None => drawings.push(vec![drawing]),
        }
    }
    if drawings.is_empty() {
        return Ok(Vec::new());
    }
    let said = Said::of(log);
    let told = |own: &Vec<Drawing>| said.sample(customer, log, own);
    drawings.iter().map(told).collect()
}

/// Whether two draws are of one sample.
#[must_use]
fn extends(first: &Drawing, other: &Drawing) -> bool {
    let of = |own: &Drawing| (own.issued.index, own.draw.method);
    of(first) == of(other) && first.draw.stratum == other.draw.stratum
}
