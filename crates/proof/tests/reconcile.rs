//! A statement of the corpus beside the buyer's own records.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use corpus::book::{at, event};
use corpus::story::{JANUARY, world};
use jiff::SignedDuration;
use proof::reconcile::{Mine, ReconcileError, Reconciliation, WhyNot, reconcile};
use proof::verify::Options;
use work::body::Body;

fn mine(lines: &str) -> Mine {
    Mine {
        events: lines.lines().map(|line| event(line.trim())).collect(),
        tolerance: SignedDuration::from_mins(10),
    }
}

fn january(lines: &str) -> Reconciliation {
    let file = world().book.file(JANUARY);
    reconcile(&file, &Options::default(), mine(lines))
        .unwrap()
        .1
}

#[test]
fn records_that_agree_leave_nothing_in_question() {
    let found = january("01-10T09:00 answered case=v01 src=mine");
    let names: Vec<&str> = found.matched.iter().map(|own| own.work.as_str()).collect();
    assert_eq!(names, ["v01"]);
    assert!(
        !found.not_mine.is_empty(),
        "January bills more than one case"
    );
    assert!(found.in_question.is_empty() && found.unreported.is_empty());
    assert!(found.amount.is_zero());
}

#[test]
fn a_reopening_that_the_log_never_had_is_in_question() {
    let found = january("01-12T09:00 reopened case=v01 src=mine");
    assert_eq!(found.unreported.len(), 1);
    let own = found
        .in_question
        .iter()
        .find(|own| own.work == "v01")
        .unwrap();
    assert!(own.would_be.is_zero(), "{own:?}");
    assert_eq!(own.falls, own.charged);
    let billed = found.matched.iter().find(|own| own.work == "v01").unwrap();
    assert_eq!(own.charged, billed.amount);
    let disputes = found.disputes("acme", JANUARY, at("2026-02-03T00:00:00Z"));
    let about = disputes.iter().find(|own| own.id.contains("v01")).unwrap();
    assert!(
        matches!(&about.body, Body::Disputed { reason: Some(why) } if why.contains("reopened"))
    );
}

#[test]
fn what_the_log_does_not_know_is_not_billed() {
    let found = january("01-12T09:00 answered case=unheard src=mine");
    let why = found.not_billed.iter().find(|own| own.work == "unheard");
    assert_eq!(why.unwrap().why, WhyNot::NotInLog);
}

#[test]
fn two_clocks_may_differ_by_the_tolerance() {
    let mut book = world().book;
    book.story("01-12T09:00 reopened case=v01");
    let file = book.file(JANUARY);
    let unreported = |line: &str| {
        let found = reconcile(&file, &Options::default(), mine(line)).unwrap();
        found.1.unreported.len()
    };
    assert_eq!(unreported("01-12T09:10 reopened case=v01 src=mine"), 0);
    assert_eq!(unreported("01-12T09:11 reopened case=v01 src=mine"), 1);
    let twice = "01-12T09:01 reopened case=v01 src=mine\n01-12T09:05 reopened case=v01 src=mine";
    assert_eq!(unreported(twice), 1, "one fact of the log answers for one");
}

#[test]
fn nothing_is_said_of_a_file_that_does_not_hold() {
    let mut file = world().small.file(JANUARY);
    let middle = file.len() / 2;
    file[middle] ^= 1;
    let refused = reconcile(
        &file,
        &Options::default(),
        mine("01-12T09:00 answered case=1"),
    );
    assert!(matches!(refused, Err(ReconcileError::Refused(_))));
}
