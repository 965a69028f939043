//! [`Receipt`]: what the log says of one work, for the vendor's own product.
//!
//! It holds nothing of the seller-only log, so that the fragment made of it may be shown to the buyer.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;

use super::{Fact, json};

/// The receipt of one work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The customer's id.
    pub customer: String,
    /// The work.
    pub work: String,
    /// Id of the definition that decided it.
    pub unit: String,
    /// `pending`, `counted`, `reversed` or `not_counted`.
    pub state: String,
    /// Why, in words.
    pub why: String,
    /// The class that it counted in.
    pub class: Option<String>,
    /// Since when.
    #[serde(serialize_with = "json::instant_option")]
    pub counted_at: Option<Timestamp>,
    /// Its price: its share of the statement's line where there is a statement, else what is expected.
    #[serde(serialize_with = "json::amount_option")]
    pub price: Option<Amount>,
    /// Number of the statement that states the price.
    pub statement: Option<String>,
    /// Names of the evidence, and commitments to it.
    pub evidence: Vec<(String, String)>,
    /// Until when, and where, it may be disputed.
    pub dispute: Option<Dispute>,
    /// The entries about it, each of which the receipt proves.
    pub entries: Vec<Fact>,
    /// The log's name.
    pub origin: String,
    /// Entries of the log under the signed head.
    pub size: u64,
    /// The head's root, in base64.
    pub root: String,
    /// The canonical text, which `piecework receipt check` takes.
    pub text: String,
}

/// The way to contest a work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dispute {
    /// Until when.
    #[serde(serialize_with = "json::instant")]
    pub until: Timestamp,
    /// An `https` address, or what to do in words.
    pub place: String,
}
