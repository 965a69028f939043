//! `piecework ageing`, `account` and `balance`: what customers owe.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use book::receivables::AsOf;
use jiff::civil::Date;
use pages::view::{AccountLine, AccountStatement, AgeingRow, BalanceConfirmation, OpenItem};

use crate::Done;
use crate::cli::{AccountArgs, Ageing, BalanceCommand, ConfirmBalance};
use crate::context::Context;
use crate::output::table;

/// Runs `ageing`.
pub fn ageing(context: &Context, args: &Ageing) -> Result<Done> {
    let as_of = match &args.as_of {
        None => AsOf::Instant(context.now),
        Some(text) => text.parse()?,
    };
    let ageing = context.book()?.ageing(args.customer.as_deref(), as_of)?;
    if args.csv {
        let bytes = exports::ageing_csv::write(ageing.customers.iter().map(csv_row))?;
        io::stdout().lock().write_all(&bytes)?;
        return Ok(Done::Well);
    }
    context.out.value(&ageing, |ageing| {
        let titles = [
            "customer",
            ">not due",
            ">1-30",
            ">31-60",
            ">61-90",
            ">over 90",
            ">open",
            ">on account",
        ];
        let rows = ageing.customers.iter().chain(&ageing.totals).map(aged);
        let mut lines = vec![table(&titles, rows)];
        let items = ageing.customers.iter().flat_map(|own| &own.items);
        let items: Vec<Vec<String>> = items.map(item).collect();
        if !items.is_empty() {
            let titles = ["statement", "issued", "due", ">days", ">of", ">open"];
            lines.push(table(&titles, items));
        }
        lines
    })?;
    Ok(Done::Well)
}

fn buckets(own: &AgeingRow) -> [money::Amount; 7] {
    [
        own.not_due,
        own.days_1_30,
        own.days_31_60,
        own.days_61_90,
        own.days_over_90,
        own.open,
        own.on_account,
    ]
}

fn aged(own: &AgeingRow) -> Vec<String> {
    let whose = own.customer.as_deref().unwrap_or("total");
    let mut row = vec![whose.to_owned()];
    row.extend(buckets(own).map(|own| own.to_string()));
    row
}

fn csv_row(own: &AgeingRow) -> exports::ageing_csv::Row<'_> {
    exports::ageing_csv::Row {
        customer: own.customer.as_deref().unwrap_or_default(),
        name: own.name.as_deref().unwrap_or_default(),
        amounts: buckets(own),
    }
}

fn item(own: &OpenItem) -> Vec<String> {
    vec![
        own.statement.clone(),
        own.issued_on.to_string(),
        own.due_on.to_string(),
        own.days_overdue.to_string(),
        own.due.to_string(),
        own.open.to_string(),
    ]
}

/// Runs `account`.
pub fn account(context: &Context, args: &AccountArgs) -> Result<Done> {
    let span = (
        day("--from", args.from.as_deref())?,
        day("--through", args.through.as_deref())?,
    );
    let book = context.book()?;
    let statements = book.account_statements(&args.customer, span, context.now)?;
    context.out.value(&statements, |own| {
        if own.is_empty() {
            return vec![format!(
                "Nothing was stated to {} or paid by it.",
                args.customer
            )];
        }
        own.iter().flat_map(account_lines).collect()
    })?;
    Ok(Done::Well)
}

fn account_lines(own: &AccountStatement) -> Vec<String> {
    let row = |line: &AccountLine| {
        let what = line.kind.replace('_', " ");
        vec![
            line.day.to_string(),
            if line.is_void {
                format!("{what} voided")
            } else {
                what
            },
            line.name.clone(),
            line.about.clone().unwrap_or_default(),
            line.amount.to_string(),
            line.balance.to_string(),
        ]
    };
    let titles = [
        "day",
        "what",
        "number or entry",
        "about",
        ">amount",
        ">balance",
    ];
    vec![
        format!("{} ({}): opening {}", own.name, own.customer, own.opening),
        table(&titles, own.lines.iter().map(row)),
        format!("closing {}", own.closing),
    ]
}

/// Runs `balance`.
pub fn balance(context: &Context, command: &BalanceCommand) -> Result<Done> {
    match command {
        BalanceCommand::Confirm(args) => confirm(context, args),
    }
}

fn confirm(context: &Context, args: &ConfirmBalance) -> Result<Done> {
    let day = args
        .day
        .parse()
        .with_context(|| format!("--day `{}` is not a day such as 2026-01-31", args.day))?;
    let book = context.book()?;
    let own = book.balance_confirmation(&args.customer, day, args.log_size)?;
    if let Some(path) = &args.out {
        std::fs::write(path, &own.text)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    context.out.value(&own, |own| shown(own, args))?;
    Ok(Done::Well)
}

fn shown(own: &BalanceConfirmation, args: &ConfirmBalance) -> Vec<String> {
    let mut lines = match &args.out {
        Some(path) => vec![format!("wrote {}", path.display())],
        None => vec![own.text.clone()],
    };
    lines.push(format!("SHA-256 {}", own.digest));
    lines.push(match own.acknowledged {
        Some(at) => format!("the buyer acknowledged it on {at}"),
        None => format!(
            "not acknowledged yet; to look again: piecework balance confirm --customer {} --day {} --log-size {}",
            own.customer, own.day, own.log_size
        ),
    });
    lines
}

fn day(name: &str, text: Option<&str>) -> Result<Option<Date>> {
    let parse = |text: &str| {
        text.parse()
            .with_context(|| format!("{name} `{text}` is not a day such as 2026-01-31"))
    };
    text.map(parse).transpose()
}
