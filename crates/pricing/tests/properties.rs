//! Laws that hold whatever happens: the sum of the statements is rating at once, arrival does not
//! matter before the first close, and reconciliation closes.

#![allow(clippy::unwrap_used, unreachable_pub)] // a test may stop at the first thing that is not there

#[path = "properties/laws.rs"]
mod laws;
#[path = "support/many.rs"]
mod many;
mod support;

use laws::{LONG, SHORT, stories};
use many::{Reached, many};
use proptest::prelude::*;

fn order() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 40)
}

/// What keeps a price honest is reached by so many of the short stories at least.
const PRICES: [(&str, u32); 6] = [
    ("a further tier", 100),
    ("an allowance", 2_000),
    ("a band", 1_000),
    ("a discount", 2_000),
    ("a cap", 300),
    ("a minimum", 2_000),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn statements_sum_to_rating_at_once(story in stories(&LONG, 3)) {
        laws::statements_sum(&LONG, &story, &Reached::default())?;
    }

    #[test]
    fn a_void_and_what_follows_sum_to_rating_at_once(
        story in stories(&LONG, 3),
        void in (0usize..6, any::<Option<bool>>()),
    ) {
        laws::a_void_is_nothing(&LONG, &story, void, &Reached::default())?;
    }

    #[test]
    fn arrival_before_the_first_close_changes_no_byte(story in stories(&LONG, 0), seed in order()) {
        laws::order_changes_no_byte(&LONG, &story, &seed, &Reached::default())?;
    }

    #[test]
    fn cuts_inside_a_rating_period_keep_the_sum(
        story in stories(&LONG, 0),
        days in prop::collection::btree_set(1i64..180, 0..5),
    ) {
        laws::cuts_inside_keep_the_sum(&LONG, &story, &days, &Reached::default())?;
    }

    #[test]
    fn reconciliation_closes(story in stories(&LONG, 5), waives in any::<bool>()) {
        laws::reconciliation_closes(&LONG, &story, waives, &Reached::default())?;
    }

    #[test]
    fn a_draft_apart_is_what_issuing_the_earlier_periods_leaves(
        story in stories(&LONG, 0),
        which in (0usize..3, 0usize..6),
    ) {
        laws::a_draft_apart_is_what_is_left(&LONG, &story, which, &Reached::default())?;
    }

    #[test]
    fn an_issued_statement_replays_to_its_digest(story in stories(&LONG, 3)) {
        laws::statements_replay(&LONG, &story, &Reached::default())?;
    }

    #[test]
    fn parts_of_a_fee_by_days_sum_to_the_whole(
        cents in 1u32..1_000_000,
        days in prop::collection::btree_set(2u32..31, 0..6),
    ) {
        laws::parts_of_a_fee_sum_to_the_whole(cents, &days, &Reached::default())?;
    }

    #[test]
    fn cell_keys_read_back(story in stories(&LONG, 0)) {
        laws::names_read_back(&LONG, &story, &Reached::default())?;
    }
}

#[test]
fn slow_d2_statements_sum_to_rating_at_once() {
    let of_statements = [
        ("a late fact", 5_000),
        ("an adjustment", 1_000),
        ("a count taken back", 300),
        ("a price that may not rise", 50),
    ];
    let boundaries = [&PRICES[..], &of_statements].concat();
    many(&stories(&SHORT, 1), &boundaries, |story, reached| {
        laws::statements_sum(&SHORT, &story, reached)
    });
}

#[test]
fn slow_d7_a_void_and_a_new_issue_are_nothing() {
    let boundaries = [
        ("of money", 5_000),
        ("of an adjustment", 500),
        ("issued again at once", 1_500),
        ("issued again behind the others", 1_500),
        ("covered by a later one", 3_000),
    ];
    let voids = (0usize..2, any::<Option<bool>>());
    many(
        &(stories(&SHORT, 1), voids),
        &boundaries,
        |(story, void), reached| laws::a_void_is_nothing(&SHORT, &story, void, reached),
    );
}

#[test]
fn slow_arrival_before_the_first_close_changes_no_byte() {
    let boundaries = [&PRICES[..], &[("another order", 6_000)]].concat();
    many(
        &(stories(&SHORT, 0), order()),
        &boundaries,
        |(story, seed), reached| laws::order_changes_no_byte(&SHORT, &story, &seed, reached),
    );
}

#[test]
fn slow_d5_cuts_inside_a_rating_period_keep_the_sum() {
    let of_cuts = [
        ("money on both sides of a cut", 2_500),
        ("money between two cuts", 500),
    ];
    let boundaries = [&PRICES[..], &of_cuts].concat();
    let days = prop::collection::btree_set(1i64..59, 0..3);
    many(
        &(stories(&SHORT, 0), days),
        &boundaries,
        |(story, days), reached| laws::cuts_inside_keep_the_sum(&SHORT, &story, &days, reached),
    );
}

#[test]
fn slow_d8_reconciliation_closes() {
    let boundaries = [("something waived", 200), ("nothing waived", 3_000)];
    many(
        &(stories(&SHORT, 1), any::<bool>()),
        &boundaries,
        |(story, waives), reached| laws::reconciliation_closes(&SHORT, &story, waives, reached),
    );
}

#[test]
fn slow_a_draft_apart_is_what_issuing_the_earlier_periods_leaves() {
    let boundaries = [("apart", 1_500), ("alone", 2_000)];
    let which = (0usize..2, 0usize..2);
    many(
        &(stories(&SHORT, 0), which),
        &boundaries,
        |(story, which), reached| {
            laws::a_draft_apart_is_what_is_left(&SHORT, &story, which, reached)
        },
    );
}

#[test]
fn slow_d13_an_issued_statement_replays_to_its_digest() {
    let boundaries = [("a statement with lines", 8_500)];
    many(&stories(&SHORT, 1), &boundaries, |story, reached| {
        laws::statements_replay(&SHORT, &story, reached)
    });
}

#[test]
fn slow_p2_parts_of_a_fee_by_days_sum_to_the_whole() {
    let boundaries = [
        ("several parts", 6_000),
        ("parts that rounded apart sum to something else", 1_000),
    ];
    let cents = prop_oneof![1u32..100, 1u32..1_000_000];
    let days = prop::collection::btree_set(2u32..31, 0..4);
    many(&(cents, days), &boundaries, |(cents, days), reached| {
        laws::parts_of_a_fee_sum_to_the_whole(cents, &days, reached)
    });
}
