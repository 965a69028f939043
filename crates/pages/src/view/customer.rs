//! [`CustomerRow`] and [`Customer`]: who is in the book.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

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
