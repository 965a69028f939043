//! [`authenticate`]: who calls, by what a request brings: a key or a link in `Authorization`, or the cookie
//! of a session.
//!
//! Invariants: what changes something and comes with a cookie was made by a page of this very site; no refusal
//! says whether a key or link was ever known.

use axum::RequestExt as _;
use axum::extract::{RawPathParams, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::session::cookie;
use super::{Caller, KeyText, Permission};
use crate::app::App;
use crate::problem::{Code, Problem};

/// The parameters of a path that name a customer and a statement.
const CUSTOMER: &str = "customer";
const STATEMENT: &str = "number";

/// Lets a request through whose caller may do what the route needs, may know of the customer and the statement
/// that its path names, and has not sent too many.
///
/// # Errors
/// [`Code::Unauthorized`], [`Code::Forbidden`]; [`Code::NotFound`] for another customer or statement.
pub async fn authenticate(
    State((app, permission)): State<(App, Permission)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = caller(&app, request.method(), request.headers()).await?;
    let caller = caller.ok_or_else(|| unauthorized("send `Authorization: Bearer <key>`"))?;
    if !caller.may(permission) {
        let who = match &caller.statement {
            Some(number) => format!("a link to the statement {number} alone"),
            None if caller.is_of_link => "a link".to_owned(),
            None => format!("a key of the role `{}`", caller.role.word()),
        };
        return Err(Problem::new(
            Code::Forbidden,
            format!("{who} may not do this"),
        ));
    }
    let params = request.extract_parts::<RawPathParams>().await;
    let params = params.map_err(|_| Problem::new(Code::NotFound, "the address is not UTF-8"))?;
    for (name, value) in &params {
        match name {
            CUSTOMER => caller.require(value)?,
            STATEMENT => caller.require_statement(value)?,
            _ => {}
        }
    }
    let left = app.take_token(&caller.key);
    let mut response = if left.is_none_or(|left| left.passes) {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        let detail = "the key has sent as many requests as it may for now";
        Problem::new(Code::TooManyRequests, detail).into_response()
    };
    if let Some(left) = left {
        left.say(response.headers_mut());
    }
    Ok(response)
}

/// Whose request it is; nothing where it brings neither a key nor a session.
///
/// # Errors
/// [`Code::Unauthorized`] for a key or link that is not in force; [`Code::Forbidden`] for a change that
/// another site's page asks for.
pub(crate) async fn caller(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Caller>, Problem> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        return bearer(app, header).await.map(Some);
    }
    let Some(value) = cookie(app.site(), headers) else {
        return Ok(None);
    };
    let Some(caller) = app.caller_of_session(value).await? else {
        return Ok(None);
    };
    if !method.is_safe() && !app.site().made(headers) {
        let detail = "a change under a session is taken from this site's own pages alone; a program sends a key";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    Ok(Some(caller))
}

async fn bearer(app: &App, header: &HeaderValue) -> Result<Caller, Problem> {
    let bearer = header.to_str().ok().and_then(|own| {
        let (scheme, rest) = own.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim())
    });
    let bearer =
        bearer.ok_or_else(|| unauthorized("the header is not `Authorization: Bearer <key>`"))?;
    if book::links::is_link(bearer) {
        let link = app.link(bearer.to_owned()).await?;
        let link =
            link.ok_or_else(|| unauthorized("the link is not known, or no longer in force"))?;
        return Ok(Caller::of_link(link));
    }
    let text = KeyText::parse(bearer).map_err(|error| unauthorized(&error.to_string()))?;
    let caller = app.caller(text).await?;
    caller.ok_or_else(|| unauthorized("the key is not known, or no longer in force"))
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(Code::Unauthorized, detail)
}
