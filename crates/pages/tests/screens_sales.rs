//! The screens of approvals, quotes, contracts, plans and renewals in text, and their forms.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod wellformed;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Amount;
use piecework_pages::screen;
use piecework_pages::view::{
    BlockingCheck, CapSpending, CheckReason, CheckRow, CheckVerdict, Contract, ContractChecks,
    ContractSheet, ContractSpending, ContractVersion, DeliveredValue, Document, Entry, FieldFault,
    Frame, GrantRow, Period, PlanRow, PlanSheet, Proposal, Quote, QuoteStep, QuotedComponent,
    QuotedTerm, RenewalCase, RenewalPeriod, Share, VersionTold, WaivedCheck,
};
use work::event::Authorship;

const HOSTILE: &str = "Acme \u{202e}<b>Inc";

fn frame(title: &str) -> Frame {
    Frame {
        vendor: "Vendor".to_owned(),
        reader: "finance".to_owned(),
        title: title.to_owned(),
        places: Vec::new(),
        trail: Vec::new(),
        told: None,
    }
}

/// What stands under the frame, one element a line.
fn content(page: &str) -> String {
    assert_eq!(wellformed::check(page), Ok(()));
    assert!(!page.contains('\u{202e}'));
    let (_, content) = page.split_once("<main").unwrap_or_default();
    content.replace("><", ">\n<")
}

fn usd(number: &str) -> Amount {
    format!("{number} USD").parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

fn opened() -> Entry {
    Entry {
        once: "0f".to_owned(),
        ..Entry::default()
    }
}

#[test]
fn an_act_that_waits_and_a_decision_that_was_not_taken() {
    let proposal = Proposal {
        customer: "a/b".to_owned(),
        proposal: "p-7f3a90c1".to_owned(),
        act: "credit".to_owned(),
        amount: usd("600"),
        what: format!("give 600.00 USD: {HOSTILE}"),
        before: None,
        after: Some("600.00 USD".to_owned()),
        by: "cs-lead".to_owned(),
        key: Some("0a1b2c3d".to_owned()),
        at: at("2026-02-03"),
        expires: at("2026-02-17"),
        state: "open".to_owned(),
        decided_by: None,
        decided_key: None,
        decided_at: None,
        reason: None,
    };
    let entry = Entry {
        act: "decline".to_owned(),
        once: "0f".to_owned(),
        fields: BTreeMap::from([("by".to_owned(), "c\"fo</textarea>".to_owned())]),
        faults: vec![FieldFault {
            field: "reason".to_owned(),
            says: "say why it is declined".to_owned(),
        }],
        refused: Some("`reason`: say why it is declined".to_owned()),
    };
    let frame = frame("p-7f3a90c1").with(Some(&entry));
    let page = screen::approval(&frame, &proposal, Some(&entry));
    insta::assert_snapshot!(content(&page));
}

fn component() -> QuotedComponent {
    QuotedComponent {
        component: "outcomes".to_owned(),
        surface: "outcome".to_owned(),
        terms: vec![QuotedTerm {
            term: "price".to_owned(),
            says: "0.99".to_owned(),
        }],
    }
}

fn document(name: &str) -> Document {
    Document {
        name: name.to_owned(),
        digest: "5f0c".repeat(16),
    }
}

#[test]
fn a_quote_that_was_sent() {
    let step = |step: &str, authorship| QuoteStep {
        step: step.to_owned(),
        at: at("2026-03-01"),
        by: "sales".to_owned(),
        authorship,
        is_signed: false,
        words: None,
        entry: 7,
    };
    let quote = Quote {
        quote: "acme-Q0001".to_owned(),
        customer: "acme".to_owned(),
        state: "sent".to_owned(),
        valid_until: "2026-03-31".to_owned(),
        expires: at("2026-04-01"),
        words: Some(HOSTILE.to_owned()),
        contract: "acme-2026".to_owned(),
        is_signed: false,
        plan: "fin@1".to_owned(),
        currency: "USD".to_owned(),
        starts: "2026-04-01".to_owned(),
        ends: None,
        billing: "month".to_owned(),
        time_zone: "UTC".to_owned(),
        components: vec![component()],
        expected: None,
        documents: vec![document("quote acme-Q0001")],
        text: format!("words = \"{HOSTILE}\"\n"),
        contract_text: "id = \"acme-2026\"\n".to_owned(),
        steps: vec![
            step("drafted", Authorship::Seller),
            step("sent", Authorship::Seller),
        ],
    };
    let page = screen::quote(&frame("Quote acme-Q0001"), &quote, Some(&opened()));
    insta::assert_snapshot!(content(&page));
}

fn grant() -> GrantRow {
    GrantRow {
        grant: "prepaid".to_owned(),
        contract: None,
        amount: usd("1000"),
        paid: usd("900"),
        priority: 1,
        starts: at("2026-01-01"),
        expires: Some(at("2027-01-01")),
        covers: Vec::new(),
        drawn: usd("250"),
        restored: usd("0"),
        expired: usd("0"),
        balance: usd("750"),
        voided: false,
    }
}

fn spending() -> ContractSpending {
    ContractSpending {
        contract: "acme-2026".to_owned(),
        is_draft: false,
        from: at("2026-03-01"),
        until: at("2026-04-01"),
        spent: usd("297"),
        components: Vec::new(),
        credited: usd("0"),
        minimum: Some(usd("500")),
        remaining_minimum: Some(usd("203")),
        cap: Some(CapSpending {
            amount: usd("2000"),
            mode: "stop".to_owned(),
            done: usd("297"),
            remaining: usd("1703"),
            reached: false,
            from: at("2026-03-01"),
            until: at("2026-04-01"),
        }),
    }
}

#[test]
fn a_contract_with_a_minimum_a_cap_and_prepaid_credits() {
    let version = ContractVersion {
        version: 2,
        from: at("2026-03-01"),
        plan: "fin@1".to_owned(),
        currency: "USD".to_owned(),
        billing: "month".to_owned(),
        time_zone: "UTC".to_owned(),
        components: vec!["outcomes".to_owned()],
        terms: vec![component()],
        documents: vec![document("contract acme-2026")],
        text: "id = \"acme-2026\"\n".to_owned(),
    };
    let told = VersionTold {
        version: 2,
        from: at("2026-03-01"),
        step: "contract".to_owned(),
        document: "5f0c".to_owned(),
        plan: "fin@1".to_owned(),
        at: Some(at("2026-02-20")),
        by: Some(HOSTILE.to_owned()),
        reprice: None,
        governs: true,
        changes: vec!["discount on the total: 50 % (was not said)".to_owned()],
    };
    let contract = Contract {
        contract: "acme-2026".to_owned(),
        customer: "acme".to_owned(),
        is_draft: false,
        starts: at("2026-01-01"),
        ends: None,
        versions: vec![version],
        history: vec![told],
        opening: None,
    };
    let sheet = ContractSheet {
        contract,
        as_of: at("2026-03-10"),
        spending: Some(spending()),
        grants: vec![grant()],
        blocking: Some(blocking()),
    };
    let page = screen::contract(&frame("Contract acme-2026"), &sheet);
    insta::assert_snapshot!(content(&page));
    let own = (&sheet.contract, "\"0f\"");
    let change =
        screen::contract_change(&frame("What a change would do"), own, Some(&opened()), None);
    insta::assert_snapshot!(content(&change));
}

#[test]
fn a_plan_that_does_not_fit() {
    let sheet = PlanSheet {
        row: PlanRow {
            id: "fin".to_owned(),
            version: 1,
            address: "fin".to_owned(),
            digest: "5f0c".to_owned(),
            currency: "USD".to_owned(),
            components: vec!["outcomes".to_owned()],
        },
        components: vec![component()],
        faults: vec!["the class `assumed` has no price".to_owned()],
        needs: vec!["`risk` looks at a calibration of `support`".to_owned()],
        checks: Vec::new(),
        model_costs: None,
        text: "id = \"fin\"\n".to_owned(),
    };
    let page = screen::plan(&frame("Plan fin"), &sheet, &opened(), None);
    insta::assert_snapshot!(content(&page));
}

#[test]
fn a_renewal_of_which_little_is_known() {
    let period = RenewalPeriod {
        period: Period {
            from: at("2026-01-01"),
            until: at("2026-02-01"),
            zone: TimeZone::UTC,
        },
        stated: Some(("acme-0001".to_owned(), usd("297"))),
        works: 300,
        counted: "300".parse().unwrap(),
        accepted: Share::default(),
        overridden: Share {
            part: 1,
            whole: 3,
            between: Some(("0.061492".parse().unwrap(), "0.792340".parse().unwrap())),
        },
        disputed: 0,
    };
    let case = RenewalCase {
        customer: "acme".to_owned(),
        contract: "acme-2026".to_owned(),
        contracts: vec!["acme-2026".to_owned()],
        as_of: at("2026-02-10"),
        ends: Some(at("2026-04-01")),
        stated: usd("297"),
        value: DeliveredValue {
            at_least: None,
            at_most: None,
            basis: format!("not stated for {HOSTILE}"),
        },
        periods: vec![period],
        earlier: 3,
        spending: Some(spending()),
        grants: vec![grant()],
        risks: vec!["its term ends at 2026-04-01T00:00:00Z, within 90 days".to_owned()],
        unknown: vec!["what the work is worth".to_owned()],
    };
    let page = screen::renewal(&frame("Renewal of acme-2026"), &case);
    insta::assert_snapshot!(content(&page));
}

fn blocking() -> BlockingCheck {
    BlockingCheck {
        customer: "acme".to_owned(),
        contract: "acme-2026".to_owned(),
        check: "attribution".to_owned(),
        reason: "`saved` charges a share of what came to more than a baseline".to_owned(),
        remedy: "hold cases out at random".to_owned(),
    }
}

#[test]
fn checks_of_a_contract_of_which_one_fails_and_one_is_waived() {
    let reason = |says: &str, verdict, entries: &[u64]| CheckReason {
        says: says.to_owned(),
        verdict,
        entries: entries.to_vec(),
    };
    let row = |check: &str, asks: &str, verdict, reasons| CheckRow {
        check: check.to_owned(),
        asks: asks.to_owned(),
        verdict,
        reasons,
        remedy: (verdict != CheckVerdict::Pass).then(|| "see to it".to_owned()),
        waived: None,
    };
    let waived = WaivedCheck {
        customer: "acme".to_owned(),
        contract: "acme-2026".to_owned(),
        check: "proof".to_owned(),
        reason: "<b>transcripts</b> are kept from May on".to_owned(),
        until: "2026-05-31".to_owned(),
        by: "cfo".to_owned(),
        at: at("2026-03-01"),
        log: "shared".to_owned(),
        entry: 12,
    };
    let own = [
        row(
            "order",
            "Was the unit defined before it was priced?",
            CheckVerdict::Pass,
            vec![reason("it was", CheckVerdict::Pass, &[0, 1, 2])],
        ),
        row(
            "attribution",
            "Was it decided whose the outcome is, with reasons?",
            CheckVerdict::Fail,
            vec![
                reason("nothing carries the price", CheckVerdict::Fail, &[]),
                reason("it is shared", CheckVerdict::Warn, &[]),
            ],
        ),
        CheckRow {
            waived: Some(waived),
            ..row(
                "proof",
                "Is the evidence there that the definition needs?",
                CheckVerdict::Fail,
                vec![reason("it is not", CheckVerdict::Fail, &[])],
            )
        },
    ];
    let model = ContractChecks {
        customer: "acme".to_owned(),
        contract: "acme-2026".to_owned(),
        plan: "fin-style@1".to_owned(),
        is_draft: false,
        blocks: true,
        as_of: at("2026-03-10"),
        checks: own.to_vec(),
    };
    let page = screen::checks(&frame("Checks of its price"), &model, Some(&opened()));
    assert!(!page.contains("<b>transcripts"));
    insta::assert_snapshot!(content(&page));
}
