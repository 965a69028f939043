//! `piecework work`: what became of each piece of work, and why.

use anyhow::Result;
use book::listings::WorksAsked;
use book::works::{next, second, standing, words};
use jiff::Timestamp;
use pages::view;

use crate::Done;
use crate::cli::{OneWork, WorkCommand, WorkList};
use crate::context::Context;
use crate::output::{money, table};
use crate::printed;

/// Works read from the book at a time.
const PAGE_ROWS: usize = 1_000;

/// Runs the command.
pub fn run(context: &Context, command: &WorkCommand) -> Result<Done> {
    match command {
        WorkCommand::List(args) => list(context, args),
        WorkCommand::Show(args) => show(context, args),
    }
}

fn list(context: &Context, args: &WorkList) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let is_disputed = args.state.as_deref() == Some("disputed");
    let asked = WorksAsked {
        state: args.state.as_deref().filter(|_| !is_disputed),
        is_disputed: is_disputed.then_some(true),
        ..WorksAsked::default()
    };
    let mut rows = Vec::new();
    let mut from = None;
    loop {
        let page = book.works(&args.customer, &asked, (from, PAGE_ROWS), context.now)?;
        rows.extend(page.rows);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    // The book's own order is that of its index; people look for a name.
    rows.sort_by(|a, b| (&a.unit, &a.work, a.opened).cmp(&(&b.unit, &b.work, b.opened)));
    context.out.value(&rows, |rows| {
        let mut lines = vec![table(
            &["work", "state", "since", "if nothing else happens"],
            rows.iter().take(args.list).map(|row| {
                vec![
                    row.work.clone(),
                    standing(row),
                    second(row.standing.since),
                    next(row),
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

fn show(context: &Context, args: &OneWork) -> Result<Done> {
    let book = context.book()?;
    let stories = book.work(&args.customer, &args.work, true, context.now)?;
    let told = |stories: &Vec<view::WorkStory>| {
        let lines = stories.iter().map(|story| lines(story, context.now));
        lines.flatten().collect()
    };
    context.out.value(&stories, told)?;
    Ok(Done::Well)
}

/// The states of a unit and what was said of its disputes, in the order of time.
fn history(story: &view::WorkStory, now: Timestamp) -> Vec<String> {
    let states = story.states.iter().map(|own| (own.since, words(own)));
    let mut history: Vec<(Timestamp, String)> = states.collect();
    for dispute in &story.disputes {
        history.push((dispute.raised, "disputed".to_owned()));
        if let (Some(at), Some(verdict)) = (dispute.decided, &dispute.verdict)
            && at <= now
        {
            history.push((at, format!("dispute decided: {verdict}")));
        }
    }
    history.sort_by_key(|(at, _)| *at);
    let lines = history.into_iter();
    lines
        .map(|(at, what)| format!("{}  {what}", second(at)))
        .collect()
}

fn cost(own: &view::CostRow) -> String {
    let amount = match (own.amount, own.unconverted) {
        (Some(amount), _) => money(amount),
        (None, Some(amount)) => format!("{}: no rate of exchange is published", money(amount)),
        (None, None) => "no price known".to_owned(),
    };
    let model = (own.model.as_ref()).map_or(String::new(), |model| format!(", {model}"));
    let (line, at) = (own.line.word(), second(own.time));
    format!("{amount} ({line}{model}, {at})")
}

fn lines(story: &view::WorkStory, now: Timestamp) -> Vec<String> {
    let row = &story.row;
    let next = match next(row) {
        next if next.is_empty() => next,
        next => format!("; if nothing else happens: {next}"),
    };
    let mut lines = vec![
        format!(
            "{} ({}, {})",
            row.work,
            row.unit,
            row.contract.as_deref().unwrap_or("no signed contract")
        ),
        format!("  now         {}{next}", standing(row)),
    ];
    let mut titled = |title: &str, told: Vec<String>| {
        for (index, what) in told.into_iter().enumerate() {
            let title = if index == 0 { title } else { "" };
            lines.push(format!("  {title:<11} {what}"));
        }
    };
    titled("states", history(story, now));
    let owed = story.owed.iter();
    let owed: Vec<String> = owed
        .map(|own| format!("{} ({}, {})", own.amount, own.component, own.part))
        .collect();
    if owed.is_empty() {
        titled("owed", vec!["nothing".to_owned()]);
    }
    titled("owed", owed);
    let costs = story.costs.iter().flat_map(|own| &own.entries);
    titled("cost", costs.map(cost).collect());
    lines.push("  facts".to_owned());
    lines.extend(printed::fact_lines(&story.facts, second));
    for fact in &story.changed_nothing {
        lines.push(format!("  changed nothing: {} {}", fact.source, fact.id));
    }
    lines
}
