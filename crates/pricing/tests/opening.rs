//! What an opening may say, and where it is wrong.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::contract::{Opening, OpeningRefusal};
use piecework_pricing::limits::OPENING_WORKS_MAX;
use support::{Book, UNIT, plan};

const HEAD: &str = "contract = \"acme-2026\"\ncurrency = \"USD\"\nsystem = \"the former system\"\n";

fn hybrid() -> Book {
    Book::new(
        &plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[meter]]\nid = \"peak\"\nclass = \"usage\"\n[[meter]]\nid = \"sales\"\nclass = \"usage\"\n\
             [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 500\n\
             [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n\
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
            "[[counter]]\ncomponent = \"peak\"\nquantity = 1\n",
            "only sums and counts",
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
