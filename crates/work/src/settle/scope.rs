//! Scopes: which facts a definition settles together (semantics.md S8).

use std::collections::BTreeMap;

use crate::effective::Fact;
use crate::{Definition, Header, Headers};

/// The values of a definition's key headers, in its order.
pub type ScopeKey = Vec<String>;

/// Gives every fact of a work instance the headers that any other fact of it carries.
///
/// A desk names the case once, when the work opens; the later facts name only the work. Where two
/// facts disagree about a header, the first in the published order (time, rank, source, id) speaks
/// for those that say nothing; each fact's own word stands for itself.
pub fn inherit_headers(facts: &mut [Fact]) {
    let mut order: Vec<usize> = (0..facts.len())
        .filter(|index| facts[*index].event.work.is_some())
        .collect();
    order.sort_by(|a, b| super::sweep::order(&facts[*a]).cmp(&super::sweep::order(&facts[*b])));
    let mut by_work: BTreeMap<String, Headers> = BTreeMap::new();
    for index in &order {
        let event = &facts[*index].event;
        let Some(work) = &event.work else { continue };
        let known = match by_work.get_mut(work) {
            Some(known) => known,
            None => by_work.entry(work.clone()).or_default(),
        };
        for (header, value) in event.headers.iter() {
            if known.get(header).is_none() {
                known.set(header, value);
            }
        }
    }
    for index in order {
        let event = &mut facts[index].event;
        let Some(known) = event.work.as_ref().and_then(|work| by_work.get(work)) else {
            continue;
        };
        for (header, value) in known.iter() {
            if event.headers.get(header).is_none() {
                event.headers.set(header, value);
            }
        }
    }
}

/// The facts about work that a definition settles, by scope key.
///
/// A fact belongs to a scope when it carries every key header, and does not name another definition
/// in its `unit` header. Facts must have [inherited](inherit_headers) their headers.
#[must_use]
pub fn scopes<'f>(
    definition: &Definition,
    facts: impl IntoIterator<Item = &'f Fact>,
) -> BTreeMap<ScopeKey, Vec<&'f Fact>> {
    let mut scopes: BTreeMap<ScopeKey, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        if let Some(key) = scope_of(definition, fact) {
            scopes.entry(key).or_default().push(fact);
        }
    }
    scopes
}

/// The scope that a fact belongs to under a definition, or `None`.
fn scope_of(definition: &Definition, fact: &Fact) -> Option<ScopeKey> {
    let event = &fact.event;
    if !event.body.tag().is_about_work() {
        return None;
    }
    if event
        .headers
        .get(Header::Unit)
        .is_some_and(|unit| unit != definition.id)
    {
        return None;
    }
    definition
        .one_per
        .key
        .iter()
        .map(|header| event.headers.get(*header).map(str::to_owned))
        .collect()
}
