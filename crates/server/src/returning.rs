//! Where somebody returns to after signing in: the page of this server that was asked for before.
//!
//! Invariant: an address that leads elsewhere is none, however it is spelt.

use crate::limits::RETURN_BYTES_MAX;

/// The address, where it is a path of this server and nothing else.
///
/// A browser takes `//host` and `/\host` for another server, and drops tabs and ends of lines before it looks; what a
/// header cannot hold is refused with them.
pub(crate) fn address(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/')?;
    let is_path = !rest.starts_with(['/', '\\']);
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_path && is_plain && text.len() <= RETURN_BYTES_MAX).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_returns_to_paths_of_this_server_alone() {
        for text in [
            "/",
            "/margin",
            "/works?customer=acme&work=%2F%2Fevil",
            "/a//b",
        ] {
            assert_eq!(address(text), Some(text));
        }
        let long = format!("/{}", "a".repeat(RETURN_BYTES_MAX));
        for text in [
            "",
            "margin",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            "/\u{e9}",
            " /margin",
            &long,
        ] {
            assert_eq!(address(text), None, "{text:?}");
        }
    }
}
