//! `piecework check`: the five checks of prices, of documents and of contracts, and the waiver of one.

mod documents;
mod told;

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::checks::Waive;
use book::config::Config;
use book::documents::{Documents, definition};
use book::limits::CHECKED_CUSTOMERS_MAX;
use pages::view::ContractChecks;
use serde::Serialize;

use crate::Done;
use crate::cli::{CheckArgs, CheckCommand, WaiveCheck};
use crate::context::Context;
use documents::{Checked, check_documents, lines};

/// Runs the command.
pub fn run(context: &Context, args: &CheckArgs) -> Result<Done> {
    if let Some(CheckCommand::Waive(args)) = &args.command {
        return waive(context, args);
    }
    let config = context.config()?;
    let Some(subject) = &args.subject else {
        return match &args.customer {
            Some(customer) => contracts(context, &context.open(&config)?, Some(customer), None),
            None => everything(context, &config),
        };
    };
    let in_force = Documents::of(&config)?;
    if Path::new(subject).is_file() {
        let documents = with_file(in_force, Path::new(subject))?;
        return of_documents(
            context,
            &check_documents(context, &config, &documents, subject)?,
        );
    }
    let is_in_force =
        in_force.plan.id == *subject || in_force.definitions.iter().any(|own| own.id == *subject);
    if is_in_force && args.customer.is_none() {
        let found = check_documents(context, &config, &in_force, "the plan in force")?;
        return of_documents(context, &found);
    }
    let book = context.open(&config)?;
    contracts(context, &book, args.customer.as_ref(), Some(subject))
}

/// The documents in force, and the contracts of the book, where there is one.
fn everything(context: &Context, config: &Config) -> Result<Done> {
    let documents = Documents::of(config)?;
    let mut found = check_documents(context, config, &documents, "the plan in force")?;
    if config.book.exists() {
        match context.open(config) {
            Ok(book) => {
                let (contracts, rest) = of_customers(context, &book, None, None)?;
                found.contracts = contracts;
                if rest > 0 {
                    let left_out = format!("{rest} customers; name one with --customer");
                    found.left_out.push(left_out);
                }
            }
            Err(error) => found
                .left_out
                .push(format!("the contracts of the book: {error:#}")),
        }
    }
    of_documents(context, &found)
}

fn of_documents(context: &Context, found: &Checked) -> Result<Done> {
    let done = if found.fails() {
        Done::Failed
    } else {
        Done::Well
    };
    context.out.value(found, lines)?;
    Ok(done)
}

#[derive(Serialize)]
struct Contracts {
    contracts: Vec<ContractChecks>,
}

/// Contracts of a customer or of everybody: one by its id, or all.
fn contracts(
    context: &Context,
    book: &Book,
    customer: Option<&String>,
    contract: Option<&str>,
) -> Result<Done> {
    let (contracts, _) = of_customers(context, book, customer, contract)?;
    if contracts.is_empty() {
        match contract {
            Some(id) => bail!(
                "there is no file, no document in force and no contract `{id}`; `piecework contract list` has the contracts"
            ),
            None => bail!("there is no contract to check"),
        }
    }
    let done = match contracts.iter().any(|own| own.blocks) {
        true => Done::Failed,
        false => Done::Well,
    };
    context.out.value(&Contracts { contracts }, |own| {
        own.contracts
            .iter()
            .flat_map(told::contract)
            .skip(1)
            .collect()
    })?;
    Ok(done)
}

/// The checks of contracts, and of how many customers more they were not asked.
fn of_customers(
    context: &Context,
    book: &Book,
    customer: Option<&String>,
    contract: Option<&str>,
) -> Result<(Vec<ContractChecks>, usize)> {
    let customers = match customer {
        Some(customer) => vec![customer.clone()],
        None => book
            .customers()?
            .into_iter()
            .map(|own| own.customer)
            .collect(),
    };
    let mut found = Vec::new();
    for customer in customers.iter().take(CHECKED_CUSTOMERS_MAX) {
        let own = book.checks(customer, None, context.now)?;
        found.extend(
            own.into_iter()
                .filter(|own| contract.is_none_or(|id| own.contract == id)),
        );
    }
    Ok((found, customers.len().saturating_sub(CHECKED_CUSTOMERS_MAX)))
}

/// The documents in force with that of a file in place of its own kind.
fn with_file(mut documents: Documents, file: &Path) -> Result<Documents> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let table: toml::Table = text
        .parse()
        .with_context(|| format!("{} is no TOML", file.display()))?;
    if table.contains_key("component") {
        return Ok(documents.with_plan(&text)?);
    }
    if table.contains_key("counts") || table.contains_key("one_per") {
        let own = definition(&file.display().to_string(), &text)?;
        let mut known = documents.definitions.iter();
        match known.position(|known| known.id == own.id) {
            Some(place) => documents.definitions[place] = own,
            None => documents.definitions.push(own),
        }
        return Ok(documents);
    }
    if let Some(plan) = table.get("plan").and_then(toml::Value::as_str) {
        let contract = book::contracts::read(&file.display().to_string(), &text)?;
        let definitions: Vec<&work::Definition> = documents.definitions.iter().collect();
        let terms = contract
            .resolve(&documents.plan, &definitions)
            .with_context(|| format!("{} is over the plan {plan}", file.display()))?;
        documents.plan.components.clone_from(&terms.components);
        documents.plan.precedence.clone_from(&terms.precedence);
        return Ok(documents);
    }
    bail!(
        "{} is no plan (`[[component]]`), no definition (`[[counts]]`) and no contract (`plan`)",
        file.display()
    )
}

fn waive(context: &Context, args: &WaiveCheck) -> Result<Done> {
    let book = context.book()?;
    let customer = match &args.customer {
        Some(customer) => customer.clone(),
        None => holder(&book, args.contract.as_deref())?,
    };
    let act = Waive {
        customer: &customer,
        contract: args.contract.as_deref(),
        check: args.check,
        reason: &args.reason,
        until: args.until,
        by: &args.by,
        key: None,
    };
    let waived = book.waive(&act, context.now)?.what;
    context.out.value(&waived, |own| {
        vec![format!(
            "{} of {}: {}",
            own.check,
            own.contract,
            told::waived(own)
        )]
    })?;
    Ok(Done::Well)
}

/// Whose a contract is, where nobody says; the only customer's where no contract is named.
fn holder(book: &Book, contract: Option<&str>) -> Result<String> {
    let mut customers = book.customers()?.into_iter().map(|own| own.customer);
    let Some(contract) = contract else {
        return match (customers.next(), customers.next()) {
            (Some(only), None) => Ok(only),
            _ => bail!("name the customer with --customer, or the contract with --contract"),
        };
    };
    for customer in customers.take(CHECKED_CUSTOMERS_MAX) {
        if book.account(&customer, None)?.contract(contract).is_some() {
            return Ok(customer);
        }
    }
    bail!("no customer has the contract `{contract}`; `piecework contract list` has the contracts")
}
