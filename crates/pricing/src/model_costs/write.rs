//! Printing a model-cost document: one form, which reads back as the same list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use money::{Currency, Decimal, Rate};

use super::{ModelCost, ModelCosts, Rates, Source, parent};

impl ModelCosts {
    /// The list as a document; [`ModelCosts::parse`] reads it back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        document(
            &self.title,
            self.date,
            self.currency,
            &self.sources,
            &self.models,
        )
    }
}

/// The text of a document. Writing to a `String` cannot fail, so those results are dropped.
pub(super) fn document(
    title: &str,
    date: Date,
    currency: Currency,
    sources: &BTreeMap<String, Source>,
    models: &[ModelCost],
) -> String {
    let mut out = String::with_capacity(256 + models.len() * 200);
    let _ = writeln!(
        out,
        "[model_costs]\ntitle = {}\ndate = {date}\ncurrency = \"{currency}\"",
        quoted(title)
    );
    for (id, source) in sources {
        let _ = writeln!(
            out,
            "\n[[source]]\nid = {}\nname = {}\ndate = {}",
            quoted(id),
            quoted(&source.name),
            source.date
        );
        let pairs: Vec<String> = source
            .priced_as_parent
            .iter()
            .filter_map(|class| {
                parent(*class).map(|p| format!("{} = \"{}\"", class.word(), p.word()))
            })
            .collect();
        if !pairs.is_empty() {
            let _ = writeln!(out, "priced_as = {{ {} }}", pairs.join(", "));
        }
    }
    for entry in models {
        model(&mut out, entry);
    }
    out
}

fn model(out: &mut String, entry: &ModelCost) {
    out.push_str("\n[[model]]\n");
    if let Some(provider) = &entry.provider {
        let _ = writeln!(out, "provider = {}", quoted(provider));
    }
    let _ = writeln!(out, "model = {}", quoted(&entry.model));
    if entry.bare {
        out.push_str("bare = true\n");
    }
    list(out, "aliases", entry.aliases.iter().map(String::as_str));
    let patterns: Vec<String> = entry.patterns.iter().map(ToString::to_string).collect();
    list(out, "patterns", patterns.iter().map(String::as_str));
    for (key, date) in [
        ("from", entry.from),
        ("until", entry.until),
        ("last_seen", entry.last_seen),
    ] {
        if let Some(date) = date {
            let _ = writeln!(out, "{key} = {date}");
        }
    }
    let _ = writeln!(out, "source = {}", quoted(&entry.source));
    let _ = writeln!(out, "per_million = {}", rates(&entry.rates));
    if !entry.tiers.is_empty() {
        let tiers: Vec<String> = entry
            .tiers
            .iter()
            .map(|tier| {
                format!(
                    "{{ input_tokens = {}, per_million = {} }}",
                    tier.above_input_tokens,
                    rates(&tier.rates)
                )
            })
            .collect();
        let _ = writeln!(out, "above = [{}]", tiers.join(", "));
    }
}

fn list<'a>(out: &mut String, key: &str, items: impl Iterator<Item = &'a str>) {
    let items: Vec<String> = items.map(quoted).collect();
    if !items.is_empty() {
        let _ = writeln!(out, "{key} = [{}]", items.join(", "));
    }
}

fn rates(rates: &Rates) -> String {
    let pairs: Vec<String> = rates
        .iter()
        .map(|(class, rate)| format!("{} = \"{}\"", class.word(), per_million(*rate)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// The price of a million tokens. A rate so large that this does not fit cannot be written by
/// anybody; it prints as the rate times ten to the sixth.
fn per_million(rate: Rate) -> String {
    rate.value()
        .times(Decimal::from_int(1_000_000))
        .map_or_else(|_| format!("{}e6", rate.value()), |price| price.to_string())
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
