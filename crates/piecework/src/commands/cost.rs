//! `piecework cost true-up`: model calls as they were metered beside a provider's bill. The other commands of
//! `cost` are in [`assign`].

mod assign;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::margins::costs_of;
use book::periods::month;
use book::price_books;
use intake::{Import as Reading, Input, Options};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, MoneyError};
use pages::view;
use pricing::margin::{CostEntry, CostLedger, Counting, Step, Sum, TrueUp, TrueUpRow, count_once};
use pricing::model_costs::ModelCosts;
use serde::Serialize;
use work::body::{Body, Cost, CostLine, Tokens};
use work::effective::{Content, resolve};
use work::event::{Authorship, UNASSIGNED};
use work::{Digest, Event, Headers};

use crate::Done;
use crate::cli::{CostsCommand, TrueUp as Args};
use crate::commands::import::map;
use crate::context::Context;
use crate::output::{money, table};

/// Charges of one bill that are held in memory.
const CHARGES_MAX: usize = 1_000_000;
/// Refused rows that are printed.
const LISTED_MAX: usize = 5;
/// The source of recorded differences.
const SOURCE: &str = "cost-true-up";

/// Runs the command.
pub fn run(context: &Context, command: &CostsCommand) -> Result<Done> {
    match command {
        CostsCommand::TrueUp(args) => true_up(context, args),
        CostsCommand::Unassigned(args) => assign::list(context, args),
        CostsCommand::Assign(args) => assign::assign(context, args),
    }
}

fn true_up(context: &Context, args: &Args) -> Result<Done> {
    let first = month(&args.period)?;
    let by_month = args.by == "month";
    let step = if by_month { Step::Month } else { Step::Day };
    let book = context.book()?;
    let costs = price_books::load(book.store.as_ref())?;
    let currency = book.documents()?.plan.currency;
    let (charges, refused) = bill(args)?;
    let facts = resolve(charges).facts;
    let bill = CostLedger::of(&facts, &costs, currency, Counting::Claimed);
    let metered = book_costs(&book, &costs)?;
    let found = TrueUp::of(&metered, &bill.entries, &costs, currency, first, step)?;
    if let Some(path) = &args.events {
        let twice = found.in_the_book;
        if twice.entries > 0 {
            bail!(
                "{} of this bill are costs in the book already ({}); the differences would count them \
                 again, so void them first, or leave out --events",
                entries(twice.entries),
                money(twice.amount)
            );
        }
        write_events(path, &found, by_month)?;
    }
    let report = report(&found, args, refused)?;
    context.out.value(&report, |report| lines(report, args))?;
    Ok(if report.refused.is_empty() {
        Done::Well
    } else {
        Done::Refused
    })
}

/// The charges of the bill, and what of it could not be read.
fn bill(args: &Args) -> Result<(Vec<Content>, Vec<String>)> {
    let map = map(&args.map)?;
    let inputs: Vec<Input> = args
        .files
        .iter()
        .map(|file| Input::from_argument(file))
        .collect();
    let mut charges: Vec<Content> = Vec::new();
    let mut refused = Vec::new();
    for delivery in Reading::open(&map, &inputs, Options::default())? {
        match delivery {
            Ok(event) if matches!(event.body, Body::Cost(_)) => charges.push(Content {
                entry: charges.len() as u64,
                event,
            }),
            Ok(_) => {}
            Err(fault) => refused.push(fault.to_string()),
        }
        if charges.len() > CHARGES_MAX {
            bail!("the bill has more than {CHARGES_MAX} charges; give it in parts, by provider");
        }
    }
    Ok((charges, refused))
}

/// Every cost of the book.
fn book_costs(book: &Book, costs: &ModelCosts) -> Result<Vec<CostEntry>> {
    let currency = book.documents()?.plan.currency;
    let mut customers = book.chosen(None)?;
    customers.push(UNASSIGNED.to_owned());
    let mut entries = Vec::new();
    for customer in customers {
        entries.extend(costs_of(book, &customer, costs, currency)?);
    }
    count_once(&mut entries);
    Ok(entries)
}

/// What the command answers.
#[derive(Debug, Serialize)]
struct Report {
    period: String,
    /// Rows with the greatest difference first.
    rows: Vec<Row>,
    rows_in_all: usize,
    #[serde(flatten)]
    total: Compared,
    /// Calls without a known price: in no amount.
    unpriced: u64,
    /// Metered, by providers that the bill does not name.
    not_on_the_bill: Vec<Beside>,
    /// Charges that the book has as costs too.
    in_the_book: Counted,
    /// Charges for other things than model calls.
    other_lines: Counted,
    /// Charges of other months.
    other_months: Counted,
    /// Charges in a currency that nothing converts.
    unconverted: u64,
    /// Rows of the bill that cannot be read.
    refused: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    provider: String,
    model: Option<String>,
    from: Date,
    #[serde(flatten)]
    compared: Compared,
    unpriced: u64,
}

/// Metered and billed.
#[derive(Debug, Serialize)]
struct Compared {
    #[serde(serialize_with = "view::json::amount")]
    metered: Amount,
    calls: u64,
    #[serde(serialize_with = "view::json::amount")]
    billed: Amount,
    charges: u64,
    /// Billed less metered.
    #[serde(serialize_with = "view::json::amount")]
    difference: Amount,
}

#[derive(Debug, Serialize)]
struct Counted {
    entries: u64,
    #[serde(serialize_with = "view::json::amount")]
    amount: Amount,
}

#[derive(Debug, Serialize)]
struct Beside {
    provider: Option<String>,
    #[serde(flatten)]
    metered: Counted,
}

impl Compared {
    fn of(metered: Sum, billed: Sum) -> Result<Compared, MoneyError> {
        Ok(Compared {
            metered: metered.amount,
            calls: metered.entries,
            billed: billed.amount,
            charges: billed.entries,
            difference: billed.amount.minus(metered.amount)?,
        })
    }
}

impl From<Sum> for Counted {
    fn from(sum: Sum) -> Counted {
        Counted {
            entries: sum.entries,
            amount: sum.amount,
        }
    }
}

fn report(found: &TrueUp, args: &Args, refused: Vec<String>) -> Result<Report> {
    let mut rows: Vec<Row> = found
        .rows
        .iter()
        .map(|row| {
            Ok(Row {
                provider: row.provider.clone(),
                model: row.model.clone(),
                from: row.from,
                compared: Compared::of(row.metered, row.billed)?,
                unpriced: row.unpriced,
            })
        })
        .collect::<Result<_, MoneyError>>()?;
    let size = |row: &Row| {
        let value = row.compared.difference.value();
        if value.is_negative() {
            row.compared.difference.negated().value()
        } else {
            value
        }
    };
    // A stable sort: rows that differ by the same amount stay by provider, model and day.
    rows.sort_by_key(|row| std::cmp::Reverse(size(row)));
    rows.truncate(args.list);
    let (metered, billed) = found.total(None)?;
    let beside = found.not_on_the_bill.iter();
    Ok(Report {
        period: args.period.clone(),
        rows,
        rows_in_all: found.rows.len(),
        total: Compared::of(metered, billed)?,
        unpriced: found.rows.iter().map(|row| row.unpriced).sum(),
        not_on_the_bill: beside
            .map(|(provider, sum)| Beside {
                provider: provider.clone(),
                metered: (*sum).into(),
            })
            .collect(),
        in_the_book: found.in_the_book.into(),
        other_lines: found.other_lines.into(),
        other_months: found.other_months.into(),
        unconverted: found.unconverted,
        refused,
    })
}

fn lines(report: &Report, args: &Args) -> Vec<String> {
    let compared = |own: &Compared| {
        [
            own.calls.to_string(),
            money(own.metered),
            own.charges.to_string(),
            money(own.billed),
            money(own.difference),
        ]
    };
    let mut lines = vec![format!("Model calls beside the bill, {}", report.period)];
    if report.rows_in_all == 0 {
        lines.push(
            "the bill has no charge for a model in this month; the map decides which charges are of \
             the line `model`"
                .to_owned(),
        );
    } else {
        let rows = report.rows.iter().map(|row| {
            let from = if args.by == "month" {
                row.from.strftime("%Y-%m").to_string()
            } else {
                row.from.to_string()
            };
            let name = row.model.clone().unwrap_or_else(|| "–".to_owned());
            [
                vec![row.provider.clone(), name, from],
                compared(&row.compared).to_vec(),
            ]
            .concat()
        });
        let total = ["all".to_owned(), String::new(), String::new()];
        let total = [total.to_vec(), compared(&report.total).to_vec()].concat();
        lines.push(table(
            &[
                "provider",
                "model",
                &args.by,
                ">calls",
                ">metered",
                ">charges",
                ">billed",
                ">difference",
            ],
            rows.chain([total]),
        ));
    }
    let unlisted = report.rows_in_all - report.rows.len();
    if unlisted > 0 {
        lines.push(format!(
            "and {unlisted} more rows; --list shows more of them"
        ));
    }
    let told = |own: &Counted| format!("{} in {}", money(own.amount), entries(own.entries));
    if report.unpriced > 0 {
        lines.push(format!(
            "unpriced: {} without a known price are in no amount, so the difference holds them",
            entries(report.unpriced)
        ));
    }
    for beside in &report.not_on_the_bill {
        let provider = beside.provider.as_deref().unwrap_or("no provider named");
        lines.push(format!(
            "not on this bill: {provider}, metered {}",
            told(&beside.metered)
        ));
    }
    if report.in_the_book.entries > 0 {
        let told = told(&report.in_the_book);
        lines.push(if report.total.calls > 0 {
            format!(
                "counted twice: {told} of this bill are costs in the book too, beside the calls that \
                 were metered; keep one of them"
            )
        } else {
            format!("in the book: {told} of this bill are its costs already")
        });
    }
    for (name, own) in [
        ("for other things than models", &report.other_lines),
        ("of other months", &report.other_months),
    ] {
        if own.entries > 0 {
            lines.push(format!("not compared: charges {name}, {}", told(own)));
        }
    }
    if report.unconverted > 0 {
        lines.push(format!(
            "not compared: {} in another currency, which nothing converts",
            entries(report.unconverted)
        ));
    }
    for fault in report.refused.iter().take(LISTED_MAX) {
        lines.push(format!("refused  {fault}"));
    }
    let more = report.refused.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        lines.push(format!(
            "and {more} more rows of the bill that cannot be read"
        ));
    }
    if let Some(path) = &args.events {
        lines.push(format!(
            "the differences are written to {}; `piecework ingest {}` records them",
            path.display(),
            path.display()
        ));
    }
    lines
}

fn entries(count: u64) -> String {
    format!("{count} {}", if count == 1 { "entry" } else { "entries" })
}

/// Writes an event for each row that differs.
fn write_events(path: &Path, found: &TrueUp, by_month: bool) -> Result<()> {
    let mut text = Vec::new();
    for row in &found.rows {
        if !row.difference()?.is_zero() {
            writeln!(text, "{}", event(row, by_month)?.canonical())?;
        }
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The cost that brings a row to the bill. Its id holds what was compared: the same comparison gives the
/// same event, and a later one, after more was metered or billed, gives the further difference.
fn event(row: &TrueUpRow, by_month: bool) -> Result<Event> {
    let model = row.model.as_deref().unwrap_or_default();
    let key = format!(
        "{}|{model}|{}|{}|{}",
        row.provider, by_month, row.metered.amount, row.billed.amount
    );
    let digest = Digest::of(key.as_bytes()).to_string();
    Ok(Event {
        id: format!("{}/{}", row.from, &digest[..16]).into(),
        source: SOURCE.into(),
        customer: UNASSIGNED.into(),
        time: row.from.to_zoned(TimeZone::UTC)?.timestamp(),
        work: None,
        traceparent: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        signature: None,
        body: Body::Cost(Cost {
            line: CostLine::Model,
            amount: Some(row.difference()?),
            provider: Some(row.provider.clone()).filter(|name| !name.is_empty()),
            model: row.model.clone(),
            tokens: Tokens::new(),
            agent: None,
            agent_version: None,
            note: Some(format!(
                "true-up: billed {} in {} charges, metered {} in {} calls",
                row.billed.amount, row.billed.entries, row.metered.amount, row.metered.entries
            )),
        }),
    })
}
