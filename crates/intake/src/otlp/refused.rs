//! [`Refused`]: why a whole request is refused, and [`inflate`], which may be the reason.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::Signal;
use crate::limits::{OTLP_BODY_BYTES_MAX, OTLP_MESSAGE_BYTES_MAX};

/// Why nothing of a request was read. The sender has to change something: none of these is worth
/// sending again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too long.
    #[error(
        "the request is longer than {OTLP_BODY_BYTES_MAX} bytes after inflation; \
         let the exporter send smaller batches"
    )]
    TooLarge,
    /// Too many of something.
    #[error("the request has more than {limit} {what}; let the exporter send smaller batches")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Not gzip, though it says so.
    #[error("the body cannot be inflated: {0}")]
    Inflate(String),
    /// Not the encoding that it says it is.
    #[error("the body cannot be read: {0}")]
    Malformed(String),
    /// Another signal's request.
    #[error("this is a request for {is}, sent to {sent_to}", is = .is.path(), sent_to = .sent_to.path())]
    OtherSignal {
        /// Where it was sent.
        sent_to: Signal,
        /// What it is.
        is: Signal,
    },
    /// No OTLP request at all; taking it would lose what it holds without a word.
    #[error("no OTLP request: expected `{expected}`, found {found}")]
    NoRequest {
        /// The member that a request has.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
}

impl Refused {
    pub(super) const fn too_many(what: &'static str, limit: usize) -> Refused {
        Refused::TooMany { what, limit }
    }

    /// Whether the request is refused for its size, rather than for what it is.
    #[must_use]
    pub const fn is_size(&self) -> bool {
        matches!(self, Refused::TooLarge | Refused::TooMany { .. })
    }

    /// What is said to the sender: the reason, bounded.
    #[must_use]
    pub fn message(&self) -> String {
        bounded(&self.to_string(), OTLP_MESSAGE_BYTES_MAX)
    }
}

/// A text of at most so many bytes.
pub(super) fn bounded(text: &str, bytes_max: usize) -> String {
    let end = text.floor_char_boundary(bytes_max);
    text[..end].to_owned()
}

/// Inflates a gzip body, up to the bound of a request and not a byte further.
///
/// # Errors
/// [`Refused::TooLarge`], [`Refused::Inflate`].
pub fn inflate(body: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut inflated = Vec::new();
    let bound = OTLP_BODY_BYTES_MAX as u64 + 1;
    MultiGzDecoder::new(body)
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|error| Refused::Inflate(error.to_string()))?;
    if inflated.len() > OTLP_BODY_BYTES_MAX {
        return Err(Refused::TooLarge);
    }
    Ok(inflated)
}
