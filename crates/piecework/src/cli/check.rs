//! The checks of prices: `check`.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use work::body::PriceCheck;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CheckArgs {
    /// What else to do.
    #[command(subcommand)]
    pub command: Option<CheckCommand>,
    /// A file with a plan, a definition or a contract; the id of one in force, or of a contract in the book. The
    /// documents in force and all contracts, where nothing is named.
    #[arg(value_name = "PLAN|DEFINITION|CONTRACT")]
    pub subject: Option<String>,
    /// Only contracts of this customer.
    #[arg(long, value_name = "CUSTOMER")]
    pub customer: Option<String>,
}

/// What else to do about checks.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// Answer for a check that fails, by name and until a day: statements are issued all the same. The buyer sees it,
    /// but for that of the margin.
    Waive(WaiveCheck),
}

/// Arguments of `check waive`.
#[derive(Debug, Args)]
pub struct WaiveCheck {
    /// Which check: units, order, attribution, proof or margin.
    #[arg(value_name = "CHECK", value_parser = read_check)]
    pub check: PriceCheck,
    /// The customer; whoever has the contract where absent.
    #[arg(long, value_name = "CUSTOMER")]
    pub customer: Option<String>,
    /// The contract; the only one where absent.
    #[arg(long, value_name = "CONTRACT")]
    pub contract: Option<String>,
    /// Who answers for it (a role or a name).
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which it is waived, a year from today at most.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
}

/// A check by its word.
fn read_check(text: &str) -> Result<PriceCheck, String> {
    let mut words = PriceCheck::WORDS.iter();
    let found = words.find(|(word, _)| *word == text);
    found.map(|(_, check)| *check).ok_or_else(|| {
        let words: Vec<&str> = PriceCheck::WORDS.iter().map(|(word, _)| *word).collect();
        format!("one of: {}", words.join(", "))
    })
}
