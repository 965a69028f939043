//! Proofs that entries stand in a log, all under its latest signed head.

use jiff::Timestamp;
use tlog::TlogProof;
use work::LogKind;

use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Damaged};

impl Book {
    /// The proof that an entry stands in a log, under its latest head, with the entry in it.
    ///
    /// # Errors
    /// Where there is no such entry, or the head cannot be signed.
    pub fn inclusion(
        &self,
        customer: &str,
        log: LogKind,
        index: u64,
        now: Timestamp,
    ) -> Result<TlogProof> {
        let mut proofs = self.inclusions(customer, log, &[index], now)?;
        let proof = proofs.pop();
        Ok(proof.ok_or(Damaged::Missing("the entry"))?)
    }

    /// The same for several entries, all under one head.
    ///
    /// # Errors
    /// As [`Book::inclusion`].
    pub fn inclusions(
        &self,
        customer: &str,
        log: LogKind,
        indices: &[u64],
        now: Timestamp,
    ) -> Result<Vec<TlogProof>> {
        let head = self.store.tree_head(customer, log, None)?;
        if indices.iter().any(|index| *index >= head.size) {
            return Err(Absent::Entry {
                customer: customer.to_owned(),
                log,
                size: head.size,
            }
            .into());
        }
        let note = self.checkpoint(customer, log, Some(head.size), now)?;
        let prove = |index: u64| {
            let mut entries = self.store.entry_bytes(customer, log, index..index + 1)?;
            let entry = entries.next().ok_or(Damaged::Missing("the entry"))??;
            let path = self
                .store
                .inclusion_proof(customer, log, index, head.size)?;
            Ok(TlogProof::new(entry, index, path, note.clone())?)
        };
        indices.iter().copied().map(prove).collect()
    }
}
