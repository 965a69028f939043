//! What a document's steps are.

use book::collections::Collection;
use book::covers::PaidWith;
use exports::stripe::{Credit, Due, Line, Marks, Statement, Step, What, statement, withdrawal};
use jiff::Timestamp;
use store::operations::{DocumentOf, DocumentState, StepState, StripeDocument};
use work::LogKind;

use crate::app::App;
use crate::problem::Problem;

/// The kind of a document that is a statement.
pub(super) const STATEMENT: &str = "statement";
/// The kind of one that is the void of a statement.
pub(super) const VOID: &str = "void";
/// Days until an invoice is to be paid, where neither contract nor configuration says.
const DUE_DAYS: u32 = 30;

/// What is to become of a document that has no steps.
pub(super) enum Plan {
    /// These steps.
    Steps(Vec<Step>),
    /// It is looked at again later.
    Wait(String),
    /// A person must look at it.
    Person(String),
    /// Nothing.
    Withdrawn(String),
}

/// What is to become of a document.
pub(super) fn plan(app: &App, document: &StripeDocument) -> Result<Plan, Problem> {
    match document.of.kind.as_str() {
        VOID => void(app, document),
        _ => issued(app, document),
    }
}

fn issued(app: &App, document: &StripeDocument) -> Result<Plan, Problem> {
    let of = &document.of;
    if let Some(void) = void_of(app, of)? {
        return Ok(Plan::Withdrawn(format!(
            "voided {} before anything was sent",
            void.made
        )));
    }
    match app.book().paid_with(&of.customer, &of.name)? {
        PaidWith::Nothing => {}
        PaidWith::NoCoverYet => return Ok(Plan::Wait("waits for its cover".to_owned())),
        // Nothing is asked for twice: what is paid at once is one invoice.
        PaidWith::Cover(cover) => {
            return Ok(Plan::Person(format!(
                "it is paid with the cover {cover}, which is invoiced by hand: one invoice over {cover}"
            )));
        }
    }
    let config = &app.book().config;
    let known = config
        .customer
        .get(&of.customer)
        .and_then(|own| own.stripe.clone());
    let Some(customer) = known else {
        return Ok(Plan::Wait(format!(
            "nothing says who that is at Stripe; write `stripe = \"cus_…\"` under [customer.\"{}\"]",
            of.customer
        )));
    };
    let collected = match app
        .book()
        .collection(&of.customer, &of.name, document.until)
    {
        Ok(collected) => collected,
        Err(error) => return Ok(Plan::Person(error.to_string())),
    };
    let own = told(app, customer, collected);
    Ok(
        match statement(&own, &marks(app, of)?, config.stripe.finalize) {
            Ok(steps) => Plan::Steps(steps),
            Err(error) => Plan::Person(error.to_string()),
        },
    )
}

/// A statement as Stripe is told of it.
fn told(app: &App, customer: String, own: Collection) -> Statement {
    let site = app.book().config.server.url.as_deref();
    let proof = site.map(|url| {
        let url = url.trim_end_matches('/');
        format!(
            "{url}/v1/customers/{}/statements/{}/proof",
            own.customer, own.number
        )
    });
    let default = app.book().config.stripe.due_days.unwrap_or(DUE_DAYS);
    let due = match own.due {
        Some(at) if at > app.now() => Due::At(at),
        // Stripe takes no day that is past.
        Some(_) => Due::Days(1),
        None => Due::Days(default),
    };
    let lines = own.lines.into_iter().map(|line| Line {
        component: line.component,
        description: line.description,
        cell: line.cell,
        service: line.service,
        amount: line.amount,
    });
    let credits = own.credits.into_iter().map(|credit| Credit {
        number: credit.number,
        origin: credit.origin,
        amount: credit.amount,
    });
    Statement {
        customer,
        number: own.number,
        contract: own.contract,
        digest: own.digest.to_string(),
        proof,
        po_number: own.po_number,
        currency: own.currency,
        due,
        lines: lines.collect(),
        credits: credits.collect(),
        payable: own.payable,
    }
}

fn void(app: &App, document: &StripeDocument) -> Result<Plan, Problem> {
    let of = &document.of;
    let operations = app.store().operations();
    let Some(voided) = operations.stripe_document(&statement_of(of))? else {
        return Ok(Plan::Withdrawn(format!(
            "{} was never to go to Stripe",
            of.name
        )));
    };
    // It is settled first what of the statement is there.
    if matches!(voided.state, DocumentState::New | DocumentState::Open) {
        return Ok(Plan::Wait(format!(
            "waits until it is known what of {} is at Stripe",
            of.name
        )));
    }
    let mut credits = Vec::new();
    let mut is_there = false;
    for row in operations.stripe_steps(voided.number)? {
        if row.state != StepState::Done || row.made.is_none() {
            continue;
        }
        let step: Option<Step> = serde_json::from_str(&row.step).ok();
        match step.map(|step| step.what) {
            Some(What::Credit { .. }) => {
                credits.extend(row.name.strip_prefix("credit note ").map(str::to_owned));
            }
            Some(What::Invoice { .. }) => is_there = true,
            _ => {}
        }
    }
    if credits.is_empty() && !is_there {
        return Ok(Plan::Withdrawn(format!(
            "nothing of {} is at Stripe",
            of.name
        )));
    }
    let mut steps = withdrawal(&of.name, &credits, &marks(app, of)?);
    if !is_there {
        steps.pop();
    }
    Ok(Plan::Steps(steps))
}

/// The document of the void of a statement, if it was voided.
pub(super) fn void_of(app: &App, of: &DocumentOf) -> Result<Option<StripeDocument>, Problem> {
    let of = DocumentOf {
        kind: VOID.to_owned(),
        ..of.clone()
    };
    Ok(app.store().operations().stripe_document(&of)?)
}

/// What names the document of a voided statement.
pub(super) fn statement_of(of: &DocumentOf) -> DocumentOf {
    DocumentOf {
        kind: STATEMENT.to_owned(),
        ..of.clone()
    }
}

fn marks(app: &App, of: &DocumentOf) -> Result<Marks, Problem> {
    let keyring = app.book().keyring()?;
    Ok(Marks {
        // Of this book and no other, whatever its customers are called.
        book: keyring.pseudonym(LogKind::Shared, &of.customer),
        document: format!("{}/{}", of.kind, of.name),
    })
}

/// When a document is looked at again at the latest.
pub(super) fn later(now: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
