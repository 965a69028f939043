//! HTML pages and SVG charts from view models.
//!
//! A view model ([`view`]) goes in, text comes out: [`report_page`] and its sisters return one HTML
//! file that needs no script, no font, no network and no second file, and forbids itself all of them
//! (`Content-Security-Policy`). It prints, follows the reader's light or dark theme, works from 360
//! pixels up, and says in words whatever a chart says in shapes.
//!
//! Not here: sums, prices, statistics, storage, clocks. Binary floats appear in this crate for the
//! geometry of charts alone: a float never becomes a printed amount.

pub mod format;
pub mod limits;
pub mod palette;
pub mod screen;
pub mod svg;
pub mod view;

mod geometry;
mod page;
mod section;
mod style;

pub use page::{
    bridge_page, compare_page, margin_page, meters_page, meters_svg, proof_report_page,
    receipt_fragment, receipts_in, report_page, start_page, statement_page, story_page, study_page,
};
