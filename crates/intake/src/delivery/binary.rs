//! Binary mode: the attributes of one event as `ce-` headers (CloudEvents HTTP binding 1.0, 3.1).
//!
//! A value is unquoted (RFC 7230, 3.2.6) and then percent-decoded once, as the binding says.

use work::{Json, SmolStr};

use super::DeliveryError;
use crate::limits::ATTRIBUTES_MAX;

const PREFIX: &str = "ce-";

/// Whether a request carries attributes in its headers.
pub(super) fn has_attributes(headers: &[(&str, &str)]) -> bool {
    headers.iter().any(|(name, _)| attribute(name).is_some())
}

/// The attributes that the headers carry, as members of an event.
pub(super) fn attributes(headers: &[(&str, &str)]) -> Result<Vec<(SmolStr, Json)>, DeliveryError> {
    let mut members: Vec<(SmolStr, Json)> = Vec::new();
    for (name, value) in headers {
        let Some(attribute) = attribute(name) else {
            continue;
        };
        let fault = |problem: &str| DeliveryError::Header {
            name: (*name).to_owned(),
            problem: problem.to_owned(),
        };
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if attribute.is_empty() || !attribute.bytes().all(is_name) {
            return Err(fault("an attribute's name has letters and digits only"));
        }
        if matches!(
            attribute.as_str(),
            "datacontenttype" | "data" | "data_base64"
        ) {
            return Err(fault(
                "the body is the data and `Content-Type` says what it is; leave this header out",
            ));
        }
        if members.iter().any(|(known, _)| *known == attribute) {
            return Err(fault("this header stands twice"));
        }
        let text = decoded(value).ok_or_else(|| {
            fault("the value is not UTF-8 in percent-encoding; a percent sign itself is `%25`")
        })?;
        members.push((attribute.into(), Json::String(text.into())));
        if members.len() > ATTRIBUTES_MAX {
            return Err(fault(&format!(
                "at most {ATTRIBUTES_MAX} attributes are read"
            )));
        }
    }
    Ok(members)
}

fn attribute(header: &str) -> Option<String> {
    let header = header.to_ascii_lowercase();
    header.strip_prefix(PREFIX).map(str::to_owned)
}

/// Unquotes a value and decodes it once.
fn decoded(value: &str) -> Option<String> {
    let value = value.trim_matches([' ', '\t']);
    let unquoted = match value.strip_prefix('"') {
        None => value.to_owned(),
        Some(rest) => {
            let mut text = String::with_capacity(rest.len());
            let mut rest = rest.strip_suffix('"')?.chars();
            while let Some(character) = rest.next() {
                match character {
                    '\\' => text.push(rest.next()?),
                    '"' => return None,
                    other => text.push(other),
                }
            }
            text
        }
    };
    let mut bytes = Vec::with_capacity(unquoted.len());
    let mut rest = unquoted.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            let [high, low, after @ ..] = after else {
                return None;
            };
            // Two hexadecimal digits are below 256.
            bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first rows are the binding's own example and its rules; the others break them.
    #[test]
    fn values_are_unquoted_and_decoded_once() {
        for (value, expected) in [
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", Some("Euro € 😀")),
            ("plain", Some("plain")),
            ("  padded\t", Some("padded")),
            (
                "\"quoted \\\"inside\\\" \\\\\"",
                Some("quoted \"inside\" \\"),
            ),
            ("100%25", Some("100%")),
            ("%2525", Some("%25")),
            ("%e2%82%ac", Some("€")),
            ("€", Some("€")),
            ("100%", None),
            ("%2", None),
            ("%zz", None),
            ("%ff", None),
            ("\"open", None),
            ("\"a\"b\"", None),
            ("\"a\\\"", None),
        ] {
            assert_eq!(decoded(value).as_deref(), expected, "{value}");
        }
    }
}
