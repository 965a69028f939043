//! The sections of pages, one per view model.

mod bridge;
mod comparison;
mod evidence;
mod margin;
mod meters;
mod not_charged;
mod proof_basis;
mod proof_report;
mod proof_works;
mod receipt;
mod reconciliation;
mod report;
mod start;
mod statement;
mod story;
mod study;

pub(crate) use bridge::bridge;
pub(crate) use comparison::comparison;
pub(crate) use margin::{margin, margin_leading};
pub(crate) use meters::{meters, meters_drawing};
pub(crate) use proof_report::proof_report;
pub(crate) use receipt::{receipt, receipts_in};
pub(crate) use report::report;
pub(crate) use start::{reader, start};
pub(crate) use statement::statement;
pub(crate) use story::story;
pub(crate) use study::study;
