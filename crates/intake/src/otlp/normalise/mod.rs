//! The normaliser: what one span, or one log event, says a model call cost.
//!
//! Half a dozen dialects are alive at once, and they contradict each other: the same number has
//! three names, cached input is part of the input in one and beside it in the next. [`normalise`] is
//! pure and knows nothing of other spans; which of several spans that report one call is counted, its
//! caller decides. Invariant: the classes of tokens do not overlap, and nothing is made up: counts
//! that contradict each other are [`CostObservation::contradiction`], never clamped and never zero.

mod langfuse;
mod table;
mod tokens;

use money::{Amount, Currency, Decimal};
use pricing::model_costs::canonical_provider;
use work::body::Tokens;

use super::attributes::{Attributes, BadAttribute};
use table::{Mark, Names};
use tokens::Reported;

pub use table::{NORMALISER_VERSION, TABLE};

/// Whose words a sender uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// The OpenTelemetry GenAI conventions of today (`gen_ai.provider.name`).
    Otel,
    /// The same up to 1.36 (`gen_ai.system`), which most senders still speak by default.
    OtelOld,
    /// OpenLLMetry (Traceloop).
    OpenLlmetry,
    /// OpenInference (Arize, Phoenix).
    OpenInference,
    /// Vercel's AI SDK, versions 4 to 7.
    AiSdk,
    /// OpenLIT.
    OpenLit,
    /// Sentry.
    Sentry,
    /// Langfuse's own SDK.
    Langfuse,
    /// Claude Code's log events.
    ClaudeCode,
    /// LiteLLM's proxy.
    LiteLlm,
}

impl Dialect {
    /// The dialect's word in events.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Dialect::Otel => "otel",
            Dialect::OtelOld => "otel-1.36",
            Dialect::OpenLlmetry => "openllmetry",
            Dialect::OpenInference => "openinference",
            Dialect::AiSdk => "ai-sdk",
            Dialect::OpenLit => "openlit",
            Dialect::Sentry => "sentry",
            Dialect::Langfuse => "langfuse",
            Dialect::ClaudeCode => "claude-code",
            Dialect::LiteLlm => "litellm",
        }
    }
}

/// What a span stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// One model call.
    Call,
    /// Something that calls are made in: an agent, a workflow, a tool, a wrapper.
    Above,
}

/// What one span or log event says of a model call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostObservation {
    /// Whose words it was said in.
    pub dialect: Dialect,
    /// Whether it is one call, as far as it says itself; agents, workflows and wrappers repeat the
    /// totals of their calls and are no leaves.
    pub leaf: bool,
    /// Who ran the model, by the name that model costs have for it.
    pub provider: Option<String>,
    /// The model that answered, else the one asked for.
    pub model: Option<String>,
    /// What was done: `chat`, `embeddings` ...
    pub operation: Option<String>,
    /// Token counts by class, without overlap; classes that did not occur are absent.
    pub tokens: Tokens,
    /// What the sender says it cost.
    pub claimed: Option<Amount>,
    /// The provider's id of the answer.
    pub response_id: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The conversation.
    pub conversation: Option<String>,
    /// The provider's service tier, where it is not the standard one.
    pub service_tier: Option<String>,
    /// What is odd about it, but does not change what is counted.
    pub warnings: Vec<String>,
    /// Why the counts cannot be right. Such an observation is listed and not recorded.
    pub contradiction: Option<String>,
}

impl CostObservation {
    /// Whether it says that something was used.
    #[must_use]
    pub fn has_usage(&self) -> bool {
        let claimed = self.claimed.is_some_and(|claimed| !claimed.is_zero());
        claimed || !self.tokens.is_empty() || self.contradiction.is_some()
    }

    const fn new(dialect: Dialect, leaf: bool) -> CostObservation {
        CostObservation {
            dialect,
            leaf,
            provider: None,
            model: None,
            operation: None,
            tokens: Tokens::new(),
            claimed: None,
            response_id: None,
            agent: None,
            agent_version: None,
            conversation: None,
            service_tier: None,
            warnings: Vec::new(),
            contradiction: None,
        }
    }

    /// Takes the counts, or notes why they cannot be right.
    fn count(&mut self, reported: Result<Reported, String>) {
        let classes = reported.and_then(|reported| {
            self.warnings.extend(reported.warnings());
            reported.classes()
        });
        match classes {
            Ok(tokens) => self.tokens = tokens,
            Err(problem) => self.contradiction = Some(problem),
        }
    }

    /// Takes the claimed cost, or notes why it cannot be one.
    fn claim(&mut self, claimed: Result<Option<Amount>, String>) {
        match claimed {
            Ok(Some(amount)) if amount.is_negative() => {
                self.contradiction = Some(format!("a cost of {amount}, below zero"));
            }
            Ok(claimed) => self.claimed = claimed,
            Err(problem) => self.contradiction = Some(problem),
        }
    }
}

/// What the attributes of a span say of a model call; `None` where they say nothing of one.
#[must_use]
pub fn normalise(attributes: &Attributes<'_>) -> Option<CostObservation> {
    let dialect = dialect(attributes)?;
    let role = role(attributes);
    let mut own = CostObservation::new(dialect, role != Some(Role::Above));
    own.count(reported(attributes));
    own.claim(claimed(attributes));
    if role.is_none() && !own.has_usage() {
        return None; // It names a conversation or an agent, and no call.
    }
    own.texts(attributes);
    Some(own)
}

/// Whether an attribute is ever read, of a span, a log record or a resource. What people and models wrote is in
/// none of these.
#[must_use]
pub(super) fn is_read(name: &str) -> bool {
    table::TABLE.iter().any(|(_, names)| names.contains(&name))
        || table::ROLES.iter().any(|(own, _)| *own == name)
        || table::BESIDE.contains(&name)
}

/// Whether an attribute holds what people and models wrote.
#[must_use]
pub(super) fn is_text(name: &str) -> bool {
    table::TEXTS.contains(&name) || table::TEXTS_BEGIN.iter().any(|own| name.starts_with(own))
}

/// What a log event of Claude Code says of a model call; `None` for any other event.
#[must_use]
pub fn normalise_claude_code(event: &str, attributes: &Attributes<'_>) -> Option<CostObservation> {
    let is_call = table::CLAUDE_CODE_EVENTS.contains(&event)
        && (event.starts_with("claude_code.") || attributes.has("cost_usd"));
    if !is_call {
        return None;
    }
    let mut own = CostObservation::new(Dialect::ClaudeCode, true);
    let count = |name| attributes.number(name).map_err(|bad| bad.to_string());
    let reported = || {
        Ok(Reported {
            input_without_parts: count("input_tokens")?,
            cache_read: count("cache_read_tokens")?,
            cache_write: count("cache_creation_tokens")?,
            output_without_parts: count("output_tokens")?,
            ..Reported::default()
        })
    };
    own.count(reported());
    own.claim(count("cost_usd").map(|cost| cost.map(|cost| Amount::new(cost, Currency::USD))));
    own.provider = Some("anthropic".to_owned());
    own.operation = Some("chat".to_owned());
    own.model = own.text(attributes, &["model"]);
    own.response_id = own.text(attributes, &["request_id"]);
    own.conversation = own.text(attributes, &["session.id"]);
    own.service_tier = own
        .text(attributes, &["speed"])
        .filter(|speed| speed != "normal");
    Some(own)
}

impl CostObservation {
    fn texts(&mut self, attributes: &Attributes<'_>) {
        let provider = self.text(attributes, table::PROVIDER);
        self.provider = provider.map(|name| provider_of(&name));
        self.model = self.text(attributes, table::MODEL);
        self.operation = self.text(attributes, table::OPERATION);
        self.response_id = self.text(attributes, table::RESPONSE_ID);
        self.agent = self.text(attributes, table::AGENT);
        self.agent_version = self.text(attributes, table::AGENT_VERSION);
        self.conversation = self.text(attributes, table::CONVERSATION);
        let tier = self.text(attributes, table::SERVICE_TIER);
        self.service_tier =
            tier.filter(|tier| !["default", "auto", "standard"].contains(&tier.as_str()));
    }

    /// The first text of these names; one that cannot be read is a warning, since no amount hangs
    /// on it.
    fn text(&mut self, attributes: &Attributes<'_>, names: Names) -> Option<String> {
        for name in names {
            match attributes.text(name) {
                Ok(Some(text)) => return Some(text),
                Ok(None) => {}
                Err(bad) => self.warnings.push(bad.to_string()),
            }
        }
        None
    }
}

fn dialect(attributes: &Attributes<'_>) -> Option<Dialect> {
    let holds = |mark: &Mark| match mark {
        Mark::Has(name) => attributes.has(name),
        Mark::Begins(prefix) => attributes.has_prefix(prefix),
    };
    let told = table::DIALECTS
        .iter()
        .find(|(_, marks)| marks.iter().any(holds));
    told.map(|(dialect, _)| *dialect)
}

fn role(attributes: &Attributes<'_>) -> Option<Role> {
    table::ROLES.iter().find_map(|(name, values)| {
        let value = attributes.text(name).ok()??;
        let is = |pattern: &str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
            (Some(end), _) => value.ends_with(end),
            (_, Some(start)) => value.starts_with(start),
            _ => value == pattern,
        };
        let known = values.iter().find(|(pattern, _)| is(pattern));
        known.map(|(_, role)| *role)
    })
}

/// The provider's name as model costs have it. Vercel's SDK names the interface too: `openai.chat`.
fn provider_of(name: &str) -> String {
    let canonical = canonical_provider(name);
    let begins = |start: &str| {
        let rest = canonical.strip_prefix(start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = table::PROVIDERS.iter().find(|(start, _)| begins(start));
    known.map_or_else(|| canonical.clone(), |(_, provider)| (*provider).to_owned())
}

/// The counts that the sender reports.
fn reported(attributes: &Attributes<'_>) -> Result<Reported, String> {
    let mut differing = Vec::new();
    let mut count =
        |names: Names| first(attributes, names, &mut differing).map_err(|bad| bad.to_string());
    let mut reported = Reported {
        input: count(table::INPUT)?,
        cache_read: count(table::CACHE_READ)?,
        cache_write: count(table::CACHE_WRITE)?,
        input_audio: count(table::INPUT_AUDIO)?,
        input_audio_cached: count(table::INPUT_AUDIO_CACHED)?,
        output: count(table::OUTPUT)?,
        reasoning: count(table::REASONING)?,
        output_audio: count(table::OUTPUT_AUDIO)?,
        total: count(table::TOTAL)?,
        ..Reported::default()
    };
    if reported.input.is_none()
        && reported.output.is_none()
        && let Some(details) = langfuse::object(attributes, table::LANGFUSE_USAGE)?
    {
        reported = langfuse::usage(&details)?;
    }
    reported.differing = differing;
    Ok(reported)
}

/// The first number of these names; another number under a later name is remembered.
fn first(
    attributes: &Attributes<'_>,
    names: Names,
    differing: &mut Vec<String>,
) -> Result<Option<Decimal>, BadAttribute> {
    let mut found: Option<(&str, Decimal)> = None;
    for name in names {
        let Some(number) = attributes.number(name)? else {
            continue;
        };
        match found {
            None => found = Some((name, number)),
            Some((first, counts)) if counts != number => differing.push(format!(
                "`{first}` says {counts} and `{name}` says {number}; the first counts"
            )),
            Some(_) => {}
        }
    }
    Ok(found.map(|(_, number)| number))
}

/// What the sender says it cost.
fn claimed(attributes: &Attributes<'_>) -> Result<Option<Amount>, String> {
    for name in table::COST {
        let cost = attributes.number(name).map_err(|bad| bad.to_string())?;
        let Some(cost) = cost else { continue };
        let mut currency = Currency::USD;
        if *name == table::COST[0]
            && let Ok(Some(code)) = attributes.text(table::COST_CURRENCY)
        {
            currency = code.parse().map_err(|error: money::MoneyError| {
                format!("attribute `{}`: {error}", table::COST_CURRENCY)
            })?;
        }
        return Ok(Some(Amount::new(cost, currency)));
    }
    match langfuse::object(attributes, table::LANGFUSE_COST)? {
        Some(details) => langfuse::cost(&details),
        None => Ok(None),
    }
}
