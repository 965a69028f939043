//! The bridge from one statement to the next: each part by hand, and all of them to the change of the total.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::Statement;
use piecework_pricing::bridge::{Bridge, Cause, Side, bridge};
use support::*;

/// The bridge between the statements of two cuts, each drawn up as it was then.
fn between(book: &Book, before: Option<&Statement>, now: &Statement) -> Bridge {
    let account = book.account();
    let agreement = &account.contract(CONTRACT).unwrap().agreement;
    let of = |statement| Side {
        statement,
        agreement,
    };
    let found = bridge(before.map(of), of(now)).unwrap();
    let parts = Cause::ALL.map(|cause| found.part(cause).unwrap());
    let sum = money::Amount::sum(money::Currency::USD, parts).unwrap();
    assert_eq!(found.before.plus(sum).unwrap(), found.after);
    found
}

/// `volume 5.00`, for every cause that did anything.
fn told(bridge: &Bridge) -> Vec<String> {
    let part = |cause: Cause| {
        let amount = bridge.part(cause).unwrap();
        (!amount.is_zero()).then(|| format!("{} {}", cause.word(), amount.number()))
    };
    Cause::ALL.into_iter().filter_map(part).collect()
}

/// January and February, stated one after the other.
fn two_months(
    book: &mut Book,
    january: impl FnOnce(&mut Book),
    february: impl FnOnce(&mut Book),
) -> Bridge {
    january(book);
    let last = book.issue("02-01");
    february(book);
    let now = book.issue("03-01");
    between(book, Some(&last), &now)
}

#[test]
fn more_of_the_same_is_volume_alone() {
    let mut book = Book::new(&outcome("price = \"1.20\""), "");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| book.confirmed("02-05T09:00", 100, 15),
    );
    assert_eq!(told(&found), ["volume 6.00"]); // 5 more at 1.20
    assert_eq!((found.before, found.after), (usd("12.00"), usd("18.00")));
}

#[test]
fn the_first_statement_is_volume_and_fees() {
    let plan = format!(
        "{}[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"40\"\n",
        outcome("price = \"1.20\"")
    );
    let mut book = Book::new(&plan, "");
    book.confirmed("01-05T09:00", 0, 10);
    let first = book.issue("02-01");
    // The fee of January and, in advance, that of February are due by the first cut.
    let found = between(&book, None, &first);
    let fees = first.total.minus(usd("12.00")).unwrap();
    assert_eq!(
        told(&found),
        ["volume 12.00".to_owned(), format!("fees {}", fees.number())]
    );
}

#[test]
fn other_classes_are_mix() {
    let classes = "[[component.class]]\nname = \"verified\"\nprice = \"2.00\"\n\
                   [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = \"1.00\"\n";
    let mut book = Book::new(&outcome(classes), "");
    let verified = |book: &mut Book, month: &str, first: usize, count: usize| {
        for number in first..first + count {
            book.story(&format!(
                "{month}-06T09:00 verified case=v{number:03} result=passed check=tests"
            ));
        }
    };
    let found = two_months(
        &mut book,
        |book| {
            verified(book, "01", 0, 10);
            book.confirmed("01-05T09:00", 0, 10);
        },
        |book| {
            verified(book, "02", 100, 5);
            book.confirmed("02-05T09:00", 100, 15);
        },
    );
    // 30.00 for 20 is 1.50 each; 5 at 2.00 and 15 at 1.00 are 25.00.
    assert_eq!(told(&found), ["mix -5.00"]);
}

#[test]
fn a_class_that_was_not_there_is_mix_at_its_own_price() {
    let classes = "[[component.class]]\nname = \"verified\"\nprice = \"2.00\"\n\
                   [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = \"1.00\"\n";
    let mut book = Book::new(&outcome(classes), "");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| {
            book.confirmed("02-05T09:00", 100, 10);
            book.story("02-06T09:00 verified case=v1 result=passed check=tests");
        },
    );
    // One more at the mean of 1.00, and that one costs 1.00 more than the mean.
    assert_eq!(told(&found), ["volume 1.00", "mix 1.00"]);
}

const TIERS: &str =
    "price = { graduated = [{ up_to = 10, unit = \"1.00\" }, { unit = \"0.50\" }] }";

#[test]
fn another_place_in_the_same_tiers_is_tier() {
    let mut book = Book::new(&outcome(TIERS), "");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| book.confirmed("02-05T09:00", 100, 20),
    );
    // 10 more at 1.00; but the second ten cost half.
    assert_eq!(told(&found), ["volume 10.00", "tier -5.00"]);
}

#[test]
fn packages_volumes_and_allowances_of_one_price_are_tier() {
    for (price, parts) in [
        // 15 are two packages of ten, 20 are two as well.
        (
            "price = { package = { size = 10, price = \"5.00\" } }",
            &["volume 3.33", "tier -3.33"][..],
        ),
        // 15 at 1.00; 20 at 0.50.
        (
            "price = { volume = [{ up_to = 15, unit = \"1.00\" }, { unit = \"0.50\" }] }",
            &["volume 5.00", "tier -10.00"],
        ),
        // 10 of 15 are included; 10 of 20.
        (
            "allowance = 10\nprice = \"1.00\"",
            &["volume 1.67", "tier 3.33"],
        ),
    ] {
        let mut book = Book::new(&outcome(price), "");
        let found = two_months(
            &mut book,
            |book| book.confirmed("01-05T09:00", 0, 15),
            |book| book.confirmed("02-05T09:00", 100, 20),
        );
        assert_eq!(told(&found), parts, "{price}");
    }
}

#[test]
fn another_price_is_price_and_tiers_are_held_against_their_own() {
    let mut book = Book::new(&outcome(TIERS), "");
    let dearer =
        outcome("price = { graduated = [{ up_to = 10, unit = \"1.20\" }, { unit = \"0.60\" }] }");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 20),
        |book| {
            book.amend("02-01", &dearer, &definition("", ""), "", false);
            book.confirmed("02-05T09:00", 100, 30);
        },
    );
    // 15.00 for 20 is 0.75 each: 10 more are 7.50. By tier 10 x 1.00 + 20 x 0.50 are 20.00, not 22.50; and at the
    // new prices they are 24.00.
    assert_eq!(told(&found), ["volume 7.50", "tier -2.50", "price 4.00"]);
}

#[test]
fn what_comes_late_and_what_is_taken_back_are_told_apart() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| {
            book.confirmed("02-05T09:00", 100, 10);
            book.confirmed("01-20T09:00", 50, 1);
            book.story("02-06T09:00 reopened case=c0001\n02-06T09:00 reopened case=c0002");
        },
    );
    assert_eq!(told(&found), ["late_facts 1.00", "reversals -2.00"]);
}

#[test]
fn a_month_without_corrections_behind_one_with_them_takes_them_off() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    book.confirmed("01-05T09:00", 0, 10);
    book.issue("02-01");
    book.confirmed("02-05T09:00", 100, 10);
    book.confirmed("01-20T09:00", 50, 3);
    let last = book.issue("03-01");
    book.confirmed("03-05T09:00", 200, 10);
    let now = book.issue("04-01");
    assert_eq!(
        told(&between(&book, Some(&last), &now)),
        ["late_facts -3.00"]
    );
}

#[test]
fn what_was_priced_again_is_price() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    let cheaper = outcome("price = \"0.80\"");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| {
            book.amend("01-01", &cheaper, &definition("", ""), "", true);
            book.confirmed("02-05T09:00", 100, 10);
        },
    );
    // 10 of January and 10 of February, 0.20 less each.
    assert_eq!(told(&found), ["price -4.00"]);
}

#[test]
fn discounts_caps_goodwill_and_decisions_have_their_own_parts() {
    let plan = format!("{}[totals]\ncap = 12\n", outcome("price = \"1.00\""));
    let mut book = Book::new(&plan, "");
    let found = two_months(
        &mut book,
        |book| book.confirmed("01-05T09:00", 0, 10),
        |book| {
            book.confirmed("02-05T09:00", 100, 20);
            book.control(
                "02-10",
                work::body::Control::CreditIssued {
                    contract: CONTRACT.to_owned(),
                    amount: usd("3.00"),
                    reason: "an outage".to_owned(),
                    by: "cs-lead".to_owned(),
                },
            );
        },
    );
    assert_eq!(
        told(&found),
        ["volume 10.00", "terms -8.00", "credits -3.00"]
    );
}
