//! The buyer's portal: what a buyer reads, says and takes with it. One customer's, and of its shared log alone.
//!
//! Invariant: no screen here has a view model that holds a cost, a margin, a model or the length of another log; what
//! another screen shows of the seller's own side is not shown here.

pub mod at;

mod contract;
mod disputes;
mod overview;
mod proof;
mod quotes;
mod reconcile;
mod saying;
mod signed;
mod statements;
mod works;

pub use contract::{contracts, definition};
pub use disputes::disputes;
pub use overview::overview;
pub use proof::proof;
pub use quotes::{quote, quotes};
pub use reconcile::{columns, compared, reconcile};
pub use saying::saying;
pub use signed::signed;
pub use statements::{so_far, statement, statements};
pub use works::{work, works};
