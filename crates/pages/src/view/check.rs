//! [`ContractChecks`]: what is asked of a price before statements are issued by it, and what was found.
//!
//! Invariant: what is found of the margin is the seller's alone; nothing of the portal has a [`CheckRow`].

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// The checks of a contract. Of the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContractChecks {
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// The contract's id.
    #[schema(example = "acme-2026")]
    pub contract: String,
    /// The plan that it is over.
    #[schema(example = "fin-style@1")]
    pub plan: String,
    /// Whether nobody signed it.
    pub is_draft: bool,
    /// Whether a check keeps its statements from being issued.
    pub blocks: bool,
    /// Facts after this instant are not seen.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The five checks, always in the same order.
    pub checks: Vec<CheckRow>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It holds.
    Pass,
    /// Something is not shown, or is worth a look. It blocks nothing.
    Warn,
    /// It does not hold.
    Fail,
}

impl CheckVerdict {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            CheckVerdict::Pass => "pass",
            CheckVerdict::Warn => "warn",
            CheckVerdict::Fail => "fail",
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckRow {
    /// `units`, `order`, `attribution`, `proof` or `margin`.
    #[schema(example = "attribution")]
    pub check: String,
    /// What it asks, in words.
    pub asks: String,
    /// How it came out.
    pub verdict: CheckVerdict,
    /// Why, the reasons of the verdict first.
    pub reasons: Vec<CheckReason>,
    /// What mends it, where it does not pass.
    pub remedy: Option<String>,
    /// The waiver in force, where there is one.
    pub waived: Option<WaivedCheck>,
}

impl CheckRow {
    /// Whether it keeps statements from being issued.
    #[must_use]
    pub const fn blocks(&self) -> bool {
        matches!(self.verdict, CheckVerdict::Fail) && self.waived.is_none()
    }
}

/// A reason, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckReason {
    /// In words.
    pub says: String,
    /// How it bears on the verdict.
    pub verdict: CheckVerdict,
    /// Positions in the customer log that it rests on, the first of them where they are many.
    pub entries: Vec<u64>,
}

/// A check that keeps statements of a contract from being issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BlockingCheck {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// Which check.
    pub check: String,
    /// Why it fails.
    pub reason: String,
    /// What mends it.
    pub remedy: String,
}

/// A check that was waived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaivedCheck {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// Which check.
    #[schema(example = "attribution")]
    pub check: String,
    /// Why.
    pub reason: String,
    /// The last day on which it is waived, in the contract's zone.
    #[schema(example = "2026-06-30")]
    pub until: String,
    /// Who waived it (a role).
    pub by: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The log that says so: `shared` with the buyer, or `seller`.
    #[schema(example = "shared")]
    pub log: String,
    /// Its position in that log.
    pub entry: u64,
}

/// Whose the outcome of a work unit is, derived from what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttributionTold {
    /// `defensible`, `shared` or `not`: the weakest of the findings.
    pub verdict: String,
    /// All findings, in the order of the questions.
    pub findings: Vec<AttributionFinding>,
}

/// One finding of an attribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttributionFinding {
    /// In words.
    pub says: String,
    /// The best verdict that it allows.
    pub supports: String,
    /// Whether it keeps the verdict from being better.
    pub is_reason: bool,
    /// Whether surely more was measured than the definition allows.
    pub breaks_what_was_agreed: bool,
}
