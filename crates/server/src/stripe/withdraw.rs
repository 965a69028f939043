//! What a document's steps are, where something was voided.
//!
//! First it is known what of it is at Stripe; then that is taken back: the credit notes that it made, and its invoice, or,
//! of a statement under a cover, what was invoiced of it. What cannot be taken back without a decision is a person's.

use std::collections::BTreeMap;

use exports::stripe::{MadeCredit, Step, What, part_withdrawal, withdrawal};
use store::operations::{
    DocumentOf, DocumentState, StepState, StripeDocument, StripeFilter, StripeStep,
};

use super::plan::{COVER, Plan, STATEMENT, VOID, invoiced_by, marks, statement_of, void_of};
use crate::app::App;
use crate::limits::STRIPE_DOCUMENTS_READ;
use crate::problem::Problem;

/// What of a document is at Stripe.
#[derive(Default)]
struct There {
    /// Its invoice.
    invoice: Option<String>,
    currency: String,
    /// What is on it, in Stripe's units, by statement.
    invoiced: BTreeMap<String, i64>,
    /// The credit notes that it made, each with the number of the statement that states it.
    credits: Vec<(String, MadeCredit)>,
}

impl There {
    fn of(rows: Vec<StripeStep>) -> There {
        let mut there = There::default();
        for row in rows {
            let (Some(id), StepState::Done) = (row.made, row.state) else {
                continue;
            };
            let Ok(step) = serde_json::from_str::<Step>(&row.step) else {
                continue;
            };
            let stated_by = |form: &[(String, String)]| {
                let name = format!("metadata[{}]", exports::stripe::STATEMENT);
                value(form, &name).to_owned()
            };
            match step.what {
                What::Invoice { form, .. } => {
                    there.currency = value(&form, "currency").to_owned();
                    there.invoice = Some(id);
                }
                What::Item { form } => {
                    let amount: i64 = value(&form, "amount").parse().unwrap_or_default();
                    let sum = there.invoiced.entry(stated_by(&form)).or_default();
                    *sum = sum.saturating_add(amount);
                }
                What::Credit { form, .. } => {
                    there.credits.push((stated_by(&form), (row.name, id)));
                }
                _ => {}
            }
        }
        there
    }
}

fn value<'f>(form: &'f [(String, String)], name: &str) -> &'f str {
    let mut fields = form.iter();
    fields
        .find(|(own, _)| own == name)
        .map_or("", |(_, value)| value.as_str())
}

/// What is at Stripe of the document of something, or what is to become of whatever asks.
fn there(app: &App, of: &DocumentOf) -> Result<Result<There, Plan>, Problem> {
    let operations = app.store().operations();
    let name = &of.name;
    let Some(voided) = operations.stripe_document(of)? else {
        let never = format!("{name} was never to go to Stripe");
        return Ok(Err(Plan::Withdrawn(never)));
    };
    // It is settled first what of it is there.
    if matches!(voided.state, DocumentState::New | DocumentState::Open) {
        let waits = format!("waits until it is known what of {name} is at Stripe");
        return Ok(Err(Plan::Wait(waits)));
    }
    Ok(Ok(There::of(operations.stripe_steps(voided.number)?)))
}

/// What is to become of the void of a statement.
pub(super) fn statement_voided(app: &App, of: &DocumentOf) -> Result<Plan, Problem> {
    let number = &of.name;
    let by = invoiced_by(app, of, number)?;
    let by = by.unwrap_or_else(|| statement_of(of, number));
    let there = match there(app, &by)? {
        Ok(there) => there,
        Err(plan) => return Ok(plan),
    };
    let credits: Vec<MadeCredit> = (there.credits.into_iter())
        .filter(|(stated_by, _)| stated_by == number)
        .map(|(_, made)| made)
        .collect();
    let marks = marks(app, of)?;
    let steps = match by.kind.as_str() {
        STATEMENT => withdrawal(number, there.invoice.as_deref(), &credits, &marks),
        _ => {
            let invoiced = there.invoiced.get(number).copied().unwrap_or_default();
            if invoiced < 0 {
                let took = exports::stripe::words(invoiced.saturating_neg(), &there.currency);
                return Ok(Plan::Person(format!(
                    "{number} took {took} off the invoice of the cover {}, which its void asks for again: invoice \
                     that by hand",
                    by.name
                )));
            }
            part_withdrawal(number, invoiced, &there.currency, &credits, &marks)
        }
    };
    Ok(match steps.is_empty() {
        true => Plan::Withdrawn(format!("nothing of {number} is at Stripe")),
        false => Plan::Steps(steps),
    })
}

/// What is to become of the void of a cover: its invoice goes with everything that was credited on it because statements
/// under it were voided. What later statements took back on it would have to be given back on another invoice, which is
/// a person's.
pub(super) fn cover_voided(app: &App, of: &DocumentOf) -> Result<Plan, Problem> {
    let number = &of.name;
    let cover = DocumentOf {
        kind: COVER.to_owned(),
        ..of.clone()
    };
    let there = match there(app, &cover)? {
        Ok(there) => there,
        Err(plan) => return Ok(plan),
    };
    let mut credits: Vec<MadeCredit> = there.credits.into_iter().map(|(_, made)| made).collect();
    if let Some(invoice) = &there.invoice {
        let on_it = match credited_on(app, of, invoice)? {
            Ok(on_it) => on_it,
            Err(plan) => return Ok(plan),
        };
        credits.extend(on_it);
    }
    let steps = withdrawal(number, there.invoice.as_deref(), &credits, &marks(app, of)?);
    Ok(match steps.is_empty() {
        true => Plan::Withdrawn(format!("nothing of {number} is at Stripe")),
        false => Plan::Steps(steps),
    })
}

/// The credit notes on an invoice that are there because statements on it were voided, or what is to become of the void
/// of the cover that it is of.
fn credited_on(
    app: &App,
    of: &DocumentOf,
    invoice: &str,
) -> Result<Result<Vec<MadeCredit>, Plan>, Problem> {
    let operations = app.store().operations();
    let mut made = Vec::new();
    let mut after = 0;
    loop {
        let filter = StripeFilter {
            customer: Some(&of.customer),
            after,
            ..StripeFilter::default()
        };
        let page = operations.stripe_documents(&filter, STRIPE_DOCUMENTS_READ)?;
        let Some(last) = page.last() else {
            return Ok(Ok(made));
        };
        after = last.number;
        for other in &page {
            for (name, id) in credits_on(app, other, invoice)? {
                if other.of.kind == VOID {
                    made.push((name, id));
                    continue;
                }
                // Credits of what was voided itself are taken back with that.
                match void_of(app, &other.of)?.map(|void| void.state) {
                    Some(DocumentState::Done | DocumentState::Withdrawn) => {}
                    Some(_) => {
                        let waits = format!("waits until the {name} is void");
                        return Ok(Err(Plan::Wait(waits)));
                    }
                    None => {
                        return Ok(Err(Plan::Person(format!(
                            "{} credited {name} ({id}) on its invoice: void both at Stripe, and credit it on the \
                             invoice of the cover that follows",
                            other.of.name
                        ))));
                    }
                }
            }
        }
    }
}

/// The credit notes that a document made on an invoice.
fn credits_on(
    app: &App,
    document: &StripeDocument,
    invoice: &str,
) -> Result<Vec<MadeCredit>, Problem> {
    let rows = app.store().operations().stripe_steps(document.number)?;
    let on_it = format!("&invoice={invoice}&");
    let of = rows.into_iter().filter_map(|row| {
        let sent = row.sent.as_ref()?;
        let is_on_it =
            sent.path == "/v1/credit_notes" && format!("&{}&", sent.body).contains(&on_it);
        (row.state == StepState::Done && is_on_it).then_some((row.name, row.made?))
    });
    Ok(of.collect())
}
