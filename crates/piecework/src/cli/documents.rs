//! Documents and contracts: `show`, `exhibit`, `compare`, `publish`, `contract`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OneCustomer;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Print every document in force in full.
    #[arg(long)]
    pub expanded: bool,
}

/// Arguments of `exhibit`.
#[derive(Debug, Args)]
pub struct Exhibit {
    /// A definition file; without it, the definitions in force.
    pub definition: Option<PathBuf>,
    /// Print the text of one exhibit and nothing else: its SHA-256 digest is what a buyer acknowledges.
    #[arg(long)]
    pub plain: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The first definition file; `current` is the one in force.
    pub first: String,
    /// The second definition file.
    pub second: String,
    /// Only this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Only what opened in this month, e.g. 2026-01.
    #[arg(long, value_name = "MONTH")]
    pub period: Option<String>,
    /// Price of one counted work under both; without it, the plan in force.
    #[arg(long, value_name = "AMOUNT")]
    pub price: Option<String>,
    /// How many differing works to list.
    #[arg(long, default_value_t = 10)]
    pub list: usize,
}

/// Arguments of `publish`.
#[derive(Debug, Args)]
pub struct Publish {
    /// What it is: `calibration`, `measure`, `baseline`; or `fx`, a rate of exchange for costs.
    #[arg(value_parser = ["calibration", "measure", "baseline", "fx"])]
    pub kind: String,
    /// The document (TOML).
    pub document: PathBuf,
    /// The customer's id. A rate of exchange is of none, and the seller's alone.
    #[arg(long, required_if_eq_any = [("kind", "calibration"), ("kind", "measure"), ("kind", "baseline")])]
    pub customer: Option<String>,
    /// Who publishes it (a role, not a name).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract`.
#[derive(Debug, Args)]
pub struct Contract {
    /// What to do.
    #[command(subcommand)]
    pub command: ContractCommand,
}

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// Put a contract in force: documents in piecework.toml, for one customer, from a date.
    Sign(Sign),
    /// Go on from where another system stopped: tiers, live works, credits, what was billed. Once, before the first
    /// statement.
    Open(OpenContract),
    /// Agree on a later end: the same terms until another day.
    Renew(Renew),
    /// Put a further version in force from a date.
    Amend(Amend),
    /// Put the document of an earlier version in force again, as a new version.
    Rollback(Rollback),
    /// What a change would do to the bill, on the customer's own facts; nothing is written.
    Preview(ContractPreview),
    /// Every version that there ever was: who, when, and what it changed.
    History(ContractHistory),
    /// End a contract at a date.
    End(End),
    /// The contracts of a customer with their versions.
    List(OneCustomer),
}

/// Arguments of `contract sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// First day, e.g. 2026-01-01.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// A contract document; without it, one is made of piecework.toml.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Who signs for the buyer (a role, not a name).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract open`.
#[derive(Debug, Args)]
pub struct OpenContract {
    /// The opening document.
    pub document: PathBuf,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract renew`.
#[derive(Debug, Args)]
pub struct Renew {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// The new last day, e.g. 2027-12-31.
    #[arg(long, value_name = "DATE")]
    pub until: String,
    /// Who agrees for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
    /// Show what the renewal changes, and the bills of closed periods; nothing is written.
    #[arg(long)]
    pub preview: bool,
    /// Closed periods to look back at, with `--preview`.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub periods: usize,
}

/// Arguments of `contract amend`.
#[derive(Debug, Args)]
pub struct Amend {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// First day of the new version.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// A contract document; without it, one is made of piecework.toml.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Who approved re-pricing what was already stated, where the date lies before the last cut.
    #[arg(long, value_name = "ROLE")]
    pub reprice: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// The version whose document is put in force again.
    #[arg(long, value_name = "N")]
    pub to_version: u32,
    /// First day of the new version.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Who approved re-pricing what was already stated, where the date lies before the last cut.
    #[arg(long, value_name = "ROLE")]
    pub reprice: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract preview`.
#[derive(Debug, Args)]
pub struct ContractPreview {
    /// The contract document with the change; without it, one is made of piecework.toml.
    pub document: Option<PathBuf>,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// First day of the new version.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// Closed periods to look back at, as if the change had held since the first of them.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub periods: usize,
}

/// Arguments of `contract history`.
#[derive(Debug, Args)]
pub struct ContractHistory {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
}

/// Arguments of `contract end`.
#[derive(Debug, Args)]
pub struct End {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// First day that is no longer covered.
    #[arg(long, value_name = "DATE")]
    pub at: String,
    /// Both sides agreed, where the contract renews and notice alone is too late or within a term.
    #[arg(long)]
    pub agreed: bool,
    /// Who ends it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}
