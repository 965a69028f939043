//! Refusals of screens, as pages.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use pages::screen::at;

use crate::page::{page, preferred};
use crate::problem::{Code, Problem, Refusal};
use crate::request_id;
use crate::returning;

/// Answers a person with a page where a program is answered with `application/problem+json`.
pub(crate) async fn refusals_as_pages(request: Request, next: Next) -> Response {
    // Only what is looked at can be asked for again by its address.
    let asked = (request.method() == Method::GET).then(|| request.uri().clone());
    as_page(next.run(request).await, asked.as_ref())
}

/// The answer to an address at which nothing is: a page for a browser, a problem for a program.
pub(crate) async fn wrong_address(headers: HeaderMap) -> Response {
    let response = Problem::new(Code::NotFound, "there is no such address").into_response();
    match preferred(&headers, &["application/problem+json", "text/html"]) {
        Some("text/html") => as_page(response, None),
        _ => response,
    }
}

/// A refusal as a page; what is none stays as it is. Whoever has to sign in first returns to what was `asked`.
pub(super) fn as_page(mut response: Response, asked: Option<&Uri>) -> Response {
    let Some(Refusal { code, detail }) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let sign_in = (code == Code::Unauthorized).then(|| {
        let asked = asked.and_then(|own| own.path_and_query());
        match asked.and_then(|own| returning::address(own.as_str())) {
            Some(next) => format!("/?next={}", at::segment(next)),
            None => "/".to_owned(),
        }
    });
    let html = pages::screen::refusal(&pages::view::Refusal {
        status: code.status().as_u16(),
        title: code.title().to_owned(),
        detail: if sign_in.is_some() {
            "This page is for whoever has signed in.".to_owned()
        } else {
            detail
        },
        about: format!("/problems/{}", code.word()),
        sign_in,
        request: request_id::current().unwrap_or_default(),
    });
    let mut shown = (code.status(), page(html)).into_response();
    if let Some(after) = response.headers().get(axum::http::header::RETRY_AFTER) {
        shown
            .headers_mut()
            .insert(axum::http::header::RETRY_AFTER, after.clone());
    }
    shown
}
