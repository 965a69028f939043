//! Budgets and caps are watched: whoever listens is told when a threshold, or the cap of a contract, is reached.
//!
//! After each commit the customers that it touched are looked at, and every one now and then, because a work may
//! count without any commit: those with a budget, and those with a contract that has a cap. What is told is kept by the outbox under a key of customer, version, period and
//! threshold, so it is told once however often it is seen. Not here: what was spent (`book`), delivering
//! (`webhooks`).

use std::collections::BTreeSet;
use std::time::Instant;

use jiff::Timestamp;
use pages::view::{Budget, Spending};
use serde_json::json;

use crate::app::App;
use crate::limits::{BUDGET_COMMITS_MAX, BUDGET_POLL, BUDGET_ROUND, PAGE_ROWS_MAX};
use crate::webhooks::EventType;

/// Watches until the server stops.
pub async fn watch(app: App) {
    let mut seen = Seen::default();
    while !app.is_draining() {
        let before = seen.clone();
        match app.work(move |app| Ok(look(app, before))).await {
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
#[derive(Debug, Clone, Default)]
struct Seen {
    /// Commits of the journal.
    committed: u64,
    /// When every budget was looked at.
    round: Option<Instant>,
    /// Customers with a cap; nothing before it was asked of each.
    capped: Option<BTreeSet<String>>,
}

fn look(app: &App, mut seen: Seen) -> book::Result<Seen> {
    let committed = app.store().position().committed;
    let is_round = seen.round.is_none_or(|at| at.elapsed() >= BUDGET_ROUND);
    if committed == seen.committed && !is_round {
        return Ok(seen);
    }
    if app.store().operations().outbox().endpoints()?.is_empty() {
        // Whoever listens later is told with the next round what is reached by then.
        return Ok(Seen {
            committed,
            ..Seen::default()
        });
    }
    let mut capped = match seen.capped.take() {
        Some(capped) => capped,
        None => all_capped(app)?,
    };
    let commits = app.store().appended(seen.committed, BUDGET_COMMITS_MAX)?;
    let is_round = is_round || commits.len() >= BUDGET_COMMITS_MAX;
    let ranges = commits.iter().flat_map(|commit| &commit.ranges);
    let touched: BTreeSet<&str> = ranges.map(|(customer, ..)| customer.as_str()).collect();
    for customer in touched {
        match app.book().has_cap(customer)? {
            true => capped.insert(customer.to_owned()),
            false => capped.remove(customer),
        };
        if !is_round && (capped.contains(customer) || has_budget(app, customer)?) {
            one(app, customer)?;
        }
    }
    if is_round {
        for customer in with_budget(app)?.union(&capped) {
            one(app, customer)?;
        }
    }
    Ok(Seen {
        committed,
        round: if is_round {
            Some(Instant::now())
        } else {
            seen.round
        },
        capped: Some(capped),
    })
}

fn has_budget(app: &App, customer: &str) -> book::Result<bool> {
    let budget = app.store().operations().budget(customer)?;
    Ok(budget.is_some_and(|own| own.terms.is_some()))
}

fn with_budget(app: &App) -> book::Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let mut after: Option<String> = None;
    loop {
        let page = app
            .store()
            .operations()
            .budgets(after.as_deref(), PAGE_ROWS_MAX)?;
        all.extend(page.iter().map(|budget| budget.customer.clone()));
        match page.last() {
            Some(last) if page.len() == PAGE_ROWS_MAX => after = Some(last.customer.clone()),
            _ => return Ok(all),
        }
    }
}

fn all_capped(app: &App) -> book::Result<BTreeSet<String>> {
    let mut capped = BTreeSet::new();
    for known in app.book().customers()? {
        if app.book().has_cap(&known.customer)? {
            capped.insert(known.customer);
        }
    }
    Ok(capped)
}

/// Tells what a customer has reached.
fn one(app: &App, customer: &str) -> book::Result<()> {
    let spending = app.book().spending(customer, None, app.now())?;
    of_budget(app, customer, &spending)?;
    for own in &spending.contracts {
        let Some(cap) = own.cap.as_ref().filter(|cap| cap.reached) else {
            continue;
        };
        let day = day(cap.from);
        let data = json!({
            "customer": customer,
            "contract": own.contract,
            "period": day,
            "mode": cap.mode,
            "cap": money(cap.amount),
            "done": money(cap.done),
        });
        let key = format!("cap/{customer}/{}/{day}", own.contract);
        let kind = EventType::CapReached;
        app.outbox().announce(&key, kind, Some(customer), &data)?;
    }
    Ok(())
}

fn of_budget(app: &App, customer: &str, spending: &Spending) -> book::Result<()> {
    let Some(budget) = &spending.budget else {
        return Ok(());
    };
    let starts = spending.contracts.iter().map(|own| own.from).max();
    let Some(start) = starts else {
        return Ok(());
    };
    let day = &day(start);
    for percent in &spending.thresholds_reached {
        let mut data = said(spending, budget, day);
        data["threshold_percent"] = json!(percent);
        let key = format!("budget/{customer}/{}/{day}/{percent}", budget.version);
        let kind = EventType::BudgetThresholdReached;
        app.outbox().announce(&key, kind, Some(customer), &data)?;
    }
    if spending.remaining.is_some_and(money::Amount::is_negative) {
        let data = said(spending, budget, day);
        let key = format!("budget/{customer}/{}/{day}/exceeded", budget.version);
        let kind = EventType::BudgetExceeded;
        app.outbox().announce(&key, kind, Some(customer), &data)?;
    }
    Ok(())
}

/// The first day of a period, as messages name it.
fn day(start: Timestamp) -> String {
    let period = start.to_string();
    period.get(..10).unwrap_or(&period).to_owned()
}

fn money(amount: money::Amount) -> serde_json::Value {
    json!({"amount": amount.number(), "currency": amount.currency().code()})
}

fn said(spending: &Spending, budget: &Budget, day: &str) -> serde_json::Value {
    json!({
        "customer": spending.customer,
        "period": day,
        "budget": money(budget.amount),
        "spent": spending.spent.map(money),
    })
}
