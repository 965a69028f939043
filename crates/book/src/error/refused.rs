//! [`Refused`]: a rule of the domain says no.

use money::Currency;
use pricing::account::check::Refusal;
use pricing::statement::StatementError;
use proof::file::BuildError;
use store::StoreError;
use tlog::checkpoint::CheckpointError;

use crate::limits::COSIGNER_AHEAD_SECONDS_MAX;

/// A rule says no; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What the account says.
    #[error(transparent)]
    Account(Refusal),
    /// What the statement says.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// What the proof file says.
    #[error(transparent)]
    Proof(BuildError<StoreError>),
    /// A margin over two currencies.
    #[error(
        "a contract is in {contract}, the plan in force in {plan}; a margin over both needs a dated \
         exchange-rate document, so name a customer"
    )]
    OtherCurrency {
        /// A contract's currency.
        contract: String,
        /// The plan's.
        plan: Currency,
    },
    /// The carry of a contract's first statement.
    #[error(
        "`{number}` is the first statement of `{contract}`, and starts from nothing; leave out --carry"
    )]
    FirstStatement {
        /// The statement.
        number: String,
        /// Its contract.
        contract: String,
    },
    /// A carry that this version makes otherwise.
    #[error(
        "the statement `{number}` names another carry than this version makes of the same entries; prove \
         the whole log, without --carry"
    )]
    OtherCarry {
        /// The statement.
        number: String,
    },
    /// A head that is another one than the log's.
    #[error(
        "this is not the head of {size} entries of the customer log of {customer}; cosign the one that the \
         log signed"
    )]
    OtherHead {
        /// Whose log.
        customer: String,
        /// The size that it says.
        size: u64,
    },
    /// A cosignature that is not taken.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// A list of model costs that the store does not take.
    #[error("the list was not kept: {problem}")]
    ModelCosts {
        /// Why.
        problem: String,
    },
}

/// Why a buyer's cosignature is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CosignatureError {
    /// By none of the buyer's keys.
    #[error(
        "no line is a cosignature by a key that the customer log publishes as the buyer's{}; `piecework key \
         publish` puts one into the log",
        if .known.is_empty() { String::new() } else { format!(", {}", .known.join(", ")) }
    )]
    Nobody {
        /// The buyer's keys, by name and id.
        known: Vec<String>,
    },
    /// A line that does not verify.
    #[error(transparent)]
    Unverified(CheckpointError),
    /// From a time that has not come.
    #[error(
        "the cosignature is of {time} seconds since 1970, more than {COSIGNER_AHEAD_SECONDS_MAX} seconds \
         ahead; set the clock and cosign again"
    )]
    Ahead {
        /// The time that it says.
        time: u64,
    },
}
