//! [`CustomerRow`], [`Customer`] and [`CustomerOverview`]: who is in the book.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Spending, WorkRow, json};

/// A customer, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerRow {
    /// The id.
    pub customer: String,
    /// The name to print.
    pub name: String,
    /// Entries of the shared log.
    pub shared_entries: u64,
    /// What the seller-only log tells as well; for the seller alone.
    #[serde(flatten)]
    pub seller: Option<SellerSide>,
}

/// What of a customer's summary the seller-only log has a part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SellerSide {
    /// Entries of the seller-only log.
    pub seller_entries: u64,
    /// The earliest time of an event of either log.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub first: Timestamp,
    /// The latest.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub last: Timestamp,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Customer {
    /// As in a listing.
    #[serde(flatten)]
    pub row: CustomerRow,
    /// Its contracts, by id.
    pub contracts: Vec<ContractName>,
    /// Why a contract does not govern, so that works under it stay unsettled.
    pub problems: Vec<ContractProblem>,
    /// Entries that changed nothing, and why.
    pub flags: Vec<Flag>,
}

/// A contract, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractName {
    /// The id.
    pub contract: String,
    /// Whether nobody signed it: statements of it can be previewed, not issued.
    pub is_draft: bool,
}

/// Why a contract does not govern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractProblem {
    /// The contract.
    pub contract: String,
    /// What is wrong.
    pub problem: String,
}

/// An entry that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Flag {
    /// Its position in the shared log.
    pub entry: u64,
    /// Why.
    pub problem: String,
}

/// What the screen of a customer shows: from running totals and the state, never from its whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerOverview {
    /// As in a listing.
    pub row: CustomerRow,
    /// What it has spent in the period that runs.
    pub spending: Spending,
    /// Some of its works.
    pub works: Vec<WorkRow>,
    /// Why a contract does not govern.
    pub problems: Vec<ContractProblem>,
    /// Its shared log.
    pub log: LogHead,
}

/// How far a log goes, and how far its head was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// The log's name.
    pub origin: String,
    /// Entries that it has.
    pub size: u64,
    /// The head that was signed last; nothing where none was.
    pub signed: Option<SignedHead>,
}

/// A signed head of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedHead {
    /// Entries under it.
    pub size: u64,
    /// Whether somebody else than the seller signed it as well.
    pub acknowledged: bool,
}
