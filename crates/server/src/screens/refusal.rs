//! Refusals of screens, as pages.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::page::page;
use crate::problem::{Code, Refusal};
use crate::request_id;

/// Answers a person with a page where a program is answered with `application/problem+json`.
pub(crate) async fn refusals_as_pages(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(Refusal { code, detail }) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let sign_in = code == Code::Unauthorized;
    let html = pages::screen::refusal(&pages::view::Refusal {
        status: code.status().as_u16(),
        title: code.title().to_owned(),
        detail: if sign_in {
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
