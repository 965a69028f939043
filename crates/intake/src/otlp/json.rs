//! OTLP/JSON, read tolerantly and piece by piece.
//!
//! Senders differ: ids in hex or base64, 64-bit numbers as text or as numbers, enums by name or by
//! number, `null` for what is absent. Each piece stays text until it is asked for, so that a fault in
//! one span does not touch the next, and number text is never a binary float on its way. What nobody
//! asks for is skipped without recursion, however deep it is. Not here: what the members mean.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Base64 of both alphabets (after [`id`] has made one of the two), with or without `=`.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The members of an object that were asked for.
pub(super) struct Members<'a, const N: usize> {
    /// In the order of the names; absent and `null` are the same.
    pub(super) found: [Option<&'a RawValue>; N],
    /// The first member that nobody asked for.
    pub(super) unknown: Option<Cow<'a, str>>,
}

/// Reads the members of these names; all others are skipped. Of a name twice, the first counts.
pub(super) fn members<'a, const N: usize>(
    json: &'a str,
    names: [&'static str; N],
) -> Result<Members<'a, N>, serde_json::Error> {
    read(json, Named(names))
}

/// Reads the elements of an array, at most `max` of them; an absent array is empty.
pub(super) fn items(
    json: Option<&RawValue>,
    max: usize,
) -> Result<Vec<&RawValue>, serde_json::Error> {
    match json {
        None => Ok(Vec::new()),
        Some(json) => read(json.get(), AtMost(max)),
    }
}

fn read<'a, S: DeserializeSeed<'a>>(json: &'a str, seed: S) -> Result<S::Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = seed.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Named<const N: usize>([&'static str; N]);

impl<'a, const N: usize> DeserializeSeed<'a> for Named<N> {
    type Value = Members<'a, N>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a, const N: usize> Visitor<'a> for Named<N> {
    type Value = Members<'a, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Members {
            found: [None; N],
            unknown: None,
        };
        while let Some(Name(name)) = map.next_key()? {
            match self.0.iter().position(|wanted| *wanted == name) {
                Some(index) => {
                    let value: &RawValue = map.next_value()?;
                    let place = &mut members.found[index];
                    *place = place.or((value.get() != "null").then_some(value));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                    members.unknown.get_or_insert(name);
                }
            }
        }
        Ok(members)
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct AtMost(usize);

impl<'a> DeserializeSeed<'a> for AtMost {
    type Value = Vec<&'a RawValue>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for AtMost {
    type Value = Vec<&'a RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            if items.len() == self.0 {
                let problem = format!("more than {} elements", self.0);
                return Err(serde::de::Error::custom(problem));
            }
            items.push(item);
        }
        Ok(items)
    }
}

/// A string.
pub(super) fn text(json: &RawValue) -> Result<Cow<'_, str>, String> {
    match serde_json::from_str(json.get()) {
        Ok(Name(text)) => Ok(text),
        Err(error) => Err(format!(
            "expected a string, found {}: {error}",
            shown(json.get())
        )),
    }
}

/// The digits of a number that is written as one, or as a string.
pub(super) fn number(json: &RawValue) -> Result<Cow<'_, str>, String> {
    match json.get().as_bytes().first() {
        Some(b'"') => text(json),
        Some(b'-' | b'0'..=b'9') => Ok(Cow::Borrowed(json.get())),
        _ => Err(format!("expected a number, found {}", shown(json.get()))),
    }
}

/// A whole number of 64 bits; absent is zero, as in protobuf.
pub(super) fn whole(json: Option<&RawValue>) -> Result<u64, String> {
    let Some(json) = json else { return Ok(0) };
    let digits = number(json)?;
    let parsed: Option<u64> = match digits.parse() {
        Ok(whole) => Some(whole),
        Err(_) => digits
            .parse::<money::Decimal>()
            .ok()
            .filter(|decimal| decimal.is_integer())
            .and_then(|decimal| u64::try_from(decimal.mantissa()).ok()),
    };
    parsed.ok_or_else(|| {
        format!(
            "expected a whole number of 64 bits, found {}",
            shown(&digits)
        )
    })
}

/// An enum by number, or by one of these names; absent is zero.
pub(super) fn word(json: Option<&RawValue>, names: &[&str]) -> Result<u64, String> {
    if let Some(json) = json
        && json.get().starts_with('"')
    {
        let name = text(json)?;
        if let Some(index) = names.iter().position(|known| *known == name) {
            return Ok(index as u64);
        }
        if !name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!(
                "`{}` is not one of: {}",
                shown(&name),
                names.join(", ")
            ));
        }
    }
    whole(json)
}

/// An id of `N` bytes in hex of either case, or in base64; which, its length says. Absent, empty and
/// all zeros are the same: no id.
pub(super) fn id<const N: usize>(json: Option<&RawValue>) -> Result<Option<[u8; N]>, String> {
    let Some(json) = json else { return Ok(None) };
    let text = text(json)?;
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = if text.len() == 2 * N && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        (0..N)
            .map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok())
            .collect::<Option<Vec<u8>>>()
    } else {
        let one_alphabet = text.replace('-', "+").replace('_', "/");
        BASE64.decode(one_alphabet).ok()
    };
    let id: Option<[u8; N]> = bytes.and_then(|bytes| bytes.try_into().ok());
    match id {
        Some(id) => Ok((id != [0; N]).then_some(id)),
        None => Err(format!(
            "`{}` is no id of {N} bytes: expected {} hexadecimal digits, or base64",
            shown(&text),
            2 * N
        )),
    }
}

/// The beginning of a text, for people.
pub(super) fn shown(text: &str) -> String {
    const CHARACTERS: usize = 40;
    match text.char_indices().nth(CHARACTERS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} ...", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn ids_in_every_spelling() {
        let trace: [u8; 16] = *b"\x5b\x8e\xff\xf7\x98\x03\x81\x03\xd2\x69\xb6\x33\x81\x3f\xc6\x0c";
        for text in [
            r#""5B8EFFF798038103D269B633813FC60C""#,
            r#""5b8efff798038103d269b633813fc60c""#,
            r#""W47/95gDgQPSabYzgT/GDA==""#,
            r#""W47_95gDgQPSabYzgT_GDA==""#,
            r#""W47/95gDgQPSabYzgT/GDA""#,
        ] {
            assert_eq!(id(Some(raw(text))), Ok(Some(trace)), "{text}");
        }
        for text in [
            r#""""#,
            r#""00000000000000000000000000000000""#,
            r#""AAAAAAAAAAAAAAAAAAAAAA==""#,
        ] {
            assert_eq!(id::<16>(Some(raw(text))), Ok(None), "{text}");
        }
        for text in [
            r#""abcd""#,
            r#""0x5b8efff798038103d269b633813fc60c""#,
            r#""5b8efff798038103d269b633813fc60g""#,
            r#""5b8efff7-9803-8103-d269-b633813fc60c""#,
            r#""EEE19B7EC3C1B174""#,
            "7",
            "[]",
        ] {
            assert!(id::<16>(Some(raw(text))).is_err(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_in_every_spelling() {
        for (text, expected) in [
            ("1544712660300000000", Some(1_544_712_660_300_000_000)),
            (r#""1544712660300000000""#, Some(1_544_712_660_300_000_000)),
            ("1.5447126603e18", Some(1_544_712_660_300_000_000)),
            ("12.0", Some(12)),
            (r#""18446744073709551615""#, Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("1.5", None),
            (r#""soon""#, None),
            ("true", None),
        ] {
            assert_eq!(whole(Some(raw(text))).ok(), expected, "{text}");
        }
        assert_eq!(whole(None), Ok(0));
    }
}
