//! The book: where acknowledged events are kept, and what is derived from them.
//!
//! [`Store`] is the interface at the level of commands and queries; [`Embedded`] keeps a book in a
//! directory. A book has two halves. The **journal** is the truth: the entries of every log, the
//! identities that make an event count once, the deliveries, all appended in atomic, fsynced group
//! commits. Every log is a Merkle tree (RFC 6962) over its entries' bytes, whose head moves in the same
//! commit; beside the logs lie payloads behind commitments, and signed checkpoints. Beside both, the **operations**: what a server
//! keeps, which is no evidence. The **state** is derived: read models in SQL, which follow the journal, are deleted and
//! rebuilt at will, and always equal the fold of the journal.
//!
//! Not here: HTTP, foreign formats, clocks (arrival comes in as an argument), randomness (salts come in
//! likewise), keys and signing, rules about money.
//! Invariants: what was acknowledged is durable and there once; `received = accepted + duplicate +
//! conflicting + refused`; a read sees everything acknowledged before it began.

pub mod admission;
pub mod assignment;
pub mod conformance;
pub mod embedded;
pub mod entry;
pub mod error;
pub mod limits;
pub mod operations;
pub mod outbox;
pub mod reconciliation;
pub mod store;
pub mod totals;
pub mod tree;
pub mod unit_text;

pub use embedded::Embedded;
pub use entry::Entry;
pub use error::StoreError;
pub use operations::{ApiKey, Link, Operations};
pub use outbox::Outbox;
pub use reconciliation::Reconciliation;
pub use store::{
    Appended, ContractProblem, Customer, DefaultDocuments, Deliveries, Entries, EntryBytes,
    FactKind, Facts, FactsOf, Found, Health, Outcome, Payload, Position, RefusedElsewhere, ScopeId,
    ScopeIdError, SettledSince, SettledUnit, Store, Units, UnitsOf,
};
pub use totals::Totals;
pub use tree::TreeHead;
