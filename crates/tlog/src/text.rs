//! The two text encodings that all formats here share: base64 and decimal sizes.
//!
//! Both are strict, so that one value has one text: base64 has its padding and no stray bits, and a
//! number has no sign, no leading zero and no more than 63 bits.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::limits::TREE_SIZE_MAX;

/// Standard base64 ([RFC 4648 section 4](https://www.rfc-editor.org/rfc/rfc4648.html#section-4)).
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a canonical base64 text.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A number below 2^63 in its only decimal form.
pub(crate) fn from_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&number| number <= TREE_SIZE_MAX)
}

/// Whether `value` is shown as exactly this text.
pub(crate) fn eq_display(text: &str, value: &impl core::fmt::Display) -> bool {
    alloc::format!("{value}") == text
}

/// At most `chars` characters of a text, for an error message.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.into(),
        Some((end, _)) => alloc::format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_text() {
        for (text, number) in [
            ("0", Some(0)),
            ("1", Some(1)),
            ("9223372036854775807", Some(TREE_SIZE_MAX)),
            ("9223372036854775808", None),
            ("18446744073709551616", None),
            ("", None),
            ("00", None),
            ("01", None),
            ("+1", None),
            ("-1", None),
            (" 1", None),
            ("1 ", None),
            ("1_000", None),
            ("\u{661}", None),
        ] {
            assert_eq!(from_decimal(text), number, "{text:?}");
        }
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("AA==", Some(&b"\0"[..])),
            ("AB==", None), // stray bits
            ("AA=", None),
            ("AA", None),
            ("AA==\n", None),
            ("A A=", None),
            ("-_8=", None),
        ] {
            assert_eq!(from_base64(text).as_deref(), bytes, "{text:?}");
        }
    }
}
