//! What was paid at Stripe is recorded in the book, where the configuration says so.
//!
//! An invoice whose document is done is looked at now and then until it is settled. What Stripe says was paid of it, beyond
//! what was recorded, is a payment of its statement or its cover (semantics.md D7, D16). Invariant: the payment's
//! reference follows from the invoice and from what was paid of it in all, so that it is recorded once, whatever happens
//! between the look and the record.

use book::acts::{For, Payment};
use exports::stripe::answer::{Invoice, Verdict};
use exports::stripe::{Request, amount, minor};
use jiff::SignedDuration;
use money::Amount;
use store::operations::{DocumentState, StripeDocument, StripeStep};

use super::plan::{COVER, STATEMENT, later};
use super::setup::Setup;
use super::speak::ask;
use crate::app::App;
use crate::limits::STRIPE_PAID_POLL;
use crate::problem::Problem;

/// When the invoice of a document that is done is to be looked at: at once, where it has one and payments are recorded.
pub(super) fn next(
    app: &App,
    document: &StripeDocument,
    steps: &[StripeStep],
) -> Option<SignedDuration> {
    let is_bill = matches!(document.of.kind.as_str(), STATEMENT | COVER);
    let is_wanted = app.book().config.stripe.payments && is_bill;
    (is_wanted && invoice_of(steps).is_some()).then_some(SignedDuration::ZERO)
}

fn invoice_of(steps: &[StripeStep]) -> Option<&str> {
    let mut steps = steps.iter();
    steps.find(|row| row.name == "invoice")?.made.as_deref()
}

/// Looks what was paid of the invoice of a document that is done, and records what is new.
pub(super) async fn look(
    app: &App,
    setup: &Setup,
    mut document: StripeDocument,
) -> Result<(), Problem> {
    let number = document.number;
    let steps = app
        .work(move |app| Ok(app.store().operations().stripe_steps(number)?))
        .await?;
    document.next_at = None;
    if let Some(id) = invoice_of(&steps).filter(|_| app.book().config.stripe.payments) {
        let answered = ask(setup, &Request::invoice(id), None).await;
        let found: Option<Invoice> = match answered.verdict {
            Verdict::Done => answered.read(),
            _ => None,
        };
        let is_gone = answered.is_missing;
        let is_settled = found
            .as_ref()
            .is_some_and(|own| matches!(own.status(), "paid" | "void"));
        if !is_settled && !is_gone {
            document.next_at = Some(later(app.now(), STRIPE_PAID_POLL));
        }
        if let Some(found) = found {
            let of = document.of.clone();
            let recorded = app
                .work(move |app| Ok(record(app, &of.customer, &of.name, &found)))
                .await?;
            if let Err(problem) = recorded {
                document.state = DocumentState::Person;
                document.problem = Some(problem);
                document.next_at = None;
            }
        }
    }
    app.work(move |app| Ok(app.store().operations().stripe_note(&document)?))
        .await
}

/// Records what was paid of an invoice and is not recorded yet; why it cannot be, in words.
fn record(app: &App, customer: &str, number: &str, found: &Invoice) -> Result<(), String> {
    if found.amount_paid == 0 {
        return Ok(());
    }
    let id = &found.id;
    let whole = amount(found.amount_paid, &found.currency)
        .ok_or_else(|| format!("the invoice {id} was paid in {}", found.currency))?;
    if found.before_tax() != found.total {
        return Err(format!(
            "{whole} was paid of the invoice {id}, which bears tax at Stripe: record what of it was paid before tax \
             (`piecework payment record --statement {number}`)"
        ));
    }
    let unrecorded = |error: &dyn std::fmt::Display| {
        format!("{whole} was paid of the invoice {id}, and cannot be recorded: {error}")
    };
    let known = app
        .book()
        .payments(customer)
        .map_err(|error| unrecorded(&error))?;
    let prefix = format!("payment/{}", reference(id, ""));
    let of = known.iter().filter(|row| {
        let name = row.payment.as_deref().unwrap_or_default();
        name.starts_with(&prefix)
    });
    let before = Amount::sum(whole.currency(), of.map(|row| row.amount));
    let rest = before.and_then(|before| whole.minus(before));
    let rest = rest.map_err(|error| unrecorded(&error))?;
    if rest.is_zero() || rest.is_negative() {
        return Ok(());
    }
    let units = minor(whole).map_err(|error| unrecorded(&error))?;
    let reference = reference(id, &units.to_string());
    let payment = Payment {
        customer,
        amount: rest,
        of: For::Statement(number),
        at: None,
        reference: Some(&reference),
        id: None,
    };
    let paid = app.book().pay(&payment, app.now());
    paid.map(|_| ()).map_err(|error| unrecorded(&error))
}

/// What a payment is known by: the invoice, and what was paid of it in all.
fn reference(invoice: &str, paid: &str) -> String {
    format!("stripe-{invoice}-{paid}")
}
