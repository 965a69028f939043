//! Logs and proof files: `log`, `prove`, `verify`, `replay`, `reconcile`,
//! `acknowledge`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `log`.
#[derive(Debug, Args)]
pub struct Log {
    /// What to do.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What to do with a log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Sign the head of a log, and print it.
    Checkpoint(LogCheckpoint),
    /// Prove that an entry is in the log: a `.tlog-proof` with the entry in it.
    Inclusion(LogInclusion),
    /// Prove that the log continues an earlier state.
    Consistency(LogConsistency),
    /// Write a log as a directory that any client of C2SP tlog-tiles reads.
    Export(LogExport),
}

/// Which log.
#[derive(Debug, Args)]
pub struct WhichLog {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The seller-only log instead of the shared one; it has costs in it.
    #[arg(long)]
    pub seller: bool,
}

/// Arguments of `log checkpoint`.
#[derive(Debug, Args)]
pub struct LogCheckpoint {
    #[command(flatten)]
    pub log: WhichLog,
    /// The head that had so many entries, instead of the latest.
    #[arg(long)]
    pub size: Option<u64>,
}

/// Arguments of `log inclusion`.
#[derive(Debug, Args)]
pub struct LogInclusion {
    #[command(flatten)]
    pub log: WhichLog,
    /// Position of the entry, from 0.
    #[arg(long)]
    pub index: u64,
}

/// Arguments of `log consistency`.
#[derive(Debug, Args)]
pub struct LogConsistency {
    #[command(flatten)]
    pub log: WhichLog,
    /// Size of the earlier state.
    #[arg(long)]
    pub from: u64,
    /// Size of the later one; without it the head.
    #[arg(long)]
    pub to: Option<u64>,
}

/// Arguments of `log export`.
#[derive(Debug, Args)]
pub struct LogExport {
    #[command(flatten)]
    pub log: WhichLog,
    /// The directory to write; it must not exist.
    pub to: PathBuf,
}

/// Arguments of `prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The statement's printed number; without it the last one issued.
    #[arg(long, value_name = "NUMBER")]
    pub statement: Option<String>,
    /// This cover: one file, by which all statements under it are computed again.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["statement", "carry"])]
    pub cover: Option<String>,
    /// Start from the last statement's carry instead of the whole log: a smaller file, for a buyer
    /// who verified the last one.
    #[arg(long)]
    pub carry: bool,
    /// Disclose the evidence with this commitment; may be given several times.
    #[arg(long, value_name = "COMMITMENT")]
    pub disclose: Vec<String>,
    /// Write it here instead of `NUMBER.proof.zip`.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The proof file.
    pub file: PathBuf,
    /// The log's key, from the contract.
    #[arg(long, value_name = "VKEY", conflicts_with = "pins")]
    pub key: Option<String>,
    /// A file that remembers key and head: written the first time, checked and renewed ever after.
    #[arg(long, value_name = "FILE")]
    pub pins: Option<PathBuf>,
    /// Keys whose cosignatures count; may be given several times.
    #[arg(long, value_name = "VKEY")]
    pub cosigner: Vec<String>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The proof file.
    pub file: PathBuf,
    /// Make the statement's proof report again as well, from the file alone; with a digest, compare.
    #[arg(long, value_name = "DIGEST", num_args = 0..=1)]
    pub report: Option<Option<String>>,
    /// The report of so many entries, as it says itself; without it, of all that the file holds.
    #[arg(long, value_name = "ENTRIES", requires = "report")]
    pub size: Option<u64>,
    /// Write the report here.
    #[arg(long, value_name = "FILE", requires = "report")]
    pub out: Option<PathBuf>,
}

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// The buyer: the proof file of a statement.
    #[arg(required_unless_present = "customer", requires = "mine")]
    pub file: Option<PathBuf>,
    /// The buyer's own records; where the map names several files, give them as NAME=FILE.
    #[arg(requires = "map")]
    pub mine: Vec<String>,
    /// The map that reads the records: a file, or the name of a ready one.
    #[arg(long, value_name = "MAP")]
    pub map: Option<String>,
    /// The source of records whose map names none.
    #[arg(long, default_value = "buyer")]
    pub source: String,
    /// How far apart the two sides' clocks may put the same fact, e.g. `10m`, `2h`.
    #[arg(long, default_value = "10m", value_name = "SPAN")]
    pub tolerance: jiff::SignedDuration,
    /// The log's key, from the contract.
    #[arg(long, value_name = "VKEY", conflicts_with = "pins")]
    pub key: Option<String>,
    /// The file with key and head that `verify` wrote.
    #[arg(long, value_name = "FILE")]
    pub pins: Option<PathBuf>,
    /// Write one dispute per work in question here, as events for the seller's `ingest`.
    #[arg(long, value_name = "FILE")]
    pub disputes: Option<PathBuf>,
    /// Write the facts that the log never had here, as events.
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// The seller: reconcile this customer of the own book instead.
    #[arg(long, conflicts_with_all = ["file", "mine", "map", "key", "pins", "disputes", "facts"])]
    pub customer: Option<String>,
}

/// Arguments of `acknowledge`.
#[derive(Debug, Args)]
pub struct Acknowledge {
    /// The buyer: the proof file whose head is acknowledged, after verifying it. The seller: with
    /// `--customer`, the cosigned head that the buyer sent.
    pub file: PathBuf,
    /// The buyer's key.
    #[arg(long, value_name = "FILE", required_unless_present = "customer")]
    pub key: Option<PathBuf>,
    /// The log's key, from the contract; without it the file's own is taken.
    #[arg(long, value_name = "VKEY", requires = "key")]
    pub log_key: Option<String>,
    /// The seller: keep the buyer's cosignature with this customer's log.
    #[arg(long, conflicts_with = "key")]
    pub customer: Option<String>,
}
