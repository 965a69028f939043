//! Langfuse's counts and costs: objects of free keys, as JSON in a string.
//!
//! Langfuse adds all its counts up, so its own words do not overlap: beside `input` stands what is
//! not in it. Senders copy OpenAI's or Anthropic's words into the same object, or Langfuse's words
//! with numbers that do overlap; where there is a `total`, it tells which. Invariant: what neither
//! reading explains is a contradiction.

use money::{Amount, Currency, Decimal};
use work::Json;

use super::super::attributes::Attributes;
use super::table::{self, Names};
use super::tokens::Reported;
use crate::limits::OTLP_JSON_ATTRIBUTE_BYTES_MAX;

/// The numbers of an object.
pub(super) type Numbers = Vec<(String, Decimal)>;

/// The numbers of a JSON object that stands in a string.
pub(super) fn object(attributes: &Attributes<'_>, name: &str) -> Result<Option<Numbers>, String> {
    let bad = |problem: String| format!("attribute `{name}`: {problem}");
    let Some(text) = attributes.text(name).map_err(|bad| bad.to_string())? else {
        return Ok(None);
    };
    if text.len() > OTLP_JSON_ATTRIBUTE_BYTES_MAX {
        return Err(bad(format!(
            "longer than {OTLP_JSON_ATTRIBUTE_BYTES_MAX} bytes"
        )));
    }
    let json = Json::parse(&text).map_err(|error| bad(error.to_string()))?;
    let Json::Object(members) = json else {
        return Err(bad("expected an object".to_owned()));
    };
    let mut numbers = Numbers::new();
    for (key, value) in members {
        if let Json::Number(digits) = value {
            let number = digits
                .parse()
                .map_err(|error: money::MoneyError| bad(format!("`{key}`: {error}")))?;
            numbers.push((key.to_string(), number));
        }
    }
    Ok(Some(numbers))
}

/// The counts.
pub(super) fn usage(numbers: &Numbers) -> Result<Reported, String> {
    let of = |names: Names| {
        let found = names
            .iter()
            .find_map(|name| numbers.iter().find(|(key, _)| key == name));
        found.map(|(_, number)| *number)
    };
    let known = table::LANGFUSE_MEMBERS;
    let unknown = numbers.iter().filter(|(key, number)| {
        !number.is_zero() && !known.iter().any(|names| names.contains(&key.as_str()))
    });
    let mut own = Reported {
        input: of(table::LANGFUSE_PROMPT),
        cache_read: of(table::LANGFUSE_CACHE_READ),
        cache_write: of(table::LANGFUSE_CACHE_WRITE),
        input_audio: of(table::LANGFUSE_INPUT_AUDIO),
        output: of(table::LANGFUSE_COMPLETION),
        reasoning: of(table::LANGFUSE_REASONING),
        output_audio: of(table::LANGFUSE_OUTPUT_AUDIO),
        total: of(table::LANGFUSE_TOTAL),
        differing: unknown
            .map(|(key, number)| format!("usage_details: {number} of `{key}`, which is of no class known here, are not counted"))
            .collect(),
        ..Reported::default()
    };
    if own.input.is_some() || own.output.is_some() {
        return Ok(own);
    }
    let (input, output) = (of(table::LANGFUSE_INPUT), of(table::LANGFUSE_OUTPUT));
    let parts = [
        own.cache_read,
        own.cache_write,
        own.input_audio,
        own.reasoning,
        own.output_audio,
    ];
    let whole = sum([input, output].into_iter().flatten())?;
    let with_parts = sum(parts.into_iter().flatten().chain([whole]))?;
    match own.total {
        Some(total) if total != with_parts && total == whole => {
            own.input = input;
            own.output = output;
        }
        Some(total) if total != with_parts => {
            return Err(format!(
                "usage_details: input, output and their parts are {with_parts}, the total is {total}"
            ));
        }
        _ => {
            own.input_without_parts = input;
            own.output_without_parts = output;
        }
    }
    Ok(own)
}

/// What it cost: the total, else the sum of all.
pub(super) fn cost(numbers: &Numbers) -> Result<Option<Amount>, String> {
    let total = numbers.iter().find(|(key, _)| key == "total");
    let cost = match total {
        Some((_, total)) => *total,
        None if numbers.is_empty() => return Ok(None),
        None => sum(numbers.iter().map(|(_, number)| *number))?,
    };
    Ok(Some(Amount::new(cost, Currency::USD)))
}

fn sum(numbers: impl IntoIterator<Item = Decimal>) -> Result<Decimal, String> {
    let sum = numbers.into_iter().try_fold(Decimal::ZERO, Decimal::plus);
    sum.map_err(|error| error.to_string())
}
