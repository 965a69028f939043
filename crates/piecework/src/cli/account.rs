//! Customers and their works: `customer`, `work`.

use clap::{Args, Subcommand};

/// Arguments of `customer`.
#[derive(Debug, Args)]
pub struct CustomerArgs {
    /// What to do; without it, list them.
    #[command(subcommand)]
    pub command: Option<CustomerCommand>,
}

/// What to do with customers.
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// List customers with their logs.
    List,
    /// One customer: contracts, statements, works by state.
    Show(OneCustomer),
    /// Who approved, signed and published what, entry by entry.
    Approvals(OneCustomer),
}

/// One customer.
#[derive(Debug, Args)]
pub struct OneCustomer {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `work`.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: WorkCommand,
}

/// What to do with works.
#[derive(Debug, Subcommand)]
pub enum WorkCommand {
    /// List a customer's works with their states.
    List(WorkList),
    /// One work: its states, its facts, what it cost and what is owed for it.
    Show(OneWork),
}

/// Arguments of `work list`.
#[derive(Debug, Args)]
pub struct WorkList {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Only works in this state now.
    #[arg(long, value_parser = ["pending", "counted", "reversed", "not_counted", "disputed"])]
    pub state: Option<String>,
    /// How many works to list.
    #[arg(long, default_value_t = 20)]
    pub list: usize,
}

/// Arguments of `work show`.
#[derive(Debug, Args)]
pub struct OneWork {
    /// The work, by its scope: the ticket's number, for example.
    pub work: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}
