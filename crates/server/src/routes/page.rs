//! HTML as it is served: no script, no second file, in no other site's frame.

use axum::http::header;
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
