//! What one version of a contract changes against another, in words that a finance person reads.
//!
//! Compared is what is written down: the keys of the documents, of each component as the contract and
//! its phase have made it, of the totals. Not here: what a change does to a bill ([`crate::preview`]).
//! Invariant: two versions without a change say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml::de::{DeTable, DeValue};
use work::definition::exhibit::exhibit;

use super::{Free, InForce};
use crate::document::parse;
use crate::plan::PeriodTotals;

/// One thing that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What: `price of cases`.
    pub what: String,
    /// What was said of it; nothing, where nothing was.
    pub before: Option<String>,
    /// What is said now.
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{what}: {after} (was {before})"),
            (None, Some(after)) => write!(f, "{what}: {after} (was not said)"),
            (Some(before), None) => write!(f, "{what}: no longer said (was {before})"),
            (None, None) => f.write_str(what),
        }
    }
}

/// What is written down of a version, by what it is about.
type Written = BTreeMap<String, String>;

/// What is otherwise in `after`.
#[must_use]
pub fn changes(before: &InForce, after: &InForce) -> Vec<Change> {
    let (old, new) = (written(before), written(after));
    let subjects: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = subjects
        .into_iter()
        .filter(|what| old.get(*what) != new.get(*what));
    differ
        .map(|what| Change {
            what: what.clone(),
            before: old.get(what).cloned(),
            after: new.get(what).cloned(),
        })
        .collect()
}

fn written(terms: &InForce) -> Written {
    let mut written = Written::new();
    // What the document was read from can be read again.
    if let Ok(root) = parse(&terms.contract.text) {
        document(root.get_ref(), &mut written);
    }
    written.insert(
        "plan".to_owned(),
        format!("{} ({})", terms.plan_name, terms.plan.short()),
    );
    for definition in terms.definitions.values() {
        let what = format!("definition of {}", definition.id);
        // What counts is told as the annex tells it, section by section: a digest says nothing to its reader.
        for section in exhibit(definition).sections {
            let heading = section.heading.to_lowercase();
            written.insert(format!("{what}, {heading}"), section.sentences.join(" "));
        }
        written.insert(what, definition.digest.short());
    }
    for (component, table) in &terms.written {
        for (key, value) in table {
            let what = match key.as_str() {
                "kind" => component.clone(),
                key => format!("{} of {component}", key.replace('_', " ")),
            };
            written.insert(what, value.clone());
        }
    }
    totals(&terms.totals, &mut written);
    if !terms.precedence.is_empty() {
        let order = terms.precedence.join(", then ");
        written.insert("who is paid for a work".to_owned(), order);
    }
    let free = match &terms.free {
        Free::Nothing => None,
        Free::AllBut(charged) if charged.is_empty() => Some("everything".to_owned()),
        Free::AllBut(charged) => Some(format!("everything but {}", charged.join(", "))),
        Free::These(free) => Some(free.join(", ")),
    };
    written.extend(free.map(|free| ("free of charge".to_owned(), free)));
    written
}

/// Keys that are told otherwise, or that cannot differ.
const ELSEWHERE: [&str; 11] = [
    "id",
    "customer",
    "plan",
    "definitions",
    "totals",
    "discount",
    "override",
    "phase",
    "trial_days",
    "trial_charges",
    "semantics",
];

fn document(root: &DeTable<'_>, written: &mut Written) {
    for (name, value) in root {
        let name = name.get_ref();
        if ELSEWHERE.contains(&name.as_ref()) {
            continue;
        }
        let said = name.replace('_', " ");
        match value.get_ref() {
            DeValue::Table(table) if name == "invoice" || name == "holdback" => {
                for (key, value) in table {
                    let what = format!("{} of the {said}", key.get_ref().replace('_', " "));
                    written.insert(what, in_words(value.get_ref()));
                }
            }
            value => {
                written.insert(said, in_words(value));
            }
        }
    }
}

fn totals(of: &PeriodTotals, written: &mut Written) {
    let totals = &of.totals;
    let a_period = of.every.word();
    if !totals.discounts.is_empty() {
        let discounts = totals.discounts.iter().map(ToString::to_string);
        let said: Vec<String> = discounts.collect();
        written.insert("discount on the total".to_owned(), said.join(", then "));
    }
    let cap = totals.cap.map(|own| own.to_string());
    let minimum = totals.minimum.as_ref().map(ToString::to_string);
    for (what, said) in [("cap on the total", cap), ("minimum of the total", minimum)] {
        if let Some(said) = said {
            written.insert(what.to_owned(), format!("{said} a {a_period}"));
        }
    }
}

/// The keys of a component's table, each in words.
pub(super) fn table_in_words(table: &DeTable<'_>) -> BTreeMap<String, String> {
    let keys = table.iter().filter(|(name, _)| name.get_ref() != "id");
    keys.map(|(name, value)| (name.get_ref().to_string(), in_words(value.get_ref())))
        .collect()
}

fn in_words(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(items) => {
            let last = items.len().saturating_sub(1);
            let items = items
                .iter()
                .enumerate()
                .map(|(place, item)| match item.get_ref() {
                    DeValue::Table(table) if place == last && place > 0 && is_open(table) => {
                        format!("then {}", pairs(table))
                    }
                    item => in_words(item),
                });
            items.collect::<Vec<_>>().join("; ")
        }
        DeValue::Table(table) => pairs(table),
    }
}

/// Whether a tier is the last one, which has no bound.
fn is_open(table: &DeTable<'_>) -> bool {
    let has = |key: &str| table.iter().any(|(name, _)| name.get_ref() == key);
    !has("up_to") && (has("unit") || has("flat") || has("percent"))
}

fn pairs(table: &DeTable<'_>) -> String {
    let mut said: Vec<String> = Vec::new();
    for (name, value) in table {
        let (name, value) = (name.get_ref().replace('_', " "), in_words(value.get_ref()));
        match name.as_str() {
            "up to" => said.insert(0, format!("up to {value}")),
            "unit" => said.push(format!("{value} each")),
            "flat" => said.push(format!("{value} flat")),
            "percent" => said.push(format!("{value} %")),
            name => said.push(format!("{name} {value}")),
        }
    }
    said.join(", ")
}
