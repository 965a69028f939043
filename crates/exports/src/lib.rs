//! Other people's formats on the way out.
//!
//! What piecework knows leaves it in the words of those who take it in: double entry as [`beancount`] text and as a
//! [`gl_csv`] for general ledgers, costs in the columns of [`focus`], statements, lines and works ([`billing`]) as a
//! [`table`] for spreadsheets, what is to be paid as requests to [`stripe`]. Pure: values in, text out. Not here: how what is
//! exported comes about (`pricing` decides every number), files, networks, and formats on the way in (`intake`).
//! Invariant: every number of the text is a number that was given, digit for digit.

pub mod ageing_csv;
pub mod beancount;
pub mod billing;
pub mod focus;
pub mod gl_csv;
pub mod stripe;
pub mod table;

mod names;

pub use names::account as account_name;
