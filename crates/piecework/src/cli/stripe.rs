//! Arguments of `stripe`.

use clap::{Args, Subcommand};

/// Arguments of `stripe`.
#[derive(Debug, Args)]
pub struct Stripe {
    /// What to do.
    #[command(subcommand)]
    pub command: StripeCommand,
}

/// What to do about Stripe.
#[derive(Debug, Subcommand)]
pub enum StripeCommand {
    /// Bring to Stripe what was issued and voided and is not there yet. A server does it by itself.
    Push(PushStripe),
    /// What is at Stripe, and what keeps the rest.
    Status(StripeStatus),
    /// Look again at what a person was to look at, and at what waits.
    Retry(RetryStripe),
    /// Say that a person has done at Stripe what was left to one.
    Handled(HandledStripe),
}

/// Arguments of `stripe push`.
#[derive(Debug, Args)]
pub struct PushStripe {
    /// Show what would be asked, and send nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `stripe status`.
#[derive(Debug, Args)]
pub struct StripeStatus {
    /// Of this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// In this state.
    #[arg(long, value_parser = ["new", "open", "done", "person", "withdrawn"])]
    pub state: Option<String>,
}

/// Arguments of `stripe retry`.
#[derive(Debug, Args)]
pub struct RetryStripe {
    /// Of this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Of this statement or cover.
    #[arg(long, value_name = "NUMBER", requires = "customer")]
    pub statement: Option<String>,
}

/// Arguments of `stripe handled`.
#[derive(Debug, Args)]
pub struct HandledStripe {
    /// The customer.
    #[arg(long)]
    pub customer: String,
    /// The statement or the cover.
    #[arg(long, value_name = "NUMBER")]
    pub statement: String,
    /// Who did it: a role.
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}
