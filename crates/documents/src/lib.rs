//! Documents people hold in their hands: a statement, a cover, a credit note, a quote, as HTML that prints well and as PDF.
//!
//! A paper ([`pages::view::StatementPaper`]) becomes a [`Sheet`]: every text spelled, every table laid out, nothing
//! left to be computed. A sheet becomes HTML ([`html()`]) or, with the feature `pdf`, a tagged PDF/A
//! (`pdf::render`); both show the same texts in the same order. Dates are ISO 8601 and every amount has its
//! currency beside it or above it, so that no reader has to guess.
//!
//! Not here: sums (they come with the paper), storage, clocks, networks. Invariant: the same paper gives the same
//! bytes, whoever asks, in whatever process.

pub mod limits;

#[cfg(feature = "pdf")]
pub mod pdf;

mod cover;
mod credit_note;
mod html;
mod quote;
mod sheet;
mod spelled;
mod statement;

pub use cover::cover;
pub use credit_note::credit_note;
pub use html::html;
pub use quote::quote;
pub use sheet::{Align, Column, Headline, Row, RowKind, Section, Sheet, Side, Table};
pub use statement::statement;
