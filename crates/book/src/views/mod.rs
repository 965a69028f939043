//! From what the domain computed to what pages, tables and JSON show.
//!
//! Nothing is computed here but sums of amounts that were rounded already; every number on a page
//! comes from `pricing`.

pub mod facts;
pub mod margin;
pub mod meters;
pub mod reconciliation;
pub mod statement;
pub mod unclaimed;
