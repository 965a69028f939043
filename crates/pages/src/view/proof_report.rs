//! [`ProofReport`]: what was done, how it was counted, who decided, and what of that is proved.
//!
//! A pure function of a prefix of the customer log and one issued statement, so that whoever has the
//! log makes the same page. It holds nothing of the seller-only log, and no name that only the
//! seller's configuration knows.

use jiff::Timestamp;
use money::{Amount, Currency, Decimal};
use serde::Serialize;
use work::event::Authorship;

use super::{AttributionTold, AuthorshipShare, Period, json};

/// The proof report of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofReport {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The statement's printed number.
    pub statement: String,
    /// Whether it was voided since.
    pub is_void: bool,
    /// The statement period.
    pub period: Period,
    /// The currency.
    pub currency: Currency,
    /// What the statement comes to, before tax.
    #[serde(serialize_with = "json::amount")]
    pub total: Amount,
    /// The works that opened or counted in the period, by what became of them.
    pub works: Vec<WorkState>,
    /// Works counted, week by week.
    pub weeks: Vec<Week>,
    /// How works are counted.
    pub definitions: Vec<Counting>,
    /// Contract and plan, and whether the buyer signed them.
    pub documents: Vec<Agreed>,
    /// The statement's money by who authored the deciding facts.
    pub authorship: Vec<AuthorshipShare>,
    /// The rest: agreed, and decided by no fact.
    #[serde(serialize_with = "json::amount_option")]
    pub agreed: Option<Amount>,
    /// What happened to the works, as parts of wholes.
    pub rates: Vec<Rate>,
    /// Samples drawn from the statement.
    pub samples: Vec<Sample>,
    /// Disputes of the works.
    pub disputes: Rows<Contested>,
    /// Corrections in the log.
    pub corrections: Rows<Note>,
    /// Redactions in the log.
    pub redactions: Rows<Note>,
    /// Identities with several contents that nobody decided about.
    pub conflicts: u64,
    /// What the log was when the report was made.
    pub log: Log,
    /// The name of the statement's proof file.
    pub proof_file: String,
    /// The software and its version: another version may lay the page out differently.
    pub software: String,
}

/// How many, and in which entries; a page names the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Listed {
    /// How many.
    pub count: u64,
    /// Their positions, ascending; one entry may stand for several that it opened.
    pub entries: Vec<u64>,
}

/// A list of which only the first rows are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rows<T> {
    /// The first.
    pub shown: Vec<T>,
    /// How many there are.
    pub total: u64,
}

/// Works of one state, by the entries that opened them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkState {
    /// Id of the definition.
    pub unit: String,
    /// The state in words: `counted: confirmed`.
    pub state: String,
    /// On the statement: as it was known then.
    pub stated: Listed,
    /// At the log's head.
    pub now: Listed,
}

/// Works counted in a week, by who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first day, a Monday or the first day of the period, `2026-01-05`.
    pub from: String,
    /// Works by author of the deciding fact.
    pub counted: Vec<WeekPart>,
}

/// A week's works of one author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekPart {
    /// Who decided.
    #[serde(serialize_with = "json::authorship")]
    pub authorship: Authorship,
    /// How many.
    pub count: u64,
}

/// A definition in plain English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counting {
    /// Its id.
    pub unit: String,
    /// The digest of its text.
    pub digest: String,
    /// The digest of the exhibit, which `piecework exhibit --plain` prints.
    pub exhibit: String,
    /// The sections of the exhibit.
    pub sections: Vec<Section>,
    /// Its edge cases: question and answer.
    pub cases: Vec<(String, String)>,
    /// Whose the outcome is, derived from what its counted works show; nothing where the definition leaves it undecided.
    pub attribution: Option<AttributionTold>,
    /// The buyer's signature under it.
    pub acknowledged: Option<Acknowledged>,
}

/// A section of an exhibit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The sentences.
    pub sentences: Vec<String>,
}

/// The buyer's signature under a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The entry.
    pub entry: u64,
    /// When.
    #[serde(serialize_with = "json::instant")]
    pub at: Timestamp,
    /// The role that signed.
    pub by: String,
    /// Whether it is under this very text; else it is under another text about the same definition.
    pub is_this_text: bool,
}

/// A document in force, and the buyer's signature under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// `contract` or `plan`.
    pub what: String,
    /// The digest of its text.
    pub digest: String,
    /// The buyer's signature under it.
    pub acknowledged: Option<Acknowledged>,
}

/// A part of a whole, both counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// What the part is, in words.
    pub part: String,
    /// What the whole is.
    pub of: String,
    /// The part, by the entries that say so.
    pub found: Listed,
    /// The whole.
    pub whole: u64,
    /// The quotient, where the whole is not zero.
    pub share: Option<Decimal>,
    /// What such works would give again: the interval of Wilson at 95 %, where there is a quotient.
    pub interval: Option<Range>,
    /// Where a reviewer decides: the rate over all works, from every unreviewed one missing to every one hitting,
    /// with the outer ends of the intervals.
    pub bounds: Option<Range>,
}

/// From one share to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The lower end.
    pub low: Decimal,
    /// The upper end.
    pub high: Decimal,
}

/// A sample drawn from the statement, and what reviewers said of its works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// Its id.
    pub sample: String,
    /// The entry that draws it.
    pub entry: u64,
    /// How: `bottom_k` or `money`.
    pub method: String,
    /// From which works.
    pub stratum: String,
    /// Whether the buyer's nonce is in its seed.
    pub by_buyers_nonce: bool,
    /// How many works were drawn, each once.
    pub works: u64,
    /// The last verdict on each: word, and entries.
    pub verdicts: Vec<(String, Listed)>,
    /// Works without a verdict since the draw.
    pub unreviewed: u64,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contested {
    /// The work.
    pub work: String,
    /// When it was raised.
    #[serde(serialize_with = "json::instant")]
    pub raised: Timestamp,
    /// The entry that raises it.
    pub entry: u64,
    /// What became of it, in words.
    pub outcome: String,
    /// The entry that decides it, where one does.
    pub decided_by: Option<u64>,
}

/// An entry in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its position.
    pub entry: u64,
    /// What it does.
    pub what: String,
    /// Why, as it says.
    pub why: Option<String>,
}

/// The log that a report was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Log {
    /// Its name.
    pub origin: String,
    /// The key that signs its heads.
    pub vkey: String,
    /// Entries in it.
    pub size: u64,
    /// The root over them, in base64.
    pub root: String,
    /// When the last of them arrived, by the seller's clock: what was known is known until then.
    #[serde(serialize_with = "json::instant")]
    pub known_at: Timestamp,
    /// Entries that the statement was computed from.
    pub coverage: u64,
    /// The entry that issues it.
    pub issued: u64,
    /// The digest of its body.
    pub body: String,
}
