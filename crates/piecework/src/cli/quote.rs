//! Quotes: what is offered.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{OneCustomer, Written};

/// Arguments of `quote`.
#[derive(Debug, Args)]
pub struct Quotes {
    /// What to do.
    #[command(subcommand)]
    pub command: QuoteCommand,
}

/// What to do with quotes.
#[derive(Debug, Subcommand)]
pub enum QuoteCommand {
    /// Draft a quote: a contract that is offered until a day, with what the customer's own past would come to.
    Create(CreateQuote),
    /// Send a draft to the buyer, who may then accept it.
    Send(SendQuote),
    /// Accept a quote for the buyer: its contract is signed. With the buyer's own signature, or in words.
    Accept(AcceptQuote),
    /// Record that the buyer declines a quote.
    Decline(TurnDownQuote),
    /// Take a quote back.
    Withdraw(TurnDownQuote),
    /// The quotes of a customer.
    List(OneCustomer),
    /// One quote: what it offers, and what became of it.
    Show(ShowQuote),
    /// One as a document, to send.
    Document(QuoteOnPaper),
}

/// Arguments of `quote document`.
#[derive(Debug, Args)]
pub struct QuoteOnPaper {
    /// The quote's number.
    pub quote: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// How it is written.
    #[command(flatten)]
    pub written: Written,
}

/// Arguments of `quote create`.
#[derive(Debug, Args)]
pub struct CreateQuote {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// First day of the contract, e.g. 2026-01-01.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// The contract document; without it, one is made of piecework.toml.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// The last day on which it can be accepted, in the contract's zone.
    #[arg(long, value_name = "DATE")]
    pub valid_until: String,
    /// What to say to it.
    #[arg(long, value_name = "TEXT")]
    pub words: Option<String>,
    /// Who drafts it (a role, not a name).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `quote send`.
#[derive(Debug, Args)]
pub struct SendQuote {
    /// The quote's number.
    pub quote: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Who sends it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `quote accept`.
#[derive(Debug, Args)]
pub struct AcceptQuote {
    /// The quote's number.
    pub quote: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// How the buyer said so, e.g. `by letter of March 3`; the seller's word for it.
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "signed",
        requires = "by"
    )]
    pub how: Option<String>,
    /// Who accepted it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: Option<String>,
    /// What `sign --acknowledge quote` printed for the buyer, in place of the seller's word.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["how", "by"])]
    pub signed: Option<PathBuf>,
}

/// Arguments of `quote decline` and `quote withdraw`.
#[derive(Debug, Args)]
pub struct TurnDownQuote {
    /// The quote's number.
    pub quote: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who says so (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `quote show`.
#[derive(Debug, Args)]
pub struct ShowQuote {
    /// The quote's number.
    pub quote: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Print the quote's own document as it is: what a buyer signs with `sign --acknowledge quote`.
    #[arg(long)]
    pub text: bool,
}
