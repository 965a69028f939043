//! How a server is set up: what it says of itself, keys, links, webhooks, budgets. No secret is in any of these.

use jiff::Timestamp;

use super::Budget;

/// What is set up, in groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The groups.
    pub groups: Vec<SettingsGroup>,
    /// The further screens that this reader may see: name, address, what is there.
    pub further: Vec<(&'static str, &'static str, &'static str)>,
}

/// A group of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsGroup {
    /// What they are about.
    pub heading: &'static str,
    /// Each with its value, which may be foreign text.
    pub rows: Vec<(&'static str, String)>,
}

/// An API key, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Its public part.
    pub id: String,
    /// What it may do.
    pub role: String,
    /// The only customer that it knows of.
    pub customer: Option<String>,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// Whether it works now.
    pub in_force: bool,
}

/// A buyer's link, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// What it is known by.
    pub id: String,
    /// The only statement that its holder sees.
    pub statement: Option<String>,
    /// Whom it is for.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
    /// Whether it opens anything now.
    pub in_force: bool,
}

/// An endpoint of webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Its id.
    pub id: String,
    /// Where messages are posted.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// The only customer that it hears of.
    pub customer: Option<String>,
    /// The types that it takes; all where empty.
    pub types: Vec<String>,
    /// Why it is not told anything now; nothing where it is.
    pub disabled: Option<String>,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
}

/// A message on its way to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDeliveryRow {
    /// The message.
    pub message: String,
    /// Its type.
    pub kind: String,
    /// When it was made.
    pub created: Timestamp,
    /// `waiting`, `done` or `dead`.
    pub state: &'static str,
    /// Attempts so far.
    pub attempts: u32,
    /// The next attempt.
    pub next_attempt: Option<Timestamp>,
    /// What the last attempt came to, in words.
    pub last: Option<String>,
}

/// What a customer means to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetRow {
    /// The customer's id.
    pub customer: String,
    /// Its budget.
    pub budget: Budget,
}
