//! Budgets are watched: whoever listens is told when a threshold is reached.
//!
//! After each commit the customers that it touched are looked at, and every one now and then, because a work may
//! count without any commit. What is told is kept by the outbox under a key of customer, version, period and
//! threshold, so it is told once however often it is seen. Not here: what was spent (`book`), delivering
//! (`webhooks`).

use std::collections::BTreeSet;
use std::time::Instant;

use pages::view::{Budget, Spending};
use serde_json::json;

use crate::app::App;
use crate::limits::{BUDGET_COMMITS_MAX, BUDGET_POLL, BUDGET_ROUND, PAGE_ROWS_MAX};
use crate::webhooks::EventType;

/// Watches until the server stops.
pub async fn watch(app: App) {
    let mut seen = Seen::default();
    while !app.is_draining() {
        match app.work(move |app| Ok(look(app, seen))).await {
            Ok(Ok(now)) => seen = now,
            Ok(Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "budgets could not be looked at");
            }
            // It panicked, and the log says so.
            Err(_) => {}
        }
        tokio::time::sleep(BUDGET_POLL).await;
    }
}

/// How far the watch is.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Commits of the journal.
    committed: u64,
    /// When every budget was looked at.
    round: Option<Instant>,
}

fn look(app: &App, seen: Seen) -> book::Result<Seen> {
    let committed = app.store().position().committed;
    let is_round = seen.round.is_none_or(|at| at.elapsed() >= BUDGET_ROUND);
    if committed == seen.committed && !is_round {
        return Ok(seen);
    }
    if app.store().operations().outbox().endpoints()?.is_empty() {
        // Whoever listens later is told with the next round what is reached by then.
        return Ok(Seen {
            committed,
            round: None,
        });
    }
    let commits = app.store().appended(seen.committed, BUDGET_COMMITS_MAX)?;
    let is_round = is_round || commits.len() >= BUDGET_COMMITS_MAX;
    if is_round {
        every(app)?;
    } else {
        let ranges = commits.iter().flat_map(|commit| &commit.ranges);
        let touched: BTreeSet<&str> = ranges.map(|(customer, ..)| customer.as_str()).collect();
        for customer in touched {
            if app
                .store()
                .operations()
                .budget(customer)?
                .is_some_and(|own| own.terms.is_some())
            {
                one(app, customer)?;
            }
        }
    }
    Ok(Seen {
        committed,
        round: if is_round {
            Some(Instant::now())
        } else {
            seen.round
        },
    })
}

fn every(app: &App) -> book::Result<()> {
    let mut after: Option<String> = None;
    loop {
        let page = app
            .store()
            .operations()
            .budgets(after.as_deref(), PAGE_ROWS_MAX)?;
        for budget in &page {
            one(app, &budget.customer)?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE_ROWS_MAX => after = Some(last.customer.clone()),
            _ => return Ok(()),
        }
    }
}

/// Tells what a customer has reached.
fn one(app: &App, customer: &str) -> book::Result<()> {
    let spending = app.book().spending(customer, None, app.now())?;
    let Some(budget) = &spending.budget else {
        return Ok(());
    };
    let starts = spending.contracts.iter().map(|own| own.from).max();
    let Some(start) = starts else {
        return Ok(());
    };
    let period = start.to_string();
    let day = period.get(..10).unwrap_or(&period);
    for percent in &spending.thresholds_reached {
        let mut data = said(&spending, budget, day);
        data["threshold_percent"] = json!(percent);
        let key = format!("budget/{customer}/{}/{day}/{percent}", budget.version);
        let kind = EventType::BudgetThresholdReached;
        app.outbox().announce(&key, kind, Some(customer), &data)?;
    }
    if spending.remaining.is_some_and(money::Amount::is_negative) {
        let data = said(&spending, budget, day);
        let key = format!("budget/{customer}/{}/{day}/exceeded", budget.version);
        let kind = EventType::BudgetExceeded;
        app.outbox().announce(&key, kind, Some(customer), &data)?;
    }
    Ok(())
}

fn said(spending: &Spending, budget: &Budget, day: &str) -> serde_json::Value {
    let money = |amount: money::Amount| json!({"amount": amount.number(), "currency": amount.currency().code()});
    json!({
        "customer": spending.customer,
        "period": day,
        "budget": money(budget.amount),
        "spent": spending.spent.map(money),
    })
}
