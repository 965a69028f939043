//! semantics.md L1: a statement recomputed from the last one's carry and the entries since has the
//! bytes of the one computed from the whole log.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

extern crate pricing as piecework_pricing;

#[path = "../../pricing/tests/support/many.rs"]
mod many;
#[path = "../../pricing/tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::convert::Infallible;

use many::{Reached, many};
use pricing::statement::{Statement, draw_looking_back};
use proof::Entry;
use proof::carry::{Carry, LogEntry, ResumeError, Resumed, seal, seal_whole};
use proptest::prelude::*;
use support::*;
use tlog::Frontier;
use work::effective::Content;
use work::{Event, Json};

const CUTS: [&str; 6] = ["02-01", "03-01", "04-01", "05-01", "06-01", "07-01"];

fn entry(content: &Content) -> LogEntry {
    LogEntry {
        index: content.entry,
        entry: Entry {
            received_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            conflict: false,
            event: content.event.clone(),
        },
    }
}

fn log(book: &Book) -> Vec<LogEntry> {
    book.contents.iter().map(entry).collect()
}

fn frontier(entries: &[LogEntry]) -> Frontier {
    let mut frontier = Frontier::default();
    for entry in entries {
        frontier.push_leaf_hash(entry.leaf()).unwrap();
    }
    frontier
}

fn draw(log: &Resumed, coverage: u64, cut: &str) -> Statement {
    let now = log.account(coverage);
    draw_looking_back(&now, CONTRACT, at(cut), |until| log.account(until)).unwrap()
}

fn since(carry: &Carry, all: &[LogEntry]) -> Vec<LogEntry> {
    all[usize::try_from(carry.coverage()).unwrap()..].to_vec()
}

fn brought(carry: &Carry, all: &[LogEntry]) -> Vec<LogEntry> {
    let fetch = |index: u64| Ok::<_, Infallible>(all[usize::try_from(index).unwrap()].clone());
    carry.touched(&since(carry, all), fetch).unwrap()
}

/// Goes on from a carry, the way a verifier does.
fn resume(carry: &Carry, all: &[LogEntry]) -> Result<Resumed, ResumeError> {
    carry.clone().resume(brought(carry, all), since(carry, all))
}

/// Draws up the statement of a cut both ways and compares; then issues it. Returns the carry.
fn close(book: &mut Book, carry: Option<&Carry>, cut: &str) -> Carry {
    let all = log(book);
    let coverage = all.len() as u64;
    let whole = Resumed::from_genesis(CUSTOMER, all.clone());
    let whole_statement = draw(&whole, coverage, cut);
    let expected = whole_statement.body();
    let next = seal(&whole, &whole.account(coverage), frontier(&all), at(cut));
    // Where leaf hashes are known, only the entries that are kept are asked for.
    let leaf = |index: u64| Some(all[usize::try_from(index).unwrap()].leaf());
    let fetch = |wanted: &BTreeSet<u64>| {
        let all = all.iter().filter(|entry| wanted.contains(&entry.index));
        Ok::<_, Infallible>(all.cloned().collect())
    };
    let account = whole.account(coverage);
    let lean = seal_whole(&account, leaf, fetch, frontier(&all), at(cut), 2).unwrap();
    assert_eq!(lean, next, "{cut}");
    if let Some(carry) = carry {
        let resumed = resume(carry, &all).unwrap();
        let statement = draw(&resumed, coverage, cut);
        assert_eq!(statement.body(), expected, "{cut}");
        assert_eq!(statement.cells, whole_statement.cells, "{cut}");
        let again = seal(
            &resumed,
            &resumed.account(coverage),
            frontier(&all),
            at(cut),
        );
        assert_eq!(again.to_text(), next.to_text(), "{cut}");
    }
    for line in next.to_text().lines() {
        assert_eq!(Json::parse(line).unwrap().to_canonical(), line);
    }
    assert_eq!(Carry::from_text(&next.to_text()).unwrap(), next);
    assert_eq!(book.issue(cut).body(), expected);
    next
}

fn plans() -> Vec<(String, &'static str)> {
    let hybrid = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = \"20\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nallowance = 7\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 2\ndiscount_percent = 5\n\
         [[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n\
         [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {{ graduated = [{{ up_to = 3, unit = \"0.333\", flat = 1 }}, {{ unit = \"0.25\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
         [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = \"0.05\"\n\
         [totals]\ndiscount_percent = 10\ncap = 120\nminimum = 60\n"
    );
    let volume = "retier_on_reversal = \"no_increase\"\nminimum = 4\nprice = { volume = [{ up_to = 4, unit = 2, flat = 1 }, { unit = \"0.7\" }] }";
    vec![
        (plan(&hybrid), ""),
        (outcome(volume), ""),
        (outcome("every = \"quarter\"\nprice = \"0.333\""), ""),
        (
            outcome("price = \"0.333\""),
            "late = { waive_after = \"40d\" }\n",
        ),
    ]
}

fn a_line(months: u32, cases: u32) -> impl Strategy<Value = String> {
    let when = (1..=months, 1u32..=28, 0u32..24);
    (when, 0..cases, 0usize..11, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        match kind {
            0..3 => format!("{time} answered case=c{case} kind=answer confidence=0.{amount}"),
            3 | 4 => format!("{time} confirmed case=c{case} by=buyer"),
            5 => format!("{time} verified case=c{case} result=passed check=tests by=third_party"),
            6 => format!("{time} reopened case=c{case} by=buyer"),
            7 => format!("{time} disputed case=c{case} by=buyer"),
            8 => format!("{time} usage meter=calls quantity={amount}"),
            9 => format!("{time} assigned seat=s{}", case % 3),
            _ => format!("{time} released seat=s{}", case % 3),
        }
    })
}

/// The lines as events; some also name a work, so that scopes link through works.
fn events(lines: &[String]) -> Vec<Event> {
    let numbered = lines.iter().enumerate();
    let event = |(number, line): (usize, &String)| {
        let mut own = event(&format!("{line} id=e{number}"));
        if number % 3 == 0 {
            let work = format!("w{}", number % 7);
            own.headers.set(work::Header::Work, &work);
            own.work = Some(work.into());
        }
        own
    };
    numbered.map(event).collect()
}

/// What voids an event.
fn void(id: &str, target: &Event) -> Event {
    Event::parse(&format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.event.corrected.v1","subject":"{CUSTOMER}","time":"2026-06-30T00:00:00Z","data":{{"action":"void","target":{{"source":"{}","id":"{}","digest":"{}","type":"{}"}}}}}}"#,
        target.source,
        target.id,
        target.digest(),
        target.body.kind(),
    ))
    .unwrap()
}

/// What happens, how late it is known, and what is done to it.
#[derive(Debug, Clone)]
struct Story {
    lines: Vec<(String, usize)>,
    voided: Option<usize>,
    again: Option<(usize, usize)>,
    which: usize,
    grants: Vec<(u32, Option<u32>, usize)>,
}

fn story(months: usize, cases: u32, events: usize) -> impl Strategy<Value = Story> {
    let line = a_line(u32::try_from(months).unwrap(), cases);
    (
        prop::collection::vec((line, 0usize..4), 1..events),
        prop::option::of(0..events),
        prop::option::of((0..events, 1..months)),
        0usize..4,
        prop::collection::vec((1u32..9, prop::option::of(1u32..180), 0..months), 0..4),
    )
        .prop_map(|(lines, voided, again, which, grants)| Story {
            lines,
            voided,
            again,
            which,
            grants,
        })
}

/// Every month's statement from the last one's carry has the bytes of the one from the whole log.
fn from_the_carry(cuts: &[&str], story: &Story, reached: &Reached) {
    let (plan, terms) = &plans()[story.which];
    let mut book = Book::new(plan, terms);
    let lines: Vec<String> = story.lines.iter().map(|(line, _)| line.clone()).collect();
    let events = events(&lines);
    let last = cuts.len() - 1;
    let mut carry: Option<Carry> = None;
    for (number, cut) in cuts.iter().enumerate() {
        for (event, (_, arrival)) in events.iter().zip(&story.lines) {
            let on_time = cuts.iter().position(|cut| event.time < at(cut));
            let on_time = on_time.unwrap_or(last);
            if (on_time + arrival).min(last) == number {
                reached.when("a late fact", number > on_time);
                book.push(event.clone());
            }
        }
        for (place, (amount, days, known)) in story.grants.iter().enumerate() {
            if *known == number {
                let start = at("01-01");
                let hours = days.map(|days| jiff::SignedDuration::from_hours(24 * i64::from(days)));
                book.grant(
                    "2025-12-21",
                    &format!("g{place}"),
                    &amount.to_string(),
                    |own| {
                        own.starts = Some(start);
                        own.expires = hours.map(|hours| start + hours);
                        own.priority = amount % 3;
                    },
                );
            }
        }
        if number + 2 == cuts.len()
            && let Some(target) = story.voided.and_then(|own| events.get(own))
        {
            reached.when("an event voided", true);
            book.push(void("undo", target));
        }
        if let Some((own, when)) = story.again
            && when == number
            && let Some(first) = events.get(own)
        {
            // The same identity once more with another content: a conflict.
            reached.when("a conflict", true);
            let time = first
                .time
                .checked_add(jiff::SignedDuration::from_hours(1))
                .unwrap();
            book.push(Event {
                time,
                ..first.clone()
            });
        }
        if let Some(carry) = &carry {
            let all = log(&book);
            reached.when("works carried", !carry.groups.is_empty());
            reached.when("works brought back", !brought(carry, &all).is_empty());
        }
        carry = Some(close(&mut book, carry.as_ref(), cut));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn l1_a_statement_from_the_carry_has_the_bytes_of_one_from_the_whole_log(story in story(6, 30, 60)) {
        from_the_carry(&CUTS, &story, &Reached::default());
    }
}

#[test]
fn slow_l1_a_statement_from_the_carry_has_the_bytes_of_one_from_the_whole_log() {
    let boundaries = [
        ("a late fact", 5_000),
        ("an event voided", 2_000),
        ("a conflict", 1_000),
        ("works carried", 3_000),
        ("works brought back", 500),
    ];
    many(&story(3, 4, 10), &boundaries, |story, reached| {
        from_the_carry(&CUTS[..3], &story, reached);
        Ok(())
    });
}

fn settled_book() -> (Book, Carry) {
    let mut book = Book::new(&outcome("price = \"0.99\""), "");
    for case in ["c1", "c2"] {
        book.story(&format!(
            "01-05T09:00 answered case={case} kind=answer confidence=0.9\n\
             01-05T10:00 confirmed case={case} by=buyer"
        ));
    }
    book.story("01-30T09:00 answered case=c3 kind=answer confidence=0.9");
    let carry = close(&mut book, None, "02-01");
    (book, carry)
}

#[test]
fn settled_works_are_carried_and_open_ones_are_kept() {
    let (_, carry) = settled_book();
    assert_eq!(carry.groups.len(), 2);
    let kept = carry.kept.iter();
    let open = kept.filter(|own| own.event().body.tag().is_about_work());
    assert_eq!(open.count(), 1, "case c3 runs until the silence is over");
    assert_eq!(carry.to_text().lines().count(), 1 + 2 + carry.kept.len());
}

#[test]
fn a_late_reopening_brings_the_works_own_entries_back() {
    let (mut book, carry) = settled_book();
    book.story("02-03T09:00 reopened case=c1 by=buyer");
    let all = log(&book);
    let (since, brought) = (since(&carry, &all), brought(&carry, &all));
    assert_eq!(brought.len(), 2);

    // Left out, or in part, or altered, or more than that: each is seen.
    let resumed = |brought: &[LogEntry]| carry.clone().resume(brought.to_vec(), since.clone());
    let without = resumed(&[]);
    assert!(
        matches!(without, Err(ResumeError::Missing { .. })),
        "{without:?}"
    );
    let part = resumed(&brought[..1]);
    assert!(matches!(part, Err(ResumeError::Missing { .. })), "{part:?}");
    let mut altered = brought.clone();
    altered[0].entry.received_at = "2026-01-02T00:00:00Z".parse().unwrap();
    let altered = resumed(&altered);
    assert!(
        matches!(altered, Err(ResumeError::NotTheGroup { .. })),
        "{altered:?}"
    );
    let mut stray = brought.clone();
    stray.push(brought[1].clone());
    let twice = resumed(&stray);
    assert!(matches!(twice, Err(ResumeError::Stray { .. })), "{twice:?}");
    stray[2] = carry.kept[0].clone();
    let stray = resumed(&stray);
    assert!(matches!(stray, Err(ResumeError::Stray { .. })), "{stray:?}");
    assert_eq!(resumed(&brought).unwrap().groups.len(), 1);
}

#[test]
fn an_amendment_behind_the_cut_needs_the_whole_log() {
    let (mut book, carry) = settled_book();
    let dearer = outcome("price = \"1.99\"");
    book.amend("01-10", &dearer, &definition("", ""), "", true);
    let outcome = resume(&carry, &log(&book));
    assert!(
        matches!(outcome, Err(ResumeError::BackDated { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_text_that_would_not_have_been_written_is_refused() {
    let (_, carry) = settled_book();
    let text = carry.to_text();
    let last = text.lines().last().unwrap();
    for (broken, why) in [
        (String::new(), "empty"),
        (text[..text.len() - 1].to_owned(), "no last line feed"),
        (text.replacen("{\"carry", "{ \"carry", 1), "white space"),
        (
            text.replacen("\"state\":\"counted\"", "\"state\":\"reversed\"", 1),
            "a state that does not fit",
        ),
        (text.replacen("carry/v1", "carry/v2", 1), "another format"),
        (format!("{text}{{}}\n"), "a line of nothing"),
        (format!("{text}{last}\n"), "a line twice"),
        (
            text.replacen(&format!("{last}\n"), "", 1),
            "a line left out",
        ),
    ] {
        assert_ne!(broken, text, "{why}");
        assert!(Carry::from_text(&broken).is_err(), "{why}");
    }
}
