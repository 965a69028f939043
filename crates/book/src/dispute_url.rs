//! [`DisputeUrl`]: where a buyer disputes a work, as a template.
//!
//! What it is filled with comes from events, so every value is percent-encoded, and none may stand in
//! the address's authority. Invariant: what [`DisputeUrl::of`] gives begins with the template's own
//! `https://host`, and holds nothing that ends an attribute or a line.

use serde::Deserialize;

const SCHEME: &str = "https://";
const PLACEHOLDERS: [&str; 3] = ["customer", "work", "unit"];

/// A template of an address, e.g. `https://vendor.example/disputes?customer={customer}&work={work}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DisputeUrl(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(&'static str),
}

impl TryFrom<String> for DisputeUrl {
    type Error = String;

    fn try_from(text: String) -> Result<DisputeUrl, String> {
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or_else(|| format!("`{text}` must begin with {SCHEME}"))?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() || authority.contains(['{', '}', '@']) {
            return Err(format!(
                "`{text}` needs a host of its own, without placeholders and without `@`"
            ));
        }
        let is_plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`|".contains(c);
        if let Some(other) = text.chars().find(|c| !is_plain(*c)) {
            return Err(format!(
                "`{text}` holds {other:?}, which an address writes as %XX"
            ));
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let unknown = || {
                let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(", ");
                format!("`{text}` has a placeholder that is none of {known}")
            };
            let (name, after) = after.split_once('}').ok_or_else(unknown)?;
            let placeholder = PLACEHOLDERS.iter().find(|known| **known == name);
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Placeholder(placeholder.ok_or_else(unknown)?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(DisputeUrl(parts))
    }
}

impl DisputeUrl {
    /// The address for one work.
    pub fn of(&self, customer: &str, work: &str, unit: &str) -> String {
        let fill = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder("customer") => encoded(customer),
            Part::Placeholder("unit") => encoded(unit),
            Part::Placeholder(_) => encoded(work),
        };
        self.0.iter().map(fill).collect()
    }
}

/// Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that panics is a test that fails

    use super::DisputeUrl;

    fn read(text: &str) -> Result<DisputeUrl, String> {
        DisputeUrl::try_from(text.to_owned())
    }

    #[test]
    fn what_comes_from_events_is_encoded() {
        let url = read("https://v.example/d/{unit}?c={customer}&w={work}#x").unwrap();
        // RFC 3986: reserved characters, the per cent sign itself, and UTF-8 byte by byte.
        assert_eq!(
            url.of("a&b=c", "\"><script>/../ü%41", "u#1"),
            "https://v.example/d/u%231?c=a%26b%3Dc&w=%22%3E%3Cscript%3E%2F..%2F%C3%BC%2541#x"
        );
        assert_eq!(
            read("https://v.example").unwrap().of("c", "w", "u"),
            "https://v.example"
        );
    }

    #[test]
    fn only_https_addresses_with_a_host_of_their_own_are_taken() {
        for (text, wanted) in [
            ("http://v.example/{work}", "must begin with https://"),
            ("javascript:alert(1)", "must begin with https://"),
            ("https://{customer}.example/", "needs a host"),
            ("https://v.example@evil.example/", "needs a host"),
            ("https:///{work}", "needs a host"),
            (
                "https://v.example/{job}",
                "has a placeholder that is none of",
            ),
            (
                "https://v.example/{work",
                "has a placeholder that is none of",
            ),
            ("https://v.example/\"x", "writes as %XX"),
            ("https://v.example/a b", "writes as %XX"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.contains(wanted), "{text}: {fault}");
        }
    }
}
