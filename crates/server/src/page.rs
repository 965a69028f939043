//! HTML as it is served: no script, no second file, in no other site's frame.

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Response};

/// What a page may do, also where it says nothing itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// A page, or a fragment of one, for who asked alone.
pub(crate) fn page(html: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: a form's request would not say that it comes from here.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    (headers, Html(html)).into_response()
}

/// The first of the media types that a caller names, of those that could be answered; the first of these where it
/// takes anything or says nothing.
pub(crate) fn preferred<'a>(headers: &HeaderMap, known: &[&'a str]) -> Option<&'a str> {
    let accept = headers.get(header::ACCEPT);
    let accept = accept
        .and_then(|own| own.to_str().ok())
        .filter(|own| !own.trim().is_empty());
    let mut named = accept
        .unwrap_or("*/*")
        .split(',')
        .map(|own| own.split(';').next().unwrap_or_default().trim());
    named.find_map(|own| match own {
        "*/*" => known.first().copied(),
        own => known
            .iter()
            .copied()
            .find(|known| own.eq_ignore_ascii_case(known)),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_first_type_that_is_named_and_known_is_answered() {
        for (accept, expected) in [
            ("text/html", Some("text/html")),
            (
                "text/html,application/xhtml+xml,*/*;q=0.8",
                Some("text/html"),
            ),
            ("image/avif, text/html;q=0.9, */*", Some("text/html")),
            ("application/json", Some("application/json")),
            ("application/json, text/html", Some("application/json")),
            ("*/*", Some("application/json")),
            ("", Some("application/json")),
            ("image/png", None),
        ] {
            let accept = HeaderValue::from_static(accept);
            let headers = HeaderMap::from_iter([(header::ACCEPT, accept)]);
            let known = ["application/json", "text/html"];
            assert_eq!(preferred(&headers, &known), expected);
        }
        assert_eq!(
            preferred(&HeaderMap::new(), &["text/html"]),
            Some("text/html")
        );
    }
}
