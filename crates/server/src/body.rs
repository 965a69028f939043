//! Bodies of requests: read within limits, inflated within limits.
//!
//! The limit after inflating is counted while it is inflated, so that a small body never becomes a large one
//! in memory.

use std::io::Read as _;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use flate2::read::MultiGzDecoder;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::limits::{BODY_BYTES_MAX, INFLATED_BYTES_MAX};
use crate::problem::{Code, Problem};

/// The whole body, inflated.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::UnsupportedMediaType`] for an encoding that is not read,
/// [`Code::BadRequest`] for a body that does not arrive or is not what its encoding says.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let is_gzip = is_gzip(headers)?;
    let bytes = as_sent(body).await?;
    if is_gzip {
        inflate(&bytes)
    } else {
        Ok(bytes.into())
    }
}

/// The whole body as it was sent.
///
/// # Errors
/// [`Code::TooLarge`]; [`Code::BadRequest`] for a body that does not arrive.
pub(crate) async fn as_sent(body: Body) -> Result<Bytes, Problem> {
    let limited = Limited::new(body, BODY_BYTES_MAX);
    let read = limited.collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return too_large(BODY_BYTES_MAX, "");
        }
        let detail = format!("the body did not arrive whole: {error}");
        Problem::new(Code::BadRequest, detail)
    })?;
    Ok(read.to_bytes())
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

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut inflated = Vec::new();
    let limit = INFLATED_BYTES_MAX as u64 + 1;
    let read = MultiGzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut inflated);
    if let Err(error) = read {
        let detail = format!("the body is not the gzip that its header says: {error}");
        return Err(Problem::new(Code::BadRequest, detail));
    }
    if inflated.len() > INFLATED_BYTES_MAX {
        return Err(too_large(INFLATED_BYTES_MAX, " once inflated"));
    }
    Ok(inflated)
}

fn too_large(limit: usize, when: &str) -> Problem {
    let detail = format!("the body has more than {limit} bytes{when}; send it in parts");
    Problem::new(Code::TooLarge, detail)
}
