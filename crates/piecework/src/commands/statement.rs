//! `piecework statement`: preview, issue, explain, void, list, document, replay.

use anyhow::Result;
use book::acts;
use book::statements::{Explained, Previewed};

use crate::Done;
use crate::cli::{ByNumber, Cut, Explain, OneCustomer, StatementCommand, Void};
use crate::commands::{document, issue};
use crate::context::Context;
use crate::output::table;
use crate::printed::{explained, lines};

/// Runs the command.
pub fn run(context: &Context, command: &StatementCommand) -> Result<Done> {
    match command {
        StatementCommand::Preview(args) => preview(context, args),
        StatementCommand::Issue(args) => issue::run(context, args),
        StatementCommand::Explain(args) => explain(context, args),
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

fn void(context: &Context, args: &Void) -> Result<Done> {
    let book = context.book()?;
    let act = acts::Void {
        customer: &args.which.customer,
        number: &args.which.number,
        reason: &args.reason,
        by: &args.by,
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
