//! What buyer and seller hand each other: `sign`, `receipt`, `evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub struct SignEvents {
    /// CloudEvents JSON lines, or with `--acknowledge` the document.
    pub file: PathBuf,
    /// The buyer's key, as `key create --buyer` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The origin of the customer's log, as `key show` prints it for the seller.
    #[arg(long)]
    pub origin: String,
    /// Sign that this document is acknowledged: the file as it is, of an exhibit what
    /// `exhibit --plain` printed. A quote, as `quote show --text` prints it, is accepted.
    #[arg(
        long,
        value_name = "WHAT",
        value_parser = ["exhibit", "contract", "plan", "definition", "balance", "opening", "quote"],
        requires = "customer",
        requires = "by"
    )]
    pub acknowledge: Option<String>,
    /// The customer's id, with `--acknowledge`.
    #[arg(long, requires = "acknowledge")]
    pub customer: Option<String>,
    /// Who acknowledges it (a role), with `--acknowledge`.
    #[arg(long, value_name = "ROLE", requires = "acknowledge")]
    pub by: Option<String>,
    /// Digest of the definition that an exhibit explains, as the exhibit says it.
    #[arg(long, value_name = "DIGEST", requires = "acknowledge")]
    pub definition: Option<String>,
}

/// Arguments of `receipt`.
#[derive(Debug, Args)]
pub struct Receipt {
    /// What to do.
    #[command(subcommand)]
    pub command: ReceiptCommand,
}

/// What to do with receipts.
#[derive(Debug, Subcommand)]
pub enum ReceiptCommand {
    /// The seller: the receipt of one work, with proofs of the entries about it.
    Work(WorkReceipt),
    /// The buyer: check that the entries in a receipt stand in the log, under the log's signature.
    /// Needs no book.
    Check(CheckReceipt),
}

/// Arguments of `receipt work`.
#[derive(Debug, Args)]
pub struct WorkReceipt {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The work, by its scope: the ticket's number, for example.
    #[arg(long)]
    pub work: String,
    /// The definition's id, or the unit's name as statements print it, where the work is several.
    #[arg(long)]
    pub unit: Option<String>,
    /// An HTML fragment to embed in one's own product, instead of the receipt's canonical text.
    #[arg(long, conflicts_with = "json")]
    pub html: bool,
    /// Write it here instead of to standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `receipt check`.
#[derive(Debug, Args)]
pub struct CheckReceipt {
    /// The receipt: of a work, as text or in a page, or the `.tlog-proof` of a signed event.
    pub file: PathBuf,
    /// The key of the log, from the contract.
    #[arg(long, value_name = "VKEY")]
    pub key: String,
}

/// Arguments of `evidence`.
#[derive(Debug, Args)]
pub struct Evidence {
    /// What to do.
    #[command(subcommand)]
    pub command: EvidenceCommand,
}

/// What to do with evidence.
#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// Keep a file in the book, and commit to it in the log without showing it.
    Attach(AttachEvidence),
    /// Delete what an entry committed to, and record that, why and by whom.
    Redact(RedactEvidence),
}

/// Arguments of `evidence attach`.
#[derive(Debug, Args)]
pub struct AttachEvidence {
    /// The file.
    pub file: PathBuf,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The work that it is evidence of.
    #[arg(long)]
    pub work: String,
    /// What it is, as definitions name it, e.g. `transcript`.
    #[arg(long)]
    pub name: String,
    /// Who speaks: the source of the event.
    #[arg(long, default_value = "piecework/evidence")]
    pub source: String,
}

/// Arguments of `evidence redact`.
#[derive(Debug, Args)]
pub struct RedactEvidence {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Source of the event that attached it.
    #[arg(long, default_value = "piecework/evidence")]
    pub source: String,
    /// Id of that event.
    #[arg(long)]
    pub id: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approved it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}
