//! [`Signatures`]: which of the facts that decide works the buyer really signed.
//!
//! Authorship is what an event says of itself; a signature is what its author cannot deny. Not here:
//! checking signatures (`proof` does, before an entry is believed). Invariant: a fact is as signed as
//! the content that stands for it, so what a correction put in place is signed where the correction is.

use std::collections::HashSet;

use work::effective::{Content, Fact};
use work::event::Authorship;
use work::settle::{FactRef, MovementKind, Unit};

/// Whether the buyer signed a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signed {
    /// It did.
    Yes,
    /// It did not: somebody says that the buyer wrote it.
    No,
    /// The fact is of a carried work, and its entry is not at hand.
    NotAtHand,
}

/// The facts in the buyer's name that it signed, and those whose entries are not at hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Signatures {
    signed: HashSet<FactRef>,
    not_at_hand: HashSet<FactRef>,
}

impl Signatures {
    /// The corrections of a log that carry a signature.
    pub(super) fn corrections(contents: &[Content]) -> HashSet<FactRef> {
        let signed = contents.iter().map(|content| &content.event);
        signed
            .filter(|event| {
                event.signature.is_some() && event.body.tag() == work::body::Kind::Corrected
            })
            .map(|event| FactRef {
                source: event.source.clone(),
                id: event.id.clone(),
            })
            .collect()
    }

    /// Takes the facts that stand, beside the signed corrections.
    pub(super) fn take(&mut self, facts: &[Fact], corrections: &HashSet<FactRef>) {
        let is_signed = |fact: &&Fact| {
            let corrected = fact.corrected_by.as_ref();
            fact.event.signature.is_some() || corrected.is_some_and(|by| corrections.contains(by))
        };
        let signed = facts.iter().filter(is_signed).map(Fact::reference);
        self.signed.extend(signed);
    }

    /// Takes a work that was settled before: what decided it in the buyer's name is not at hand.
    pub(super) fn take_carried(&mut self, unit: &Unit) {
        let counts = unit.movements.iter().filter(|own| {
            own.kind == MovementKind::Counted && own.basis.decided_by == Authorship::Buyer
        });
        let deciding = counts.filter_map(|count| unit.decided_by(count));
        self.not_at_hand.extend(deciding.cloned());
    }

    /// Whether the buyer signed a fact.
    pub(super) fn of(&self, fact: &FactRef) -> Signed {
        if self.signed.contains(fact) {
            Signed::Yes
        } else if self.not_at_hand.contains(fact) {
            Signed::NotAtHand
        } else {
            Signed::No
        }
    }
}
