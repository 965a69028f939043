//! The close of a month: `close`.

use clap::{Args, Subcommand};

/// Arguments of `close`.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CloseCommand,
}

/// What to do about a month.
#[derive(Debug, Subcommand)]
pub enum CloseCommand {
    /// What is open of a month, each row with the command that mends it; ends with 4 where anything is.
    Check(CheckClose),
    /// Record that a month is closed: who, when, and what the checklist said.
    Record(RecordClose),
}

/// Arguments of `close check`.
#[derive(Debug, Args)]
pub struct CheckClose {
    /// The month, e.g. 2026-01.
    #[arg(long, value_name = "MONTH")]
    pub month: String,
}

/// Arguments of `close record`.
#[derive(Debug, Args)]
pub struct RecordClose {
    /// The month, e.g. 2026-01.
    #[arg(long, value_name = "MONTH")]
    pub month: String,
    /// Who closes it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
    /// Why it is closed with open rows.
    #[arg(long)]
    pub reason: Option<String>,
}
