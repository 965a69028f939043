//! Prepaid credits (semantics.md D9): what statements draw, restore and let expire.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::account::GrantRefusal;
use piecework_pricing::account::check::Refusal;
use support::*;
use work::body::{Control, GrantAmended};

const CALLS: &str = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n";

fn calls(terms: &str) -> Book {
    Book::new(&plan(CALLS), terms)
}

fn usage(book: &mut Book, time: &str, id: &str, quantity: &str) {
    book.story(&format!(
        "{time} usage meter=calls quantity={quantity} id={id}"
    ));
}

#[test]
fn d9_owed_excludes_credits_and_later_facts_of_a_closed_grant_pay_cash() {
    let mut book = calls("");
    book.grant("2025-12-21", "g", "100", |own| {
        own.expires = Some(at("02-01"));
    });
    usage(&mut book, "01-10", "a", "60");
    let january = book.issue("02-01");
    assert_eq!(january.total, usd("60"));
    assert_eq!(credits(&january), ["g drawn 60.00", "payable 0.00"]);
    assert_eq!(book.lots(), ["g 40.00"]);
    // The 40 are breakage from the issue on: a late use of January pays cash.
    usage(&mut book, "01-20", "late", "30");
    let february = book.issue("03-01");
    assert_eq!(lines(&february), ["adjustment usage 30 30.00"]);
    assert_eq!(credits(&february), ["payable 30.00"]);
    assert_eq!(book.lots(), ["g 40.00"]);
}

#[test]
fn d9_a_grant_pays_for_what_happened_before_its_expiry_and_after_its_start() {
    let mut book = calls("");
    book.grant("2025-12-21", "until-the-15th", "100", |own| {
        own.expires = Some(at("01-15"));
    });
    book.grant("2025-12-21", "from-the-20th", "100", |own| {
        own.starts = Some(at("01-20"));
        own.expires = Some(at("06-01"));
    });
    usage(&mut book, "01-14T23:59", "a", "10");
    usage(&mut book, "01-15", "b", "5");
    usage(&mut book, "01-20", "c", "7");
    let january = book.issue("02-01");
    assert_eq!(
        credits(&january),
        [
            "until-the-15th drawn 10.00",
            "from-the-20th drawn 7.00",
            "payable 5.00"
        ]
    );
    // A late use of the days between is paid in cash, whatever is left of the second.
    usage(&mut book, "01-16", "late", "3");
    assert_eq!(credits(&book.issue("03-01")), ["payable 3.00"]);
    // One of the days since is not.
    usage(&mut book, "01-21", "later", "4");
    assert_eq!(
        credits(&book.issue("04-01")),
        ["from-the-20th drawn 4.00", "payable 0.00"]
    );
}

#[test]
fn d9_burn_order_is_priority_then_expiry_then_creation() {
    let mut book = calls("");
    book.grant("2025-12-21", "last", "10", |own| own.priority = 1);
    book.grant("2025-12-21", "never-expires", "10", |_| {});
    book.grant("2025-12-22", "expires", "10", |own| {
        own.expires = Some(at("06-01"));
    });
    book.grant("2025-12-23", "newer", "10", |own| {
        own.expires = Some(at("06-01"));
    });
    usage(&mut book, "01-10", "a", "35");
    assert_eq!(
        credits(&book.issue("02-01")),
        [
            "expires drawn 10.00",
            "newer drawn 10.00",
            "never-expires drawn 10.00",
            "last drawn 5.00",
            "payable 0.00"
        ]
    );
}

#[test]
fn d9_a_reversal_restores_its_grant_latest_draw_first() {
    let mut book = Book::new(&outcome("price = 10"), "");
    book.grant("2025-12-21", "first", "25", |own| {
        own.expires = Some(at("06-01"));
    });
    book.grant("2025-12-21", "second", "100", |own| {
        own.expires = Some(at("07-01"));
    });
    book.confirmed("01-10", 0, 5);
    assert_eq!(
        credits(&book.issue("02-01")),
        ["first drawn 25.00", "second drawn 25.00", "payable 0.00"]
    );
    book.story("02-10 reopened case=c0001\n02-11 reopened case=c0002\n02-12 reopened case=c0003");
    let february = book.issue("03-01");
    assert_eq!(february.total, usd("-30"));
    assert_eq!(
        credits(&february),
        [
            "first restored 5.00",
            "second restored 25.00",
            "payable 0.00"
        ]
    );
    assert_eq!(book.lots(), ["first 5.00", "second 100.00"]);
}

#[test]
fn d9_what_returns_to_a_dead_grant_may_be_drawn_for_its_restore_days() {
    let mut book = Book::new(&outcome("price = 10"), "");
    book.grant("2025-12-21", "g", "100", |own| {
        own.expires = Some(at("02-01"));
    });
    book.confirmed("01-10", 0, 5);
    book.issue("02-01");
    book.story("02-10 reopened case=c0001\n02-10 reopened case=c0002");
    book.confirmed("02-20", 100, 1);
    // February's own work is paid in cash: the 20 come back with this statement, and not before.
    assert_eq!(
        credits(&book.issue("03-01")),
        ["g restored 20.00", "payable 10.00"]
    );
    assert_eq!(book.lots(), ["g 50.00", "g@2026-03-01T00:00:00Z 20.00"]);
    book.confirmed("03-15", 200, 1);
    book.confirmed("03-31T12:00", 300, 1);
    let march = book.issue("04-01");
    assert_eq!(march.total, usd("20"));
    // 30 days from March 1 are over on March 31.
    assert_eq!(
        credits(&march),
        ["g@2026-03-01T00:00:00Z drawn 10.00", "payable 10.00"]
    );
    assert_eq!(book.lots(), ["g 50.00", "g@2026-03-01T00:00:00Z 10.00"]);
}

#[test]
fn d9_a_cap_that_swallows_a_reversal_moves_no_credit() {
    let mut book = Book::new(&outcome("price = 10"), "[totals]\ncap = 30\n");
    book.grant("2025-12-21", "g", "100", |own| {
        own.expires = Some(at("02-01"));
    });
    book.confirmed("01-10", 0, 5);
    assert_eq!(
        credits(&book.issue("02-01")),
        ["g drawn 30.00", "payable 0.00"]
    );
    book.story("02-10 reopened case=c0001\n02-10 reopened case=c0002");
    let february = book.issue("03-01");
    assert_eq!(lines(&february).len(), 2);
    assert_eq!(credits(&february), ["payable 0.00"]);
    // The third is worth 10 again.
    book.story("03-10 reopened case=c0003");
    assert_eq!(
        credits(&book.issue("04-01")),
        ["g restored 10.00", "payable 0.00"]
    );
}

#[test]
fn d9_a_void_returns_its_draws_and_the_reissue_draws_them_again() {
    let mut book = calls("");
    book.grant("2025-12-21", "g", "100", |own| {
        own.expires = Some(at("02-01"));
    });
    usage(&mut book, "01-10", "a", "60");
    let first = book.issue("02-01");
    usage(&mut book, "02-10", "b", "5");
    assert_eq!(credits(&book.issue("03-01")), ["payable 5.00"]);
    book.void("acme-0001");
    assert_eq!(book.lots(), ["g 100.00"]);
    let again = book.issue("02-01");
    assert_eq!(credits(&again), credits(&first));
    assert_eq!(book.lots(), ["g 40.00"]);
}

#[test]
fn d9_a_statement_whose_restored_credits_were_drawn_is_not_voided() {
    let mut book = Book::new(&outcome("price = 10"), "");
    book.grant("2025-12-21", "g", "50", |_| {});
    book.confirmed("01-10", 0, 5);
    book.issue("02-01");
    book.story("02-10 reopened case=c0001");
    book.issue("03-01");
    book.confirmed("03-10", 100, 1);
    assert_eq!(
        credits(&book.issue("04-01")),
        ["g drawn 10.00", "payable 0.00"]
    );
    let refusal = book.account().may_void("acme-0002").unwrap_err();
    assert!(matches!(refusal, Refusal::Drawn { left, .. } if *left == usd("-10")));
    book.void("acme-0002");
    assert_eq!(book.account().flags.len(), 1);
    assert_eq!(book.lots(), ["g 0.00"]);
}

#[test]
fn d9_a_grant_is_refused_in_another_currency_and_changed_only_by_entries() {
    let mut book = calls("");
    book.grant("2025-12-21", "euro", "5", |own| {
        own.amount = "5 EUR".parse().unwrap();
    });
    let said = |book: &Book, nth: usize| book.account().flags[nth].problem.clone();
    assert!(
        said(&book, 0).contains("credits in EUR pay for nothing here: `acme-2026` is in USD"),
        "{}",
        said(&book, 0)
    );
    book.grant("2025-12-21", "g", "50", |_| {});
    book.grant("2025-12-21", "g", "50", |_| {});
    assert!(said(&book, 1).contains("is there already"));
    usage(&mut book, "01-10", "a", "20");
    book.issue("02-01");
    let amend = |amount: &str| GrantAmended {
        grant: "g".to_owned(),
        amount: Some(usd(amount)),
        priority: None,
        expires: None,
        reason: "agreed".to_owned(),
        by: "finance".to_owned(),
    };
    assert_eq!(
        book.account().may_amend_grant(&amend("19")).unwrap_err(),
        Refusal::from(GrantRefusal::BelowDrawn {
            grant: "g".to_owned(),
            drawn: usd("20"),
        })
    );
    assert_eq!(
        book.account().may_void_grant("g").unwrap_err(),
        Refusal::from(GrantRefusal::Drawn {
            grant: "g".to_owned(),
            drawn: usd("20"),
        })
    );
    book.control("02-05", Control::CreditAmended(amend("25")));
    assert_eq!(book.lots(), ["g 5.00"]);
    usage(&mut book, "02-10", "b", "20");
    assert_eq!(
        credits(&book.issue("03-01")),
        ["g drawn 5.00", "payable 15.00"]
    );
    // An expiry behind what was stated would change what statements drew.
    let expires = GrantAmended {
        amount: None,
        expires: Some(at("02-15")),
        ..amend("25")
    };
    assert!(matches!(
        book.account().may_amend_grant(&expires),
        Err(Refusal::Grant(why)) if matches!(*why, GrantRefusal::Stated { .. })
    ));
}

#[test]
fn d9_risk_is_netted_with_what_it_modifies() {
    let risk = "[[component]]\nid = \"tier\"\nkind = \"risk\"\nmodifies = \"cases\"\nmultiplier = \"0.8\"\n";
    let mut book = Book::new(&format!("{}{risk}", outcome("price = 10")), "");
    book.grant("2025-12-21", "g", "100", |own| {
        own.expires = Some(at("02-01"));
    });
    book.confirmed("01-10", 0, 5);
    assert_eq!(
        credits(&book.issue("02-01")),
        ["g drawn 40.00", "payable 0.00"]
    );
    // -10 and +2: the two do not come back and are paid in cash.
    book.story("02-10 reopened case=c0001");
    assert_eq!(
        credits(&book.issue("03-01")),
        ["g restored 8.00", "payable 0.00"]
    );
}

#[test]
fn o9_credit_then_invoice_with_a_late_event() {
    let mut book = Book::new(&plan(&CALLS.replace("price = 1", "price = \"0.10\"")), "");
    book.grant("2025-12-21", "promotion", "5.00", |_| {});
    usage(&mut book, "01-10", "a", "100");
    usage(&mut book, "01-05", "late", "25");
    let january = book.issue("02-01");
    assert_eq!(january.total, usd("12.50"));
    assert_eq!(credits(&january), ["promotion drawn 5.00", "payable 7.50"]);
}

#[test]
fn l9_a_wallet_for_two_meters_pays_for_no_third() {
    let meter = |id: &str| {
        format!(
            "[[meter]]\nid = \"{id}\"\nclass = \"usage\"\n[[component]]\nid = \"{id}\"\nkind = \"metered\"\nmeter = \"{id}\"\nprice = 1\n"
        )
    };
    let meters: Vec<String> = ["one", "two", "three"].map(meter).into();
    let mut book = Book::new(&plan(&meters.concat()), "");
    book.grant("2025-12-21", "wallet", "39.00", |own| {
        own.scope.components = vec!["one".to_owned(), "two".to_owned()];
    });
    book.story("01-05 usage meter=one quantity=14.29\n01-06 usage meter=two quantity=14.27\n01-07 usage meter=three quantity=10");
    let january = book.issue("02-01");
    assert_eq!(credits(&january), ["wallet drawn 28.56", "payable 10.00"]);
    assert_eq!(book.lots(), ["wallet 10.44"]);
}
