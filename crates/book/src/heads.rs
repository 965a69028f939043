//! Signed heads of the book's logs.
//!
//! A head is signed when somebody asks for one, and kept: the log signs one root for each size.

use jiff::Timestamp;
use tlog::{Checkpoint, Note, SignerKey};
use work::LogKind;

use crate::Result;
use crate::book::Book;
use crate::error::Damaged;

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
}

/// A checkpoint under all of these keys.
fn signed(checkpoint: &Checkpoint, keys: &[SignerKey]) -> Result<Note> {
    let keys: Vec<&SignerKey> = keys.iter().collect();
    Ok(Note::sign(&checkpoint.to_text(), &keys)?)
}
