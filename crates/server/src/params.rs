//! Parameters of a query, pages and their cursors.
//!
//! A cursor is opaque: callers hand back what they were given. It says of which listing it is and where the
//! next page begins. Not here: which rows a page has. Invariant: a cursor that was changed, of another
//! listing or of another release is refused, never read as a place.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use work::Digest;

use crate::limits::{CURSOR_BYTES_MAX, PAGE_ROWS, PAGE_ROWS_MAX};
use crate::problem::{Code, Fault, Problem};

/// The parameters of a query, or a problem that says what is wrong with them.
pub struct Params<T>(pub T);

/// Which page of a listing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageAsked {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    pub limit: Option<usize>,
}

/// A page of what is known whole: its rows, and where the next begins.
pub fn page_of<T>(all: Vec<T>, from: usize, rows: usize) -> (Vec<T>, Option<usize>) {
    let until = all.len().min(from.saturating_add(rows));
    let next = (until < all.len()).then_some(until);
    (all.into_iter().skip(from).take(rows).collect(), next)
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params<T>, Problem> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Params(params)),
            Err(rejection) => Err(Problem::new(Code::BadRequest, rejection.body_text())),
        }
    }
}

/// A parameter that cannot be used.
#[must_use]
pub fn refused(name: &str, detail: impl Into<String>) -> Problem {
    let detail = detail.into();
    let fault = Fault {
        pointer: format!("?{name}"),
        detail: detail.clone(),
    };
    Problem::new(Code::BadRequest, format!("`{name}`: {detail}")).with_faults(vec![fault])
}

/// How many rows a page has, by what was asked.
///
/// # Errors
/// [`Code::BadRequest`] for none, and for more than [`PAGE_ROWS_MAX`].
pub fn page_rows(limit: Option<usize>) -> Result<usize, Problem> {
    match limit {
        None => Ok(PAGE_ROWS),
        Some(rows) if (1..=PAGE_ROWS_MAX).contains(&rows) => Ok(rows),
        Some(_) => Err(refused(
            "limit",
            format!("a page has 1 to {PAGE_ROWS_MAX} rows"),
        )),
    }
}

/// Where a page begins, in a listing.
#[derive(Debug)]
pub struct Cursor;

/// The form of cursors, so that a later release knows its own.
const VERSION: u8 = 1;
/// Bytes of the check.
const CHECK_BYTES: usize = 8;

impl Cursor {
    /// The cursor behind a row of a listing. `listing` names the listing with its filters.
    #[must_use]
    pub fn write(listing: &[&str], place: &str) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(check(listing, place));
        bytes.extend(place.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor of this listing says.
    ///
    /// # Errors
    /// [`Code::BadRequest`] for whatever was not written for it.
    pub fn read(listing: &[&str], text: &str) -> Result<String, Problem> {
        let read = || {
            let text = Some(text).filter(|text| text.len() <= CURSOR_BYTES_MAX)?;
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (version, rest) = bytes.split_first()?;
            let (own, place) = rest.split_at_checked(CHECK_BYTES)?;
            let place = std::str::from_utf8(place).ok()?;
            let is_own = *version == VERSION && own == check(listing, place);
            is_own.then(|| place.to_owned())
        };
        read().ok_or_else(|| {
            let detail = "it is not of this listing with these filters; send `next_cursor` of the page before \
                          as it was, with the same filters, or begin again without one";
            refused("cursor", detail)
        })
    }
}

impl Cursor {
    /// The place where a page of a listing begins; nothing where it is the first.
    ///
    /// # Errors
    /// As [`Cursor::read`].
    pub fn place<P: FromStr>(listing: &[&str], cursor: Option<&str>) -> Result<Option<P>, Problem> {
        let Some(cursor) = cursor else {
            return Ok(None);
        };
        let place = Cursor::read(listing, cursor)?.parse();
        place
            .map(Some)
            .map_err(|_| refused("cursor", "it names no place"))
    }

    /// The cursor of the next page of a listing.
    pub fn next<P: Display>(listing: &[&str], place: Option<P>) -> Option<String> {
        place.map(|place| Cursor::write(listing, &place.to_string()))
    }
}

/// Ties a place to its listing: against mistakes, not against malice, since what a caller may see is decided
/// for every page.
fn check(listing: &[&str], place: &str) -> [u8; CHECK_BYTES] {
    let mut text = String::new();
    for part in listing.iter().chain([&place]) {
        text.push_str(&format!("{}:{part},", part.len()));
    }
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&Digest::of(text.as_bytes()).as_bytes()[..CHECK_BYTES]);
    check
}

/// A page of a listing as JSON, with a `Link` to the next one where there is one.
pub fn page<T: Serialize>(uri: &Uri, page: &T, next: Option<&str>) -> Response {
    let mut response = axum::Json(page).into_response();
    if let Some(next) = next {
        let others = uri.query().unwrap_or_default().split('&');
        let others = others.filter(|own| !own.is_empty() && !own.starts_with("cursor="));
        let query: Vec<&str> = others.collect();
        let cursor = format!("cursor={next}");
        let query = [&query[..], &[&cursor]].concat().join("&");
        let link = format!("<{}?{query}>; rel=\"next\"", uri.path());
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_is_of_one_listing() {
        let cursor = Cursor::write(&["refused", "acme"], "17");
        assert_eq!(Cursor::read(&["refused", "acme"], &cursor).unwrap(), "17");
        for listing in [&["refused", ""][..], &["refused"], &["refuseda", "cme"]] {
            let problem = Cursor::read(listing, &cursor).unwrap_err();
            assert_eq!(problem.code(), Code::BadRequest);
        }
        let long = "A".repeat(CURSOR_BYTES_MAX + 1);
        assert!(Cursor::read(&["refused"], &long).is_err());
    }

    proptest! {
        #[test]
        fn a_changed_cursor_is_refused(place in ".{0,40}", at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]") {
            let cursor = Cursor::write(&["x"], &place);
            prop_assert_eq!(Cursor::read(&["x"], &cursor).unwrap(), place);
            let mut changed = cursor.clone();
            let at = at.index(changed.len());
            changed.replace_range(at..=at, &with);
            prop_assert!(changed == cursor || Cursor::read(&["x"], &changed).is_err());
        }
    }
}
