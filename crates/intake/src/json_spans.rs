//! Where the values of a JSON text stand, found by brackets and strings alone.
//!
//! For bodies that are in memory: the elements of an array, the members of an object, values one after
//! the other. What lies between the cuts is not read, so a broken element costs itself, and a member
//! that nobody asked for costs one walk over its bytes, whatever its size and depth. Whether a span is
//! JSON is the strict reader's business ([`work::Json`]). Invariant: every function ends after at most
//! one walk over the text.

/// The text does not divide into values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid JSON at byte {offset}: {problem}")]
pub(crate) struct Broken {
    pub(crate) offset: usize,
    pub(crate) problem: &'static str,
}

/// Values from a text: the elements of its array, or values that stand one after the other.
pub(crate) struct Spans<'t> {
    text: &'t str,
    at: usize,
    in_array: bool,
    first: bool,
    done: bool,
}

impl<'t> Spans<'t> {
    /// The elements of the array that the text is; any values in a row where it is no array.
    pub(crate) fn of(text: &'t str) -> Spans<'t> {
        let start = skip_space(text, 0);
        let in_array = text.as_bytes().get(start) == Some(&b'[');
        Spans {
            text,
            at: if in_array { start + 1 } else { start },
            in_array,
            first: true,
            done: false,
        }
    }

    /// Whether the text is an array.
    pub(crate) fn is_array(&self) -> bool {
        self.in_array
    }

    fn step(&mut self) -> Result<Option<&'t str>, Broken> {
        let bytes = self.text.as_bytes();
        self.at = skip_space(self.text, self.at);
        if self.in_array {
            match (bytes.get(self.at), self.first) {
                (Some(b']'), _) => {
                    let rest = skip_space(self.text, self.at + 1);
                    return if rest == bytes.len() {
                        Ok(None)
                    } else {
                        Err(broken(rest, "text after the end of the array"))
                    };
                }
                (Some(b','), false) => {
                    self.at = skip_space(self.text, self.at + 1);
                    if bytes.get(self.at) == Some(&b']') {
                        return Err(broken(self.at, "a comma without a value after it"));
                    }
                }
                (None, _) => return Err(broken(self.at, "the array has no end")),
                (_, true) => {}
                (_, false) => return Err(broken(self.at, "expected `,` or `]`")),
            }
        } else if self.at == bytes.len() {
            return Ok(None);
        }
        self.first = false;
        let start = self.at;
        self.at = value_end(self.text, start)?;
        Ok(Some(&self.text[start..self.at]))
    }
}

impl<'t> Iterator for Spans<'t> {
    type Item = Result<&'t str, Broken>;

    fn next(&mut self) -> Option<Result<&'t str, Broken>> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// The members of the object that the text is: names as written between their quotes, and values.
pub(crate) fn members(text: &str) -> Result<Vec<(&str, &str)>, Broken> {
    let bytes = text.as_bytes();
    let mut at = skip_space(text, 0);
    if bytes.get(at) != Some(&b'{') {
        return Err(broken(at, "expected an object"));
    }
    let mut members = Vec::new();
    at = skip_space(text, at + 1);
    if bytes.get(at) == Some(&b'}') {
        return Ok(members);
    }
    loop {
        if bytes.get(at) != Some(&b'"') {
            return Err(broken(at, "expected a member name in quotes"));
        }
        let name_end = value_end(text, at)?;
        let name = &text[at + 1..name_end - 1];
        at = skip_space(text, name_end);
        if bytes.get(at) != Some(&b':') {
            return Err(broken(at, "expected `:` after the member name"));
        }
        at = skip_space(text, at + 1);
        let value_start = at;
        at = value_end(text, at)?;
        members.push((name, &text[value_start..at]));
        at = skip_space(text, at);
        match bytes.get(at) {
            Some(b',') => at = skip_space(text, at + 1),
            Some(b'}') => return Ok(members),
            _ => return Err(broken(at, "expected `,` or `}`")),
        }
    }
}

/// Where the value that begins at `start` ends.
fn value_end(text: &str, start: usize) -> Result<usize, Broken> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0u64, start);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at)?;
                if depth == 0 {
                    return Ok(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return Ok(at + 1),
            b'}' | b']' | b',' | b':' if depth == 0 => break,
            byte if depth == 0 && byte.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    if depth > 0 {
        Err(broken(start, "a bracket without its end"))
    } else if at == start {
        Err(broken(start, "expected a value"))
    } else {
        Ok(at)
    }
}

fn string_end(bytes: &[u8], start: usize) -> Result<usize, Broken> {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(broken(start, "a string without its end"))
}

fn skip_space(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .unwrap_or(rest.len())
}

fn broken(offset: usize, problem: &'static str) -> Broken {
    Broken { offset, problem }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use work::Json;

    use super::*;

    fn spans(text: &str) -> Result<Vec<&str>, Broken> {
        Spans::of(text).collect()
    }

    #[test]
    fn values_are_cut_where_they_stand() {
        for (text, expected) in [
            ("", vec![]),
            ("[]", vec![]),
            (" [ ] ", vec![]),
            ("{\"a\":[1,2]}", vec!["{\"a\":[1,2]}"]),
            ("{}\n{}\n", vec!["{}", "{}"]),
            (
                "[1, \"]\\\"\", {\"a\":\"}\"}]",
                vec!["1", "\"]\\\"\"", "{\"a\":\"}\"}"],
            ),
            ("[nonsense, true]", vec!["nonsense", "true"]),
        ] {
            assert_eq!(spans(text), Ok(expected), "{text}");
        }
        for text in [
            "[", "[1", "[1 2]", "[1,]", "[,1]", "[1]x", "{\"a\":1", "\"a", "[\"a]", "]", "}",
        ] {
            assert!(spans(text).is_err(), "{text}");
        }
        assert_eq!(
            members("{\"a\" : 1 , \"b\":{\"c\":[\"}\"]}}"),
            Ok(vec![("a", "1"), ("b", "{\"c\":[\"}\"]}")])
        );
        for text in [
            "",
            "1",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
        ] {
            assert!(members(text).is_err(), "{text}");
        }
    }

    proptest! {
        /// The strict reader is the oracle: what it reads as an array has its elements as spans.
        #[test]
        fn spans_of_strict_json_are_its_values(text in "[\\[\\]{}\", :0-9a\\\\]{0,24}") {
            let cut = spans(&text);
            if let Ok(Json::Array(items)) = Json::parse(&text) {
                let parsed: Result<Vec<Json>, _> = cut.unwrap().into_iter().map(Json::parse).collect();
                prop_assert_eq!(parsed.unwrap(), items);
            }
            let _ = members(&text);
        }
    }
}
