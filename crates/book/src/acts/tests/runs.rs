//! The statement run: everybody once, whatever happens in between.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use pages::view::RunRow;
use store::operations::StatementRun;
use work::body::{AnswerKind, Body};
use work::event::Authorship;
use work::{Header, Headers};

use super::super::{About, Due, Issue, Sign, Void};
use super::{Desk, at, now, sign};
use crate::approvals::Deciding;
use crate::error::{Absent, Invalid, Refused};
use crate::limits::RUN_CUSTOMERS_NAMED_MAX;
use crate::runs::{Run, Working};
use crate::{Book, Error};

/// Customers with a signed contract and a conversation in January, and one who signed nothing.
fn many(customers: usize) -> Desk {
    let desk = Desk::empty();
    for number in 0..customers {
        works_for(&desk, &name(number));
        let customer = name(number);
        let signed = Sign {
            customer: &customer,
            ..sign()
        };
        desk.book.sign(&signed, now()).unwrap();
    }
    works_for(&desk, "unsigned");
    desk
}

fn name(number: usize) -> String {
    format!("c-{number:03}")
}

fn works_for(desk: &Desk, customer: &str) {
    let mut headers = Headers::default();
    headers.set(Header::Conversation, "T-1");
    let about = About {
        customer,
        work: "T-1",
        source: "desk",
        at: Some(at("01-05T09:00")),
        headers: &headers,
        id: None,
    };
    let body = Body::Answered {
        kind: AnswerKind::Answer,
        confidence: None,
        review: None,
    };
    let seller = Authorship::Seller;
    desk.book.record(&about, seller, vec![body], now()).unwrap();
}

fn asked<'a>() -> Run<'a> {
    Run {
        cut: "2026-02-01".parse().unwrap(),
        customers: &[],
        by: "finance",
        key: None,
        is_dry: false,
        proves: false,
    }
}

fn work_on(book: &Book, run: &StatementRun, resumes: bool, at: Timestamp) -> bool {
    let mut working = Working {
        resumes,
        threads: 2,
        clock: &|| at,
        stops: &|| false,
        told: &mut |_, _| {},
    };
    book.work_on_run(run, &mut working).unwrap()
}

fn rows(book: &Book, run: &StatementRun) -> Vec<RunRow> {
    let page = book.run_rows(&run.name, None, (None, 1_000)).unwrap();
    assert_eq!(page.next, None);
    page.rows
}

/// Each customer has the statements of its contract once, with numbers without a gap.
fn each_once(book: &Book, customers: usize) {
    for number in 0..customers {
        let statements = book.statements(&name(number)).unwrap();
        let numbers: Vec<&str> = statements.iter().map(|own| own.number.as_str()).collect();
        assert_eq!(numbers, [format!("{}-0001", name(number))]);
    }
}

#[test]
fn a_run_states_everybody_and_says_who_was_refused() {
    let desk = many(3);
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    assert!(work_on(&desk.book, &run, false, now()));
    each_once(&desk.book, 3);
    let found = rows(&desk.book, &run);
    let states: BTreeMap<&str, &str> = found
        .iter()
        .map(|own| (own.customer.as_str(), own.state.as_str()))
        .collect();
    let expected = [
        ("c-000", "issued"),
        ("c-001", "issued"),
        ("c-002", "issued"),
        ("unsigned", "refused"),
    ];
    assert_eq!(states, BTreeMap::from(expected));
    let refused = found.last().unwrap().detail.clone().unwrap();
    assert!(refused.contains("nobody signed a contract"), "{refused}");
    let report = desk.book.run_report(&run.name).unwrap();
    assert_eq!(report.run.state, "ended");
    assert_eq!((report.run.customers_done, report.run.customers_of), (4, 4));
    let total = &report.totals[0];
    assert_eq!(total.total.to_string(), "2.97 USD");
    let surfaces = total.surfaces.iter();
    let surfaces: Vec<String> = surfaces
        .map(|own| format!("{} {}", own.surface, own.amount))
        .collect();
    assert_eq!(surfaces, ["outcome 2.97 USD"]);
    // Another run finds nothing more to state, and says as what it is stated.
    let again = desk.book.begin_run(&asked(), at("02-04T09:00")).unwrap();
    assert!(work_on(&desk.book, &again, false, now()));
    let found = rows(&desk.book, &again);
    assert_eq!(found[0].state, "nothing_to_state");
    assert_eq!(
        found[0].detail.as_deref(),
        Some("stated already, as c-000-0001")
    );
    each_once(&desk.book, 3);
    let runs = desk.book.runs((None, 9)).unwrap().rows;
    let names: Vec<&str> = runs.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, [again.name.as_str(), run.name.as_str()]);
}

#[test]
fn a_run_that_stops_is_gone_on_with() {
    let desk = many(5);
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    let looked = AtomicU32::new(0);
    let mut working = Working {
        resumes: false,
        threads: 1,
        clock: &now,
        stops: &|| looked.fetch_add(1, Ordering::SeqCst) >= 2,
        told: &mut |_, _| {},
    };
    assert!(!desk.book.work_on_run(&run, &mut working).unwrap());
    let report = desk.book.run_report(&run.name).unwrap();
    assert_eq!(report.run.state, "interrupted");
    assert_eq!(report.run.customers_done, 2);
    let resumed = desk.book.resumed_run(None).unwrap();
    assert_eq!(resumed, run);
    assert!(work_on(&desk.book, &resumed, true, now()));
    each_once(&desk.book, 5);
    let issued = rows(&desk.book, &run);
    let issued = issued.iter().filter(|own| own.state == "issued").count();
    assert_eq!(issued, 5);
}

#[test]
fn what_was_issued_and_not_said_is_said_and_not_issued_again() {
    let desk = many(2);
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    // As if the process had died between the statement and its row.
    let id = format!("run/{}/c-000-2026/2026-02-01T00:00:00Z", run.name);
    let act = Issue {
        customer: "c-000",
        contract: None,
        due: Due::Cut(at("02-01T00:00")),
        by: "finance",
        key: None,
        id: Some(&id),
    };
    desk.book.issue(&act, now()).unwrap();
    desk.book.give_up_run(&run.name);
    let resumed = desk.book.resumed_run(Some(&run.name)).unwrap();
    assert!(work_on(&desk.book, &resumed, true, now()));
    each_once(&desk.book, 2);
    let found = rows(&desk.book, &run);
    assert_eq!(found[0].statement.as_deref(), Some("c-000-0001"));
    assert_eq!(found[0].state, "issued");
    assert_eq!(found.len(), 3);
}

#[test]
fn what_was_refused_is_tried_again_and_what_was_issued_is_not() {
    let desk = many(1);
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    work_on(&desk.book, &run, false, now());
    let signed = Sign {
        customer: "unsigned",
        ..sign()
    };
    desk.book.sign(&signed, now()).unwrap();
    let void = Void {
        customer: "c-000",
        number: "c-000-0001",
        reason: "wrong address",
        by: "finance",
        key: None,
        id: None,
    };
    desk.book.void(&void, now()).unwrap();
    let resumed = desk.book.resumed_run(Some(&run.name)).unwrap();
    work_on(&desk.book, &resumed, true, now());
    let found = rows(&desk.book, &run);
    let told: Vec<(&str, &str)> = found
        .iter()
        .map(|own| (own.customer.as_str(), own.state.as_str()))
        .collect();
    assert_eq!(told, [("c-000", "issued"), ("unsigned", "issued")]);
    assert_eq!(
        desk.book.statements("c-000").unwrap().len(),
        1,
        "a void is not issued anew by it"
    );
}

#[test]
fn a_dry_run_issues_nothing_and_says_what_it_would() {
    let desk = many(2);
    let dry = Run {
        cut: "2026-03-01".parse().unwrap(),
        is_dry: true,
        ..asked()
    };
    let later = at("03-03T09:00");
    let run = desk.book.begin_run(&dry, later).unwrap();
    assert!(work_on(&desk.book, &run, false, later));
    assert!(desk.book.statements("c-000").unwrap().is_empty());
    let report = desk.book.run_report(&run.name).unwrap();
    let count = |state: &str| {
        let mut counts = report.counts.iter();
        counts.find(|own| own.state == state).unwrap().contracts
    };
    // January and February of each.
    assert_eq!(
        (count("would_issue"), count("refused"), count("issued")),
        (4, 1, 0)
    );
    assert_eq!(report.totals[0].total.to_string(), "1.98 USD");
    let real = Run {
        is_dry: false,
        ..dry
    };
    let run = desk.book.begin_run(&real, at("03-03T10:00")).unwrap();
    work_on(&desk.book, &run, false, later);
    let real = desk.book.run_report(&run.name).unwrap();
    assert_eq!(real.totals, report.totals);
    assert_eq!(desk.book.statements("c-000").unwrap().len(), 2);
}

#[test]
fn in_the_days_of_grace_nothing_is_issued() {
    let mut desk = Desk::empty();
    desk.book
        .config
        .contract
        .insert("grace_days".to_owned(), 5.into());
    works_for(&desk, "c-000");
    let signed = Sign {
        customer: "c-000",
        ..sign()
    };
    desk.book.sign(&signed, now()).unwrap();
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    work_on(&desk.book, &run, false, now());
    let found = rows(&desk.book, &run);
    assert_eq!(found[0].state, "refused");
    let detail = found[0].detail.clone().unwrap();
    assert!(
        detail.contains("not over before 2026-02-06T00:00:00Z"),
        "{detail}"
    );
    let resumed = desk.book.resumed_run(None).unwrap();
    work_on(&desk.book, &resumed, true, at("02-06T00:00"));
    each_once(&desk.book, 1);
}

#[test]
fn what_is_above_the_limit_is_proposed_and_said_when_it_is_approved() {
    let mut desk = many(2);
    desk.book.config.approvals = toml::from_str("issue = \"0.50 USD\"").unwrap();
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    work_on(&desk.book, &run, false, now());
    let waits = desk.book.proposals(None, true, now()).unwrap();
    assert_eq!(waits.len(), 2);
    assert_eq!(rows(&desk.book, &run)[0].state, "proposed");
    for own in &waits {
        let act = Deciding {
            customer: &own.customer,
            proposal: &own.proposal,
            by: "cfo",
            key: None,
            reason: None,
        };
        desk.book.approve(&act, now()).unwrap();
    }
    let resumed = desk.book.resumed_run(None).unwrap();
    work_on(&desk.book, &resumed, true, now());
    each_once(&desk.book, 2);
    let found = rows(&desk.book, &run);
    assert_eq!(found[0].state, "issued");
    assert_eq!(found[0].statement.as_deref(), Some("c-000-0001"));
}

#[test]
fn a_run_is_refused_for_nobody_for_too_many_and_beside_another() {
    let desk = many(1);
    let nobody = ["nobody".to_owned()];
    let error = desk.book.begin_run(
        &Run {
            customers: &nobody,
            ..asked()
        },
        now(),
    );
    assert!(matches!(error, Err(Error::Absent(Absent::Customer { .. }))));
    let many: Vec<String> = (0..=RUN_CUSTOMERS_NAMED_MAX).map(name).collect();
    let error = desk.book.begin_run(
        &Run {
            customers: &many,
            ..asked()
        },
        now(),
    );
    assert!(matches!(error, Err(Error::Invalid(Invalid::RunCustomers))));
    let error = desk.book.resumed_run(Some("none")).unwrap_err();
    assert!(matches!(error, Error::Absent(Absent::Run { .. })));
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    let beside = std::sync::Mutex::new(None);
    let book = &desk.book;
    let mut working = Working {
        resumes: false,
        threads: 1,
        clock: &now,
        stops: &|| false,
        told: &mut |_, _| {
            *beside.lock().unwrap() = Some(book.begin_run(&asked(), at("02-05T09:00")));
        },
    };
    book.work_on_run(&run, &mut working).unwrap();
    let beside = beside.into_inner().unwrap().unwrap();
    assert!(matches!(
        beside,
        Err(Error::Refused(Refused::RunUnderWay { .. }))
    ));
}
