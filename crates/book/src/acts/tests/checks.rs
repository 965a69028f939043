//! A check that fails keeps a statement from being issued, and nothing else; somebody waives it by name.

use jiff::civil::Date;
use pages::view::{CheckVerdict, ContractChecks};
use work::LogKind;
use work::body::PriceCheck;

use super::super::{Due, Issue};
use super::statements::issue;
use super::{Desk, at, now};
use crate::approvals::{Between, Deciding};
use crate::checks::Waive;
use crate::error::{Invalid, Refused};
use crate::limits::WAIVED_DAYS_MAX;
use crate::statements::Previewed;
use crate::{Error, Result};

/// A book whose definition assumes what would have been without the product, in a house that wants to know it of every
/// outcome.
fn doubted() -> Desk {
    let mut desk = Desk::of(|config| {
        let own = "[attribution]\ncounterfactual = \"assumed\"\n";
        let unit = "support.resolved_conversation".to_owned();
        config.definition.insert(unit, own.parse().unwrap());
    });
    desk.asks("counterfactual = \"every_outcome\"");
    desk.book.sign(&super::sign(), now()).unwrap();
    desk.answered("T-1");
    desk
}

impl Desk {
    fn asks(&mut self, checks: &str) {
        self.book.config.checks = toml::from_str(checks).unwrap();
    }

    fn checked(&self) -> ContractChecks {
        let mut found = self.book.checks("acme", None, now()).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    fn verdicts(&self) -> Vec<(String, CheckVerdict)> {
        let checks = self.checked().checks.into_iter();
        checks.map(|own| (own.check, own.verdict)).collect()
    }
}

fn waive<'a>(check: PriceCheck) -> Waive<'a> {
    Waive {
        customer: "acme",
        contract: None,
        check,
        reason: "the holdout begins in May",
        until: day("2026-06-30"),
        by: "cfo",
        key: Some("k1"),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[track_caller]
fn is_blocked<T: std::fmt::Debug>(act: Result<T>, check: &str) -> String {
    let error = act.unwrap_err();
    let Error::Refused(Refused::Checked(own)) = &error else {
        panic!("{error}");
    };
    assert_eq!(own.check, check);
    error.to_string()
}

#[test]
fn a_statement_of_a_preset_is_issued_with_honest_warnings() {
    let desk = Desk::signed();
    let verdicts = desk.verdicts();
    let words: Vec<(&str, &str)> = verdicts
        .iter()
        .map(|(check, verdict)| (check.as_str(), verdict.word()))
        .collect();
    assert_eq!(
        words,
        [
            ("units", "pass"),
            ("order", "pass"),
            ("attribution", "warn"), // a holdout is declared, and nothing of it is recorded
            ("proof", "warn"),       // no transcript
            ("margin", "warn"),      // no cost
        ]
    );
    assert!(!desk.checked().blocks);
    desk.book.issue(&issue(), now()).unwrap();
}

#[test]
fn a_failing_check_blocks_issuing_and_not_drafting_until_it_is_waived() {
    let desk = doubted();
    let says = is_blocked(desk.book.issue(&issue(), now()), "attribution");
    for part in [
        "tier E",
        "To mend it",
        "piecework check waive attribution --customer acme",
    ] {
        assert!(says.contains(part), "{says}");
    }
    desk.refuses(|book| book.issue(&issue(), now()));
    // What is looked at is what it would be.
    let asked = Previewed {
        customer: Some("acme"),
        contract: None,
        period: Some("2026-01"),
        now: now(),
    };
    let drafted = desk.book.preview(&asked).unwrap().remove(0).statement;
    let (shared, seller) = (desk.entries(), desk.seller());
    let waived = desk
        .book
        .waive(&waive(PriceCheck::Attribution), now())
        .unwrap();
    assert!(!waived.is_known);
    assert_eq!(
        (waived.what.log.as_str(), waived.what.until.as_str()),
        ("shared", "2026-06-30")
    );
    // The buyer sees it.
    assert_eq!((desk.entries(), desk.seller()), (shared + 1, seller));
    let row = desk.checked().checks.remove(2);
    assert_eq!(
        row.verdict,
        CheckVerdict::Fail,
        "a waiver makes nothing true"
    );
    assert_eq!(row.waived, Some(waived.what));
    // Asked for again, it is the same.
    assert!(
        desk.book
            .waive(&waive(PriceCheck::Attribution), now())
            .unwrap()
            .is_known
    );
    assert_eq!(desk.entries(), shared + 1);
    // What is issued is what was drafted: whether is decided here, and not what.
    let issued = desk.book.issue(&issue(), now()).unwrap().what;
    assert_eq!(issued.total, drafted.total);
    let changes = desk.book.changes(&Between {
        customer: Some("acme"),
        from: at("01-01T00:00"),
        until: at("03-01T00:00"),
    });
    let changes = changes.unwrap();
    let own = changes
        .iter()
        .find(|own| own.what.starts_with("waived"))
        .unwrap();
    assert_eq!(
        own.what,
        "waived the check `attribution` of acme-2026 until 2026-06-30"
    );
}

#[test]
fn d13_what_was_issued_stays_whatever_a_check_says_later() {
    let desk = doubted();
    let short = Waive {
        until: day("2026-02-10"),
        ..waive(PriceCheck::Attribution)
    };
    desk.book.waive(&short, now()).unwrap();
    let number = desk.book.issue(&issue(), now()).unwrap().what.number;
    // February is over, and so is the waiver.
    let february = Issue {
        due: Due::Period("2026-02"),
        ..issue()
    };
    is_blocked(desk.book.issue(&february, at("03-03T09:00")), "attribution");
    let issued = desk.book.issued("acme", &number).unwrap();
    assert_eq!(issued.total.to_string(), "0.99 USD");
    assert!(desk.book.checks("acme", None, at("03-03T09:00")).unwrap()[0].blocks);
}

#[test]
fn the_margin_blocks_where_a_least_one_is_named_and_its_waiver_is_the_sellers() {
    let mut desk = Desk::signed();
    for number in 2..=40 {
        desk.answered(&format!("T-{number}"));
    }
    for number in 1..=40 {
        desk.costs(&format!("T-{number}"), "0.60 USD");
    }
    desk.book
        .issue(&issue(), at("02-02T09:00"))
        .map(drop)
        .unwrap();
    // Nothing is due twice: the next is February's, and the house asks for more than 39 % now.
    desk.asks("margin_at_least = \"0.5\"");
    let february = Issue {
        due: Due::Period("2026-02"),
        ..issue()
    };
    let then = at("03-03T09:00");
    let says = is_blocked(desk.book.issue(&february, then), "margin");
    assert!(
        says.contains("40 works of acme came to 39.60 USD and cost 24.00 USD"),
        "{says}"
    );
    let (shared, seller) = (desk.entries(), desk.seller());
    let waived = desk
        .book
        .waive(&waive(PriceCheck::Margin), then)
        .unwrap()
        .what;
    assert_eq!(waived.log, "seller");
    assert_eq!(
        (desk.entries(), desk.seller()),
        (shared, seller + 1),
        "no buyer learns of it"
    );
    desk.book.issue(&february, then).unwrap();
}

#[test]
fn few_works_keep_nothing_from_being_issued() {
    let mut desk = Desk::signed();
    desk.costs("T-1", "0.98 USD");
    desk.asks("margin_at_least = \"0.9\"\nevidence_at_least = \"1\"");
    desk.book.issue(&issue(), now()).unwrap();
}

#[test]
fn what_cannot_be_waived() {
    let desk = Desk::signed();
    let error = desk.refuses(|book| book.waive(&waive(PriceCheck::Attribution), now()));
    assert!(
        matches!(
            error,
            Error::Refused(Refused::NothingToWaive {
                verdict: "warn",
                ..
            })
        ),
        "{error}"
    );
    let desk = doubted();
    let today = day("2026-02-03");
    let last = today
        .checked_add(jiff::Span::new().days(WAIVED_DAYS_MAX))
        .unwrap();
    for until in [today.yesterday().unwrap(), last.tomorrow().unwrap()] {
        let act = Waive {
            until,
            ..waive(PriceCheck::Attribution)
        };
        let error = desk.refuses(|book| book.waive(&act, now()));
        assert!(
            matches!(error, Error::Invalid(Invalid::WaivedUntil { .. })),
            "{error}"
        );
    }
    for until in [today, last] {
        let act = Waive {
            until,
            ..waive(PriceCheck::Attribution)
        };
        desk.book.waive(&act, now()).unwrap();
    }
}

#[test]
fn above_its_limit_a_waiver_waits_for_somebody_else() {
    let mut desk = doubted();
    desk.book.config.approvals = toml::from_str("waive = \"0.98 USD\"").unwrap();
    let error = desk.refuses(|book| book.waive(&waive(PriceCheck::Attribution), now()));
    let proposal = error.proposal().unwrap();
    assert_eq!(
        (proposal.act.as_str(), proposal.amount.to_string().as_str()),
        ("waive", "0.99 USD")
    );
    is_blocked(desk.book.issue(&issue(), now()), "attribution");
    let by = |by| Deciding {
        customer: "acme",
        proposal: &proposal.proposal,
        by,
        key: Some("k2"),
        reason: None,
    };
    let same = desk.book.approve(&by("cfo"), now()).unwrap_err();
    assert!(
        matches!(same, Error::Refused(Refused::SamePerson { .. })),
        "{same}"
    );
    desk.book.approve(&by("ceo"), now()).unwrap();
    assert_eq!(desk.seller(), 2, "proposed and decided");
    desk.book.issue(&issue(), now()).unwrap();
    assert_eq!(desk.book.store.head("acme", LogKind::Seller).unwrap(), 2);
}
