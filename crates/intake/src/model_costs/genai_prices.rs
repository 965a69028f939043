//! genai-prices' `data.json`.
//!
//! A list of providers with their models; prices in US dollars per million tokens. Rules taken from
//! genai-prices 0.2.3 (`types.py`): the rate of the highest tier whose start is below the request's
//! whole input holds for *all* its tokens; of several conditional prices the last active one counts,
//! and the first where none is active; a class without a price of its own is part of its parent
//! (cached and audio input of input, reasoning and audio output of output); of the models of a
//! provider the first that matches is meant. Prices by the time of day are not imported: the call's
//! hour would decide, and a wrong choice would be silent.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use money::Currency;
use pricing::model_costs::{
    ContextTier, ModelCost, ModelCosts, Pattern, Rates, Source, canonical_provider,
};
use work::body::TokenClass;
use work::{Json, SmolStr};

use super::litellm::every_child_class;
use super::{Import, ImportError, Origin, Report, Skip, all_zero, count, limits, rate};

const FIELDS: [(&str, TokenClass); 7] = [
    ("input_mtok", TokenClass::Input),
    ("output_mtok", TokenClass::Output),
    ("cache_read_mtok", TokenClass::CacheRead),
    ("cache_write_mtok", TokenClass::CacheWrite),
    ("output_reasoning_mtok", TokenClass::Reasoning),
    ("input_audio_mtok", TokenClass::InputAudio),
    ("output_audio_mtok", TokenClass::OutputAudio),
];

/// A provider of the list that stands for several: Google's prices are those of the Gemini API and of
/// Vertex AI (its rule for providers names both).
const SEVERAL: (&str, [&str; 2]) = ("google", ["gemini", "vertex_ai"]);

const SHAPE: ImportError = ImportError::Shape {
    book: "genai-prices",
    expected: "a list of providers with models",
};

/// Imports genai-prices' list. Its first price of a model counts since the model exists.
///
/// # Errors
/// [`ImportError`] where the text is not such a list; a model that cannot be imported is in the
/// report.
pub fn genai_prices(text: &str, origin: &Origin<'_>) -> Result<Import, ImportError> {
    let Json::Array(providers) = Json::parse(text)? else {
        return Err(SHAPE);
    };
    let mut report = Report::default();
    let mut models: Vec<ModelCost> = Vec::new();
    for provider in &providers {
        let id = provider.get("id").and_then(Json::as_str).ok_or(SHAPE)?;
        let Some(Json::Array(listed)) = provider.get("models") else {
            return Err(SHAPE);
        };
        let mut own = Provider {
            names: if id == SEVERAL.0 {
                SEVERAL.1.map(str::to_owned).to_vec()
            } else {
                vec![canonical_provider(id)]
            },
            bare: provider
                .get("model_match")
                .map(Names::of)
                .unwrap_or_default(),
            taken: HashSet::new(),
            source: origin.id,
        };
        for model in listed {
            let name = model.get("id").and_then(Json::as_str).ok_or(SHAPE)?;
            report.listed += 1;
            match own.entries(name, model, &mut report) {
                Ok(entries) => {
                    report.imported += 1;
                    models.extend(entries);
                }
                Err(reason) => report.skip(reason, &format!("{id}/{name}")),
            }
        }
    }
    let source = Source {
        name: origin.name.to_owned(),
        date: origin.date,
        priced_as_parent: every_child_class(),
    };
    let sources = BTreeMap::from([(origin.id.to_owned(), source)]);
    let costs = ModelCosts::new(origin.name, origin.date, Currency::USD, &sources, &models)?;
    Ok(Import { costs, report })
}

/// The provider whose models are read.
struct Provider<'a> {
    /// Its canonical names; the first is meant where a call names no provider.
    names: Vec<String>,
    /// Names that mean this provider where a call names none.
    bare: Names,
    /// Names and patterns already given to an earlier model: the first that matches is meant.
    taken: HashSet<String>,
    source: &'a str,
}

impl Provider<'_> {
    fn entries(
        &mut self,
        id: &str,
        model: &Json,
        report: &mut Report,
    ) -> Result<Vec<ModelCost>, Skip> {
        let prices = dated(model.get("prices").ok_or(Skip::NoPrice)?)?;
        let mut read = Vec::with_capacity(prices.len());
        for (from, price) in prices {
            read.push((from, rates(price)?));
        }
        if all_zero(read.iter().flat_map(|(_, (rates, tiers))| {
            std::iter::once(rates).chain(tiers.iter().map(|tier| &tier.rates))
        })) {
            return Err(Skip::AllZero);
        }
        let fields: HashSet<&str> = dated(model.get("prices").ok_or(Skip::NoPrice)?)?
            .into_iter()
            .flat_map(|(_, price)| members(price).iter().map(|(key, _)| key.as_str()))
            .filter(|key| FIELDS.iter().all(|(field, _)| field != key))
            .collect();
        for field in fields {
            report.field(field);
        }
        if model.get("price_variants").is_some() {
            report.field("price_variants");
        }
        let mut names = model.get("match").map(Names::of).unwrap_or_default();
        for rule in names.not_imported.drain(..) {
            report
                .rules_not_imported
                .push(format!("{}/{id}: {rule}", self.names.join("|")));
        }
        self.taken.insert(id.to_ascii_lowercase());
        names
            .equal
            .retain(|name| self.taken.insert(name.to_ascii_lowercase()));
        names
            .patterns
            .retain(|pattern| self.taken.insert(pattern.to_string().to_ascii_lowercase()));
        let starts: Vec<Option<Date>> = read.iter().map(|(from, _)| *from).collect();
        let mut entries = Vec::with_capacity(read.len() * self.names.len());
        for (first, provider) in self.names.iter().enumerate() {
            for (position, (from, (rates, tiers))) in read.iter().enumerate() {
                entries.push(ModelCost {
                    provider: Some(provider.clone()),
                    model: id.to_owned(),
                    bare: first == 0 && self.bare.matches(id),
                    aliases: names.equal.clone(),
                    patterns: names.patterns.clone(),
                    from: *from,
                    until: starts.get(position + 1).copied().flatten(),
                    last_seen: None,
                    rates: rates.clone(),
                    tiers: tiers.clone(),
                    source: self.source.to_owned(),
                });
            }
        }
        Ok(entries)
    }
}

fn members(value: &Json) -> &[(SmolStr, Json)] {
    match value {
        Json::Object(members) => members,
        _ => &[],
    }
}

/// The prices with the first day of each; the first has none.
fn dated(prices: &Json) -> Result<Vec<(Option<Date>, &Json)>, Skip> {
    let Json::Array(conditional) = prices else {
        return Ok(vec![(None, prices)]);
    };
    if conditional.len() > limits::CONDITIONS_MAX {
        return Err(Skip::OtherCondition);
    }
    let mut dated: Vec<(Option<Date>, &Json)> = Vec::new();
    for price in conditional {
        let from = match price.get("constraint") {
            None | Some(Json::Null) => None,
            Some(constraint) => Some(start_date(constraint)?),
        };
        // The first counts where no later one does, whatever its own condition; the others must
        // ascend, or the last active one would not be the latest.
        let ascends = match (dated.last(), from) {
            (None, _) => true,
            (Some((Some(earlier), _)), Some(from)) => *earlier < from,
            (Some((None, _)), from) => from.is_some(),
            (Some(_), None) => false,
        };
        if !ascends {
            return Err(Skip::OtherCondition);
        }
        let from = if dated.is_empty() { None } else { from };
        dated.push((from, price.get("prices").ok_or(Skip::NoPrice)?));
    }
    Ok(dated)
}

fn start_date(constraint: &Json) -> Result<Date, Skip> {
    match members(constraint) {
        [(key, Json::String(date))] if key == "start_date" => {
            date.parse().map_err(|_| Skip::OtherCondition)
        }
        keys if keys
            .iter()
            .any(|(key, _)| key == "start_time" || key == "end_time") =>
        {
            Err(Skip::TimeOfDay)
        }
        _ => Err(Skip::OtherCondition),
    }
}

fn rates(price: &Json) -> Result<(Rates, Vec<ContextTier>), Skip> {
    if members(price).is_empty() {
        return Err(Skip::NoPrice);
    }
    let mut base = Rates::new();
    let mut tiers: BTreeMap<u64, Rates> = BTreeMap::new();
    for (field, class) in FIELDS {
        match price.get(field) {
            None | Some(Json::Null) => {}
            Some(tiered @ Json::Object(_)) => {
                base.insert(class, rate(tiered.get("base").ok_or(Skip::BadNumber)?, 6)?);
                let Some(Json::Array(rows)) = tiered.get("tiers") else {
                    return Err(Skip::BadNumber);
                };
                for row in rows {
                    let start = count(row.get("start").ok_or(Skip::BadNumber)?)?;
                    let above = rate(row.get("price").ok_or(Skip::BadNumber)?, 6)?;
                    tiers.entry(start).or_default().insert(class, above);
                }
            }
            Some(number) => {
                base.insert(class, rate(number, 6)?);
            }
        }
    }
    if base.is_empty() {
        return Err(Skip::NotByToken);
    }
    let tiers = tiers
        .into_iter()
        .map(|(above_input_tokens, rates)| ContextTier {
            above_input_tokens,
            rates,
        })
        .collect();
    Ok((base, tiers))
}

/// The names of a matching rule.
#[derive(Default)]
struct Names {
    equal: Vec<String>,
    patterns: Vec<Pattern>,
    not_imported: Vec<String>,
}

impl Names {
    fn of(rule: &Json) -> Names {
        let mut names = Names::default();
        names.add(rule, 0);
        names
    }

    fn add(&mut self, rule: &Json, depth: usize) {
        for (key, value) in members(rule) {
            match (key.as_str(), value) {
                ("or", Json::Array(rules)) if depth < limits::MATCH_DEPTH_MAX => {
                    for rule in rules {
                        self.add(rule, depth + 1);
                    }
                }
                ("equals", Json::String(name)) => self.equal.push(name.to_string()),
                ("starts_with", Json::String(part)) => self.pattern(&format!("{part}*")),
                ("ends_with", Json::String(part)) => self.pattern(&format!("*{part}")),
                ("contains", Json::String(part)) => self.pattern(&format!("*{part}*")),
                ("regex", Json::String(regex)) => self.regex(regex),
                _ => self
                    .not_imported
                    .push(format!("{key} {}", value.to_canonical())),
            }
        }
    }

    fn pattern(&mut self, text: &str) {
        match Pattern::parse(text) {
            Some(pattern) => self.patterns.push(pattern),
            None => self.not_imported.push(text.to_owned()),
        }
    }

    /// A regular expression that stands for a few literal texts is those texts.
    fn regex(&mut self, regex: &str) {
        let inner = regex.strip_prefix('^').unwrap_or(regex);
        let (start, inner) = (
            inner.len() < regex.len(),
            inner.strip_suffix('$').unwrap_or(inner),
        );
        let end = regex.ends_with('$');
        let Some(literals) = literals(inner) else {
            self.not_imported.push(format!("regex {regex}"));
            return;
        };
        for literal in literals {
            match (start, end) {
                (true, true) => self.equal.push(literal),
                (true, false) => self.pattern(&format!("{literal}*")),
                (false, true) => self.pattern(&format!("*{literal}")),
                (false, false) => self.pattern(&format!("*{literal}*")),
            }
        }
    }

    fn matches(&self, name: &str) -> bool {
        self.equal
            .iter()
            .any(|equal| equal.eq_ignore_ascii_case(name))
            || self.patterns.iter().any(|pattern| pattern.matches(name))
    }
}

/// The texts that a regular expression of literals, `[abc]`, `(?:a|b)`, `\d` and `\.` stands for;
/// `None` where it has anything else or stands for more than a few.
fn literals(regex: &str) -> Option<Vec<String>> {
    const LITERALS_MAX: usize = 16;
    let mut texts = vec![String::new()];
    let mut rest = regex;
    while let Some(c) = rest.chars().next() {
        let (choices, used): (Vec<&str>, usize) = if let Some(group) = rest.strip_prefix("(?:") {
            let end = group.find(')')?;
            (group[..end].split('|').collect(), "(?:)".len() + end)
        } else if let Some(class) = rest.strip_prefix('[') {
            let end = class.find(']').filter(|end| !class[..*end].contains('-'))?;
            (
                class[..end]
                    .split("")
                    .filter(|one| !one.is_empty())
                    .collect(),
                "[]".len() + end,
            )
        } else if rest.starts_with("\\d") {
            (
                "0123456789"
                    .split("")
                    .filter(|one| !one.is_empty())
                    .collect(),
                2,
            )
        } else if rest.starts_with("\\.") {
            (vec!["."], 2)
        } else {
            (vec![&rest[..c.len_utf8()]], c.len_utf8())
        };
        let plain =
            |text: &&str| !text.is_empty() && !text.contains(|c| "\\^$*+?()[]{}|".contains(c));
        let literal_dot = rest.starts_with("\\.");
        if !choices.iter().all(plain) || (!literal_dot && choices.iter().any(|t| t.contains('.'))) {
            return None;
        }
        texts = texts
            .iter()
            .flat_map(|text| choices.iter().map(move |c| format!("{text}{c}")))
            .collect();
        if texts.len() > LITERALS_MAX {
            return None;
        }
        rest = &rest[used..];
    }
    (!regex.is_empty()).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_of_a_few_literals() {
        let check = |regex: &str, expected: Option<&[&str]>| {
            let found = literals(regex);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|f| f.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), expected, "{regex}");
        };
        check("o[134]", Some(&["o1", "o3", "o4"]));
        check("(?:mi|code)stral", Some(&["mistral", "codestral"]));
        check("grok-4\\.3", Some(&["grok-4.3"]));
        check("x\\d{8}", None);
        check("a.b", None);
        check("[a-z]", None);
        check("a+", None);
        check("(a|b)", None);
        check("[ab", None);
        check("", None);
    }
}
