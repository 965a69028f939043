//! Covers: `cover`.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{OneCustomer, Written};

/// Arguments of `cover`.
#[derive(Debug, Args)]
pub struct Covers {
    /// What to do.
    #[command(subcommand)]
    pub command: CoverCommand,
}

/// What to do with covers.
#[derive(Debug, Subcommand)]
pub enum CoverCommand {
    /// Choose one cover for all statements of a customer, or none any more: `cover.chosen`.
    Choose(ChooseCovers),
    /// Make one document to pay of the statements that wait for it: `cover.issued`. A run does it by itself.
    Issue(IssueCover),
    /// Void a cover; its statements stand, and wait for another: `cover.voided`.
    Void(VoidCover),
    /// The covers of a customer, and what it chose.
    List(OneCustomer),
    /// One, with its statements.
    Show(OneCover),
    /// One as a document, to file, send and pay; its statements are behind it.
    Document(CoverDocument),
}

/// What a customer is sent one document to pay for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PerArg {
    /// All statements through one day, in one currency.
    Customer,
    /// Each statement for itself.
    Contract,
}

/// Arguments of `cover choose`.
#[derive(Debug, Args)]
pub struct ChooseCovers {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// What one document is for.
    #[arg(long, value_enum, default_value_t = PerArg::Customer)]
    pub per: PerArg,
    /// The first day that it is for, the last of a statement's period; today if absent. What was issued before the
    /// choice stays as it is.
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Who chose it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `cover issue`.
#[derive(Debug, Args)]
pub struct IssueCover {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Of the statements through this day; needed where statements of several days wait.
    #[arg(long, value_name = "DAY")]
    pub through: Option<Date>,
    /// Of those in this currency; needed where statements of several wait.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// Who issues it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `cover void`.
#[derive(Debug, Args)]
pub struct VoidCover {
    /// Which cover.
    #[command(flatten)]
    pub which: OneCover,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Which cover.
#[derive(Debug, Args)]
pub struct OneCover {
    /// Its number, e.g. `acme-A0001`.
    pub number: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `cover document`.
#[derive(Debug, Args)]
pub struct CoverDocument {
    /// Which cover.
    #[command(flatten)]
    pub which: OneCover,
    /// How it is written.
    #[command(flatten)]
    pub written: Written,
}
