//! Strict JSON: a reader that keeps number text, and a canonical writer.
//!
//! Money and quantities must never pass through a binary float, and one event must have one digest;
//! both need a reader that keeps the digits as written and refuses what is ambiguous: duplicate
//! keys, lone surrogates, trailing text, deep nesting. The writer emits one form only: object keys
//! sorted by their bytes, no white space, the shortest escapes. Not here: lenient decoding of foreign
//! payloads (that is `intake`).

use std::fmt::Write as _;

use smol_str::SmolStr;

/// Deepest nesting read.
pub const DEPTH_MAX: usize = 32;

/// A JSON value with its numbers as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, its text as received.
    Number(SmolStr),
    /// A string.
    String(SmolStr),
    /// An array.
    Array(Vec<Json>),
    /// An object, its members in the order received, keys unique.
    Object(Vec<(SmolStr, Json)>),
}

/// Why a text is not strict JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {offset}: {reason}")]
pub struct JsonError {
    /// Byte offset of the fault.
    pub offset: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

impl Json {
    /// Reads one JSON text, which must end where the value ends.
    ///
    /// # Errors
    /// [`JsonError`] with the byte offset of the first fault.
    pub fn parse(text: &str) -> Result<Json, JsonError> {
        let mut reader = Reader { text, at: 0 };
        reader.skip_space();
        let value = reader.value(0)?;
        reader.skip_space();
        if reader.at < text.len() {
            return Err(reader.fault("text after the value"));
        }
        Ok(value)
    }

    /// The canonical form: keys sorted, no white space.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        let mut out = String::with_capacity(256);
        self.write(&mut out);
        out
    }

    /// Writes the canonical form behind what `out` holds.
    pub fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Number(text) => out.push_str(text),
            Json::String(text) => write_text(text, out),
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(members) => {
                if members.is_sorted_by(|a, b| a.0 <= b.0) {
                    write_members(members.iter(), out);
                } else {
                    let mut sorted: Vec<&(SmolStr, Json)> = members.iter().collect();
                    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
                    write_members(sorted.into_iter(), out);
                }
            }
        }
    }

    /// A string value.
    #[must_use]
    pub fn text(value: impl Into<SmolStr>) -> Json {
        Json::String(value.into())
    }

    /// An object of the members whose value is present.
    #[must_use]
    pub fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
        let mut present = Vec::with_capacity(N);
        for (key, value) in members {
            if let Some(value) = value {
                present.push((SmolStr::new(key), value));
            }
        }
        Json::Object(present)
    }

    /// The member of an object, or `None`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The string, or `None` for any other value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Members in the order of their keys.
fn write_members<'a>(members: impl Iterator<Item = &'a (SmolStr, Json)>, out: &mut String) {
    out.push('{');
    for (index, (key, value)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        value.write(out);
    }
    out.push('}');
}

/// Writes a text in quotes, with the shortest escapes, behind what `out` holds.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    let is_escaped = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // What is escaped is ASCII, so both sides of it are whole characters.
    while let Some(at) = rest.bytes().position(is_escaped) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn fault(&self, reason: &'static str) -> JsonError {
        JsonError {
            offset: self.at,
            reason,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8, reason: &'static str) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.fault(reason))
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > DEPTH_MAX {
            return Err(self.fault("nested deeper than 32 levels"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) => Err(self.fault("expected a value")),
            None => Err(self.fault("the text ends where a value should be")),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, JsonError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.fault("expected a value"))
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut members: Vec<(SmolStr, Json)> = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.fault("expected a member name in quotes"));
            }
            let start = self.at;
            let key = self.string()?;
            if members.iter().any(|(k, _)| *k == key) {
                return Err(JsonError {
                    offset: start,
                    reason: "duplicate member name",
                });
            }
            self.skip_space();
            self.expect(b':', "expected `:` after the member name")?;
            self.skip_space();
            let value = self.value(depth + 1)?;
            members.push((key, value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(members));
                }
                _ => return Err(self.fault("expected `,` or `}`")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                _ => return Err(self.fault("expected `,` or `]`")),
            }
        }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.fault("expected a digit")),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(Json::Number(SmolStr::new(&self.text[start..self.at])))
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        self.digits();
        if self.at == start {
            Err(self.fault("expected a digit"))
        } else {
            Ok(())
        }
    }

    fn string(&mut self) -> Result<SmolStr, JsonError> {
        self.at += 1;
        let mut escaped: Option<String> = None;
        loop {
            let start = self.at;
            while let Some(byte) = self.peek() {
                if byte == b'"' || byte == b'\\' || byte < 0x20 {
                    break;
                }
                self.at += 1;
            }
            // Both ends are ASCII boundaries, so the slice is whole characters.
            let plain = &self.text[start..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match escaped {
                        None => SmolStr::new(plain),
                        Some(text) => SmolStr::new(text + plain),
                    });
                }
                Some(b'\\') => {
                    self.at += 1;
                    let text = escaped.get_or_insert_default();
                    text.push_str(plain);
                    text.push(self.escape()?);
                }
                Some(_) => return Err(self.fault("a control character must be escaped")),
                None => return Err(self.fault("the string has no end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let byte = self
            .peek()
            .ok_or_else(|| self.fault("the string has no end"))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                if (0xD800..0xDC00).contains(&high) {
                    if !self.text[self.at..].starts_with("\\u") {
                        return Err(self.fault("a surrogate without its pair"));
                    }
                    self.at += 2;
                    let low = self.hex4()?;
                    if !(0xDC00..0xE000).contains(&low) {
                        return Err(self.fault("a surrogate without its pair"));
                    }
                    let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                    char::from_u32(code).ok_or_else(|| self.fault("not a character"))?
                } else {
                    char::from_u32(high)
                        .ok_or_else(|| self.fault("a surrogate without its pair"))?
                }
            }
            _ => return Err(self.fault("unknown escape")),
        })
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or_else(|| self.fault("expected four hexadecimal digits"))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.fault("expected four hexadecimal digits"))
    }
}
