//! What an opening may say, and where it is wrong.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::contract::{Opening, OpeningRefusal};
use piecework_pricing::limits::{OPENING_ITEMS_MAX, OPENING_WORKS_MAX};
use support::{Book, UNIT, plan};

const HEAD: &str = "contract = \"acme-2026\"\ncurrency = \"USD\"\nsystem = \"the former system\"\n";

fn hybrid() -> Book {
    Book::new(
        &plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[meter]]\nid = \"peak\"\nclass = \"usage\"\n[[meter]]\nid = \"sales\"\nclass = \"usage\"\n[[meter]]\nid = \"users\"\nclass = \"usage\"\n\
             [[component]]\nid = \"users\"\nkind = \"metered\"\nmeter = \"users\"\naggregate = \"unique\"\nprice = 1\n\
             [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 500\n\
             [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 5\nrollover = {{ periods = 2 }}\nprice = 1\n\
             [[component]]\nid = \"peak\"\nkind = \"metered\"\nmeter = \"peak\"\naggregate = \"max\"\nprice = 1\n\
             [[component]]\nid = \"sales\"\nkind = \"metered\"\nmeter = \"sales\"\nprice = {{ percentage = {{ percent = 2 }} }}\n\
             [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
        )),
        "",
    )
}

/// P6: what does not go with the contract is refused, each with what it is about and why.
#[test]
fn p6_an_opening_goes_with_its_contract() {
    let account = hybrid().account();
    let may = |rest: &str| {
        let opening = Opening::parse(&format!("{HEAD}{rest}")).unwrap();
        account.may_open("acme-2026", &opening, "buyer", support::at("01-01"))
    };
    for (rest, says) in [
        (
            "[[counter]]\ncomponent = \"none\"\nquantity = 1\n",
            "the contract sells no such component",
        ),
        (
            "[[counter]]\ncomponent = \"users\"\nquantity = 1\n",
            "those that were counted are named in `items`",
        ),
        (
            "[[counter]]\ncomponent = \"peak\"\nquantity = 1\nitems = [\"a\"]\n",
            "`items` is for usage of which each item counts once",
        ),
        (
            "[[counter]]\ncomponent = \"calls\"\nrolled = [{ quantity = 1, periods = 3 }]\n",
            "as many periods as it still may be used",
        ),
        (
            "[[counter]]\ncomponent = \"calls\"\nfree_events = 1\n",
            "nothing of that is free",
        ),
        (
            "[[counter]]\ncomponent = \"sales\"\nfree_amount = 1\n",
            "nothing of that is free",
        ),
        (
            "[[counter]]\ncomponent = \"calls\"\nof = \"attempts\"\nquantity = 1\n",
            "attempts are of an outcome",
        ),
        (
            "[[counter]]\ncomponent = \"cases\"\nof = \"attempts\"\nquantity = 1\n",
            "attempts are of an outcome that has a price",
        ),
        (
            "[[counter]]\ncomponent = \"calls\"\ncarried = 1\n",
            "`carried` is for an aggregate",
        ),
        (
            "[[counter]]\ncomponent = \"sales\"\nquantity = 1\n",
            "a percentage of each has no tiers",
        ),
        (
            "[[counter]]\ncomponent = \"platform\"\nquantity = 1\n",
            "what was billed is `[[stated]]`",
        ),
        (
            "[[counter]]\ncomponent = \"calls\"\nclass = \"x\"\nquantity = 1\n",
            "`class` is the name of a price",
        ),
        (
            "[[counter]]\ncomponent = \"cases\"\nclass = \"x\"\nquantity = 1\n",
            "`class` is the name of a price",
        ),
        (
            "[[work]]\nunit = \"support.resolved_case\"\nwork = \"w\"\nbilled = 1\nvalue = 10\n",
            "`value` is what a percentage was billed on",
        ),
        (
            "[[stated]]\ncomponent = \"calls\"\namount = 1\n",
            "tiers go on by `[[counter]]`",
        ),
        (
            "[[work]]\nunit = \"other.unit\"\nwork = \"w\"\n",
            "does not sell its unit",
        ),
        (
            "[[grant]]\ngrant = \"g\"\namount = 1\nexpires = \"2025-06-01T00:00:00Z\"\n",
            "would expire at",
        ),
        (
            "[[grant]]\ngrant = \"g\"\namount = 1\nsurfaces = [\"x\"]\n",
            "is no surface",
        ),
    ] {
        let error = may(rest).expect_err(rest).to_string();
        assert!(error.contains(says), "{rest}: {error}");
    }
    assert!(may("[[counter]]\ncomponent = \"cases\"\nclass = \"work\"\nquantity = 1\n").is_ok());
    let euros = HEAD.replace("USD", "EUR");
    let error = Opening::parse(&euros)
        .unwrap()
        .fits(&account.contracts[0].agreement.versions[0].terms);
    assert!(
        matches!(error, Err(OpeningRefusal::OtherCurrency { .. })),
        "{error:?}"
    );
    let other = HEAD.replace("acme-2026", "other");
    let error = Opening::parse(&other)
        .unwrap()
        .fits(&account.contracts[0].agreement.versions[0].terms);
    assert!(
        matches!(error, Err(OpeningRefusal::OtherContract { .. })),
        "{error:?}"
    );
}

/// P6: what cannot be read is refused at its place.
#[test]
fn p6_an_opening_is_read_strictly() {
    for (text, place, says) in [
        (format!("{HEAD}x = 1\n"), "x", "x"),
        (
            HEAD.replace("system = \"the former system\"\n", ""),
            "",
            "system",
        ),
        (HEAD.replace("USD", "XXZ"), "XXZ", "XXZ"),
        (
            format!("{HEAD}[[counter]]\ncomponent = \"a\"\nquantity = -1\n"),
            "-1",
            "must not be negative",
        ),
        (
            format!(
                "{HEAD}[[counter]]\ncomponent = \"a\"\nquantity = 1\n[[counter]]\ncomponent = \"a\"\nquantity = 1\n"
            ),
            "a",
            "twice",
        ),
        (
            format!("{HEAD}[[counter]]\ncomponent = \"a\"\nof = \"others\"\n"),
            "others",
            "attempts",
        ),
        (
            format!("{HEAD}[[counter]]\ncomponent = \"a\"\nitems = [\"b\", \"b\"]\n"),
            "b",
            "`b` is there twice",
        ),
        (
            format!(
                "{HEAD}[[counter]]\ncomponent = \"a\"\nrolled = [{{ quantity = 1, periods = 61 }}]\n"
            ),
            "61",
            "at most 60 periods",
        ),
        (
            format!("{HEAD}[[work]]\nunit = \"a\"\nwork = \"b\"\nvalue = 1\n"),
            "1",
            "stands beside `billed`",
        ),
        (
            format!("{HEAD}[[stated]]\ncomponent = \"a\"\namount = \"1.00 EUR\"\n"),
            "1.00 EUR",
            "EUR",
        ),
        (
            format!("{HEAD}[[grant]]\ngrant = \"g\"\namount = 0\n"),
            "0",
            "gives something",
        ),
        (
            format!("{HEAD}[[grant]]\ngrant = \"g\"\namount = 1\nexpires = \"2026-12-31\"\n"),
            "2026-12-31",
            "an instant such as",
        ),
        (
            format!("{HEAD}[[unpaid]]\nnumber = \"R\"\namount = 1\ndue = \"soon\"\n"),
            "soon",
            "not a date",
        ),
    ] {
        let error = Opening::parse(&text).expect_err(&text);
        let fault = error.faults.iter().find(|own| own.problem.contains(says));
        let fault = fault.unwrap_or_else(|| panic!("{text}: {error:?}"));
        assert!(
            text[fault.span.clone()].contains(place),
            "{text}: {fault:?}"
        );
    }
}

#[test]
fn an_opening_names_so_many_works_and_no_more() {
    let works = |count: usize| {
        let own: String = (0..count)
            .map(|n| format!("[[work]]\nunit=\"u\"\nwork=\"{n}\"\n"))
            .collect();
        Opening::parse(&format!("{HEAD}{own}"))
    };
    assert_eq!(
        works(OPENING_WORKS_MAX).unwrap().works.len(),
        OPENING_WORKS_MAX
    );
    assert!(works(OPENING_WORKS_MAX + 1).is_err());
}

#[test]
fn a_counter_names_so_many_items_and_no_more() {
    let items = |count: usize| {
        let own: Vec<String> = (0..count).map(|n| format!("\"{n}\"")).collect();
        let own = own.join(",");
        Opening::parse(&format!(
            "{HEAD}[[counter]]\ncomponent = \"a\"\nitems = [{own}]\n"
        ))
    };
    let most = items(OPENING_ITEMS_MAX).unwrap();
    assert_eq!(most.counters[0].items.len(), OPENING_ITEMS_MAX);
    assert!(items(OPENING_ITEMS_MAX + 1).is_err());
}

/// P6: what was billed of usage that is looked at together is not billed again, whatever comes here.
#[test]
fn p6_a_position_of_usage_that_is_looked_at_together_is_charged_beyond_it() {
    let meters = "[[meter]]\nid = \"m\"\nclass = \"usage\"\n";
    let sells = |aggregate: &str| {
        Book::new(
            &plan(&format!(
                "{meters}[[component]]\nid = \"c\"\nkind = \"metered\"\nmeter = \"m\"\naggregate = \"{aggregate}\"\nprice = 2\n"
            )),
            "",
        )
    };
    for (aggregate, counter, story, total) in [
        // Beginning at nothing the peak of 45 would be 90.00, of which the buyer has paid 80.00.
        (
            "max",
            "quantity = 40",
            "01-10 usage meter=m quantity=45",
            "10",
        ),
        (
            "max",
            "quantity = 40",
            "01-10 usage meter=m quantity=38",
            "0",
        ),
        (
            "last",
            "quantity = 40",
            "01-10 usage meter=m quantity=45\n01-20 usage meter=m quantity=41",
            "2",
        ),
        // By the number alone b would be paid twice.
        (
            "unique",
            "quantity = 2\nitems = [\"a\", \"b\"]",
            "01-10 usage meter=m quantity=1 item=b\n01-11 usage meter=m quantity=1 item=c",
            "2",
        ),
    ] {
        let mut book = sells(aggregate);
        book.open(
            "01-01",
            &format!("[[counter]]\ncomponent = \"c\"\n{counter}\n"),
        );
        book.story(story);
        assert_eq!(
            book.issue("02-01").total,
            support::usd(total),
            "{aggregate} {story}"
        );
    }
}
