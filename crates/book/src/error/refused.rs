//! [`Refused`]: a rule of the domain says no.

use money::Currency;
use pricing::account::check::Refusal;
use pricing::statement::StatementError;
use proof::file::BuildError;
use store::StoreError;

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
    /// A list of model costs that the store does not take.
    #[error("the list was not kept: {problem}")]
    ModelCosts {
        /// Why.
        problem: String,
    },
}
