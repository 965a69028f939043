//! The addresses of settings.

use crate::screen::at::segment;

/// What is set up.
pub const SETTINGS: &str = "/settings";
/// API keys.
pub const KEYS: &str = "/settings/keys";
/// Links for buyers.
pub const LINKS: &str = "/settings/links";
/// Endpoints of webhooks.
pub const WEBHOOKS: &str = "/settings/webhooks";
/// One endpoint, and what was sent to it.
pub const WEBHOOK: &str = "/settings/webhooks/{id}";
/// What customers mean to spend.
pub const BUDGETS: &str = "/settings/budgets";

/// The links of a customer.
#[must_use]
pub fn links(customer: &str) -> String {
    format!("{LINKS}?customer={}", segment(customer))
}

/// One endpoint.
#[must_use]
pub fn webhook(id: &str) -> String {
    WEBHOOK.replace("{id}", &segment(id))
}
