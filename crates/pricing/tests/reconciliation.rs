//! semantics.md section 5: every entry has exactly one class, and the class is the right one.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::reconcile::reconcile;
use support::*;
use work::Event;
use work::body::{Action, Body};

/// The class of each entry that is not a control entry, by id.
fn classes(book: &Book, cut: &str) -> Vec<String> {
    let done = reconcile(&book.account(), at(cut)).unwrap();
    done.entries
        .iter()
        .map(|(entry, class)| {
            let content = book
                .contents
                .iter()
                .find(|content| content.entry == *entry)
                .unwrap();
            format!("{} {}", content.event.id, class.word())
        })
        .collect()
}

fn correct(id: &str, target: &Event, action: Action) -> Event {
    let mut event = target.clone();
    event.id = id.into();
    event.work = None;
    event.headers = work::Headers::default();
    event.body = Body::Corrected {
        target_source: target.source.clone(),
        target_id: target.id.clone(),
        target_digest: target.digest(),
        target_kind: target.body.tag(),
        action,
        replacement: None,
        reason: None,
    };
    event
}

#[test]
fn every_entry_has_the_class_of_what_became_of_it() {
    let text = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\nallowance = 100\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n\
         [[component.class]]\nname = \"confirmed\"\nprice = 1\n\
         [[component.class]]\nname = \"assumed\"\nfree = true\n"
    );
    let mut book = Book::new(&plan(&text), "ends = 2026-03-31\n");
    book.story(
        "01-05 confirmed case=a id=counted
         01-05 answered case=b id=free kind=answer
         01-30T12:00 answered case=c id=open kind=answer
         01-06 confirmed case=d id=once
         01-20 reopened case=d id=back
         01-07 verified case=e id=unpriced result=passed check=t
         01-08 confirmed case=f id=contested by=buyer
         01-28 disputed case=f id=dispute by=buyer
         01-09 usage meter=calls quantity=5 id=included
         01-09 usage meter=faxes quantity=5 id=no-meter
         02-05 confirmed case=g id=next-month
         2025-12-30 confirmed case=h id=before
         01-10 usage meter=calls quantity=1 environment=test id=test-usage
         01-10 confirmed case=i environment=test id=test-work
         01-11 assigned seat=A id=no-seats
         01-12 confirmed case=j id=wrong",
    );
    let wrong = event("01-12 confirmed case=j id=wrong");
    book.push(correct("void", &wrong, Action::Void));
    let other = event("01-05 usage meter=calls quantity=9 id=counted");
    book.push(other);
    let never = event("01-05 confirmed case=z id=never-sent");
    book.push(correct("lost", &never, Action::Void));
    assert_eq!(
        classes(&book, "02-01"),
        [
            "counted rated",
            "free rated",
            "open pending(open)",
            "once not_billable(reversed)",
            "back not_billable(reversed)",
            "unpriced pending(no_price)",
            "contested pending(disputed)",
            "dispute pending(disputed)",
            "included rated",
            "no-meter pending(no_price)",
            "next-month pending(unstated)",
            "before pending(no_contract)",
            "test-usage not_billable(excluded)",
            "test-work not_billable(excluded)",
            "no-seats pending(no_price)",
            "wrong not_billable(void)",
            "void not_billable(void)",
            "counted pending(provisional)",
            "lost pending(target)",
        ]
    );
    let done = reconcile(&book.account(), at("02-01")).unwrap();
    assert_eq!(done.counts().values().sum::<u64>(), 19);
    assert_eq!(done.contracts[0].owed, usd("1"));
    assert_eq!(done.contracts[0].unstated, usd("1"));
}

/// What one page calls `not counted: abandoned`, another does not call by another name.
#[test]
fn what_does_not_count_has_the_same_reason_in_the_reconciliation_and_in_its_state() {
    let text = format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n\
         [[component.class]]\nname = \"assumed\"\nprice = 1\n"
    );
    let mut book = Book::new(&plan(&text), "ends = 2026-05-31\n");
    book.story(
        "01-05 asked case=a id=given-up kind=question
         01-05 asked case=b id=credited kind=question
         01-06 disputed case=b id=dispute by=buyer
         01-05 answered case=c id=excluded kind=answer environment=test",
    );
    let account = book.account();
    let states: Vec<String> = account.contracts[0]
        .units
        .iter()
        .map(|unit| unit.state_at(at("05-01")).to_string())
        .collect();
    assert_eq!(
        states,
        [
            "not counted: abandoned",
            "not counted: credited",
            "counted: assumed"
        ]
    );
    assert_eq!(
        classes(&book, "05-01"),
        [
            "given-up not_billable(abandoned)",
            "credited not_billable(credited)",
            "dispute not_billable(credited)",
            "excluded not_billable(excluded)",
        ]
    );
}

#[test]
fn a_correction_has_the_class_of_what_it_made_stand() {
    let mut book = Book::new(&outcome("price = 1"), "");
    let wrong = event("01-05 confirmed case=a id=fact");
    let right = event("01-06 confirmed case=b id=fact");
    book.push(wrong.clone());
    let mut replace = correct("replace", &wrong, Action::Replace);
    if let Body::Corrected { replacement, .. } = &mut replace.body {
        *replacement = Some(Box::new(right));
    }
    book.push(replace);
    let (first, second) = (
        event("01-07 confirmed case=c id=twice"),
        event("01-08 confirmed case=d id=twice"),
    );
    book.push(first);
    book.push(second.clone());
    book.push(correct("choose", &second, Action::Choose));
    assert_eq!(
        classes(&book, "02-01"),
        [
            "fact not_billable(superseded)",
            "replace rated",
            "twice not_billable(superseded)",
            "twice rated",
            "choose rated",
        ]
    );
    assert_eq!(book.draw("02-01").total, usd("2"));
}

#[test]
fn a_period_that_is_not_over_is_provisional_where_only_its_end_can_tell() {
    let volume = "retier_on_reversal = \"no_increase\"\nprice = { volume = [{ up_to = 4, unit = 2 }, { unit = 1 }] }";
    let mut book = Book::new(&outcome(volume), "");
    book.story("01-05 confirmed case=a id=one");
    assert_eq!(classes(&book, "01-20"), ["one pending(provisional)"]);
    assert_eq!(classes(&book, "02-01"), ["one rated"]);
}

#[test]
fn what_the_late_policy_waives_is_not_billable_for_that_reason() {
    let mut book = Book::new(&outcome("price = 1"), "late = { waive_after = \"30d\" }\n");
    for cut in ["02-01", "03-01", "04-01"] {
        book.issue(cut);
    }
    book.story("01-05 confirmed case=a id=late");
    book.issue("05-01");
    assert_eq!(classes(&book, "05-01"), ["late not_billable(waived)"]);
    let done = reconcile(&book.account(), at("05-01")).unwrap();
    let money = &done.contracts[0];
    assert_eq!(
        (money.owed, money.stated, money.waived),
        (usd("1"), usd("0"), usd("1"))
    );
    assert!(money.unstated.is_zero());
}
