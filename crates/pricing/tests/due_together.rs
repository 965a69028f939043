//! Cells that belong together are owed together: a fee and its discount, a tier and its flat fee.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use support::*;

/// A fee in advance is due when its period begins, and so is what is taken off it.
#[test]
fn d5_the_discount_of_a_fee_in_advance_is_due_with_it() {
    let fee = "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 500\ndiscount_percent = 10\nmaximum = 440\n";
    let mut book = Book::new(&plan(fee), "");
    let of_a_month = [
        "charge fee 1 500.00",
        "charge discount 0 -50.00",
        "charge cap 0 -10.00",
    ];
    assert_eq!(
        lines(&book.issue("02-01")),
        [of_a_month, of_a_month].concat()
    );
    assert_eq!(lines(&book.issue("03-01")), of_a_month);
    assert_eq!(book.at_once("03-01"), usd("1320"));
}

/// Two versions' works in a tail: the flat fee of a tier is owed by the last version that has any.
#[test]
fn p2_a_version_without_works_in_a_tail_does_not_swallow_the_flat_fee() {
    let classes = "retier_on_reversal = \"no_increase\"\n\
        [[component.class]]\nname = \"verified\"\nprice = { volume = [{ up_to = 5, unit = 2, flat = 10 }, { unit = 1 }] }\n\
        [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = 1";
    let mut book = Book::new(&outcome(classes), "ends = 2026-01-31\n");
    book.amend(
        "01-16",
        &outcome(classes),
        &definition("", ""),
        "ends = 2026-01-31\n",
        false,
    );
    book.story(
        "01-10 opened case=a\n01-20 opened case=b\n\
         02-10 verified case=a result=passed check=t\n02-10 confirmed case=b",
    );
    book.issue("02-01");
    assert_eq!(
        lines(&book.issue("03-01")),
        [
            "charge class:verified 1 12.00",
            "charge class:confirmed+assumed 1 1.00"
        ]
    );
}
