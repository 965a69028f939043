//! [`Outbox`]: how other parts of the server tell something to whoever listens.

use jiff::Timestamp;
use serde_json::Value;
use store::StoreError;
use store::outbox::NewMessage;
use work::Digest;

use super::catalogue::{EventType, Payload};
use crate::app::App;

/// What is to be told to others. It may wait for the disk: call it within [`App::work`].
pub struct Outbox<'a>(pub(crate) &'a App);

impl Outbox<'_> {
    /// Tells something now, once for each `key`: whoever does not know whether it did so asks again, and it is
    /// told once all the same. Whether it was new.
    ///
    /// `customer` is whose endpoints may hear of it, beside those that hear of everything; only those where it
    /// is absent. What is of the seller alone has none.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] for too long a message or key; where the outbox cannot be written.
    pub fn announce(
        &self,
        key: &str,
        kind: EventType,
        customer: Option<&str>,
        data: &Value,
    ) -> Result<bool, StoreError> {
        let now = self.0.now();
        let message = message(key.to_owned(), kind, customer, data, (now, now));
        let outbox = self.0.store().operations().outbox();
        let new = outbox.announce(&[message], None, None)?;
        self.0.wake_webhooks();
        Ok(new.contains(&true))
    }

    /// Sends a `webhook.test` to one endpoint, under a key of its own; the message's id.
    ///
    /// # Errors
    /// As [`Outbox::announce`].
    pub(crate) fn test(&self, key: String, endpoint: &str) -> Result<String, StoreError> {
        let now = self.0.now();
        let data = serde_json::json!({ "endpoint": endpoint });
        let message = message(key, EventType::WebhookTest, None, &data, (now, now));
        let outbox = self.0.store().operations().outbox();
        outbox.announce(std::slice::from_ref(&message), Some(endpoint), None)?;
        self.0.wake_webhooks();
        Ok(message.id)
    }
}

/// A message: what happened, when it did, and when the message was made.
pub(super) fn message(
    key: String,
    kind: EventType,
    customer: Option<&str>,
    data: &Value,
    (happened, made): (Timestamp, Timestamp),
) -> NewMessage {
    debug_assert!(
        kind.describes(data),
        "{} does not describe {data}",
        kind.word()
    );
    let payload = Payload {
        r#type: kind.word(),
        timestamp: happened.to_string(),
        data,
    };
    NewMessage {
        // Derived, so that the id says nothing, has no full stop in it, and needs no randomness.
        id: format!(
            "msg_{}",
            short(&Digest::of(format!("{key} {made}").as_bytes()))
        ),
        key,
        kind: kind.word().to_owned(),
        customer: customer.map(str::to_owned),
        // Text and numbers alone: this cannot fail.
        payload: serde_json::to_string(&payload).unwrap_or_default(),
        created: made,
    }
}

/// 26 digits of a digest: 130 bits.
fn short(digest: &Digest) -> String {
    crate::access::digits(&digest.as_bytes()[..17])
        .chars()
        .take(26)
        .collect()
}
