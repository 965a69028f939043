//! Events, work-unit definitions and settlement: facts in, movements out.
//!
//! The station between intake and pricing. [`Event`] is what happened, strictly read;
//! [`mod@effective`] decides which contents stand after corrections; a [`Definition`] says which pieces
//! of work are billable; [`mod@settle`] turns the facts of one scope key into [`settle::Movement`]s, in an order
//! that does not depend on arrival.
//!
//! Not here: prices, storage, clocks, foreign formats. Time comes in with the facts and as an
//! argument; nothing in this crate can fail for outside reasons.

pub mod body;
pub mod compare;
pub mod definition;
pub mod digest;
pub mod effective;
pub mod event;
pub mod header;
pub mod json;
pub mod limits;
pub mod settle;
pub mod signature;
pub mod span;
pub mod threads;

mod fields;

pub use body::Body;
pub use definition::Definition;
pub use digest::Digest;
pub use event::{Event, EventError, Identity, LogKind};
pub use header::{Header, HeaderSet, Headers};
pub use json::Json;
pub use signature::Signature;
pub use smol_str::SmolStr;
pub use span::Span;
