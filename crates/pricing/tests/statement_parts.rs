//! A statement's cells in parts: whole or not at all, however long it is and wherever a log is cut.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use std::fmt::Write as _;

use piecework_pricing::Statement;
use piecework_pricing::account::Account;
use piecework_pricing::statement::StatementError;
use support::*;
use work::Event;
use work::body::{Body, Control, StatedCell};
use work::limits::{EVENT_BYTES_MAX, STATED_BYTES_MAX, STATEMENT_PARTS_MAX};

/// Ten years of months.
const CUT: &str = "2026-01-01";
const FEES: usize = 44;

/// A plan of many fees, signed ten years before the first statement.
fn ten_years() -> Book {
    let mut components = String::new();
    for fee in 0..FEES {
        writeln!(
            components,
            "[[component]]\nid = \"module-{fee:02}\"\nkind = \"platform\"\namount = {}",
            fee + 1
        )
        .unwrap();
    }
    Book::new(&plan(&components), "starts = 2016-01-01\n")
}

/// The entries that issue the statement of [`CUT`], not yet in the book.
fn entries(book: &Book) -> (Statement, Vec<Event>) {
    let statement = book.draw(CUT);
    let account = book.account();
    let number = account.next_number(account.contract(CONTRACT).unwrap());
    let entries = statement.issue(&issue(&number, account.coverage, at(CUT), "finance"));
    (statement, entries.unwrap())
}

fn push(book: &mut Book, entries: impl IntoIterator<Item = Event>) {
    for entry in entries {
        book.push(entry);
    }
}

/// Problems of the flagged entries.
fn problems(account: &Account) -> Vec<&str> {
    let flags = account.flags.iter();
    flags.map(|flag| flag.problem.as_str()).collect()
}

#[test]
fn ten_years_of_a_rich_plan_are_issued_replayed_voided_and_issued_again() {
    let mut book = ten_years();
    let months = 10 * 12 + 1; // fees are due in advance, so January 2026 is among them
    let first = book.issue(CUT);
    assert_eq!(first.cells.len(), FEES * months);
    assert!(first.cells.len() > 5_000, "{}", first.cells.len());
    let total = usd(&(FEES * (FEES + 1) / 2 * months).to_string());
    assert_eq!(first.total, total);
    for content in &book.contents {
        let bytes = content.event.canonical().len();
        assert!(bytes < EVENT_BYTES_MAX, "{bytes}");
    }
    let account = book.account();
    let issued = &account.contract(CONTRACT).unwrap().issued[0];
    assert_eq!(problems(&account), [""; 0]);
    assert_eq!((&issued.cells, issued.body), (&first.cells, first.digest()));
    let mut then = book.clone();
    then.contents
        .retain(|content| content.entry < issued.coverage);
    assert_eq!(then.draw(CUT).body(), first.body());
    assert_eq!(book.draw(CUT).lines, []);
    book.void(&issued.number);
    let again = book.issue(CUT);
    assert_eq!((again.revision, again.total), (2, total));
    assert_eq!(again.cells, first.cells);
    assert_eq!(book.draw(CUT).lines, []);
    assert_eq!(problems(&book.account()), [""; 0]);
}

#[test]
fn an_account_takes_the_parts_of_a_statement_without_folding_again() {
    let mut book = ten_years();
    let mut account = book.account();
    let known = book.contents.len();
    let _ = book.issue(CUT);
    assert!(book.contents.len() > known + 10);
    for content in &book.contents[known..] {
        assert!(account.take_statement(content));
    }
    let folded = book.account();
    let issued = |account: &Account| account.contract(CONTRACT).unwrap().issued.clone();
    assert_eq!(issued(&account), issued(&folded));
    assert_eq!(account.entries, folded.entries);
    assert_eq!(account.coverage, folded.coverage);
    // Not twice, and nothing else.
    assert!(!account.take_statement(&book.contents[known]));
}

/// Changes one part of the entries that issue a statement.
fn stated(event: &mut Event, change: impl FnOnce(&mut u32, &mut Vec<StatedCell>)) {
    match &mut event.body {
        Body::Control(Control::StatementStated { part, cells, .. }) => change(part, cells),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_statement_that_is_not_whole_states_nothing() {
    type Change = fn(&mut Vec<Event>);
    let table: [(&str, Change, &str); 8] = [
        (
            "the last part is missing",
            |all| drop(all.remove(all.len() - 2)),
            "parts, and",
        ),
        (
            "the first part is missing",
            |all| drop(all.remove(0)),
            "part 2 of a statement comes where part 1 should",
        ),
        (
            "two parts changed places",
            |all| all.swap(1, 2),
            "part 3 of a statement comes where part 2 should",
        ),
        (
            "the issue comes first",
            |all| all.rotate_right(1),
            "and 0 in order come before it",
        ),
        (
            "a part more than was issued",
            |all| {
                let mut extra = all[all.len() - 2].clone();
                extra.id = format!("{}-extra", extra.id).into();
                stated(&mut extra, |part, _| *part += 1);
                all.insert(all.len() - 1, extra);
            },
            "parts, and",
        ),
        (
            "an amount was altered",
            |all| {
                stated(&mut all[3], |_, cells| {
                    cells[0].amount = usd("0.01");
                });
            },
            "have the digest",
        ),
        (
            "a cell was left out",
            |all| stated(&mut all[0], |_, cells| drop(cells.pop())),
            "have the digest",
        ),
        (
            "two cells changed places",
            |all| stated(&mut all[2], |_, cells| cells.swap(0, 1)),
            "have the digest",
        ),
    ];
    let book = ten_years();
    let (statement, whole) = entries(&book);
    for (what, change, problem) in table {
        let mut book = book.clone();
        let mut changed = whole.clone();
        change(&mut changed);
        push(&mut book, changed);
        let account = book.account();
        let held = account.contract(CONTRACT).unwrap();
        assert!(held.issued.is_empty(), "{what}");
        let found = problems(&account);
        assert!(
            found.iter().any(|own| own.contains(problem)),
            "{what}: {found:?}"
        );
        assert_eq!(book.draw(CUT).total, statement.total, "{what}");
    }
}

#[test]
fn what_follows_a_whole_statement_changes_nothing() {
    let mut book = ten_years();
    let (statement, whole) = entries(&book);
    push(&mut book, whole.clone());
    let stands = |book: &Book| {
        let account = book.account();
        let held = account.contract(CONTRACT).unwrap();
        assert_eq!(held.issued.len(), 1);
        assert_eq!(held.issued[0].cells, statement.cells);
        problems(&account).join("; ")
    };
    assert_eq!(stands(&book), "");
    let mut part = whole[0].clone();
    part.id = format!("{}-later", part.id).into();
    book.push(part);
    assert!(stands(&book).contains("was issued before it, as `acme-0001`"));
    let mut issue = whole.last().unwrap().clone();
    issue.id = format!("{}-later", issue.id).into();
    book.push(issue);
    assert_eq!(book.account().flags.len(), 2);
    stands(&book);
}

#[test]
fn a_crash_between_parts_leaves_no_statement_and_the_next_attempt_a_whole_one() {
    let book = ten_years();
    let (statement, whole) = entries(&book);
    for kept in [1, 5, whole.len() - 1] {
        let mut book = book.clone();
        push(&mut book, whole[..kept].to_vec());
        assert_eq!(book.draw(CUT).total, statement.total);
        assert_eq!(book.draw(CUT).revision, 1);
        // The log has grown, and what is owed with it.
        book.control(
            "2025-12-30",
            Control::CreditIssued {
                contract: CONTRACT.to_owned(),
                amount: usd("5"),
                reason: "slow week".to_owned(),
                by: "cs-lead".to_owned(),
            },
        );
        let (other, again) = entries(&book);
        let known: Vec<&str> = book
            .contents
            .iter()
            .map(|own| own.event.id.as_str())
            .collect();
        assert!(
            again
                .iter()
                .all(|entry| !known.contains(&entry.id.as_str()))
        );
        push(&mut book, again);
        let account = book.account();
        assert_eq!(problems(&account), [""; 0]);
        assert_eq!(
            account.contract(CONTRACT).unwrap().issued[0].cells,
            other.cells
        );
        assert_eq!(book.draw(CUT).lines, []);
    }
}

#[test]
fn an_attempt_at_the_same_cells_finds_its_parts_there() {
    let mut book = ten_years();
    let (statement, whole) = entries(&book);
    push(&mut book, whole[..5].to_vec());
    // Another day, another length of the log, another number: the parts are the same bytes.
    let later = statement
        .issue(&issue("acme-0009", 900, at("2026-03-01"), "cfo"))
        .unwrap();
    let (issue, parts) = later.split_last().unwrap();
    assert_eq!(parts, &whole[..whole.len() - 1]);
    push(&mut book, parts[5..].to_vec());
    book.push(issue.clone());
    let account = book.account();
    assert_eq!(problems(&account), [""; 0]);
    assert_eq!(
        account.contract(CONTRACT).unwrap().issued[0].number,
        "acme-0009"
    );
}

#[test]
fn a_statement_has_a_bounded_number_of_parts() {
    let mut statement = ten_years().draw(CUT);
    // Two of these do not fit into one part.
    let mut cell = statement.cells[0].clone();
    cell.cell = "x".repeat(STATED_BYTES_MAX / 2);
    let most = STATEMENT_PARTS_MAX as usize;
    statement.cells = vec![cell; most + 1];
    let error = statement
        .issue(&issue("acme-0001", 3, at(CUT), "finance"))
        .unwrap_err();
    assert!(
        matches!(error, StatementError::TooManyCells { parts, .. } if parts == most + 1),
        "{error}"
    );
    assert!(error.to_string().contains("--through"), "{error}");
    statement.cells.truncate(most);
    let entries = statement.issue(&issue("acme-0001", 3, at(CUT), "finance"));
    assert_eq!(entries.unwrap().len(), most + 1);
}

#[test]
fn a_statement_of_nothing_has_no_parts() {
    let mut book = Book::new(&outcome("price = 1"), "");
    let before = book.contents.len();
    assert_eq!(book.issue("02-01").cells, []);
    assert_eq!(book.contents.len(), before + 1);
    let account = book.account();
    assert_eq!(problems(&account), [""; 0]);
    assert_eq!(account.contract(CONTRACT).unwrap().issued.len(), 1);
}
