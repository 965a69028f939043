//! Webhooks: what happens in the book is told to others, by the
//! [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks) specification 1.0.0.
//!
//! [`catalogue`] has the types of messages. What is to be told is kept in the book's outbox: by [`Outbox::announce`],
//! and by following the journal (`journal`). One worker ([`deliver()`]) signs each message, posts it, and tries
//! again over days (`schedule`). Addresses that lead into the operator's own network are refused ([`guard`]).
//! Not here: keeping messages (`store`), the routes that set endpoints up (`routes::webhooks`).
//!
//! Invariants: what was committed while there is an endpoint is announced, once for each key, also when the
//! process was killed in between; nothing of the seller-only log goes to an endpoint of one customer; a
//! connection goes to an address that was checked.

pub mod catalogue;
pub mod guard;
pub mod signature;

mod announce;
mod deliver;
mod journal;
mod options;
mod post;
mod schedule;
mod target;

pub use announce::Outbox;
pub use catalogue::EventType;
pub use deliver::deliver;
pub use options::{Options, OptionsError};

pub(crate) use journal::begin;
pub(crate) use target::{Target, TargetError};
