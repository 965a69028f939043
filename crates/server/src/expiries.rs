//! Quotes that nobody answers are watched: whoever listens is told when one cannot be accepted any more.
//!
//! That a quote expires is no commit, so it is found out by looking: at everybody's quotes once, then at those of whom the
//! journal has a step of one. What is told is kept by the outbox under a key of customer and quote, so it is told once
//! however often it is seen. Not here: what a quote is (`book`), delivering (`webhooks`).

use std::collections::{BTreeMap, BTreeSet};

use book::quotes::Unanswered;
use serde_json::json;
use work::body::Kind;

use crate::app::App;
use crate::journal::{Reading, read};
use crate::limits::{EXPIRY_POLL, WEBHOOK_COMMITS_MAX, WEBHOOK_ENTRIES_MAX, WEBHOOK_KEPT_FOR};
use crate::webhooks::EventType;

/// The steps after which other quotes of a customer are unanswered than before.
const STEPS: [Kind; 4] = [
    Kind::QuoteSent,
    Kind::QuoteAccepted,
    Kind::QuoteDeclined,
    Kind::QuoteWithdrawn,
];

/// Watches until the server stops.
pub async fn watch(app: App) {
    let mut seen = Seen::default();
    while !app.is_draining() {
        let before = seen.clone();
        match app.work(move |app| Ok(look(app, before))).await {
            Ok(Ok(now)) => seen = now,
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "quotes could not be looked at");
            }
            // It panicked, and the log says so.
            Err(_) => {}
        }
        tokio::time::sleep(EXPIRY_POLL).await;
    }
}

/// How far the watch is.
#[derive(Debug, Clone, Default)]
struct Seen {
    /// Commits of the journal.
    committed: u64,
    /// Unanswered quotes that have not expired, by customer; nothing before everybody's were looked at.
    open: Option<BTreeMap<String, Vec<Unanswered>>>,
}

fn look(app: &App, mut seen: Seen) -> book::Result<Seen> {
    if app.store().operations().outbox().endpoints()?.is_empty() {
        // Whoever listens later is told then.
        return Ok(Seen::default());
    }
    let mut touched = BTreeSet::new();
    let mut open = match seen.open.take() {
        Some(open) => open,
        None => {
            seen.committed = app.store().position().committed;
            let customers = app.book().customers()?.into_iter();
            touched.extend(customers.map(|own| own.customer));
            BTreeMap::new()
        }
    };
    loop {
        let reading = Reading {
            after: seen.committed,
            commits_max: WEBHOOK_COMMITS_MAX,
            entries_max: WEBHOOK_ENTRIES_MAX,
            kinds: &STEPS,
        };
        let followed = read(app.store(), &reading, |entry| {
            touched.insert(entry.event.customer.to_string());
        })?;
        if followed == seen.committed || app.is_draining() {
            break;
        }
        seen.committed = followed;
    }
    let now = app.now();
    let due = open
        .iter()
        .filter(|(_, own)| own.iter().any(|own| own.expires <= now));
    // Looked at again, lest one is told of that was answered this instant.
    touched.extend(due.map(|(customer, _)| customer.clone()));
    for customer in touched {
        let mut own = app.book().unanswered_quotes(&customer)?;
        for quote in own.extract_if(.., |own| own.expires <= now) {
            tell(app, &customer, &quote)?;
        }
        match own.is_empty() {
            true => open.remove(&customer),
            false => open.insert(customer, own),
        };
    }
    seen.open = Some(open);
    Ok(seen)
}

/// Tells that a quote has expired, unless that was long ago.
fn tell(app: &App, customer: &str, own: &Unanswered) -> book::Result<()> {
    if app.now().duration_since(own.expires) > WEBHOOK_KEPT_FOR {
        return Ok(());
    }
    let data = json!({
        "customer": customer, "quote": own.quote, "contract": own.contract,
        "valid_until": own.valid_until.to_string(),
    });
    let key = format!("expired/{customer}/{}", own.quote);
    let kind = EventType::QuoteExpired;
    app.outbox().announce(&key, kind, Some(customer), &data)?;
    Ok(())
}
