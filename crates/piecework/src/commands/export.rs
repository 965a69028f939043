//! `piecework export`: what leaves the book in other people's formats.

use std::io::{self, Write as _};

use anyhow::Result;
use exports::{beancount, focus, gl_csv};
use pricing::accounting::TrialBalance;
use serde_json::{Value, json};

use super::revenue::scope;
use crate::Done;
use crate::cli::{ExportCommand, ExportJournal, JournalFormat, Through};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &ExportCommand) -> Result<Done> {
    match command {
        ExportCommand::Journal(args) => journal(context, args),
        ExportCommand::TrialBalance(args) => trial_balance(context, args),
        ExportCommand::Costs(args) => costs(context, args),
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

fn seller(book: &book::Book) -> &str {
    book.config.vendor.as_deref().unwrap_or("Seller")
}
