//! Which groups something concerns.
//!
//! A group is touched by a further content of one of its identities, by a correction of one, by
//! whatever names one of its works (usage inherits headers from its work, and may be priced by them),
//! and by a fact that falls into the scope of one of its units. Headers are inherited as in the fold,
//! so that a fact which names only its work finds its case.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pricing::account::Account;
use work::body::Body;
use work::effective::{Content, resolve};
use work::settle::{FactRef, ScopeKey, inherit_headers, scopes};
use work::{Definition, Event};

use super::{Group, LogEntry};

/// The groups, by position, that entries at hand touch.
///
/// Groups are many and entries at hand are few where most works are settled, so what the entries name is
/// looked up for each group, and not the other way round.
pub(super) fn touched(customer: &str, groups: &[Group], at_hand: &[LogEntry]) -> BTreeSet<usize> {
    if groups.is_empty() {
        return BTreeSet::new();
    }
    let mut named = Named::default();
    for entry in at_hand {
        named.take(entry.event());
    }
    let contents: Vec<Content> = at_hand.iter().map(LogEntry::content).collect();
    let account = contracts(customer, &contents);
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    for definition in definitions(&account) {
        let scopes = scopes(&definition, &facts).into_iter().map(|(key, _)| key);
        let own = named.scopes.entry(definition.id.clone()).or_default();
        own.extend(scopes);
    }
    let groups = groups.iter().enumerate();
    let touched = groups.filter(|(_, group)| named.touches(group));
    touched.map(|(number, _)| number).collect()
}

/// What entries at hand name.
#[derive(Default)]
struct Named<'e> {
    facts: HashSet<(&'e str, &'e str)>,
    works: HashSet<&'e str>,
    /// Scopes that facts fall into, by the id of the definition.
    scopes: HashMap<String, HashSet<ScopeKey>>,
}

impl<'e> Named<'e> {
    fn take(&mut self, own: &'e Event) {
        self.facts.insert((&own.source, &own.id));
        // What a correction puts in place may name another work, or correct something else.
        let mut next = Some(own);
        while let Some(event) = next {
            next = None;
            if let Some(work) = &event.work {
                self.works.insert(work);
            }
            if let Body::Corrected {
                target_source,
                target_id,
                replacement,
                ..
            } = &event.body
            {
                self.facts.insert((target_source, target_id));
                next = replacement.as_deref();
            }
        }
    }

    fn touches(&self, group: &Group) -> bool {
        group.units.iter().any(|own| {
            let unit = &own.unit;
            let scopes = self.scopes.get(unit.key.unit.as_str());
            scopes.is_some_and(|scopes| scopes.contains(&unit.key.scope))
                || unit
                    .works
                    .iter()
                    .any(|work| self.works.contains(work.as_str()))
                || unit.facts.iter().any(|FactRef { source, id }| {
                    self.facts.contains(&(source.as_str(), id.as_str()))
                })
        })
    }
}

/// The account as far as its contracts go: nothing is settled.
pub(super) fn contracts(customer: &str, contents: &[Content]) -> Account {
    let control = |content: &&Content| {
        matches!(
            content.event.body,
            Body::Control(_) | Body::Corrected { .. }
        )
    };
    let control = contents.iter().filter(control).cloned().collect();
    Account::fold(customer, control, None)
}

/// The definitions that any version of any contract sells by, one for each id and key.
fn definitions(account: &Account) -> Vec<Arc<Definition>> {
    let mut found: Vec<Arc<Definition>> = Vec::new();
    for held in &account.contracts {
        for version in &held.agreement.versions {
            for definition in version.terms.definitions.values() {
                let same = |own: &Arc<Definition>| {
                    own.id == definition.id && own.one_per.key == definition.one_per.key
                };
                if !found.iter().any(same) {
                    found.push(Arc::clone(definition));
                }
            }
        }
    }
    found
}
