//! Signed heads of the book's logs.
//!
//! A head is signed when somebody asks for one, and kept: the log signs one root for each size. The buyer's
//! cosignature on it is kept beside the log's. Invariant: no line is kept that was not verified.

use jiff::Timestamp;
use proof::signers::Signers;
use tlog::checkpoint::Cosignature;
use tlog::vkey::SignatureType;
use tlog::{Checkpoint, Note, SignerKey, VerifierKey};
use work::LogKind;
use work::body::Kind;

use crate::Result;
use crate::book::Book;
use crate::error::{CosignatureError, Damaged, Invalid, Refused};
use crate::limits::COSIGNER_AHEAD_SECONDS_MAX;

impl Book {
    /// The origin of a customer's shared log, which the buyer's signatures in it name.
    ///
    /// # Errors
    /// Where the book's secret cannot be read, or `[proof] log` makes no name of a log.
    pub fn origin(&self, customer: &str) -> Result<String> {
        let origin = self.keyring()?.origin(LogKind::Shared, customer)?;
        Ok(origin.to_string())
    }

    /// The signed head of a log, now or at an earlier size, with the cosignatures that are kept.
    ///
    /// # Errors
    /// Where the log has no such size, or the book's secret cannot be read.
    pub fn checkpoint(
        &self,
        customer: &str,
        log: LogKind,
        size: Option<u64>,
        now: Timestamp,
    ) -> Result<Note> {
        let head = self.store.tree_head(customer, log, size)?;
        let keys = self.keyring()?.signers(log, customer, now)?;
        let origin = self.keyring()?.origin(log, customer)?;
        let checkpoint = Checkpoint::new(origin.as_str(), head.size, head.root)?;
        let note = signed(&checkpoint, &keys)?;
        self.store
            .keep_checkpoint(customer, log, &note.to_string())?;
        let kept = self.store.checkpoint(customer, log, head.size)?;
        let kept = kept.ok_or(Damaged::Missing("a head that was just kept"))?;
        let kept: Note = kept.parse()?;
        Ok(kept)
    }

    /// The head of a log that was signed last, of at most so many entries; nothing where none was.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn signed_head(&self, customer: &str, log: LogKind, at_most: u64) -> Result<Option<Note>> {
        let kept = self.store.checkpoint(customer, log, at_most)?;
        Ok(kept.map(|own| own.parse()).transpose()?)
    }

    /// Keeps the buyer's cosignatures on a head of the customer log: those of a note's lines that a key made
    /// which the log publishes as the buyer's. The head with all of them.
    ///
    /// # Errors
    /// [`Invalid`] for what is no head; [`Refused::OtherHead`] for another head than the log's;
    /// [`Refused::Cosignature`] where no line is the buyer's, or one does not verify.
    pub fn cosign(&self, customer: &str, note: &str, now: Timestamp) -> Result<(Checkpoint, Note)> {
        let _turn = self.turns.take(customer);
        let note: Note = note.parse().map_err(Invalid::Note)?;
        let head: Checkpoint = note.text().parse().map_err(Invalid::Head)?;
        let other = || Refused::OtherHead {
            customer: customer.to_owned(),
            size: head.size(),
        };
        if head.size() > self.store.head(customer, LogKind::Shared)? {
            return Err(other().into());
        }
        let mut kept = self.checkpoint(customer, LogKind::Shared, Some(head.size()), now)?;
        if kept.text() != note.text() {
            return Err(other().into());
        }
        let keys = self.keyring()?.signers(LogKind::Shared, customer, now)?;
        let log = keys[0].verifier_key(); // there is always the latest, and it has just signed
        let cosigners = self.cosigners(customer)?;
        let before = Checkpoint::open(&kept, log, &cosigners)?.cosignatures;
        let taken = taken(&note, &kept, log, &cosigners)?;
        for (line, time) in taken {
            if time > seconds(now) + COSIGNER_AHEAD_SECONDS_MAX {
                return Err(Refused::from(CosignatureError::Ahead { time }).into());
            }
            let is_later = |own: &Cosignature<'_>| {
                (own.key.name(), own.key.id()) == (line.name(), line.id()) && own.time >= time
            };
            if !before.iter().any(is_later) {
                kept.add(line)?;
            }
        }
        self.store
            .keep_checkpoint(customer, LogKind::Shared, &kept.to_string())?;
        Ok((head, kept))
    }

    /// The keys that a customer log publishes as the buyer's, as they cosign.
    fn cosigners(&self, customer: &str) -> Result<Vec<VerifierKey>> {
        let origin = self.origin(customer)?;
        let mut signers = Signers::default();
        for entry in self.store.entries(customer, LogKind::Shared, 0..u64::MAX)? {
            let entry = entry?;
            if entry.event.body.tag() == Kind::KeyPublished {
                let taken = signers.take(&entry.event, &origin);
                taken.map_err(|source| Damaged::Key {
                    customer: customer.to_owned(),
                    index: entry.index,
                    source,
                })?;
            }
        }
        let cosigner = |key: &VerifierKey| {
            VerifierKey::new(
                key.name().clone(),
                SignatureType::Cosignature,
                key.public_key(),
            )
        };
        Ok(signers
            .buyer()
            .map(cosigner)
            .collect::<Result<_, _>>()
            .map_err(Damaged::CosignerKey)?)
    }
}

/// The lines of a note that one of the cosigners made over this head, each with its time.
fn taken(
    note: &Note,
    kept: &Note,
    log: &VerifierKey,
    cosigners: &[VerifierKey],
) -> Result<Vec<(tlog::note::Signature, u64)>, Refused> {
    let mut taken = Vec::new();
    for line in note.signatures() {
        let is_own = |key: &&VerifierKey| (key.name(), key.id()) == (line.name(), line.id());
        let Some(key) = cosigners.iter().find(is_own) else {
            continue;
        };
        let mut alone = kept.clone();
        let unverified = |error| Refused::Cosignature(CosignatureError::Unverified(error));
        alone
            .add(line.clone())
            .map_err(|error| unverified(error.into()))?;
        let opened = Checkpoint::open(&alone, log, [key]).map_err(unverified)?;
        taken.extend(
            opened
                .cosignatures
                .iter()
                .map(|own| (line.clone(), own.time)),
        );
    }
    if taken.is_empty() {
        let known = cosigners
            .iter()
            .map(|key| format!("{}+{}", key.name(), key.id()));
        let known = known.collect();
        return Err(CosignatureError::Nobody { known }.into());
    }
    Ok(taken)
}

/// Seconds since 1970; none before.
fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}

/// A checkpoint under all of these keys.
fn signed(checkpoint: &Checkpoint, keys: &[SignerKey]) -> Result<Note> {
    let keys: Vec<&SignerKey> = keys.iter().collect();
    Ok(Note::sign(&checkpoint.to_text(), &keys)?)
}
