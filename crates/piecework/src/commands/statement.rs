//! `piecework statement`: preview, issue, run, runs, explain, bridge, void, list, document, replay.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use book::acts;
use book::statements::{Explained, Previewed};

use crate::Done;
use crate::cli::{Bridge, ByNumber, Cut, Explain, OneCustomer, StatementCommand, Void};
use crate::commands::{document, issue, run};
use crate::context::Context;
use crate::output::table;
use crate::printed::{explained, lines};

/// Runs the command.
pub fn run(context: &Context, command: &StatementCommand) -> Result<Done> {
    match command {
        StatementCommand::Preview(args) => preview(context, args),
        StatementCommand::Issue(args) => issue::run(context, args),
        StatementCommand::Run(args) => run::run(context, args),
        StatementCommand::Runs(args) => run::list(context, args),
        StatementCommand::Explain(args) => explain(context, args),
        StatementCommand::Bridge(args) => bridge(context, args),
        StatementCommand::Void(args) => void(context, args),
        StatementCommand::List(args) => list(context, args),
        StatementCommand::Document(args) => document::statement(context, args),
        StatementCommand::Replay(args) => replay(context, args),
    }
}

fn preview(context: &Context, args: &Cut) -> Result<Done> {
    let previews = context.book()?.preview(&Previewed {
        customer: args.customer.as_deref(),
        contract: args.contract.as_deref(),
        period: args.period.as_deref(),
        now: context.now,
    })?;
    let (views, hints): (Vec<_>, Vec<_>) = previews
        .into_iter()
        .map(|own| (own.statement, own.hints))
        .unzip();
    context.out.value(&views, |views| {
        let mut all = Vec::new();
        for (view, hints) in views.iter().zip(&hints) {
            if !all.is_empty() {
                all.push(String::new());
            }
            all.extend(lines(view));
            all.extend(hints.iter().cloned());
        }
        all
    })?;
    Ok(Done::Well)
}

fn explain(context: &Context, args: &Explain) -> Result<Done> {
    let view = context.book()?.explain(&Explained {
        statement: Previewed {
            customer: args.cut.customer.as_deref(),
            contract: args.cut.contract.as_deref(),
            period: args.cut.period.as_deref(),
            now: context.now,
        },
        line: args.line.as_deref(),
        work: args.work.as_deref(),
    })?;
    context
        .out
        .value(&view, |view| explained(view, args.list))?;
    Ok(Done::Well)
}

fn bridge(context: &Context, args: &Bridge) -> Result<Done> {
    let bridge = context.book()?.bridge(&args.customer, &args.number)?;
    let wrote = args.html.as_ref().map(|file| {
        let usual = || PathBuf::from(format!("{}.bridge.html", args.number));
        file.clone().unwrap_or_else(usual)
    });
    if let Some(file) = &wrote {
        std::fs::write(file, pages::bridge_page(&bridge))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    context.out.value(&bridge, |own| match &wrote {
        Some(file) => vec![format!("wrote {}", file.display())],
        None => vec![steps(own)],
    })?;
    Ok(Done::Well)
}

/// A bridge as a table, from the last total to this one.
fn steps(bridge: &pages::view::Bridge) -> String {
    let end = |end: &pages::view::BridgeEnd| {
        let what = format!("until {}", end.cut);
        vec![end.number.clone(), what, end.total.number()]
    };
    let none = || vec!["nothing".to_owned(), String::new(), "0".to_owned()];
    let did = bridge.parts.iter().filter(|part| !part.amount.is_zero());
    let steps = did.map(|part| {
        vec![
            part.part.replace('_', " "),
            part.words.clone(),
            part.amount.number(),
        ]
    });
    let first = bridge.last.as_ref().map_or_else(none, end);
    let rows = std::iter::once(first)
        .chain(steps)
        .chain([end(&bridge.this)]);
    let amount = format!(">amount, {}", bridge.change.currency());
    table(&["", "what", &amount], rows)
}

fn void(context: &Context, args: &Void) -> Result<Done> {
    let book = context.book()?;
    let act = acts::Void {
        customer: &args.which.customer,
        number: &args.which.number,
        reason: &args.reason,
        by: &args.by,
        key: None,
        id: None,
    };
    let voided = book.void(&act, context.now)?.what;
    context.out.line(format!(
        "voided {}; what it stated is owed again, and `piecework statement issue` states it under a \
         new number",
        voided.number
    ))?;
    Ok(Done::Well)
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let rows = context.book()?.statements(&args.customer)?;
    context.out.value(&rows, |rows| {
        vec![table(
            &[
                "number",
                "contract",
                "cut",
                ">revision",
                ">total",
                ">balance",
                ">entries",
                "digest",
                "state",
            ],
            rows.iter().map(|row| {
                vec![
                    row.number.clone(),
                    row.contract.clone(),
                    row.cut.to_string(),
                    row.revision.to_string(),
                    row.total.to_string(),
                    row.balance.map_or(String::new(), |own| own.to_string()),
                    row.coverage.to_string(),
                    row.digest[..12].to_owned(),
                    row.state.replace('_', " "),
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}

fn replay(context: &Context, args: &ByNumber) -> Result<Done> {
    let outcome = context.book()?.replay(&args.customer, &args.number)?;
    context.out.value(&outcome, |outcome| {
        vec![
            format!(
                "{} from the first {} entries of the log",
                outcome.number, outcome.coverage
            ),
            format!("stated    {}", outcome.stated),
            format!("replayed  {}", outcome.replayed),
            if outcome.equal {
                "equal, byte for byte".to_owned()
            } else {
                "DIFFERENT".to_owned()
            },
        ]
    })?;
    Ok(if outcome.equal {
        Done::Well
    } else {
        Done::Failed
    })
}
