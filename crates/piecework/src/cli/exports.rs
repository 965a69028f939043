//! The seller's books: `revenue`, `export`.

use std::path::PathBuf;

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
    /// A row a statement that was issued, for a spreadsheet.
    Statements(ExportTable),
    /// A row a cell that a statement states: what charges sums to the statement's total.
    Lines(ExportTable),
    /// A row a work, as it stands.
    Works(ExportTable),
}

/// Arguments of `export statements`, `export lines` and `export works`.
#[derive(Debug, Args)]
pub struct ExportTable {
    /// Only this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// As a text of comma-separated values, or as a spreadsheet.
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    pub format: TableFormat,
    /// The file to write; standard output if absent.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// A spreadsheet; where piecework was built with the feature `xlsx`.
    Xlsx,
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
