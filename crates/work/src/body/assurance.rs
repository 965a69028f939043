//! Entries about proof: keys, the buyer's signature on documents, samples that nobody picks.
//!
//! They move no money. What they mean and how they are checked is `docs/reference/proof-file.md`;
//! here is only their form. Not here: cryptography.

use super::words::words;
use crate::Digest;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::{NONCES_MAX, SAMPLE_ITEMS_MAX};

words! {
    /// Who holds a key.
    Holder {
        /// The seller: the key signs heads of the log.
        Seller = "seller",
        /// The buyer: the key signs the buyer's entries.
        Buyer = "buyer",
    }
}

words! {
    /// What a buyer acknowledges.
    Acknowledged {
        /// A definition in plain English with its edge cases.
        Exhibit = "exhibit",
        /// A contract.
        Contract = "contract",
        /// A plan.
        Plan = "plan",
        /// A definition.
        Definition = "definition",
        /// What is open as of a day, as the seller told it.
        Balance = "balance",
        /// What another system counted and billed before a contract began.
        Opening = "opening",
    }
}

words! {
    /// How a sample is drawn.
    SampleMethod {
        /// The first so many by ticket: every work alike.
        BottomK = "bottom_k",
        /// By the money that a work is charged, with replacement.
        Money = "money",
    }
}

/// An entry about proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assurance {
    /// `key.published`.
    KeyPublished {
        /// Whose it is.
        holder: Holder,
        /// The key, as a vkey.
        vkey: String,
        /// Signature by that very key over its publication, 128 hexadecimal digits.
        possession: String,
        /// Who published it (a role).
        by: String,
    },
    /// `document.acknowledged`: the buyer signs a document.
    DocumentAcknowledged {
        /// What kind of document.
        what: Acknowledged,
        /// Its digest.
        digest: Digest,
        /// The definition that an exhibit explains.
        definition: Option<Digest>,
        /// Who acknowledged it (a role).
        by: String,
    },
    /// `sample.anchored`: the buyer commits to a chain of nonces.
    SampleAnchored {
        /// The chain's last value.
        anchor: Digest,
        /// How many values stand before it.
        length: u32,
        /// Who anchored it (a role).
        by: String,
    },
    /// `sample.drawn`.
    SampleDrawn(Draw),
}

/// A sample as it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The sample's id.
    pub sample: String,
    /// Number of the statement whose works it is drawn from.
    pub statement: String,
    /// How.
    pub method: SampleMethod,
    /// From which of its works: `all` or `unit:<id>`.
    pub stratum: String,
    /// How many were asked for.
    pub size: u32,
    /// The buyer's nonce, where there is one.
    pub nonce: Option<Digest>,
    /// The seed.
    pub seed: Digest,
    /// The works drawn, each by the position of the entry that opened it.
    pub items: Vec<u64>,
    /// Who drew it (a role).
    pub by: String,
}

impl Assurance {
    pub(super) fn read_key(data: &mut Fields<'_>) -> Result<Assurance, EventError> {
        let holder = data.need_word("holder", Holder::WORDS)?;
        let vkey = data.need_id("vkey")?;
        let possession: String = data.need_id("possession")?;
        if crate::Signature::from_hex("", &possession).is_none() {
            return Err(data.fault("possession", "expected 128 lower-case hexadecimal digits"));
        }
        Ok(Assurance::KeyPublished {
            holder,
            vkey,
            possession,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn read_acknowledged(data: &mut Fields<'_>) -> Result<Assurance, EventError> {
        let what = data.need_word("what", Acknowledged::WORDS)?;
        let digest = data.need_digest("digest")?;
        let definition = data.digest("definition")?;
        if definition.is_some() != (what == Acknowledged::Exhibit) {
            return Err(data.fault(
                "definition",
                "an exhibit names the definition that it explains, and nothing else does",
            ));
        }
        Ok(Assurance::DocumentAcknowledged {
            what,
            digest,
            definition,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn read_anchored(data: &mut Fields<'_>) -> Result<Assurance, EventError> {
        let anchor = data.need_digest("anchor")?;
        let length = data.need_whole("length", 1, u64::from(NONCES_MAX))?;
        Ok(Assurance::SampleAnchored {
            anchor,
            length: u32::try_from(length).unwrap_or(NONCES_MAX), // bounded by the line above
            by: data.need_id("by")?,
        })
    }

    pub(super) fn read_drawn(data: &mut Fields<'_>) -> Result<Assurance, EventError> {
        let stratum: String = data.need_id("stratum")?;
        if stratum != "all" && stratum.strip_prefix("unit:").is_none_or(str::is_empty) {
            return Err(data.fault("stratum", "expected `all` or `unit:<id of a definition>`"));
        }
        let most = SAMPLE_ITEMS_MAX as u64;
        let size = data.need_whole("size", 1, most)?;
        Ok(Assurance::SampleDrawn(Draw {
            sample: data.need_id("sample")?,
            statement: data.need_id("statement")?,
            method: data.need_word("method", SampleMethod::WORDS)?,
            stratum,
            size: u32::try_from(size).unwrap_or(u32::MAX), // bounded by the line above
            nonce: data.digest("nonce")?,
            seed: data.need_digest("seed")?,
            items: data.need_positions("items", SAMPLE_ITEMS_MAX)?,
            by: data.need_id("by")?,
        }))
    }

    pub(super) fn members(&self) -> Json {
        let text = |value: &str| Some(Json::text(value));
        let digest = |value: &Digest| Some(Json::text(value.to_string()));
        match self {
            Assurance::KeyPublished {
                holder,
                vkey,
                possession,
                by,
            } => Json::object([
                ("holder", text(holder.word())),
                ("vkey", text(vkey)),
                ("possession", text(possession)),
                ("by", text(by)),
            ]),
            Assurance::DocumentAcknowledged {
                what,
                digest: acknowledged,
                definition,
                by,
            } => Json::object([
                ("what", text(what.word())),
                ("digest", digest(acknowledged)),
                ("definition", definition.as_ref().and_then(digest)),
                ("by", text(by)),
            ]),
            Assurance::SampleAnchored { anchor, length, by } => Json::object([
                ("anchor", digest(anchor)),
                ("length", text(&length.to_string())),
                ("by", text(by)),
            ]),
            Assurance::SampleDrawn(draw) => Json::object([
                ("sample", text(&draw.sample)),
                ("statement", text(&draw.statement)),
                ("method", text(draw.method.word())),
                ("stratum", text(&draw.stratum)),
                ("size", text(&draw.size.to_string())),
                ("nonce", draw.nonce.as_ref().and_then(digest)),
                ("seed", digest(&draw.seed)),
                (
                    "items",
                    Some(Json::Array(
                        draw.items
                            .iter()
                            .map(|item| Json::text(item.to_string()))
                            .collect(),
                    )),
                ),
                ("by", text(&draw.by)),
            ]),
        }
    }
}
