//! What waits for a second person: `approval`.

use clap::{Args, Subcommand};

/// Arguments of `approval`.
#[derive(Debug, Args)]
pub struct ApprovalArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ApprovalCommand,
}

/// What to do with proposals.
#[derive(Debug, Subcommand)]
pub enum ApprovalCommand {
    /// What waits for a second person.
    List(ListProposals),
    /// Approve a proposal: it is done exactly as proposed.
    Approve(Approve),
    /// Decline a proposal.
    Decline(Decline),
    /// What was changed in a time: who asked for it, who approved it, before and behind.
    Report(ChangeReport),
}

/// Arguments of `approval list`.
#[derive(Debug, Args)]
pub struct ListProposals {
    /// Only this customer's.
    #[arg(long)]
    pub customer: Option<String>,
    /// Also what was approved, was declined, or has expired.
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `approval approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// The proposal's id.
    pub proposal: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Who approves it: somebody else than who proposed it.
    #[arg(long, value_name = "ROLE")]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: Option<String>,
}

/// Arguments of `approval decline`.
#[derive(Debug, Args)]
pub struct Decline {
    /// The proposal's id.
    pub proposal: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Who declines it.
    #[arg(long, value_name = "ROLE")]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
}

/// Arguments of `approval report`.
#[derive(Debug, Args)]
pub struct ChangeReport {
    /// The first day, in UTC, e.g. 2026-01-01.
    #[arg(long, value_name = "DAY")]
    pub from: String,
    /// The first day that is not in it any more.
    #[arg(long, value_name = "DAY")]
    pub until: String,
    /// Only this customer's.
    #[arg(long)]
    pub customer: Option<String>,
    /// As CSV.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}
