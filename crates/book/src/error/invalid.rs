//! [`Invalid`]: what a caller gave cannot be used, and which argument it was.

use jiff::civil::Date;
use money::{Amount, Currency};
use tlog::checkpoint::CheckpointError;
use tlog::note::NoteError;
use work::event::{EventError, PIECEWORK};

use crate::limits::{LINK_DAYS_MAX, LINK_LABEL_BYTES_MAX, RUN_CUSTOMERS_NAMED_MAX};

/// What was given cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The period is no month.
    #[error("`{0}` is not a month such as 2026-01")]
    Month(String),
    /// A month that is not over.
    #[error(
        "{month} is not over yet in every time zone; `piecework close check` shows what is open so far"
    )]
    MonthRuns {
        /// The month.
        month: String,
    },
    /// A waiver that lasts until a day that is over, or too long.
    #[error(
        "a check is waived until a day from {today} to {last}; whoever wants more waives it again then"
    )]
    WaivedUntil {
        /// The first day that it may last until.
        today: Date,
        /// The last.
        last: Date,
    },
    /// Several customers, where one is needed.
    #[error("name one customer with --customer: {}", .known.join(", "))]
    SeveralCustomers {
        /// Those there are.
        known: Vec<String>,
    },
    /// Several contracts, where one is needed.
    #[error("{customer} has several contracts; name one with --contract: {}", .known.join(", "))]
    SeveralContracts {
        /// Whose.
        customer: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// A preview over more periods than one answer holds.
    #[error("a change is previewed over at most {most} closed periods")]
    PreviewPeriods {
        /// How many.
        most: usize,
    },
    /// More customers than a run names.
    #[error(
        "a run names at most {RUN_CUSTOMERS_NAMED_MAX} customers; leave them out to run over everybody"
    )]
    RunCustomers,
    /// A credit of nothing.
    #[error("--amount {amount} gives nothing; a credit is above zero, e.g. `5.00 USD`")]
    GivesNothing {
        /// How much it gives.
        amount: Amount,
    },
    /// A credit in another currency than its contract.
    #[error(
        "--amount {amount} is in another currency than `{contract}`, which is in {currency}; give the credit \
         in {currency}"
    )]
    OtherCurrency {
        /// How much it gives.
        amount: Amount,
        /// The contract.
        contract: String,
        /// The contract's currency.
        currency: Currency,
    },
    /// A payment of nothing.
    #[error("--amount {amount} pays nothing; a payment is above zero, e.g. `120.00 USD`")]
    PaysNothing {
        /// How much it pays.
        amount: Amount,
    },
    /// As of when something is asked.
    #[error(
        "`{0}` is neither a day such as 2026-01-31 nor an instant such as 2026-01-31T12:00:00Z"
    )]
    AsOf(String),
    /// More customers than one answer has.
    #[error("an answer is about at most {most} customers: name one")]
    TooManyCustomers {
        /// How many.
        most: usize,
    },
    /// A day that ends no month.
    #[error(
        "`{0}` is not the last day of a month, e.g. 2026-01-31: books are locked by whole months"
    )]
    NotLastOfMonth(Date),
    /// A lock of nothing.
    #[error("say through which day the books are locked, e.g. 2026-01-31")]
    LockWithoutDay,
    /// A refund or write-off of nothing.
    #[error("--amount {amount} moves nothing; it is above zero, e.g. `12.00 USD`")]
    MovesNothing {
        /// How much it moves.
        amount: Amount,
    },
    /// When something was paid.
    #[error(
        "--at `{0}` is neither a day such as 2026-02-20 nor an instant such as 2026-02-20T09:30:00Z"
    )]
    PaidAt(String),
    /// A day that the contract's zone does not have.
    #[error("{date} has no midnight in the contract's zone")]
    NoMidnight {
        /// The day.
        date: Date,
        /// Why not.
        source: jiff::Error,
    },
    /// A contract document of another customer.
    #[error("the document is a contract of `{customer}`")]
    OtherCustomer {
        /// Whose it is.
        customer: String,
    },
    /// A quote whose last day is over.
    #[error("the last day {last} of the quote is over; name a later one")]
    QuoteOver {
        /// The last day.
        last: Date,
    },
    /// An event that does not answer a quote.
    #[error(
        "the event is no signed answer to the quote `{quote}`: `quote.accepted` or `quote.declined`, of this \
         customer, with the buyer's signature"
    )]
    NoAnswer {
        /// The quote.
        quote: String,
    },
    /// Model costs for a customer.
    #[error(
        "model costs are the seller's and of no customer; `piecework model-costs import` imports a list"
    )]
    ModelCostsOfCustomer,
    /// A document that an act of its own publishes.
    #[error(
        "a document of kind `{kind}` is published by the act that it belongs to: `piecework quote create`, \
         `piecework contract open`"
    )]
    OfAnAct {
        /// What it is.
        kind: &'static str,
    },
    /// A rate of exchange for a customer.
    #[error("a rate of exchange is the seller's and of no customer; leave out `--customer`")]
    RateOfCustomer,
    /// A fact that says that piecework itself wrote it.
    #[error(
        "--source `{PIECEWORK}` and `{PIECEWORK}/…` are for what piecework itself writes; name another"
    )]
    OwnSource,
    /// What cannot be an event.
    #[error("this cannot be recorded")]
    Event(#[source] EventError),
    /// A work id that several works of a sample have.
    #[error(
        "`{work}` names {works} works of the sample; name one by what it is counted by: {}",
        .known.join(" or ")
    )]
    SeveralSampled {
        /// The work named.
        work: String,
        /// How many have that name.
        works: usize,
        /// What they are counted by.
        known: Vec<String>,
    },
    /// Terms of a budget, or a sum asked of it, that make no sense.
    #[error("`{argument}` of the budget: {problem}")]
    Budget {
        /// Which member.
        argument: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Several units of one work, where one is needed.
    #[error("`{work}` is {} units of work; name one with --unit: {}", .known.len(), .known.join(", "))]
    SeveralUnits {
        /// The work.
        work: String,
        /// Its units.
        known: Vec<String>,
    },
    /// The end of a link.
    #[error("a link for a buyer ends within {LINK_DAYS_MAX} days, and not at once")]
    LinkEnd,
    /// The words that say whom a link is for.
    #[error("say whom the link is for in one line of 1 to {LINK_LABEL_BYTES_MAX} bytes")]
    LinkLabel,
    /// A name that no link can carry.
    #[error(
        "the name of the customer or of the statement has a control character, which no link can carry"
    )]
    LinkName,
    /// A text that is no signed head.
    #[error("the cosigned head cannot be read")]
    Note(#[source] NoteError),
    /// A signed text that is no head.
    #[error("what is cosigned is no head of a log")]
    Head(#[source] CheckpointError),
}

impl Invalid {
    /// The argument that cannot be used.
    #[must_use]
    pub fn argument(&self) -> &'static str {
        match self {
            Invalid::Month(_) => "period",
            Invalid::MonthRuns { .. } => "month",
            Invalid::SeveralCustomers { .. } => "customer",
            Invalid::RunCustomers => "customers",
            Invalid::SeveralContracts { .. } => "contract",
            Invalid::SeveralUnits { .. } => "unit",
            Invalid::GivesNothing { .. }
            | Invalid::OtherCurrency { .. }
            | Invalid::PaysNothing { .. }
            | Invalid::MovesNothing { .. } => "amount",
            Invalid::NoMidnight { .. } => "date",
            Invalid::AsOf(_) => "as_of",
            Invalid::TooManyCustomers { .. } => "customer",
            Invalid::NotLastOfMonth(_) | Invalid::LockWithoutDay | Invalid::WaivedUntil { .. } => {
                "until"
            }
            Invalid::PaidAt(_) => "at",
            Invalid::OtherCustomer { .. }
            | Invalid::OfAnAct { .. }
            | Invalid::ModelCostsOfCustomer
            | Invalid::RateOfCustomer => "document",
            Invalid::QuoteOver { .. } => "valid_until",
            Invalid::NoAnswer { .. } => "event",
            Invalid::OwnSource => "source",
            Invalid::Event(_) => "event",
            Invalid::Budget { argument, .. } => argument,
            Invalid::SeveralSampled { .. } => "work",
            Invalid::LinkEnd => "expires",
            Invalid::LinkLabel => "label",
            Invalid::LinkName => "customer",
            Invalid::PreviewPeriods { .. } => "periods",
            Invalid::Note(_) | Invalid::Head(_) => "note",
        }
    }
}
