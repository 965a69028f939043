//! A draft apart from what earlier periods add to it.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::account::Rated;
use piecework_pricing::statement::{Apart, draw_apart};
use support::*;

const FIN: &str = "price = \"0.99\"";

/// January counts three works, February two, March one.
fn three_months() -> Book {
    let mut book = Book::new(&outcome(FIN), "");
    book.confirmed("01-10", 0, 3);
    book.confirmed("02-10", 100, 2);
    book.confirmed("03-10", 200, 1);
    book
}

fn apart(book: &Book, cut: &str) -> Option<Apart> {
    draw_apart(&Rated::new(&book.account()), CONTRACT, at(cut)).unwrap()
}

#[test]
fn a_period_is_drawn_apart_from_those_that_nobody_issued() {
    let mut book = three_months();
    let march = apart(&book, "04-01").unwrap();
    assert_eq!(lines(&march.statement), ["charge class:work 1 0.99"]);
    assert_eq!(march.earlier, usd("4.95"));
    assert_eq!((march.from, march.until), (at("01-01"), at("03-01")));
    // What is issued covers everything due and unstated all the same (D2).
    assert_eq!(book.draw("04-01").total, usd("5.94"));
    book.issue("02-01");
    let march = apart(&book, "04-01").unwrap();
    assert_eq!(march.earlier, usd("1.98"));
    assert_eq!((march.from, march.until), (at("02-01"), at("03-01")));
    book.issue("03-01");
    assert_eq!(apart(&book, "04-01"), None);
}

#[test]
fn the_first_period_and_one_after_nothing_stand_as_they_are() {
    assert_eq!(apart(&three_months(), "02-01"), None);
    let mut late = Book::new(&outcome(FIN), "");
    late.confirmed("03-10", 0, 1);
    assert_eq!(apart(&late, "04-01"), None);
}

#[test]
fn a_reversal_of_an_earlier_period_is_the_later_ones_adjustment() {
    let mut book = three_months();
    book.story("03-20 reopened case=c0001");
    let march = apart(&book, "04-01").unwrap();
    assert_eq!(
        lines(&march.statement),
        ["adjustment class:work -1 -0.99", "charge class:work 1 0.99"]
    );
    assert_eq!(
        march.statement.lines[0].causes[0].id,
        "03-20-reopened-case=c0001"
    );
    assert_eq!(march.earlier, usd("4.95"));
    book.issue("02-01");
    book.issue("03-01");
    assert_eq!(book.draw("04-01").lines, march.statement.lines);
}

#[test]
fn what_a_void_left_unstated_is_shown_where_it_will_be_stated() {
    let mut book = three_months();
    book.issue("02-01");
    book.issue("03-01");
    book.void("acme-0001");
    assert_eq!(apart(&book, "04-01"), None);
    assert_eq!(book.draw("04-01").total, usd("3.96"));
}
