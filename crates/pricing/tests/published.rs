//! Published documents whose numbers enter rating: what is read, which counts, and what prices make of them.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/kept.rs"]
mod kept;
#[path = "support/many.rs"]
mod many;
mod support;

use kept::{Kept, shown};
use many::{Reached, many};
use piecework_pricing::Plan;
use piecework_pricing::cell::owed;
use piecework_pricing::limits::RATED_DOCUMENTS_MAX;
use piecework_pricing::published::Document;
use proptest::prelude::*;
use support::*;
use work::body::DocumentKind::{self, Baseline, Calibration, Fx, Measure};

fn faults(kind: DocumentKind, text: &str) -> Vec<String> {
    let error = Document::parse(kind, text).unwrap_err();
    assert_eq!(error.document, kind.word());
    let faults = error.faults.iter();
    let faults = faults.map(|fault| {
        let place = text.get(fault.span.clone()).unwrap_or_default();
        format!("{place}: {}", fault.problem)
    });
    faults.collect()
}

fn calibration(from: &str, verdict: &str, more: &str) -> String {
    format!(
        "subject = \"support\"\nfrom = {}\nverdict = \"{verdict}\"\n{more}",
        at(from)
    )
}

fn measure(subject: &str, month: u32, value: &str, more: &str) -> String {
    let (from, until) = (
        at(&format!("{month:02}-01")),
        at(&format!("{:02}-01", month + 1)),
    );
    format!("subject = \"{subject}\"\nfrom = {from}\nuntil = {until}\nvalue = \"{value}\"\n{more}")
}

const RISK: &str = "price = 1\n[[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.7\"\n\
    fallback = { calibration = \"support\", multiplier = \"0.9\" }\n[[component.band]]\nfrom = 0\nmultiplier = \"1.2\"";

fn hybrid() -> String {
    outcome(&format!(
        "{RISK}\n[[component]]\nid = \"sla\"\nkind = \"service_level\"\nmeasure = \"up\"\nof = [\"cases\", \"risk\"]\n\
         [[component.band]]\nfrom = 0\npercent = 50\n[[component.band]]\nfrom = 99\npercent = 0\n\
         [[component]]\nid = \"kept\"\nkind = \"aggregate\"\nmeasure = \"kept\"\npercent = 10\ncarry_negative = true\nminimum = 1\n\
         [totals]\ndiscount_percent = 10\ncap = 40"
    ))
}

/// Every fault is told at its place, and no key is passed over.
#[test]
fn a_document_is_read_strictly() {
    let read = |kind, text: &str| Document::parse(kind, text).unwrap();
    let own = read(
        Calibration,
        &calibration(
            "02-01",
            "failed",
            "source = \"report\"\n[numbers]\nece = 0.14\n",
        ),
    );
    assert_eq!(own.subject, "support");
    let own = read(
        Measure,
        "subject = \"up\"\nfrom = \"2026-01-01T00:00:00+01:00\"\nuntil = 2026-02-01T00:00:00.5Z\nvalue = 99.4",
    );
    assert_eq!(own.from, at("2025-12-31T23:00:00Z"));
    let own = read(
        Fx,
        "subject = \"EUR/USD\"\nfrom = 2026-01-02T00:00:00Z\nrate = \"1.0842\"\nsource = \"ECB\"",
    );
    assert_eq!(own.subject, "EUR/USD");

    let text = calibration(
        "02-01",
        "maybe",
        "veridct = \"failed\"\nuntil = 2026-01-01T00:00:00Z",
    );
    assert_eq!(
        faults(Calibration, &text),
        [
            "\"maybe\": `maybe` is not one of: passed, failed",
            "veridct: `veridct` is not a key here",
            "2026-01-01T00:00:00Z: it ends before it begins",
        ]
    );
    let open = "subject = \"up\"\nfrom = 2026-01-01T00:00:00Z\nvalue = \"much\"";
    assert_eq!(faults(Measure, open).len(), 2);
    for (value, text) in [
        ("a local date", "2026-01-01"),
        ("without offset", "2026-01-01T00:00:00"),
        ("a space", "\"2026-01-01 00:00:00Z\""),
        ("nanoseconds", "\"2026-01-01T00:00:00.000000001Z\""),
    ] {
        let text = format!("subject = \"up\"\nfrom = {text}\nvalue = 1");
        assert_eq!(faults(Baseline, &text).len(), 1, "{value}");
    }
    assert_eq!(
        faults(
            Fx,
            "subject = \"EUR/EUR\"\nfrom = 2026-01-01T00:00:00Z\nrate = 0"
        )
        .len(),
        3
    );
    let many: String = (0..65).map(|own| format!("n{own} = 1\n")).collect();
    assert_eq!(
        faults(
            Calibration,
            &calibration("02-01", "failed", &format!("[numbers]\n{many}"))
        )
        .len(),
        1
    );
    assert_eq!(
        faults(
            DocumentKind::Plan,
            "subject = \"a\"\nfrom = 2026-01-01T00:00:00Z"
        )
        .len(),
        1
    );
}

/// A plan says what it pays back of, and of which bands.
#[test]
fn a_plan_that_looks_at_documents_is_read_strictly() {
    let problems = |text: &str| {
        let error = Plan::parse(&plan(text)).unwrap_err();
        error
            .faults
            .into_iter()
            .map(|fault| fault.problem)
            .collect::<Vec<_>>()
    };
    let level = |more: &str| {
        format!(
            "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 1\n[[component]]\nid = \"sla\"\nkind = \"service_level\"\nmeasure = \"up\"\n{more}"
        )
    };
    let band = "[[component.band]]\nfrom = 0\npercent = 5";
    Plan::parse(&plan(&level(&format!("of = [\"fee\"]\n{band}")))).unwrap();
    for (more, problem) in [
        (
            format!("of = [\"fees\"]\n{band}"),
            "there is no component `fees` to pay back of",
        ),
        (
            format!("of = [\"sla\"]\n{band}"),
            "`sla` pays back itself, and charges nothing",
        ),
        (
            format!("every = \"year\"\nof = [\"fee\"]\n{band}"),
            "`every` must be that of `fee`: month",
        ),
        (band.to_owned(), "a service level pays back of charges"),
        (
            "of = [\"fee\"]\n[[component.band]]\nfrom = 1\npercent = 5".to_owned(),
            "the first [[component.band]] begins at 0, so that every level has one",
        ),
        (
            format!("of = [\"fee\"]\n{band}\n{band}"),
            "`from` must rise from band to band",
        ),
        (
            format!("of = [\"fee\"]\nminimum = 1\n{band}"),
            "what is paid back has no discount, maximum or minimum",
        ),
    ] {
        assert_eq!(problems(&level(&more)), [problem]);
    }
    let by_review = RISK
        .replace("confidence", "review")
        .replace("from = 0", "is = \"none\"");
    let text =
        format!("[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"u\"\n{by_review}");
    assert_eq!(problems(&text), ["`fallback` is not a key here"]);
}

/// Terms are those of the opening, the verdict that of the count. Counter-example to the verdict of the opening: a
/// case that opens in January, while confidence is calibrated, and is answered in March, when everybody knows that
/// it is not: the buyer would pay a fifth more for a number that says nothing.
#[test]
fn s12_the_verdict_is_that_of_the_count_and_the_table_that_of_the_opening() {
    let mut book = Book::new(&outcome(RISK), "");
    book.tell(
        "2025-12-22",
        Calibration,
        &calibration("2026-01-01", "passed", ""),
    );
    book.story("01-20 opened case=a\n01-20 opened case=b");
    book.tell(
        "01-28",
        Calibration,
        &calibration("03-01", "failed", "[numbers]\nece = 0.2"),
    );
    let other = outcome(&RISK.replace("0.9", "0.5"));
    book.amend("02-01", &other, &definition("", ""), "", false);
    book.story(
        "02-27 answered case=a kind=answer confidence=0.95\n02-28 confirmed case=a by=buyer",
    );
    book.story(
        "02-28 answered case=b kind=answer confidence=0.95\n03-01 confirmed case=b by=buyer",
    );
    book.story(
        "03-02 answered case=c kind=answer confidence=0.95\n03-02 confirmed case=c by=buyer",
    );
    assert_eq!(
        lines(&book.issue("03-01"))[1..],
        ["charge band:from:0|work 1 0.20"]
    );
    let march = book.draw("04-01");
    assert_eq!(
        lines(&march),
        [
            "charge class:work 1 1.00",
            "charge class:work 1 1.00",
            // The first opened under the first version: 0.9; the second under the second.
            "charge band:fallback|work 1 -0.10",
            "charge band:fallback|work 1 -0.50",
        ]
    );
    let digest =
        work::Digest::of(calibration("03-01", "failed", "[numbers]\nece = 0.2").as_bytes());
    assert_eq!(
        march.lines[2].note.as_deref().unwrap(),
        format!(
            "support failed from 2026-03-01T00:00:00Z (document {})",
            digest.short()
        )
    );
    // What is taken back leaves the band that it was counted in.
    book.issue("04-01");
    book.tell("04-02", Calibration, &calibration("04-01", "passed", ""));
    book.story("04-03 reopened case=b by=buyer");
    assert_eq!(
        lines(&book.draw("05-01")),
        [
            "adjustment class:work -1 -1.00",
            "adjustment band:fallback|work -1 0.10",
        ]
    );
}

/// Where nothing in force says that confidence is calibrated, no price depends on it: else a seller whose
/// calibration ends would keep the premium by publishing nothing.
#[test]
fn d12_without_a_calibration_in_force_no_price_depends_on_confidence() {
    let mut book = Book::new(&outcome(RISK), "");
    book.story("01-05 answered case=a kind=answer confidence=0.95\n01-06 confirmed case=a by=buyer\n01-06 confirmed case=b by=buyer");
    let drawn = book.draw("02-01");
    assert_eq!(
        lines(&drawn)[1..],
        [
            "charge band:fallback|work 1 -0.10",
            "charge band:missing|work 1 -0.30"
        ]
    );
    let note = drawn.lines[1].note.as_deref();
    assert_eq!(note, Some("no calibration of support was in force"));
}

/// A document that changes what was stated is no document without approval, in the log as in admission.
#[test]
fn d12_a_document_behind_what_was_stated_changes_nothing_without_approval() {
    let mut book = Book::new(&hybrid(), "");
    book.tell(
        "2025-12-22",
        Calibration,
        &calibration("2026-01-01", "passed", ""),
    );
    book.story(
        "01-05 answered case=a kind=answer confidence=0.95\n01-06 confirmed case=a by=buyer",
    );
    book.tell("02-01", Measure, &measure("up", 1, "98", ""));
    book.tell(
        "02-01",
        Baseline,
        "subject = \"kept\"\nfrom = 2026-01-01T00:00:00Z\nvalue = \"100 USD\"",
    );
    book.tell("02-01", Measure, &measure("kept", 1, "200 USD", ""));
    assert_eq!(book.account().flags, []);
    book.issue("02-01");
    for (kind, text) in [
        (Calibration, calibration("01-31", "failed", "")),
        (Measure, measure("up", 1, "99", "")),
        (Baseline, "subject = \"kept\"\nfrom = 2025-01-01T00:00:00Z\nuntil = 2026-02-01T00:00:00Z\nvalue = \"150 USD\"".to_owned()),
    ] {
        let before = lines(&book.draw("03-01"));
        let mut other = book.clone();
        let read = Document::parse(kind, &text).unwrap();
        assert!(other.account().may_publish(&read).is_err(), "{text}");
        other.tell("02-10", kind, &text);
        assert_eq!(other.account().flags.len(), 1, "{text}");
        assert_eq!(lines(&other.draw("03-01")), before);
        // Approved, it is an adjustment of what was stated.
        book.tell("02-10", kind, &format!("{text}\nreprice = \"cfo\""));
        assert_eq!(book.account().flags, []);
    }
    let adjusted = lines(&book.draw("03-01"));
    assert_eq!(
        adjusted,
        [
            // The case counted on January 6, before the calibration that fails from the 31st.
            "adjustment service_level 1 0.54",
            "adjustment value -50 -5.00",
            "charge minimum 0 1.00",
            "adjustment discount 0 0.50",
            "charge discount 0 -0.10",
        ]
    );
    // What changes nothing that was stated needs nobody.
    let ahead = calibration("02-01", "failed", "");
    book.tell("02-11", Calibration, &ahead);
    book.tell("02-11", Measure, &measure("up", 3, "99", ""));
    book.tell("02-11", Calibration, &ahead.replace("support", "another"));
    assert_eq!(book.account().flags, []);
}

/// A measure in another unit is none: it waits.
#[test]
fn what_is_not_money_is_no_value_and_money_is_no_level() {
    let mut book = Book::new(&hybrid(), "");
    book.tell(
        "01-02",
        Baseline,
        "subject = \"kept\"\nfrom = 2026-01-01T00:00:00Z\nvalue = 100",
    );
    book.tell("02-01", Measure, &measure("kept", 1, "200 EUR", ""));
    book.tell("02-01", Measure, &measure("up", 1, "99.9 USD", ""));
    let waiting = book.draw("02-01").awaited;
    let waiting: Vec<String> = waiting
        .iter()
        .map(|own| format!("{} {} {}", own.component, own.document.word(), own.subject))
        .collect();
    assert_eq!(
        waiting,
        ["sla measure up", "kept measure kept", "kept baseline kept"]
    );
}

/// A baseline that came after its period began is one, and the line says so.
#[test]
fn d10_a_baseline_that_was_not_frozen_is_flagged_on_the_line() {
    let text = "subject = \"kept\"\nfrom = 2026-01-01T00:00:00Z\nvalue = \"100 USD\"";
    let note = |published: &str| {
        let mut book = Book::new(&hybrid(), "");
        book.tell(published, Baseline, text);
        book.tell("02-01", Measure, &measure("kept", 1, "50 USD", ""));
        book.tell("03-01", Measure, &measure("kept", 2, "90 USD", ""));
        let drawn = book.draw("03-01");
        let own = drawn
            .lines
            .iter()
            .filter(|line| line.cell.component == "kept" && line.note.is_some());
        own.map(|line| line.note.clone().unwrap())
            .collect::<Vec<_>>()
    };
    let frozen = note("2025-12-31");
    assert!(
        frozen[0].starts_with("kept 50.00 USD (document "),
        "{frozen:?}"
    );
    assert!(
        frozen[1].ends_with("); -50.00 USD carried from before"),
        "{frozen:?}"
    );
    let late = note("01-01");
    assert!(
        late[0].ends_with("), published 2026-01-01T00:00:00Z after the period began"),
        "{late:?}"
    );
    assert!(!late[1].contains("began"), "{late:?}");
}

/// What a plan needs from the seller is known before anybody buys it.
#[test]
fn a_plan_says_which_documents_it_needs() {
    let plan = Plan::parse(&hybrid()).unwrap();
    let needed = piecework_pricing::plan::check::needed(&plan.components);
    let needed: Vec<String> = needed
        .iter()
        .map(|own| format!("{} {} {}", own.component, own.document.word(), own.subject))
        .collect();
    assert_eq!(
        needed,
        [
            "risk calibration support",
            "sla measure up",
            "kept measure kept",
            "kept baseline kept"
        ]
    );
}

#[test]
fn a_customer_has_only_so_many_documents() {
    let mut book = Book::new(&outcome("price = 1"), "");
    for number in 0..RATED_DOCUMENTS_MAX {
        book.tell(
            "2025-12-22",
            Measure,
            &measure(&format!("m{number}"), 1, "1", ""),
        );
    }
    assert_eq!(book.account().flags, []);
    book.tell("2025-12-22", Measure, &measure("more", 1, "1", ""));
    assert_eq!(book.account().flags.len(), 1);
}

fn a_document() -> impl Strategy<Value = (DocumentKind, String)> {
    (0u32..6, 1u32..5, 0u32..120).prop_map(|(which, month, number)| match which {
        0 | 1 => {
            let verdict = if number % 2 == 0 { "passed" } else { "failed" };
            let from = format!("{month:02}-{:02}", number % 28 + 1);
            (Calibration, calibration(&from, verdict, ""))
        }
        2 => (
            Measure,
            measure("up", month, &format!("{}", 90 + number % 11), ""),
        ),
        3 | 4 => (
            Measure,
            measure("kept", month, &format!("{number} USD"), ""),
        ),
        _ => (
            Baseline,
            format!(
                "subject = \"kept\"\nfrom = {}\nvalue = \"{number} USD\"",
                at(&format!("{month:02}-01"))
            ),
        ),
    })
}

fn a_fact() -> impl Strategy<Value = String> {
    (1u32..5, 1u32..28, 0u32..8, 0u32..4).prop_map(|(month, day, case, what)| {
        let time = format!("{month:02}-{day:02}");
        match what {
            0 => format!("{time} answered case=c{case} kind=answer confidence=0.9"),
            1 | 2 => format!("{time} confirmed case=c{case} by=buyer"),
            _ => format!("{time} reopened case=c{case} by=buyer"),
        }
    })
}

/// Documents and facts in any order, each at its own time: the same cells; and running totals have them.
fn order_gives_the_same_cells(
    documents: &[(DocumentKind, String)],
    facts: &[String],
    cuts: &[&str],
    reached: &Reached,
) -> Result<(), TestCaseError> {
    let book = Book::new(&hybrid(), "");
    let (mut forwards, mut backwards) = (book.clone(), book);
    let named: Vec<String> = facts
        .iter()
        .enumerate()
        .map(|(n, line)| format!("{line} id=e{n}"))
        .collect();
    // Each is published at an instant of its own, by which the last counts.
    let times: Vec<String> = (0..documents.len())
        .map(|n| format!("2025-12-22T{n:02}:00:00Z"))
        .collect();
    for ((kind, text), time) in documents.iter().zip(&times) {
        forwards.tell(time, *kind, text);
    }
    for line in &named {
        forwards.push(event(line));
    }
    for line in named.iter().rev() {
        backwards.push(event(line));
    }
    for ((kind, text), time) in documents.iter().zip(&times).rev() {
        backwards.tell(time, *kind, text);
    }
    for cut in cuts {
        let account = forwards.account();
        let held = account.contract(CONTRACT).unwrap();
        let whole = owed(&held.agreement, &held.facts(), at(cut)).unwrap();
        prop_assert_eq!(shown(&whole.cells), shown(&backwards.owed(cut).cells));
        let mut kept = Kept::new(&account, CONTRACT, at("01-01"));
        kept.follow(&account);
        kept.running.advance(at(cut)).unwrap();
        prop_assert_eq!(shown(&kept.running.owed().unwrap()), shown(&whole.cells));
        reached.prices(&whole);
        let money_of = |component: &str| {
            let mut cells = whole.cells.iter();
            cells.any(|(key, cell)| key.component == component && !cell.amount.is_zero())
        };
        reached.when("a service level paid back", money_of("sla"));
        reached.when("a surcharge or its fallback", money_of("risk"));
    }
    let mut kinds: Vec<&str> = documents.iter().map(|(kind, _)| kind.word()).collect();
    kinds.sort_unstable();
    let all = kinds.len();
    kinds.dedup();
    reached.when("several documents of a kind", kinds.len() < all);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn documents_and_facts_in_any_order_give_the_same_cells(
        documents in prop::collection::vec(a_document(), 1..12),
        facts in prop::collection::vec(a_fact(), 1..12),
    ) {
        order_gives_the_same_cells(&documents, &facts, &["02-01", "03-15", "06-01"], &Reached::default())?;
    }
}

#[test]
fn slow_documents_and_facts_in_any_order_give_the_same_cells() {
    let boundaries = [
        ("several documents of a kind", 5_000),
        ("a surcharge or its fallback", 4_000),
        ("a service level paid back", 500),
    ];
    let documents = prop::collection::vec(a_document(), 1..7);
    let facts = prop::collection::vec(a_fact(), 1..7);
    many(
        &(documents, facts),
        &boundaries,
        |(documents, facts), reached| {
            order_gives_the_same_cells(&documents, &facts, &["06-01"], reached)
        },
    );
}
