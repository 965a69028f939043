//! [`Quote`]: what is offered to a customer, and what became of it.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;
use work::event::Authorship;

use super::{Document, json};

/// A quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quote {
    /// The number, gapless per customer.
    #[schema(example = "acme-Q0001")]
    pub quote: String,
    /// Who may accept it.
    pub customer: String,
    /// `draft`, `sent`, `accepted`, `declined`, `withdrawn` or `expired`.
    #[schema(example = "sent")]
    pub state: String,
    /// The last day on which it can be accepted.
    #[schema(example = "2026-03-31")]
    pub valid_until: String,
    /// The first instant at which it cannot be accepted any more.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// What the seller says to it.
    pub words: Option<String>,
    /// The id of the contract that acceptance signs.
    #[schema(example = "acme-2026")]
    pub contract: String,
    /// Whether that contract is signed, by this quote's very text.
    pub is_signed: bool,
    /// The plan, by id and version.
    pub plan: String,
    /// The currency of every price.
    #[schema(example = "USD")]
    pub currency: String,
    /// First day of the contract.
    #[schema(example = "2026-04-01")]
    pub starts: String,
    /// Last day of the contract, where it has one.
    pub ends: Option<String>,
    /// How often a statement is made: `month`, `quarter` or `year`.
    pub billing: String,
    /// Where days and months are counted.
    pub time_zone: String,
    /// What is sold, in the plan's order, as the contract has made it.
    pub components: Vec<QuotedComponent>,
    /// What the customer's own past would have come to; nothing where it has no closed period of its own.
    pub expected: Option<ExpectedBill>,
    /// The quote's own text first, then contract, plan and definitions, each by digest.
    pub documents: Vec<Document>,
    /// The text of the quote's document (TOML), whose digest is what is accepted.
    pub text: String,
    /// The text of the contract document (TOML), which acceptance signs.
    pub contract_text: String,
    /// What was done, in order.
    pub steps: Vec<QuoteStep>,
}

/// One component that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuotedComponent {
    /// Its id.
    pub component: String,
    /// The surface: `access`, `usage`, `outcome` or `risk`.
    pub surface: String,
    /// Its terms, each as a key and what is written of it in words.
    pub terms: Vec<QuotedTerm>,
}

/// One term of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuotedTerm {
    /// The key in words, such as `price`.
    pub term: String,
    /// What is said of it.
    pub says: String,
}

/// The range of the bills of closed periods, as if the quoted terms had held in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpectedBill {
    /// How many periods.
    pub periods: u32,
    /// First day of the first.
    #[schema(example = "2026-01-01")]
    pub from: String,
    /// First day after the last.
    #[schema(example = "2026-04-01")]
    pub until: String,
    /// The least that one of them comes to.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub lowest: Amount,
    /// The most.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub highest: Amount,
}

/// A step of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuoteStep {
    /// `drafted`, `sent`, `accepted`, `declined` or `withdrawn`.
    pub step: String,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who (a role).
    pub by: String,
    /// Who says so: `seller` or `buyer`.
    #[serde(serialize_with = "json::authorship")]
    #[schema(value_type = String, example = "buyer")]
    pub authorship: Authorship,
    /// Whether the buyer's own key signed it.
    pub is_signed: bool,
    /// How the buyer said so, or why; nothing where no words are asked for.
    pub words: Option<String>,
    /// Position of its entry in the customer log.
    pub entry: u64,
}

impl Quote {
    /// Whether it was sent: before that it is the seller's own, and no buyer sees it.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.steps.iter().any(|step| step.step == "sent")
    }
}

/// A quote in a listing of everybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteRow {
    /// The customer.
    pub customer: String,
    /// Its name for people.
    pub name: String,
    /// The number.
    pub quote: String,
    /// `draft`, `sent`, `accepted`, `declined`, `withdrawn` or `expired`.
    pub state: String,
    /// The contract that acceptance signs.
    pub contract: String,
    /// First day of the contract.
    pub starts: String,
    /// The last day on which it can be accepted.
    pub valid_until: String,
}
