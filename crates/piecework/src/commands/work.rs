//! `piecework work`: what became of each piece of work, and why.

use anyhow::{Result, bail};
use book::margins::costs_of;
use book::views::facts::Facts;
use book::works::{is_called, is_disputed, next, second, standing, units};
use book::{Book, price_books};
use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::account::{Account, Held};
use pricing::cell::owed;
use pricing::statement::{explain, unit_name};
use serde::Serialize;
use work::LogKind;
use work::settle::{State, Unit};

use crate::Done;
use crate::cli::{OneWork, WorkCommand, WorkList};
use crate::context::Context;
use crate::output::{money, table};
use crate::printed;

/// Facts shown of a work.
const FACTS_MAX: usize = 200;

/// Runs the command.
pub fn run(context: &Context, command: &WorkCommand) -> Result<Done> {
    match command {
        WorkCommand::List(args) => list(context, args),
        WorkCommand::Show(args) => show(context, args),
    }
}

#[derive(Serialize)]
struct Row {
    work: String,
    unit: String,
    state: String,
    since: Timestamp,
    next: String,
}

fn list(context: &Context, args: &WorkList) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let rows: Vec<Row> = units(&account)
        .filter(|(_, unit)| unit.opened <= context.now)
        .filter(|(_, unit)| {
            args.state
                .as_deref()
                .is_none_or(|state| is_in(unit, state, context.now))
        })
        .map(|(_, unit)| {
            let (since, state) = standing(unit, context.now);
            Row {
                work: unit.key.scope.join(", "),
                unit: unit.key.unit.to_string(),
                state,
                since,
                next: next(unit, context.now),
            }
        })
        .collect();
    context.out.value(&rows, |rows| {
        let mut lines = vec![table(
            &["work", "state", "since", "if nothing else happens"],
            rows.iter().take(args.list).map(|row| {
                vec![
                    row.work.clone(),
                    row.state.clone(),
                    second(row.since),
                    row.next.clone(),
                ]
            }),
        )];
        if rows.len() > args.list {
            lines.push(format!(
                "and {} more; --list shows more",
                rows.len() - args.list
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

/// Whether a unit is in a state of the command line.
fn is_in(unit: &Unit, state: &str, now: Timestamp) -> bool {
    match unit.state_at(now) {
        _ if state == "disputed" => is_disputed(unit, now),
        State::Pending => state == "pending",
        State::Counted(_) => state == "counted",
        State::Reversed => state == "reversed",
        State::NotCounted(_) => state == "not_counted",
    }
}

#[derive(Serialize)]
struct Shown {
    work: String,
    unit: String,
    contract: Option<String>,
    state: String,
    next: String,
    history: Vec<String>,
    facts: Vec<view::Fact>,
    beyond_reach: Vec<String>,
    owed: Vec<Owed>,
    costs: Vec<Spent>,
}

#[derive(Serialize)]
struct Owed {
    component: String,
    part: String,
    amount: Amount,
}

#[derive(Serialize)]
struct Spent {
    time: Timestamp,
    line: &'static str,
    model: Option<String>,
    amount: Option<Amount>,
    /// What it cost in a currency that nothing converts.
    unconverted: Option<Amount>,
}

fn show(context: &Context, args: &OneWork) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let facts = Facts::of(&book.contents(&args.customer, LogKind::Shared, None)?);
    let mut shown = Vec::new();
    for (held, unit) in units(&account).filter(|(_, unit)| is_called(unit, &args.work)) {
        shown.push(told(&book, &account, held, unit, &facts, context.now)?);
    }
    if shown.is_empty() {
        bail!(
            "{} has no work `{}`; `piecework work list --customer {}` shows those it has",
            args.customer,
            args.work,
            args.customer
        );
    }
    context
        .out
        .value(&shown, |shown| shown.iter().flat_map(lines).collect())?;
    Ok(Done::Well)
}

fn told(
    book: &Book,
    account: &Account,
    held: Option<&Held>,
    unit: &Unit,
    facts: &Facts,
    now: Timestamp,
) -> Result<Shown> {
    let (_, state) = standing(unit, now);
    let mut history: Vec<(Timestamp, String)> = unit
        .states
        .iter()
        .map(|(from, state)| (*from, state.to_string()))
        .collect();
    for dispute in &unit.disputes {
        history.push((dispute.raised, "disputed".to_owned()));
        if let Some((at, verdict)) = dispute.decided {
            history.push((at, format!("dispute decided: {}", verdict.word())));
        }
    }
    history.sort_by_key(|(at, _)| *at);
    Ok(Shown {
        work: unit.key.scope.join(", "),
        unit: unit.key.unit.to_string(),
        contract: held.map(|held| held.agreement.id.clone()),
        state,
        next: next(unit, now),
        history: history
            .into_iter()
            .filter(|(at, _)| *at <= now)
            .map(|(at, what)| format!("{}  {what}", second(at)))
            .collect(),
        facts: facts.named(&unit.facts, FACTS_MAX),
        beyond_reach: unit
            .listed
            .iter()
            .map(|fact| format!("{} {}", fact.source, fact.id))
            .collect(),
        owed: held.map_or(Ok(Vec::new()), |held| owed_for(held, unit, now))?,
        costs: costs(book, account, held, unit)?,
    })
}

fn owed_for(held: &Held, unit: &Unit, now: Timestamp) -> Result<Vec<Owed>> {
    let all = owed(&held.agreement, &held.facts(), now)?;
    let name = unit_name(&unit.key);
    let mut found = Vec::new();
    for key in all.cells.keys() {
        let Some(explained) = explain(held, &all, key)? else {
            continue;
        };
        for share in explained
            .shares
            .into_iter()
            .filter(|share| share.name == name && !share.amount.is_zero())
        {
            found.push(Owed {
                component: key.component.clone(),
                part: share.class.unwrap_or_default(),
                amount: share.amount,
            });
        }
    }
    Ok(found)
}

/// Whether a fact of the unit carried this `workid`.
fn is_of(unit: &Unit, work: &str) -> bool {
    unit.works.iter().any(|own| own == work)
}

fn costs(book: &Book, account: &Account, held: Option<&Held>, unit: &Unit) -> Result<Vec<Spent>> {
    let prices = price_books::load(book.store.as_ref())?;
    let currency = match held {
        Some(held) => held.agreement.latest().terms.contract.currency,
        None => book.documents()?.plan.currency,
    };
    let own = |work: &Option<String>| work.as_ref().is_some_and(|work| is_of(unit, work));
    Ok(costs_of(book, &account.customer, &prices, currency)?
        .into_iter()
        .filter(|entry| own(&entry.work))
        .map(|entry| Spent {
            time: entry.time,
            line: entry.line.word(),
            amount: entry.amount(),
            unconverted: entry.unconverted(),
            model: entry.model,
        })
        .collect())
}

fn lines(shown: &Shown) -> Vec<String> {
    let next = if shown.next.is_empty() {
        String::new()
    } else {
        format!("; if nothing else happens: {}", shown.next)
    };
    let mut lines = vec![
        format!(
            "{} ({}, {})",
            shown.work,
            shown.unit,
            shown.contract.as_deref().unwrap_or("no contract")
        ),
        format!("  now         {}{next}", shown.state),
    ];
    let titled = |title: &str, index: usize| {
        if index == 0 {
            title.to_owned()
        } else {
            String::new()
        }
    };
    for (index, what) in shown.history.iter().enumerate() {
        lines.push(format!("  {:<11} {what}", titled("states", index)));
    }
    if shown.owed.is_empty() {
        lines.push("  owed        nothing".to_owned());
    }
    for (index, owed) in shown.owed.iter().enumerate() {
        let title = titled("owed", index);
        lines.push(format!(
            "  {title:<11} {} ({}, {})",
            owed.amount, owed.component, owed.part
        ));
    }
    for (index, cost) in shown.costs.iter().enumerate() {
        let amount = match (cost.amount, cost.unconverted) {
            (Some(amount), _) => money(amount),
            (None, Some(amount)) => format!("{}: no conversion is published", money(amount)),
            (None, None) => "no price known".to_owned(),
        };
        let model = cost
            .model
            .as_ref()
            .map_or(String::new(), |model| format!(", {model}"));
        let title = titled("cost", index);
        lines.push(format!(
            "  {title:<11} {amount} ({}{model}, {})",
            cost.line,
            second(cost.time)
        ));
    }
    lines.push("  facts".to_owned());
    lines.extend(printed::fact_lines(&shown.facts, second));
    for fact in &shown.beyond_reach {
        lines.push(format!("  changed nothing: {fact}"));
    }
    lines
}
