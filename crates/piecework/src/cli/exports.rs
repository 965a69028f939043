//! The seller's books: `revenue`, `export`.

use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `revenue`.
#[derive(Debug, Args)]
pub struct Revenue {
    /// Which customers and months.
    #[command(flatten)]
    pub through: Through,
}

/// Which customers, and through which month.
#[derive(Debug, Args)]
pub struct Through {
    /// Only this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Through this month, e.g. 2026-01; without it, through the last month that is over.
    #[arg(long, value_name = "MONTH")]
    pub through: Option<String>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// What to write.
    #[command(subcommand)]
    pub command: ExportCommand,
}

/// What to export.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Double entry: receivables, deferred revenue, contract assets, revenue by surface, cost of goods sold.
    Journal(ExportJournal),
    /// What every account of the double entry comes to.
    TrialBalance(Through),
    /// Costs in the columns of FOCUS, the FinOps Open Cost and Usage Specification.
    Costs(Through),
}

/// Arguments of `export journal`.
#[derive(Debug, Args)]
pub struct ExportJournal {
    /// Which customers and months.
    #[command(flatten)]
    pub through: Through,
    /// In whose format.
    #[arg(long, value_enum, default_value_t = JournalFormat::Beancount)]
    pub format: JournalFormat,
}

/// Whose format double entry is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JournalFormat {
    /// Plain-text accounting, for beancount.
    Beancount,
    /// A line a posting, for general ledgers that import CSV.
    Csv,
}
