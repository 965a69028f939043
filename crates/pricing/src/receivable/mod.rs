//! Receivables: what is open of each statement, and what is on account, at an instant (semantics.md D7, D14).
//!
//! Money comes from payments, from credit notes, and from statements that come to less than nothing. Each of these is
//! allocated to statements, refunded, written off, or on account; each statement is paid, credited, written off, or
//! open. Not here: collecting and dunning, and what a statement charges. Invariants, at every instant:
//! due = paid + credited + written off + open for each statement, amount = allocated + refunded + written off + on account
//! for each payment and credit, nothing below zero; and the order of the log changes nothing but what it says by time.

mod ageing;
mod check;
mod debts;
mod facts;
mod ledger;
mod movements;

pub use ageing::{Aged, Bucket, OpenItem};
pub use check::{oldest_due_first, over_cover};
pub use debts::{Debt, could_be_ours};
pub use facts::{MoneyFact, Moved};
pub use ledger::{Applied, CoverItem, Item, Ledger, Source};

pub(crate) use ledger::days;
pub use movements::{Movement, MovementKind};
