//! Which documents in force the buyer acknowledged under its own signature.

use std::collections::BTreeMap;

use work::Digest;
use work::body::{Acknowledged, Assurance, Body};

use super::report::{Document, Report};
use crate::carry::LogEntry;
use crate::recompute::Drawn;

/// The first signed acknowledgement of each document; of an exhibit, of the definition it explains.
pub(super) fn acknowledged(entries: &[LogEntry]) -> BTreeMap<Digest, u64> {
    let mut first = BTreeMap::new();
    for LogEntry { index, entry } in entries {
        if let Body::Assurance(Assurance::DocumentAcknowledged {
            what,
            digest,
            definition,
            ..
        }) = &entry.event.body
            && entry.event.signature.is_some()
        {
            let document = match (what, definition) {
                (Acknowledged::Exhibit, Some(definition)) => definition,
                _ => digest,
            };
            first.entry(*document).or_insert(*index);
        }
    }
    first
}

impl Report {
    /// Takes what the statement says of itself.
    pub(super) fn take(&mut self, drawn: &Drawn, acknowledged: &BTreeMap<Digest, u64>) {
        let statement = &drawn.statement;
        self.total = Some(statement.total);
        self.authorship.clone_from(&statement.authorship);
        self.by_signature = Some(statement.by_signature);
        self.conflicts.clone_from(&drawn.account.conflicts);
        let flags = drawn.account.flags.iter();
        self.ignored = flags
            .map(|flag| (flag.entry, flag.problem.clone()))
            .collect();
        let Some(held) = drawn.account.contract(&statement.contract) else {
            return;
        };
        let mut documents = Vec::new();
        for version in &held.agreement.versions {
            let terms = &version.terms;
            documents.push(("contract", terms.contract.digest));
            documents.push(("plan", terms.plan));
            let definitions = terms.definitions.values();
            documents.extend(definitions.map(|own| ("definition", own.digest)));
        }
        documents.sort();
        documents.dedup();
        let document = |(what, digest): (&'static str, Digest)| Document {
            what,
            digest,
            acknowledged: acknowledged.get(&digest).copied(),
        };
        self.documents = documents.into_iter().map(document).collect();
    }
}
