//! What callers send and are shown about webhooks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::outbox::{Delivery, Endpoint};
use utoipa::{IntoParams, ToSchema};

/// An endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Its id.
    #[schema(example = "wh_0123456789abcdefghjkmnpqrs")]
    pub(super) id: String,
    /// Where messages are posted.
    #[schema(example = "https://hooks.example.com/piecework")]
    pub(super) url: String,
    /// What it is for.
    #[schema(example = "finance's Slack relay")]
    pub(super) description: String,
    /// The only customer that it hears of; everything where `null`.
    #[schema(example = "acme")]
    pub(super) customer: Option<String>,
    /// The types that it takes; all where empty.
    #[schema(example = json!(["statement.issued", "dispute.raised"]))]
    pub(super) types: Vec<String>,
    /// Whether messages are sent to it. While they are not, they wait for 30 days.
    #[schema(example = true)]
    pub(super) enabled: bool,
    /// Since when and why it is not.
    pub(super) disabled: Option<DisabledWebhook>,
    /// Since when every attempt has failed; after five days of it the endpoint is disabled.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:00:00Z")]
    pub(super) failing_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    pub(super) created: Timestamp,
}

/// Why an endpoint is disabled.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisabledWebhook {
    /// Since when.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    pub(super) at: Timestamp,
    /// In words.
    #[schema(example = "it answered 410: it wants no more messages")]
    pub(super) why: String,
}

/// Endpoints.
#[derive(Serialize, ToSchema)]
pub(crate) struct Webhooks {
    /// All that the key may know of, by when they were made.
    pub(super) webhooks: Vec<Webhook>,
}

/// An endpoint that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// The endpoint.
    pub(super) webhook: Webhook,
    /// What signs its messages. It is not shown again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub(super) secret: String,
}

/// An endpoint to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where messages are posted: `https`, without credentials, in the open internet.
    #[schema(
        example = "https://hooks.example.com/piecework",
        pattern = "^https?://[^@#]+$",
        max_length = 2048
    )]
    pub(crate) url: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "finance's Slack relay", max_length = 500)]
    pub(crate) description: String,
    /// The only customer that it is to hear of.
    #[serde(default)]
    #[schema(example = "acme", min_length = 1, max_length = 256)]
    pub(crate) customer: Option<String>,
    /// The types that it takes; all where empty.
    #[serde(default)]
    #[schema(example = json!(["statement.issued", "dispute.raised"]))]
    pub(crate) types: Vec<String>,
}

/// What is to change of an endpoint; what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    /// Another URL.
    #[serde(default)]
    #[schema(
        example = "https://hooks.example.com/v2",
        pattern = "^https?://[^@#]+$",
        max_length = 2048
    )]
    pub(crate) url: Option<String>,
    /// Another description.
    #[serde(default)]
    #[schema(example = "finance's relay", max_length = 500)]
    pub(crate) description: Option<String>,
    /// Other types; all where empty.
    #[serde(default)]
    #[schema(example = json!(["statement.issued"]))]
    pub(crate) types: Option<Vec<String>>,
    /// `true` has messages sent again, also those that waited; `false` has them wait.
    #[serde(default)]
    #[schema(example = true)]
    pub(crate) enabled: Option<bool>,
}

/// A further secret.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRotation {
    /// Hours for which the earlier ones still sign beside it: 24 unless told, 0 to end them at once, at most 720.
    #[serde(default)]
    #[schema(example = 24, minimum = 0, maximum = 720)]
    pub(super) overlap_hours: Option<u16>,
}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeSecret {
    /// What signs messages from now on. It is not shown again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub(super) secret: String,
    /// Until when the earlier ones sign as well.
    #[schema(value_type = String, format = DateTime, example = "2026-02-02T09:00:00Z")]
    pub(super) earlier_until: Timestamp,
}

/// A message that is on its way.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentMessage {
    /// The message's id: `webhook-id`.
    #[schema(example = "msg_0123456789abcdefghjkmnpqrs")]
    pub(super) message: String,
}

/// Deliveries to an endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookDeliveries {
    /// The newest first.
    pub(super) deliveries: Vec<WebhookDelivery>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// A message on its way to an endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookDelivery {
    /// The message's id: `webhook-id`.
    #[schema(example = "msg_0123456789abcdefghjkmnpqrs")]
    pub(super) message: String,
    /// Its type.
    #[schema(example = "statement.issued")]
    pub(super) r#type: String,
    /// The customer that it is about, where its endpoints may hear of it.
    #[schema(example = "acme")]
    pub(super) customer: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    pub(super) created: Timestamp,
    /// `waiting` for its next attempt, `done`, or `dead`: given up.
    #[schema(example = "waiting")]
    pub(super) state: &'static str,
    /// Attempts so far, or since it was asked for again.
    #[schema(example = 2)]
    pub(super) attempts: u32,
    /// The next attempt.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:05:12Z")]
    pub(super) next_attempt: Option<Timestamp>,
    /// The last attempt.
    pub(super) last_attempt: Option<LastAttempt>,
}

/// What an attempt came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastAttempt {
    /// When it ended; `null` where it was given up without one.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:00:06Z")]
    pub(super) at: Option<Timestamp>,
    /// The HTTP status that was answered.
    #[schema(example = 503)]
    pub(super) status: Option<u16>,
    /// What was wrong.
    #[schema(example = "it answered 503")]
    pub(super) problem: Option<String>,
}

/// Types of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookTypes {
    /// All of them.
    pub(super) types: Vec<WebhookType>,
}

/// A type of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookType {
    /// Its word.
    #[schema(example = "statement.issued")]
    pub(super) r#type: &'static str,
    /// When it is sent.
    #[schema(example = "A statement was issued.")]
    pub(super) about: &'static str,
    /// An example of `data`, with every member that there may be.
    #[schema(value_type = Object)]
    pub(super) example: Value,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    pub(super) limit: Option<usize>,
}

impl From<Endpoint> for Webhook {
    fn from(own: Endpoint) -> Webhook {
        Webhook {
            id: own.id,
            url: own.url,
            description: own.description,
            customer: own.customer,
            types: own.types,
            enabled: own.disabled.is_none(),
            disabled: own.disabled.map(|own| DisabledWebhook {
                at: own.at,
                why: own.why,
            }),
            failing_since: own.failing_since,
            created: own.created,
        }
    }
}

impl From<Delivery> for WebhookDelivery {
    fn from(own: Delivery) -> WebhookDelivery {
        let last = LastAttempt {
            at: own.last_at,
            status: own.last_status,
            problem: own.last_problem,
        };
        let is_there = last.at.is_some() || last.problem.is_some();
        WebhookDelivery {
            message: own.message,
            r#type: own.kind,
            customer: own.customer,
            created: own.created,
            state: own.state.word(),
            attempts: own.attempts,
            next_attempt: own.next_at,
            last_attempt: is_there.then_some(last),
        }
    }
}
