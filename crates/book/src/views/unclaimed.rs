//! Facts about work that no definition can take, because they lack the header it counts by.
//!
//! They stay pending for ever, and a newcomer would look at an empty statement; so the preview says
//! which header is missing.

use std::collections::{BTreeMap, BTreeSet};

use pricing::account::{Account, Held};
use pricing::plan::Terms;
use work::{Definition, Header};

/// What is missing of the facts of an account, and how a map names it.
pub fn hints(account: &Account, held: &Held) -> Vec<String> {
    let terms = &held.agreement.latest().terms;
    let sold: BTreeSet<&str> = terms
        .components
        .iter()
        .filter_map(|component| match &component.terms {
            Terms::Outcome(outcome) => Some(outcome.unit.as_str()),
            _ => None,
        })
        .collect();
    let definitions = terms.definitions.values();
    let keys = definitions.filter(|definition| sold.contains(definition.id.as_str()));
    let keys: Vec<&[Header]> = keys.map(|own: &_| key(own)).collect();
    let mut lacking: BTreeMap<Header, u64> = BTreeMap::new();
    for (headers, count) in &account.headers {
        let is_there = |header: &&Header| headers.contains(**header);
        if keys.iter().any(|key| key.iter().all(|own| is_there(&own))) {
            continue;
        }
        let wanted = keys.iter().copied().flatten();
        let missing: BTreeSet<&Header> = wanted.filter(|own| !is_there(own)).collect();
        for header in missing {
            *lacking.entry(*header).or_default() += count;
        }
    }
    lacking
        .into_iter()
        .map(|(header, count)| {
            let name = header.name();
            format!(
                "hint: {count} facts name no `{name}`, by which this unit is counted, and stay \
                 pending; a map names it with `{name} = \"{{column}}\"`"
            )
        })
        .collect()
}

fn key(definition: &Definition) -> &[Header] {
    &definition.one_per.key
}
