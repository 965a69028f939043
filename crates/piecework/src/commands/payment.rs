//! `piecework payment record`: what a customer paid on a statement.
//!
//! Piecework collects nothing and dunns nobody; it keeps what was paid beside what was stated, so that
//! a statement that is paid is credited, not voided (semantics.md D7).

use anyhow::{Context as _, Result};
use book::acts;
use money::Amount;
use serde::Serialize;

use crate::Done;
use crate::cli::{PaymentCommand, RecordPayment};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &PaymentCommand) -> Result<Done> {
    match command {
        PaymentCommand::Record(args) => record(context, args),
    }
}

#[derive(Serialize)]
struct Recorded {
    #[serde(flatten)]
    payment: acts::Paid,
    known_already: bool,
}

fn record(context: &Context, args: &RecordPayment) -> Result<Done> {
    let amount: Amount = args.amount.parse().with_context(|| {
        format!(
            "--amount `{}` is not an amount such as `120.00 USD`",
            args.amount
        )
    })?;
    let act = acts::Payment {
        customer: &args.customer,
        statement: &args.statement,
        amount,
        at: args.at.as_deref().map(str::parse).transpose()?,
        reference: args.reference.as_deref(),
        id: None,
    };
    let paid = context.book()?.pay(&act, context.now)?;
    let recorded = Recorded {
        payment: paid.what,
        known_already: paid.is_known,
    };
    context
        .out
        .value(&recorded, |recorded| vec![recorded.line()])?;
    Ok(Done::Well)
}

impl Recorded {
    fn line(&self) -> String {
        let acts::Paid {
            statement,
            amount,
            at,
            total,
            balance,
            ..
        } = &self.payment;
        let what = if self.known_already {
            format!("known already: {amount} on {statement}; nothing was changed")
        } else {
            format!("recorded {amount} on {statement} at {at}")
        };
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
