//! What goes into the book: `ingest`, `import`, `record`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub struct Ingest {
    /// Files of CloudEvents JSON lines; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The directory where refused lines are kept; default here.
    #[arg(long, value_name = "DIR")]
    pub refused: Option<PathBuf>,
    /// Write a receipt for each signed event into this directory, to be sent to the buyer.
    #[arg(long, value_name = "DIR")]
    pub receipts: Option<PathBuf>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The map: a file, or the name of a ready one (`zendesk-tickets`, `intercom-conversations`, ...).
    #[arg(long, value_name = "MAP")]
    pub map: String,
    /// The files; where the map names several, give them as NAME=FILE.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The customer of rows whose map names none.
    #[arg(long)]
    pub customer: Option<String>,
    /// The source of rows whose map names none.
    #[arg(long)]
    pub source: Option<String>,
    /// Show the first events and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The directory where refused rows are kept; default here.
    #[arg(long, value_name = "DIR")]
    pub refused: Option<PathBuf>,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// What to record.
    #[command(subcommand)]
    pub command: RecordCommand,
}

/// What to record.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// The software answered: `work.answered`, and `work.verified` where a check passed.
    Done {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The check that passed, e.g. `test-suite`.
        #[arg(long, value_name = "CHECK")]
        verified: Option<String>,
        /// The software's own confidence, 0 to 1.
        #[arg(long)]
        confidence: Option<String>,
    },
    /// What the work cost: an amount, or a model with its tokens.
    Cost {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The cost line.
        #[arg(long, default_value = "model", value_parser = ["model", "infra", "human_review", "support"])]
        line: String,
        /// How much, e.g. `0.11 USD`.
        #[arg(long, required_unless_present = "model")]
        amount: Option<String>,
        /// Who ran the model.
        #[arg(long)]
        provider: Option<String>,
        /// The model.
        #[arg(long)]
        model: Option<String>,
        /// Tokens by class, e.g. `input=1200,output=300`.
        #[arg(long, value_delimiter = ',', value_name = "CLASS=COUNT")]
        tokens: Vec<String>,
    },
    /// The customer came back, or the result was withdrawn: `work.reopened`.
    Undo {
        /// Which work.
        #[command(flatten)]
        on: On,
    },
    /// The buyer contests the work: `work.disputed`, authored by the buyer.
    Dispute {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// A dispute is decided: `work.dispute_decided`.
    Decide {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The outcome: the charge stands, or the buyer is credited.
        #[arg(long, value_parser = ["stands", "credited"])]
        verdict: String,
    },
}

/// Which work a recorded fact is about.
#[derive(Debug, Args)]
pub struct On {
    /// The work: the ticket's number, for example.
    pub work: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// When it happened, e.g. 2026-01-05T09:30:00Z; without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// A shared header, e.g. `channel=email`.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// Who speaks: the source of the event.
    #[arg(long, default_value = "piecework/record")]
    pub source: String,
}
