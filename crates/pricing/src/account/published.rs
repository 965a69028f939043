//! Published documents whose numbers enter rating: which may be published, and which the account holds.
//!
//! A document that changes what was stated names who approved that (semantics.md D12). What was only awaited is not
//! changed by the first document that tells it: a month's measure comes after the month.

use work::body::DocumentKind;
use work::effective::Fact;

use super::check::Refusal;
use super::{Account, Held};
use crate::limits::RATED_DOCUMENTS_MAX;
use crate::published::{Document, Published, Says};

impl Account {
    /// Whether a document whose numbers enter rating may be published.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_publish(&self, document: &Document) -> Result<(), Refusal> {
        if self.published.len() >= RATED_DOCUMENTS_MAX {
            return Err(Refusal::ManyDocuments);
        }
        if document.reprice.is_some() {
            return Ok(());
        }
        let named = |held: &&Held| names(held, document.kind(), &document.subject);
        let cuts = self
            .contracts
            .iter()
            .filter(named)
            .filter_map(Held::last_cut);
        let Some(cut) = cuts.max() else {
            return Ok(());
        };
        let mut earlier = (self.published.iter())
            .map(|own| &own.document)
            .filter(|own| own.kind() == document.kind() && own.subject == document.subject);
        let restates = match document.says {
            Says::Calibration { .. } => document.from < cut,
            Says::Measure(_) => {
                document.until.is_some_and(|until| until <= cut)
                    && earlier.any(|own| (own.from, own.until) == (document.from, document.until))
            }
            Says::Baseline(_) => document.from < cut && earlier.any(|own| own.overlaps(document)),
            Says::Fx { .. } => false,
        };
        match restates {
            true => Err(Refusal::Restates {
                what: format!("{} of `{}`", document.kind().word(), document.subject),
                cut,
            }),
            false => Ok(()),
        }
    }

    /// Whether a text is what was said last of its subject: nothing that overlaps it was published behind it.
    #[must_use]
    pub fn is_last_said(&self, document: &Document) -> bool {
        let same = self.published.iter().filter(|own| {
            own.document.kind() == document.kind()
                && own.document.subject == document.subject
                && own.document.overlaps(document)
        });
        let last = same.max_by_key(|own| (own.time, &own.fact));
        last.is_some_and(|own| own.document.digest == document.digest)
    }

    /// Takes a document of the log.
    pub(super) fn publish(
        &mut self,
        kind: DocumentKind,
        text: &str,
        fact: &Fact,
    ) -> Result<(), String> {
        let document = Document::parse(kind, text).map_err(|error| error.to_string())?;
        self.may_publish(&document)
            .map_err(|error| error.to_string())?;
        self.published.push(Published {
            fact: fact.reference(),
            time: fact.event.time,
            document,
        });
        Ok(())
    }
}

/// Whether a version of a contract looks at documents of that kind and subject.
fn names(held: &Held, kind: DocumentKind, subject: &str) -> bool {
    let versions = held.agreement.versions.iter();
    let mut components = versions.flat_map(|version| &version.terms.components);
    components.any(|component| component.looks_at(kind) == Some(subject))
}
