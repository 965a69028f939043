//! [`deliver()`]: the worker that follows the journal and delivers what is due.
//!
//! One task decides; attempts run beside it, so many at once, and so many to one endpoint, so that a slow one
//! holds up nobody else. A delivery is claimed in the outbox before it is attempted, and what it came to is
//! noted after. Invariant: an attempt that was cut off, by a crash or by the end of a drain, is made again when
//! its claim ends.

use std::collections::HashMap;
use std::time::Instant;

use jiff::Timestamp;
use store::StoreError;
use store::outbox::Claimed;
use tokio::task::JoinSet;

use super::journal;
use super::post::{Post, post};
use super::schedule::attempted;
use super::signature::signatures;
use crate::app::App;
use crate::limits::{
    WEBHOOK_ATTEMPTS_MAX, WEBHOOK_CLAIM_TIME, WEBHOOK_ENDPOINT_ATTEMPTS_MAX, WEBHOOK_KEPT_FOR,
    WEBHOOK_KEYS_KEPT_FOR, WEBHOOK_POLL,
};
use crate::problem::Problem;

/// Between two looks for messages that are too old to be kept.
const FORGETTING: std::time::Duration = std::time::Duration::from_secs(3_600);
/// After the outbox could not be read or written.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

/// Delivers until the server drains, and then what is under way.
pub async fn deliver(app: App) {
    let mut worker = Worker {
        app,
        running: JoinSet::new(),
        at_endpoint: HashMap::new(),
        followed: None,
        due: Due::Unknown,
        forgot: None,
    };
    while !worker.app.is_draining() {
        if let Err(problem) = worker.step().await {
            tracing::error!(
                code = problem.code().word(),
                "webhooks pause: the outbox failed"
            );
            worker.due = Due::Unknown;
            worker.wait(PAUSE).await;
            continue;
        }
        worker.wait(WEBHOOK_POLL).await;
    }
    while worker.running.join_next().await.is_some() {}
}

struct Worker {
    app: App,
    /// Attempts under way; each gives back its endpoint's id.
    running: JoinSet<String>,
    at_endpoint: HashMap<String, usize>,
    /// The commit up to which the journal was read.
    followed: Option<u64>,
    due: Due,
    forgot: Option<Instant>,
}

/// When something is due.
#[derive(Clone, Copy)]
enum Due {
    /// It must be asked.
    Unknown,
    At(Timestamp),
    Never,
}

impl Worker {
    async fn step(&mut self) -> Result<(), Problem> {
        let committed = self.app.store().position().committed;
        if self.followed != Some(committed) {
            let followed = self.app.work(|app| Ok(journal::follow(app)?)).await?;
            // Where nobody is to be told, there is nothing to read until there is.
            self.followed = Some(followed.unwrap_or(committed));
            self.due = Due::Unknown;
        }
        let is_due = match self.due {
            Due::Unknown => true,
            Due::At(at) => at <= self.app.now(),
            Due::Never => false,
        };
        if is_due {
            self.attempt_what_is_due().await?;
        }
        if self.forgot.is_none_or(|at| at.elapsed() >= FORGETTING) {
            self.app.work(|app| Ok(forget(app)?)).await?;
            self.forgot = Some(Instant::now());
        }
        Ok(())
    }

    async fn attempt_what_is_due(&mut self) -> Result<(), Problem> {
        while self.running.len() < WEBHOOK_ATTEMPTS_MAX && !self.app.is_draining() {
            let busy = self.busy();
            let claimed = self.app.work(move |app| Ok(claim(app, &busy)?)).await?;
            match claimed {
                Claim::Of(claimed) => self.start(claimed),
                Claim::None(due) => {
                    self.due = due.map_or(Due::Never, Due::At);
                    return Ok(());
                }
            }
        }
        // There may be more: it is looked again when an attempt ends.
        self.due = Due::Never;
        Ok(())
    }

    fn start(&mut self, claimed: Box<Claimed>) {
        let endpoint = claimed.endpoint.id.clone();
        *self.at_endpoint.entry(endpoint).or_default() += 1;
        let app = self.app.clone();
        self.running.spawn(async move {
            let endpoint = claimed.endpoint.id.clone();
            attempt(&app, *claimed).await;
            endpoint
        });
    }

    /// The endpoints that have as many attempts as they may.
    fn busy(&self) -> Vec<String> {
        let busy = self
            .at_endpoint
            .iter()
            .filter(|(_, count)| **count >= WEBHOOK_ENDPOINT_ATTEMPTS_MAX);
        busy.map(|(endpoint, _)| endpoint.clone()).collect()
    }

    /// Waits until something may have changed.
    async fn wait(&mut self, longest: std::time::Duration) {
        tokio::select! {
            Some(ended) = self.running.join_next() => {
                self.ended(ended.ok());
                while let Some(ended) = self.running.try_join_next() {
                    self.ended(ended.ok());
                }
                self.due = Due::Unknown;
            }
            () = self.app.webhooks_woken() => {
                // Perhaps an endpoint is there now that was not.
                self.followed = None;
                self.due = Due::Unknown;
            }
            () = tokio::time::sleep(longest) => {}
        }
    }

    fn ended(&mut self, endpoint: Option<String>) {
        let Some(endpoint) = endpoint else {
            // An attempt that panicked did not say whose it was. With none under way, all counts are zero.
            tracing::error!("an attempt to deliver a webhook panicked");
            if self.running.is_empty() {
                self.at_endpoint.clear();
            }
            return;
        };
        if let Some(count) = self.at_endpoint.get_mut(&endpoint) {
            *count -= 1;
            if *count == 0 {
                self.at_endpoint.remove(&endpoint);
            }
        }
    }
}

/// What there is to attempt.
enum Claim {
    Of(Box<Claimed>),
    /// Nothing, until then.
    None(Option<Timestamp>),
}

fn claim(app: &App, busy: &[String]) -> Result<Claim, StoreError> {
    let busy: Vec<&str> = busy.iter().map(String::as_str).collect();
    let (now, outbox) = (app.now(), app.store().operations().outbox());
    match outbox.claim(now, now + WEBHOOK_CLAIM_TIME, &busy)? {
        Some(claimed) => Ok(Claim::Of(Box::new(claimed))),
        None => Ok(Claim::None(outbox.next_due(&busy)?)),
    }
}

/// One attempt, and what it came to. The log names the endpoint and the message, never the URL.
async fn attempt(app: &App, claimed: Claimed) {
    let unix_seconds = app.now().as_second();
    let Claimed {
        secrets,
        message,
        payload,
        endpoint,
        ..
    } = &claimed;
    let signatures = signatures(secrets, message, unix_seconds, payload);
    let came = post(
        app.webhooks(),
        &Post {
            url: &endpoint.url,
            id: message,
            unix_seconds,
            signatures: &signatures,
            body: payload,
        },
    )
    .await;
    let attempted = attempted(&claimed, &came, app.now());
    let (endpoint, message, attempt) = (&endpoint.id, &claimed.message, claimed.attempt);
    let (status, problem) = (attempted.status, attempted.problem.as_deref());
    tracing::info!(endpoint, message, attempt, status, problem, "webhook");
    app.meter().count_webhook(problem.is_none());
    if let Some(why) = &attempted.disable {
        tracing::warn!(endpoint, why, "a webhook endpoint is disabled");
    }
    let settle = move |app: &App| {
        let outbox = app.store().operations().outbox();
        Ok(outbox.settle(&claimed, &attempted)?)
    };
    if app.work(settle).await.is_err() {
        // The log has the reason. The claim ends, and the attempt is made again.
        tracing::error!("what an attempt came to could not be noted");
    }
}

fn forget(app: &App) -> Result<(), StoreError> {
    let (now, outbox) = (app.now(), app.store().operations().outbox());
    let before = |kept| now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
    outbox.forget_messages(before(WEBHOOK_KEPT_FOR), before(WEBHOOK_KEYS_KEPT_FOR))
}
