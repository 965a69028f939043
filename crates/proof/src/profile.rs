//! The strict JSON profile: the one way in which an entry may be written.
//!
//! `docs/reference/proof-file.md` section 2. [`parse`] reads raw bytes and refuses whatever a writer
//! of the profile would not have written for the same value, so that two readers cannot understand
//! one entry differently: doubled names, numbers that a binary float would change, spare escapes,
//! white space. What it accepts is also the RFC 8785 form of its value; member names are ASCII, because
//! others would sort differently by bytes and by UTF-16.
//!
//! Not here: what the members mean ([`crate::entry`]). Invariant: no input makes it panic or recurse
//! deeper than [`DEPTH_MAX`].

use std::cmp::Ordering;

use work::{Json, SmolStr};

use crate::limits::{DEPTH_MAX, INTEGER_MAX};

/// Why bytes are not in the strict profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct ProfileError {
    /// Offset of the fault.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// Reads `bytes`, which must be one object in the strict profile.
///
/// ```
/// let json = proof::profile::parse(br#"{"a":1,"b":"x"}"#).unwrap();
/// assert_eq!(json.get("b").unwrap().as_str(), Some("x"));
/// let error = proof::profile::parse(br#"{"a":1, "b":"x"}"#).unwrap_err();
/// assert_eq!(error.offset, 7);
/// ```
///
/// # Errors
/// [`ProfileError`] at the first fault.
pub fn parse(bytes: &[u8]) -> Result<Json, ProfileError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ProfileError {
        offset: error.valid_up_to(),
        reason: "not UTF-8 (a lone surrogate, or bytes that were cut)",
    })?;
    let mut reader = Reader { text, bytes, at: 0 };
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return Err(reader.fault("a byte order mark stands before the object"));
    }
    if reader.peek() != Some(b'{') {
        return Err(reader.fault("expected an object, `{`, with nothing before it"));
    }
    let json = reader.value(0)?;
    if reader.at < bytes.len() {
        return Err(reader.fault("bytes after the object"));
    }
    Ok(json)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn fault(&self, reason: &'static str) -> ProfileError {
        ProfileError {
            offset: self.at,
            reason,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Json, ProfileError> {
        if depth > DEPTH_MAX {
            return Err(self.fault("nested deeper than 32 levels"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => Err(self.fault("`null` is not written: leave the member out")),
            Some(b' ' | b'\t' | b'\r' | b'\n') => Err(self.fault("white space outside a string")),
            Some(_) => Err(self.fault("expected a value")),
            None => Err(self.fault("the text ends where a value should be")),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, ProfileError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.fault("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, ProfileError> {
        self.at += 1;
        let mut members: Vec<(SmolStr, Json)> = Vec::new();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.separator("expected a member name in quotes"));
            }
            let name = self.string()?;
            let fault = |reason| ProfileError {
                offset: start,
                reason,
            };
            if !name.is_ascii() {
                return Err(fault("member names are ASCII"));
            }
            match members.last().map(|(last, _)| name.cmp(last)) {
                None | Some(Ordering::Greater) => {}
                Some(Ordering::Equal) => return Err(fault("the same member name twice")),
                Some(Ordering::Less) => {
                    return Err(fault("member names are not in the order of bytes"));
                }
            }
            if !self.take(b':') {
                return Err(self.separator("expected `:` after the member name"));
            }
            members.push((name, self.value(depth + 1)?));
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err(self.separator("expected `,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, ProfileError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return Err(self.separator("expected `,` or `]`"));
            }
        }
    }

    /// A fault where a sign of punctuation should be; white space is what it most often is.
    fn separator(&self, expected: &'static str) -> ProfileError {
        match self.peek() {
            Some(b' ' | b'\t' | b'\r' | b'\n') => self.fault("white space outside a string"),
            _ => self.fault(expected),
        }
    }

    fn integer(&mut self) -> Result<Json, ProfileError> {
        let start = self.at;
        let is_negative = self.take(b'-');
        let digits = self.at;
        let mut magnitude: u64 = 0;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            let digit = u64::from(byte - b'0');
            magnitude = magnitude.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        let fault = |reason| ProfileError {
            offset: start,
            reason,
        };
        if self.at == digits {
            return Err(fault("expected a digit after `-`"));
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(fault(
                "a number with a fraction or exponent: such numbers are decimals in strings",
            ));
        }
        if self.bytes[digits] == b'0' && (self.at > digits + 1 || is_negative) {
            return Err(fault("an integer is written in its shortest form"));
        }
        if magnitude > INTEGER_MAX {
            return Err(fault(
                "an integer beyond 2^53-1: readers would round it; such numbers are decimals in strings",
            ));
        }
        Ok(Json::Number(self.text[start..self.at].into()))
    }

    /// A string, decoded.
    fn string(&mut self) -> Result<SmolStr, ProfileError> {
        self.at += 1;
        let mut start = self.at;
        let mut decoded: Option<String> = None;
        loop {
            match self.peek() {
                None => return Err(self.fault("the text ends within a string")),
                Some(b'"') => {
                    // Quotes and escapes are ASCII, so what is between them is whole characters.
                    let rest = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(match decoded {
                        None => rest.into(),
                        Some(text) => (text + rest).into(),
                    });
                }
                Some(b'\\') => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(&self.text[start..self.at]);
                    let character = self.escape()?;
                    text.push(character);
                    start = self.at;
                }
                Some(0..0x20) => {
                    return Err(self.fault("a control character stands unescaped in a string"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, ProfileError> {
        let rest = &self.bytes[self.at + 1..];
        let (character, length) = match rest {
            [plain @ (b'"' | b'\\'), ..] => (*plain, 2),
            [b'b', ..] => (0x08, 2),
            [b't', ..] => (0x09, 2),
            [b'n', ..] => (0x0a, 2),
            [b'f', ..] => (0x0c, 2),
            [b'r', ..] => (0x0d, 2),
            [b'u', b'0', b'0', b'0', ..] | [b'u', b'0', b'0', b'1', ..] => match control(rest) {
                Some(0x08 | 0x09 | 0x0a | 0x0c | 0x0d) => {
                    return Err(self.fault("this character has a shorter escape"));
                }
                Some(control) => (control, 6),
                None => return Err(self.fault("an escape is written with lower-case digits")),
            },
            [b'u', ..] => {
                return Err(self.fault(
                    "only control characters are escaped by number, and no surrogates: \
                     every other character stands for itself",
                ));
            }
            _ => return Err(self.fault("not an escape of the profile")),
        };
        self.at += length;
        Ok(char::from(character))
    }
}

/// The character of `u00xx`, below U+0020.
fn control(escape: &[u8]) -> Option<u8> {
    let [b'u', b'0', b'0', high, low, ..] = escape else {
        return None;
    };
    let low = match low {
        b'0'..=b'9' => low - b'0',
        b'a'..=b'f' => low - b'a' + 10,
        _ => return None,
    };
    Some((high - b'0') << 4 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> (usize, &'static str) {
        let error = parse(text.as_bytes()).unwrap_err();
        (error.offset, error.reason)
    }

    /// A text of the profile is what the reader of events reads, and what it writes.
    fn check(text: &str) {
        let json = parse(text.as_bytes()).unwrap();
        assert_eq!(json.to_canonical(), text);
        assert_eq!(Json::parse(text), Ok(json));
    }

    #[test]
    fn the_example_of_the_page_is_accepted() {
        let entry = r#"{"event":{"data":{"kind":"answer"},"id":"7","source":"desk","specversion":"1.0","subject":"acme","time":"2026-01-06T09:00:00Z","type":"piecework.work.answered.v1","workid":"w1"},"received_at":"2026-01-06T09:00:00.25Z"}"#;
        check(entry);
        for text in [
            "{}",
            r#"{"":[]}"#,
            r#"{"a":-1,"b":0,"c":9007199254740991,"d":-9007199254740991}"#,
            r#"{"a":"\"\\\b\t\n\f\r\u0000\u001f/ü€𐀀","b":[true,false,{}]}"#,
            // Escaped names are sorted by what they stand for: U+000A before `a`.
            r#"{"\n":1,"a":2}"#,
        ] {
            check(text);
        }
    }

    #[test]
    fn whatever_a_writer_would_not_write_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            (" {}", 0),
            ("{} ", 2),
            ("{}\n", 2),
            ("\u{feff}{}", 0),
            ("[]", 0),
            ("{", 1),
            (r#"{"a":1}{}"#, 7),
            (r#"{"a":1,"a":2}"#, 7),
            (r#"{"b":1,"a":2}"#, 7),
            (r#"{"a":1,"\u0061":2}"#, 8),
            (r#"{"a": 1}"#, 5),
            (r#"{"a" :1}"#, 4),
            (r#"{"a":1 }"#, 6),
            (r#"{"a":1,}"#, 7),
            (r#"{"a":[1, 2]}"#, 8),
            ("{\"a\":1,\r\n\"b\":2}", 7),
            (r#"{"a":null}"#, 5),
            (r#"{"a":1.0}"#, 5),
            (r#"{"a":1e2}"#, 5),
            (r#"{"a":-0}"#, 5),
            (r#"{"a":01}"#, 5),
            (r#"{"a":-}"#, 5),
            (r#"{"a":9007199254740992}"#, 5),
            (r#"{"a":9007199254740993}"#, 5),
            (r#"{"a":-9007199254740992}"#, 5),
            (r#"{"a":99999999999999999999999999}"#, 5),
            (r#"{"a":"\/"}"#, 6),
            (r#"{"a":"\u000a"}"#, 6),
            (r#"{"a":"\u001F"}"#, 6),
            (r#"{"a":"\u0020"}"#, 6),
            (r#"{"a":"\ud800"}"#, 6),
            (r#"{"a":"\ud83d\ude00"}"#, 6),
            ("{\"a\":\"\u{1}\"}", 6),
            (r#"{"a":"x"#, 7),
            (r#"{"a":tru}"#, 5),
            (r#"{"a"}"#, 4),
            (r#"{a:1}"#, 1),
            (r#"{"ü":1}"#, 1),
        ] {
            assert_eq!(reason(text).0, at, "{text}: {}", reason(text).1);
        }
        let lone_surrogate = b"{\"a\":\"\xed\xa0\x80\"}";
        assert_eq!(parse(lone_surrogate).unwrap_err().offset, 6);
    }

    #[test]
    fn nesting_has_a_bound() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(
            reason(&nested(DEPTH_MAX + 1)).1,
            "nested deeper than 32 levels"
        );
        assert!(parse("[".repeat(1_000_000).as_bytes()).is_err());
    }
}
