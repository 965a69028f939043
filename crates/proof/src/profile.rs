//! The strict JSON profile: the one way in which an entry may be written.
//!
//! `docs/reference/proof-file.md` section 2. [`check`] reads raw bytes and refuses whatever a writer
//! of the profile would not have written for the same value, so that two readers cannot understand
//! one entry differently: doubled names, numbers that a binary float would change, spare escapes,
//! white space. What it accepts is also the RFC 8785 form of its value; member names are ASCII, because
//! others would sort differently by bytes and by UTF-16.
//!
//! Not here: what the members mean ([`crate::entry`]). Invariant: no input makes it panic or recurse
//! deeper than [`DEPTH_MAX`].

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

/// Checks that `bytes` are one object in the strict profile, and gives them as text.
///
/// ```
/// assert!(proof::profile::check(br#"{"a":1,"b":"x"}"#).is_ok());
/// let error = proof::profile::check(br#"{"a":1, "b":"x"}"#).unwrap_err();
/// assert_eq!(error.offset, 7);
/// ```
///
/// # Errors
/// [`ProfileError`] at the first fault.
pub fn check(bytes: &[u8]) -> Result<&str, ProfileError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ProfileError {
        offset: error.valid_up_to(),
        reason: "not UTF-8 (a lone surrogate, or bytes that were cut)",
    })?;
    let mut reader = Reader { bytes, at: 0 };
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return Err(reader.fault("a byte order mark stands before the object"));
    }
    if reader.peek() != Some(b'{') {
        return Err(reader.fault("expected an object, `{`, with nothing before it"));
    }
    reader.value(0)?;
    if reader.at < bytes.len() {
        return Err(reader.fault("bytes after the object"));
    }
    Ok(text)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
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

    fn value(&mut self, depth: usize) -> Result<(), ProfileError> {
        if depth > DEPTH_MAX {
            return Err(self.fault("nested deeper than 32 levels"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => Err(self.fault("`null` is not written: leave the member out")),
            Some(b' ' | b'\t' | b'\r' | b'\n') => Err(self.fault("white space outside a string")),
            Some(_) => Err(self.fault("expected a value")),
            None => Err(self.fault("the text ends where a value should be")),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), ProfileError> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.fault("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), ProfileError> {
        self.at += 1;
        if self.take(b'}') {
            return Ok(());
        }
        let mut last: Option<Name<'a>> = None;
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.separator("expected a member name in quotes"));
            }
            let name = self.string()?;
            if !name.raw.is_ascii() {
                return Err(ProfileError {
                    offset: start,
                    reason: "member names are ASCII",
                });
            }
            if let Some(last) = &last {
                let reason = match name.cmp_bytes(last) {
                    std::cmp::Ordering::Greater => None,
                    std::cmp::Ordering::Equal => Some("the same member name twice"),
                    std::cmp::Ordering::Less => Some("member names are not in the order of bytes"),
                };
                if let Some(reason) = reason {
                    return Err(ProfileError {
                        offset: start,
                        reason,
                    });
                }
            }
            last = Some(name);
            if !self.take(b':') {
                return Err(self.separator("expected `:` after the member name"));
            }
            self.value(depth + 1)?;
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.separator("expected `,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), ProfileError> {
        self.at += 1;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            if self.take(b']') {
                return Ok(());
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

    fn integer(&mut self) -> Result<(), ProfileError> {
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
        Ok(())
    }

    /// A string; what it stands for, undecoded.
    fn string(&mut self) -> Result<Name<'a>, ProfileError> {
        self.at += 1;
        let start = self.at;
        let mut has_escapes = false;
        loop {
            match self.peek() {
                None => return Err(self.fault("the text ends within a string")),
                Some(b'"') => {
                    let raw = &self.bytes[start..self.at];
                    self.at += 1;
                    return Ok(Name { raw, has_escapes });
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.escape()?;
                }
                Some(0..0x20) => {
                    return Err(self.fault("a control character stands unescaped in a string"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), ProfileError> {
        let rest = &self.bytes[self.at + 1..];
        let length = match rest {
            [b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => 2,
            [b'u', b'0', b'0', b'0', ..] | [b'u', b'0', b'0', b'1', ..] => match control(rest) {
                Some(0x08 | 0x09 | 0x0a | 0x0c | 0x0d) => {
                    return Err(self.fault("this character has a shorter escape"));
                }
                Some(_) => 6,
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
        Ok(())
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

/// A member name as it stands in the text.
struct Name<'a> {
    raw: &'a [u8],
    has_escapes: bool,
}

impl Name<'_> {
    /// Compares what two names stand for, by their bytes.
    fn cmp_bytes(&self, other: &Name<'_>) -> std::cmp::Ordering {
        if self.has_escapes || other.has_escapes {
            self.decoded().cmp(other.decoded())
        } else {
            self.raw.cmp(other.raw)
        }
    }

    fn decoded(&self) -> impl Iterator<Item = u8> + '_ {
        let mut rest = self.raw;
        std::iter::from_fn(move || {
            let (&first, after) = rest.split_first()?;
            if first != b'\\' {
                rest = after;
                return Some(first);
            }
            // Escapes were checked when the string was read.
            let (byte, length) = match after.first()? {
                b'b' => (0x08, 1),
                b't' => (0x09, 1),
                b'n' => (0x0a, 1),
                b'f' => (0x0c, 1),
                b'r' => (0x0d, 1),
                b'u' => (control(after)?, 5),
                plain => (*plain, 1),
            };
            rest = after.get(length..)?;
            Some(byte)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> (usize, &'static str) {
        let error = check(text.as_bytes()).unwrap_err();
        (error.offset, error.reason)
    }

    #[test]
    fn the_example_of_the_page_is_accepted() {
        let entry = r#"{"event":{"data":{"kind":"answer"},"id":"7","source":"desk","specversion":"1.0","subject":"acme","time":"2026-01-06T09:00:00Z","type":"piecework.work.answered.v1","workid":"w1"},"received_at":"2026-01-06T09:00:00.25Z"}"#;
        assert_eq!(check(entry.as_bytes()), Ok(entry));
        for text in [
            "{}",
            r#"{"":[]}"#,
            r#"{"a":-1,"b":0,"c":9007199254740991,"d":-9007199254740991}"#,
            r#"{"a":"\"\\\b\t\n\f\r\u0000\u001f/ü€𐀀","b":[true,false,{}]}"#,
            // Escaped names are sorted by what they stand for: U+000A before `a`.
            r#"{"\n":1,"a":2}"#,
        ] {
            assert_eq!(check(text.as_bytes()), Ok(text), "{text}");
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
        assert_eq!(check(lone_surrogate).unwrap_err().offset, 6);
    }

    #[test]
    fn nesting_has_a_bound() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(
            reason(&nested(DEPTH_MAX + 1)).1,
            "nested deeper than 32 levels"
        );
        assert!(check("[".repeat(1_000_000).as_bytes()).is_err());
    }
}
