//! [`Gone`]: what was redacted behind a draw, and of which work it was.
//!
//! `docs/reference/proof-file.md` section 7: a sampled work fails where what it stood on is gone, be it a fact
//! of its unit or evidence that came after the statement and before the draw. Not here: which works were
//! drawn ([`crate::population`]). Invariant: what was redacted before the draw is not gone by it.

use work::Event;
use work::body::{Body, Control};
use work::effective::{Content, resolve};
use work::settle::FactRef;

use crate::population::ChargedUnit;

/// What a redaction behind a draw took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The event whose payload was deleted.
    target: FactRef,
    /// The evidence that it was, as far as entries before the draw say.
    evidence: Option<Event>,
}

impl Gone {
    /// Whether a charged unit stood on it.
    #[must_use]
    pub(crate) fn is_of(&self, own: &ChargedUnit<'_>) -> bool {
        let names = |event: &Event| own.is_named_by(event);
        own.unit.facts.contains(&self.target) || self.evidence.as_ref().is_some_and(names)
    }
}

/// What was redacted behind the draw at position `drawn`; `log` is in order.
#[must_use]
pub(crate) fn gone<'l>(
    log: impl Iterator<Item = (u64, &'l Event)> + Clone,
    drawn: u64,
) -> Vec<Gone> {
    let redacted = |(entry, event): (u64, &Event)| match &event.body {
        Body::Control(Control::DataRedacted {
            target_source,
            target_id,
            ..
        }) if entry > drawn => Some(FactRef {
            source: target_source.clone(),
            id: target_id.clone(),
        }),
        _ => None,
    };
    let targets: Vec<FactRef> = log.clone().filter_map(redacted).collect();
    if targets.is_empty() {
        return Vec::new();
    }
    let content = |(entry, event): (u64, &Event)| Content {
        entry,
        event: event.clone(),
    };
    let before = log.take_while(|(entry, _)| *entry < drawn).map(content);
    let before = resolve(before.collect());
    let evidence = |target: &FactRef| {
        let mut facts = before.facts.iter();
        let fact = facts.find(|own| own.reference() == *target)?;
        let is_evidence = matches!(fact.event.body, Body::Evidence { .. });
        is_evidence.then(|| fact.event.clone())
    };
    let gone = targets.into_iter().map(|target| Gone {
        evidence: evidence(&target),
        target,
    });
    gone.collect()
}
