//! What a document's steps are, where something was issued.
//!
//! A statement that is paid for itself is one invoice. One that is paid with others makes none: its cover does, with the
//! lines of each of its statements (semantics.md D16). Not here: what becomes of voids (`withdraw`).

use book::collections::{Collection, CoverCollection};
use book::covers::PaidWith;
use exports::stripe::{Bill, BillOf, Credit, Due, Line, Marks, Part, Step, bill};
use jiff::Timestamp;
use store::operations::{DocumentOf, StripeDocument};
use work::LogKind;

use super::withdraw::{cover_voided, statement_voided};
use crate::app::App;
use crate::problem::Problem;

/// The kind of a document that is a statement.
pub(super) const STATEMENT: &str = "statement";
/// The kind of one that is the void of a statement.
pub(super) const VOID: &str = "void";
/// The kind of one that is a cover.
pub(super) const COVER: &str = "cover";
/// The kind of one that is the void of a cover.
pub(super) const COVER_VOID: &str = "cover_void";
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
    let of = &document.of;
    match of.kind.as_str() {
        VOID => return statement_voided(app, of),
        COVER_VOID => return cover_voided(app, of),
        _ => {}
    }
    if let Some(void) = void_of(app, of)? {
        return Ok(Plan::Withdrawn(format!(
            "voided {} before anything was sent",
            void.made
        )));
    }
    if of.kind == STATEMENT {
        match app.book().paid_with(&of.customer, &of.name)? {
            PaidWith::Nothing => {}
            PaidWith::NoCoverYet => return Ok(Plan::Wait("waits for its cover".to_owned())),
            // Nothing is asked for twice: what is paid at once is one invoice.
            PaidWith::Cover(cover) => {
                return Ok(Plan::Withdrawn(format!("invoiced with the cover {cover}")));
            }
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
    let own = match of.kind.as_str() {
        COVER => cover_bill(app, document, customer)?,
        _ => statement_bill(app, document, customer),
    };
    let own = match own {
        Ok(own) => own,
        Err(error) => return Ok(Plan::Person(error.to_string())),
    };
    Ok(match bill(&own, &marks(app, of)?, config.stripe.finalize) {
        Ok(steps) => Plan::Steps(steps),
        Err(error) => Plan::Person(error.to_string()),
    })
}

/// A statement as Stripe is told of it.
fn statement_bill(
    app: &App,
    document: &StripeDocument,
    customer: String,
) -> Result<Bill, book::Error> {
    let of = &document.of;
    let own = app
        .book()
        .collection(&of.customer, &of.name, document.until)?;
    Ok(Bill {
        customer,
        number: own.number.clone(),
        of: BillOf::Statement {
            contract: own.contract.clone(),
            digest: own.digest.to_string(),
            proof: site(app, &own.customer, "statements", &own.number, "proof"),
        },
        po_numbers: own.po_number.clone().into_iter().collect(),
        currency: own.currency,
        due: due(app, own.due),
        parts: vec![part(own)],
    })
}

/// A cover as Stripe is told of it: without the statements that were voided since, which nothing is to be paid for.
fn cover_bill(
    app: &App,
    document: &StripeDocument,
    customer: String,
) -> Result<Result<Bill, book::Error>, Problem> {
    let of = &document.of;
    let collected = app
        .book()
        .cover_collection(&of.customer, &of.name, document.until);
    let CoverCollection {
        customer: name,
        number,
        through,
        currency,
        due: by,
        parts: all,
    } = match collected {
        Ok(collected) => collected,
        Err(error) => return Ok(Err(error)),
    };
    let (mut parts, mut po_numbers) = (Vec::new(), Vec::new());
    for own in all {
        if void_of(app, &statement_of(of, &own.number))?.is_some() {
            continue;
        }
        po_numbers.extend(own.po_number.clone());
        parts.push(part(own));
    }
    po_numbers.sort();
    po_numbers.dedup();
    let document = site(app, &name, "covers", &number, "document");
    Ok(Ok(Bill {
        customer,
        number,
        of: BillOf::Cover { through, document },
        po_numbers,
        currency,
        due: due(app, by),
        parts,
    }))
}

fn part(own: Collection) -> Part {
    let lines = own.lines.into_iter().map(|line| Line {
        component: line.component,
        description: line.description,
        cell: line.cell,
        service: line.service,
        tax_category: line.tax_category,
        amount: line.amount,
    });
    let credits = own.credits.into_iter().map(|credit| Credit {
        number: credit.number,
        origin: credit.origin,
        amount: credit.amount,
    });
    Part {
        number: own.number,
        lines: lines.collect(),
        credits: credits.collect(),
        payable: own.payable,
    }
}

/// Where something of a statement or a cover is, where the server has an address.
fn site(app: &App, customer: &str, kind: &str, number: &str, what: &str) -> Option<String> {
    let url = app.book().config.server.url.as_deref()?;
    let url = url.trim_end_matches('/');
    Some(format!(
        "{url}/v1/customers/{customer}/{kind}/{number}/{what}"
    ))
}

fn due(app: &App, by: Option<Timestamp>) -> Due {
    match by {
        Some(at) if at > app.now() => Due::At(at),
        // Stripe takes no day that is past.
        Some(_) => Due::Days(1),
        None => Due::Days(app.book().config.stripe.due_days.unwrap_or(DUE_DAYS)),
    }
}

/// The document of the void of a statement or a cover, if it was voided.
pub(super) fn void_of(app: &App, of: &DocumentOf) -> Result<Option<StripeDocument>, Problem> {
    let kind = match of.kind.as_str() {
        STATEMENT => VOID,
        COVER => COVER_VOID,
        _ => return Ok(None),
    };
    let of = DocumentOf {
        kind: kind.to_owned(),
        ..of.clone()
    };
    Ok(app.store().operations().stripe_document(&of)?)
}

/// What names the document of a statement of the same customer.
pub(super) fn statement_of(of: &DocumentOf, number: &str) -> DocumentOf {
    DocumentOf {
        customer: of.customer.clone(),
        kind: STATEMENT.to_owned(),
        name: number.to_owned(),
    }
}

/// What names the document whose invoice a statement of the same customer is on: its own, or its cover's; nothing while
/// it waits for a cover.
pub(super) fn invoiced_by(
    app: &App,
    of: &DocumentOf,
    statement: &str,
) -> Result<Option<DocumentOf>, Problem> {
    Ok(match app.book().paid_with(&of.customer, statement)? {
        PaidWith::Nothing => Some(statement_of(of, statement)),
        PaidWith::NoCoverYet => None,
        PaidWith::Cover(cover) => Some(DocumentOf {
            kind: COVER.to_owned(),
            ..statement_of(of, &cover)
        }),
    })
}

pub(super) fn marks(app: &App, of: &DocumentOf) -> Result<Marks, Problem> {
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
