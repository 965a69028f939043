//! What was drawn, and what was found of it: the corpus's January, drawn, extended and reviewed.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use corpus::book::{Book, CUSTOMER};
use corpus::story::{self, AGAIN, JANUARY};
use proof::verdicts::{Sample, SampledWork, Tally, Verdict, samples};
use proof::verify::{Options, verify};
use work::body::{Assurance, Audience, Body, Control, Draw, SampleMethod};

/// The corpus with the sample of January by tickets extended to all of its works.
fn extended() -> Book {
    let story::World {
        mut book, january, ..
    } = story::world();
    story::draw(&mut book, january, SampleMethod::BottomK, "all", 40);
    book
}

fn of_january(book: &Book) -> Sample {
    let samples = samples(CUSTOMER, &book.contents, Some(JANUARY)).unwrap();
    samples.into_iter().next().unwrap()
}

fn work<'a>(sample: &'a Sample, name: &'a str) -> &'a SampledWork {
    let mut named = sample.named(name);
    let found = named.next().unwrap_or_else(|| panic!("no {name}"));
    assert!(named.next().is_none(), "two works of the name {name}");
    found
}

fn draw_at(book: &Book, entry: u64) -> &Draw {
    match &book.contents[usize::try_from(entry).unwrap()].event.body {
        Body::Assurance(Assurance::SampleDrawn(draw)) => draw,
        other => panic!("{other:?}"),
    }
}

fn redact(book: &mut Book, id: &str) {
    let redacted = Control::DataRedacted {
        target_source: "desk".into(),
        target_id: id.into(),
        reason: "retention".to_owned(),
        by: "privacy".to_owned(),
        audience: Audience::Shared,
    };
    book.control("2026-03-07T10:00:00Z", redacted);
}

#[test]
fn draws_of_one_method_and_stratum_are_one_sample() {
    let book = extended();
    let all = samples(CUSTOMER, &book.contents, None).unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|own| (own.issued.number.as_str(), own.method, own.drawn.len()))
        .collect();
    assert_eq!(
        told,
        [
            (JANUARY, SampleMethod::BottomK, 2),
            (JANUARY, SampleMethod::Money, 1),
            (AGAIN, SampleMethod::BottomK, 1),
        ]
    );
    let sample = &all[0];
    let (small, large) = (
        draw_at(&book, sample.drawn[0]),
        draw_at(&book, sample.drawn[1]),
    );
    assert_eq!(large.items[..3], small.items);
    assert_eq!(sample.items, large.items);
    assert_eq!(sample.items.len() as u64, sample.population);
    for own in &sample.works {
        let first = small.items.contains(&own.item);
        assert_eq!(own.drawn, sample.drawn[usize::from(!first)], "{own:?}");
    }
    assert_eq!(work(sample, "v01").evidence[0].name, "transcript");
    assert_eq!(work(sample, "v01").units[0].class, "verified");
    // The charges are those of the statement's cells: 1.55 and its share of the modifiers.
    let sum = work(sample, "c00").charge;
    assert!(
        sum.value() > "1.25 USD".parse::<money::Amount>().unwrap().value(),
        "{sum}"
    );
    let by_money = &all[1];
    assert_eq!(by_money.items.len(), 4);
    let report = verify(&book.file(AGAIN), &Options::default());
    assert!(report.is_valid(), "{:?}", report.refusal);
    assert_eq!(report.drawings.len(), 4);
    // February's voided statement has the second value, though nobody drew from it.
    let turn = report.turn.unwrap();
    assert_eq!(
        (turn.number, turn.chain.statements, turn.chain.length),
        (3, 3, 12)
    );
    assert_eq!(report.drawings[2].draw.nonce, Some(book.parties.nonce(3)));
}

#[test]
fn what_is_redacted_behind_the_draw_failed() {
    // The corpus redacts the transcript of v02 behind the first draw, and before the one that extends it.
    let mut book = extended();
    let sample = of_january(&book);
    assert_eq!(work(&sample, "v02").drawn, sample.drawn[0]);
    assert_eq!(work(&sample, "v02").verdict(), Verdict::Redacted);
    assert!(!work(&sample, "v01").is_redacted);
    redact(&mut book, "transcript-a");
    book.story("03-08T10:00 reviewed case=v01 result=accepted");
    let sample = of_january(&book);
    assert_eq!(work(&sample, "v01").verdict(), Verdict::Redacted);
    let tally = sample.tally();
    assert_eq!((tally.redacted, tally.failed), (2, 2));
}

#[test]
fn reviews_behind_the_draw_are_verdicts() {
    let story::World {
        mut book, january, ..
    } = story::world();
    // Before the draw a review says nothing about a sample.
    book.story("03-06T11:00 reviewed case=k01 result=accepted");
    story::draw(&mut book, january, SampleMethod::BottomK, "all", 40);
    let names = ["c00", "c01", "v01", "a02"];
    let before = of_january(&book).tally();
    // v02's transcript was redacted after it was drawn.
    assert_eq!((before.passed, before.failed, before.redacted), (0, 1, 1));
    book.story(
        "03-08T10:00 reviewed case=c00 result=rejected
         03-08T11:00 reviewed case=c00 result=accepted minutes=3
         03-08T10:00 reviewed case=c01 result=accepted
         03-08T10:00 reviewed case=v01 result=edited edit_share=0.2
         03-08T10:00 reviewed case=a02 result=accepted
         03-08T10:00 reviewed case=z01 result=rejected",
    );
    let mut rejected = corpus::book::event("03-08T09:00 reviewed case=c01 result=rejected");
    rejected.authorship = work::event::Authorship::Buyer;
    book.sign(rejected);
    let sample = of_january(&book);
    let verdicts = names.map(|name| work(&sample, name).verdict());
    assert_eq!(
        verdicts,
        [
            Verdict::Passed,   // one side's last word
            Verdict::Rejected, // the seller does not take back what the buyer signed
            Verdict::Edited,
            Verdict::Passed,
        ]
    );
    assert_eq!(work(&sample, "c01").reviews.len(), 2);
    assert!(work(&sample, "c01").reviews[0].is_signed);
    let items = u32::try_from(sample.items.len()).unwrap();
    assert_eq!(
        sample.tally(),
        Tally {
            passed: 3,
            edited: 1,
            failed: 2,
            redacted: 1,
            unreviewed: items - 5,
        }
    );
    // A verdict that was wrong is voided as any other event is.
    let own = book
        .contents
        .iter()
        .rfind(|own| own.event.id.contains("reviewed-case=a02"));
    let target = own.unwrap().event.clone();
    story::correct(
        &mut book,
        "03-09T10:00",
        &target,
        None,
        work::body::Action::Void,
    );
    assert_eq!(
        work(&of_january(&book), "a02").verdict(),
        Verdict::Unreviewed
    );
}

#[test]
fn evidence_that_comes_behind_the_draw_is_marked() {
    let mut book = extended();
    let digest = work::Digest::of(b"made up later");
    book.story(&format!(
        "03-08T10:00 evidence id=late case=v01 name=transcript commitment={digest}"
    ));
    let sample = of_january(&book);
    let evidence = &work(&sample, "v01").evidence;
    let late: Vec<bool> = evidence.iter().map(|own| own.is_late).collect();
    assert_eq!(late, [false, true]);
}
