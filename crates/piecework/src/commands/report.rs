//! `piecework report`: the pages of a period, as one self-contained HTML file; for the buyer a
//! statement alone, or the proof report of one.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::accounts::contracts;
use book::periods::{month, statement_period};
use book::proof_report::proof_report;
use book::reports::{Asked, report};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use pages::view::ProofReport;
use serde::Serialize;
use work::Digest;

use crate::Done;
use crate::cli::Report;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Report) -> Result<Done> {
    let book = context.book()?;
    if args.proof {
        return proof(context, &book, args);
    }
    let out = file(args).unwrap_or_else(|| PathBuf::from("report.html"));
    let month = match &args.cut.period {
        Some(text) => month(text)?,
        // The last month that has ended.
        None => context
            .now
            .to_zoned(TimeZone::UTC)
            .date()
            .first_of_month()
            .yesterday()?
            .first_of_month(),
    };
    let customer = args.cut.customer.clone();
    let mut command = format!("piecework report --period {}", month.strftime("%Y-%m"));
    if let Some(customer) = &customer {
        command.push_str(&format!(" --customer {customer}"));
    }
    let asked = Asked {
        title: customer
            .as_ref()
            .map_or("Report".to_owned(), |id| book.customer_name(id)),
        customer,
        month,
        as_of: context.now,
        command,
    };
    let view = report(&book, &asked)?;
    let html = if args.for_buyer {
        let pages: Vec<String> = view.statements.iter().map(pages::statement_page).collect();
        match pages.as_slice() {
            [one] => one.clone(),
            several => anyhow::bail!(
                "a buyer's copy is of one statement, and there are {}; name a customer and a contract",
                several.len()
            ),
        }
    } else {
        pages::report_page(&view)
    };
    write(&out, &html)?;
    context
        .out
        .value(&view, |_| vec![format!("wrote {}", out.display())])?;
    Ok(Done::Well)
}

/// The file that the command line names.
fn file(args: &Report) -> Option<PathBuf> {
    args.out.clone().or_else(|| args.html.clone().flatten())
}

fn write(path: &Path, html: &str) -> Result<()> {
    std::fs::write(path, html).with_context(|| format!("cannot write {}", path.display()))
}

/// What the proof report of a statement is.
#[derive(Serialize)]
struct Proved {
    file: String,
    /// Of the file's bytes.
    digest: String,
    report: ProofReport,
}

fn proof(context: &Context, book: &Book, args: &Report) -> Result<Done> {
    let customer = args
        .cut
        .customer
        .as_deref()
        .context("a proof report is of one customer; name it with --customer")?;
    book.chosen(Some(customer))?;
    let number = number(book, customer, args, context.now)?;
    let report = proof_report(book.prefix(customer, &number, context.now)?)?;
    let html = pages::proof_report_page(&report);
    let out = file(args).unwrap_or_else(|| PathBuf::from(format!("{number}.report.html")));
    write(&out, &html)?;
    let proved = Proved {
        file: out.display().to_string(),
        digest: digest(&html),
        report,
    };
    context.out.value(&proved, |own| {
        vec![
            format!("wrote {} ({})", own.file, own.digest),
            format!(
                "of the first {} entries of the log; `piecework replay {} --size {} --report {}` makes \
                 it again from the proof file alone",
                own.report.log.size, own.report.proof_file, own.report.log.size, own.digest
            ),
        ]
    })?;
    Ok(Done::Well)
}

/// The digest of a report's page, as commands print and take it.
pub fn digest(html: &str) -> String {
    format!("sha256:{}", Digest::of(html.as_bytes()))
}

/// The number of the statement that a proof report is asked for.
fn number(book: &Book, customer: &str, args: &Report, now: Timestamp) -> Result<String> {
    let account = book.account(customer, None)?;
    let mut found = Vec::new();
    for held in contracts(&account, args.cut.contract.as_deref())? {
        let Ok(period) = statement_period(held, args.cut.period.as_deref(), now) else {
            continue;
        };
        let of_cut = || held.issued.iter().filter(|own| own.cut == period.end.at);
        let standing = of_cut().find(|own| !own.is_voided());
        found.extend(
            standing
                .or_else(|| of_cut().next_back())
                .map(|own| own.number.clone()),
        );
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!(
            "{customer} has no statement of that period, and a draft proves nothing; `piecework \
             statement issue --customer {customer}` issues one"
        ),
        several => bail!(
            "several statements of {customer} are of that period ({}); name a contract with --contract",
            several.join(", ")
        ),
    }
}
