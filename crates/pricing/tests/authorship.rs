//! What the buyer's part of a statement's money rests on: its signature, or somebody's word for it.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::account::{Account, CarriedUnit};
use piecework_pricing::statement::{BySignature, draw};
use support::*;
use work::body::{Action, Body};
use work::event::Authorship;
use work::{Event, Signature};

const ONE: &str = "price = \"1\"";

fn signed(mut event: Event) -> Event {
    event.signature = Some(Box::new(Signature {
        signer: "acme.example/buyer+00000000".to_owned(),
        value: [7; 64],
    }));
    event
}

fn parts(signed: &str, unsigned: &str, not_at_hand: &str) -> BySignature {
    BySignature {
        signed: usd(signed),
        unsigned: usd(unsigned),
        not_at_hand: usd(not_at_hand),
    }
}

#[test]
fn what_the_buyer_signed_is_told_apart_from_what_is_said_in_its_name() {
    let mut book = Book::new(&outcome(ONE), "");
    book.story(
        "01-10 confirmed case=a by=buyer\n01-10 confirmed case=b by=buyer\n\
         01-10 answered case=c kind=answer\n01-10 verified case=d result=passed check=t by=third_party",
    );
    book.push(signed(event("01-10 confirmed case=e by=buyer")));
    // The deciding fact is not the only one: a signed question does not make the answer the buyer's.
    book.push(signed(event(
        "01-10 asked case=a kind=question by=buyer id=q",
    )));
    let january = book.draw("02-01");
    assert_eq!(january.authorship[&Some(Authorship::Buyer)], usd("3"));
    assert_eq!(january.by_signature, parts("1", "2", "0"));
    assert!(!january.body().contains("signed"), "{}", january.body());
}

#[test]
fn the_parts_sum_to_the_buyers_part_to_the_cent() {
    // A third of a cent for each: three works are 0.01 in all, and somebody has it.
    let mut book = Book::new(&outcome("price = \"0.003333\""), "");
    book.push(signed(event("01-10 confirmed case=a by=buyer")));
    book.story("01-10 confirmed case=b by=buyer\n01-10 confirmed case=c");
    let january = book.draw("02-01");
    let own = january.by_signature;
    let sum = own.signed.plus(own.unsigned).unwrap();
    assert_eq!(sum, january.authorship[&Some(Authorship::Buyer)]);
    assert_eq!(january.total, usd("0.01"));
}

#[test]
fn a_replacement_is_signed_where_its_correction_is() {
    let mut book = Book::new(&outcome(ONE), "");
    let was = event("01-10 confirmed case=a by=buyer id=was");
    book.push(was.clone());
    let mut correction = event("01-11 confirmed case=a id=mend by=buyer");
    correction.headers = work::Headers::default();
    correction.body = Body::Corrected {
        target_source: was.source.clone(),
        target_id: was.id.clone(),
        target_digest: was.digest(),
        target_kind: was.body.tag(),
        action: Action::Replace,
        replacement: Some(Box::new(event("01-12 confirmed case=a by=buyer id=was"))),
        reason: None,
    };
    let mut unsigned = book.clone();
    unsigned.push(correction.clone());
    assert_eq!(unsigned.draw("02-01").by_signature, parts("0", "1", "0"));
    book.push(signed(correction));
    assert_eq!(book.draw("02-01").by_signature, parts("1", "0", "0"));
}

#[test]
fn what_is_taken_back_is_taken_back_from_whom_it_was_counted_for() {
    let mut book = Book::new(&outcome(ONE), "");
    book.push(signed(event("01-10 confirmed case=a by=buyer")));
    book.story("01-10 confirmed case=b by=buyer");
    book.issue("02-01");
    book.story("02-05 reopened case=a\n02-05 reopened case=b");
    let february = book.draw("03-01");
    assert_eq!(february.total, usd("-2"));
    assert_eq!(february.by_signature, parts("-1", "-1", "0"));
}

#[test]
fn of_a_carried_work_nobody_can_tell_without_its_entries() {
    let mut book = Book::new(&outcome(ONE), "");
    let controls = book.contents.clone();
    book.push(signed(event("01-10 confirmed case=a by=buyer")));
    book.story("01-10 confirmed case=b by=buyer\n01-10 confirmed case=c");
    let whole = book.account();
    let units = whole.contracts[0].units.iter();
    let carried = units.map(|unit| CarriedUnit {
        contract: CONTRACT.to_owned(),
        entries: vec![0; unit.facts.len()],
        unit: unit.clone(),
    });
    let resumed = Account::resume(CUSTOMER, controls, carried.collect(), None, 1);
    let statement = draw(&resumed, None, CONTRACT, at("02-01")).unwrap();
    assert_eq!(statement.total, usd("3"));
    assert_eq!(statement.by_signature, parts("0", "0", "2"));
}
