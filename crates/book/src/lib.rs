//! What an open book can do: the commands and queries of the application, for whoever asks.
//!
//! The command line and the server are two faces of one thing. [`Book`] is that thing: a store with its
//! configuration, from which come accounts, statements, margins, proofs and reports. What it answers are plain
//! view models (`pages::view`) and plain structs; what it cannot do it says in an [`Error`] whose variants tell a
//! caller what to answer.
//!
//! Not here: command lines, HTTP, tables and HTML, foreign formats, SQL, rules about money. Nor the clock, the
//! environment or a source of randomness: now and [`Random`] are arguments. What is read and written beside the
//! store are the files of the book itself: the configuration, the documents that it names, the secret.
//!
//! Invariants: a book may be asked by many at once ([`Book`] is `Send` and `Sync`); what it remembers between two
//! questions is bounded ([`limits`]) and changes no answer; of one customer there is one act at a time ([`acts`]).

pub mod accounting;
pub mod accounts;
pub mod acts;
pub mod agreements;
pub mod approvals;
pub mod balances;
pub mod bridges;
pub mod budgets;
pub mod checks;
pub mod closes;
pub mod collections;
pub mod comparisons;
pub mod config;
pub mod contracts;
pub mod covers;
pub mod credit_notes;
pub mod dispute_url;
pub mod documents;
pub mod error;
pub mod home;
pub mod keyring;
pub mod limits;
pub mod links;
pub mod listings;
pub mod margins;
pub mod papers;
pub mod periods;
pub mod presets;
pub mod previews;
pub mod price_books;
pub mod proof_files;
pub mod proof_report;
pub mod quotes;
pub mod receipts;
pub mod receivables;
pub mod renewal_case;
pub mod replays;
pub mod reports;
pub mod runs;
pub mod statements;
pub mod subjects;
pub mod tables;
pub mod unit_price;
pub mod views;
pub mod work_stories;
pub mod works;

mod account_cache;
mod book;
mod carries;
mod heads;
mod inclusions;
mod issued;
mod locks;
mod log_names;
mod overviews;
mod random;
mod side_by_side;
mod works_at_hand;

pub use book::Book;
pub use error::Error;
pub use locks::LockAct;
pub use log_names::NamedLog;
pub use random::{Random, RandomError};

/// What a book answers, or what it could not do.
pub type Result<T, E = Error> = std::result::Result<T, E>;
