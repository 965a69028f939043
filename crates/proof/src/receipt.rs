//! [`Receipt`]: what the log says of one work, with proofs that it says so.
//!
//! `docs/reference/proof-file.md` section 8. A receipt is small enough to show beside the work in the
//! seller's own product. Whoever has the log's key checks that the entries in it are in the log; that
//! nothing else is said of the work, only the proof file shows. Not here: deciding what became of a
//! work (`work` and `pricing` do). Invariant: a receipt that is checked was written in one way only,
//! and every entry in it is in the log under one head.

use jiff::Timestamp;
use money::Amount;
use tlog::tlog_proof::TlogProof;
use tlog::{Hash, VerifierKey};
use work::body::Body;
use work::{Digest, Json};

use crate::entry::Entry;
use crate::limits::{RECEIPT_BYTES_MAX, RECEIPT_PROOFS_MAX};
use crate::profile;

const FORMAT: &str = "1";

/// What the log says of one work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The customer.
    pub customer: String,
    /// The work, as the unit's scope names it.
    pub work: String,
    /// Id of the definition that decided it.
    pub unit: String,
    /// `pending`, `counted`, `reversed` or `not_counted`.
    pub state: String,
    /// Why, in words.
    pub why: String,
    /// The class that it counted in.
    pub class: Option<String>,
    /// When it counted.
    pub counted_at: Option<Timestamp>,
    /// What it was charged.
    pub price: Option<Amount>,
    /// Number of the statement that charges it.
    pub statement: Option<String>,
    /// The evidence: names, and commitments to the payloads.
    pub evidence: Vec<(String, Digest)>,
    /// Until when, and where, the buyer may dispute it.
    pub dispute: Option<(Timestamp, String)>,
    /// The entries that decided it, each with its proof; all under one head.
    pub proofs: Vec<TlogProof>,
}

/// What a checked receipt shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The receipt.
    pub receipt: Receipt,
    /// The entries in it with their positions in the log.
    pub entries: Vec<(u64, Entry)>,
    /// Size and root of the head that they are under.
    pub head: (u64, Hash),
}

/// Why a receipt is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Too large.
    #[error("a receipt has at most {RECEIPT_BYTES_MAX} bytes and {RECEIPT_PROOFS_MAX} proofs")]
    TooLarge,
    /// Not in the form of a receipt.
    #[error("this is no receipt: {0}")]
    Form(String),
    /// An entry is not proved.
    #[error("proof {number}: {problem}")]
    Proof {
        /// Which proof, from 1.
        number: usize,
        /// Why.
        problem: String,
    },
    /// Evidence that no entry names.
    #[error("no entry in the receipt names the evidence `{0}`")]
    Evidence(String),
}

impl Receipt {
    /// The receipt as text: one line in the strict profile.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = |text: &str| Some(Json::text(text));
        let evidence = self.evidence.iter().map(|(name, commitment)| {
            Json::object([
                ("name", text(name)),
                ("commitment", text(&commitment.to_string())),
            ])
        });
        let dispute = self.dispute.as_ref().map(|(until, place)| {
            Json::object([("until", text(&until.to_string())), ("where", text(place))])
        });
        let proofs = self
            .proofs
            .iter()
            .map(|proof| Json::text(proof.to_string()));
        Json::object([
            ("v", Some(Json::Number(FORMAT.into()))),
            ("customer", text(&self.customer)),
            ("work", text(&self.work)),
            ("unit", text(&self.unit)),
            ("state", text(&self.state)),
            ("why", text(&self.why)),
            ("class", self.class.as_deref().and_then(text)),
            (
                "counted_at",
                self.counted_at.and_then(|at| text(&at.to_string())),
            ),
            (
                "price",
                self.price.and_then(|price| text(&price.to_string())),
            ),
            ("statement", self.statement.as_deref().and_then(text)),
            ("evidence", Some(Json::Array(evidence.collect()))),
            ("dispute", dispute),
            ("proofs", Some(Json::Array(proofs.collect()))),
        ])
        .to_canonical()
    }

    /// Checks a receipt under the log's key.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn check(bytes: &[u8], key: &VerifierKey) -> Result<Checked, ReceiptError> {
        let receipt = Receipt::parse(bytes)?;
        let mut head = None;
        let mut entries = Vec::with_capacity(receipt.proofs.len());
        for (number, proof) in (1..).zip(&receipt.proofs) {
            let refuse = |problem: String| ReceiptError::Proof { number, problem };
            let leaf = tlog::hash::leaf(proof.extra());
            let opened = proof
                .verify(&leaf, key, [])
                .map_err(|error| refuse(error.to_string()))?;
            let own = (opened.checkpoint.size(), *opened.checkpoint.root());
            if *head.get_or_insert(own) != own {
                return Err(refuse(
                    "it is under another head than those before".to_owned(),
                ));
            }
            let entry = Entry::parse(proof.extra()).map_err(|error| refuse(error.to_string()))?;
            if entry.event.customer != receipt.customer {
                return Err(refuse(format!(
                    "its entry is of customer `{}`",
                    entry.event.customer
                )));
            }
            entries.push((proof.index(), entry));
        }
        for (name, evidence) in &receipt.evidence {
            let names = |(_, entry): &(u64, Entry)| {
                matches!(&entry.event.body, Body::Evidence { name: own, commitment, .. }
                    if own == name && commitment == evidence)
            };
            if !entries.iter().any(names) {
                return Err(ReceiptError::Evidence(name.clone()));
            }
        }
        let head = head.ok_or_else(|| ReceiptError::Form("it proves nothing".to_owned()))?;
        Ok(Checked {
            receipt,
            entries,
            head,
        })
    }

    /// Reads a receipt; nothing in it is to be believed before [`Receipt::check`].
    ///
    /// # Errors
    /// [`ReceiptError::TooLarge`], [`ReceiptError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::TooLarge);
        }
        let form = |problem: &str| ReceiptError::Form(problem.to_owned());
        let json = profile::parse(bytes).map_err(|error| form(&error.to_string()))?;
        let optional = |name: &str| json.get(name).and_then(Json::as_str);
        let need = |name: &str| {
            let value = optional(name).map(str::to_owned);
            value.ok_or_else(|| form(&format!("`{name}` is missing")))
        };
        let list = |name: &str| match json.get(name) {
            Some(Json::Array(items)) => Ok(items.as_slice()),
            _ => Err(form(&format!("`{name}` is missing"))),
        };
        let proofs = list("proofs")?;
        if proofs.len() > RECEIPT_PROOFS_MAX {
            return Err(ReceiptError::TooLarge);
        }
        let proof = |(number, item): (usize, &Json)| {
            let text = item.as_str().ok_or_else(|| form("a proof is text"))?;
            text.parse::<TlogProof>()
                .map_err(|error| ReceiptError::Proof {
                    number,
                    problem: error.to_string(),
                })
        };
        let evidence = |item: &Json| {
            let name = item.get("name").and_then(Json::as_str)?;
            let commitment = item.get("commitment").and_then(Json::as_str)?;
            Some((name.to_owned(), commitment.parse().ok()?))
        };
        let dispute = |item: &Json| {
            let until = item.get("until").and_then(Json::as_str)?;
            let place = item.get("where").and_then(Json::as_str)?;
            Some((until.parse().ok()?, place.to_owned()))
        };
        let evidence: Option<Vec<_>> = list("evidence")?.iter().map(evidence).collect();
        let receipt = Receipt {
            customer: need("customer")?,
            work: need("work")?,
            unit: need("unit")?,
            state: need("state")?,
            why: need("why")?,
            class: optional("class").map(str::to_owned),
            counted_at: optional("counted_at").and_then(|text| text.parse().ok()),
            price: optional("price").and_then(|text| text.parse().ok()),
            statement: optional("statement").map(str::to_owned),
            evidence: evidence.ok_or_else(|| form("`evidence` has names and commitments"))?,
            dispute: json.get("dispute").and_then(dispute),
            proofs: (1..).zip(proofs).map(proof).collect::<Result<_, _>>()?,
        };
        // What was not read, or would be written otherwise, shows here.
        if receipt.to_text().as_bytes() != bytes {
            return Err(form(
                "a member is not of a receipt, or is written in another way",
            ));
        }
        Ok(receipt)
    }
}
