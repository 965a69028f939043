//! Scopes: which facts a definition settles together (semantics.md S8).

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::effective::Fact;
use crate::{Definition, Event, Header, Headers, SmolStr};

/// The values of a definition's key headers, in its order.
pub type ScopeKey = Vec<SmolStr>;

/// Gives every fact of a work instance the headers that any other fact of it carries.
///
/// A desk names the case once, when the work opens; the later facts name only the work. Where two
/// facts disagree about a header, the first in the published order (time, rank, source, id) speaks
/// for those that say nothing; each fact's own word stands for itself.
pub fn inherit_headers(facts: &mut [Fact]) {
    for (index, headers) in inherited(facts) {
        facts[index].event.headers = headers;
    }
}

/// The facts that inherit something, with all their headers then.
fn inherited(facts: &[Fact]) -> Vec<(usize, Headers)> {
    // The facts of a work are chained, each to the one before it: most works have few.
    let mut last_of: HashMap<&str, usize> = HashMap::new();
    let mut before: Vec<Option<usize>> = vec![None; facts.len()];
    for (index, fact) in facts.iter().enumerate() {
        if let Some(work) = &fact.event.work {
            before[index] = last_of.insert(work, index);
        }
    }
    let mut changed = Vec::new();
    let mut members: Vec<usize> = Vec::new();
    for last in last_of.into_values() {
        members.clear();
        members.extend(std::iter::successors(Some(last), |own| before[*own]));
        let headers = |own: usize| &facts[own].event.headers;
        if members.iter().all(|own| headers(*own) == headers(last)) {
            continue;
        }
        members
            .sort_by(|a, b| super::sweep::order(&facts[*a]).cmp(&super::sweep::order(&facts[*b])));
        let mut known = Headers::default();
        for own in &members {
            add_missing(&mut known, headers(*own));
        }
        for own in &members {
            let mut whole = headers(*own).clone();
            if add_missing(&mut whole, &known) {
                changed.push((*own, whole));
            }
        }
    }
    changed
}

/// Adds the headers that are not there; whether there were any.
fn add_missing(headers: &mut Headers, more: &Headers) -> bool {
    let mut is_changed = false;
    for (header, value) in more.iter() {
        if headers.get(header).is_none() {
            headers.set(header, value.clone());
            is_changed = true;
        }
    }
    is_changed
}

/// The facts about work that a definition settles, by scope key, ascending.
///
/// A fact belongs to a scope when it carries every key header, and does not name another definition
/// in its `unit` header. Facts must have [inherited](inherit_headers) their headers.
#[must_use]
pub fn scopes<'f>(
    definition: &Definition,
    facts: impl IntoIterator<Item = &'f Fact>,
) -> Vec<(ScopeKey, Vec<&'f Fact>)> {
    let key = definition.one_per.key.as_slice();
    let mut places: HashMap<Values<'_>, usize> = HashMap::new();
    let mut scopes: Vec<(ScopeKey, Vec<&Fact>)> = Vec::new();
    for fact in facts {
        let event = &fact.event;
        if !is_settled_by(definition, event) {
            continue;
        }
        let place = *places.entry(Values { event, key }).or_insert_with(|| {
            let values = key.iter().filter_map(|header| event.headers.get(*header));
            scopes.push((values.cloned().collect(), Vec::new()));
            scopes.len() - 1
        });
        scopes[place].1.push(fact);
    }
    scopes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    scopes
}

/// Whether a definition settles an event: it is about work, of no other unit, and has a scope.
fn is_settled_by(definition: &Definition, event: &Event) -> bool {
    let headers = &event.headers;
    event.body.tag().is_about_work()
        && headers
            .get(Header::Unit)
            .is_none_or(|unit| *unit == definition.id)
        && definition
            .one_per
            .key
            .iter()
            .all(|header| headers.get(*header).is_some())
}

/// The key headers of an event, looked at where they stand.
struct Values<'f> {
    event: &'f Event,
    key: &'f [Header],
}

impl Values<'_> {
    fn iter(&self) -> impl Iterator<Item = Option<&SmolStr>> {
        let headers = &self.event.headers;
        self.key.iter().map(|header| headers.get(*header))
    }
}

impl Hash for Values<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for value in self.iter() {
            value.hash(state);
        }
    }
}

impl PartialEq for Values<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Values<'_> {}
