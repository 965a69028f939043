//! [`Absent`]: what was named is not there, and what there is instead.

use jiff::Zoned;
use pricing::account::check::Refusal;
use pricing::statement::StatementError;
use proof::file::BuildError;
use store::StoreError;
use work::LogKind;

/// What was named is not there.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// A proposal.
    #[error(
        "{customer} has no proposal `{proposal}`; `piecework approval list` shows those that there are"
    )]
    Proposal {
        /// Whose.
        customer: String,
        /// Its id.
        proposal: String,
    },
    /// A run over statements.
    #[error("there is no run{}; `piecework statement runs` lists them", .name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default())]
    Run {
        /// Its name; the newest where absent.
        name: Option<String>,
    },
    /// Nobody has any events.
    #[error("the book has no events yet; `piecework import` or `piecework ingest` some")]
    Events,
    /// The customer.
    #[error("there is no customer `{customer}` in the book; it has {}", listed(.known, "nobody yet"))]
    Customer {
        /// The one named.
        customer: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A size of a customer log.
    #[error("the customer log of {customer} has {head} entries, and no head of {size}")]
    LogSize {
        /// Whose.
        customer: String,
        /// The size named.
        size: u64,
        /// How many there are.
        head: u64,
    },
    /// The contract.
    #[error("{customer} has no contract `{contract}`; it has {}", .known.join(", "))]
    Contract {
        /// Whose.
        customer: String,
        /// The one named.
        contract: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Any contract.
    #[error("{customer} has no contract, and no draft could be made")]
    AnyContract {
        /// Whose.
        customer: String,
    },
    /// A statement period that has ended.
    #[error("no statement period of `{contract}` has ended yet; name one with --period")]
    EndedPeriod {
        /// Of which contract.
        contract: String,
    },
    /// The statement period.
    #[error(
        "`{contract}` has no statement period that begins in {month}; its first begins in {}",
        .first.strftime("%Y-%m")
    )]
    Period {
        /// Of which contract.
        contract: String,
        /// The month named.
        month: String,
        /// When the contract's first period begins.
        first: Box<Zoned>,
    },
    /// The statement.
    #[error(
        "{customer} has no statement `{number}`; `piecework statement list --customer {customer}` shows \
         those it has"
    )]
    Statement {
        /// Whose.
        customer: String,
        /// The one named.
        number: String,
    },
    /// The credit note.
    #[error(
        "{customer} has no credit note `{number}`; `piecework credit-note list --customer {customer}` shows \
         those it has"
    )]
    CreditNote {
        /// Whose.
        customer: String,
        /// The one named.
        number: String,
    },
    /// The statement, in a part of a log.
    #[error("the first {size} entries of the log issue no statement `{number}`")]
    Issued {
        /// Entries of the part.
        size: u64,
        /// The statement named.
        number: String,
    },
    /// The line of a statement.
    #[error("the statement has no line `{line}`; it has {}", listed(.known, "no lines at all"))]
    Line {
        /// The component named.
        line: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The work, on a statement.
    #[error(
        "no line of this statement is about the work `{work}`; `piecework work show {work} --customer \
         {customer}` tells what became of it"
    )]
    OnStatement {
        /// Whose.
        customer: String,
        /// The work named.
        work: String,
    },
    /// The work.
    #[error(
        "{customer} has no work `{work}`{}; `piecework work list --customer {customer}` shows those it has",
        .unit.as_ref().map_or(String::new(), |unit| format!(" of unit `{unit}`"))
    )]
    Work {
        /// Whose.
        customer: String,
        /// The work named.
        work: String,
        /// The unit named, if one was.
        unit: Option<String>,
    },
    /// The evidence.
    #[error(
        "{customer} has no evidence `{event}` of source `{source_name}`; `piecework evidence attach` printed \
         both"
    )]
    Evidence {
        /// Whose.
        customer: String,
        /// The source named.
        source_name: String,
        /// The id named.
        event: String,
    },
    /// The sample.
    #[error("there is no sample `{sample}`; {}", drawn(.known))]
    Sample {
        /// The one named.
        sample: String,
        /// Those that were drawn.
        known: Vec<String>,
    },
    /// The work, in a sample.
    #[error(
        "`{work}` is not in the sample {sample}: only what was drawn is reviewed for it; `piecework sample \
         show` lists its {works} works"
    )]
    Sampled {
        /// The work named.
        work: String,
        /// The sample.
        sample: String,
        /// How many works it has.
        works: usize,
    },
    /// The entry of a log.
    #[error(
        "the {} log of {customer} has {size} entries, the last is {}",
        .log.name(),
        .size.saturating_sub(1)
    )]
    Entry {
        /// Whose.
        customer: String,
        /// Which log.
        log: LogKind,
        /// Entries that it has.
        size: u64,
    },
    /// The preset, of that version.
    #[error("there is no preset `{reference}`; of `{name}` there is {}", .known.join(", "))]
    PresetVersion {
        /// Name and version.
        reference: String,
        /// The name.
        name: String,
        /// The versions there are.
        known: Vec<String>,
    },
    /// The preset.
    #[error(
        "there is no preset `{reference}`{}\nthe presets: {}",
        .near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")),
        .known.join(", ")
    )]
    Preset {
        /// The one named.
        reference: String,
        /// What may have been meant.
        near: Option<String>,
        /// Those there are.
        known: Vec<String>,
    },
    /// A contract, statement or quote, as an account says it.
    #[error(transparent)]
    OfAccount(Refusal),
    /// No such grant of prepaid credits.
    #[error(
        "there is no grant `{grant}` of {customer}; `piecework credit list` shows those there are"
    )]
    Grant {
        /// Whose.
        customer: String,
        /// The grant.
        grant: String,
    },
    /// A contract, as a statement says it.
    #[error(transparent)]
    OfStatement(Box<StatementError>),
    /// A statement, as its log says it.
    #[error(transparent)]
    OfLog(BuildError<StoreError>),
}

fn drawn(known: &[String]) -> String {
    if known.is_empty() {
        "none was drawn yet".to_owned()
    } else {
        format!("drawn are {}", known.join(", "))
    }
}

/// What there is, or a word for nothing.
fn listed(known: &[String], none: &str) -> String {
    if known.is_empty() {
        none.to_owned()
    } else {
        known.join(", ")
    }
}
