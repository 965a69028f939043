//! [`Proposal`]: an act that waits for a second person; [`ChangeRow`]: who changed what.

use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// An act above a limit, which waits for a second person, and what became of it. Of the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "customer": "acme", "proposal": "p-7f3a90c1", "act": "credit", "amount": {"amount": "600.00", "currency": "USD"},
    "what": "give 600.00 USD on acme-2026: an outage", "before": null, "after": "600.00 USD", "by": "cs-lead",
    "key": "0a1b2c3d", "at": "2026-02-03T09:00:00Z", "expires": "2026-02-17T09:00:00Z", "state": "open",
    "decided_by": null, "decided_key": null, "decided_at": null, "reason": null
}))]
pub struct Proposal {
    /// The customer's id.
    pub customer: String,
    /// Its id, once per customer.
    #[schema(example = "p-7f3a90c1")]
    pub proposal: String,
    /// `issue`, `credit`, `decision`, `reprice`, `void`, `write_off` or `refund`.
    pub act: String,
    /// How much money it is about.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What it does, in words.
    pub what: String,
    /// How it is before.
    pub before: Option<String>,
    /// How it is behind it.
    pub after: Option<String>,
    /// Who proposed it (a role or a name).
    pub by: String,
    /// Id of the API key that it was proposed with.
    pub key: Option<String>,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// From when it cannot be approved any more.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// `open`, `approved`, `declined` or `expired`.
    pub state: String,
    /// Who decided (a role or a name).
    pub decided_by: Option<String>,
    /// Id of the API key that it was decided with.
    pub decided_key: Option<String>,
    /// When.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// One thing that somebody changed. Of the seller alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeRow {
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// The customer's id.
    pub customer: String,
    /// What, in words.
    pub what: String,
    /// How it was before, where that is known.
    pub before: Option<String>,
    /// How it is behind it.
    pub after: Option<String>,
    /// Who asked for it (a role or a name).
    pub proposed_by: String,
    /// The second person who approved it; nothing where one was enough.
    pub approved_by: Option<String>,
    /// The proposal.
    pub proposal: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Its position in the customer log.
    pub entry: u64,
}
