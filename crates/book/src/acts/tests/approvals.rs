//! Four eyes: an act above its limit waits for somebody else, and is then done exactly as it was asked for.

use jiff::Timestamp;
use pages::view::Proposal;
use work::LogKind;

use super::super::{Amend, Credit, CreditAct, CreditStatement};
use super::statements::{issue, void};
use super::{Desk, at, now};
use crate::approvals::{Between, Deciding};
use crate::error::Refused;
use crate::{Error, Result};

fn limited(limits: &str) -> Desk {
    let mut desk = Desk::signed();
    desk.book.config.approvals = toml::from_str(limits).unwrap();
    desk
}

fn gift<'a>() -> Credit<'a> {
    Credit {
        customer: "acme",
        contract: None,
        amount: "5.00 USD".parse().unwrap(),
        reason: "an outage",
        by: "cs-lead",
        key: Some("k1"),
        id: None,
    }
}

fn by<'a>(proposal: &'a Proposal, by: &'a str) -> Deciding<'a> {
    Deciding {
        customer: "acme",
        proposal: &proposal.proposal,
        by,
        key: Some("k2"),
        reason: Some("seen"),
    }
}

#[track_caller]
fn proposed<T: std::fmt::Debug>(act: Result<T>) -> Proposal {
    let error = act.unwrap_err();
    let proposal = error.proposal().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(proposal.state, "open");
    proposal.clone()
}

fn seller(desk: &Desk) -> u64 {
    desk.book.store.head("acme", LogKind::Seller).unwrap()
}

#[test]
fn above_its_limit_a_credit_waits_for_somebody_else() {
    let desk = limited("credit = \"4.99 USD\"");
    let before = desk.entries();
    let waits = proposed(desk.book.credit(&gift(), now()));
    assert_eq!(desk.entries(), before, "nothing in the shared log");
    assert_eq!(seller(&desk), 1);
    assert_eq!(waits.what, "give 5.00 USD on acme-2026: an outage");
    // Asked for again, it is the same proposal.
    assert_eq!(proposed(desk.book.credit(&gift(), now())), waits);
    assert_eq!(seller(&desk), 1);
    assert_eq!(
        desk.book.proposals(None, true, now()).unwrap(),
        std::slice::from_ref(&waits)
    );
    // Neither the same person with another key nor another name with the same key.
    for same in [
        by(&waits, " CS-Lead"),
        Deciding {
            key: Some("k1"),
            ..by(&waits, "cfo")
        },
    ] {
        let error = desk.book.approve(&same, now()).unwrap_err();
        assert!(
            matches!(error, Error::Refused(Refused::SamePerson { .. })),
            "{error}"
        );
    }
    let approved = desk.book.approve(&by(&waits, "cfo"), now()).unwrap();
    assert!(!approved.is_known);
    let shown = approved.what.proposal;
    assert_eq!(
        (shown.state.as_str(), shown.decided_by.as_deref()),
        ("approved", Some("cfo"))
    );
    assert_eq!(desk.entries(), before + 1);
    let given = desk.book.credits("acme", (0, 9)).unwrap().rows;
    assert_eq!((given.len(), given[0].by.as_str()), (1, "cs-lead"));
    // Once.
    assert!(
        desk.book
            .approve(&by(&waits, "cfo"), now())
            .unwrap()
            .is_known
    );
    let error = desk.book.approve(&by(&waits, "ceo"), now()).unwrap_err();
    assert!(matches!(
        error,
        Error::Refused(Refused::AlreadyDecided { .. })
    ));
    assert_eq!(desk.entries(), before + 1);
    assert!(desk.book.proposals(None, true, now()).unwrap().is_empty());
}

#[test]
fn at_its_limit_one_person_is_enough() {
    let desk = limited("credit = \"5 USD\"");
    desk.book.credit(&gift(), now()).unwrap();
    assert_eq!(seller(&desk), 0);
}

#[test]
fn what_would_do_something_else_by_now_is_not_done() {
    let desk = limited("issue = \"0 USD\"");
    let waits = proposed(desk.book.issue(&issue(), now()));
    desk.answered("T-2");
    let before = desk.entries();
    let error = desk.book.approve(&by(&waits, "cfo"), now()).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refused::EffectChanged { .. })),
        "{error}"
    );
    assert_eq!(desk.entries(), before);
    let again = proposed(desk.book.issue(&issue(), now()));
    assert_ne!(again.proposal, waits.proposal);
    assert_eq!(again.amount.to_string(), "1.98 USD");
    let approved = desk.book.approve(&by(&again, "cfo"), now()).unwrap().what;
    assert_eq!(approved.statement.as_deref(), Some("acme-0001"));
    assert_eq!(desk.book.statements("acme").unwrap().len(), 1);
}

#[test]
fn what_nobody_decides_expires_and_is_proposed_anew() {
    let desk = limited("credit = \"1 USD\"\nexpires_days = 3");
    let waits = proposed(desk.book.credit(&gift(), now()));
    assert_eq!(waits.expires, at("02-06T09:00"));
    let late: Timestamp = at("02-06T09:00");
    let error = desk.book.approve(&by(&waits, "cfo"), late).unwrap_err();
    assert!(matches!(
        error,
        Error::Refused(Refused::ProposalExpired { .. })
    ));
    let all = desk.book.proposals(Some("acme"), false, late).unwrap();
    assert_eq!(all[0].state, "expired");
    let again = proposed(desk.book.credit(&gift(), late));
    assert_eq!(again.proposal, format!("{}-2", waits.proposal));
}

#[test]
fn what_is_declined_is_not_done_and_stays_declined() {
    let desk = limited("credit = \"1 USD\"");
    let waits = proposed(desk.book.credit(&gift(), now()));
    let before = desk.entries();
    let declined = desk.book.decline(&by(&waits, "cfo"), now()).unwrap();
    assert_eq!(
        (declined.is_known, declined.what.state.as_str()),
        (false, "declined")
    );
    assert!(
        desk.book
            .decline(&by(&waits, "cfo"), now())
            .unwrap()
            .is_known
    );
    let error = desk.book.approve(&by(&waits, "ceo"), now()).unwrap_err();
    assert!(matches!(
        error,
        Error::Refused(Refused::AlreadyDecided { .. })
    ));
    assert_eq!(desk.entries(), before);
}

#[test]
fn two_who_approve_at_once_do_it_once() {
    let desk = limited("credit = \"1 USD\"");
    let waits = proposed(desk.book.credit(&gift(), now()));
    let before = desk.entries();
    let names = std::sync::atomic::AtomicU32::new(0);
    let done = desk.both(|book| {
        let own = names.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let name = if own == 0 { "cfo" } else { "ceo" };
        book.approve(&by(&waits, name), now())
    });
    let done = done.iter().filter(|own| own.is_ok()).count();
    assert_eq!(done, 1);
    assert_eq!(desk.entries(), before + 1);
}

#[test]
fn every_limited_act_waits_and_is_done_as_proposed() {
    let desk =
        limited("void = \"0 USD\"\ndecision = \"0 USD\"\nreprice = \"0 USD\"\ncredit = \"0 USD\"");
    desk.book.issue(&issue(), now()).unwrap();
    let decides = CreditStatement {
        customer: "acme",
        number: "acme-0001",
        line: None,
        reason: "an outage",
        by: "cs-lead",
        key: None,
        id: None,
    };
    // Behind what was stated, on other terms.
    let plan = desk.book.documents().unwrap().plan.digest.to_string();
    let definitions = desk.book.documents().unwrap().definitions;
    let document = format!(
        "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{plan}\"\ndefinitions = [\"{}\"]\ncurrency = \"USD\"\n\
         starts = 2026-01-01\ntime_zone = \"UTC\"\nanchor_day = 1\n[totals]\ndiscount_percent = 50\n",
        definitions[0].digest
    );
    let reprices = Amend {
        customer: "acme",
        contract: None,
        from: "2026-01-01".parse().unwrap(),
        document: Some(super::super::ContractText {
            name: "new",
            text: &document,
        }),
        reprice: Some("finance"),
        by: "procurement",
        key: None,
        id: None,
    };
    let voids = super::super::Void {
        by: "cs-lead",
        ..void()
    };
    let grants = CreditAct::Grant(work::body::Grant {
        grant: "promo".to_owned(),
        contract: None,
        amount: "50 USD".parse().unwrap(),
        paid: Some("45 USD".parse().unwrap()),
        priority: 0,
        starts: None,
        expires: None,
        scope: work::body::GrantScope::default(),
        restore_days: work::body::RESTORE_DAYS,
        by: "sales".to_owned(),
    });
    let repriced = proposed(desk.book.amend(&reprices, now()));
    assert_eq!(repriced.act, "reprice");
    let granted = proposed(desk.book.credits_act("acme", &grants, (None, None), now()));
    assert_eq!(
        granted.amount.to_string(),
        "5.00 USD",
        "what is given for nothing"
    );
    let decided = proposed(desk.book.credit_statement(&decides, now()));
    let voided = proposed(desk.book.void(&voids, now()));
    for waits in [&granted, &repriced, &voided] {
        desk.book.approve(&by(waits, "cfo"), now()).unwrap();
    }
    assert_eq!(desk.book.grants("acme").unwrap().len(), 1);
    assert_eq!(desk.book.statements("acme").unwrap()[0].state, "void");
    assert_eq!(
        desk.book
            .agreement("acme", "acme-2026")
            .unwrap()
            .history
            .len(),
        2
    );
    // The statement that the decision is about is void by now.
    let error = desk.book.approve(&by(&decided, "cfo"), now()).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refused::Account(_))),
        "{error}"
    );
}

#[test]
fn the_change_report_says_who_asked_who_approved_and_what_changed() {
    let desk = limited("void = \"0 USD\"");
    desk.book.issue(&issue(), now()).unwrap();
    let waits = proposed(desk.book.void(
        &super::super::Void {
            by: "cs-lead",
            ..void()
        },
        now(),
    ));
    desk.book
        .approve(&by(&waits, "cfo"), at("02-04T09:00"))
        .unwrap();
    let between = |from: &str, until: &str| {
        let asked = Between {
            customer: None,
            from: at(from),
            until: at(until),
        };
        desk.book.changes(&asked).unwrap()
    };
    let rows = between("02-04T00:00", "02-05T00:00");
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.what, "voided acme-0001");
    assert_eq!(row.before.as_deref(), Some("0.99 USD"));
    assert_eq!(row.after.as_deref(), Some("void"));
    assert_eq!(row.proposed_by, "cs-lead");
    assert_eq!(row.approved_by.as_deref(), Some("cfo"));
    assert_eq!(row.reason.as_deref(), Some("wrong address"));
    let text = crate::approvals::csv(&rows);
    assert_eq!(text.lines().count(), 2);
    let before = between("02-03T00:00", "02-04T00:00");
    let issued = before
        .iter()
        .find(|own| own.what == "issued acme-0001")
        .unwrap();
    assert_eq!(issued.after.as_deref(), Some("0.99 USD"));
    assert_eq!(issued.approved_by, None);
    // Half open: nothing is in two reports.
    assert!(between("02-05T00:00", "02-06T00:00").is_empty());
}

#[test]
fn a_write_off_and_a_refund_wait_for_somebody_else() {
    use work::body::{Balance, OnAccount};

    use super::super::{GiveBack, GiveUp};

    let desk = limited("write_off = \"0 USD\"\nrefund = \"0 USD\"");
    desk.book.issue(&issue(), now()).unwrap();
    let open = Balance::Statement("acme-0001".to_owned());
    let gives_up = GiveUp {
        customer: "acme",
        of: &open,
        amount: None,
        reason: "insolvent",
        by: "ar-clerk",
        key: None,
        id: None,
    };
    let waits = proposed(desk.book.write_off(&gives_up, now()));
    assert_eq!(
        (waits.act.as_str(), waits.amount.to_string().as_str()),
        ("write_off", "0.99 USD")
    );
    let again = proposed(desk.book.write_off(&gives_up, at("02-03T10:00")));
    assert_eq!(
        again.proposal, waits.proposal,
        "asked again later, it is the same"
    );
    let before = desk.entries();
    desk.book
        .approve(&by(&waits, "cfo"), at("02-04T09:00"))
        .unwrap();
    assert_eq!(desk.entries(), before + 1);
    let none = OnAccount::Payment("nobody".to_owned());
    let gives_back = GiveBack {
        customer: "acme",
        from: &none,
        amount: Some("1 USD".parse().unwrap()),
        at: None,
        reference: None,
        reason: "paid twice",
        by: "ar-clerk",
        key: None,
        id: None,
    };
    // What cannot be done is refused, and not proposed.
    let error = desk.book.refund(&gives_back, now()).unwrap_err();
    assert!(error.proposal().is_none(), "{error}");
    // What is on account goes back once somebody else says so, and once.
    let pays = super::super::Payment {
        customer: "acme",
        amount: "1 USD".parse().unwrap(),
        of: super::super::For::OnAccount,
        at: None,
        reference: Some("B-1"),
        id: None,
    };
    let paid = desk.book.pay(&pays, at("02-05T09:00")).unwrap().what;
    let wire = OnAccount::Payment(paid.entry);
    let gives_back = GiveBack {
        from: &wire,
        ..gives_back
    };
    let waits = proposed(desk.book.refund(&gives_back, at("02-05T10:00")));
    assert_eq!(waits.act, "refund");
    let before = desk.entries();
    let on_account = || {
        let day = "2026-02-06".parse().unwrap();
        let own = desk.book.ageing(Some("acme"), day).unwrap();
        own.customers.first().map(|own| own.on_account.to_string())
    };
    assert_eq!(on_account().as_deref(), Some("1.00 USD"), "it waits");
    let seen = at("02-05T11:00");
    desk.book.approve(&by(&waits, "cfo"), seen).unwrap();
    assert!(
        desk.book
            .approve(&by(&waits, "cfo"), seen)
            .unwrap()
            .is_known
    );
    assert_eq!(desk.entries(), before + 1);
    assert_eq!(
        on_account(),
        None,
        "nothing is open, and nothing on account"
    );
}

/// Two gifts approved at one instant: each is told with its own proposal.
#[test]
fn the_change_report_keeps_each_act_with_its_own_proposal() {
    let desk = limited("credit = \"1 USD\"");
    let other = Credit {
        reason: "another outage",
        ..gift()
    };
    let (one, two) = (
        proposed(desk.book.credit(&gift(), now())),
        proposed(desk.book.credit(&other, now())),
    );
    let then = at("02-04T09:00");
    desk.book.approve(&by(&two, "ceo"), then).unwrap();
    desk.book.approve(&by(&one, "cfo"), then).unwrap();
    let asked = Between {
        customer: None,
        from: then,
        until: at("02-05T00:00"),
    };
    let rows = desk.book.changes(&asked).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|own| (own.reason.as_deref(), own.proposal.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("another outage"), Some(two.proposal.as_str())),
            (Some("an outage"), Some(one.proposal.as_str())),
        ]
    );
}
