//! Plans, contracts, cells and statements: movements in, money out.
//!
//! The station between settlement and the pages. A [`Plan`] says what is sold on which surface and
//! at which price; a [`Contract`] binds a customer to it for a term; [`mod@rating`] turns quantities
//! into exact amounts. Amounts are rounded once, per cell (`docs/reference/semantics.md` D2).
//!
//! Not here: settlement of works (`work`), storage, clocks, tax, payment. Invariant: everything in
//! this crate is a pure function of the documents and facts given to it.

pub mod account;
pub mod accounting;
pub mod bridge;
pub mod cell;
pub mod contract;
pub mod cover;
pub mod credit;
pub mod limits;
pub mod margin;
pub mod model_costs;
pub mod period;
pub mod plan;
pub mod preview;
pub mod published;
pub mod quote;
pub mod rating;
pub mod receivable;
pub mod reconcile;
pub mod revenue;
pub mod statement;

mod document;

pub use account::Account;
pub use cell::{CellKey, PricingError};
pub use contract::Contract;
pub use document::DocumentError;
pub use plan::Plan;
pub use statement::Statement;
