//! What a change of contract does to the bill; how a contract came to its versions.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::account::Account;
use piecework_pricing::contract::InForce;
use piecework_pricing::preview::{Preview, Proposal, preview};
use piecework_pricing::{Contract, Plan, PricingError};
use support::{Book, CONTRACT, CUSTOMER, at, definition, outcome, usd};
use work::Definition;
use work::body::Control;

/// The terms of a document over the usual definition, as the account would read them.
fn terms(plan: &str, definition: &str, more: &str) -> (InForce, Book) {
    let mut book = Book::default();
    book.contract(CONTRACT, plan, definition, more);
    let text = |kind: &str| {
        book.contents
            .iter()
            .rev()
            .find_map(|content| match &content.event.body {
                work::body::Body::Control(Control::DocumentPublished {
                    document, text, ..
                }) if format!("{document:?}") == kind => Some(text.clone()),
                _ => None,
            })
    };
    let contract = Contract::parse(&text("Contract").unwrap()).unwrap();
    let plan = Plan::parse(plan).unwrap();
    let definition = Definition::parse(definition).unwrap();
    let resolved = contract.resolve(&plan, &[&definition]);
    (resolved.unwrap_or_else(|error| panic!("{error:?}")), book)
}

fn shown(book: &Book, proposal: &Proposal, now: &str, amended: &Book) -> Preview {
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let refold = |effective| -> Result<Account, PricingError> {
        let mut whole = book.clone();
        for content in &amended.contents {
            let mut event = content.event.clone();
            event.id = format!("preview-{}", content.entry).as_str().into();
            whole.push(event);
        }
        whole.control(
            now,
            Control::ContractAmended {
                contract: CONTRACT.to_owned(),
                document: proposal.terms.contract.digest,
                effective,
                reprice: Some("preview".to_owned()),
                by: "preview".to_owned(),
            },
        );
        Ok(Account::fold(CUSTOMER, whole.contents.clone(), None))
    };
    preview(held, proposal, at(now), refold).unwrap()
}

fn three_months() -> Book {
    let tiers = "price = { graduated = [{ up_to = 2, unit = \"1.00\" }, { unit = \"0.50\" }] }";
    let mut book = Book::new(&outcome(tiers), "");
    book.confirmed("01-10", 0, 3);
    book.confirmed("02-10", 100, 2);
    book.confirmed("03-10", 200, 4);
    book
}

#[test]
fn a_change_is_shown_on_the_customer_s_own_bills_before_it_is_made() {
    let book = three_months();
    let flat = outcome("price = \"0.80\"");
    let (terms, amended) = terms(&flat, &definition("", ""), "");
    let proposal = Proposal {
        terms,
        effective: at("03-16"),
        closed: 2,
    };
    let preview = shown(&book, &proposal, "03-20", &amended);
    assert!(!preview.resettled);
    let bills: Vec<_> = preview
        .closed
        .iter()
        .map(|own| (own.from, own.before, own.after))
        .collect();
    assert_eq!(
        bills,
        [
            (at("01-01"), usd("2.50"), usd("2.40")),
            (at("02-01"), usd("2.00"), usd("1.60")),
        ]
    );
    let lines = &preview.closed[0].lines;
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0].part.as_str(), lines[0].before.1, lines[0].after.1),
        ("class:work", usd("2.00"), usd("2.40"))
    );
    assert_eq!(
        (lines[1].part.as_str(), lines[1].before.1, lines[1].after.1),
        ("class:work#2", usd("0.50"), usd("0.00"))
    );
    // From the 16th on nothing has happened yet: the period that runs stays as it is.
    let current = preview.current.as_ref().unwrap();
    assert_eq!((current.before, current.after), (usd("3.00"), usd("3.00")));
    assert_eq!(
        preview
            .changes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()[1],
        "price of cases: 0.80 (was graduated up to 2, 1.00 each; then 0.50 each)"
    );
    let letter = preview.letter();
    assert!(letter.contains("2.40 USD instead of 2.50 USD"), "{letter}");
}

/// Only what the new terms will really do: an amendment that is made says the same as its preview.
#[test]
fn a_preview_of_the_running_period_is_what_the_amendment_then_owes() {
    let mut book = three_months();
    let flat = outcome("price = \"0.80\"");
    let (terms, amended) = terms(
        &flat,
        &definition("", ""),
        "[totals]\ndiscount_percent = 50\n",
    );
    let proposal = Proposal {
        terms,
        effective: at("03-05"),
        closed: 0,
    };
    let preview = shown(&book, &proposal, "03-20", &amended);
    assert!(preview.closed.is_empty());
    let current = preview.current.unwrap();
    assert_eq!((current.before, current.after), (usd("3.00"), usd("3.20")));
    book.amend(
        "03-05",
        &flat,
        &definition("", ""),
        "[totals]\ndiscount_percent = 50\n",
        false,
    );
    assert_eq!(
        book.at_once("04-01").plus(usd("-4.50")).unwrap(),
        usd("3.20")
    );
}

#[test]
fn a_change_of_what_counts_is_settled_again() {
    let book = three_months();
    let only_verified = definition(
        "[[counts]]\nclass = \"confirmed\"\nwhen = \"confirmed\"\n",
        "",
    );
    let plan =
        outcome("price = { graduated = [{ up_to = 2, unit = \"1.00\" }, { unit = \"0.50\" }] }");
    let (terms, amended) = terms(&plan, &only_verified, "");
    let proposal = Proposal {
        terms,
        effective: at("04-01"),
        closed: 3,
    };
    let preview = shown(&book, &proposal, "03-20", &amended);
    assert!(preview.resettled);
    let after: Vec<_> = preview.closed.iter().map(|own| own.after).collect();
    assert_eq!(after, [usd("0.00"), usd("0.00")]);
    // The definition has another digest, and the sections of its annex that differ are told.
    let told: Vec<&str> = preview
        .changes
        .iter()
        .map(|own| own.what.as_str())
        .collect();
    assert!(told.len() >= 2, "{told:?}");
    assert_eq!(told[0], "definition of support.resolved_case");
    assert!(told[1].starts_with("definition of support.resolved_case, "));
    let counts = preview.changes.iter().find(|own| {
        let has =
            |text: &Option<String>| text.as_ref().is_some_and(|own| own.contains("confirmed"));
        has(&own.before) && !has(&own.after)
    });
    assert!(counts.is_some(), "{:#?}", preview.changes);
    assert!(
        preview.letter().contains("confirmed"),
        "{}",
        preview.letter()
    );
}

#[test]
fn a_change_that_changes_nothing_makes_no_difference() {
    let book = three_months();
    let tiers = "price = { graduated = [{ up_to = 2, unit = \"1.00\" }, { unit = \"0.50\" }] }";
    let (terms, amended) = terms(&outcome(tiers), &definition("", ""), "# Agreed again.\n");
    let proposal = Proposal {
        terms,
        effective: at("03-16"),
        closed: 12,
    };
    let preview = shown(&book, &proposal, "03-20", &amended);
    assert_eq!(preview.changes, []);
    assert_eq!(preview.closed.len(), 2);
    let bills = preview.closed.iter().chain(&preview.current);
    for bill in bills {
        assert_eq!((bill.before, &bill.lines), (bill.after, &Vec::new()));
    }
}

#[test]
fn every_version_is_told_with_who_when_and_what_it_changed() {
    let mut book = Book::new(
        &outcome("price = \"1.00\""),
        "[[phase]]\nfrom = 2026-04-01\n[[phase.override]]\ncomponent = \"cases\"\nprice = \"0.90\"\n",
    );
    book.issue("02-01");
    book.amend(
        "03-01",
        &outcome("price = \"0.80\""),
        &definition("", ""),
        "billing = \"quarter\"\n",
        false,
    );
    book.amend(
        "01-15",
        &outcome("price = \"1.00\""),
        &definition("", ""),
        "[totals]\nminimum = 5\n",
        true,
    );
    let account = book.account();
    assert_eq!(account.flags, []);
    let agreement = &account.contract(CONTRACT).unwrap().agreement;
    let told: Vec<String> = agreement
        .history()
        .iter()
        .map(|own| {
            let entry = own.enacted.entry.as_ref().unwrap();
            // The plan has another digest each time.
            let named = own.changes.iter().filter(|change| change.what != "plan");
            let changes: Vec<String> = named.map(ToString::to_string).collect();
            format!(
                "{} {} {} by {}{}{}: {}",
                own.version.number,
                own.version.from,
                own.version.terms.step.word(),
                entry.by,
                entry
                    .reprice
                    .as_ref()
                    .map(|who| format!(", re-priced by {who}"))
                    .unwrap_or_default(),
                if own.governs { "" } else { ", replaced" },
                changes.join("; "),
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    // Back to the first terms: the document of version 1, with its phase.
    let first = account.terms_of(CONTRACT, 2).unwrap();
    assert_eq!(
        first.contract.digest,
        agreement.enacted[0].terms.contract.digest
    );
    let error = account.terms_of(CONTRACT, 9).unwrap_err().to_string();
    assert!(error.contains("has no version 9"), "{error}");
}

/// The settled works are taken as they are: the bills of three months cost a part of settling a year.
#[test]
#[allow(clippy::disallowed_types, clippy::print_stdout)] // two times of one run are compared, and shown
fn slow_a_preview_does_not_settle_the_year_again() {
    let mut book = Book::new(&outcome("price = \"1.00\""), "");
    for month in 1..=12 {
        let day = format!("2026-{month:02}-10T00:00:00Z");
        for number in 0..5_000 {
            book.story(&format!("{day} confirmed case=c{month:02}{number:05}"));
        }
    }
    let folded = std::time::Instant::now();
    let account = book.account();
    let folded = folded.elapsed();
    let (terms, _) = terms(&outcome("price = \"0.80\""), &definition("", ""), "");
    let proposal = Proposal {
        terms,
        effective: at("2027-02-01"),
        closed: 3,
    };
    let held = account.contract(CONTRACT).unwrap();
    let previewed = std::time::Instant::now();
    let refold = |_| -> Result<Account, PricingError> { panic!("nothing that counts changes") };
    let preview = preview(held, &proposal, at("2027-01-05"), refold).unwrap();
    let previewed = previewed.elapsed();
    println!("fold {folded:?}, preview {previewed:?}");
    let after: Vec<_> = preview.closed.iter().map(|own| own.after).collect();
    assert_eq!(after, [usd("4000.00"), usd("4000.00"), usd("4000.00")]);
    assert!(
        previewed * 2 < folded,
        "fold {folded:?}, preview {previewed:?}"
    );
}
