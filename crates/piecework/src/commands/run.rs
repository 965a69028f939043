//! `piecework statement run`: the statements of a period for everybody, and `piecework statement runs`: what runs
//! came to.

use std::num::NonZero;
use std::thread;

use anyhow::{Context as _, Result};
use book::Book;
use book::runs::{RowState, Run, Working};
use pages::view::{RunRow, StatementRun, StatementRunReport};
use serde::Serialize;
use store::operations;

use crate::Done;
use crate::cli::{RunStatements, ShowRuns};
use crate::context::Context;
use crate::output::table;
use crate::progress::Count;

/// Rows that people are shown; all are in the JSON.
const LISTED_MAX: usize = 50;
/// Rows read at a time.
const ROWS_PAGE: usize = 1_000;
/// Runs that are listed.
const RUNS_LISTED: usize = 100;

/// A run, what it came to, and its rows.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    report: StatementRunReport,
    rows: Vec<RunRow>,
}

/// Runs `statement run`.
pub fn run(context: &Context, args: &RunStatements) -> Result<Done> {
    let book = context.book()?;
    let run = match &args.resume {
        Some(name) => book.resumed_run(name.as_deref())?,
        None => begin(context, &book, args)?,
    };
    let bar = Count::new(run.size);
    let now = context.now;
    let mut working = Working {
        resumes: args.resume.is_some(),
        threads: thread::available_parallelism().map_or(1, NonZero::get),
        clock: &|| now,
        stops: &|| false,
        told: &mut |done, _| bar.at(done),
    };
    let worked = book.work_on_run(&run, &mut working);
    bar.finish();
    worked.with_context(|| {
        let name = &run.name;
        format!(
            "the run {name} was cut off; `piecework statement run --resume {name}` goes on with it"
        )
    })?;
    show(context, &book, &run.name)
}

fn begin(context: &Context, book: &Book, args: &RunStatements) -> Result<operations::StatementRun> {
    let cut = args
        .cut
        .as_deref()
        .context("name the first day that is not stated any more: --cut")?;
    let cut = cut
        .parse()
        .with_context(|| format!("`{cut}` is not a date such as 2026-02-01"))?;
    let by = args
        .by
        .as_deref()
        .context("say who approves what is issued: --by")?;
    let asked = Run {
        cut,
        customers: &args.customers,
        by,
        key: None,
        is_dry: args.dry_run,
        proves: !args.no_proof,
    };
    Ok(book.begin_run(&asked, context.now)?)
}

/// Runs `statement runs`.
pub fn list(context: &Context, args: &ShowRuns) -> Result<Done> {
    let book = context.book()?;
    if let Some(name) = &args.name {
        show(context, &book, name)?;
        return Ok(Done::Well);
    }
    let runs = book.runs((None, RUNS_LISTED))?.rows;
    context.out.value(&runs, |runs| {
        let rows = runs.iter().map(|own: &StatementRun| {
            vec![
                own.name.clone(),
                own.cut.clone(),
                own.by.clone(),
                format!("{} of {}", own.customers_done, own.customers_of),
                if own.dry_run {
                    format!("{}, dry", own.state)
                } else {
                    own.state.clone()
                },
            ]
        });
        vec![table(&["name", "cut", "by", ">customers", "state"], rows)]
    })?;
    Ok(Done::Well)
}

/// Prints what a run came to; a statement that was refused is the command's exit code.
fn show(context: &Context, book: &Book, name: &str) -> Result<Done> {
    let report = book.run_report(name)?;
    let is_refused = report
        .counts
        .iter()
        .any(|own| own.state == RowState::Refused.word() && own.contracts > 0);
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = book.run_rows(name, None, (after.as_ref(), ROWS_PAGE))?;
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() || (!context.out.json && rows.len() > LISTED_MAX) {
            break;
        }
    }
    context
        .out
        .value(&Shown { report, rows }, |own| told(&own.report, &own.rows))?;
    Ok(if is_refused {
        Done::Refused
    } else {
        Done::Well
    })
}

fn told(report: &StatementRunReport, rows: &[RunRow]) -> Vec<String> {
    let run = &report.run;
    let dry = if run.dry_run {
        ", dry: nothing was issued"
    } else {
        ""
    };
    let mut lines = vec![format!(
        "run {} to {}, {}{dry}: {} of {} customers",
        run.name, run.cut, run.state, run.customers_done, run.customers_of
    )];
    let listed = rows.iter().take(LISTED_MAX).map(|own| {
        let surfaces = own.surfaces.iter();
        let surfaces = surfaces.map(|part| format!("{} {}", part.surface, part.amount.number()));
        vec![
            own.customer.clone(),
            own.contract.clone(),
            own.cut.map_or_else(String::new, |cut| cut.to_string()),
            own.state.replace('_', " "),
            own.statement.clone().unwrap_or_default(),
            own.total
                .map_or_else(String::new, |total| total.to_string()),
            own.detail
                .clone()
                .unwrap_or_else(|| surfaces.collect::<Vec<_>>().join(", ")),
        ]
    });
    let titles = [
        "customer", "contract", "cut", "state", "number", ">total", "",
    ];
    lines.push(table(&titles, listed));
    if rows.len() > LISTED_MAX {
        lines.push(format!(
            "and more; `piecework statement runs {} --json` has all",
            run.name
        ));
    }
    let counts = report.counts.iter().filter(|own| own.contracts > 0);
    let counts = counts.map(|own| format!("{} {}", own.contracts, own.state.replace('_', " ")));
    lines.push(counts.collect::<Vec<_>>().join(", "));
    for own in &report.totals {
        let surfaces = own.surfaces.iter();
        let surfaces = surfaces.map(|part| format!("{} {}", part.surface, part.amount.number()));
        lines.push(format!(
            "in all {}: {}",
            own.total,
            surfaces.collect::<Vec<_>>().join(", ")
        ));
    }
    lines
}
