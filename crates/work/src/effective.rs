//! Which contents stand: identity conflicts and corrections (semantics.md S4, S5).
//!
//! A log holds every acknowledged content. [`resolve`] decides, from the set of contents alone, which
//! of them are facts: the first content of an identity unless a correction chooses another, voids it
//! or replaces it. Only *which content came first* looks at the order of the log, and only until a
//! decision names the right one. Corrections act whatever their own time.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::body::{Action, Body};
use crate::limits::CORRECTION_DEPTH_MAX;
use crate::settle::FactRef;
use crate::{Digest, Event};

/// One content of a log, in the log's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Position in the log.
    pub entry: u64,
    /// The content.
    pub event: Event,
}

/// A content that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Position in the log of the identity's first content.
    pub entry: u64,
    /// The content that stands, possibly a replacement.
    pub event: Event,
    /// The correction that made it so.
    pub corrected_by: Option<FactRef>,
}

impl Fact {
    /// The fact's source and id.
    #[must_use]
    pub fn reference(&self) -> FactRef {
        FactRef {
            source: self.event.source.clone(),
            id: self.event.id.clone(),
        }
    }
}

/// What the contents of a log amount to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effective {
    /// The facts, in the order of the log; corrections themselves are not among them.
    pub facts: Vec<Fact>,
    /// Entries whose content does not stand: voided, replaced, or not the one chosen.
    pub superseded: Vec<u64>,
    /// Corrections whose target (identity and digest) is not in the log, or is none: pending.
    pub missing_target: Vec<FactRef>,
    /// Identities with several contents and no decision: the first stands until there is one.
    pub conflicts: Vec<FactRef>,
    /// Targets with several effective corrections: the greatest (time, source, id) won.
    pub forks: Vec<FactRef>,
    /// Corrections of what the buyer signed that carry no signature: they have no effect.
    pub powerless: Vec<FactRef>,
}

/// Decides which contents stand.
#[must_use]
pub fn resolve(contents: Vec<Content>) -> Effective {
    let touched = touched_identities(&contents);
    let mut outcome = Effective::default();
    if touched.is_empty() {
        outcome.facts = contents
            .into_iter()
            .map(|content| Fact {
                entry: content.entry,
                event: content.event,
                corrected_by: None,
            })
            .collect();
        return outcome;
    }
    let mut plain: Vec<Fact> = Vec::with_capacity(contents.len());
    let mut disputed: BTreeMap<FactRef, Vec<Content>> = BTreeMap::new();
    for content in contents {
        let identity = reference(&content.event);
        if touched.contains(&identity) {
            disputed.entry(identity).or_default().push(content);
        } else {
            plain.push(Fact {
                entry: content.entry,
                event: content.event,
                corrected_by: None,
            });
        }
    }
    let mut resolver = Resolver::new(&disputed);
    for identity in disputed.keys() {
        resolver.standing(identity, 0);
    }
    let Resolver {
        memo,
        corrections,
        controls,
        conflicts,
        forks,
        powerless,
        ..
    } = resolver;
    outcome.missing_target = missing_targets(&corrections, &disputed, &controls, &memo);
    outcome.conflicts = conflicts.into_iter().collect();
    outcome.forks = forks.into_iter().collect();
    outcome.powerless = powerless.into_iter().collect();
    for (identity, contents) in &disputed {
        let standing = memo.get(identity).cloned().flatten();
        let kept = standing.as_ref().map(|standing| standing.event.digest());
        for content in contents {
            if kept != Some(content.event.digest()) {
                outcome.superseded.push(content.entry);
            }
        }
        if let Some(Standing {
            event,
            corrected_by,
        }) = standing
            && !matches!(event.body, Body::Corrected { .. })
        {
            let entry = contents[0].entry; // an identity is only listed with its contents
            plain.push(Fact {
                entry,
                event,
                corrected_by,
            });
        }
    }
    outcome.superseded.sort_unstable();
    plain.sort_by_key(|fact| fact.entry);
    outcome.facts = plain;
    outcome
}

fn reference(event: &Event) -> FactRef {
    FactRef {
        source: event.source.clone(),
        id: event.id.clone(),
    }
}

/// Identities with several contents, corrections, and what they name.
fn touched_identities(contents: &[Content]) -> BTreeSet<FactRef> {
    let mut seen: HashSet<(&str, &str)> = HashSet::with_capacity(contents.len());
    let mut touched = BTreeSet::new();
    for Content { event, .. } in contents {
        if !seen.insert((&event.source, &event.id)) {
            touched.insert(reference(event));
        }
        if let Body::Corrected {
            target_source,
            target_id,
            ..
        } = &event.body
        {
            touched.insert(reference(event));
            touched.insert(FactRef {
                source: target_source.clone(),
                id: target_id.clone(),
            });
        }
    }
    touched
}

#[derive(Debug, Clone)]
struct Standing {
    event: Event,
    corrected_by: Option<FactRef>,
}

struct Resolver<'a> {
    contents: &'a BTreeMap<FactRef, Vec<Content>>,
    /// Every correction that some identity may come to mean, by the identity it targets.
    corrections: BTreeMap<FactRef, Vec<Event>>,
    /// Identities whose first content piecework wrote: no correction is effective on them.
    controls: BTreeSet<&'a FactRef>,
    memo: BTreeMap<FactRef, Option<Standing>>,
    in_progress: BTreeSet<FactRef>,
    conflicts: BTreeSet<FactRef>,
    forks: BTreeSet<FactRef>,
    powerless: BTreeSet<FactRef>,
}

impl<'a> Resolver<'a> {
    fn new(contents: &'a BTreeMap<FactRef, Vec<Content>>) -> Resolver<'a> {
        let mut corrections: BTreeMap<FactRef, Vec<Event>> = BTreeMap::new();
        for content in contents.values().flatten() {
            // A replacement may itself be a correction, at any depth.
            let mut next = Some(&content.event);
            while let Some(event) = next {
                next = None;
                if let Body::Corrected {
                    target_source,
                    target_id,
                    replacement,
                    ..
                } = &event.body
                {
                    let target = FactRef {
                        source: target_source.clone(),
                        id: target_id.clone(),
                    };
                    corrections.entry(target).or_default().push(event.clone());
                    next = replacement.as_deref();
                }
            }
        }
        let is_control = |own: &Content| own.event.body.tag().is_control();
        Resolver {
            contents,
            corrections,
            controls: contents
                .iter()
                .filter(|(_, own)| own.first().is_some_and(is_control))
                .map(|(identity, _)| identity)
                .collect(),
            memo: BTreeMap::new(),
            in_progress: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            forks: BTreeSet::new(),
            powerless: BTreeSet::new(),
        }
    }

    /// The content that an identity stands for, or `None` where it is void.
    fn standing(&mut self, identity: &FactRef, depth: usize) -> Option<Standing> {
        if let Some(known) = self.memo.get(identity) {
            return known.clone();
        }
        let first = self.contents.get(identity)?.first()?.event.clone();
        // Digests make true cycles infeasible; what looks like one is cut at the first content.
        if depth > CORRECTION_DEPTH_MAX || !self.in_progress.insert(identity.clone()) {
            return Some(Standing {
                event: first,
                corrected_by: None,
            });
        }
        let effective = self.effective_corrections(identity, depth);
        let result = self.apply(identity, first, &effective);
        self.in_progress.remove(identity);
        self.memo.insert(identity.clone(), result.clone());
        result
    }

    /// Corrections of an identity that are themselves what their own identity stands for. What the
    /// buyer signed, only what the buyer signed corrects.
    fn effective_corrections(&mut self, target: &FactRef, depth: usize) -> Vec<Event> {
        if self.controls.contains(target) {
            return Vec::new();
        }
        let mut candidates = self.corrections.get(target).cloned().unwrap_or_default();
        let contents = self.contents.get(target).into_iter().flatten();
        if contents
            .into_iter()
            .any(|own| own.event.signature.is_some())
        {
            let unsigned = candidates.extract_if(.., |own| own.signature.is_none());
            self.powerless.extend(unsigned.map(|own| reference(&own)));
        }
        candidates.retain(|candidate| {
            let own = reference(candidate);
            self.standing(&own, depth + 1)
                .is_some_and(|standing| standing.event.digest() == candidate.digest())
        });
        candidates.sort_by(|a, b| order(a).cmp(&order(b)));
        candidates.dedup();
        candidates
    }

    fn apply(
        &mut self,
        identity: &FactRef,
        first: Event,
        corrections: &[Event],
    ) -> Option<Standing> {
        let known: Vec<Event> = self.contents[identity]
            .iter()
            .map(|content| content.event.clone())
            .collect();
        let mut standing = Standing {
            event: first,
            corrected_by: None,
        };
        let chosen = corrections
            .iter()
            .rev()
            .find_map(|correction| match &correction.body {
                Body::Corrected {
                    action: Action::Choose,
                    target_digest,
                    ..
                } => known
                    .iter()
                    .find(|event| event.digest() == *target_digest)
                    .map(|event| (event.clone(), reference(correction))),
                _ => None,
            });
        match chosen {
            Some((event, by)) => {
                standing = Standing {
                    event,
                    corrected_by: Some(by),
                }
            }
            None if known.len() > 1 => {
                self.conflicts.insert(identity.clone());
            }
            None => {}
        }
        let mut used: BTreeSet<Digest> = BTreeSet::new();
        loop {
            let digest = standing.event.digest();
            let mut rivals = corrections.iter().rev().filter(|correction| {
                matches!(&correction.body, Body::Corrected { action, target_digest, .. }
                    if *action != Action::Choose && *target_digest == digest)
            });
            // The greatest (time, source, id) wins; one already applied has had its say.
            let Some(winner) = rivals.next() else {
                return Some(standing);
            };
            if rivals.next().is_some() {
                self.forks.insert(identity.clone());
            }
            if !used.insert(winner.digest()) {
                return Some(standing);
            }
            match &winner.body {
                Body::Corrected {
                    replacement: Some(event),
                    ..
                } => {
                    standing = Standing {
                        event: (**event).clone(),
                        corrected_by: Some(reference(winner)),
                    };
                }
                _ => return None,
            }
        }
    }
}

fn order(event: &Event) -> (jiff::Timestamp, &str, &str) {
    (event.time, &event.source, &event.id)
}

/// Standing corrections whose digest names no content of their target, or whose target cannot be
/// corrected.
fn missing_targets(
    corrections: &BTreeMap<FactRef, Vec<Event>>,
    contents: &BTreeMap<FactRef, Vec<Content>>,
    controls: &BTreeSet<&FactRef>,
    memo: &BTreeMap<FactRef, Option<Standing>>,
) -> Vec<FactRef> {
    let mut missing = BTreeSet::new();
    for (target, events) in corrections {
        let mut known: BTreeSet<Digest> = contents
            .get(target)
            .into_iter()
            .flatten()
            .map(|content| content.event.digest())
            .collect();
        for event in events {
            if let Body::Corrected {
                replacement: Some(new),
                ..
            } = &event.body
            {
                known.insert(new.digest());
            }
        }
        for event in events {
            let stands = memo
                .get(&reference(event))
                .and_then(Option::as_ref)
                .is_some_and(|standing| standing.event.digest() == event.digest());
            if let Body::Corrected { target_digest, .. } = &event.body
                && stands
                && (!known.contains(target_digest)
                    || !contents.contains_key(target)
                    || controls.contains(target))
            {
                missing.insert(reference(event));
            }
        }
    }
    missing.into_iter().collect()
}
