//! Model costs: the dated list of what models cost us.
//!
//! A [`ModelCosts`] prices one model call: so many tokens of each class, by this provider's model,
//! at that instant. It is a document (TOML, named by the digest of its text, [`ModelCosts::parse`]),
//! an import (crate `intake`), the list built in ([`ModelCosts::built_in`]), or several of these one
//! after the other ([`ModelCosts::followed_by`]).
//!
//! Not here: what customers pay, foreign exchange, reading foreign formats. Invariant: a call is
//! priced exactly, by the rates in force at its time, or it is [`Unpriced`] with the reason. Nothing
//! that is not known ever costs zero.

mod built_in;
pub mod limits;
mod lookup;
mod merge;
mod provider;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, MoneyError, Quantity, Rate};
use work::Digest;
use work::body::{TokenClass, Tokens};

pub use lookup::{Matched, Through};
pub use merge::MergeError;
pub use provider::canonical_provider;
pub use read::ModelCostsError;

use lookup::Index;

/// Rates per token, by class. A class without a rate is absent.
pub type Rates = BTreeMap<TokenClass, Rate>;

/// The dated list of what models cost us.
#[derive(Debug, Clone)]
pub struct ModelCosts {
    title: String,
    date: Date,
    currency: Currency,
    sources: BTreeMap<String, Source>,
    models: Vec<ModelCost>,
    digest: Digest,
    index: Index,
}

/// Where prices come from, and what that format says about classes without a price of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The source in words, with its version: `LiteLLM 1.109.1, model_prices_and_context_window`.
    pub name: String,
    /// The date of that version.
    pub date: Date,
    /// Classes that, without a rate of their own, are priced as their parent: input classes as
    /// `input`, output classes as `output`. Only what the source's own rules say.
    pub priced_as_parent: BTreeSet<TokenClass>,
}

/// What one model costs from one date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCost {
    /// Who runs the model, by its [canonical name](canonical_provider); `None` for anybody.
    pub provider: Option<String>,
    /// The model's name with that provider.
    pub model: String,
    /// Whether the model is also meant where a call names no provider.
    pub bare: bool,
    /// Other names of the same model.
    pub aliases: Vec<String>,
    /// Names that the source declares to be this model by their shape.
    pub patterns: Vec<Pattern>,
    /// First day (UTC) at this price; `None` for as long as the model exists.
    pub from: Option<Date>,
    /// First day (UTC) no longer at this price.
    pub until: Option<Date>,
    /// Date of the last book that listed the model, where a later book does not.
    pub last_seen: Option<Date>,
    /// Rates per token.
    pub rates: Rates,
    /// Other rates for large requests, ascending by threshold.
    pub tiers: Vec<ContextTier>,
    /// Id of the [`Source`].
    pub source: String,
}

/// The rates of a request whose whole input is above a threshold: they apply to *all* its tokens.
/// A class that the tier does not name keeps its rate from below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextTier {
    /// The tier applies where the request has more input tokens than this, cached ones included.
    pub above_input_tokens: u64,
    /// Rates per token.
    pub rates: Rates,
}

/// A name with `*` at its beginning, its end, or both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// `name*`
    StartsWith(String),
    /// `*name`
    EndsWith(String),
    /// `*name*`
    Contains(String),
}

/// A priced call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// The exact cost.
    pub amount: Amount,
    /// The rates used, one per class of tokens that occurred.
    pub rates: Vec<RateUsed>,
    /// The threshold of the context tier, where one applied.
    pub above_input_tokens: Option<u64>,
    /// The provider of the entry.
    pub provider: Option<String>,
    /// The model of the entry.
    pub model: String,
    /// Id of the entry's source.
    pub source: String,
    /// First day of the price.
    pub from: Option<Date>,
    /// Set where later books no longer list the model.
    pub last_seen: Option<Date>,
    /// How the entry was found.
    pub matched: Matched,
}

/// The rate that priced the tokens of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateUsed {
    /// The class.
    pub class: TokenClass,
    /// The tokens.
    pub tokens: Quantity,
    /// The rate per token.
    pub rate: Rate,
    /// The class whose rate it is: the class itself or its parent.
    pub priced_as: TokenClass,
}

/// Why a call has no price. It is counted and shown as unpriced, never as free.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// No entry for the model.
    #[error("no model cost for `{}{model}`; add an entry for it", .provider.as_ref().map(|p| format!("{p}/")).unwrap_or_default())]
    UnknownModel {
        /// The provider as called.
        provider: Option<String>,
        /// The model as called.
        model: String,
    },
    /// Without a provider the name means several models at different prices.
    #[error("`{model}` is sold by {} at different prices; record the provider with the cost", .providers.join(", "))]
    Ambiguous {
        /// The model as called.
        model: String,
        /// The providers that list it.
        providers: Vec<String>,
    },
    /// The call is earlier than the first known price.
    #[error(
        "the first known price of `{model}` is of {first}, after the call; add the earlier price"
    )]
    BeforeFirstDate {
        /// The model of the entry.
        model: String,
        /// The first day with a price.
        first: Date,
    },
    /// The call is later than the last known price.
    #[error("the price of `{model}` ended on {until}; add the next one")]
    Ended {
        /// The model of the entry.
        model: String,
        /// The first day without a price.
        until: Date,
    },
    /// Tokens of a class that the entry does not price.
    #[error("`{model}` has no rate for {} tokens, and its source does not say what they cost as; add the rate", .class.word())]
    NoRate {
        /// The model of the entry.
        model: String,
        /// The class.
        class: TokenClass,
    },
    /// No token counts, or all of them zero.
    #[error("the call of `{model}` has no token counts; record them or an amount")]
    NoTokens {
        /// The model as called.
        model: String,
    },
    /// The exact cost does not fit.
    #[error(
        "the cost of the call of `{model}` is too large to compute exactly; check its token counts"
    )]
    Overflow {
        /// The model of the entry.
        model: String,
    },
}

/// The class as whose tokens another class's tokens can be priced.
#[must_use]
pub const fn parent(class: TokenClass) -> Option<TokenClass> {
    match class {
        TokenClass::CacheRead | TokenClass::CacheWrite | TokenClass::InputAudio => {
            Some(TokenClass::Input)
        }
        TokenClass::Reasoning | TokenClass::OutputAudio => Some(TokenClass::Output),
        TokenClass::Input | TokenClass::Output => None,
    }
}

impl ModelCosts {
    /// What the list is about.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The date on which the list was true.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The currency of every rate.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The digest of the document's text, which names it.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The entries, in the order of the document.
    #[must_use]
    pub fn models(&self) -> &[ModelCost] {
        &self.models
    }

    /// The sources, by id.
    #[must_use]
    pub const fn sources(&self) -> &BTreeMap<String, Source> {
        &self.sources
    }

    /// What a call cost: `tokens` of `model`, run by `provider`, at an instant.
    ///
    /// Look-up, the first that finds an entry decides: (1) the model with that provider, by name or
    /// alias, then the name without a provider (an entry for anybody, or the one marked as meant by
    /// the bare name); (2) the same with a leading `provider/` taken as the provider; (3) patterns
    /// that the source itself declares; (4) the same date in another spelling (`-20241120`,
    /// `-2024-11-20`, `@20241120`); (5) without the date, where only the base model is listed.
    /// Names are compared without regard to ASCII case; nothing is guessed. Where a bare name means
    /// several models, they must price the call alike.
    ///
    /// # Errors
    /// [`Unpriced`] with the reason.
    pub fn price(
        &self,
        provider: Option<&str>,
        model: &str,
        tokens: &Tokens,
        at: Timestamp,
    ) -> Result<Priced, Unpriced> {
        if tokens.values().all(|count| count.is_zero()) {
            return Err(Unpriced::NoTokens {
                model: model.to_owned(),
            });
        }
        let day = at.to_zoned(TimeZone::UTC).date();
        let (entries, matched) = self.find(provider, model, day)?;
        let (first, others) = entries
            .split_first()
            .ok_or_else(|| Unpriced::UnknownModel {
                provider: provider.map(str::to_owned),
                model: model.to_owned(),
            })?;
        let priced = self.priced(first, tokens, &matched)?;
        for other in others {
            if self.priced(other, tokens, &matched)?.amount != priced.amount {
                let name =
                    |e: &&ModelCost| e.provider.clone().unwrap_or_else(|| "anybody".to_owned());
                return Err(Unpriced::Ambiguous {
                    model: model.to_owned(),
                    providers: entries.iter().map(name).collect(),
                });
            }
        }
        Ok(priced)
    }

    /// The names under which a called model is listed on that day: the provider, where all entries of
    /// the name agree on it, and the model. `None` where it is not listed.
    #[must_use]
    pub fn listed(
        &self,
        provider: Option<&str>,
        model: &str,
        at: Timestamp,
    ) -> Option<(Option<&str>, &str)> {
        let day = at.to_zoned(TimeZone::UTC).date();
        let (entries, _) = self.find(provider, model, day).ok()?;
        let (first, others) = entries.split_first()?;
        let agreed = others.iter().all(|other| other.provider == first.provider);
        let provider = first.provider.as_deref().filter(|_| agreed);
        Some((provider, &first.model))
    }

    /// The cost of the tokens by one entry.
    fn priced(
        &self,
        entry: &ModelCost,
        tokens: &Tokens,
        matched: &Matched,
    ) -> Result<Priced, Unpriced> {
        let overflow = || Unpriced::Overflow {
            model: entry.model.clone(),
        };
        let (rates, above_input_tokens) = entry.rates_for(tokens).map_err(|_| overflow())?;
        let mut amount = Amount::zero(self.currency);
        let mut used = Vec::with_capacity(tokens.len());
        for (class, count) in tokens.iter().filter(|(_, count)| !count.is_zero()) {
            let (rate, priced_as) = self.rate(entry, &rates, *class)?;
            let cost = Amount::priced(rate, *count, self.currency).map_err(|_| overflow())?;
            amount = amount.plus(cost).map_err(|_| overflow())?;
            used.push(RateUsed {
                class: *class,
                tokens: *count,
                rate,
                priced_as,
            });
        }
        Ok(Priced {
            amount,
            rates: used,
            above_input_tokens,
            provider: entry.provider.clone(),
            model: entry.model.clone(),
            source: entry.source.clone(),
            from: entry.from,
            last_seen: entry.last_seen,
            matched: matched.clone(),
        })
    }

    /// The rate of a class: its own, or its parent's where the entry's source says so.
    fn rate(
        &self,
        entry: &ModelCost,
        rates: &Rates,
        class: TokenClass,
    ) -> Result<(Rate, TokenClass), Unpriced> {
        if let Some(rate) = rates.get(&class) {
            return Ok((*rate, class));
        }
        let falls_back = self
            .sources
            .get(&entry.source)
            .is_some_and(|source| source.priced_as_parent.contains(&class));
        parent(class)
            .filter(|_| falls_back)
            .and_then(|parent| rates.get(&parent).map(|rate| (*rate, parent)))
            .ok_or_else(|| Unpriced::NoRate {
                model: entry.model.clone(),
                class,
            })
    }
}

impl ModelCost {
    /// The rates for a request of that size, and the threshold of the tier that applied.
    fn rates_for(&self, tokens: &Tokens) -> Result<(Rates, Option<u64>), MoneyError> {
        let mut rates = self.rates.clone();
        let mut above = None;
        if !self.tiers.is_empty() {
            let mut input = Quantity::ZERO;
            for (class, count) in tokens {
                if *class == TokenClass::Input || parent(*class) == Some(TokenClass::Input) {
                    input = input.plus(*count)?;
                }
            }
            for tier in &self.tiers {
                if input > Quantity::new(i128::from(tier.above_input_tokens), 0)? {
                    rates.extend(&tier.rates);
                    above = Some(tier.above_input_tokens);
                }
            }
        }
        Ok((rates, above))
    }

    /// Whether the price is in force on a day.
    fn in_force(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

impl Pattern {
    /// Reads `name*`, `*name` or `*name*`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Pattern> {
        let name = text.trim_matches('*');
        if name.is_empty() || name.contains('*') {
            return None;
        }
        let name = name.to_owned();
        match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(_), Some(_)) => Some(Pattern::Contains(name)),
            (None, Some(_)) => Some(Pattern::StartsWith(name)),
            (Some(_), None) => Some(Pattern::EndsWith(name)),
            (None, None) => None,
        }
        .filter(|pattern| pattern.to_string() == text)
    }

    /// Whether a name has the shape, without regard to ASCII case.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Pattern::StartsWith(part) => name.starts_with(&part.to_ascii_lowercase()),
            Pattern::EndsWith(part) => name.ends_with(&part.to_ascii_lowercase()),
            Pattern::Contains(part) => name.contains(&part.to_ascii_lowercase()),
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pattern::StartsWith(part) => write!(f, "{part}*"),
            Pattern::EndsWith(part) => write!(f, "*{part}"),
            Pattern::Contains(part) => write!(f, "*{part}*"),
        }
    }
}
