//! What customers owe and paid: `payment`, `write-off`, `ageing`, `account`, `balance`; and `books`, which closes months.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::OneCustomer;

/// Arguments of `payment`.
#[derive(Debug, Args)]
pub struct Payment {
    /// What to do.
    #[command(subcommand)]
    pub command: PaymentCommand,
}

/// What to do with payments.
#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// Record a payment: `payment.recorded`. What is for no statement is on account.
    Record(RecordPayment),
    /// Allocate money on account to statements: `payment.allocated`.
    Allocate(AllocateMoney),
    /// Record that money on account went back: `payment.refunded`.
    Refund(RefundMoney),
    /// Void an entry about money that was wrong: `payment.voided`. A payment is voided with all that names it.
    Void(VoidMoney),
    /// The payments of a customer and the credits that may be for statements: what became of each.
    List(OneCustomer),
}

/// Which statements money is for.
#[derive(Debug, Args)]
pub struct ForStatements {
    /// The printed number of the one statement that it is for, as far as that is open.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["allocate", "oldest_first"])]
    pub statement: Option<String>,
    /// So much of one statement, e.g. `acme-0001=120.00 USD`; may be given several times.
    #[arg(long, value_name = "NUMBER=AMOUNT", conflicts_with = "oldest_first")]
    pub allocate: Vec<String>,
    /// The statements that were due first first, as far as it goes.
    #[arg(long)]
    pub oldest_first: bool,
}

/// Where money on account comes from.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true))]
pub struct FromAccount {
    /// A payment, by the id that `payment list` shows.
    #[arg(long, value_name = "ID", group = "source")]
    pub payment: Option<String>,
    /// A credit note, or a statement that comes to less than nothing, by its number.
    #[arg(long, value_name = "NUMBER", group = "source")]
    pub credit: Option<String>,
}

/// Arguments of `payment record`.
#[derive(Debug, Args)]
pub struct RecordPayment {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// What it is for; on account without.
    #[command(flatten)]
    pub of: ForStatements,
    /// How much, in the statements' currency, e.g. `120.00 USD`.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: String,
    /// When, e.g. 2026-02-20 or 2026-02-20T09:30:00Z; without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The bank's or the payer's reference: recorded once, however often it is sent.
    #[arg(long)]
    pub reference: Option<String>,
}

/// Arguments of `payment allocate`.
#[derive(Debug, Args)]
pub struct AllocateMoney {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Whose rest it is.
    #[command(flatten)]
    pub from: FromAccount,
    /// What it is for.
    #[command(flatten)]
    pub of: ForStatements,
    /// Who decides it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `payment refund`.
#[derive(Debug, Args)]
pub struct RefundMoney {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Whose rest it is.
    #[command(flatten)]
    pub from: FromAccount,
    /// How much, e.g. `20.00 USD`; all that is on account of it, if absent.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: Option<String>,
    /// When, e.g. 2026-02-20; without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The bank's reference: recorded once, however often it is sent.
    #[arg(long)]
    pub reference: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `payment void`.
#[derive(Debug, Args)]
pub struct VoidMoney {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The id of the payment, allocation, refund or write-off, as it was told when it was recorded.
    #[arg(long, value_name = "ID")]
    pub entry: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `write-off`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("balance").required(true))]
pub struct WriteOff {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// What is open of a statement, by its number.
    #[arg(long, value_name = "NUMBER", group = "balance")]
    pub statement: Option<String>,
    /// What is on account of a payment, by its id: nobody is owed it back.
    #[arg(long, value_name = "ID", group = "balance")]
    pub payment: Option<String>,
    /// What is on account of a credit, by its number.
    #[arg(long, value_name = "NUMBER", group = "balance")]
    pub credit: Option<String>,
    /// How much, e.g. `0.02 USD`; all of it, if absent.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `ageing`.
#[derive(Debug, Args)]
pub struct Ageing {
    /// Only this customer, statement by statement.
    #[arg(long)]
    pub customer: Option<String>,
    /// As of the end of this day, or of this instant; without it, now.
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Print CSV: a row a customer and currency.
    #[arg(long)]
    pub csv: bool,
}

/// Arguments of `account`.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// From this day on; from the first movement, if absent.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Through this day; everything, if absent.
    #[arg(long, value_name = "DAY")]
    pub through: Option<String>,
}

/// Arguments of `balance`.
#[derive(Debug, Args)]
pub struct Balance {
    /// What to do.
    #[command(subcommand)]
    pub command: BalanceCommand,
}

/// What to do with balances.
#[derive(Debug, Subcommand)]
pub enum BalanceCommand {
    /// Ask a buyer to confirm what is open as of a day: a document that it may sign with its own key.
    Confirm(ConfirmBalance),
}

/// Arguments of `balance confirm`.
#[derive(Debug, Args)]
pub struct ConfirmBalance {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// As of the end of this day, e.g. 2026-01-31.
    #[arg(long, value_name = "DAY")]
    pub day: String,
    /// By the first so many entries of the customer log, as an earlier confirmation says; by all, if absent.
    #[arg(long, value_name = "ENTRIES")]
    pub log_size: Option<u64>,
    /// Write the text to this file; its SHA-256 is what the buyer acknowledges.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `books`.
#[derive(Debug, Args)]
pub struct Books {
    /// What to do.
    #[command(subcommand)]
    pub command: BooksCommand,
}

/// What to do with the seller's books.
#[derive(Debug, Subcommand)]
pub enum BooksCommand {
    /// Close months: nothing is posted in them any more, and what is learnt later is posted after them.
    Lock(LockBooks),
    /// Open months again.
    Unlock(UnlockBooks),
    /// Who locked and unlocked them, and until when they are locked.
    List,
}

/// Arguments of `books lock`.
#[derive(Debug, Args)]
pub struct LockBooks {
    /// The last day that is closed, the last of a month, e.g. 2026-01-31.
    #[arg(long, value_name = "DAY")]
    pub until: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who decides it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `books unlock`.
#[derive(Debug, Args)]
pub struct UnlockBooks {
    /// The last day that stays closed, the last of a month; nothing does, if absent.
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who decides it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}
