//! What is to be asked of [Stripe](https://docs.stripe.com/api) so that it collects what statements come to, and how
//! its answers are read.
//!
//! Piecework rates, Stripe collects: amounts are final when they come here. A bill (a statement, or a cover with its
//! statements) is a list of [`Step`]s (`plan`): one invoice, its items, a look whether Stripe's total is ours, credit notes against earlier invoices, and where it is
//! wanted the end of the draft. A step says what to ask ([`Step::request`]), how to find out whether it was done already
//! ([`Step::look`]), and what an answer means ([`answer`]). Not here: connections, what was sent and answered (`store`,
//! `server`), what is to be collected (`book`). Invariants: an amount that Stripe cannot take exactly is refused, never
//! rounded; what a step makes carries its mark, by which it is found again; the items of an invoice sum to its statements, and each
//! item is of one of them.

mod amount;
mod form;
mod plan;
mod step;

pub mod answer;

pub use amount::{AmountError, amount, minor, words};
pub use plan::{
    Bill, BillOf, Credit, Due, Line, MadeCredit, Marks, Part, bill, part_withdrawal, withdrawal,
};
pub use step::{Hold, Method, Request, Step, What};

/// The version of Stripe's API that is spoken: `Stripe-Version` of every request.
pub const VERSION: &str = "2026-10-28.endive";
/// Items of one invoice that Stripe takes.
pub const ITEMS_MAX: usize = 250;
/// Characters of the value of a custom field.
pub const FIELD_CHARS_MAX: usize = 140;
/// Characters of a value of metadata.
pub const METADATA_CHARS_MAX: usize = 500;
/// Characters of an invoice's footer.
pub const FOOTER_CHARS_MAX: usize = 5_000;
/// The member of metadata that has the number of a statement.
pub const STATEMENT: &str = "piecework_statement";
/// The member of metadata that has a step's mark.
pub const MARK: &str = "piecework_step";
