//! What every store must do, whatever it keeps its book in: one suite for all implementations.
//!
//! [`conformance`] runs each check on a book of its own and panics, as a test does, where one fails.

mod assigning;
mod beside;
pub mod feed;
mod journal;
mod operations;
mod outbox;
mod reading;
mod reconciliation;
mod refused;
mod statement_runs;
mod stripe;
mod totals;
mod trees;
mod units;

use jiff::Timestamp;
use work::body::{Body, Control, Kind, StatedCell};
use work::event::PIECEWORK;
use work::{Digest, Event, Headers, LogKind};

use crate::{Entry, Outcome, Store, StoreError};

pub use units::{Draw, definition, feed};

type Check = fn(&dyn Store);

/// Runs every check on books that `make` makes, each empty.
///
/// # Panics
/// Where the store does not conform.
#[allow(clippy::missing_panics_doc)]
pub fn conformance(make: impl Fn() -> Box<dyn Store>) {
    let checks: &[(&str, Check)] = &[
        ("an empty book", journal::an_empty_book),
        ("an event counts once", journal::an_event_counts_once),
        (
            "s4: conflicts are kept and marked",
            journal::s4_conflicts_are_kept_and_marked,
        ),
        (
            "events are refused one by one",
            journal::events_are_refused_one_by_one,
        ),
        (
            "l2: corrections stay in the log of their target",
            journal::l2_corrections_stay_in_their_log,
        ),
        ("logs do not mix", journal::logs_do_not_mix),
        ("ranges of entries", journal::ranges_of_entries),
        ("entries are their bytes", trees::entries_are_their_bytes),
        (
            "heads are those of RFC 6962",
            trees::heads_are_those_of_rfc_6962,
        ),
        ("proofs verify", trees::proofs_verify),
        (
            "tiles and bundles are those of C2SP",
            trees::tiles_and_bundles_are_those_of_c2sp,
        ),
        (
            "a log keeps its heads while it grows",
            trees::a_log_keeps_its_heads_while_it_grows,
        ),
        (
            "checkpoints are the log's",
            beside::checkpoints_are_the_logs,
        ),
        (
            "signatures of a checkpoint are kept together",
            beside::signatures_of_a_checkpoint_are_kept_together,
        ),
        (
            "payloads stand behind commitments",
            beside::payloads_stand_behind_commitments,
        ),
        (
            "payloads have a largest size",
            beside::payloads_have_a_largest_size,
        ),
        (
            "API keys are kept without their secrets",
            operations::api_keys_are_kept_and_taken_back,
        ),
        (
            "the last version of a budget is in force",
            operations::the_last_version_of_a_budget_is_in_force,
        ),
        (
            "deliveries by customer, day and source",
            reconciliation::deliveries_by_customer_day_and_source,
        ),
        (
            "units by day and what waits",
            reconciliation::units_by_day_and_what_waits,
        ),
        (
            "works by day are the works one by one",
            totals::works_by_day_are_the_works_one_by_one,
        ),
        (
            "costs by day are the costs one by one",
            totals::costs_by_day_are_the_costs_one_by_one,
        ),
        (
            "works and documents are found over all customers",
            totals::works_and_documents_are_found_over_all_customers,
        ),
        (
            "links are kept and taken back",
            operations::links_are_kept_and_taken_back,
        ),
        (
            "a document for Stripe is there once and keeps its steps",
            stripe::a_document_is_there_once_and_keeps_its_steps,
        ),
        (
            "documents for Stripe are looked at when they are due",
            stripe::documents_are_looked_at_when_they_are_due,
        ),
        (
            "refused events wait until somebody decides",
            refused::refused_events_wait_until_somebody_decides,
        ),
        (
            "a run keeps what it issued",
            statement_runs::a_run_keeps_what_it_issued,
        ),
        (
            "a request is answered once",
            refused::a_request_is_answered_once,
        ),
        (
            "the last count of a source and day stands",
            refused::the_last_count_of_a_source_and_day_stands,
        ),
        (
            "endpoints are kept and changed",
            outbox::endpoints_are_kept_and_changed,
        ),
        ("secrets overlap and end", outbox::secrets_overlap_and_end),
        (
            "a key is announced once, to whom it concerns",
            outbox::a_key_is_announced_once_to_whom_it_concerns,
        ),
        (
            "a delivery has one claim at a time",
            outbox::a_delivery_has_one_claim_at_a_time,
        ),
        (
            "attempts decide of their endpoint",
            outbox::attempts_decide_of_their_endpoint,
        ),
        (
            "messages are forgotten, and their keys later",
            outbox::messages_are_forgotten_and_their_keys_later,
        ),
        (
            "an endpoint has so many waiting",
            outbox::an_endpoint_has_so_many_waiting,
        ),
        (
            "the journal is followed commit by commit",
            outbox::the_journal_is_followed_commit_by_commit,
        ),
        ("entries of a work", reading::entries_of_a_work),
        ("facts that stand", reading::facts_that_stand),
        (
            "a statement and its parts",
            reading::a_statement_and_its_parts,
        ),
        ("customers", reading::customers),
        (
            "a cost of nobody becomes a customer's",
            assigning::a_cost_of_nobody_becomes_a_customers,
        ),
        (
            "a half-done assignment is finished",
            assigning::a_half_done_assignment_is_finished,
        ),
        (
            "costs of nobody are listed in pages",
            assigning::costs_of_nobody_are_listed_in_pages,
        ),
        (
            "a rebuilt state is the same",
            reading::a_rebuilt_state_is_the_same,
        ),
        (
            "units of the whole log",
            units::units_are_what_settling_the_whole_log_gives,
        ),
        (
            "other default documents",
            units::other_default_documents_settle_again,
        ),
        (
            "s12: contracts govern what opens under them",
            units::s12_contracts_govern_what_opens_under_them,
        ),
        ("units read back", units::units_read_back),
    ];
    for (name, check) in checks {
        let book = make();
        check(book.as_ref());
        let deliveries = done(book.deliveries());
        let sum = deliveries.accepted
            + deliveries.duplicate
            + deliveries.conflicting
            + deliveries.refused;
        assert_eq!(deliveries.received, sum, "{name}: {deliveries:?}");
        let always = jiff::civil::Date::MIN..jiff::civil::Date::MAX;
        let by_day = done(book.delivery_totals(None, &always));
        assert_eq!(by_day, deliveries, "{name}");
        let health = done(book.doctor());
        assert!(health.findings.is_empty(), "{name}: {:?}", health.findings);
        assert_eq!(
            health.entries,
            deliveries.accepted + deliveries.conflicting,
            "{name}"
        );
    }
}

/// An event for tests: `kind` with the members of `data`, of one work, on a day of January 2026.
///
/// # Panics
/// Where the parts do not make an event.
#[must_use]
pub fn event(customer: &str, id: &str, kind: Kind, work: &str, day: u32, data: &str) -> Event {
    let work = if work.is_empty() {
        String::new()
    } else {
        format!(r#","workid":"{work}""#)
    };
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"{}","subject":"{customer}","time":"2026-01-{day:02}T09:00:00Z"{work},"data":{{{data}}}}}"#,
        kind.wire()
    );
    match Event::parse(&text) {
        Ok(event) => event,
        Err(error) => panic!("{text}: {error}"),
    }
}

/// The correction of `target` by `action`, with a replacement where there is one.
///
/// The correction of a correction names the type of what is corrected in the end, which decides the
/// log of both.
///
/// # Panics
/// Where the parts do not make an event.
#[must_use]
pub fn correction(id: &str, target: &Event, action: &str, replacement: Option<&Event>) -> Event {
    let replacement = replacement.map(|event| format!(r#","replacement":{}"#, event.canonical()));
    let kind = match &target.body {
        work::Body::Corrected { target_kind, .. } => target_kind.wire(),
        body => body.kind(),
    };
    let data = format!(
        r#""target":{{"source":"{}","id":"{}","digest":"{}","type":"{kind}"}},"action":"{action}"{}"#,
        target.source,
        target.id,
        target.digest(),
        replacement.unwrap_or_default()
    );
    event(&target.customer, id, Kind::Corrected, "", 20, &data)
}

/// The entries that issue a statement of so many cells: its parts, and the issue.
///
/// # Panics
/// Where the parts do not make an event.
#[must_use]
pub fn statement(customer: &str, cells: usize) -> Vec<Event> {
    let cells: Vec<StatedCell> = (0..cells)
        .map(|number| StatedCell {
            cell: format!("acme-2026/cases/2025-12-01T00:00:00Z/v1/class:{number:05}"),
            amount: done("1.50 USD".parse()),
            quantity: done("3".parse()),
            waived: (number % 10 == 0).then(|| "late".to_owned()),
            credit: None,
        })
        .collect();
    let (contract, cut) = ("acme-2026".to_owned(), done("2026-01-01T00:00:00Z".parse()));
    let (revision, cells_digest) = (1, StatedCell::digest(&cells));
    let mut controls: Vec<Control> = (1..)
        .zip(StatedCell::parts(&cells))
        .map(|(part, cells)| Control::StatementStated {
            contract: contract.clone(),
            cut,
            revision,
            cells_digest,
            part,
            cells: cells.to_vec(),
        })
        .collect();
    let parts = u32::try_from(controls.len()).unwrap_or(u32::MAX);
    controls.push(Control::StatementIssued {
        contract,
        cut,
        revision,
        number: format!("{customer}-0001"),
        coverage: 0,
        body: Digest::of(b"a body"),
        carry: Digest::of(b"a carry"),
        parts,
        cells_digest,
        by: "finance".to_owned(),
    });
    let template = event(customer, "1", Kind::Opened, "w", 6, "");
    let numbered = (1..).zip(controls);
    numbered
        .map(|(number, control)| Event {
            id: format!("statement-{number}").into(),
            source: PIECEWORK.into(),
            work: None,
            headers: Headers::default(),
            body: Body::Control(control),
            ..template.clone()
        })
        .collect()
}

fn arrival() -> Timestamp {
    done("2026-02-01T00:00:00Z".parse())
}

fn done<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

fn append(book: &dyn Store, events: &[Event]) -> Vec<Outcome> {
    done(book.append(events, arrival()))
}

fn accepted(log: LogKind, index: u64) -> Outcome {
    Outcome::Accepted { log, index }
}

fn refused_at(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused { pointer, .. } => pointer,
        other => panic!("not refused: {other:?}"),
    }
}

fn opened(customer: &str, id: &str, work: &str) -> Event {
    event(customer, id, Kind::Opened, work, 6, "")
}

fn cost(customer: &str, id: &str, work: &str, amount: &str) -> Event {
    let data = format!(r#""line":"model","amount":"{amount} USD""#);
    event(customer, id, Kind::CostRecorded, work, 6, &data)
}

fn ids(entries: impl Iterator<Item = Result<Entry, StoreError>>) -> Vec<String> {
    entries
        .map(|entry| done(entry).event.id.to_string())
        .collect()
}
