//! Bodies as Stripe reads them: `application/x-www-form-urlencoded`, members of members in brackets.

use std::fmt::Write as _;

/// The fields as a body or a query.
pub(super) fn encoded(fields: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        encode(&mut out, name);
        out.push('=');
        encode(&mut out, value);
    }
    out
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}

/// A text with no more characters than so many; the end is cut off with an ellipsis.
pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(chars - 1).collect();
            format!("{kept}…")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_encoded() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = [field("metadata[a]", "x y&z=ü+%"), field("amount", "-99")];
        assert_eq!(
            encoded(&fields),
            "metadata%5Ba%5D=x+y%26z%3D%C3%BC%2B%25&amount=-99"
        );
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("üüü", 3), "üüü");
        assert_eq!(cut("üüüü", 3), "üü…");
    }
}
