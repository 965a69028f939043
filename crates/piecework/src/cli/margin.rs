//! Margin and costs: `margin`, `model-costs`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `margin`.
#[derive(Debug, Args)]
pub struct Margin {
    /// Only this customer.
    #[arg(long, conflicts_with = "price")]
    pub customer: Option<String>,
    /// The month, e.g. 2026-01; without it, everything.
    #[arg(long, value_name = "MONTH", conflicts_with = "price")]
    pub period: Option<String>,
    /// Rows by this: customer, class, unit, plan, month, model, agent, agent_version, work.
    #[arg(long, default_value = "customer", conflicts_with = "price")]
    pub by: String,
    /// Only costs of this line: model, infra, human_review, support; may be given several times.
    #[arg(long = "line", value_name = "LINE", conflicts_with = "price")]
    pub cost_lines: Vec<String>,
    /// Only costs that this agent caused, as `cost.recorded` names it.
    #[arg(long, value_name = "AGENT", conflicts_with = "price")]
    pub agent: Option<String>,
    /// What is done with costs that belong to no work: keep (a row of their own), by_revenue or
    /// by_counted (shared out over the works of the month); without it, keep.
    #[arg(long, value_name = "RULE", conflicts_with = "price")]
    pub unassigned: Option<String>,
    /// The price of one unit, to compute a margin from the four lines below.
    #[arg(long, requires_all = ["model", "infra", "human_review", "support"])]
    pub price: Option<String>,
    /// Model cost per unit.
    #[arg(long)]
    pub model: Option<String>,
    /// Infrastructure cost per unit.
    #[arg(long)]
    pub infra: Option<String>,
    /// Human review cost per unit.
    #[arg(long)]
    pub human_review: Option<String>,
    /// Support cost per unit.
    #[arg(long)]
    pub support: Option<String>,
}

/// Arguments of `cost`.
#[derive(Debug, Args)]
pub struct Costs {
    /// What to do.
    #[command(subcommand)]
    pub command: CostsCommand,
}

/// What to do with costs.
#[derive(Debug, Subcommand)]
pub enum CostsCommand {
    /// Model calls as they were metered beside a provider's bill: what the meter missed, by provider,
    /// model and day.
    TrueUp(TrueUp),
    /// Costs that name no customer, or those of a customer that name no work.
    Unassigned(UnassignedCosts),
    /// Give a cost its customer and its work, after it was recorded.
    Assign(AssignCost),
}

/// Arguments of `cost unassigned`.
#[derive(Debug, Args)]
pub struct UnassignedCosts {
    /// This customer's costs without a work; without it, the costs of nobody.
    #[arg(long)]
    pub customer: Option<String>,
    /// How many to list.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub list: u16,
    /// Where to go on: what an earlier list ended with.
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<u64>,
}

/// Arguments of `cost assign`.
#[derive(Debug, Args)]
pub struct AssignCost {
    /// The source of the cost.
    #[arg(long)]
    pub source: String,
    /// Its id.
    #[arg(long)]
    pub id: String,
    /// Whose it is.
    #[arg(long)]
    pub customer: String,
    /// The work that it was for.
    #[arg(long)]
    pub work: Option<String>,
    /// The work-unit definition, where the work alone does not tell.
    #[arg(long)]
    pub unit: Option<String>,
}

/// Arguments of `cost true-up`.
#[derive(Debug, Args)]
pub struct TrueUp {
    /// The map that reads the bill: a file, or `focus`.
    #[arg(long, value_name = "MAP", default_value = "focus")]
    pub map: String,
    /// The bill; where the map names several files, give them as NAME=FILE.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The month, e.g. 2026-02.
    #[arg(long, value_name = "MONTH")]
    pub period: String,
    /// A row for each: day or month.
    #[arg(long, default_value = "day", value_parser = ["day", "month"])]
    pub by: String,
    /// How many rows to list, those with the greatest difference.
    #[arg(long, default_value_t = 40)]
    pub list: usize,
    /// Write the differences as costs of nobody here, for `piecework ingest`: with them the costs of
    /// the book are those of the bill.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
}

/// Arguments of `model-costs`.
#[derive(Debug, Args)]
pub struct ModelCosts {
    /// What to do.
    #[command(subcommand)]
    pub command: ModelCostsCommand,
}

/// What to do with model costs.
#[derive(Debug, Subcommand)]
pub enum ModelCostsCommand {
    /// The prices in force, by model.
    List {
        /// Only models whose name holds this.
        filter: Option<String>,
        /// On this day; without it, the latest.
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// Add a price book: LiteLLM or genai-prices JSON, or a piecework document.
    Import {
        /// The file, may be gzip.
        file: PathBuf,
        /// The day from which its prices hold.
        #[arg(long, value_name = "DATE")]
        from: String,
    },
}
