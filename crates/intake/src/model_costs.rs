//! Price books of others as model costs: LiteLLM's and genai-prices' JSON.
//!
//! Both list hundreds of prices that a piece of work can need, and both say more than a price per
//! token. What is taken is exact (decimal text, never a binary float); what is not taken is counted
//! by reason and by field in the [`Report`], because a price left out silently is a cost that looks
//! free. Not here: look-up and arithmetic (that is `pricing::model_costs`).

mod genai_prices;
pub mod limits;
mod litellm;
mod report;

use std::io::Read as _;

use flate2::read::GzDecoder;
use jiff::civil::Date;
use money::{Decimal, Rate};
use pricing::model_costs::{ModelCosts, ModelCostsError, Rates};
use work::Json;
use work::json::JsonError;

pub use genai_prices::genai_prices;
pub use litellm::litellm;
pub use report::{Report, Skip};

/// An imported book and what became of each of its models.
#[derive(Debug, Clone)]
pub struct Import {
    /// The list.
    pub costs: ModelCosts,
    /// What was taken and what was not.
    pub report: Report,
}

/// Which book it is.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    /// The id of the source in the list, e.g. `litellm-1.109.1`.
    pub id: &'a str,
    /// The source in words.
    pub name: &'a str,
    /// The date of the book.
    pub date: Date,
}

/// Why a text is not a price book.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read or unpacked.
    #[error("the price book cannot be read; check the file")]
    Io(#[from] std::io::Error),
    /// Too large.
    #[error(
        "the price book has more than {} bytes unpacked; is it the right file?",
        limits::BOOK_BYTES_MAX
    )]
    TooLarge,
    /// Not UTF-8.
    #[error("the price book is not UTF-8 text")]
    NotText,
    /// Not JSON.
    #[error("the price book is not JSON")]
    Json(#[from] JsonError),
    /// JSON of another shape.
    #[error("{book} expects {expected}; is it the right format?")]
    Shape {
        /// The format.
        book: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The models do not make a list.
    #[error("the imported models do not make a list")]
    List(#[from] ModelCostsError),
}

/// The text of a price book, unpacked where it is gzip.
///
/// # Errors
/// [`ImportError::Io`], [`ImportError::TooLarge`], [`ImportError::NotText`].
pub fn text(bytes: &[u8]) -> Result<String, ImportError> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut unpacked = Vec::new();
    let limit = limits::BOOK_BYTES_MAX + 1;
    if bytes.starts_with(&GZIP) {
        GzDecoder::new(bytes)
            .take(limit)
            .read_to_end(&mut unpacked)?;
    } else {
        bytes.take(limit).read_to_end(&mut unpacked)?;
    }
    if unpacked.len() as u64 >= limit {
        return Err(ImportError::TooLarge);
    }
    String::from_utf8(unpacked).map_err(|_| ImportError::NotText)
}

/// A number of the book, as a number or in quotes.
fn number(value: &Json) -> Result<Decimal, Skip> {
    match value {
        Json::Number(text) | Json::String(text) => text.parse().map_err(|_| Skip::BadNumber),
        _ => Err(Skip::BadNumber),
    }
}

/// A rate of the book: `scale` is 0 for a price per token, 6 for a price per million.
fn rate(value: &Json, scale: u8) -> Result<Rate, Skip> {
    let per = Decimal::new(1, scale).map_err(|_| Skip::BadNumber)?;
    number(value)?
        .times(per)
        .and_then(Rate::new)
        .map_err(|_| Skip::BadNumber)
}

/// A token count of the book: a whole number, possibly written `256000.0`.
fn count(value: &Json) -> Result<u64, Skip> {
    let number = number(value)?;
    if number.is_integer() {
        u64::try_from(number.mantissa()).map_err(|_| Skip::BadNumber)
    } else {
        Err(Skip::BadNumber)
    }
}

fn all_zero<'a>(rates: impl IntoIterator<Item = &'a Rates>) -> bool {
    rates
        .into_iter()
        .flat_map(|rates| rates.values())
        .all(|rate| *rate == Rate::ZERO)
}
