//! A plan by which work is priced, as its screen shows it.

use jiff::civil::Date;

use super::QuotedComponent;

/// A plan, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The id.
    pub id: String,
    /// The seller's version number.
    pub version: u32,
    /// By what it is asked for: its id, or its digest where several are of that id.
    pub address: String,
    /// SHA-256 of its text, by which contracts name it.
    pub digest: String,
    /// The currency of every price.
    pub currency: String,
    /// The components by id, in the order of the file.
    pub components: Vec<String>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSheet {
    /// As in a listing.
    pub row: PlanRow,
    /// What it sells, in the order of the file, with the terms of each in words.
    pub components: Vec<QuotedComponent>,
    /// What it is not fit for beside the definitions in force: a class without a price, a dispute that would raise a
    /// bill.
    pub faults: Vec<String>,
    /// Documents without which it has no price, each with the component that looks at it.
    pub needs: Vec<String>,
    /// What documents alone can say of its price.
    pub checks: Vec<super::CheckRow>,
    /// The date of the list of what models cost; nothing where it is shown to nobody.
    pub model_costs: Option<Date>,
    /// Its text (TOML).
    pub text: String,
}
