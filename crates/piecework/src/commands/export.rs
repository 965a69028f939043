//! `piecework export`: what leaves the book in other people's formats.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use anyhow::{Context as _, Result};
use exports::billing::Billing;
use exports::table::{Out, Table};
use exports::{beancount, focus, gl_csv};
use pricing::accounting::TrialBalance;
use serde_json::{Value, json};

use super::revenue::scope;
use crate::Done;
use crate::cli::{ExportCommand, ExportJournal, ExportTable, JournalFormat, TableFormat, Through};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &ExportCommand) -> Result<Done> {
    match command {
        ExportCommand::Journal(args) => journal(context, args),
        ExportCommand::TrialBalance(args) => trial_balance(context, args),
        ExportCommand::Costs(args) => costs(context, args),
        ExportCommand::Statements(args) => table_of(context, Billing::Statements, args),
        ExportCommand::Lines(args) => table_of(context, Billing::Lines, args),
        ExportCommand::Works(args) => table_of(context, Billing::Works, args),
    }
}

fn journal(context: &Context, args: &ExportJournal) -> Result<Done> {
    let book = context.book()?;
    let entries = book.journal(&scope(context, &args.through)?)?;
    let bytes = match args.format {
        JournalFormat::Beancount => beancount::ledger(seller(&book), &entries).into_bytes(),
        JournalFormat::Csv => gl_csv::write(&entries)?,
    };
    io::stdout().lock().write_all(&bytes)?;
    Ok(Done::Well)
}

fn trial_balance(context: &Context, args: &Through) -> Result<Done> {
    let book = context.book()?;
    let entries = book.journal(&scope(context, args)?)?;
    let balance = TrialBalance::of(&entries)?;
    let rows: Vec<Value> = balance
        .balances()
        .map(|own| {
            json!({
                "account": exports::account_name(own.account),
                "balance": {"amount": own.amount.number(), "currency": own.amount.currency().code()},
            })
        })
        .collect();
    context.out.value(&rows, |_| {
        let side = |amount: money::Amount, is_debit: bool| {
            if amount.is_negative() == is_debit {
                String::new()
            } else if is_debit {
                amount.to_string()
            } else {
                amount.negated().to_string()
            }
        };
        let rows = balance.balances().map(|own| {
            vec![
                exports::account_name(own.account),
                side(own.amount, true),
                side(own.amount, false),
            ]
        });
        vec![table(&["account", ">debit", ">credit"], rows)]
    })?;
    Ok(Done::Well)
}

fn costs(context: &Context, args: &Through) -> Result<Done> {
    let book = context.book()?;
    let ledger = book.cost_ledger(&scope(context, args)?)?;
    let bytes = focus::write(seller(&book), &ledger)?;
    io::stdout().lock().write_all(&bytes)?;
    Ok(Done::Well)
}

fn table_of(context: &Context, which: Billing, args: &ExportTable) -> Result<Done> {
    let book = context.book()?;
    let out: Out = match &args.out {
        None => Box::new(io::stdout()),
        Some(file) => {
            let made = File::create(file);
            let made = made.with_context(|| format!("cannot write {}", file.display()))?;
            Box::new(BufWriter::new(made))
        }
    };
    let mut table = match args.format {
        TableFormat::Csv => Table::csv(out, which.columns())?,
        TableFormat::Xlsx => spreadsheet(out, which)?,
    };
    let customer = args.customer.as_deref();
    match which {
        Billing::Statements => book.each_statement(customer, &mut |customer, own| {
            Ok::<(), anyhow::Error>(table.statement(customer, own)?)
        })?,
        Billing::Lines => book.each_line(customer, &mut |customer, own| {
            Ok::<(), anyhow::Error>(table.line(customer, own)?)
        })?,
        Billing::Works => book.each_work(customer, context.now, &mut |customer, own| {
            Ok::<(), anyhow::Error>(table.work(customer, own)?)
        })?,
    }
    table.finish()?;
    if let Some(file) = &args.out {
        context.out.line(format!("wrote {}", file.display()))?;
    }
    Ok(Done::Well)
}

/// What begins a table as a spreadsheet, where the binary was built for it.
#[cfg(feature = "xlsx")]
pub const SPREADSHEET: Option<server::Spreadsheet> =
    Some(|out, which| Table::xlsx(out, which.word(), which.columns()));

/// What begins a table as a spreadsheet, where the binary was built for it.
#[cfg(not(feature = "xlsx"))]
pub const SPREADSHEET: Option<server::Spreadsheet> = None;

fn spreadsheet(out: Out, which: Billing) -> Result<Table> {
    if let Some(begin) = SPREADSHEET {
        return Ok(begin(out, which)?);
    }
    anyhow::bail!(
        "this piecework writes no XLSX; take `--format csv`, which spreadsheets open, or build it with \
         `cargo build --release --features xlsx`"
    )
}

fn seller(book: &book::Book) -> &str {
    book.config.vendor.as_deref().unwrap_or("Seller")
}
