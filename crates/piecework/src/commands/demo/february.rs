//! The days after the demonstration's months: what a vendor, its buyers and its finance do with two statements.
//!
//! So that every screen of a server over the book has something true to show: money paid, a dispute that was lost and
//! one that waits, a credit note, prepaid credits, a budget, a quote, an act that waits for a second person, an event
//! that was refused, signed heads. Invariant: nothing here changes what the months themselves come to.

use anyhow::{Context as _, Result};
use book::Book;
use book::acts::{About, Credit, CreditAct, DraftQuote, For, PaidAt, Payment, Step, StepQuote};
use book::budgets::SetBudget;
use book::listings::WorksAsked;
use jiff::Timestamp;
use jiff::civil::date;
use money::Amount;
use store::operations::{BudgetTerms, Refusal, Sender};
use work::body::{Grant, GrantScope, Verdict};
use work::{Headers, LogKind};

use super::issue;

const SMALL: &str = "cobalt-cycles";
const MIDDLE: &str = "harbour-hotels";
const LARGE: &str = "tessera-telecom";
/// Somebody who bought nothing yet.
const PROSPECT: &str = "northwind-clinics";
/// Who speaks for the buyers.
const DESK: &str = "desk.buyer.example";
/// Who decides for the seller.
const SELLER: &str = "care.brightdesk.example";

/// What happens until `now`, when the book is looked at.
pub(super) fn play(book: &Book, now: Timestamp) -> Result<()> {
    pay(book, SMALL, "350.00 USD", 14, now)?;
    pay(book, MIDDLE, "500.00 USD", 20, now)?;
    let lost = counted(book, LARGE, "2025-12-22T00:00:00Z", now)?;
    let given_in = ("2026-01-15T10:00:00Z", Some("2026-01-22T10:00:00Z"));
    dispute(book, (LARGE, &lost), given_in, now)?;
    for customer in [SMALL, LARGE] {
        issue(book, customer, now)?;
    }
    let open = counted(book, LARGE, "2025-12-30T00:00:00Z", now)?;
    dispute(book, (LARGE, &open), ("2026-01-30T15:30:00Z", None), now)?;
    prepaid(book, now)?;
    budget(book, now)?;
    quote(book, now)?;
    waits_for_a_second_person(book, now)?;
    refused(book, now)?;
    for customer in [SMALL, MIDDLE, LARGE] {
        book.checkpoint(customer, LogKind::Shared, None, now)?;
    }
    Ok(())
}

fn pay(book: &Book, customer: &str, amount: &str, day: i8, now: Timestamp) -> Result<()> {
    let reference = format!("transfer of {customer}");
    let payment = Payment {
        customer,
        amount: amount.parse()?,
        of: For::OldestDueFirst,
        at: Some(PaidAt::Day(date(2026, 1, day))),
        reference: Some(&reference),
        id: None,
    };
    book.pay(&payment, now)?;
    Ok(())
}

/// A work that counts and was opened at an instant or after it.
fn counted(book: &Book, customer: &str, from: &str, now: Timestamp) -> Result<String> {
    let asked = WorksAsked {
        state: Some("counted"),
        from: Some(from.parse()?),
        ..WorksAsked::default()
    };
    let mut found = book.works(customer, &asked, (None, 1), now)?;
    let work = found.rows.pop().context("a month has works that count")?;
    Ok(work.work)
}

/// A buyer disputes a work; the seller gives in, where it says when.
fn dispute(
    book: &Book,
    (customer, work): (&str, &str),
    (at, given_in): (&str, Option<&str>),
    now: Timestamp,
) -> Result<()> {
    let headers = Headers::default();
    let disputed = About {
        customer,
        work,
        source: DESK,
        at: Some(at.parse()?),
        headers: &headers,
        id: None,
    };
    book.dispute(&disputed, "the guest wrote again about the same thing", now)?;
    if let Some(at) = given_in {
        let decided = About {
            source: SELLER,
            at: Some(at.parse()?),
            ..disputed
        };
        book.decide(&decided, Verdict::Credited, now)?;
    }
    Ok(())
}

fn prepaid(book: &Book, now: Timestamp) -> Result<()> {
    let grant = Grant {
        grant: "prepaid-2026".to_owned(),
        contract: None,
        amount: "1000.00 USD".parse()?,
        paid: Some("900.00 USD".parse()?),
        priority: 1,
        starts: None,
        expires: Some("2026-12-31T23:00:00Z".parse()?),
        scope: GrantScope::default(),
        restore_days: 30,
        by: "finance".to_owned(),
    };
    book.credits_act(MIDDLE, &CreditAct::Grant(grant), (None, None), now)?;
    Ok(())
}

fn budget(book: &Book, now: Timestamp) -> Result<()> {
    let terms = BudgetTerms {
        amount: "2000.00 USD".parse()?,
        thresholds_percent: vec![50, 80, 100],
        stops: false,
        note: Some("agreed with procurement".to_owned()),
    };
    let set = SetBudget {
        customer: LARGE,
        terms: Some(terms),
        expected: 0,
        by: "procurement",
    };
    Ok(book.set_budget(&set, now)?)
}

fn quote(book: &Book, now: Timestamp) -> Result<()> {
    let draft = DraftQuote {
        customer: PROSPECT,
        from: date(2026, 3, 1),
        document: None,
        valid_until: date(2026, 2, 27),
        words: Some("As talked over: the same terms as in the pilot."),
        by: "sales",
        id: None,
    };
    let drafted = book.draft_quote(&draft, now)?.what;
    let send = StepQuote {
        customer: PROSPECT,
        quote: &drafted.quote,
        step: Step::Send,
        by: "sales",
        id: None,
    };
    book.step_quote(&send, now)?;
    Ok(())
}

/// A credit above what one person may give.
fn waits_for_a_second_person(book: &Book, now: Timestamp) -> Result<()> {
    let amount: Amount = "450.00 USD".parse()?;
    let credit = Credit {
        customer: LARGE,
        contract: None,
        amount,
        reason: "two days without anybody on call",
        by: "cs-lead",
        key: None,
        id: None,
    };
    match book.credit(&credit, now) {
        Err(error) if error.proposal().is_some() => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => anyhow::bail!("{amount} is above the limit, and was given"),
    }
}

/// An event that names no kind the book knows.
fn refused(book: &Book, now: Timestamp) -> Result<()> {
    let raw = br#"{"specversion":"1.0","id":"evt-4711","source":"assist.brightdesk.example","type":"piecework.work.solved.v1","subject":"harbour-hotels","time":"2026-02-02T08:12:00Z","workid":"HAR-04711","data":{}}"#;
    let refusal = Refusal {
        route: "/api/v1/events".to_owned(),
        sender: Sender {
            key: "assist".to_owned(),
            role: "ingest".to_owned(),
            customer: None,
        },
        customer: Some(MIDDLE.to_owned()),
        source: Some("assist.brightdesk.example".to_owned()),
        pointer: "/type".to_owned(),
        reason:
            "`piecework.work.solved.v1` is no kind of event; one that says that work was done is \
                 `piecework.work.answered.v1`"
                .to_owned(),
        raw: raw.to_vec(),
    };
    Ok(book.store.operations().keep_refused(&[refusal], now)?)
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)] // a test that panics is a test that fails

    use super::*;

    pub(in super::super) fn something_is_on_every_screen(book: &Book) {
        let now: Timestamp = super::super::SERVED_AT.parse().unwrap();
        let open = book.disputes(LARGE, Some(true), (None, 10), now).unwrap();
        assert_eq!(open.rows.len(), 1);
        // The lost dispute came back on January's statement, against December's.
        assert_eq!(book.credit_notes(LARGE).unwrap().len(), 1);
        assert_eq!(book.statements(LARGE).unwrap().len(), 2);
        // Its January is still to be issued.
        let stated = book.statements(MIDDLE).unwrap();
        assert_eq!(stated.len(), 1);
        assert_eq!(stated[0].state, "partly_paid");
        assert_eq!(book.statements(SMALL).unwrap()[0].state, "paid");
        assert_eq!(book.quotes(PROSPECT, now).unwrap()[0].state, "sent");
        assert_eq!(book.grants(MIDDLE).unwrap().len(), 1);
        assert!(book.spending(LARGE, None, now).unwrap().budget.is_some());
        let waiting = book.proposals(Some(LARGE), true, now).unwrap();
        assert_eq!(waiting.len(), 1);
        let refused = book.store.operations().refused_events(
            &store::operations::RefusedFilter::default(),
            0,
            10,
        );
        assert_eq!(refused.unwrap().len(), 1);
    }
}
