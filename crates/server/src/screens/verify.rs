//! The page that checks proof files, byte for byte as it is kept in `verifiers/web`: for anybody, with or without
//! a key.
//!
//! It is the seller's server that serves it. A buyer who doubts the seller has the same file from elsewhere.
//! Invariant: it runs the one script whose digest its policy names, and may send nothing.

use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use pages::screen::at;

use super::{Screen, look};
use crate::api::Needs;

const PAGE: &str = include_str!("../../../../verifiers/web/verify.html");

/// Where the page says what it may do.
const META: &str = r#"<meta http-equiv="Content-Security-Policy" content=""#;

pub(super) fn screens() -> Vec<Screen> {
    vec![look(at::VERIFY, Needs::Nothing, get(verify))]
}

async fn verify() -> Response {
    // What cannot be said in the page: that no other site frames it.
    let policy = format!("{}; frame-ancestors 'none'", policy());
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, Html(PAGE)).into_response()
}

/// What the page forbids itself; everything where it does not say. The header says the same, since a browser lets
/// through only what both do.
fn policy() -> &'static str {
    let said = PAGE
        .split_once(META)
        .and_then(|(_, own)| own.split_once('"'));
    said.map_or("default-src 'none'", |(policy, _)| policy)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// What stands between the one pair of tags of a name, which stand at the beginning of a line.
    fn inside(tag: &str) -> &'static str {
        let (open, close) = (format!("\n<{tag}>"), format!("\n</{tag}>"));
        assert_eq!(PAGE.matches(&open).count(), 1, "{open}");
        let start = PAGE.find(&open).unwrap() + open.len();
        let end = PAGE[start..].find(&close).unwrap() + start;
        // The end of the last line is the text's own.
        &PAGE[start..=end]
    }

    #[test]
    fn the_page_lets_its_own_script_run_and_sends_nothing() {
        let policy = policy();
        for tag in ["script", "style"] {
            let digest = STANDARD.encode(Sha256::digest(inside(tag)));
            let own = format!("{tag}-src 'sha256-{digest}'");
            let mut directives = policy.split("; ");
            assert!(directives.any(|directive| directive == own), "{own}");
        }
        for directive in ["default-src 'none'", "form-action 'none'"] {
            assert!(policy.contains(directive), "{directive}");
        }
        for open in ["unsafe", "connect-src", "http"] {
            assert!(!policy.contains(open), "{open}");
        }
    }
}
