//! `piecework customer`: who is in the book.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use crate::Done;
use crate::cli::{CustomerArgs, CustomerCommand, OneCustomer};
use crate::commands::approvals;
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, args: &CustomerArgs) -> Result<Done> {
    match &args.command {
        None | Some(CustomerCommand::List) => list(context),
        Some(CustomerCommand::Show(one)) => show(context, one),
        Some(CustomerCommand::Approvals(one)) => approvals::run(context, one),
    }
}

#[derive(Serialize)]
struct Row {
    customer: String,
    name: String,
    shared_entries: u64,
    seller_entries: u64,
    first: jiff::Timestamp,
    last: jiff::Timestamp,
}

fn list(context: &Context) -> Result<Done> {
    let book = context.book()?;
    let rows: Vec<Row> = book
        .customers()?
        .into_iter()
        .map(|customer| Row {
            name: book.customer_name(&customer.customer),
            customer: customer.customer,
            shared_entries: customer.shared_size,
            seller_entries: customer.seller_size,
            first: customer.first_time,
            last: customer.last_time,
        })
        .collect();
    context.out.value(&rows, |rows| {
        vec![table(
            &[
                "customer",
                "name",
                ">shared entries",
                ">seller entries",
                "first",
                "last",
            ],
            rows.iter().map(|row| {
                vec![
                    row.customer.clone(),
                    row.name.clone(),
                    row.shared_entries.to_string(),
                    row.seller_entries.to_string(),
                    row.first.to_string(),
                    row.last.to_string(),
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Shown {
    customer: String,
    name: String,
    contracts: Vec<String>,
    statements: Vec<String>,
    works: BTreeMap<String, u64>,
    flags: Vec<String>,
}

fn show(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let mut works: BTreeMap<String, u64> = BTreeMap::new();
    let units = account.contracts.iter().flat_map(|held| held.units.iter());
    for unit in units.chain(account.loose_units.iter().map(|(unit, _)| unit)) {
        let state = unit.state_at(context.now);
        *works.entry(state.to_string()).or_default() += 1;
    }
    let shown = Shown {
        name: book.customer_name(&args.customer),
        customer: args.customer.clone(),
        contracts: account
            .contracts
            .iter()
            .map(|held| {
                let draft = if held.agreement.is_draft {
                    " (draft: nobody signed it)"
                } else {
                    ""
                };
                format!("{}{draft}", held.agreement.id)
            })
            .collect(),
        statements: account
            .contracts
            .iter()
            .flat_map(|held| &held.issued)
            .map(|issued| {
                let void = if issued.is_voided() { " (void)" } else { "" };
                format!("{} for the cut {}{void}", issued.number, issued.cut)
            })
            .collect(),
        works,
        flags: account
            .flags
            .iter()
            .map(|flag| format!("entry {}: {}", flag.entry, flag.problem))
            .collect(),
    };
    context.out.value(&shown, |shown| {
        let mut lines = vec![format!("{} ({})", shown.name, shown.customer)];
        lines.extend(
            shown
                .contracts
                .iter()
                .map(|text| format!("contract   {text}")),
        );
        lines.extend(
            shown
                .statements
                .iter()
                .map(|text| format!("statement  {text}")),
        );
        lines.push(table(
            &["works", ">count"],
            shown
                .works
                .iter()
                .map(|(state, count)| vec![state.clone(), count.to_string()]),
        ));
        lines.extend(shown.flags.iter().map(|text| format!("flagged    {text}")));
        lines
    })?;
    Ok(Done::Well)
}
