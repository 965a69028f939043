//! Reading a model-cost document: strict, with the place of every fault.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use jiff::civil::Date;
use money::{Currency, Decimal, Rate};
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use work::Digest;
use work::body::TokenClass;
use work::definition::Fault;

use super::lookup::Index;
use super::{ContextTier, ModelCost, ModelCosts, Pattern, Rates, Source, limits, parent, provider};

/// A document that is not a model-cost list, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} in the model costs: {}", if .faults.len() == 1 { "a fault" } else { "faults" }, .faults.first().map_or("", |f| f.problem.as_str()))]
pub struct ModelCostsError {
    /// The faults, in the order of the file.
    pub faults: Vec<Fault>,
}

impl ModelCosts {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ModelCostsError`] with every fault and its place: an unknown key, a number that is not a
    /// decimal in quotes, a date that is none, a source that is not listed, two prices of one model
    /// for the same day, a bound crossed.
    pub fn parse(text: &str) -> Result<ModelCosts, ModelCostsError> {
        let one = |fault| ModelCostsError {
            faults: vec![fault],
        };
        if text.len() > limits::DOCUMENT_BYTES_MAX {
            return Err(one(fault(
                0..0,
                format!(
                    "the document has {} bytes, at most {} are read",
                    text.len(),
                    limits::DOCUMENT_BYTES_MAX
                ),
                "split it into several lists",
            )));
        }
        let document: DocumentText = toml::from_str(text).map_err(|error| {
            one(Fault {
                span: error.span().unwrap_or(0..0),
                problem: error.message().to_owned(),
                hint: None,
            })
        })?;
        Reader::default().document(document, Digest::of(text.as_bytes()))
    }

    /// A list of these entries: what a document with them would be read as.
    ///
    /// # Errors
    /// [`ModelCostsError`] as for [`ModelCosts::parse`]; the spans are those of the printed text.
    pub fn new(
        title: &str,
        date: Date,
        currency: Currency,
        sources: &BTreeMap<String, Source>,
        models: &[ModelCost],
    ) -> Result<ModelCosts, ModelCostsError> {
        ModelCosts::parse(&super::write::document(
            title, date, currency, sources, models,
        ))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentText {
    model_costs: HeaderText,
    #[serde(default)]
    source: Vec<Spanned<SourceText>>,
    #[serde(default)]
    model: Vec<Spanned<ModelText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderText {
    title: Spanned<String>,
    date: Spanned<Datetime>,
    currency: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    id: Spanned<String>,
    name: Spanned<String>,
    date: Spanned<Datetime>,
    #[serde(default)]
    priced_as: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelText {
    provider: Option<Spanned<String>>,
    model: Spanned<String>,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    patterns: Vec<Spanned<String>>,
    from: Option<Spanned<Datetime>>,
    until: Option<Spanned<Datetime>>,
    last_seen: Option<Spanned<Datetime>>,
    source: Spanned<String>,
    per_million: Spanned<BTreeMap<Spanned<String>, Spanned<String>>>,
    #[serde(default)]
    above: Vec<AboveText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboveText {
    input_tokens: Spanned<u64>,
    per_million: Spanned<BTreeMap<Spanned<String>, Spanned<String>>>,
}

fn fault(span: Range<usize>, problem: impl Into<String>, hint: &str) -> Fault {
    Fault {
        span,
        problem: problem.into(),
        hint: Some(hint.to_owned()),
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn document(
        mut self,
        text: DocumentText,
        digest: Digest,
    ) -> Result<ModelCosts, ModelCostsError> {
        let title = self.name(text.model_costs.title);
        let date = self.date(&text.model_costs.date);
        let currency = self.currency(&text.model_costs.currency);
        self.bound("sources", text.source.len(), limits::SOURCES_MAX, 0..0);
        self.bound("models", text.model.len(), limits::MODELS_MAX, 0..0);
        let mut sources = BTreeMap::new();
        for source in text.source.into_iter().take(limits::SOURCES_MAX) {
            let source = source.into_inner();
            let span = source.id.span();
            let id = self.name(source.id);
            let read = Source {
                name: self.name(source.name),
                date: self.date(&source.date),
                priced_as_parent: self.priced_as(&source.priced_as),
            };
            if sources.insert(id.clone(), read).is_some() {
                self.faults.push(fault(
                    span,
                    format!("the source `{id}` is listed twice"),
                    "give each source its own id",
                ));
            }
        }
        let mut spans = Vec::with_capacity(text.model.len());
        let mut models = Vec::with_capacity(text.model.len());
        for model in text.model.into_iter().take(limits::MODELS_MAX) {
            spans.push(model.span());
            models.push(self.model(model.into_inner(), &sources));
        }
        self.overlaps(&models, &spans);
        if self.faults.is_empty() {
            let index = Index::of(&models);
            Ok(ModelCosts {
                title,
                date,
                currency,
                sources,
                models,
                digest,
                index,
            })
        } else {
            self.faults.sort_by_key(|fault| fault.span.start);
            self.faults.truncate(limits::FAULTS_MAX);
            Err(ModelCostsError {
                faults: self.faults,
            })
        }
    }

    fn model(&mut self, text: ModelText, sources: &BTreeMap<String, Source>) -> ModelCost {
        let names = text.aliases.len() + text.patterns.len();
        self.bound(
            "aliases and patterns",
            names,
            limits::NAMES_MAX,
            text.model.span(),
        );
        let span = text.source.span();
        let source = self.name(text.source);
        if !sources.contains_key(&source) {
            self.faults.push(fault(
                span,
                format!("the source `{source}` is not listed"),
                "add a `[[source]]` with this id, a name and a date",
            ));
        }
        let mut patterns = Vec::new();
        for pattern in text.patterns {
            match Pattern::parse(pattern.get_ref()) {
                Some(read) => patterns.push(read),
                None => self.faults.push(fault(
                    pattern.span(),
                    format!("`{}` is not a pattern", pattern.get_ref()),
                    "write `name*`, `*name` or `*name*`; a whole name is an alias",
                )),
            }
        }
        let from = text.from.as_ref().map(|date| self.date(date));
        let until = text.until.as_ref().map(|date| self.date(date));
        if let (Some(from), Some(until), Some(date)) = (from, until, &text.until)
            && until <= from
        {
            self.faults.push(fault(
                date.span(),
                format!("the price ends on {until}, not after {from}"),
                "`until` is the first day no longer at this price",
            ));
        }
        self.bound(
            "context tiers",
            text.above.len(),
            limits::TIERS_MAX,
            text.model.span(),
        );
        let rates = self.rates(&text.per_million);
        let mut tiers: Vec<ContextTier> = Vec::new();
        for above in &text.above {
            let above_input_tokens = *above.input_tokens.get_ref();
            if tiers
                .last()
                .is_some_and(|tier| tier.above_input_tokens >= above_input_tokens)
            {
                self.faults.push(fault(
                    above.input_tokens.span(),
                    "the thresholds do not ascend",
                    "list the context tiers from the smallest to the largest",
                ));
            }
            tiers.push(ContextTier {
                above_input_tokens,
                rates: self.rates(&above.per_million),
            });
        }
        ModelCost {
            provider: text
                .provider
                .map(|p| provider::canonical_provider(&self.name(p))),
            model: self.name(text.model),
            bare: text.bare,
            aliases: text
                .aliases
                .into_iter()
                .map(|alias| self.name(alias))
                .collect(),
            patterns,
            from,
            until,
            last_seen: text.last_seen.as_ref().map(|date| self.date(date)),
            rates,
            tiers,
            source,
        }
    }

    fn rates(&mut self, text: &Spanned<BTreeMap<Spanned<String>, Spanned<String>>>) -> Rates {
        let mut rates = Rates::new();
        for (class, number) in text.get_ref() {
            let rate = per_token(number.get_ref());
            match (self.class(class), rate) {
                (Some(class), Ok(rate)) => {
                    rates.insert(class, rate);
                }
                (_, Err(problem)) => self.faults.push(fault(
                    number.span(),
                    problem,
                    "write the price of a million tokens as a decimal in quotes, e.g. `input = \"2.50\"`",
                )),
                (None, Ok(_)) => {}
            }
        }
        if text.get_ref().is_empty() {
            self.faults.push(fault(text.span(), "no rate is given", "price at least one class of tokens, or leave the entry out: a model without an entry is unpriced"));
        }
        rates
    }

    fn class(&mut self, word: &Spanned<String>) -> Option<TokenClass> {
        let found = TokenClass::WORDS
            .iter()
            .find(|(w, _)| w == word.get_ref())
            .map(|(_, c)| *c);
        if found.is_none() {
            let words: Vec<&str> = TokenClass::WORDS.iter().map(|(word, _)| *word).collect();
            self.faults.push(Fault {
                span: word.span(),
                problem: format!("`{}` is not a class of tokens", word.get_ref()),
                hint: Some(format!("the classes are: {}", words.join(", "))),
            });
        }
        found
    }

    fn priced_as(
        &mut self,
        text: &BTreeMap<Spanned<String>, Spanned<String>>,
    ) -> BTreeSet<TokenClass> {
        let mut classes = BTreeSet::new();
        for (class, target) in text {
            if let (Some(class), Some(other)) = (self.class(class), self.class(target)) {
                if parent(class) == Some(other) {
                    classes.insert(class);
                } else {
                    self.faults.push(fault(
                        target.span(),
                        format!(
                            "{} tokens cannot be priced as {}",
                            class.word(),
                            other.word()
                        ),
                        "input classes can be priced as `input`, output classes as `output`",
                    ));
                }
            }
        }
        classes
    }

    fn name(&mut self, text: Spanned<String>) -> String {
        let name = text.get_ref();
        if name.is_empty()
            || name.len() > limits::NAME_BYTES_MAX
            || name.chars().any(char::is_control)
        {
            self.faults.push(fault(
                text.span(),
                "a name must have text, no control characters and a sensible length",
                "shorten or correct the name",
            ));
        }
        text.into_inner()
    }

    fn date(&mut self, text: &Spanned<Datetime>) -> Date {
        let written = text.get_ref();
        let date = match (written.date, written.time, written.offset) {
            (Some(date), None, None) => {
                let part = |n: u8| i8::try_from(n).unwrap_or(0);
                i16::try_from(date.year)
                    .ok()
                    .and_then(|year| Date::new(year, part(date.month), part(date.day)).ok())
            }
            _ => None,
        };
        date.unwrap_or_else(|| {
            self.faults.push(fault(
                text.span(),
                format!("`{written}` is not a date"),
                "write a date without a time, e.g. `2026-11-12`",
            ));
            Date::ZERO
        })
    }

    fn currency(&mut self, text: &Spanned<String>) -> Currency {
        text.get_ref()
            .parse()
            .unwrap_or_else(|error: money::MoneyError| {
                self.faults.push(fault(
                    text.span(),
                    error.to_string(),
                    "model prices are mostly in `USD`",
                ));
                Currency::USD
            })
    }

    fn bound(&mut self, what: &str, count: usize, max: usize, span: Range<usize>) {
        if count > max {
            self.faults.push(fault(
                span,
                format!("{count} {what}, at most {max} are read"),
                "split the list",
            ));
        }
    }

    /// One model of one provider has one price on one day.
    fn overlaps(&mut self, models: &[ModelCost], spans: &[Range<usize>]) {
        let mut by_name: HashMap<(Option<&str>, String), Vec<usize>> = HashMap::new();
        for (position, entry) in models.iter().enumerate() {
            by_name
                .entry((entry.provider.as_deref(), entry.model.to_ascii_lowercase()))
                .or_default()
                .push(position);
        }
        for positions in by_name.values_mut() {
            positions.sort_by_key(|position| (models[*position].from, *position));
            for pair in positions.windows(2) {
                let (earlier, later) = (&models[pair[0]], &models[pair[1]]);
                let apart = earlier
                    .until
                    .is_some_and(|until| later.from.is_some_and(|from| until <= from));
                if !apart {
                    self.faults.push(fault(
                        spans[pair[1]].clone(),
                        format!("`{}` has two prices for the same day", later.model),
                        "end the earlier price with `until = ` the later one's `from`",
                    ));
                }
            }
        }
    }
}

/// The rate per token of a price per million tokens.
fn per_token(per_million: &str) -> Result<Rate, String> {
    let millionth = Decimal::new(1, 6).map_err(|e| e.to_string())?;
    per_million
        .parse::<Decimal>()
        .and_then(|price| price.times(millionth))
        .and_then(Rate::new)
        .map_err(|error| error.to_string())
}
