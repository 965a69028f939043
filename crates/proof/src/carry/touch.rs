//! Which groups something concerns.
//!
//! A group is touched by a further content of one of its identities, by a correction of one, by
//! whatever names one of its works (usage inherits headers from its work, and may be priced by them),
//! and by a fact that falls into the scope of one of its units. Headers are inherited as in the fold,
//! so that a fact which names only its work finds its case.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pricing::account::Account;
use work::Definition;
use work::body::Body;
use work::effective::{Content, resolve};
use work::settle::{FactRef, inherit_headers, scopes};

use super::{Group, LogEntry};

/// The groups, by position, that entries at hand touch.
pub(super) fn touched(customer: &str, groups: &[Group], at_hand: &[LogEntry]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    if groups.is_empty() {
        return found;
    }
    let index = Index::of(groups);
    for entry in at_hand {
        let own = entry.event();
        found.extend(index.facts.get(&(own.source.as_str(), own.id.as_str())));
        // What a correction puts in place may name another work, or correct something else.
        let mut next = Some(own);
        while let Some(event) = next {
            next = None;
            if let Some(work) = &event.work {
                found.extend(index.works.get(work.as_str()).into_iter().flatten());
            }
            if let Body::Corrected {
                target_source,
                target_id,
                replacement,
                ..
            } = &event.body
            {
                let target = (target_source.as_str(), target_id.as_str());
                found.extend(index.facts.get(&target));
                next = replacement.as_deref();
            }
        }
    }
    let contents: Vec<Content> = at_hand.iter().map(LogEntry::content).collect();
    let account = contracts(customer, &contents);
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    for definition in definitions(&account) {
        for scope in scopes(&definition, &facts).into_keys() {
            let key = (definition.id.as_str(), scope.as_slice());
            found.extend(index.scopes.get(&key).into_iter().flatten());
        }
    }
    found
}

/// What leads to a group.
struct Index<'g> {
    facts: HashMap<(&'g str, &'g str), usize>,
    works: HashMap<&'g str, Vec<usize>>,
    scopes: HashMap<(&'g str, &'g [String]), Vec<usize>>,
}

impl<'g> Index<'g> {
    fn of(groups: &'g [Group]) -> Index<'g> {
        let mut index = Index {
            facts: HashMap::new(),
            works: HashMap::new(),
            scopes: HashMap::new(),
        };
        for (number, group) in groups.iter().enumerate() {
            for own in &group.units {
                for FactRef { source, id } in &own.unit.facts {
                    index.facts.insert((source, id), number);
                }
                for work in &own.unit.works {
                    index.works.entry(work).or_default().push(number);
                }
                let scope = (own.unit.key.unit.as_str(), own.unit.key.scope.as_slice());
                index.scopes.entry(scope).or_default().push(number);
            }
        }
        index
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
