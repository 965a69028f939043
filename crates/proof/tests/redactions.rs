//! What a sample is worth once somebody deletes what stands behind it.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use corpus::book::Book;
use corpus::story::{self, JANUARY, draw, world};
use proof::verify::{Options, Sampled, verify};
use work::body::{Action, Audience, Control, SampleMethod};

/// Deletes what the transcript of the work v02 committed to.
fn redact(book: &mut Book) {
    book.control(
        "2026-03-03T10:00:00Z",
        Control::DataRedacted {
            target_source: "desk".into(),
            target_id: "transcript-b".into(),
            reason: "retention".to_owned(),
            by: "privacy".to_owned(),
            audience: Audience::Shared,
        },
    );
}

fn sampled(book: &Book) -> Sampled {
    let report = verify(&book.file(JANUARY), &Options::default());
    assert!(report.is_valid(), "{:?}", report.refusal);
    assert_eq!(report.redactions.len(), 1);
    report.samples.into_iter().next().unwrap()
}

#[test]
fn a_payload_redacted_after_the_draw_counts_as_failed() {
    let world = world();
    let mut book = world.book.first(world.january + 1);
    let opened = |own: &work::effective::Content| {
        own.event
            .headers
            .get(work::Header::Case)
            .is_some_and(|own| own == "v02")
    };
    let item = book.contents.iter().find(|own| opened(own)).unwrap().entry;
    draw(
        &mut book,
        world.january,
        SampleMethod::BottomK,
        "all",
        2_000,
    );
    redact(&mut book);
    let own = sampled(&book);
    assert!(own.items.len() > 5 && own.items.contains(&item), "{own:?}");
    assert_eq!(own.failed, [item]);
}

/// What was deleted before anybody drew is known to be gone, and no answer to the draw.
#[test]
fn a_payload_redacted_before_the_draw_does_not() {
    let world = world();
    let mut book = world.book.first(world.january + 1);
    redact(&mut book);
    draw(
        &mut book,
        world.january,
        SampleMethod::BottomK,
        "all",
        2_000,
    );
    assert_eq!(sampled(&book).failed, [0; 0]);
}

/// Evidence that came after the statement stands behind its works as well, once it is there before the draw.
#[test]
fn evidence_that_came_between_statement_and_draw_may_not_go_after_it() {
    let world = world();
    let item = |book: &Book| {
        let mut log = book.contents.iter();
        let opened = log.find(|own| {
            own.event
                .headers
                .get(work::Header::Case)
                .is_some_and(|own| own == "v01")
        });
        opened.unwrap().entry
    };
    let failed = |case: &str, evidence_first: bool, is_voided: bool| {
        let mut book = world.book.first(world.january + 1);
        let all = SampleMethod::BottomK;
        let draw_all = |book: &mut Book| draw(book, world.january, all, "all", 2_000);
        if !evidence_first {
            draw_all(&mut book);
        }
        story::evidence(&mut book, "03-01T10:00", "later", case, b"what it said");
        let own = book.contents.last().unwrap().event.clone();
        if is_voided {
            story::correct(&mut book, "2026-03-01T11:00:00Z", &own, None, Action::Void);
        }
        if evidence_first {
            draw_all(&mut book);
        }
        book.control(
            "2026-03-03T10:00:00Z",
            Control::DataRedacted {
                target_source: own.source,
                target_id: own.id,
                reason: "retention".to_owned(),
                by: "privacy".to_owned(),
                audience: Audience::Shared,
            },
        );
        (sampled(&book).failed, item(&book))
    };
    let (own, item) = failed("v01", true, false);
    assert_eq!(own, [item]);
    assert_eq!(failed("nobody", true, false).0, [0; 0], "of another work");
    assert_eq!(
        failed("v01", false, false).0,
        [0; 0],
        "not there at the draw"
    );
    assert_eq!(
        failed("v01", true, true).0,
        [0; 0],
        "it stood for nothing at the draw"
    );
}
