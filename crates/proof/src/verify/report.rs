//! [`Report`]: what a verification found, beyond yes or no.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use pricing::statement::BySignature;
use tlog::{Hash, VerifierKey};
use work::event::Authorship;
use work::settle::FactRef;
use work::{Digest, Json};

use super::Head;
use super::refusal::Refusal;
use crate::draws::{Drawing, Turn};

/// What a verification found. Of a refused file, only what was checked before the refusal is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Why the file is refused; `None` where it is valid.
    pub refusal: Option<Refusal>,
    /// Which statement.
    pub statement: Option<Which>,
    /// The log and its key.
    pub log: Option<Log>,
    /// Entries by type.
    pub entries: BTreeMap<String, u64>,
    /// Entries that say that the buyer wrote them.
    pub said_by_buyer: u64,
    /// Entries that the buyer signed.
    pub signed_by_buyer: u64,
    /// The statement's total, before tax.
    pub total: Option<Amount>,
    /// The total by who authored the facts that decided it; `None` is what was agreed.
    pub authorship: BTreeMap<Option<Authorship>, Amount>,
    /// What the buyer's part of it rests on.
    pub by_signature: Option<BySignature>,
    /// The documents in force, and whether the buyer acknowledged them.
    pub documents: Vec<Document>,
    /// Cosignatures of the head that verify.
    pub cosignatures: Vec<Cosigned>,
    /// Samples, all drawn as they say.
    pub samples: Vec<Sampled>,
    /// The head that samples of the statement are drawn from.
    pub drawn_from: Option<Head>,
    /// The statement's chain of nonces, and which value of it is the statement's.
    pub turn: Option<Turn>,
    /// Every draw of the log, whose nonces are as they must be; `samples` has those drawn again.
    pub drawings: Vec<Drawing>,
    /// What was redacted.
    pub redactions: Vec<Redacted>,
    /// Identities with several contents and no decision, within the statement's coverage.
    pub conflicts: Vec<FactRef>,
    /// Entries that changed nothing, and why, within the statement's coverage.
    pub ignored: Vec<(u64, String)>,
    /// The standing cover that the statement is paid with.
    pub cover: Option<Covering>,
    /// The entry that voids the statement.
    pub voided_by: Option<u64>,
    /// The statement whose carry the file goes on from: what came before was verified with it, or
    /// was not.
    pub rests_on: Option<String>,
    /// Samples of other statements than the file's own, which were not drawn again: a file that goes
    /// on from a carry does not have what they were drawn from.
    pub other_samples: u64,
}

/// Which statement a file is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The customer.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The printed number.
    pub number: String,
    /// The cut.
    pub cut: Timestamp,
    /// Which issue of the cut.
    pub revision: u32,
    /// Entries that it was computed from.
    pub coverage: u64,
    /// Position of the entry that issues it.
    pub issued: u64,
}

/// The log, as its head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The key that signed the head; its name is the log's origin.
    pub key: VerifierKey,
    /// Whether the key came from the verifier, not from the file.
    pub is_key_pinned: bool,
    /// Whether the head was compared with an earlier one.
    pub is_head_pinned: bool,
    /// Size of the head.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// A document in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `contract`, `plan` or `definition`.
    pub what: &'static str,
    /// Its digest.
    pub digest: Digest,
    /// The first entry in which the buyer acknowledged it (a definition: it or its exhibit) under its
    /// own signature.
    pub acknowledged: Option<u64>,
    /// Of a definition with works under it: whether the buyer acknowledged it before the first of them,
    /// by the log's order and by the time that the buyer signed.
    pub before_first_work: Option<bool>,
}

/// A cover that binds the file's statement with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The printed number.
    pub number: String,
    /// The entry that issues it.
    pub entry: u64,
    /// The last day of what its statements are about.
    pub through: Date,
    /// The day by which it is to be paid.
    pub due_on: Date,
    /// Its statements.
    pub statements: Vec<String>,
    /// What they come to, before credits and tax.
    pub total: Amount,
    /// What of it prepaid credits do not pay.
    pub payable: Amount,
    /// Whether all of its statements were computed again; else each of the others has a file of its own.
    pub is_computed: bool,
}

/// A cosignature of the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The cosigner.
    pub name: String,
    /// The id of its key.
    pub key_id: String,
    /// When, in seconds since 1970, as it says.
    pub time: u64,
}

/// A sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// Its id.
    pub sample: String,
    /// The statement that it is from.
    pub statement: String,
    /// `bottom_k` or `money`.
    pub method: &'static str,
    /// `all` or `unit:<id>`.
    pub stratum: String,
    /// Items that it could have drawn.
    pub population: u64,
    /// The items drawn, by the entry that opened them.
    pub items: Vec<u64>,
    /// Whether the buyer's nonce is in the seed: without it the seller could have picked the head.
    pub by_buyers_nonce: bool,
    /// The items that count as failed, because a payload was redacted after the draw.
    pub failed: Vec<u64>,
}

/// A redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The entry that records it.
    pub entry: u64,
    /// Whose payload is gone.
    pub target: FactRef,
    /// Why.
    pub reason: String,
}

impl Report {
    /// Whether the file is valid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.refusal.is_none()
    }

    /// The report as JSON, for machines.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let text = |text: &str| Some(Json::text(text));
        let verdict = if self.is_valid() { "valid" } else { "refused" };
        let refusal = self.refusal.as_ref();
        let counts = self
            .entries
            .iter()
            .map(|(kind, n)| (kind.into(), number(*n)));
        let authorship = self.authorship.iter().map(|(author, share)| {
            let word = author.map_or("agreed", Authorship::word);
            (word.into(), Json::text(share.to_string()))
        });
        let ignored = self.ignored.iter().map(|(entry, problem)| {
            Json::object([("entry", Some(number(*entry))), ("problem", text(problem))])
        });
        Json::object([
            ("verdict", text(verdict)),
            ("code", refusal.and_then(|own| text(own.code.word()))),
            ("reason", refusal.and_then(|own| text(&own.reason))),
            ("statement", self.statement.as_ref().map(Which::to_json)),
            ("log", self.log.as_ref().map(Log::to_json)),
            ("entries", Some(Json::Object(counts.collect()))),
            ("said_by_buyer", Some(number(self.said_by_buyer))),
            ("signed_by_buyer", Some(number(self.signed_by_buyer))),
            (
                "total",
                self.total.and_then(|total| text(&total.to_string())),
            ),
            ("authorship", Some(Json::Object(authorship.collect()))),
            ("by_signature", self.by_signature.map(by_signature)),
            ("documents", list(&self.documents, Document::to_json)),
            ("cosignatures", list(&self.cosignatures, Cosigned::to_json)),
            ("drawn_from", self.drawn_from.map(Head::to_json)),
            ("chain", self.turn.as_ref().map(Turn::to_json)),
            ("samples", list(&self.samples, Sampled::to_json)),
            ("redactions", list(&self.redactions, Redacted::to_json)),
            ("conflicts", list(&self.conflicts, fact)),
            ("ignored", Some(Json::Array(ignored.collect()))),
            ("cover", self.cover.as_ref().map(Covering::to_json)),
            ("voided_by", self.voided_by.map(number)),
            ("rests_on", self.rests_on.as_deref().and_then(text)),
            ("other_samples", Some(number(self.other_samples))),
        ])
    }
}

fn number(number: u64) -> Json {
    Json::text(number.to_string())
}

fn by_signature(parts: BySignature) -> Json {
    let text = |amount: Amount| Some(Json::text(amount.to_string()));
    Json::object([
        ("signed", text(parts.signed)),
        ("unsigned", text(parts.unsigned)),
        ("not_at_hand", text(parts.not_at_hand)),
    ])
}

fn numbers(numbers: &[u64]) -> Json {
    Json::Array(numbers.iter().copied().map(number).collect())
}

fn list<T>(items: &[T], to_json: impl Fn(&T) -> Json) -> Option<Json> {
    Some(Json::Array(items.iter().map(to_json).collect()))
}

fn fact(fact: &FactRef) -> Json {
    Json::object([
        ("source", Some(Json::text(fact.source.clone()))),
        ("id", Some(Json::text(fact.id.clone()))),
    ])
}

impl Which {
    fn to_json(&self) -> Json {
        let text = |text: &str| Some(Json::text(text));
        Json::object([
            ("customer", text(&self.customer)),
            ("contract", text(&self.contract)),
            ("number", text(&self.number)),
            ("cut", text(&self.cut.to_string())),
            ("revision", Some(number(u64::from(self.revision)))),
            ("coverage", Some(number(self.coverage))),
            ("issued", Some(number(self.issued))),
        ])
    }
}

impl Log {
    fn to_json(&self) -> Json {
        Json::object([
            ("origin", Some(Json::text(self.key.name().as_str()))),
            ("vkey", Some(Json::text(self.key.to_string()))),
            ("key_pinned", Some(Json::Bool(self.is_key_pinned))),
            ("head_pinned", Some(Json::Bool(self.is_head_pinned))),
            ("size", Some(number(self.size))),
            ("root", Some(Json::text(self.root.to_string()))),
        ])
    }
}

impl Head {
    fn to_json(self) -> Json {
        Json::object([
            ("size", Some(number(self.size))),
            ("root", Some(Json::text(self.root.to_string()))),
        ])
    }
}

impl Turn {
    fn to_json(&self) -> Json {
        let chain = &self.chain;
        Json::object([
            ("entry", Some(number(chain.entry))),
            ("anchor", Some(Json::text(chain.anchor.to_string()))),
            ("length", Some(number(u64::from(chain.length)))),
            ("statements", Some(number(chain.statements))),
            ("number", Some(number(self.number))),
        ])
    }
}

impl Document {
    fn to_json(&self) -> Json {
        Json::object([
            ("what", Some(Json::text(self.what))),
            ("digest", Some(Json::text(self.digest.to_string()))),
            ("acknowledged", self.acknowledged.map(number)),
            ("before_first_work", self.before_first_work.map(Json::Bool)),
        ])
    }
}

impl Covering {
    fn to_json(&self) -> Json {
        let statements = self.statements.iter().map(Json::text);
        Json::object([
            ("number", Some(Json::text(&self.number))),
            ("entry", Some(number(self.entry))),
            ("through", Some(Json::text(self.through.to_string()))),
            ("due_on", Some(Json::text(self.due_on.to_string()))),
            ("statements", Some(Json::Array(statements.collect()))),
            ("total", Some(Json::text(self.total.to_string()))),
            ("payable", Some(Json::text(self.payable.to_string()))),
            ("computed", Some(Json::Bool(self.is_computed))),
        ])
    }
}

impl Cosigned {
    fn to_json(&self) -> Json {
        Json::object([
            ("name", Some(Json::text(&self.name))),
            ("key_id", Some(Json::text(&self.key_id))),
            ("time", Some(number(self.time))),
        ])
    }
}

impl Sampled {
    fn to_json(&self) -> Json {
        Json::object([
            ("sample", Some(Json::text(&self.sample))),
            ("statement", Some(Json::text(&self.statement))),
            ("method", Some(Json::text(self.method))),
            ("stratum", Some(Json::text(&self.stratum))),
            ("population", Some(number(self.population))),
            ("by_buyers_nonce", Some(Json::Bool(self.by_buyers_nonce))),
            ("items", Some(numbers(&self.items))),
            ("failed", Some(numbers(&self.failed))),
        ])
    }
}

impl Redacted {
    fn to_json(&self) -> Json {
        Json::object([
            ("entry", Some(number(self.entry))),
            ("source", Some(Json::text(self.target.source.clone()))),
            ("id", Some(Json::text(self.target.id.clone()))),
            ("reason", Some(Json::text(&self.reason))),
        ])
    }
}
