//! Two definitions over the same facts: which works count under one and not under the other.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use piecework_work as work;
use proptest::prelude::*;
use work::compare::{Comparison, Difference, compare};
use work::definition::Timeline;
use work::effective::Fact;
use work::settle::inherit_headers;
use work::{Definition, Event};

fn example(name: &str) -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/definitions")
        .join(name);
    Definition::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The events, one a line: hours from the start, conversation, issue, kind, its `kind` or `reason`.
fn facts(story: &[(i64, &str, &str, &str, &str)]) -> Vec<Fact> {
    let start: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let mut facts: Vec<Fact> = (0u64..)
        .zip(story)
        .map(|(entry, (hours, conversation, issue, kind, word))| {
            let time = start + SignedDuration::from_hours(*hours);
            let member = match (*kind, *word) {
                (_, "") => String::new(),
                ("closed", reason) => format!(r#","reason":"{reason}""#),
                (_, kind) => format!(r#","kind":"{kind}""#),
            };
            let event = Event::parse(&format!(
                r#"{{"specversion":"1.0","id":"{entry:03}","source":"desk","subject":"acme","time":"{time}",
                "type":"piecework.work.{kind}.v1","workid":"{conversation}-{issue}",
                "data":{{"conversation":"{conversation}","issue":"{issue}"{member}}}}}"#
            ))
            .unwrap();
            Fact { entry, event, corrected_by: None }
        })
        .collect();
    inherit_headers(&mut facts);
    facts
}

fn compared(left: &str, right: &str, facts: &[Fact]) -> Comparison {
    let (left, right) = (example(left), example(right));
    let (left, right) = (
        Timeline::of(&left, TimeZone::UTC),
        Timeline::of(&right, TimeZone::UTC),
    );
    compare(&left, &right, facts, Timestamp::MAX).unwrap()
}

/// The opposite rules of peers.md: Fin takes a resolution back when the customer returns, simple-chat
/// begins another billable segment.
#[test]
fn a_reopening_is_a_reversal_for_one_and_a_new_unit_for_the_other() {
    let facts = facts(&[
        (0, "stays", "1", "asked", "question"),
        (1, "stays", "1", "answered", "answer"),
        (2, "stays", "1", "closed", "resolved"),
        (0, "returns", "1", "asked", "question"),
        (1, "returns", "1", "answered", "answer"),
        (2, "returns", "1", "closed", "resolved"),
        (90, "returns", "1", "reopened", ""),
        (91, "returns", "1", "answered", "answer"),
        (92, "returns", "1", "closed", "resolved"),
        (0, "open", "1", "asked", "question"),
        (1, "open", "1", "answered", "answer"),
    ]);
    let comparison = compared("fin.toml", "simple-chat.toml", &facts);
    let net = |totals: &std::collections::BTreeMap<work::SmolStr, money::Quantity>, class: &str| {
        totals.get(class).map(ToString::to_string)
    };
    // Fin: stays, returns (once, after its second answer), open. simple-chat: stays, returns twice.
    assert_eq!(net(&comparison.left, "assumed").as_deref(), Some("3"));
    assert_eq!(net(&comparison.right, "segment").as_deref(), Some("3"));
    let told: Vec<(String, Difference, usize, usize)> = comparison
        .rows
        .iter()
        .map(|row| {
            (
                row.works.join(" "),
                row.difference(),
                row.left.units.len(),
                row.right.units.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("open-1".to_owned(), Difference::OnlyLeft, 1, 1),
            ("returns-1".to_owned(), Difference::Class, 1, 2),
            ("stays-1".to_owned(), Difference::Class, 1, 1),
        ]
    );
}

/// One definition counts the thread, the other every issue in it: one row, two quantities.
#[test]
fn units_of_other_sizes_meet_in_one_row() {
    let facts = facts(&[
        (0, "thread", "delivery", "asked", "question"),
        (1, "thread", "delivery", "answered", "answer"),
        (2, "thread", "delivery", "closed", "resolved"),
        (3, "thread", "invoice", "asked", "question"),
        (4, "thread", "invoice", "answered", "answer"),
        (5, "thread", "invoice", "closed", "resolved"),
    ]);
    let comparison = compared("decagon.toml", "hubspot.toml", &facts);
    assert_eq!(comparison.rows.len(), 1);
    let row = &comparison.rows[0];
    assert_eq!(row.works, ["thread-delivery", "thread-invoice"]);
    assert_eq!((row.left.units.len(), row.right.units.len()), (1, 2));
    assert_eq!(row.right.counted["resolved"].to_string(), "2");
    assert_eq!(comparison.differences().count(), 1);
}

fn story()
-> impl Strategy<Value = Vec<(i64, &'static str, &'static str, &'static str, &'static str)>> {
    let fact = (
        0i64..400,
        proptest::sample::select(vec!["a", "b", "c"]),
        proptest::sample::select(vec!["1", "2"]),
        proptest::sample::select(vec![
            ("asked", "question"),
            ("asked", "thanks"),
            ("answered", "answer"),
            ("answered", "greeting"),
            ("closed", "resolved"),
            ("human_replied", ""),
            ("reopened", ""),
        ]),
    )
        .prop_map(|(hours, conversation, issue, (kind, word))| {
            (hours, conversation, issue, kind, word)
        });
    prop::collection::vec(fact, 1..30)
}

proptest! {
    /// A definition agrees with itself; exchanging the sides exchanges the answer; no unit is lost and
    /// none stands twice.
    #[test]
    fn comparing_is_symmetric_and_complete(story in story()) {
        let facts = facts(&story);
        let (a, b) = ("fin.toml", "hubspot.toml");
        prop_assert_eq!(compared(a, a, &facts).differences().count(), 0);
        let (forth, back) = (compared(a, b, &facts), compared(b, a, &facts));
        prop_assert_eq!(&forth.left, &back.right);
        prop_assert_eq!(&forth.right, &back.left);
        prop_assert_eq!(forth.rows.len(), back.rows.len());
        for (row, mirrored) in forth.rows.iter().zip(&back.rows) {
            prop_assert_eq!(&row.works, &mirrored.works);
            prop_assert_eq!(&row.left, &mirrored.right);
            prop_assert_eq!(&row.right, &mirrored.left);
        }
        let mut units: Vec<_> = forth.rows.iter().flat_map(|row| &row.left.units).collect();
        let count = units.len();
        units.sort();
        units.dedup();
        prop_assert_eq!(units.len(), count);
        let conversations: std::collections::BTreeSet<_> = story.iter().map(|fact| fact.1).collect();
        prop_assert_eq!(count, conversations.len());
    }
}
