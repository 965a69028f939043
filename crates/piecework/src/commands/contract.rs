//! `piecework contract`: sign, amend, end, list.

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::accounts;
use book::contracts;
use book::documents::{Documents, faulty};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pricing::contract::InForce;
use serde::Serialize;
use store::Outcome;
use work::body::{Audience, Body, Control, DocumentKind};
use work::event::{Authorship, PIECEWORK};
use work::{Definition, Digest, Event, Headers};

use crate::Done;
use crate::cli::{Amend, ContractCommand, End, OneCustomer, Sign};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &ContractCommand) -> Result<Done> {
    match command {
        ContractCommand::Sign(args) => sign(context, args),
        ContractCommand::Amend(args) => amend(context, args),
        ContractCommand::End(args) => end(context, args),
        ContractCommand::List(args) => list(context, args),
    }
}

/// A control entry of piecework's own; its id is its content, so writing it twice is writing it once.
pub fn control(customer: &str, id: String, time: Timestamp, control: Control) -> Event {
    Event {
        id: id.into(),
        source: PIECEWORK.into(),
        customer: customer.into(),
        time,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body: Body::Control(control),
    }
}

/// Appends control entries, all of which must be taken.
///
/// # Errors
/// Where one was refused or conflicts; those before it stand.
pub fn write(book: &Book, events: &[Event], now: Timestamp) -> Result<()> {
    for (event, outcome) in events.iter().zip(book.store.append(events, now)?) {
        match outcome {
            Outcome::Accepted { .. } | Outcome::Duplicate { .. } => {}
            Outcome::Refused { pointer, problem } => {
                bail!(
                    "the entry {} was refused at {pointer}: {problem}",
                    event.identity()
                )
            }
            Outcome::Conflict { .. } => bail!(
                "the entry {} is known with another content; nothing was changed by this one",
                event.identity()
            ),
        }
    }
    Ok(())
}

/// The entries that publish the documents of a contract, which later entries name by digest; those
/// that the log has already are not published again.
fn publish(
    book: &Book,
    customer: &str,
    documents: &Documents,
    contract: &str,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Event>> {
    let definitions = documents
        .texts
        .definitions
        .iter()
        .map(|text| (DocumentKind::Definition, text.as_str()));
    let plan = (DocumentKind::Plan, documents.texts.plan.as_str());
    let mut events = Vec::new();
    for (document, text) in definitions.chain([plan, (DocumentKind::Contract, contract)]) {
        let id = format!("document/{}", Digest::of(text.as_bytes()));
        if book.store.find(customer, PIECEWORK, &id)?.is_none() {
            let published = Control::DocumentPublished {
                document,
                text: text.to_owned(),
                audience: Audience::Shared,
                by: by.to_owned(),
            };
            events.push(control(customer, id, now, published));
        }
    }
    Ok(events)
}

fn date(text: &str) -> Result<Date> {
    text.parse()
        .with_context(|| format!("`{text}` is not a date such as 2026-01-31"))
}

fn midnight(date: Date, zone: &TimeZone) -> Result<Timestamp> {
    Ok(date
        .to_zoned(zone.clone())
        .with_context(|| format!("{date} has no midnight in the contract's zone"))?
        .timestamp())
}

/// The contract's text and terms: from a file, or made of the configuration.
fn document(
    book: &Book,
    documents: &Documents,
    customer: &str,
    id: &str,
    starts: Date,
    file: Option<&std::path::Path>,
) -> Result<(String, InForce)> {
    let Some(path) = file else {
        return Ok(book.terms(documents, customer, id, starts)?);
    };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let contract = contracts::read(&name, &text)?;
    let definitions: Vec<&Definition> = documents.definitions.iter().collect();
    let terms = contract
        .resolve(&documents.plan, &definitions)
        .map_err(|error| faulty(&name, &text, error.faults))?;
    Ok((text, terms))
}

/// A contract that was put in force.
#[derive(Debug, Serialize)]
pub struct Signed {
    customer: String,
    contract: String,
    from: Timestamp,
    digest: String,
}

fn signed(context: &Context, signed: &Signed, what: &str) -> Result<Done> {
    context.out.value(signed, |signed| {
        vec![format!(
            "{what} {} with {} from {} ({})",
            signed.contract,
            signed.customer,
            signed.from,
            &signed.digest[..12]
        )]
    })?;
    Ok(Done::Well)
}

fn sign(context: &Context, args: &Sign) -> Result<Done> {
    let book = context.book()?;
    let starts = date(&args.from)?;
    let file = args.document.as_deref();
    let entry = put_in_force(&book, &args.customer, starts, file, &args.by, context.now)?;
    signed(context, &entry, "signed")
}

/// Signs a contract over the documents in force: publishes them, then the signature.
///
/// # Errors
/// Where the documents do not fit together, or another contract claims the same work.
pub fn put_in_force(
    book: &Book,
    customer: &str,
    starts: Date,
    file: Option<&std::path::Path>,
    by: &str,
    now: Timestamp,
) -> Result<Signed> {
    let documents = book.documents()?;
    let id = format!("{customer}-{}", starts.year());
    let (text, terms) = document(book, &documents, customer, &id, starts, file)?;
    if terms.contract.customer != customer {
        bail!(
            "the document is a contract of `{}`",
            terms.contract.customer
        );
    }
    book.account(customer, None)?.may_sign(&terms)?;
    let digest = Digest::of(text.as_bytes());
    let from = midnight(terms.contract.starts, &terms.contract.time_zone)?;
    let contract = terms.contract.id.clone();
    let mut events = publish(book, customer, &documents, &text, by, now)?;
    events.push(control(
        customer,
        format!("contract/{contract}/signed"),
        now,
        Control::ContractSigned {
            contract: contract.clone(),
            document: digest,
            by: by.to_owned(),
        },
    ));
    write(book, &events, now)?;
    Ok(Signed {
        customer: customer.to_owned(),
        contract,
        from,
        digest: digest.to_string(),
    })
}

fn amend(context: &Context, args: &Amend) -> Result<Done> {
    let book = context.book()?;
    let documents = book.documents()?;
    let account = book.account(&args.customer, None)?;
    let held = accounts::contract(&account, args.contract.as_deref())?;
    let current = &held.agreement.latest().terms.contract;
    if held.agreement.is_draft {
        bail!(
            "{} has no signed contract; `piecework contract sign` makes one",
            args.customer
        );
    }
    let (text, terms) = document(
        &book,
        &documents,
        &args.customer,
        &current.id,
        current.starts,
        args.document.as_deref(),
    )?;
    let effective = midnight(date(&args.from)?, &current.time_zone)?;
    account.may_amend(&current.id, &terms, effective, args.reprice.is_some())?;
    let digest = Digest::of(text.as_bytes());
    let contract = current.id.clone();
    let mut events = publish(
        &book,
        &args.customer,
        &documents,
        &text,
        &args.by,
        context.now,
    )?;
    events.push(control(
        &args.customer,
        format!("contract/{contract}/amended/{effective}/{digest}"),
        context.now,
        Control::ContractAmended {
            contract: contract.clone(),
            document: digest,
            effective,
            reprice: args.reprice.clone(),
            by: args.by.clone(),
        },
    ));
    write(&book, &events, context.now)?;
    let customer = args.customer.clone();
    signed(
        context,
        &Signed {
            customer,
            contract,
            from: effective,
            digest: digest.to_string(),
        },
        "amended",
    )
}

fn end(context: &Context, args: &End) -> Result<Done> {
    let book = context.book()?;
    let account = book.account(&args.customer, None)?;
    let held = accounts::contract(&account, args.contract.as_deref())?;
    if held.agreement.is_draft {
        bail!("{} has no signed contract to end", args.customer);
    }
    let current = &held.agreement.latest().terms.contract;
    let effective = midnight(date(&args.at)?, &current.time_zone)?;
    let event = control(
        &args.customer,
        format!("contract/{}/ended/{effective}", current.id),
        context.now,
        Control::ContractEnded {
            contract: current.id.clone(),
            effective,
            by: args.by.clone(),
        },
    );
    write(&book, &[event], context.now)?;
    context
        .out
        .line(format!("ended {} at {effective}", current.id))?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Row {
    contract: String,
    version: u32,
    from: Timestamp,
    until: Option<Timestamp>,
    plan: String,
    document: String,
    draft: bool,
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    let account = book.account(&args.customer, None)?;
    let rows: Vec<Row> = account
        .contracts
        .iter()
        .flat_map(|held| {
            held.agreement.versions.iter().map(|version| Row {
                contract: held.agreement.id.clone(),
                version: version.number,
                from: version.from,
                until: held.agreement.schedule.end.map(|end| end.at),
                plan: version.terms.plan.short(),
                document: version.terms.contract.digest.short(),
                draft: held.agreement.is_draft,
            })
        })
        .collect();
    context.out.value(&rows, |rows| {
        vec![table(
            &[
                "contract", ">version", "from", "until", "plan", "document", "",
            ],
            rows.iter().map(|row| {
                vec![
                    row.contract.clone(),
                    row.version.to_string(),
                    row.from.to_string(),
                    row.until
                        .map_or("open".to_owned(), |until| until.to_string()),
                    row.plan.clone(),
                    row.document.clone(),
                    if row.draft {
                        "draft: nobody signed it".to_owned()
                    } else {
                        String::new()
                    },
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}
