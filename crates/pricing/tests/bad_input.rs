//! What cannot be sold, agreed, amended or granted: every row is refused with its place and a remedy.
//!
//! Documents show the text that is wrong and a hint; acts name what they are about and say what to do instead.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use jiff::Timestamp;
use money::{Amount, Currency};
use piecework_pricing::contract::Opening;
use piecework_pricing::credit::Grant;
use piecework_pricing::quote::QuoteDocument;
use piecework_pricing::{Contract, DocumentError, Plan};
use support::{Book, at, outcome};
use work::body::{GrantScope, RESTORE_DAYS};

const PLAN: &str = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n\
     [[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
     [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n";

fn contract(more: &str) -> String {
    let plan = Plan::parse(PLAN).unwrap();
    format!(
        "id = \"c\"\ncustomer = \"acme\"\nplan = \"{}\"\nstarts = 2026-01-01\n\
         time_zone = \"UTC\"\ncurrency = \"USD\"\n{more}",
        plan.digest
    )
}

fn signed(text: &str) -> Result<(), DocumentError> {
    let plan = Plan::parse(PLAN).unwrap();
    Contract::parse(text)?.resolve(&plan, &[]).map(drop)
}

/// The fault of a document: what it points at, what is wrong, what to do.
#[track_caller]
fn fault(text: &str, read: Result<(), DocumentError>, place: &str, problem: &str, remedy: &str) {
    let error = read.expect_err(text);
    let mut faults = error.faults.iter();
    let found = faults.find(|own| own.problem.contains(problem));
    let found = found.unwrap_or_else(|| panic!("{text}\n{problem}: {:#?}", error.faults));
    let at = &text[found.span.clone()];
    assert!(at.contains(place), "{problem}: it points at `{at}`");
    let hint = found.hint.as_deref().unwrap_or("");
    assert!(hint.contains(remedy), "{problem}: the hint is `{hint}`");
    assert!(!hint.is_empty(), "{problem}: no remedy");
}

#[test]
fn a_plan_that_cannot_be_sold_has_place_and_remedy() {
    let price = |form: &str| PLAN.replace("price = 1", &format!("price = {form}"));
    for (text, place, problem, remedy) in [
        (
            PLAN.replace("meter = \"calls\"", "meter = \"pages\""),
            "[[component]]",
            "is not declared",
            "add [[meter]]",
        ),
        (
            PLAN.replace("class = \"usage\"", "class = \"value\""),
            "[[component]]",
            "sold as an outcome",
            "kind = ",
        ),
        (
            price("{ graduated = [{ up_to = 10, unit = 1 }] }"),
            "up_to = 10",
            "last tier must have no",
            "beyond the last bound",
        ),
        (
            price(
                "{ graduated = [{ up_to = 10, unit = 1 }, { up_to = 10, unit = 1 }, { unit = 1 }] }",
            ),
            "up_to = 10",
            "must rise",
            "where the one before it ends",
        ),
        (
            price(
                "{ graduated = [{ up_to = 10, unit = 1 }, { up_to = 5, unit = 1 }, { unit = 1 }] }",
            ),
            "up_to = 5",
            "must rise",
            "in the order of their bounds",
        ),
        (
            price("{ volume = [{ unit = 1 }, { unit = 2 }] }"),
            "unit = 1",
            "must rise",
            "in the order of their bounds",
        ),
        (
            price("{ graduated = [{ up_to = 0, unit = 1 }, { unit = 1 }] }"),
            "up_to = 0",
            "must rise",
            "in the order of their bounds",
        ),
        (
            price("{ percentage = { percent = 2, minimum = 5, maximum = 1 } }"),
            "5",
            "above the maximum",
            "raise the maximum",
        ),
        (
            PLAN.to_owned() + "discount_percent = 110\n",
            "110",
            "0 to 100",
            "15",
        ),
        (
            PLAN.to_owned() + "[totals]\ndiscount_percent = \"100.01\"\n",
            "100.01",
            "0 to 100",
            "15",
        ),
        (
            PLAN.to_owned() + "[totals]\nminimum = 10\ncap = 5\n",
            "10",
            "above the cap",
            "lower the minimum",
        ),
        (PLAN.replace("USD", "XAU"), "XAU", "XAU", "minor units"),
        (PLAN.replace("USD", "XXX"), "XXX", "XXX", "minor units"),
        (
            PLAN.replace("USD", "Dollar"),
            "Dollar",
            "Dollar",
            "in capitals",
        ),
    ] {
        fault(&text, Plan::parse(&text).map(drop), place, problem, remedy);
    }
}

#[test]
fn a_contract_that_contradicts_itself_has_place_and_remedy() {
    for (more, place, problem, remedy) in [
        (
            "ends = 2025-12-31\n",
            "2025-12-31",
            "before the first",
            "name a later one",
        ),
        (
            "ends = 2026-12-31\n[[phase]]\nfrom = 2027-01-01\n",
            "2027-01-01",
            "after the last day",
            "end later",
        ),
        (
            "[[phase]]\nfrom = 2026-01-01\n",
            "2026-01-01",
            "after the first day",
            "in the contract itself",
        ),
        (
            "[[phase]]\nfrom = 2026-03-01\n[[phase]]\nfrom = 2026-02-01\n",
            "2026-02-01",
            "in order",
            "order of their days",
        ),
        (
            "renews = { for = \"1 year\", notice = \"60d\" }\n",
            "1 year",
            "without `ends`",
            "last day of the first term",
        ),
        (
            "anchor_day = 32\n",
            "32",
            "1 to 31",
            "last day of every month",
        ),
        ("semantics = 2\n", "2", "knows the semantics", "amendment"),
        (
            "[totals]\nminimum = 10\ncap = 5\n",
            "10",
            "above the cap",
            "lower the minimum",
        ),
        (
            "[[override]]\ncomponent = \"calls\"\nkind = \"seats\"\n",
            "seats",
            "cannot be overridden",
            "change the plan",
        ),
    ] {
        let text = contract(more);
        fault(&text, signed(&text), place, problem, remedy);
    }
    let euros = contract("").replace("\"USD\"", "\"EUR\"");
    fault(
        &euros,
        signed(&euros),
        "EUR",
        "the plan is in USD",
        "publish a plan",
    );
    let gold = contract("").replace("\"USD\"", "\"XAU\"");
    fault(&gold, signed(&gold), "XAU", "XAU", "minor units");
}

#[test]
fn quotes_and_openings_in_no_currency_have_place_and_remedy() {
    let text = "contract = \"c\"\ncurrency = \"XAU\"\nsystem = \"x\"\n";
    fault(
        text,
        Opening::parse(text).map(drop),
        "XAU",
        "XAU",
        "minor units",
    );
    let text = "number = \"a-Q0001\"\ncustomer = \"a\"\ncontract = \"no digest\"\n";
    fault(
        text,
        QuoteDocument::parse(text).map(drop),
        "no digest",
        "64",
        "published text",
    );
}

/// D12: an amendment within a closed period says which period, and the two ways out.
#[test]
fn an_amendment_in_a_closed_period_says_what_to_do() {
    let mut book = Book::new(&outcome("price = 1"), "");
    book.confirmed("01-10", 0, 1);
    book.issue("02-01");
    let account = book.account();
    let terms = &account.contracts[0].agreement.latest().terms;
    let refused = account.may_amend("acme-2026", terms, at("01-15"), false);
    let said = refused.unwrap_err().to_string();
    for word in [
        "2026-01-15",
        "2026-02-01",
        "`reprice`",
        "make it effective from",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(
        account
            .may_amend("acme-2026", terms, at("02-01"), false)
            .is_ok()
    );
    assert!(
        account
            .may_amend("acme-2026", terms, at("01-15"), true)
            .is_ok()
    );
}

/// D9: a grant in another currency names both, and what to do.
#[test]
fn a_grant_in_another_currency_says_what_to_do() {
    let account = Book::new(&outcome("price = 1"), "").account();
    let grant = |currency: Currency| {
        let own = work::body::Grant {
            grant: "g".to_owned(),
            contract: None,
            amount: Amount::new("10".parse().unwrap(), currency),
            paid: None,
            priority: 0,
            starts: None,
            expires: None,
            scope: GrantScope::default(),
            restore_days: RESTORE_DAYS,
            by: "finance".to_owned(),
        };
        let now: Timestamp = at("01-01");
        account
            .may_grant(&Grant::new(&own, now))
            .map_err(|error| error.to_string())
    };
    let said = grant("EUR".parse().unwrap()).unwrap_err();
    for word in ["EUR", "acme-2026", "USD", "grant in"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(grant(Currency::USD).is_ok());
}
