//! `piecework close`: what is open of a month, and the record that it was closed.

use anyhow::Result;
use book::closes::CloseMonth;
use pages::view::{Checklist, CloseRow};

use crate::Done;
use crate::cli::{CheckClose, CloseCommand, RecordClose};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &CloseCommand) -> Result<Done> {
    match command {
        CloseCommand::Check(args) => check(context, args),
        CloseCommand::Record(args) => record(context, args),
    }
}

fn check(context: &Context, args: &CheckClose) -> Result<Done> {
    let checklist = context.book()?.close_checklist(&args.month, context.now)?;
    context.out.value(&checklist, told)?;
    Ok(if checklist.open == 0 {
        Done::Well
    } else {
        Done::Failed
    })
}

fn record(context: &Context, args: &RecordClose) -> Result<Done> {
    let act = CloseMonth {
        month: &args.month,
        by: &args.by,
        reason: args.reason.as_deref(),
    };
    let closed = context.book()?.close_month(&act, context.now)?.what;
    context.out.value(&closed, |own| {
        let open = match own.closed.open {
            0 => "nothing was open".to_owned(),
            open => format!("{open} rows were open"),
        };
        vec![format!(
            "{} is closed by {}, and {open} (checklist {})",
            own.checklist.month,
            own.closed.by,
            &own.closed.checklist[..12]
        )]
    })?;
    Ok(Done::Well)
}

fn told(checklist: &Checklist) -> Vec<String> {
    let rows = checklist.rows.iter().map(|row: &CloseRow| {
        let command = if row.state == "ok" { "" } else { &row.command };
        vec![
            row.state.clone(),
            row.check.replace('_', " "),
            row.about.clone(),
            row.count.to_string(),
            command.to_owned(),
        ]
    });
    let mut lines = vec![table(&["", "check", "about", ">found", "mends it"], rows)];
    for row in checklist.rows.iter().filter(|row| row.state == "open") {
        let details = row.details.iter();
        lines.extend(details.map(|own| format!("{}: {own}", row.check.replace('_', " "))));
    }
    lines.push(match checklist.open {
        0 => format!("nothing is open of {}", checklist.month),
        open => format!("{open} rows are open of {}", checklist.month),
    });
    let closed = checklist.closed.iter();
    lines.extend(closed.map(|own| format!("closed by {} at {}", own.by, own.at)));
    lines
}
