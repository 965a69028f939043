//! Facts about work that no definition can take, because they lack the header it counts by.
//!
//! They stay pending for ever, and a newcomer would look at an empty statement; so the preview says
//! which header is missing.

use std::collections::{BTreeMap, BTreeSet};

use pricing::account::Held;
use pricing::plan::Terms;
use work::Header;
use work::effective::Content;

/// What is missing, and how a map names it.
pub fn hints(contents: &[Content], held: &Held) -> Vec<String> {
    let terms = &held.agreement.latest().terms;
    let sold: BTreeSet<&str> = terms
        .components
        .iter()
        .filter_map(|component| match &component.terms {
            Terms::Outcome(outcome) => Some(outcome.unit.as_str()),
            _ => None,
        })
        .collect();
    let mut lacking: BTreeMap<Header, u64> = BTreeMap::new();
    for facts in by_work(contents) {
        let taken = terms
            .definitions
            .values()
            .filter(|d| sold.contains(d.id.as_str()))
            .any(|definition| {
                definition
                    .one_per
                    .key
                    .iter()
                    .all(|header| facts.headers.contains(header))
            });
        if taken {
            continue;
        }
        let missing: BTreeSet<Header> = terms
            .definitions
            .values()
            .filter(|definition| sold.contains(definition.id.as_str()))
            .flat_map(|definition| &definition.one_per.key)
            .copied()
            .filter(|header| !facts.headers.contains(header))
            .collect();
        for header in missing {
            *lacking.entry(header).or_default() += facts.count;
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

#[derive(Default)]
struct Facts {
    count: u64,
    headers: BTreeSet<Header>,
}

/// The facts of every work instance, with the headers that any of them carries; facts without an
/// instance stand alone.
fn by_work(contents: &[Content]) -> Vec<Facts> {
    let mut named: BTreeMap<&str, Facts> = BTreeMap::new();
    let mut alone = Vec::new();
    for content in contents {
        let event = &content.event;
        if !event.body.tag().is_about_work() {
            continue;
        }
        let headers = event.headers.iter().map(|(header, _)| header);
        match &event.work {
            Some(work) => {
                let facts = named.entry(work).or_default();
                facts.count += 1;
                facts.headers.extend(headers);
            }
            None => alone.push(Facts {
                count: 1,
                headers: headers.collect(),
            }),
        }
    }
    named.into_values().chain(alone).collect()
}
