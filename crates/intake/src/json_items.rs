//! The JSON values of a file: one a line, or the elements of one array.
//!
//! Which of the two is decided by the first character. Values come as text, so that the strict
//! reader ([`work::Json`]) keeps number digits; a broken value does not stop the ones after it.

use std::io::{self, BufRead as _};

use crate::input::Contents;
use crate::limits::ROW_BYTES_MAX;
use crate::lines::{Line, Lines};

/// What a read came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// The file has ended.
    End,
    /// A value's text, not yet parsed: see [`JsonItems::text`].
    Value,
    /// Something that is not a value; reading may go on.
    Broken(String),
}

pub(crate) struct JsonItems {
    form: Form,
    line: u64,
    raw: Vec<u8>,
    is_sound: bool,
}

enum Form {
    Lines(Lines),
    Array(Elements),
}

impl JsonItems {
    pub(crate) fn new(mut contents: Contents) -> io::Result<JsonItems> {
        let start = contents.fill_buf()?;
        let start = start.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(start);
        let is_array = start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        let form = if is_array {
            Form::Array(Elements {
                contents,
                line: 1,
                state: Place::BeforeArray,
            })
        } else {
            Form::Lines(Lines::new(contents))
        };
        Ok(JsonItems {
            form,
            line: 0,
            raw: Vec::new(),
            is_sound: true,
        })
    }

    /// Whether what was read so far is lines, or the beginning of one array: a value that is broken breaks
    /// nothing else.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// The line where the current value begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The current value as it stands in the file.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The current value's text; empty where [`JsonItems::read`] did not say `Value`.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.raw).unwrap_or_default()
    }

    pub(crate) fn read(&mut self) -> io::Result<Item> {
        let too_long = match &mut self.form {
            Form::Array(elements) => match elements.read(&mut self.raw)? {
                Element::End => return Ok(Item::End),
                Element::Fault(problem) => {
                    self.line = elements.line;
                    self.is_sound = false;
                    return Ok(Item::Broken(problem.to_owned()));
                }
                Element::Value { line, too_long } => {
                    self.line = line;
                    too_long
                }
            },
            Form::Lines(lines) => loop {
                let read = lines.read_first(&mut self.raw)?;
                self.line = lines.number();
                match read {
                    Line::End => return Ok(Item::End),
                    Line::TooLong => break true,
                    Line::Whole if self.raw.iter().all(u8::is_ascii_whitespace) => {}
                    Line::Whole => break false,
                }
            },
        };
        Ok(if too_long {
            Item::Broken(format!(
                "the value is longer than {ROW_BYTES_MAX} bytes; only its beginning is kept here"
            ))
        } else if std::str::from_utf8(&self.raw).is_err() {
            Item::Broken("not UTF-8; save the file as UTF-8".to_owned())
        } else {
            Item::Value
        })
    }
}

struct Elements {
    contents: Contents,
    line: u64,
    state: Place,
}

#[derive(PartialEq, Eq)]
enum Place {
    BeforeArray,
    /// After `[`: `]` may end an empty array.
    First,
    /// After `,`: an element must follow.
    Next,
    AfterArray,
    End,
}

enum Element {
    End,
    Value { line: u64, too_long: bool },
    Fault(&'static str),
}

impl Elements {
    /// Cuts the next element out of the array by its brackets and strings alone; whether it is
    /// JSON is the parser's business.
    fn read(&mut self, raw: &mut Vec<u8>) -> io::Result<Element> {
        raw.clear();
        if self.state == Place::BeforeArray {
            while self.byte()?.is_some_and(|byte| byte != b'[') {}
            self.state = Place::First;
        }
        if self.state == Place::AfterArray {
            return self.after_array();
        }
        if self.state == Place::End {
            return Ok(Element::End);
        }
        let (mut depth, mut in_string, mut escaped) = (0u64, false, false);
        let (mut line, mut too_long) = (self.line, false);
        loop {
            let Some(byte) = self.byte()? else {
                self.state = Place::End;
                return Ok(Element::Fault(
                    "the array that begins the file has no end; is the file cut off?",
                ));
            };
            if in_string {
                in_string = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            } else {
                match byte {
                    b'"' => in_string = true,
                    b'{' | b'[' => depth += 1,
                    b']' if depth == 0 => {
                        let empty_array = raw.is_empty() && self.state == Place::First;
                        self.state = Place::AfterArray;
                        return if empty_array {
                            self.after_array()
                        } else {
                            Ok(Element::Value { line, too_long })
                        };
                    }
                    b',' if depth == 0 => {
                        self.state = Place::Next;
                        return Ok(Element::Value { line, too_long });
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if raw.is_empty() {
                if byte.is_ascii_whitespace() {
                    continue;
                }
                line = self.line;
            }
            if raw.len() < ROW_BYTES_MAX {
                raw.push(byte);
            } else {
                too_long = true;
            }
        }
    }

    fn after_array(&mut self) -> io::Result<Element> {
        self.state = Place::End;
        while let Some(byte) = self.byte()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Element::Fault(
                    "text after the end of the array; nothing of it was read",
                ));
            }
        }
        Ok(Element::End)
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.contents.fill_buf() {
                Ok(chunk) => {
                    let byte = chunk.first().copied();
                    if byte.is_some() {
                        self.contents.consume(1);
                    }
                    if byte == Some(b'\n') {
                        self.line += 1;
                    }
                    return Ok(byte);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
