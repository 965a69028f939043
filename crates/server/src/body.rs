//! Bodies of requests: read within limits, inflated within limits.
//!
//! The limit after inflating is counted while it is inflated, so that a small body never becomes a large one
//! in memory; and bodies that are large, or may become so, are held a few at a time.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::limits::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};
use crate::problem::{Code, Problem};

/// A body as it came, and a place among the large ones where it needs one.
pub(crate) struct Sent {
    bytes: Vec<u8>,
    is_gzip: bool,
    _place: Option<OwnedSemaphorePermit>,
}

/// The whole body, inflated: of events, which are small.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::UnsupportedMediaType`] for an encoding that is not read,
/// [`Code::BadRequest`] for a body that does not arrive or is not what its encoding says.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let is_gzip = is_gzip(headers)?;
    let bytes = as_sent(body).await?;
    if is_gzip {
        inflate(&bytes, INFLATED_BYTES_MAX)
    } else {
        Ok(bytes)
    }
}

/// The whole body as it was sent.
///
/// # Errors
/// [`Code::TooLarge`]; [`Code::BadRequest`] for a body that does not arrive.
pub(crate) async fn as_sent(body: Body) -> Result<Vec<u8>, Problem> {
    within(body, BODY_BYTES_MAX).await
}

/// The whole body as it was sent, of at most `bytes_max` bytes.
///
/// # Errors
/// As [`as_sent`].
pub(crate) async fn within(mut body: Body, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = next(&mut body).await? {
        append(&mut bytes, &piece, bytes_max)?;
    }
    Ok(bytes)
}

/// The body as JSON of a type.
///
/// # Errors
/// As [`read`]; [`Code::BadRequest`] for what is not of the type.
pub(crate) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Problem> {
    let bytes = read(headers, body).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Problem::new(Code::BadRequest, format!("the body: {error}")))
}

/// A body of up to `bytes_max` bytes, as sent: of telemetry, which may be large.
///
/// # Errors
/// As [`read`].
pub(crate) async fn receive(
    app: &App,
    headers: &HeaderMap,
    mut body: Body,
    bytes_max: usize,
) -> Result<Sent, Problem> {
    let is_gzip = is_gzip(headers)?;
    let mut bytes = Vec::new();
    let mut place = None;
    while let Some(piece) = next(&mut body).await? {
        if place.is_none() && bytes.len() + piece.len() > BODY_BYTES_MAX {
            place = app.place_for_large_body().await;
        }
        append(&mut bytes, &piece, bytes_max)?;
    }
    if place.is_none() && is_gzip {
        place = app.place_for_large_body().await;
    }
    Ok(Sent {
        bytes,
        is_gzip,
        _place: place,
    })
}

impl Sent {
    /// What was sent, inflated by `inflate` where it came as gzip.
    ///
    /// # Errors
    /// What `inflate` says.
    pub(crate) fn inflated<E>(
        &mut self,
        inflate: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<&[u8], E> {
        if std::mem::take(&mut self.is_gzip) {
            self.bytes = inflate(&self.bytes)?;
        }
        Ok(&self.bytes)
    }
}

/// The next piece that arrives.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let detail = format!("the body did not arrive whole: {error}");
            Problem::new(Code::BadRequest, detail)
        })?;
        if let Ok(piece) = frame.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

fn append(bytes: &mut Vec<u8>, piece: &[u8], bytes_max: usize) -> Result<(), Problem> {
    if bytes.len() + piece.len() > bytes_max {
        return Err(too_large(bytes_max, ""));
    }
    bytes.extend_from_slice(piece);
    Ok(())
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Problem> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(false);
    };
    match encoding.to_str().map(str::trim) {
        Ok(own) if own.eq_ignore_ascii_case("gzip") => Ok(true),
        Ok(own) if own.eq_ignore_ascii_case("identity") || own.is_empty() => Ok(false),
        _ => Err(Problem::new(
            Code::UnsupportedMediaType,
            "the body's Content-Encoding is not read here; send gzip, or none",
        )),
    }
}

/// Inflates gzip up to `bytes_max` bytes, and not a byte further.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::BadRequest`].
pub(crate) fn inflate(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let mut inflated = Vec::new();
    let read = MultiGzDecoder::new(bytes)
        .take(bytes_max as u64 + 1)
        .read_to_end(&mut inflated);
    if let Err(error) = read {
        let detail = format!("the body is not the gzip that its header says: {error}");
        return Err(Problem::new(Code::BadRequest, detail));
    }
    if inflated.len() > bytes_max {
        return Err(too_large(bytes_max, " once inflated"));
    }
    Ok(inflated)
}

fn too_large(limit: usize, when: &str) -> Problem {
    let detail = format!("the body has more than {limit} bytes{when}; send it in parts");
    Problem::new(Code::TooLarge, detail)
}
