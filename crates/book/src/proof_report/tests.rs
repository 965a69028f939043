//! The report of a log written by hand: every number can be counted on the lines below.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use jiff::Timestamp;
use pages::view::{Listed, ProofReport};
use pricing::account::Account;
use pricing::statement::{Issue, draw_up, issue_id};
use proof::Entry;
use proof::carry::LogEntry;
use work::body::{Assurance, Audience, Body, Control, DocumentKind, Draw, SampleMethod};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Digest, Event, Headers};

use super::{Prefix, proof_report};

const DEFINITION: &str = include_str!("../../../../examples/definitions/fin.toml");
const UNIT: &str = "support.fin_outcome";
const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"1\"\n";

fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00Z").parse().unwrap()
}

#[derive(Default)]
struct Log(Vec<LogEntry>);

impl Log {
    fn push(&mut self, event: Event) -> u64 {
        let index = self.0.len() as u64;
        self.0.push(LogEntry {
            index,
            entry: Entry {
                received_at: event.time,
                conflict: false,
                event,
            },
        });
        index
    }

    fn body(&mut self, id: &str, time: &str, body: Body) -> u64 {
        self.push(Event {
            id: id.into(),
            source: PIECEWORK.into(),
            customer: "acme".into(),
            time: at(time),
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body,
        })
    }

    fn publish(&mut self, document: DocumentKind, text: &str) -> Digest {
        let digest = Digest::of(text.as_bytes());
        let control = Control::DocumentPublished {
            document,
            text: text.to_owned(),
            audience: Audience::Shared,
            by: "finance".to_owned(),
        };
        self.body(&digest.to_string(), "01-01T00:00", Body::Control(control));
        digest
    }

    /// A fact of a work.
    fn fact(&mut self, work: &str, time: &str, kind: &str, by: &str, data: &str) -> u64 {
        let text = format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{work}/{kind}/{time}\",\"source\":\"desk\",\"type\":\"piecework.{kind}.v1\",\
             \"subject\":\"acme\",\"time\":\"{}\",\"workid\":\"{work}\",\"authorship\":\"{by}\",\
             \"data\":{{\"conversation\":\"{work}\"{data}}}}}",
            at(time)
        );
        self.push(Event::parse(&text).unwrap())
    }

    fn contents(&self) -> Vec<Content> {
        self.0.iter().map(LogEntry::content).collect()
    }

    /// Issues January's statement.
    fn issue(&mut self) {
        let contents = self.contents();
        let cut = at("02-01T00:00");
        let statement = draw_up("acme", &contents, None, "acme-2026", cut).unwrap();
        let entries = statement.issue(&Issue {
            number: "acme-0001",
            coverage: Account::fold("acme", contents, None).coverage,
            carry: Digest::of(b"a carry"),
            at: at("02-02T00:00"),
            by: "finance",
        });
        for entry in entries.unwrap() {
            self.push(entry);
        }
    }

    fn draw(&mut self, statement: &str, items: Vec<u64>) -> u64 {
        let draw = Draw {
            sample: "s1".to_owned(),
            statement: statement.to_owned(),
            method: SampleMethod::Money,
            stratum: "all".to_owned(),
            size: 3,
            nonce: None,
            seed: Digest::of(b"a seed"),
            items,
            by: "audit".to_owned(),
        };
        let id = format!("sample/{statement}");
        self.body(
            &id,
            "02-03T00:00",
            Body::Assurance(Assurance::SampleDrawn(draw)),
        )
    }

    fn report(&self) -> ProofReport {
        proof_report(Prefix {
            customer: "acme".to_owned(),
            number: "acme-0001".to_owned(),
            origin: "vendor.example/log/8f3a".to_owned(),
            vkey: "a key".to_owned(),
            entries: self.0.clone(),
        })
        .unwrap()
    }
}

/// Four works: A confirmed by the buyer, B by silence, C handed to a person, D answered too late to
/// count in January.
fn january() -> (Log, [u64; 4]) {
    let mut log = Log::default();
    let plan = log.publish(DocumentKind::Plan, PLAN);
    let definition = log.publish(DocumentKind::Definition, DEFINITION);
    let document = log.publish(
        DocumentKind::Contract,
        &format!(
            "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{plan}\"\ndefinitions = [\"{definition}\"]\n\
             currency = \"USD\"\nstarts = 2026-01-01\ntime_zone = \"UTC\"\n"
        ),
    );
    let signed = Control::ContractSigned {
        contract: "acme-2026".to_owned(),
        document,
        by: "buyer".to_owned(),
    };
    log.body("signed", "01-01T00:00", Body::Control(signed));
    let answer = ",\"kind\":\"answer\"";
    let works = [
        ("A", "01-05T09:00"),
        ("B", "01-05T10:00"),
        ("C", "01-14T09:00"),
        ("D", "01-31T23:00"),
    ]
    .map(|(work, time)| log.fact(work, time, "work.answered", "seller", answer));
    log.fact("A", "01-05T11:00", "work.confirmed", "buyer", "");
    log.fact("C", "01-14T10:00", "work.escalated", "seller", "");
    log.issue();
    (log, works)
}

fn listed(entries: &[u64]) -> Listed {
    Listed {
        count: entries.len() as u64,
        entries: entries.to_vec(),
    }
}

#[test]
fn works_are_counted_as_the_statement_knew_them_and_as_the_log_does() {
    let (mut log, [a, b, c, d]) = january();
    log.fact("B", "02-03T09:00", "work.reopened", "buyer", "");
    let report = log.report();
    let states: Vec<_> = report
        .works
        .iter()
        .map(|own| (own.state.as_str(), &own.stated, &own.now))
        .collect();
    let none = listed(&[]);
    assert_eq!(
        states,
        [
            ("counted: assumed", &listed(&[b]), &listed(&[d])),
            ("counted: confirmed", &listed(&[a]), &listed(&[a])),
            ("pending", &listed(&[c, d]), &listed(&[c])),
            ("reversed", &none, &listed(&[b])),
        ]
    );
    assert_eq!(report.works[0].unit, UNIT);
    let weeks: Vec<(&str, u64)> = report
        .weeks
        .iter()
        .map(|own| {
            (
                own.from.as_str(),
                own.counted.iter().map(|part| part.count).sum(),
            )
        })
        .collect();
    // January 2026 begins on a Thursday; A and B count on the 5th and 6th.
    assert_eq!(
        weeks,
        [
            ("2026-01-01", 0),
            ("2026-01-05", 2),
            ("2026-01-12", 0),
            ("2026-01-19", 0),
            ("2026-01-26", 0)
        ]
    );
}

#[test]
fn rates_have_both_counts_and_nothing_of_nothing_is_no_rate() {
    let (mut log, [a, _, c, d]) = january();
    let reopened = log.fact("B", "02-03T09:00", "work.reopened", "buyer", "");
    let report = log.report();
    let rate = |part: &str, of: &str| {
        let found = report
            .rates
            .iter()
            .find(|own| own.part == part && own.of == of);
        let own = found.unwrap_or_else(|| panic!("{part} of {of}"));
        (
            own.found.clone(),
            own.whole,
            own.share.map(|share| share.to_string()),
        )
    };
    let half = || Some("0.5".to_owned());
    let quarter = || Some("0.25".to_owned());
    assert_eq!(rate("counted", "works"), (listed(&[a, d]), 4, half()));
    let confirmed = rate(
        "confirmed or verified by the buyer or a third party",
        "counted works",
    );
    assert_eq!(confirmed, (listed(&[8]), 2, half()));
    assert_eq!(
        rate("reopened", "works"),
        (listed(&[reopened]), 4, quarter())
    );
    assert_eq!(
        rate("escalated to a person", "works"),
        (listed(&[9]), 4, quarter())
    );
    assert_eq!(
        rate("accepted by a reviewer", "reviewed works"),
        (listed(&[]), 0, None)
    );
    assert_eq!(
        rate("overridden by a person", "works that a person saw"),
        (listed(&[]), 1, Some("0".to_owned()))
    );
    assert!(c < 8 && log.0[8].event().body.tag() == work::body::Kind::Confirmed);
}

#[test]
fn a_sample_has_the_last_verdict_since_its_draw() {
    let (mut log, [a, b, ..]) = january();
    assert_eq!(log.report().samples, []);
    let review = |log: &mut Log, work: &str, time: &str, result: &str| {
        log.fact(
            work,
            time,
            "review.recorded",
            "buyer",
            &format!(",\"result\":\"{result}\""),
        )
    };
    review(&mut log, "B", "02-02T09:00", "accepted");
    // By money a work may be drawn twice; it is one work all the same.
    let entry = log.draw("acme-0001", vec![b, a, b]);
    log.draw("another", vec![a]);
    let sample = |log: &Log| {
        let samples = log.report().samples;
        assert_eq!(samples.len(), 1);
        samples.into_iter().next().unwrap()
    };
    let drawn = sample(&log);
    assert_eq!((drawn.entry, drawn.works, drawn.unreviewed), (entry, 2, 2));
    assert!(!drawn.by_buyers_nonce);
    review(&mut log, "A", "02-04T09:00", "accepted");
    let last = review(&mut log, "A", "02-05T09:00", "rejected");
    let drawn = sample(&log);
    assert_eq!(drawn.verdicts, [("rejected".to_owned(), listed(&[last]))]);
    assert_eq!(drawn.unreviewed, 1);
}

#[test]
fn disputes_are_told_with_what_became_of_them() {
    let (mut log, _) = january();
    let raised = log.fact("A", "02-02T09:00", "work.disputed", "buyer", "");
    let open = log.report().disputes;
    assert_eq!((open.total, open.shown[0].entry), (1, raised));
    assert!(
        open.shown[0]
            .outcome
            .starts_with("open; if nobody decides by")
    );
    let decided = log.fact(
        "A",
        "02-03T09:00",
        "work.dispute_decided",
        "seller",
        ",\"verdict\":\"stands\"",
    );
    let closed = log.report().disputes;
    assert_eq!(closed.shown[0].decided_by, Some(decided));
    assert!(closed.shown[0].outcome.starts_with("the charge stands"));
}

#[test]
fn the_same_prefix_gives_the_same_page_and_another_does_not() {
    let (mut log, _) = january();
    let page = |log: &Log| pages::proof_report_page(&log.report());
    let first = page(&log);
    assert_eq!(page(&log), first);
    log.fact("B", "02-03T09:00", "work.reopened", "buyer", "");
    assert_ne!(page(&log), first);
    let id = issue_id("acme-0001");
    assert!(log.0.iter().any(|own| own.event().id == id));
    // A log that does not give its statement has no report.
    let work = log
        .0
        .iter()
        .position(|own| own.event().id.starts_with("A/"))
        .unwrap();
    log.0[work].entry.event.time = at("03-05T09:00");
    let faulty = proof_report(Prefix {
        customer: "acme".to_owned(),
        number: "acme-0001".to_owned(),
        origin: String::new(),
        vkey: String::new(),
        entries: log.0.clone(),
    });
    let fault = faulty.unwrap_err().to_string();
    assert!(fault.contains("as it was issued"), "{fault}");
}
