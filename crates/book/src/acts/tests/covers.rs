//! Covers: chosen, issued, voided, paid; and a run that is cut off before them.

use jiff::civil::{Date, date};
use money::Amount;
use work::Digest;
use work::body::{Audience, Control, DocumentKind, Per};

use super::super::{ChooseCovers, Due, For, Issue, IssueCover, Payment, Void, VoidCover, control};
use super::{Desk, at, is_other_act, now};
use crate::covers::PaidWith;
use crate::error::Refused;
use crate::receivables::AsOf;
use crate::runs::{Run, Working};
use crate::{Book, Error};

const JANUARY: Date = date(2026, 1, 31);

/// Two contracts of one customer, which chose covers: conversations at 0.99, and a fee of 20.00.
fn two() -> Desk {
    let desk = Desk::signed();
    let plan = "id = \"voice\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"voice\"\nkind = \"platform\"\namount = \"20.00\"\ndue = \"arrears\"\n";
    let contract = format!(
        "id = \"acme-voice\"\ncustomer = \"acme\"\nplan = \"{}\"\nstarts = 2026-01-01\ntime_zone = \"UTC\"\ncurrency = \"USD\"\n",
        Digest::of(plan.as_bytes())
    );
    let published = |document, text: &str| Control::DocumentPublished {
        document,
        text: text.to_owned(),
        audience: Audience::Shared,
        by: "finance".to_owned(),
    };
    let signed = Control::ContractSigned {
        contract: "acme-voice".to_owned(),
        document: Digest::of(contract.as_bytes()),
        by: "procurement".to_owned(),
    };
    let entries = [
        published(DocumentKind::Plan, plan),
        published(DocumentKind::Contract, &contract),
        signed,
    ];
    for (number, entry) in entries.into_iter().enumerate() {
        let entry = control("acme", format!("voice-{number}"), now(), entry);
        desk.book.write(&[entry], now()).unwrap();
    }
    desk.book.choose_covers(&choose(), now()).unwrap();
    desk
}

fn choose<'a>() -> ChooseCovers<'a> {
    ChooseCovers {
        customer: "acme",
        per: Per::Customer,
        from: Some(JANUARY),
        by: "procurement",
        id: Some("choice-1"),
    }
}

fn state(desk: &Desk) {
    for contract in ["acme-2026", "acme-voice"] {
        let issue = Issue {
            customer: "acme",
            contract: Some(contract),
            due: Due::Last,
            by: "finance",
            key: None,
            id: None,
        };
        desk.book.issue(&issue, now()).unwrap();
    }
}

fn issue<'a>() -> IssueCover<'a> {
    IssueCover {
        customer: "acme",
        through: None,
        currency: None,
        by: "finance",
        id: Some("cover-1"),
    }
}

fn void<'a>() -> VoidCover<'a> {
    VoidCover {
        customer: "acme",
        number: "acme-A0001",
        reason: "the wrong address",
        by: "finance",
        id: Some("void-1"),
    }
}

fn usd(text: &str) -> Amount {
    format!("{text} USD").parse().unwrap()
}

#[test]
fn a_cover_is_chosen_issued_and_voided_once() {
    let desk = two();
    let chosen = desk.once(|book, now| {
        let other = ChooseCovers {
            id: Some("choice-2"),
            ..choose()
        };
        book.choose_covers(&other, now).unwrap()
    });
    assert_eq!((chosen.per.as_str(), chosen.from), ("customer", JANUARY));
    let none = desk.refuses(|book| book.issue_cover(&issue(), now()));
    assert!(
        matches!(&none, Error::Refused(Refused::WhichCover { awaited, .. }) if awaited.is_empty()),
        "{none:?}"
    );
    state(&desk);
    let waits = desk.book.paid_with("acme", "acme-0001").unwrap();
    assert_eq!(waits, PaidWith::NoCoverYet);
    let issued = desk.once(|book, now| book.issue_cover(&issue(), now).unwrap());
    assert_eq!(issued.number, "acme-A0001");
    assert_eq!(issued.total, usd("20.99"));
    assert_eq!(issued.parts.len(), 2);
    let is_under = desk.book.paid_with("acme", "acme-0002").unwrap();
    assert_eq!(is_under, PaidWith::Cover("acme-A0001".to_owned()));
    let paper = desk.book.cover_paper("acme", "acme-A0001").unwrap();
    assert_eq!(paper.statements.len(), 2);
    assert_eq!(paper.statements[0].covered_through, Some(JANUARY));
    let voided = desk.once(|book, now| book.void_cover(&void(), now).unwrap());
    assert_eq!(voided.state, "void");
    assert_eq!(voided.void_reason.as_deref(), Some("the wrong address"));
    let again = IssueCover {
        id: Some("cover-2"),
        ..issue()
    };
    let again = desk.book.issue_cover(&again, now()).unwrap().what;
    assert_eq!(again.number, "acme-A0002");
    let other = VoidCover {
        id: Some("cover-2"),
        number: "acme-A0002",
        ..void()
    };
    is_other_act(&desk.refuses(|book| book.void_cover(&other, now())));
}

#[test]
fn a_cover_is_one_open_item_and_a_payment_of_it_is_for_its_statements() {
    let desk = two();
    state(&desk);
    desk.book.issue_cover(&issue(), now()).unwrap();
    let ageing = |book: &Book| book.ageing(Some("acme"), AsOf::Instant(at("02-05T09:00")));
    let items = ageing(&desk.book).unwrap().customers.remove(0).items;
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].statement, "acme-A0001");
    assert_eq!(
        (items[0].contract.clone(), items[0].open),
        (None, usd("20.99"))
    );
    let pay = Payment {
        customer: "acme",
        amount: usd("5.00"),
        of: For::Statement("acme-A0001"),
        at: None,
        reference: Some("B-1"),
        id: None,
    };
    let paid = desk.once(|book, now| book.pay(&pay, now).unwrap());
    let of = |number: &str| {
        let found = paid.statements.iter().find(|own| own.statement == number);
        found.map(|own| own.paid)
    };
    assert_eq!(
        (of("acme-0001"), of("acme-0002")),
        (Some(usd("0.99")), Some(usd("4.01")))
    );
    let cover = desk.book.cover("acme", "acme-A0001").unwrap();
    assert_eq!(
        (cover.balance, cover.state.as_str()),
        (Some(usd("15.99")), "partly_paid")
    );
    let refused = desk.refuses(|book| book.void_cover(&void(), now()));
    assert!(refused.to_string().contains("acme-0001"), "{refused}");
    let rows = desk.book.statements("acme").unwrap();
    assert!(
        rows.iter()
            .all(|own| own.cover.as_deref() == Some("acme-A0001"))
    );
}

#[test]
fn a_voided_statement_leaves_its_cover_and_waits_again_under_a_new_number() {
    let desk = two();
    state(&desk);
    desk.book.issue_cover(&issue(), now()).unwrap();
    let wrong = Void {
        customer: "acme",
        number: "acme-0002",
        reason: "a wrong price",
        by: "finance",
        key: None,
        id: None,
    };
    desk.book.void(&wrong, now()).unwrap();
    let cover = desk.book.cover("acme", "acme-A0001").unwrap();
    assert_eq!(
        (cover.total, cover.balance),
        (usd("20.99"), Some(usd("0.99")))
    );
    assert_eq!(desk.book.awaited_covers("acme").unwrap(), []);
    let again = Issue {
        customer: "acme",
        contract: Some("acme-voice"),
        due: Due::Last,
        by: "finance",
        key: None,
        id: None,
    };
    desk.book.issue(&again, now()).unwrap();
    assert_eq!(desk.book.awaited_covers("acme").unwrap().len(), 1);
}

fn asked<'a>() -> Run<'a> {
    Run {
        cut: "2026-02-01".parse().unwrap(),
        customers: &[],
        by: "finance",
        key: None,
        is_dry: false,
        proves: false,
    }
}

fn work_on(book: &Book, run: &store::operations::StatementRun, resumes: bool) {
    let mut working = Working {
        resumes,
        threads: 1,
        clock: &now,
        stops: &|| false,
        told: &mut |_, _| {},
    };
    assert!(book.work_on_run(run, &mut working).unwrap());
}

fn states(book: &Book, run: &str) -> Vec<(String, String)> {
    let page = book.run_rows(run, None, (None, 100)).unwrap();
    let rows = page.rows.into_iter();
    rows.map(|own| (own.state, own.statement.unwrap_or_default()))
        .collect()
}

#[test]
fn a_run_ends_with_the_covers_and_issues_none_twice() {
    let desk = two();
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    work_on(&desk.book, &run, false);
    let told = |state: &str, number: &str| (state.to_owned(), number.to_owned());
    let expected = [
        told("issued", "acme-0001"),
        told("issued", "acme-0002"),
        told("covered", "acme-A0001"),
    ];
    assert_eq!(states(&desk.book, &run.name), expected);
    let run = desk.book.resumed_run(Some(&run.name)).unwrap();
    work_on(&desk.book, &run, true);
    assert_eq!(states(&desk.book, &run.name), expected);
    assert_eq!(desk.book.covers("acme").unwrap().len(), 1);
}

#[test]
fn a_run_that_was_cut_off_before_the_cover_issues_it_when_it_goes_on() {
    let desk = two();
    let run = desk.book.begin_run(&asked(), now()).unwrap();
    // What the run had done when it was cut off: its statements, and nothing that was said of them.
    for contract in ["acme-2026", "acme-voice"] {
        let cut = desk.book.account("acme", None).unwrap();
        let cut = cut.contract(contract).unwrap().cuts(now())[0];
        let id = format!("run/{}/{contract}/{cut}", run.name);
        let issue = Issue {
            customer: "acme",
            contract: Some(contract),
            due: Due::Cut(cut),
            by: "finance",
            key: None,
            id: Some(&id),
        };
        desk.book.issue(&issue, now()).unwrap();
    }
    desk.book.give_up_run(&run.name);
    let run = desk.book.resumed_run(Some(&run.name)).unwrap();
    work_on(&desk.book, &run, true);
    let states = states(&desk.book, &run.name);
    assert_eq!(states.len(), 3);
    assert_eq!(states[2].1, "acme-A0001");
}
