//! Samples that nobody picks, and what is found of them: `sample`, `review`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use work::body::SampleMethod;

/// Arguments of `sample`.
#[derive(Debug, Args)]
pub struct Sample {
    /// What to do.
    #[command(subcommand)]
    pub command: SampleCommand,
}

/// What to do with samples.
#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// The buyer: make a chain of nonces, keep its secret, and sign the event that commits to it.
    /// Needs no book.
    Anchor(AnchorNonces),
    /// The buyer: the nonce for samples of one statement, after verifying its proof file. Needs no
    /// book.
    Reveal(RevealNonce),
    /// The seller: draw works of a statement, and record the draw in the customer's log.
    Draw(DrawSample),
    /// What was drawn, what was found of it, and what that says of the rest. The buyer: from a proof
    /// file, without a book. The seller: with --customer.
    Show(ShowSamples),
}

/// Arguments of `sample anchor`.
#[derive(Debug, Args)]
pub struct AnchorNonces {
    /// The buyer's key, as `key create --buyer` wrote it.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The origin of the customer's log, as `key show` prints it for the seller.
    #[arg(long)]
    pub origin: String,
    /// The customer's id, as the seller's statements say it.
    #[arg(long)]
    pub customer: String,
    /// How many statements the chain is for, one nonce each.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 120,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub length: u32,
    /// Write the secret here, and keep it to yourself; it must not exist. It also remembers what was
    /// revealed.
    #[arg(long, value_name = "FILE")]
    pub secret: PathBuf,
    /// Who anchors it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `sample reveal`.
#[derive(Debug, Args)]
pub struct RevealNonce {
    /// The proof file of the statement to draw from, as the seller sent it.
    pub file: PathBuf,
    /// The secret, as `sample anchor` wrote it.
    #[arg(long, value_name = "FILE")]
    pub secret: PathBuf,
    /// The log's key, from the contract; without it the one of the last reveal.
    #[arg(long, value_name = "VKEY")]
    pub key: Option<String>,
}

/// Arguments of `sample draw`.
#[derive(Debug, Args)]
pub struct DrawSample {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The statement's printed number.
    #[arg(long, value_name = "NUMBER")]
    pub statement: String,
    /// Every work alike (`bottom_k`), or by the money that it is charged (`money`).
    #[arg(long, value_parser = method())]
    pub method: SampleMethod,
    /// From all works of the statement (`all`), or from those of one definition (`unit:ID`).
    #[arg(long, default_value = "all", value_parser = stratum)]
    pub stratum: String,
    /// How many. A larger number than last time extends the sample; the first works stay.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub size: u32,
    /// The nonce that the buyer revealed for this statement (`sample reveal`).
    #[arg(long, value_name = "HEX", conflicts_with = "seller_seeded")]
    pub nonce: Option<String>,
    /// Draw without the nonce of a buyer who anchored a chain: no proof, and then no draw from this
    /// statement ever is.
    #[arg(long)]
    pub seller_seeded: bool,
    /// Who draws it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `sample show`.
#[derive(Debug, Args)]
pub struct ShowSamples {
    /// The buyer: a proof file made after the draw.
    #[arg(required_unless_present = "customer")]
    pub file: Option<PathBuf>,
    /// The buyer: the secret, to check that each nonce was revealed from it, and for the statement as
    /// it is now.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub secret: Option<PathBuf>,
    /// The buyer: the log's key, from the contract.
    #[arg(long, value_name = "VKEY", requires = "file", conflicts_with = "pins")]
    pub key: Option<String>,
    /// The buyer: the file with key and head that `verify` wrote.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub pins: Option<PathBuf>,
    /// The seller: samples of this customer, from the own book.
    #[arg(long, conflicts_with = "file")]
    pub customer: Option<String>,
    /// Of this statement alone.
    #[arg(long, value_name = "NUMBER")]
    pub statement: Option<String>,
}

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct Review {
    /// What to do.
    #[command(subcommand)]
    pub command: ReviewCommand,
}

/// What to do with reviews.
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// Record what a review of a sampled work found: `review.recorded`. The seller: into the book,
    /// with --customer. The buyer: signed, for the seller to ingest, with --proof and --key.
    Record(RecordReview),
}

/// Arguments of `review record`.
#[derive(Debug, Args)]
pub struct RecordReview {
    /// The work, as `sample show` prints it.
    pub work: String,
    /// The sample's id, as `sample show` prints it.
    #[arg(long, value_name = "ID")]
    pub sample: String,
    /// What the review found: taken as it was, taken after edits, or not taken.
    #[arg(long, value_parser = ["accepted", "edited", "rejected"])]
    pub result: String,
    /// How much of the work was changed, 0 to 1.
    #[arg(long, value_name = "SHARE")]
    pub edit_share: Option<String>,
    /// Minutes spent on the review.
    #[arg(long)]
    pub minutes: Option<String>,
    /// Who reviewed (a role, no name).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
    /// The seller: the customer's id.
    #[arg(long, required_unless_present = "proof")]
    pub customer: Option<String>,
    /// The buyer: a proof file made after the draw.
    #[arg(
        long,
        value_name = "FILE",
        requires = "key",
        conflicts_with = "customer"
    )]
    pub proof: Option<PathBuf>,
    /// The buyer's key.
    #[arg(long, value_name = "FILE", requires = "proof")]
    pub key: Option<PathBuf>,
    /// The buyer: the log's key, from the contract; without it the file's own is taken.
    #[arg(long, value_name = "VKEY", requires = "proof")]
    pub log_key: Option<String>,
}

fn method() -> impl TypedValueParser<Value = SampleMethod> {
    let bottom_k = SampleMethod::BottomK.word();
    let words = [
        PossibleValue::new(bottom_k).alias("bottom-k"),
        PossibleValue::new(SampleMethod::Money.word()),
    ];
    // The parser lets no other word through.
    PossibleValuesParser::new(words).map(|word| {
        if word == SampleMethod::Money.word() {
            SampleMethod::Money
        } else {
            SampleMethod::BottomK
        }
    })
}

fn stratum(text: &str) -> Result<String, String> {
    let unit = text.strip_prefix("unit:");
    if text == "all" || unit.is_some_and(|id| !id.is_empty()) {
        Ok(text.to_owned())
    } else {
        Err("expected `all` or `unit:` and the id of a definition".to_owned())
    }
}
