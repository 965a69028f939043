//! Double entry as [beancount](https://beancount.github.io) text.
//!
//! One transaction an entry, with its link as `^link`, and that of the cover that its statement is paid with beside it; a
//! posting's tax category is its metadata; every account is opened on the day of its first entry. The text is
//! the same for the same entries, so that two months can be compared line by line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use money::Amount;
use pricing::accounting::{Entry, GlAccount};

use crate::names;

/// The entries as a ledger of its own, to be included in another or read by `bean-check`.
#[must_use]
pub fn ledger(title: &str, entries: &[Entry]) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format_args!("; {}", title.replace(['\n', '\r'], " ")),
    );
    line(&mut out, format_args!("option \"title\" {}", quoted(title)));
    let mut currencies: Vec<&str> = postings(entries)
        .map(|(_, _, own)| own.currency().code())
        .collect();
    currencies.sort_unstable();
    currencies.dedup();
    for code in currencies {
        line(
            &mut out,
            format_args!("option \"operating_currency\" \"{code}\""),
        );
    }
    let mut opened: BTreeMap<&GlAccount, Date> = BTreeMap::new();
    for (date, account, _) in postings(entries) {
        let first = opened.entry(account).or_insert(date);
        *first = date.min(*first);
    }
    out.push('\n');
    let mut opens: Vec<(Date, String)> = opened
        .into_iter()
        .map(|(account, date)| (date, names::account(account)))
        .collect();
    opens.sort();
    for (date, name) in opens {
        line(&mut out, format_args!("{date} open {name}"));
    }
    for entry in entries {
        out.push('\n');
        let links = std::iter::once(&entry.link).chain(&entry.cover);
        let links: Vec<String> = links.map(|own| format!("^{}", link(own))).collect();
        let (narration, links) = (quoted(&entry.narration), links.join(" "));
        line(
            &mut out,
            format_args!("{} * {narration} {links}", entry.date),
        );
        for own in &entry.postings {
            let name = names::account(&own.account);
            line(&mut out, format_args!("  {name}  {}", number(own.amount)));
            if let Some(category) = &own.tax_category {
                line(
                    &mut out,
                    format_args!("    tax-category: {}", quoted(category)),
                );
            }
        }
    }
    out
}

fn postings(entries: &[Entry]) -> impl Iterator<Item = (Date, &GlAccount, Amount)> {
    entries.iter().flat_map(|entry| {
        let own = entry.postings.iter();
        own.map(|own| (entry.date, &own.account, own.amount))
    })
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn number(amount: Amount) -> String {
    format!("{} {}", amount.number(), amount.currency().code())
}

/// A string of the language.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace(['\n', '\r'], " "))
}

/// A link: letters, digits and `-_/.`.
fn link(text: &str) -> String {
    text.chars()
        .map(|c| {
            let fits = c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
            if fits { c } else { '-' }
        })
        .collect()
}
