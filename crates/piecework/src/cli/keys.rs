//! Keys of seller and buyer: `key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `key`.
#[derive(Debug, Args)]
pub struct Key {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a buyer's key (`--buyer`), or the secret of a book that never had one.
    Create(CreateKey),
    /// The keys that sign a customer's logs, to be pinned in the contract; without a customer, all.
    Show(ShowKeys),
    /// Sign with new keys; the old ones sign beside them for the overlap.
    Rotate(RotateKeys),
    /// The buyer: show to the seller that one has a key, for one log; of a successor, sign with the
    /// key before it.
    Announce(AnnounceKey),
    /// The seller: publish a buyer's first key in the customer's log.
    Publish(PublishKey),
}

/// Arguments of `key create`.
#[derive(Debug, Args)]
pub struct CreateKey {
    /// Make a key for a buyer, under this name: a URL without scheme, e.g. `acme.example/buyer`.
    #[arg(long, value_name = "NAME", requires = "out")]
    pub buyer: Option<String>,
    /// Write the buyer's key here; the file is its owner's alone.
    #[arg(long, value_name = "FILE", requires = "buyer")]
    pub out: Option<PathBuf>,
}

/// Arguments of `key show`.
#[derive(Debug, Args)]
pub struct ShowKeys {
    /// The customer's id.
    #[arg(long)]
    pub customer: Option<String>,
}

/// Arguments of `key rotate`.
#[derive(Debug, Args)]
pub struct RotateKeys {
    /// How many days the old keys sign beside the new ones.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub overlap_days: u16,
    /// Who decides it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `key announce`.
#[derive(Debug, Args)]
pub struct AnnounceKey {
    /// The buyer's key, as `key create --buyer` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The origin of the customer's log, as `key show` prints it for the seller.
    #[arg(long)]
    pub origin: String,
    /// The key before this one, which is in the log: what is printed then is signed with it, for the
    /// seller's `ingest`.
    #[arg(long, value_name = "FILE", requires = "customer", requires = "by")]
    pub succeeds: Option<PathBuf>,
    /// The customer's id, with `--succeeds`.
    #[arg(long, requires = "succeeds")]
    pub customer: Option<String>,
    /// Who publishes it (a role), with `--succeeds`.
    #[arg(long, value_name = "ROLE", requires = "succeeds")]
    pub by: Option<String>,
}

/// Arguments of `key publish`.
#[derive(Debug, Args)]
pub struct PublishKey {
    /// What `key announce` printed for the buyer.
    pub announcement: PathBuf,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Who publishes it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}
