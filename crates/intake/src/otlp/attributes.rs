//! [`Attributes`]: the attributes of a span, log record, point or resource.
//!
//! A value stays bytes until somebody asks for it by name: prompts and answers, most of a request,
//! are never decoded. Lists, maps and bytes are not looked into. Invariant: a number reaches
//! [`money::Decimal`] as the digits that were written; only protobuf's doubles, which have none, are
//! given digits, in [`decimal_of_double`].

use std::borrow::Cow;

use money::Decimal;
use serde_json::value::RawValue;

use super::json;
use super::protobuf::{Field, Malformed, fields};
use super::request::Piece;

/// One attribute's value, as far as anything here needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Decimal),
    /// A double that is no number, or infinite.
    NotANumber,
    /// A list, a map, or bytes: not looked into.
    Other,
}

impl Value {
    /// A string.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A whole number.
    #[must_use]
    pub const fn int(number: i64) -> Value {
        Value::Number(Decimal::from_int(number))
    }
}

/// Attributes by name.
#[derive(Debug, Clone, Default)]
pub struct Attributes<'a>(Vec<(Cow<'a, str>, Raw<'a>)>);

#[derive(Debug, Clone)]
enum Raw<'a> {
    Piece(Piece<'a>),
    Known(Value),
}

/// An attribute that was asked for and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("attribute `{name}`: {problem}")]
pub struct BadAttribute {
    /// The attribute.
    pub name: String,
    /// What is wrong.
    pub problem: String,
}

impl<K: Into<String>> FromIterator<(K, Value)> for Attributes<'_> {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Attributes::sorted(
            pairs
                .map(|(name, value)| (Cow::Owned(name.into()), Raw::Known(value)))
                .collect(),
        )
    }
}

impl<'a> Attributes<'a> {
    /// By name; of a name twice the first counts, since the sort keeps their order.
    fn sorted(mut pairs: Vec<(Cow<'a, str>, Raw<'a>)>) -> Attributes<'a> {
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, first| later.0 == first.0);
        Attributes(pairs)
    }

    /// The attributes of OTLP/JSON: an array of `{"key": ..., "value": {...}}`.
    pub(super) fn of_json(array: Option<&'a RawValue>, max: usize) -> Result<Self, String> {
        let items = json::items(array, max).map_err(|error| format!("attributes: {error}"))?;
        let mut pairs = Vec::with_capacity(items.len());
        for item in items {
            let [key, value] = json::members(item.get(), ["key", "value"])
                .map_err(|error| format!("attributes: {error}"))?
                .found;
            if let (Some(key), Some(value)) = (key, value) {
                pairs.push((json::text(key)?, Raw::Piece(Piece::Json(value))));
            }
        }
        Ok(Attributes::sorted(pairs))
    }

    /// The attributes of protobuf: the bytes of `KeyValue` messages.
    pub(super) fn of_protobuf(messages: &[&'a [u8]]) -> Result<Self, String> {
        let mut pairs = Vec::with_capacity(messages.len());
        for message in messages {
            let (mut key, mut value) = (None, None);
            for field in fields(message) {
                match field.map_err(|error| format!("attributes: {error}"))? {
                    (1, Field::Bytes(bytes)) => key = Some(bytes),
                    (2, Field::Bytes(bytes)) => value = Some(bytes),
                    _ => {}
                }
            }
            if let (Some(key), Some(value)) = (key, value) {
                let key = std::str::from_utf8(key)
                    .map_err(|_| "attributes: a name that is not UTF-8".to_owned())?;
                pairs.push((Cow::Borrowed(key), Raw::Piece(Piece::Protobuf(value))));
            }
        }
        Ok(Attributes::sorted(pairs))
    }

    /// Whether there is an attribute of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Whether there is an attribute whose name begins so.
    #[must_use]
    pub fn has_prefix(&self, prefix: &str) -> bool {
        let at = self.place(prefix).unwrap_or_else(|at| at);
        self.0
            .get(at)
            .is_some_and(|(name, _)| name.starts_with(prefix))
    }

    /// The value of that name; `None` where there is none, or an empty one.
    ///
    /// # Errors
    /// [`BadAttribute`] where the value is there and is none.
    pub fn get(&self, name: &str) -> Result<Option<Value>, BadAttribute> {
        let Ok(at) = self.place(name) else {
            return Ok(None);
        };
        self.0[at].1.value().map_err(|problem| BadAttribute {
            name: name.to_owned(),
            problem,
        })
    }

    /// The text of that name: a string that is not empty, or a number or boolean written out.
    ///
    /// # Errors
    /// [`BadAttribute`] where the value is there and is none.
    pub fn text(&self, name: &str) -> Result<Option<String>, BadAttribute> {
        Ok(match self.get(name)? {
            Some(Value::Text(text)) if !text.trim().is_empty() => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            _ => None,
        })
    }

    /// The number of that name, as a number or as text; `NaN` stands for what the sender does not
    /// know.
    ///
    /// # Errors
    /// [`BadAttribute`] where something else is there.
    pub fn number(&self, name: &str) -> Result<Option<Decimal>, BadAttribute> {
        let bad = |problem: String| BadAttribute {
            name: name.to_owned(),
            problem,
        };
        match self.get(name)? {
            None | Some(Value::NotANumber) => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(Value::Text(text)) if matches!(text.trim(), "" | "NaN" | "None" | "null") => {
                Ok(None)
            }
            Some(Value::Text(text)) => {
                let parsed = text.trim().parse();
                parsed
                    .map(Some)
                    .map_err(|error: money::MoneyError| bad(error.to_string()))
            }
            Some(Value::Bool(_) | Value::Other) => Err(bad("expected a number".to_owned())),
        }
    }

    /// Every attribute with its value, or why it has none: the whole record, where it must be told
    /// from every other.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Result<Option<Value>, String>)> {
        self.0
            .iter()
            .map(|(name, raw)| (name.as_ref(), raw.value()))
    }

    /// Every attribute with its value as OTLP/JSON has it; none for lists, maps and bytes of protobuf.
    pub(super) fn written(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        self.0
            .iter()
            .map(|(name, raw)| (name.as_ref(), raw.written()))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_ref().cmp(name))
    }
}

impl Raw<'_> {
    fn value(&self) -> Result<Option<Value>, String> {
        match self {
            Raw::Known(value) => Ok(Some(value.clone())),
            Raw::Piece(Piece::Json(value)) => value_of_json(value),
            Raw::Piece(Piece::Protobuf(bytes)) => value_of_protobuf(bytes),
        }
    }

    /// As OTLP/JSON has it: what came in JSON as it came, also where it is no value.
    fn written(&self) -> Option<String> {
        if let Raw::Piece(Piece::Json(value)) = self {
            return Some(value.get().to_owned());
        }
        match self.value().ok()?? {
            Value::Text(text) => {
                let text = work::Json::text(text).to_canonical();
                Some(format!("{{\"stringValue\":{text}}}"))
            }
            Value::Bool(flag) => Some(format!("{{\"boolValue\":{flag}}}")),
            Value::Number(number) => Some(format!("{{\"doubleValue\":{number}}}")),
            Value::NotANumber => Some("{\"doubleValue\":\"NaN\"}".to_owned()),
            Value::Other => None,
        }
    }
}

/// An `AnyValue` of OTLP/JSON.
pub(super) fn value_of_json(value: &RawValue) -> Result<Option<Value>, String> {
    let members = json::members(
        value.get(),
        ["stringValue", "boolValue", "intValue", "doubleValue"],
    )
    .map_err(|error| error.to_string())?;
    Ok(match members.found {
        [Some(text), ..] => Some(Value::Text(json::text(text)?.into_owned())),
        [_, Some(flag), ..] => match flag.get() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            other => {
                return Err(format!(
                    "expected true or false, found {}",
                    json::shown(other)
                ));
            }
        },
        [_, _, Some(number), _] => Some(Value::Number(decimal(&json::number(number)?)?)),
        [.., Some(number)] => Some(double_of_text(&json::number(number)?)?),
        _ => members.unknown.map(|_| Value::Other),
    })
}

/// A double written out: its digits as they stand there.
pub(super) fn double_of_text(text: &str) -> Result<Value, String> {
    match text {
        "NaN" | "Infinity" | "-Infinity" => Ok(Value::NotANumber),
        digits => decimal(digits).map(Value::Number),
    }
}

fn decimal(digits: &str) -> Result<Decimal, String> {
    digits
        .parse()
        .map_err(|error: money::MoneyError| error.to_string())
}

/// An `AnyValue` of protobuf; of several, the last counts.
pub(super) fn value_of_protobuf(message: &[u8]) -> Result<Option<Value>, String> {
    let mut value = None;
    for field in fields(message) {
        value = match field.map_err(|error| error.to_string())? {
            (1, Field::Bytes(bytes)) => {
                let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
                Some(Value::text(text))
            }
            (2, Field::Varint(flag)) => Some(Value::Bool(flag != 0)),
            (3, Field::Varint(bits)) => Some(Value::int(bits.cast_signed())),
            (4, Field::Fixed64(bits)) => Some(decimal_of_double(bits)?),
            (5..=7, Field::Bytes(_)) => Some(Value::Other),
            (number @ 1..=7, _) => return Err(Malformed::Type(number).to_string()),
            _ => value,
        };
    }
    Ok(value)
}

/// The one place where a binary float becomes a decimal number: the shortest digits that name this
/// double and no other, as every sender's own language prints it. A cost that the sender computed as
/// `0.00022500000000000002` keeps that noise; nothing is rounded here.
pub(super) fn decimal_of_double(bits: u64) -> Result<Value, String> {
    let double = f64::from_bits(bits);
    if double.is_finite() {
        decimal(&double.to_string()).map(Value::Number)
    } else {
        Ok(Value::NotANumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_keeps_its_shortest_digits() {
        for (double, expected) in [
            (0.1, "0.1"),
            (0.000_225_000_000_000_000_02, "0.00022500000000000002"),
            (1956.0, "1956"),
            (1e21, "1000000000000000000000"),
            (-0.0, "0"),
        ] {
            let value = decimal_of_double(f64::to_bits(double)).unwrap();
            assert_eq!(value, Value::Number(expected.parse().unwrap()), "{double}");
        }
        for double in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let value = decimal_of_double(double.to_bits());
            assert_eq!(value, Ok(Value::NotANumber), "{double}");
        }
        // More digits than a decimal keeps: said, not rounded.
        assert!(decimal_of_double(f64::MIN_POSITIVE.to_bits()).is_err());
    }

    #[test]
    fn names_are_found_by_themselves_and_by_their_beginning() {
        let attributes: Attributes<'_> = [
            ("b", Value::int(1)),
            ("gen_ai.system", Value::text("openai")),
            ("b", Value::int(2)),
            ("a", Value::text(" ")),
        ]
        .into_iter()
        .collect();
        assert_eq!(attributes.number("b"), Ok(Some(Decimal::from_int(1))));
        assert_eq!(attributes.text("a"), Ok(None));
        assert!(attributes.has_prefix("gen_ai.") && !attributes.has_prefix("gen_ai.t"));
        assert!(attributes.has("a") && !attributes.has("c"));
    }
}
