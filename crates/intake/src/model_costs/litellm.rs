//! LiteLLM's `model_prices_and_context_window.json`.
//!
//! An object keyed by model name; prices in US dollars per token. Rules taken from LiteLLM 1.109.1
//! (`litellm_core_utils/llm_cost_calc`): a price `…_above_200k_tokens` holds for *all* tokens of a
//! request with more input than that, cached input included (from the threshold on for xAI);
//! `tiered_pricing` picks one row by the size of the input; cached input without a price of its own
//! costs as input, reasoning and audio without one as their side's price; an explicit zero is a
//! price. A key without `provider/` is what the model is called where no provider is named.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use money::Currency;
use pricing::model_costs::{
    ContextTier, ModelCost, ModelCosts, Rates, Source, canonical_provider, parent,
};
use work::body::TokenClass;
use work::{Json, SmolStr};

use super::{Import, ImportError, Origin, Report, Skip, all_zero, count, rate};

/// Price fields and the class that they price.
const FIELDS: [(&str, TokenClass); 7] = [
    ("input_cost_per_token", TokenClass::Input),
    ("output_cost_per_token", TokenClass::Output),
    ("cache_read_input_token_cost", TokenClass::CacheRead),
    ("cache_creation_input_token_cost", TokenClass::CacheWrite),
    ("output_cost_per_reasoning_token", TokenClass::Reasoning),
    ("input_cost_per_audio_token", TokenClass::InputAudio),
    ("output_cost_per_audio_token", TokenClass::OutputAudio),
];

/// The fields that have prices above a size: the first four.
const TIERED_FIELDS: usize = 4;

/// An older name of the price of cached input.
const CACHE_HIT: &str = "input_cost_per_token_cache_hit";

/// Imports LiteLLM's price book. The book has no dates of its own: `from` is the first day on which
/// its prices count, `None` for as long as the models exist.
///
/// # Errors
/// [`ImportError`] where the text is not such a book; a model that cannot be imported is in the
/// report.
pub fn litellm(text: &str, origin: &Origin<'_>, from: Option<Date>) -> Result<Import, ImportError> {
    let Json::Object(members) = Json::parse(text)? else {
        return Err(ImportError::Shape {
            book: "LiteLLM",
            expected: "an object keyed by model name",
        });
    };
    let mut report = Report {
        listed: members.len(),
        ..Report::default()
    };
    let mut list = List {
        models: Vec::new(),
        taken: HashMap::new(),
    };
    for (key, value) in &members {
        match entry(key, value, origin, from, &mut report) {
            Ok(model) => {
                report.imported += 1;
                report.same_as_another += usize::from(list.add(key, model));
            }
            Err(reason) => report.skip(reason, key),
        }
    }
    let source = Source {
        name: origin.name.to_owned(),
        date: origin.date,
        priced_as_parent: every_child_class(),
    };
    let sources = BTreeMap::from([(origin.id.to_owned(), source)]);
    let costs = ModelCosts::new(
        origin.name,
        origin.date,
        Currency::USD,
        &sources,
        &list.models,
    )?;
    Ok(Import { costs, report })
}

/// Both formats price a class without a price of its own as its parent.
pub(super) fn every_child_class() -> BTreeSet<TokenClass> {
    TokenClass::WORDS
        .iter()
        .map(|(_, class)| *class)
        .filter(|c| parent(*c).is_some())
        .collect()
}

/// The models so far, and where each (provider, name) is.
struct List {
    models: Vec<ModelCost>,
    taken: HashMap<(Option<String>, String), usize>,
}

impl List {
    /// Adds a model; whether it was the same as one already there.
    ///
    /// `vertex_ai/gemini-x` and the bare `gemini-x` of Vertex are one entry where they cost the
    /// same. Where they do not, the bare name is an entry of its own, for calls without a provider.
    fn add(&mut self, key: &str, mut model: ModelCost) -> bool {
        let place = (model.provider.clone(), model.model.to_ascii_lowercase());
        if let Some(position) = self.taken.get(&place) {
            let other = &mut self.models[*position];
            if other.rates == model.rates && other.tiers == model.tiers {
                other.bare |= model.bare;
                return true;
            }
            if other.bare && !model.bare {
                std::mem::swap(other, &mut model);
                other.bare = false;
            } else if !model.bare {
                key.clone_into(&mut model.model);
            }
            model.provider = None;
            model.bare = false;
            self.taken
                .insert((None, model.model.to_ascii_lowercase()), self.models.len());
        } else {
            self.taken.insert(place, self.models.len());
        }
        self.models.push(model);
        false
    }
}

fn entry(
    key: &str,
    value: &Json,
    origin: &Origin<'_>,
    from: Option<Date>,
    report: &mut Report,
) -> Result<ModelCost, Skip> {
    let Json::Object(fields) = value else {
        return Err(Skip::NotAModel);
    };
    if key == "sample_spec" {
        return Err(Skip::NotAModel);
    }
    let family = value
        .get("litellm_provider")
        .and_then(Json::as_str)
        .ok_or(Skip::NotAModel)?;
    let mut rates = flat_rates(value)?;
    let tiers = if let Some(Json::Array(rows)) = value.get("tiered_pricing") {
        ranged_rates(rows, &mut rates)?
    } else {
        tiers_above(fields, family)?
    };
    if rates.is_empty() {
        return Err(Skip::NotByToken);
    }
    if all_zero(std::iter::once(&rates).chain(tiers.iter().map(|tier| &tier.rates))) {
        return Err(Skip::AllZero);
    }
    for (name, value) in fields {
        if *value != Json::Null && is_price(name) && !is_read(name) {
            report.field(name);
        }
    }
    let provider = canonical_provider(family);
    let name = [provider.as_str(), family]
        .into_iter()
        .find_map(|prefix| key.strip_prefix(prefix)?.strip_prefix('/'))
        .filter(|name| !name.is_empty());
    Ok(ModelCost {
        provider: Some(provider.clone()),
        model: name.unwrap_or(key).to_owned(),
        bare: name.is_none(),
        aliases: Vec::new(),
        patterns: Vec::new(),
        from,
        until: None,
        last_seen: None,
        rates,
        tiers,
        source: origin.id.to_owned(),
    })
}

/// The prices per token of an entry or of a row of `tiered_pricing`.
fn flat_rates(value: &Json) -> Result<Rates, Skip> {
    let mut rates = Rates::new();
    for (field, class) in FIELDS {
        if let Some(price) = value.get(field).filter(|price| **price != Json::Null) {
            rates.insert(class, rate(price, 0)?);
        }
    }
    if let Some(price) = value.get(CACHE_HIT).filter(|price| **price != Json::Null) {
        let cache_hit = rate(price, 0)?;
        rates.entry(TokenClass::CacheRead).or_insert(cache_hit);
    }
    Ok(rates)
}

/// `input_cost_per_token_above_200k_tokens` and its like.
fn tiers_above(fields: &[(SmolStr, Json)], family: &str) -> Result<Vec<ContextTier>, Skip> {
    let mut tiers: BTreeMap<u64, Rates> = BTreeMap::new();
    for (name, value) in fields.iter().filter(|(_, value)| *value != Json::Null) {
        if let Some((class, threshold)) = above(name) {
            // xAI's higher price begins at the threshold, the others' after it.
            let above = if family == "xai" {
                threshold.saturating_sub(1)
            } else {
                threshold
            };
            tiers
                .entry(above)
                .or_default()
                .insert(class, rate(value, 0)?);
        }
    }
    Ok(tiers
        .into_iter()
        .map(|(above_input_tokens, rates)| ContextTier {
            above_input_tokens,
            rates,
        })
        .collect())
}

/// The class and threshold of a field such as `output_cost_per_token_above_128k_tokens`.
fn above(field: &str) -> Option<(TokenClass, u64)> {
    let (name, class) = FIELDS[..TIERED_FIELDS].iter().find(|(name, _)| {
        field
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with("_above_"))
    })?;
    let size = field
        .strip_prefix(name)?
        .strip_prefix("_above_")?
        .strip_suffix("_tokens")?;
    let threshold = match size.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1000)?,
        None => size.parse().ok()?,
    };
    Some((*class, threshold))
}

/// The rows of `tiered_pricing`: the first becomes the base, the others tiers above their start.
///
/// A row is complete: cached input that it does not name costs as its input, reasoning as its
/// output; only output may be missing, and is then the model's own. The rates are spelt out, since
/// a tier of a list inherits what it does not name.
fn ranged_rates(rows: &[Json], base: &mut Rates) -> Result<Vec<ContextTier>, Skip> {
    let mut ranged: BTreeMap<u64, Rates> = BTreeMap::new();
    let by_token = |row: &Json| {
        flat_rates(row)
            .map(|rates| !rates.is_empty())
            .unwrap_or(true)
    };
    if !rows.iter().any(by_token) {
        return Err(Skip::NotByToken); // e.g. a search priced by the number of results
    }
    for row in rows {
        let Some(Json::Array(range)) = row.get("range") else {
            return Err(Skip::OtherCondition);
        };
        let start = count(range.first().ok_or(Skip::BadNumber)?)?;
        let rates = flat_rates(row)?;
        if !rates.contains_key(&TokenClass::Input) {
            return Err(Skip::OtherCondition);
        }
        ranged.insert(start, rates);
    }
    if ranged.keys().next() != Some(&0) {
        return Err(Skip::OtherCondition);
    }
    let named: BTreeSet<TokenClass> = ranged
        .values()
        .flat_map(|rates| rates.keys().copied())
        .chain(base.keys().copied())
        .collect();
    let own_output = base.get(&TokenClass::Output).copied();
    for rates in ranged.values_mut() {
        if let Some(output) = own_output {
            rates.entry(TokenClass::Output).or_insert(output);
        }
        for class in [
            TokenClass::CacheRead,
            TokenClass::CacheWrite,
            TokenClass::Reasoning,
        ] {
            let same = parent(class).and_then(|parent| rates.get(&parent).copied());
            if named.contains(&class)
                && let Some(same) = same
            {
                rates.entry(class).or_insert(same);
            }
        }
    }
    let mut ranged = ranged.into_iter();
    if let Some((_, first)) = ranged.next() {
        base.extend(first);
    }
    Ok(ranged
        .map(|(above_input_tokens, rates)| ContextTier {
            above_input_tokens,
            rates,
        })
        .collect())
}

/// Whether a field says something about the price.
fn is_price(field: &str) -> bool {
    ["cost", "pricing", "multiplier", "provider_specific_entry"]
        .iter()
        .any(|part| field.contains(part))
}

fn is_read(field: &str) -> bool {
    field == "tiered_pricing"
        || field == CACHE_HIT
        || FIELDS.iter().any(|(name, _)| *name == field)
        || above(field).is_some()
}
