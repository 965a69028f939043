//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): a request that is sent again is answered
//! again and not done again.
//!
//! Known by caller, route and key; its fingerprint is the SHA-256 of method, address and body. Answers that
//! did something (2xx) are kept for ever; a request that was refused (4xx) did nothing, and its key is free
//! again. Where the server failed or ended between the act and the kept answer, or the answer is longer than
//! [`KEPT_ANSWER_BYTES_MAX`], the same request is let through once more: acts therefore take the ids of what
//! they write from [`RequestKey::id`], by which the book knows them again. Not here: events, which are known by source and id. Invariant: one key never stands
//! for two requests.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use store::operations::{Begun, KeptAnswer, RequestName};
use work::Digest;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::limits::{KEPT_ANSWER_BYTES_MAX, ONCE_KEY_BYTES_MAX};
use crate::problem::{Code, Problem};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it is a kept one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers that are kept with an answer.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Whether a route's requests need a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnceKey {
    /// A request without one is done as often as it is sent.
    Optional,
    /// A request without one is refused.
    Required,
}

/// What a request is known by, for the handler: nothing where its sender gave no key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestKey(Option<RequestName>);

impl RequestKey {
    /// What a form is known by: the address that it is sent to, and the word that stands in it.
    pub(crate) fn of_form(caller: &Caller, address: &str, once: &str) -> RequestKey {
        let is_drawn = (1..=ONCE_KEY_BYTES_MAX).contains(&once.len())
            && once.bytes().all(|byte| byte.is_ascii_alphanumeric());
        RequestKey(is_drawn.then(|| RequestName {
            caller: caller.key.clone(),
            route: format!("form {address}"),
            key: once.to_owned(),
        }))
    }

    /// The id for what the request writes, the same whenever it is sent; `part` tells several apart. Nothing
    /// where its sender gave no key.
    #[must_use]
    pub fn id(&self, part: &str) -> Option<String> {
        let RequestName { caller, route, key } = self.0.as_ref()?;
        // No header value and no route has a line feed.
        let text = [caller, route, key, part].join("\n");
        Some(format!(
            "once-{}",
            &Digest::of(text.as_bytes()).to_string()[..32]
        ))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<RequestKey, Problem> {
        let key = parts.extensions.get::<RequestKey>().cloned();
        Ok(key.unwrap_or(RequestKey(None)))
    }
}

/// The requests with keys that this process works on.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<HashSet<RequestName>>);

/// A request's place among those, given back when it is dropped.
struct Place<'a> {
    under_way: &'a UnderWay,
    name: RequestName,
}

impl UnderWay {
    fn enter(&self, name: &RequestName) -> Option<Place<'_>> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.clone()).then(|| Place {
            under_way: self,
            name: name.clone(),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let names = self.under_way.0.lock();
        names
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.name);
    }
}

/// Answers a request once, by its key.
///
/// # Errors
/// [`Code::BadRequest`] for a key that cannot be read, or none where one is needed; [`Code::KeyReused`];
/// [`Code::StillWorkedOn`].
pub(crate) async fn once(
    State((app, need)): State<(App, OnceKey)>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())? else {
        if need == OnceKey::Required {
            let detail =
                "send `Idempotency-Key` with a key of this request's own, e.g. a random UUID";
            return Err(Problem::new(Code::BadRequest, detail));
        }
        return Ok(next.run(request).await);
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("", MatchedPath::as_str);
    let name = RequestName {
        caller: caller.key,
        route: format!("{} {route}", request.method()),
        key,
    };
    let Some(_place) = app.under_way().enter(&name) else {
        let detail = "a request with this `Idempotency-Key` is being worked on";
        return Err(Problem::new(Code::StillWorkedOn, detail));
    };
    let (mut parts, body) = request.into_parts();
    let body = body::as_sent(body).await?;
    let fingerprint = fingerprint(&parts, &body);
    let begin = {
        let name = name.clone();
        move |app: &App| {
            let operations = app.store().operations();
            Ok(operations.begin_request(&name, &fingerprint, app.now())?)
        }
    };
    match app.work(begin).await? {
        Begun::Answered(answer) => return Ok(replayed(answer)),
        Begun::Other => {
            let detail =
                "the `Idempotency-Key` was that of a request with another method, address or body";
            return Err(Problem::new(Code::KeyReused, detail));
        }
        Begun::New | Begun::Before => {}
    }
    parts.extensions.insert(RequestKey(Some(name.clone())));
    let request = Request::from_parts(parts, Body::from(body));
    keep(&app, name, next.run(request).await).await
}

/// Keeps the answer, or gives the key back.
async fn keep(app: &App, name: RequestName, response: Response) -> Result<Response, Problem> {
    let status = response.status();
    if status.is_client_error() {
        let forget = move |app: &App| Ok(app.store().operations().forget_request(&name)?);
        app.work(forget).await?;
        return Ok(response);
    }
    if !status.is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    // What a route answers is made in memory.
    let body = body.collect().await.map_err(|error| {
        tracing::error!(%error, "an answer cannot be read");
        Problem::new(Code::Internal, "the answer could not be kept")
    })?;
    let body = body.to_bytes();
    if body.len() > KEPT_ANSWER_BYTES_MAX {
        return Ok(Response::from_parts(parts, Body::from(body)));
    }
    let headers = KEPT_HEADERS.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let answer = KeptAnswer {
        status: status.as_u16(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let kept = move |app: &App| Ok(app.store().operations().keep_answer(&name, &answer)?);
    app.work(kept).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// A kept answer, given again.
fn replayed(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    let replayed = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, replayed);
    response
}

fn fingerprint(parts: &Parts, body: &[u8]) -> Digest {
    let address = parts.uri.path_and_query().map_or("", |own| own.as_str());
    let mut text = format!("{}\n{address}\n", parts.method).into_bytes();
    text.extend_from_slice(body);
    Digest::of(&text)
}

/// The key of a request: a string of RFC 8941, 3.3.3, or the same without its quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let mut read = || {
        let text = value.to_str().ok().filter(|_| values.next().is_none())?;
        let key = read_key(text.trim())?;
        (1..=ONCE_KEY_BYTES_MAX).contains(&key.len()).then_some(key)
    };
    read().map(Some).ok_or_else(|| {
        let detail = format!(
            "`Idempotency-Key` is one string of 1 to {ONCE_KEY_BYTES_MAX} printable ASCII characters, with \
             quotes around it or without: `\"8e03978e-40d5-43dd-bc93-6894a57f9324\"`"
        );
        Problem::new(Code::BadRequest, detail)
    })
}

fn read_key(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let is_bare = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\",;".contains(&byte));
        return is_bare.then(|| text.to_owned());
    };
    let mut key = String::new();
    let mut rest = quoted.strip_suffix('"')?.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => key.push(rest.next().filter(|own| matches!(own, '\\' | '"'))?),
            '"' => return None,
            ' '..='~' => key.push(character),
            _ => return None,
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first is the draft's own example.
    #[test]
    fn keys_are_strings_with_quotes_or_without() {
        for (text, expected) in [
            (
                "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"",
                Some("8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ),
            ("8e03978e-40d5", Some("8e03978e-40d5")),
            ("\"a b\"", Some("a b")),
            ("\"a\\\"b\\\\\"", Some("a\"b\\")),
            ("a b", None),
            ("\"a", None),
            ("a\"", None),
            ("\"a\\b\"", None),
            ("\"a\", \"b\"", None),
            ("\"a\";q=1", None),
        ] {
            assert_eq!(read_key(text).as_deref(), expected, "{text}");
        }
        for (text, is_read) in [
            ("", false),
            (&*"k".repeat(255), true),
            (&*"k".repeat(256), false),
        ] {
            let value = HeaderValue::from_str(text).unwrap();
            let headers = HeaderMap::from_iter([(KEY, value)]);
            assert_eq!(key(&headers).is_ok(), is_read, "{text}");
        }
        let value = HeaderValue::from_static("a");
        let twice = HeaderMap::from_iter([(KEY, value.clone()), (KEY, value)]);
        assert!(key(&twice).is_err());
    }

    #[test]
    fn ids_are_those_of_the_request() {
        let name = |key: &str| {
            RequestKey(Some(RequestName {
                caller: "c".to_owned(),
                route: "POST /x".to_owned(),
                key: key.to_owned(),
            }))
        };
        assert_eq!(name("1").id("a"), name("1").id("a"));
        assert_ne!(name("1").id("a"), name("1").id("b"));
        assert_ne!(name("1").id("a"), name("2").id("a"));
        assert_eq!(RequestKey(None).id("a"), None);
    }
}
