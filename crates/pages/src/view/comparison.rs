//! [`Comparison`]: the same facts under two definitions.

use money::{Amount, Quantity};
use serde::Serialize;

use super::{Period, json};

/// Which works count under one definition and not under the other, and the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Of what: a customer's name, or "All customers".
    pub scope: String,
    /// When.
    pub period: Period,
    /// The definition in force, or the first one named.
    pub left: Side,
    /// The other.
    pub right: Side,
    /// Counted by both.
    pub both: Quantity,
    /// Counted by the left one alone.
    pub left_only: Quantity,
    /// Counted by the right one alone.
    pub right_only: Quantity,
    /// Right less left.
    #[serde(serialize_with = "json::amount")]
    pub difference: Amount,
    /// The works on which they differ, the first of them.
    pub works: Vec<DifferingWork>,
    /// On how many they differ.
    pub works_total: u64,
    /// The command that prints it.
    pub command: String,
}

/// One definition and what it makes of the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// A short name.
    pub name: String,
    /// What counts, in plain English.
    pub rule: String,
    /// The digest of its text.
    pub digest: String,
    /// Counted units.
    pub counted: Quantity,
    /// Their price.
    #[serde(serialize_with = "json::amount")]
    pub charged: Amount,
}

/// A work on which two definitions differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DifferingWork {
    /// Its id.
    pub work: String,
    /// Its customer.
    pub customer: String,
    /// What the left one makes of it.
    pub left: Reading,
    /// What the right one makes of it.
    pub right: Reading,
    /// What they differ in.
    pub difference: Difference,
}

/// What one definition makes of a work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The classes that it counts in, `assumed`, or `not counted`.
    pub state: String,
    /// Its price.
    #[serde(serialize_with = "json::amount")]
    pub amount: Amount,
}

/// The gap between two readings, and the fact that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Right less left.
    #[serde(serialize_with = "json::amount")]
    pub amount: Amount,
    /// The fact on which they part: `reopened after 9 days`.
    pub because: String,
}
