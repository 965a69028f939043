//! S2 and S1: what was attempted owes the price of the attempt, once, when it is resolved; success comes on top.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use support::*;

fn sold(refund: bool) -> String {
    let refund = if refund { "refund = true\n" } else { "" };
    outcome(&format!(
        "price = 5\n[component.attempt]\nprice = \"0.20\"\n{refund}"
    ))
}

#[test]
fn s2_an_attempt_is_owed_when_it_settles_and_when_it_is_given_up() {
    let mut book = Book::new(&sold(false), "");
    // Answered and left alone: counts after 72 h. Answered, a person took over: given up after 60 days.
    book.story(
        "01-05 answered case=a kind=answer\n\
         01-06 answered case=b kind=answer\n01-06T01:00 human_replied case=b visible=true\n\
         01-07 asked case=c kind=question\n\
         01-08 answered case=d kind=greeting",
    );
    assert_eq!(
        lines(&book.issue("02-01")),
        ["charge class:work 1 5.00", "charge attempt 1 0.20"]
    );
    assert_eq!(lines(&book.issue("03-01")), Vec::<String>::new());
    // Only what had an answer was attempted: neither the question nor the greeting.
    let march = book.issue("04-01");
    assert_eq!(lines(&march), ["charge attempt 1 0.20"]);
}

#[test]
fn s2_success_alone_is_the_default() {
    let mut book = Book::new(&outcome("price = 5"), "");
    book.story("01-06 answered case=b kind=answer\n01-06T01:00 human_replied case=b visible=true");
    assert_eq!(book.issue("04-01").total, usd("0"));
}

/// S1: the instant of an attempt is absorbing. Given up in March, counted in June: one attempt, in March.
#[test]
fn s1_an_attempt_stays_where_it_was_first_resolved() {
    let mut book = Book::new(&sold(false), "");
    book.story("01-06 answered case=b kind=answer\n01-06T01:00 human_replied case=b visible=true");
    book.issue("02-01");
    book.issue("03-01");
    assert_eq!(lines(&book.issue("04-01")), ["charge attempt 1 0.20"]);
    book.story("06-02 confirmed case=b by=buyer");
    for cut in ["05-01", "06-01"] {
        book.issue(cut);
    }
    assert_eq!(lines(&book.issue("07-01")), ["charge class:work 1 5.00"]);
}

#[test]
fn d1_a_reversal_takes_back_the_success_and_the_attempt_only_where_it_is_refunded() {
    for (refund, expected) in [
        (false, vec!["adjustment class:work -1 -5.00"]),
        (
            true,
            vec![
                "adjustment class:work -1 -5.00",
                "adjustment attempt -1 -0.20",
            ],
        ),
    ] {
        let mut book = Book::new(&sold(refund), "");
        book.story("01-05 answered case=a kind=answer");
        book.issue("02-01");
        book.story("02-10 reopened case=a by=buyer");
        let february = book.issue("03-01");
        assert_eq!(lines(&february), expected);
        // What is earned again is one attempt of the unit, not two.
        book.story("03-02 answered case=a kind=answer");
        let march = book.issue("04-01");
        let attempts: Vec<_> = lines(&march)
            .into_iter()
            .filter(|line| line.contains("attempt"))
            .collect();
        let again: &[&str] = if refund {
            &["adjustment attempt 1 0.20"]
        } else {
            &[]
        };
        assert_eq!(attempts, again);
        assert_eq!(book.at_once("04-01"), usd("5.20"));
    }
}

/// What was taken back and then given up stays refunded.
#[test]
fn s1_a_refund_outlasts_the_end_of_the_waiting() {
    let mut book = Book::new(&sold(true), "");
    book.story("01-05 answered case=a kind=answer\n01-10 reopened case=a by=buyer");
    for cut in ["02-01", "03-01", "04-01", "05-01"] {
        assert_eq!(book.issue(cut).total, usd("0"), "{cut}");
    }
}

#[test]
fn d11_an_attempt_that_would_be_refunded_waits_with_its_dispute() {
    for (refund, expected) in [(false, "0.20"), (true, "0")] {
        let mut book = Book::new(&sold(refund), "");
        book.story("01-05 answered case=a kind=answer\n01-20 disputed case=a by=buyer");
        let january = book.issue("02-01");
        assert_eq!(january.total, usd(expected));
        assert_eq!(january.pending["disputed"], if refund { 2 } else { 1 });
    }
}

/// Risk looks at what counted: a factor on the component leaves what was tried alone.
#[test]
fn d3_attempts_are_outside_of_risk() {
    let plan = format!(
        "{}[[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nmultiplier = 2\n",
        sold(false)
    );
    let mut book = Book::new(&plan, "");
    book.story("01-05 answered case=a kind=answer");
    assert_eq!(
        lines(&book.issue("02-01")),
        [
            "charge class:work 1 5.00",
            "charge attempt 1 0.20",
            "charge band:all|work 1 5.00"
        ]
    );
}

#[test]
fn attempts_in_any_order_of_arrival_are_the_same() {
    let facts = [
        "01-05 answered case=a kind=answer id=1",
        "01-06 human_replied case=a visible=true id=2",
        "02-03 confirmed case=a by=buyer id=3",
        "02-10 reopened case=a by=buyer id=4",
        "02-11 answered case=a kind=answer id=5",
    ];
    let drawn = |order: &[usize]| {
        let mut book = Book::new(&sold(true), "");
        order.iter().for_each(|place| book.story(facts[*place]));
        book.draw("06-01").body()
    };
    let first = drawn(&[0, 1, 2, 3, 4]);
    for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]] {
        assert_eq!(drawn(&order), first);
    }
}

#[test]
fn entries_of_what_was_only_tried_are_rated() {
    let mut book = Book::new(&sold(false), "");
    book.story("01-06 answered case=b kind=answer\n01-06T01:00 human_replied case=b visible=true");
    let account = book.account();
    let reconciled = piecework_pricing::reconcile::reconcile(&account, at("04-01")).unwrap();
    let counts = reconciled.counts();
    assert_eq!(counts.len(), 1, "{counts:?}");
}
