//! [`Tag`]: which version of a resource a caller has seen, and `If-Match` against it (RFC 9110, 8.8.3 and 13).
//!
//! A tag is strong: it is the digest of what the resource says. Invariant: a change that names a version is
//! not made to another one.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use work::Digest;

use crate::problem::{Code, Problem};

/// The version of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of a resource that says this.
    #[must_use]
    pub fn of(said: &[u8]) -> Tag {
        let digest = Digest::of(said).to_string();
        Tag(format!("\"{}\"", &digest[..32]))
    }

    /// The tag of a resource whose digest is known: the digest itself.
    #[must_use]
    pub fn of_digest(digest: &Digest) -> Tag {
        Tag(format!("\"{digest}\""))
    }

    /// Whether the caller has this version, by `If-None-Match`.
    #[must_use]
    pub fn is_had(&self, headers: &HeaderMap) -> bool {
        self.named(headers, header::IF_NONE_MATCH) == Some(true)
    }

    /// Refuses a request that names another version in `If-Match`; one that names none goes on.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`].
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if self.named(headers, header::IF_MATCH) == Some(false) {
            let detail = format!(
                "the version is {} now; read it again, and name that version in `If-Match`",
                self.0
            );
            return Err(Problem::new(Code::PreconditionFailed, detail));
        }
        Ok(())
    }

    /// Refuses a request that names another version in `If-Match`, or none.
    ///
    /// # Errors
    /// [`Code::PreconditionRequired`], [`Code::PreconditionFailed`].
    pub fn require(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !headers.contains_key(header::IF_MATCH) {
            let detail = "send `If-Match` with the `ETag` of the version that you have read";
            return Err(Problem::new(Code::PreconditionRequired, detail));
        }
        self.check(headers)
    }

    /// The version as text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Refuses a form that was opened on another version.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`].
    pub(crate) fn require_text(&self, text: &str) -> Result<(), Problem> {
        if text == self.0 {
            return Ok(());
        }
        let detail = "somebody changed it since this page was opened; see what it says now, and send it again";
        Err(Problem::new(Code::PreconditionFailed, detail))
    }

    /// An answer that says the version.
    #[must_use]
    pub fn on(&self, mut response: Response) -> Response {
        if let Ok(tag) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    /// Whether a header lists this version; nothing where it is not there.
    fn named(&self, headers: &HeaderMap, name: header::HeaderName) -> Option<bool> {
        let mut lists = headers.get_all(name).iter().peekable();
        lists.peek()?;
        let is_own = |tag: &str| tag == "*" || tag == self.0;
        Some(lists.any(|list| {
            let list = list.to_str().unwrap_or_default();
            list.split(',').any(|tag| is_own(tag.trim()))
        }))
    }
}

/// A resource as JSON with its tag; `304` where the caller has it, by `If-None-Match`.
pub fn tagged<T: Serialize>(headers: &HeaderMap, resource: &T) -> Result<Response, Problem> {
    Ok(tagged_bytes(headers, "application/json", said(resource)?))
}

/// Plain text with its tag, in the same way.
pub fn tagged_text(headers: &HeaderMap, text: &str) -> Response {
    tagged_bytes(headers, "text/plain; charset=utf-8", text.into())
}

fn tagged_bytes(headers: &HeaderMap, media_type: &'static str, said: Vec<u8>) -> Response {
    let tag = Tag::of(&said);
    let response = if tag.is_had(headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], said).into_response()
    };
    tag.on(response)
}

/// The tag of a resource as [`tagged`] would give it.
///
/// # Errors
/// [`Code::Internal`] where it cannot be written.
pub fn tag<T: Serialize>(resource: &T) -> Result<Tag, Problem> {
    Ok(Tag::of(&said(resource)?))
}

fn said<T: Serialize>(resource: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(resource).map_err(|error| {
        tracing::error!(%error, "a resource cannot be written");
        Problem::new(Code::Internal, "the resource could not be written")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(tags: &[&str]) -> HeaderMap {
        let tags = tags
            .iter()
            .map(|tag| (header::IF_MATCH, HeaderValue::from_str(tag).unwrap()));
        tags.collect()
    }

    #[test]
    fn if_match_names_a_version() {
        let tag = Tag::of(b"1");
        let other = Tag::of(b"2").0;
        let weak = format!("W/{}", tag.0);
        let both = format!("{other}, {}", tag.0);
        for (tags, required, expected) in [
            (vec![], false, None),
            (vec![], true, Some(Code::PreconditionRequired)),
            (vec![tag.0.as_str()], true, None),
            (vec!["*"], true, None),
            (vec![&both], true, None),
            (vec![&other, &tag.0], true, None),
            (vec![&other], false, Some(Code::PreconditionFailed)),
            (vec![&other], true, Some(Code::PreconditionFailed)),
            (vec![&weak], true, Some(Code::PreconditionFailed)),
        ] {
            let headers = sent(&tags);
            let answer = match required {
                true => tag.require(&headers),
                false => tag.check(&headers),
            };
            assert_eq!(answer.err().map(|own| own.code()), expected, "{tags:?}");
        }
    }
}
