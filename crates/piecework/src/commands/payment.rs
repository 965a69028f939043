//! `piecework payment record`: what a customer paid on a statement.
//!
//! Piecework collects nothing and dunns nobody; it keeps what was paid beside what was stated, so that
//! a statement that is paid is credited, not voided (semantics.md D7).

use anyhow::{Context as _, Result, bail};
use book::Book;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use pages::view;
use serde::Serialize;
use work::LogKind;
use work::body::{Body, Control};
use work::event::PIECEWORK;

use crate::Done;
use crate::cli::{PaymentCommand, RecordPayment};
use crate::commands::contract::{control, write};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &PaymentCommand) -> Result<Done> {
    match command {
        PaymentCommand::Record(args) => record(context, args),
    }
}

#[derive(Serialize)]
struct Recorded {
    customer: String,
    statement: String,
    #[serde(serialize_with = "view::json::amount")]
    amount: Amount,
    at: Timestamp,
    reference: Option<String>,
    #[serde(serialize_with = "view::json::amount")]
    total: Amount,
    #[serde(serialize_with = "view::json::amount")]
    balance: Amount,
    known_already: bool,
}

fn record(context: &Context, args: &RecordPayment) -> Result<Done> {
    let amount: Amount = args.amount.parse().with_context(|| {
        format!(
            "--amount `{}` is not an amount such as `120.00 USD`",
            args.amount
        )
    })?;
    if amount.is_zero() || amount.is_negative() {
        bail!("--amount {amount} pays nothing; a payment is above zero, e.g. `120.00 USD`");
    }
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    account.may_pay(&args.statement, amount)?;
    let zone = account.statement(&args.statement).map(|(held, _)| {
        let contract = &held.agreement.latest().terms.contract;
        contract.time_zone.clone()
    });
    let at = match &args.at {
        None => context.now,
        Some(text) => instant(text, zone.unwrap_or(TimeZone::UTC))?,
    };
    // A reference is used once; without one, the same amount at the same instant is the same payment.
    let id = match &args.reference {
        Some(reference) => format!("payment/{}/{reference}", args.statement),
        None => format!("payment/{}/{at}/{amount}", args.statement),
    };
    let known = known(&book, &args.customer, &id)?;
    match known {
        Some(known) if known != amount => bail!(
            "the payment {id} is recorded already, of {known} and not {amount}; give the other payment \
             a --reference of its own"
        ),
        Some(_) => {}
        None => {
            let payment = Control::PaymentRecorded {
                statement: args.statement.clone(),
                amount,
                reference: args.reference.clone(),
            };
            let event = control(&args.customer, id, at, payment);
            write(&book, &[event], context.now)?;
        }
    }
    let account = book.account(&args.customer, None)?;
    let Some((held, issued)) = account.statement(&args.statement) else {
        bail!("the statement `{}` is no longer there", args.statement);
    };
    let currency: Currency = held.agreement.latest().terms.contract.currency;
    let recorded = Recorded {
        customer: args.customer.clone(),
        statement: args.statement.clone(),
        amount,
        at,
        reference: args.reference.clone(),
        total: issued.total(currency)?,
        balance: issued.balance(currency)?,
        known_already: known.is_some(),
    };
    context
        .out
        .value(&recorded, |recorded| vec![recorded.line()])?;
    Ok(Done::Well)
}

impl Recorded {
    fn line(&self) -> String {
        let what = if self.known_already {
            format!(
                "known already: {} on {}; nothing was changed",
                self.amount, self.statement
            )
        } else {
            format!(
                "recorded {} on {} at {}",
                self.amount, self.statement, self.at
            )
        };
        let Recorded { total, balance, .. } = self;
        if balance.is_zero() {
            format!("{what}: paid in full, {total}")
        } else if balance.is_negative() {
            format!(
                "{what}: OVERPAID by {}, the statement is over {total}; give it back, or record it on \
                 the statement that it was meant for",
                balance.negated()
            )
        } else {
            format!("{what}: {balance} of {total} is open")
        }
    }
}

/// The amount of a payment that is recorded under an id.
fn known(book: &Book, customer: &str, id: &str) -> Result<Option<Amount>> {
    let found = book.store.find(customer, PIECEWORK, id)?;
    let Some((index, _)) = found.and_then(|found| found.contents.first().copied()) else {
        return Ok(None);
    };
    let entry = book.store.entry(customer, LogKind::Shared, index)?;
    Ok(entry.and_then(|entry| match entry.event.body {
        Body::Control(Control::PaymentRecorded { amount, .. }) => Some(amount),
        _ => None,
    }))
}

/// An instant, or a day as banks book payments: from its midnight in the contract's zone.
fn instant(text: &str, zone: TimeZone) -> Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let day: Option<Date> = text.parse().ok();
    day.and_then(|day| day.to_zoned(zone).ok())
        .map(|midnight| midnight.timestamp())
        .with_context(|| {
            format!("--at `{text}` is neither a day such as 2026-02-20 nor an instant such as 2026-02-20T09:30:00Z")
        })
}
