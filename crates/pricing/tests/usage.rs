//! Usage at its edges: every aggregate with ties, late facts, changes of version, allowances and conversions.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::Plan;
use piecework_pricing::reconcile::reconcile;
use support::*;
use work::Event;
use work::body::{Action, Body};

/// A plan with one metered component over the meter `calls`.
fn metered(rest: &str) -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\n{rest}\n"
    ))
}

/// `part quantity amount` of each line of the statement of a cut.
#[track_caller]
fn check(rest: &str, facts: &str, cut: &str, expected: &[&str]) {
    let mut book = Book::new(&metered(rest), "");
    book.story(facts);
    assert_eq!(lines(&book.draw(cut)), expected, "{rest}");
}

/// What voids an event.
fn void(target: &Event) -> Event {
    let mut event = target.clone();
    event.id = format!("void-{}", target.id).into();
    event.headers = work::Headers::default();
    event.body = Body::Corrected {
        target_source: target.source.clone(),
        target_id: target.id.clone(),
        target_digest: target.digest(),
        target_kind: target.body.tag(),
        action: Action::Void,
        replacement: None,
        reason: None,
    };
    event
}

const READINGS: &str = "\
    01-05 usage meter=calls quantity=4 item=a
    01-10 usage meter=calls quantity=9 item=b
    01-20 usage meter=calls quantity=2 item=a";

#[test]
fn each_aggregate_of_the_same_facts() {
    let price = |aggregate: &str| format!("aggregate = \"{aggregate}\"\nprice = 1");
    check(&price("sum"), READINGS, "02-01", &["charge usage 15 15.00"]);
    check(&price("count"), READINGS, "02-01", &["charge usage 3 3.00"]);
    check(&price("max"), READINGS, "02-01", &["charge usage 9 9.00"]);
    check(
        &price("unique"),
        READINGS,
        "02-01",
        &["charge usage 2 2.00"],
    );
    check(&price("last"), READINGS, "02-01", &["charge usage 2 2.00"]);
    // 4 for 5 days, 9 for 10, 2 for 12, of 31.
    check(
        &price("weighted_sum"),
        READINGS,
        "02-01",
        &["charge usage 4.322580645 4.32"],
    );
}

/// A volume or a last value is known when the period is over; a greatest one grows inside it.
#[test]
fn d5_what_may_be_cut_inside_a_period_and_what_is_due_at_its_end() {
    for (aggregate, expected) in [
        ("sum", ["4.00", "9.00", "2.00"]),
        ("count", ["1.00", "1.00", "1.00"]),
        ("max", ["4.00", "5.00", "0.00"]),
        ("unique", ["1.00", "1.00", "0.00"]),
        ("last", ["0.00", "0.00", "2.00"]),
        ("weighted_sum", ["0.00", "0.00", "4.32"]),
    ] {
        let mut book = Book::new(
            &metered(&format!("aggregate = \"{aggregate}\"\nprice = 1")),
            "",
        );
        book.story(READINGS);
        let totals = ["01-08", "01-15", "02-01"].map(|cut| book.issue(cut).total.number());
        assert_eq!(totals, expected, "{aggregate}");
    }
}

/// Before its end a period of a last value is provisional: neither nothing nor billed.
#[test]
fn d5_a_last_value_is_provisional_until_the_period_is_over() {
    let mut book = Book::new(&metered("aggregate = \"last\"\nprice = 1"), "");
    book.story("01-05 usage meter=calls quantity=4");
    let class = |cut: &str| {
        let done = reconcile(&book.account(), at(cut)).unwrap();
        let classes = done.entries.iter().map(|(_, class)| class.word());
        classes.collect::<Vec<String>>()
    };
    assert_eq!(class("01-20"), ["pending(provisional)"]);
    assert_eq!(class("02-01"), ["rated"]);
}

/// The greatest is voided: the next greatest takes its place, whoever that was.
#[test]
fn d1_a_maximum_that_is_voided_falls_to_the_next() {
    let rest = "aggregate = \"max\"\nprice = 2";
    let mut book = Book::new(&metered(rest), "");
    book.story("01-05 usage meter=calls quantity=7 id=a\n01-06 usage meter=calls quantity=9 id=b");
    assert_eq!(book.issue("02-01").total, usd("18"));
    let target = book
        .contents
        .iter()
        .find(|own| own.event.id == "b")
        .unwrap();
    let void = void(&target.event);
    book.push(void);
    let statement = book.issue("03-01");
    assert_eq!(lines(&statement), ["adjustment usage -2 -4.00"]);
    // Both moved: the one that set it, and the one that sets it now.
    let causes: Vec<&str> = statement.lines[0]
        .causes
        .iter()
        .map(|own| own.id.as_str())
        .collect();
    assert_eq!(causes, ["a", "b"]);
}

/// Of equal ones the first has it: its tier, whatever arrived first.
#[test]
fn s3_of_equal_readings_the_first_sets_the_maximum() {
    let risk = "aggregate = \"max\"\nprice = 10\n\
        [[component]]\nid = \"tier\"\nkind = \"risk\"\nmodifies = \"calls\"\nby = \"header tier\"\nmissing = 1\n\
        [[component.band]]\nis = \"gold\"\nmultiplier = 2";
    let facts = "01-06 usage meter=calls quantity=5 id=b\n01-05 usage meter=calls quantity=5 tier=gold id=a";
    let expected = ["charge usage 5 50.00", "charge band:gold| 5 50.00"];
    check(risk, facts, "02-01", &expected);
}

/// The whole maximum is priced by the version in force when it was reached.
#[test]
fn p2_the_greatest_is_priced_by_the_version_that_it_was_reached_under() {
    let rest = |price: &str| metered(&format!("aggregate = \"max\"\nprice = {price}"));
    let mut book = Book::new(&rest("2"), "");
    book.amend("01-16", &rest("3"), &definition("", ""), "", false);
    book.story("01-05 usage meter=calls quantity=7\n01-20 usage meter=calls quantity=8");
    assert_eq!(lines(&book.draw("02-01")), ["charge usage 8 24.00"]);
}

/// A gauge that is not read again keeps its value: over a change of version, and into the next period.
#[test]
fn p2_a_gauge_is_priced_by_each_version_for_its_time() {
    let rest = |price: &str| metered(&format!("aggregate = \"weighted_sum\"\nprice = {price}"));
    let mut book = Book::new(&rest("31"), "");
    book.amend("01-16", &rest("62"), &definition("", ""), "", false);
    book.story("01-01 usage meter=calls quantity=10");
    assert_eq!(
        lines(&book.issue("02-01")),
        [
            "charge usage 4.838709677 150.00",
            "charge usage 5.161290323 320.00"
        ]
    );
    assert_eq!(lines(&book.issue("03-01")), ["charge usage 10 620.00"]);
}

/// A part of a month is charged by its days: 12 of 31 days at 100 are 38.71, not 100.00.
#[test]
fn p2_a_gauge_in_a_part_of_a_period_counts_by_its_days() {
    let rest = metered("aggregate = \"weighted_sum\"\nprice = 1");
    let mut book = Book::new(&rest, "starts = 2026-01-20\nanchor_day = 1\n");
    book.story("01-20 usage meter=calls quantity=100");
    assert_eq!(
        lines(&book.draw("02-01")),
        ["charge usage 38.709677419 38.71"]
    );
}

/// March in Berlin has an hour less: half of its seconds is half of the price.
#[test]
fn p3_a_gauge_counts_elapsed_seconds_of_a_month_with_a_change_of_clocks() {
    let rest = metered("aggregate = \"weighted_sum\"\nprice = 743");
    let mut book = Book::new(
        &rest,
        "starts = 2026-03-01\ntime_zone = \"Europe/Berlin\"\n",
    );
    book.story(
        "03-01T00:00 usage meter=calls quantity=1\n03-31T21:00 usage meter=calls quantity=0",
    );
    // From 01:00 on March 1 to 23:00 on March 31 in Berlin: 741 of 743 hours.
    assert_eq!(
        lines(&book.draw("2026-03-31T22:00:00Z")),
        ["charge usage 0.99730821 741.00"]
    );
}

/// The average is exact; only the cell rounds. 1 for 1/3 of the time at 3.00 is 1.00, not 0.99 or 1.01.
#[test]
fn d2_an_average_rounds_in_its_cell_alone() {
    let rest = metered("aggregate = \"weighted_sum\"\nprice = \"300000000000\"");
    let mut book = Book::new(&rest, "starts = 2026-04-01\n");
    book.story("04-01 usage meter=calls quantity=1\n04-11 usage meter=calls quantity=0");
    assert_eq!(
        lines(&book.draw("05-01")),
        ["charge usage 0.333333333 100000000000.00"]
    );
}

/// Tiers, allowance and conversion act on the average.
#[test]
fn a_gauge_with_an_allowance_tiers_and_a_conversion() {
    let tiers = "aggregate = \"weighted_sum\"\nprice = { graduated = [{ up_to = 2, unit = 10, flat = 5 }, { unit = 1 }] }\nallowance = 1";
    let half = "04-01 usage meter=calls quantity=9\n04-16 usage meter=calls quantity=0";
    let april = |rest: &str| {
        let mut book = Book::new(&metered(rest), "starts = 2026-04-01\n");
        book.story(half);
        lines(&book.draw("05-01"))
    };
    assert_eq!(
        april(tiers),
        [
            "charge usage 2 25.00",
            "charge usage#2 1.5 1.50",
            "charge included: 1 0.00"
        ]
    );
    let convert =
        "aggregate = \"weighted_sum\"\nprice = 10\nconvert = { divide = 2, round = \"up\" }";
    assert_eq!(april(convert), ["charge usage 3 30.00"]);
    let volume = "aggregate = \"weighted_sum\"\nprice = { volume = [{ up_to = 4, unit = 10 }, { unit = 2 }] }";
    assert_eq!(april(volume), ["charge usage 4.5 9.00"]);
    let package = "aggregate = \"weighted_sum\"\nprice = { package = { size = 2, price = 3 } }";
    assert_eq!(april(package), ["charge usage 4.5 9.00"]);
}

/// An item counts once in each rating period, at its first fact; a usage without one waits, it is not dropped.
#[test]
fn unique_counts_each_item_once_a_period_and_waits_for_what_has_none() {
    let mut book = Book::new(&metered("aggregate = \"unique\"\nprice = 1"), "");
    book.story(
        "01-05 usage meter=calls item=a\n01-06 usage meter=calls item=a\n01-07 usage meter=calls\n\
         01-08 usage meter=calls item=t environment=test\n01-09 usage meter=calls item=b quantity=0\n02-03 usage meter=calls item=a",
    );
    let january = book.issue("02-01");
    assert_eq!(lines(&january), ["charge usage 2 2.00"]);
    assert_eq!(january.pending.get("no_price"), Some(&1));
    assert_eq!(lines(&book.issue("03-01")), ["charge usage 1 1.00"]);
}

/// A late fact that a policy waives changes nothing of what others come to: the maximum stays that of the rest.
#[test]
fn d8_a_late_maximum_is_waived_and_the_rest_keeps_its_own() {
    let mut book = Book::new(
        &metered("aggregate = \"max\"\nprice = 1"),
        "late = { waive_after = \"10d\" }\n",
    );
    book.story("01-05 usage meter=calls quantity=4");
    assert_eq!(book.issue("02-01").total, usd("4"));
    book.story("01-06 usage meter=calls quantity=9");
    assert_eq!(
        lines(&book.issue("03-01")),
        [
            "adjustment usage 5 0.00",
            "waived usage 0 0.00 waived late 5.00"
        ]
    );
}

#[test]
fn what_is_free_of_a_percentage() {
    let rest = |free: &str| {
        format!(
            "price = {{ percentage = {{ percent = 10, fixed = 1, minimum = 2, maximum = 20 }} }}\n{free}"
        )
    };
    let facts = "01-02 usage meter=calls amount=100\n01-03 usage meter=calls amount=5\n01-04 usage meter=calls amount=1000";
    check(&rest(""), facts, "02-01", &["charge usage 3 33.00"]); // 11, 2 (the least), 20 (the most)
    check(
        &rest("free_events = 1"),
        facts,
        "02-01",
        &["charge usage 3 22.00"],
    );
    check(
        &rest("free_events = 3"),
        facts,
        "02-01",
        &["charge usage 3 0.00"],
    );
    // Within the amount there is no fee, not the fixed part either; of what reaches over it, the part beyond.
    check(
        &rest("free_amount = 100"),
        facts,
        "02-01",
        &["charge usage 3 22.00"],
    );
    check(
        &rest("free_amount = 99"),
        facts,
        "02-01",
        &["charge usage 3 24.00"],
    ); // 1.10 is raised to 2
    check(
        &rest("free_events = 1\nfree_amount = 5"),
        facts,
        "02-01",
        &["charge usage 3 20.00"],
    );
    check(
        &rest("free_amount = 2000"),
        facts,
        "02-01",
        &["charge usage 3 0.00"],
    );
}

/// Half of a month has half of what is free, rounded up; a refund within what is free gives nothing back.
#[test]
fn p2_what_is_free_is_prorated_by_days() {
    let rest = metered("price = { percentage = { percent = 10 } }\nfree_events = 3");
    let mut book = Book::new(&rest, "starts = 2026-04-16\nanchor_day = 1\n");
    book.story("04-17 usage meter=calls amount=10\n04-18 usage meter=calls amount=10\n04-19 usage meter=calls amount=10");
    assert_eq!(lines(&book.draw("05-01")), ["charge usage 3 1.00"]); // 1.5 is 2
    let rest = metered("price = { percentage = { percent = 10 } }\nfree_amount = 100");
    let mut book = Book::new(&rest, "");
    book.story("01-02 usage meter=calls amount=150\n01-03 usage meter=calls amount=-30\n01-04 usage meter=calls amount=-60");
    assert_eq!(lines(&book.draw("02-01")), ["charge usage 3 0.00"]); // 5 - 3 - 2, the other 40 were free
}

const ROLLS: &str = "price = 1\nallowance = 100\nrollover = { periods = 1 }";

#[test]
fn an_unused_allowance_rolls_over_the_oldest_first_and_expires() {
    let mut book = Book::new(&metered(ROLLS), "");
    book.story("01-10 usage meter=calls quantity=30\n02-10 usage meter=calls quantity=150\n03-10 usage meter=calls quantity=160");
    assert_eq!(lines(&book.issue("02-01")), ["charge included: 30 0.00"]);
    // 70 of January first, then 80 of February's own; 20 are left for March.
    assert_eq!(
        lines(&book.issue("03-01")),
        ["charge included: 80 0.00", "charge included:rolled 70 0.00"]
    );
    assert_eq!(
        lines(&book.issue("04-01")),
        [
            "charge usage 40 40.00",
            "charge included: 100 0.00",
            "charge included:rolled 20 0.00"
        ]
    );
    // Without rolling over February pays 50, March 60.
    check(
        "price = 1\nallowance = 100",
        "02-10 usage meter=calls quantity=150",
        "03-01",
        &["charge usage 50 50.00", "charge included: 100 0.00"],
    );
}

/// A late fact of January uses what February had of it: February is charged, and nothing twice.
#[test]
fn d1_a_late_fact_takes_back_what_had_rolled_over() {
    let mut book = Book::new(&metered(ROLLS), "");
    book.story("01-10 usage meter=calls quantity=30\n02-10 usage meter=calls quantity=150");
    book.issue("02-01");
    assert_eq!(book.issue("03-01").total, usd("0"));
    book.story("01-11 usage meter=calls quantity=60");
    let statement = book.issue("04-01");
    assert_eq!(
        lines(&statement),
        [
            "adjustment included: 60 0.00",
            "adjustment usage 40 40.00",
            "adjustment included: 20 0.00",
            "adjustment included:rolled -60 0.00",
        ]
    );
}

/// What is left rolls over as the version says that is in force when the period ends, and lapses with the term.
#[test]
fn p2_rolling_over_follows_the_version_at_the_end_of_the_period() {
    let stops = metered("price = 1\nallowance = 100");
    let mut book = Book::new(&metered(ROLLS), "");
    book.amend("01-16", &stops, &definition("", ""), "", false);
    book.story("02-10 usage meter=calls quantity=150");
    assert_eq!(
        lines(&book.draw("03-01")),
        ["charge usage 50 50.00", "charge included: 100 0.00"]
    );
    let mut book = Book::new(&metered(ROLLS), "starts = 2026-01-16\nanchor_day = 1\n");
    book.story("02-10 usage meter=calls quantity=155");
    // Of a part of January 16 of 31 days: 51.61..., rounded up to 52.
    assert_eq!(
        lines(&book.draw("03-01")),
        [
            "charge usage 3 3.00",
            "charge included: 100 0.00",
            "charge included:rolled 52 0.00"
        ]
    );
}

/// A conversion acts on a volume as on every other price.
#[test]
fn a_volume_of_converted_units() {
    let rest = "price = { volume = [{ up_to = 2, unit = 10 }, { unit = 5 }] }\nconvert = { divide = 1000, round = \"up\" }";
    check(
        rest,
        "01-02 usage meter=calls quantity=1400",
        "02-01",
        &["charge usage 2 20.00"],
    );
    check(
        rest,
        "01-02 usage meter=calls quantity=2001",
        "02-01",
        &["charge usage 3 15.00"],
    );
}

#[test]
fn contradictions_are_refused_at_their_key() {
    for (rest, problem) in [
        (
            "aggregate = \"average\"\nprice = 1",
            "`average` is not one of: sum, count, max, unique, last, weighted_sum",
        ),
        (
            "aggregate = \"max\"\nprice = { percentage = { percent = 1 } }",
            "a percentage is of the money of each fact; `max` is of units",
        ),
        (
            "free_events = 2\nprice = 1",
            "`free_events` is for a `percentage` of the money of each fact",
        ),
        (
            "free_amount = 2\nprice = 1",
            "`free_amount` is for a `percentage` of the money of each fact",
        ),
        (
            "rollover = { periods = 1 }\nprice = 1",
            "there is no `allowance` to roll over",
        ),
        (
            "rollover = { periods = 0 }\nallowance = 1\nprice = 1",
            "`periods` must be a whole number of at least 1",
        ),
        (
            "rollover = { periods = 61 }\nallowance = 1\nprice = 1",
            "an allowance rolls over for at most 60 periods",
        ),
        (
            "aggregate = \"max\"\nrollover = { periods = 1 }\nallowance = 1\nprice = 1",
            "what is left of a `max` cannot be used later",
        ),
    ] {
        let error = Plan::parse(&metered(rest)).unwrap_err();
        let problems: Vec<&str> = error
            .faults
            .iter()
            .map(|fault| fault.problem.as_str())
            .collect();
        assert_eq!(problems, [problem], "{rest}");
    }
}

/// What a component aggregates cannot change under its id.
#[test]
fn an_amendment_does_not_change_the_aggregate() {
    let mut book = Book::new(&metered("price = 1"), "");
    book.amend(
        "02-01",
        &metered("aggregate = \"max\"\nprice = 1"),
        &definition("", ""),
        "",
        false,
    );
    let flags = book.account().flags;
    assert!(
        flags[0].problem.contains("aggregate of `calls`"),
        "{flags:?}"
    );
}
