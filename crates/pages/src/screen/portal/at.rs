//! The addresses of the portal.

use crate::screen::at::segment;

/// The portal of whoever knows one customer.
pub const PORTAL: &str = "/portal";
/// The portal of a customer.
pub const OVERVIEW: &str = "/portal/{customer}";
/// How much it means to spend.
pub const BUDGET: &str = "/portal/{customer}/budget";
/// Its statements.
pub const STATEMENTS: &str = "/portal/{customer}/statements";
/// The period that runs, as a statement.
pub const SO_FAR: &str = "/portal/{customer}/so-far";
/// A statement.
pub const STATEMENT: &str = "/portal/{customer}/statements/{number}";
/// From the last statement to this one.
pub const BRIDGE: &str = "/portal/{customer}/statements/{number}/bridge";
/// Its works.
pub const WORKS: &str = "/portal/{customer}/works";
/// A work.
pub const WORK: &str = "/portal/{customer}/works/{work}";
/// What is about to be said of a work, and saying it.
pub const SAYING: &str = "/portal/{customer}/works/{work}/say";
/// What was agreed.
pub const CONTRACTS: &str = "/portal/{customer}/contracts";
/// A definition that was agreed, by its digest.
pub const DEFINITION: &str = "/portal/{customer}/definitions/{id}";
/// What it contests.
pub const DISPUTES: &str = "/portal/{customer}/disputes";
/// What it is offered.
pub const QUOTES: &str = "/portal/{customer}/quotes";
/// An offer, and its signed answer.
pub const QUOTE: &str = "/portal/{customer}/quotes/{quote}";
/// Its log, and how to check it.
pub const PROOF: &str = "/portal/{customer}/proof";
/// Its own signed events.
pub const SIGNED: &str = "/portal/{customer}/signed";
/// Its cosignature under a head of the log.
pub const ACKNOWLEDGED: &str = "/portal/{customer}/acknowledged";
/// Its own records beside a statement.
pub const RECONCILE: &str = "/portal/{customer}/reconcile";
/// The same, once it is said which column is what.
pub const COMPARED: &str = "/portal/{customer}/reconcile/compared";

/// One of the addresses above that is of a customer alone.
#[must_use]
pub fn of(path: &str, customer: &str) -> String {
    path.replace("{customer}", &segment(customer))
}

/// One of the addresses above that is of a statement.
#[must_use]
pub fn statement(path: &str, customer: &str, number: &str) -> String {
    of(path, customer).replace("{number}", &segment(number))
}

/// One of the addresses above that is of a work.
#[must_use]
pub fn work(path: &str, customer: &str, work: &str) -> String {
    of(path, customer).replace("{work}", &segment(work))
}

/// A definition.
#[must_use]
pub fn definition(customer: &str, digest: &str) -> String {
    of(DEFINITION, customer).replace("{id}", &segment(digest))
}

/// A quote.
#[must_use]
pub fn quote(customer: &str, number: &str) -> String {
    of(QUOTE, customer).replace("{quote}", &segment(number))
}
