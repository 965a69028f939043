//! What the buyer's portal shows: of the shared log alone.

use money::Amount;

use super::{Contract, DefinitionRow};

/// Which of the works are shown: what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnWorks {
    /// The customer's id.
    pub customer: String,
    /// A work id.
    pub work: String,
    /// A state.
    pub state: String,
    /// `true` for those with an open dispute.
    pub disputed: String,
}

/// A kind of fact that a reader may state about a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sayable {
    /// The kind, without prefix and version.
    pub kind: &'static str,
    /// What it says, for people.
    pub words: &'static str,
    /// Whether this reader says it under a signature alone.
    pub is_signed_only: bool,
}

/// What is about to be said of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// The customer's id.
    pub customer: String,
    /// The work.
    pub work: String,
    /// What is said, in words.
    pub says: String,
    /// The event as the buyer signs it: one line of JSON.
    pub to_sign: String,
    /// The log that it is signed for.
    pub origin: String,
    /// The source under which the seller's server relays it.
    pub source: String,
    /// The event as it is relayed without a signature; nothing where this reader needs one.
    pub relayed: Option<String>,
}

/// What became of a signed event that was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Whether it is in the log now.
    pub is_there: bool,
    /// Where, or why not.
    pub detail: String,
}

/// A contract as its buyer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The contract over time.
    pub contract: Contract,
    /// The definitions that the version in force names.
    pub definitions: Vec<DefinitionRow>,
}

/// A customer's shared log, for its buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnLog {
    /// The log's name.
    pub origin: String,
    /// The keys that sign its heads now, as verifiers read them.
    pub keys: Vec<String>,
    /// Entries that it has.
    pub size: u64,
    /// Entries under the head that was signed last.
    pub signed: Option<u64>,
    /// That head, with its signatures.
    pub note: Option<String>,
    /// Whether somebody else than the seller signed it as well.
    pub is_acknowledged: bool,
    /// The statements that there are proof files of, the latest last.
    pub statements: Vec<String>,
}

/// The buyer's records as they were read so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRecords {
    /// The statement that they are compared with.
    pub statement: String,
    /// The file's name.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Rows that were looked at.
    pub rows: usize,
    /// What has to be known of it.
    pub choices: Vec<ColumnChoice>,
}

/// Which column is what, or how something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// The field.
    pub role: &'static str,
    /// What it is, for people.
    pub words: &'static str,
    /// Whether it is one of the columns; words otherwise.
    pub is_column: bool,
    /// Whether nothing can be compared without it.
    pub is_needed: bool,
    /// What it seems to be.
    pub guess: Option<String>,
    /// Why it seems so.
    pub reason: Option<String>,
}

/// A statement beside the buyer's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsCompared {
    /// The customer's id.
    pub customer: String,
    /// The log that disputes are signed for.
    pub origin: String,
    /// Works that are billed and in the records.
    pub matched: u64,
    /// Works that are billed and not in the records.
    pub not_mine: Vec<BilledWork>,
    /// Works of the records that are not billed, each with the reason.
    pub not_billed: Vec<(String, String)>,
    /// Facts of the buyer that the log never had.
    pub unreported: u64,
    /// Works whose charge falls once these facts are known.
    pub in_question: Vec<QuestionedWork>,
    /// What they fall by, summed.
    pub amount: Amount,
    /// Records of other customers.
    pub others: u64,
    /// Rows that say nothing: words that mean nothing here.
    pub silent: u64,
    /// The disputes, one event a line.
    pub disputes: String,
    /// The facts that the log never had, one event a line.
    pub facts: String,
}

/// A work that is billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledWork {
    /// What it is called.
    pub work: String,
    /// The class that it counts in.
    pub class: String,
    /// What is charged for it.
    pub amount: Amount,
}

/// A work whose charge falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionedWork {
    /// What it is called.
    pub work: String,
    /// What is charged for it.
    pub charged: Amount,
    /// What would be.
    pub would_be: Amount,
    /// The facts that speak against it, in words.
    pub facts: String,
}
