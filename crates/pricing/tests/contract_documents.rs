//! Contracts that do not fit: every fault has its place and a remedy.
//!
//! One row for each: what is written, where the fault is shown, and its words.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

use jiff::civil::date;
use piecework_pricing::contract::{Free, Step, Term};
use piecework_pricing::{Contract, Plan};

const PLAN: &str = r#"
id = "support"
version = 1
currency = "USD"
[[meter]]
id = "messages"
class = "usage"
[[component]]
id = "platform"
kind = "platform"
amount = "500.00"
[[component]]
id = "messages"
kind = "metered"
meter = "messages"
price = "0.002"
"#;

fn text(more: &str) -> String {
    let plan = Plan::parse(PLAN).unwrap();
    let given = |key: &str, value: &str| {
        let is_given = more
            .lines()
            .any(|line| line.starts_with(&format!("{key} =")));
        if is_given {
            String::new()
        } else {
            format!("{key} = {value}\n")
        }
    };
    format!(
        "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{}\"\n{}{}{}{more}",
        plan.digest,
        given("starts", "2026-01-01"),
        given("time_zone", "\"UTC\""),
        given("currency", "\"USD\""),
    )
}

fn faults(text: &str) -> Vec<(String, String)> {
    let plan = Plan::parse(PLAN).unwrap();
    let error = match Contract::parse(text) {
        Err(error) => error,
        Ok(contract) => match contract.resolve(&plan, &[]) {
            Err(error) => error,
            Ok(_) => return Vec::new(),
        },
    };
    let faults = error.faults.into_iter();
    faults
        .map(|fault| (text[fault.span].to_owned(), fault.problem))
        .collect()
}

#[test]
fn a_contract_that_contradicts_itself_says_where() {
    let renews = "renews = { for = \"12 months\", notice = \"60d\" }\n";
    for (more, place, problem) in [
        (
            "ends = 2025-12-31\n",
            "2025-12-31",
            "the last day is before the first",
        ),
        ("starts = 2026-02-30\n", "2026-02-30", "invalid date"),
        ("anchor_day = 32\n", "32", "1 to 31"),
        ("time_zone = \"Berlin\"\n", "\"Berlin\"", "not a time zone"),
        ("currency = \"XYZ\"\n", "\"XYZ\"", "XYZ"),
        (
            "currency = \"EUR\"\n",
            "\"EUR\"",
            "the plan is in USD, the contract in EUR",
        ),
        (
            renews,
            "{ for = \"12 months\", notice = \"60d\" }",
            "without `ends`",
        ),
        (
            "ends = 2026-12-31\nrenews = { for = \"12 weeks\", notice = \"60d\" }\n",
            "\"12 weeks\"",
            "months or years",
        ),
        (
            "ends = 2026-12-31\nrenews = { for = \"11 years\", notice = \"60d\" }\n",
            "\"11 years\"",
            "at most ten years",
        ),
        (
            "ends = 2026-12-31\nrenews = { for = \"1 year\", notice = \"60h\" }\n",
            "\"60h\"",
            "number of days",
        ),
        (
            "ends = 2026-12-31\nrenews = { for = \"1 year\" }\n",
            "{ for = \"1 year\" }",
            "`notice` is missing",
        ),
        ("trial_days = 0\n", "0", "at least 1"),
        ("trial_days = 367\n", "367", "at most 366"),
        ("trial_days = 1.5\n", "1.5", "whole number"),
        (
            "trial_charges = [\"platform\"]\n",
            "[\"platform\"]",
            "there is no trial",
        ),
        (
            "trial_days = 5\ntrial_charges = [\"seats\"]\n",
            "[\"seats\"]",
            "the plan has no component `seats`",
        ),
        ("[[phase]]\nfree = true\n", "[[phase]]", "`from` is missing"),
        (
            "[[phase]]\nfrom = 2026-01-01\n",
            "2026-01-01",
            "after the first day",
        ),
        (
            "ends = 2026-06-30\n[[phase]]\nfrom = 2026-07-01\n",
            "2026-07-01",
            "after the last day",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[[phase]]\nfrom = 2026-03-01\n",
            "2026-03-01",
            "phases are written in order",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\nfree = \"all\"\n",
            "\"all\"",
            "true or false",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\nfree = [\"seats\"]\n",
            "[[phase]]",
            "the plan has no component `seats`",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[phase.totals]\nevery = \"year\"\n",
            "[phase.totals]",
            "cannot change with a phase",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[phase.totals]\ndiscount_percent = 101\n",
            "101",
            "0 to 100",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[[phase.override]]\ncomponent = \"platform\"\nevery = \"year\"\n",
            "\"year\"",
            "cannot be overridden",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[[phase.override]]\ncomponent = \"calls\"\n",
            "[[phase.override]]",
            "no component `calls`",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[[phase.override]]\ncomponent = \"messages\"\nprice = { graduated = [{ up_to = 10, unit = 1 }, { up_to = 5, unit = 1 }, { unit = 1 }] }\n",
            "[[phase.override]]",
            "rise",
        ),
        (
            "[[override]]\ncomponent = \"platform\"\nmeter = \"x\"\n",
            "\"x\"",
            "cannot be overridden",
        ),
        (
            "[totals]\nminimum = 10\ncap = 5\n",
            "10",
            "the minimum is above the cap",
        ),
        (
            "[totals]\ndiscount_percent = [\"10\", \"120\"]\n",
            "[\"10\", \"120\"]",
            "0 to 100",
        ),
        ("rebate = 5\n", "rebate", "is not a key here"),
        (
            "[[discount]]\npercent = 5\namount = 3\nreason = \"r\"\n",
            "3",
            "a `percent`, or an `amount`",
        ),
        (
            "[[discount]]\npercent = 5\n",
            "[[discount]]",
            "`reason` is missing",
        ),
        (
            "[[discount]]\npercent = 5\nreason = \"r\"\nuntil = 2026-02-01\nperiods = 2\n",
            "2",
            "ends with a day, or after so many periods",
        ),
        (
            "[[discount]]\npercent = 5\nreason = \"r\"\nfrom = 2026-03-01\nuntil = 2026-02-01\n",
            "2026-02-01",
            "before the first",
        ),
        (
            "[[discount]]\npercent = 5\nreason = \"r\"\nsurfaces = [\"luck\"]\n",
            "[\"luck\"]",
            "surfaces are",
        ),
        (
            "[totals]\ncap = { amount = 5, mode = \"overage\" }\n",
            "amount = 5",
            "`overage` goes with",
        ),
        (
            "[totals]\nminimum = { amount = 5, periods = 121 }\n",
            "121",
            "at most 120 periods",
        ),
        (
            "[totals]\ncap = 5\nminimum = { amount = 11, periods = 2 }\n",
            "amount = 11",
            "the minimum is above the cap",
        ),
        ("[invoice]\nnot_to_exceed = \"5 EUR\"\n", "\"5 EUR\"", "EUR"),
    ] {
        let text = text(more);
        let found = faults(&text);
        assert!(
            found
                .iter()
                .any(|(at, words)| at.contains(place) && words.contains(problem)),
            "{more}: {found:#?}"
        );
    }
}

#[test]
fn terms_name_components_that_are_there_and_are_at_most_so_many() {
    let plan = Plan::parse(PLAN).unwrap();
    let resolve = |more: &str| Contract::parse(&text(more)).unwrap().resolve(&plan, &[]);
    let discount = "[[discount]]\npercent = 1\nreason = \"r\"\n";
    for more in [
        format!("{discount}components = [\"nowhere\"]\n"),
        "[totals]\nminimum = { amount = 5, components = [\"nowhere\"] }\n".to_owned(),
        format!(
            "[[phase]]\nfrom = 2026-03-01\n{}",
            discount.replace("[[", "[[phase.")
        ) + "components = [\"nowhere\"]\n",
    ] {
        let refused = resolve(&more).unwrap_err().to_string();
        assert!(
            refused.contains("no component `nowhere` to look at"),
            "{refused}"
        );
    }
    let changed = "[totals]\nminimum = { amount = 5, periods = 2 }\n\
                   [[phase]]\nfrom = 2026-03-01\n[phase.totals]\nminimum = { amount = 5, periods = 3 }\n";
    let refused = resolve(changed).unwrap_err().to_string();
    assert!(refused.contains("for as many periods"), "{refused}");
    assert!(resolve(&discount.repeat(32)).is_ok());
    let found = faults(&text(&discount.repeat(33)));
    assert!(
        found.iter().any(|(_, words)| words.contains("at most 32")),
        "{found:?}"
    );
}

#[test]
fn the_steps_of_a_document_are_trial_contract_and_phases() {
    let plan = Plan::parse(PLAN).unwrap();
    let steps = |more: &str| {
        let terms = Contract::parse(&text(more))
            .unwrap()
            .resolve(&plan, &[])
            .unwrap();
        let first = std::iter::once((terms.contract.starts, terms.step, terms.free.clone()));
        let later = terms.later.iter();
        first
            .chain(later.map(|(day, own)| (*day, own.step, own.free.clone())))
            .collect::<Vec<_>>()
    };
    let day = |month, day| date(2026, month, day);
    assert_eq!(steps(""), [(day(1, 1), Step::Base, Free::Nothing)]);
    let trial = Free::AllBut(vec!["platform".to_owned()]);
    let all = "trial_days = 20\ntrial_charges = [\"platform\"]\n[[phase]]\nfrom = 2026-01-11\n[[phase]]\nfrom = 2026-03-01\nfree = [\"messages\"]\n";
    assert_eq!(
        steps(all),
        [
            (day(1, 1), Step::Trial, trial.clone()),
            (day(1, 11), Step::Trial, trial),
            (day(1, 21), Step::Phase, Free::Nothing),
            (
                day(3, 1),
                Step::Phase,
                Free::These(vec!["messages".to_owned()])
            ),
        ]
    );
    let many = |count: i8| -> String {
        let phases = (1..=count).map(|n| date(2026, 1, 1).checked_add(jiff::Span::new().days(n)));
        phases
            .map(|day| format!("[[phase]]\nfrom = {}\n", day.unwrap()))
            .collect()
    };
    assert_eq!(steps(&many(64)).len(), 65);
    assert!(faults(&text(&many(65)))[0].1.contains("at most 64"));
}

#[test]
fn a_term_renews_and_notice_is_given_in_time() {
    let text = text(
        "starts = 2026-01-31\nends = 2026-02-28\nrenews = { for = \"1 month\", notice = \"10d\" }\n",
    );
    let contract = Contract::parse(&text).unwrap();
    let day = |month, day| date(2026, month, day);
    let term = |first, last, notice_by| {
        Some(Term {
            first,
            last,
            notice_by,
        })
    };
    assert_eq!(contract.term_on(day(1, 30)), None);
    assert_eq!(
        contract.term_on(day(2, 28)),
        term(day(1, 31), day(2, 28), day(2, 18))
    );
    assert_eq!(
        contract.term_on(day(3, 1)),
        term(day(3, 1), day(3, 31), day(3, 21))
    );
    let notice = |given: &str, ends_from| contract.notice(given.parse().unwrap(), ends_from);
    assert_eq!(notice("2026-02-18T23:00:00Z", day(3, 1)), Ok(()));
    // A day too late for February, in time for March.
    let march = contract.term_on(day(3, 1)).unwrap();
    assert_eq!(notice("2026-02-19T00:00:00Z", day(3, 1)), Err(march));
    assert_eq!(notice("2026-02-19T00:00:00Z", day(4, 1)), Ok(()));
    assert_eq!(notice("2026-02-19T00:00:00Z", day(3, 15)), Err(march));
    // And in time for any later one.
    assert_eq!(notice("2026-02-19T00:00:00Z", day(6, 1)), Ok(()));
}

#[test]
fn a_plan_that_cannot_be_sold_says_where() {
    for (old, new, place, problem) in [
        ("currency = \"USD\"", "currency = \"XAU\"", "\"XAU\"", "XAU"),
        (
            "meter = \"messages\"",
            "meter = \"calls\"",
            "[[component]]",
            "the meter `calls` is not declared",
        ),
        (
            "price = \"0.002\"",
            "price = { graduated = [{ up_to = 10, unit = 1 }, { unit = 1 }, { up_to = 20, unit = 1 }] }",
            "up_to",
            "last tier",
        ),
        (
            "price = \"0.002\"",
            "price = { graduated = [{ up_to = 10, unit = 1 }, { up_to = 10, unit = 1 }, { unit = 1 }] }",
            "up_to",
            "must rise",
        ),
        (
            "price = \"0.002\"",
            "price = { percentage = { percent = 1, minimum = 5, maximum = 2 } }",
            "5",
            "above the maximum",
        ),
        (
            "price = \"0.002\"",
            "price = { percentage = { percent = -1 } }",
            "-1",
            "negative",
        ),
        (
            "amount = \"500.00\"",
            "amount = \"500.00 EUR\"",
            "\"500.00 EUR\"",
            "EUR",
        ),
        (
            "amount = \"500.00\"",
            "amount = 500.00\ndiscount_percent = 100.5",
            "100.5",
            "0 to 100",
        ),
    ] {
        let text = PLAN.replacen(old, new, 1);
        assert_ne!(text, PLAN, "{old}");
        let error = Plan::parse(&text).unwrap_err();
        let mut faults = error.faults.iter();
        assert!(
            faults
                .any(|fault| text[fault.span.clone()].contains(place)
                    && fault.problem.contains(problem)),
            "{new}: {:#?}",
            error.faults
        );
    }
}
