//! D11: what is held back of outcome components, when it is released, and less what.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use support::*;

const HOLD: &str = "[holdback]\npercent = 10\n";
const NINETY_NINE: &str = "price = \"0.99\"";

fn retained(statement: &piecework_pricing::Statement) -> String {
    statement.retained.unwrap().number()
}

/// Ten per cent of 0.99 has no cents: of one work at a time nothing, or a tenth too much, would be kept. It
/// is a cell of the whole component and period.
#[test]
fn d11_ten_per_cent_of_ninety_nine_cents_is_of_the_whole_period() {
    let mut book = Book::new(&outcome(NINETY_NINE), HOLD);
    book.confirmed("01-10", 0, 7);
    let january = book.issue("02-01");
    assert_eq!(
        lines(&january),
        ["charge class:work 7 6.93", "charge holdback 0 -0.69"]
    );
    assert_eq!(retained(&january), "0.69");
    // The definition's dispute window is 30 days: January is released on March 2.
    assert_eq!(lines(&book.issue("03-01")), Vec::<String>::new());
    let march = book.issue("04-01");
    assert_eq!(lines(&march), ["charge release 0 0.69"]);
    assert_eq!(retained(&march), "0.00");
}

#[test]
fn d11_released_at_the_instant_that_the_contract_says() {
    let mut book = Book::new(
        &outcome(NINETY_NINE),
        "[holdback]\npercent = 10\nrelease_after = \"28d\"\n",
    );
    book.confirmed("01-10", 0, 100);
    book.issue("02-01");
    // February has 28 days: the release falls on the cut itself, and the cut covers what is due by it.
    assert_eq!(lines(&book.draw("03-01")), ["charge release 0 9.90"]);
    let mut book = Book::new(
        &outcome(NINETY_NINE),
        "[holdback]\npercent = 10\nrelease_after = \"29d\"\n",
    );
    book.confirmed("01-10", 0, 100);
    book.issue("02-01");
    assert_eq!(lines(&book.draw("03-01")), Vec::<String>::new());
}

#[test]
fn d11_what_is_in_dispute_stays_held_back_until_it_is_decided() {
    let mut book = Book::new(&outcome(NINETY_NINE), HOLD);
    book.confirmed("01-30", 0, 10);
    assert_eq!(
        lines(&book.issue("02-01")),
        ["charge class:work 10 9.90", "charge holdback 0 -0.99"]
    );
    book.story("02-28 disputed case=c0003 by=buyer\n02-28 disputed case=c0004 by=buyer");
    book.issue("03-01");
    // Two tenths of what is held back stay.
    let mut stands = book.clone();
    stands.story("03-10 dispute_decided case=c0003 verdict=stands");
    let march = stands.issue("04-01");
    // The other dispute has its default, credit, at the end of its window.
    assert_eq!(
        lines(&march),
        [
            "adjustment class:work -1 -0.99",
            "adjustment holdback 0 0.10",
            "charge release 0 0.89"
        ]
    );
    assert_eq!(retained(&march), "0.00");
    // Before either is decided: 0.99 less 0.20.
    assert_eq!(lines(&book.draw("2026-03-05")), ["charge release 0 0.79"]);
    assert_eq!(retained(&book.draw("2026-03-05")), "0.20");
}

#[test]
fn d11_a_dispute_decided_after_the_release_releases_its_share_and_names_the_work() {
    let mut book = Book::new(
        &outcome(NINETY_NINE),
        "[holdback]\npercent = 10\nrelease_after = \"20d\"\n",
    );
    book.confirmed("01-30", 0, 10);
    book.issue("02-01");
    book.story("02-10 disputed case=c0003 by=buyer");
    assert_eq!(lines(&book.issue("03-01")), ["charge release 0 0.89"]);
    book.story("03-05 dispute_decided case=c0003 verdict=stands");
    let march = book.issue("04-01");
    assert_eq!(lines(&march), ["adjustment release 0 0.10"]);
    assert_eq!(march.lines[0].works.len(), 1);
    assert!(!march.lines[0].causes.is_empty());
    assert_eq!(retained(&march), "0.00");
    // Raised only after the release: it is released, and nothing moves before the decision.
    let mut late = Book::new(
        &outcome(NINETY_NINE),
        "[holdback]\npercent = 10\nrelease_after = \"20d\"\n",
    );
    late.confirmed("01-30", 0, 10);
    late.issue("02-01");
    late.story("02-25 disputed case=c0003 by=buyer");
    assert_eq!(lines(&late.draw("03-01")), ["charge release 0 0.99"]);
}

#[test]
fn d11_a_reversal_after_the_release_takes_back_the_whole_price() {
    let mut book = Book::new(&outcome(NINETY_NINE), HOLD);
    book.confirmed("01-10", 0, 10);
    book.issue("02-01");
    book.issue("03-01");
    book.issue("04-01");
    book.story("04-05 reopened case=c0003 by=buyer");
    let april = book.issue("05-01");
    assert_eq!(
        lines(&april),
        [
            "adjustment class:work -1 -0.99",
            "adjustment holdback 0 0.10",
            "adjustment release 0 -0.10"
        ]
    );
    assert_eq!(april.total, usd("-0.99"));
    assert_eq!(retained(&april), "0.00");
}

/// P1: an ended contract keeps tails until what it held back is released.
#[test]
fn d11_what_is_held_back_is_released_after_the_end_of_the_contract() {
    let mut book = Book::new(
        &outcome(NINETY_NINE),
        "[holdback]\npercent = 10\nrelease_after = \"100d\"\n",
    );
    book.confirmed("01-10", 0, 10);
    book.end("02-01");
    book.issue("02-01");
    let over = |book: &Book, at_: &str| book.account().contract(CONTRACT).unwrap().is_over(at(at_));
    book.issue("03-01");
    book.issue("04-01");
    // Past reach and dispute window, and still held back: February 1 and 100 days are May 12.
    assert!(!over(&book, "05-11"));
    assert!(over(&book, "05-13"));
    book.issue("05-01");
    assert_eq!(lines(&book.issue("06-01")), ["charge release 0 0.99"]);
}

/// The line's own discount and cap come before it, the totals of the contract see none of it.
#[test]
fn d11_a_share_of_what_the_line_charges_and_outside_of_the_totals() {
    let plan = outcome("price = 1\ndiscount_percent = 20\nmaximum = 6");
    let mut book = Book::new(&plan, "[totals]\nminimum = 10\n[holdback]\npercent = 50\n");
    book.confirmed("01-10", 0, 10);
    let january = book.issue("02-01");
    assert_eq!(
        lines(&january),
        [
            "charge class:work 10 10.00",
            "charge discount 0 -2.00",
            "charge cap 0 -2.00",
            "charge holdback 0 -3.00",
            "charge minimum 0 4.00"
        ]
    );
    assert_eq!(january.total, usd("7.00"));
    // The money of works is by author, the part held back too.
    let seller = january.authorship[&Some(work::event::Authorship::Seller)];
    assert_eq!(seller, usd("7.00"));
}

/// An amendment that ends the holdback ends it from the next period on; what was held back stays so.
#[test]
fn d11_a_holdback_follows_its_period() {
    let plan = outcome(NINETY_NINE);
    let mut book = Book::new(&plan, HOLD);
    book.confirmed("01-10", 0, 10);
    book.issue("02-01");
    book.amend("02-15", &plan, &definition("", ""), "", false);
    book.confirmed("02-20", 20, 10);
    book.confirmed("03-10", 40, 10);
    assert_eq!(
        lines(&book.issue("03-01")),
        ["charge holdback 0 -0.99", "charge class:work 10 9.90"]
    );
    let march = book.issue("04-01");
    assert_eq!(
        lines(&march),
        [
            "charge release 0 0.99",
            "charge release 0 0.99",
            "charge class:work 10 9.90"
        ]
    );
    assert_eq!(retained(&march), "0.00");
}

#[test]
fn d11_a_void_unstates_what_was_held_back() {
    let mut book = Book::new(&outcome(NINETY_NINE), HOLD);
    book.confirmed("01-10", 0, 10);
    let january = book.issue("02-01");
    book.void("acme-0001");
    let again = book.issue("02-01");
    assert_eq!(lines(&again), lines(&january));
}

#[test]
fn d11_documents_that_hold_back_what_is_not_there_are_refused() {
    let faults = |terms: &str| {
        let mut book = Book::default();
        let document = book.contract(CONTRACT, &outcome(NINETY_NINE), &definition("", ""), terms);
        book.control(
            "2025-12-20",
            work::body::Control::ContractSigned {
                contract: CONTRACT.to_owned(),
                document,
                by: "buyer".to_owned(),
            },
        );
        let flags = book.account().flags;
        flags
            .into_iter()
            .map(|flag| flag.problem)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(faults("[holdback]\npercent = 10\n"), "");
    for (terms, said) in [
        ("[holdback]\npercent = 0\n", "nothing is held back"),
        ("[holdback]\npercent = 101\n", "0 to 100"),
        (
            "[holdback]\nrelease_after = \"5d\"\n",
            "`percent` is missing",
        ),
        (
            "[holdback]\npercent = 10\nrelease_after = \"forever\"\n",
            "released at some time",
        ),
        (
            "[holdback]\npercent = 10\ncomponents = [\"fees\"]\n",
            "no component `fees`",
        ),
    ] {
        let found = faults(terms);
        assert!(found.contains(said), "{terms}: {found}");
    }
}
