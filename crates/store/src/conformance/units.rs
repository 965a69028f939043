//! What the settled units must be: what settling the whole log from nothing gives, however the facts
//! came.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use work::body::Kind;
use work::definition::Timeline;
use work::effective::{Content, resolve};
use work::settle::{Unit, inherit_headers, scopes, settle};
use work::{Definition, Digest, Event, LogKind, SmolStr};

use super::{append, correction, done, event};
use crate::{
    ContractProblem, DefaultDocuments, ScopeId, SettledSince, SettledUnit, Store, UnitsOf,
};

/// The text of a definition for tests, with these key headers (quoted, between commas), this split
/// (quoted) and this quiet span.
#[must_use]
pub fn definition(id: &str, key: &str, split: &str, quiet: &str) -> String {
    // Where a reopening splits, it belongs to the next unit and takes nothing back.
    let after = if split == "\"reopen\"" {
        "rejected"
    } else {
        "reopened"
    };
    format!(
        r#"
id = "{id}"
question = "Was it done?"
owner = "owner@vendor.example"
one_per = {{ key = [{key}], split = {split} }}
only = "environment != test"
abandon_after = "10d"
upgrade_within = "5d"
[[counts]]
class = "verified"
when = "all(answered where kind = answer, verified where result = passed)"
[[counts]]
class = "confirmed"
when = "all(answered where kind = answer, confirmed)"
[[counts]]
class = "assumed"
when = "all(answered where kind = answer, quiet({quiet}, last answered), not(escalated))"
[[after]]
on = "{after}"
within = "30d"
then = "reverse"
[evidence]
expected = ["transcript"]
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "reply withdrawn"
window = "30d"
approver = "lead@vendor.example"
[attribution]
controls = ["answer"]
decided_by = "customer"
counterfactual = "assumed"
"#
    )
}

fn contract(customer: &str, id: &str, definitions: &[&str], more: &str) -> String {
    let digests: Vec<String> = definitions
        .iter()
        .map(|text| format!("\"{}\"", Digest::of(text.as_bytes())))
        .collect();
    format!(
        r#"
id = "{id}"
customer = "{customer}"
plan = "{}"
definitions = [{}]
time_zone = "UTC"
anchor_day = 1
currency = "USD"
{more}
"#,
        Digest::of(b"a plan"),
        digests.join(", ")
    )
}

/// Numbers that look random and are always the same.
pub struct Draw(pub u64);

impl Draw {
    /// The next number below a bound, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The remainder is below `bound`, which is a usize.
        usize::try_from(self.0 % bound as u64).unwrap_or(0)
    }
}

/// A feed in which everything happens that can move a fact from one scope to another: headers that
/// only some facts of a work carry, further contents, corrections and corrections of these.
#[must_use]
pub fn feed(customer: &str, count: usize, draw: &mut Draw) -> Vec<Event> {
    let kinds = [
        (Kind::Opened, ""),
        (Kind::Asked, r#""kind":"question""#),
        (Kind::Answered, r#""kind":"answer""#),
        (Kind::Confirmed, ""),
        (Kind::Verified, r#""result":"passed","check":"suite""#),
        (Kind::Escalated, ""),
        (Kind::Reopened, ""),
        (Kind::Rejected, ""),
        (Kind::Closed, ""),
        (Kind::Usage, r#""meter":"pages","quantity":"1""#),
    ];
    let mut events: Vec<Event> = Vec::new();
    for number in 0..count {
        let fact = |draw: &mut Draw, id: &str| {
            let (kind, own) = kinds[draw.below(kinds.len())];
            let mut data: Vec<String> = Vec::new();
            for (header, values) in [("case", 6), ("user", 3), ("channel", 2), ("language", 2)] {
                if draw.below(3) == 0 {
                    data.push(format!(r#""{header}":"{header}-{}""#, draw.below(values)));
                }
            }
            let work = match draw.below(8) {
                0 => {
                    data.retain(|header| !header.contains("case"));
                    data.push(format!(r#""case":"case-{}""#, draw.below(6)));
                    String::new()
                }
                _ => format!("w{}", draw.below(14)),
            };
            data.extend((!own.is_empty()).then(|| own.to_owned()));
            let day = 1 + u32::try_from(draw.below(28)).unwrap_or(0);
            let mut event = event(customer, id, kind, &work, day, &data.join(","));
            let minutes = i64::try_from(draw.below(600)).unwrap_or(0);
            event.time += SignedDuration::from_mins(minutes);
            event
        };
        let id = number.to_string();
        let event = match draw.below(12) {
            0 if number > 5 => {
                let target = events[draw.below(number)].clone();
                match draw.below(3) {
                    0 => correction(&id, &target, "void", None),
                    1 => correction(&id, &target, "choose", None),
                    _ if matches!(target.body, work::Body::Corrected { .. }) => {
                        correction(&id, &target, "void", None)
                    }
                    _ => {
                        let replacement = fact(draw, &target.id);
                        correction(&id, &target, "replace", Some(&replacement))
                    }
                }
            }
            1 if number > 5 => {
                let other = events[draw.below(number)].id.clone();
                fact(draw, &other)
            }
            _ => fact(draw, &id),
        };
        events.push(event);
    }
    events
}

fn sorted(mut units: Vec<Unit>) -> Vec<Unit> {
    units.sort_by(|a, b| a.key.cmp(&b.key));
    units
}

/// What settling a customer's whole log from nothing gives.
fn settled_from_nothing(book: &dyn Store, customer: &str, timelines: &[Timeline<'_>]) -> Vec<Unit> {
    let contents = done(book.entries(customer, LogKind::Shared, 0..u64::MAX))
        .map(done)
        .map(|entry| Content {
            entry: entry.index,
            event: entry.event,
        })
        .collect();
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    let mut units = Vec::new();
    for timeline in timelines {
        let (_, _, definition) = timeline.versions[0];
        for (scope, facts) in scopes(definition, &facts) {
            units.extend(settle(timeline, &scope, &facts, Timestamp::MAX));
        }
    }
    sorted(units)
}

fn units_of(book: &dyn Store, customer: &str) -> Vec<SettledUnit> {
    done(book.units(customer, UnitsOf::Customer))
        .map(done)
        .collect()
}

/// Of whatever was opened by an instant, the last so many, the last first.
fn the_latest_come_first(book: &dyn Store, customer: &str) {
    let mut units = units_of(book, customer);
    units.sort_by_key(|own| std::cmp::Reverse(own.unit.opened));
    let middle = units[units.len() / 2].unit.opened;
    assert!(units[0].unit.opened > middle);
    for (by, rows) in [
        (Timestamp::MAX, 3),
        (middle, 5),
        (middle, usize::MAX),
        (middle, 0),
    ] {
        let latest = done(book.units(customer, UnitsOf::Latest { by, rows }));
        let latest: Vec<SettledUnit> = latest.map(done).collect();
        let opened = |units: &[SettledUnit]| -> Vec<Timestamp> {
            units.iter().map(|own| own.unit.opened).collect()
        };
        let expected: Vec<SettledUnit> = (units.iter())
            .filter(|own| own.unit.opened <= by)
            .take(rows)
            .cloned()
            .collect();
        assert_eq!(opened(&latest), opened(&expected));
        assert!(latest.iter().all(|own| units.contains(own)));
    }
}

pub(super) fn units_are_what_settling_the_whole_log_gives(book: &dyn Store) {
    let texts = [
        definition("by.work", r#""work""#, r#""none""#, "24h"),
        definition("by.case", r#""case""#, r#""none""#, "48h"),
        definition("by.user", r#""channel", "user""#, r#""reopen""#, "24h"),
        definition(
            "by.channel",
            r#""channel""#,
            r#""window(3d, from = start)""#,
            "24h",
        ),
    ];
    let definitions: Vec<Definition> = texts
        .iter()
        .map(|text| done(Definition::parse(text)))
        .collect();
    let timelines: Vec<Timeline<'_>> = definitions
        .iter()
        .map(|definition| Timeline::of(definition, TimeZone::UTC))
        .collect();
    let documents = DefaultDocuments {
        definitions: texts.to_vec(),
        time_zone: "UTC".to_owned(),
    };
    done(book.set_default_documents(&documents));
    let mut draw = Draw(0x0123_4567_89AB_CDEF);
    let customers = ["a", "b"];
    let feeds = customers.map(|customer| feed(customer, 160, &mut draw));
    let mut left: BTreeMap<&str, &[Event]> = customers
        .into_iter()
        .zip(feeds.iter().map(Vec::as_slice))
        .collect();
    let mut looked = 0;
    while left.values().any(|rest| !rest.is_empty()) {
        for (customer, rest) in &mut left {
            let (batch, after) = rest.split_at(rest.len().min(1 + draw.below(40)));
            *rest = after;
            let before = units_of(book, customer);
            let size = done(book.head(customer, LogKind::Shared));
            append(book, batch);
            let units = units_of(book, customer);
            scopes_that_changed_are_named(book, (customer, size), &before, &units);
            assert!(units.iter().all(|unit| unit.contract.is_none()));
            let units = sorted(units.into_iter().map(|unit| unit.unit).collect());
            looked += units.iter().map(|unit| unit.movements.len()).sum::<usize>();
            assert_eq!(units, settled_from_nothing(book, customer, &timelines));
        }
    }
    assert!(
        looked > 100,
        "the feed moves {looked} units: too few to show anything"
    );
    the_latest_come_first(book, "a");
    for unit in units_of(book, "a").iter().take(20) {
        for work in &unit.unit.works {
            let of_work: Vec<SettledUnit> = done(book.units("a", UnitsOf::Work(work)))
                .map(done)
                .collect();
            assert!(of_work.contains(unit) && of_work.iter().all(|u| u.unit.works.contains(work)));
        }
    }
}

/// Whoever keeps the units of a size hears of every scope that is not as it was.
fn scopes_that_changed_are_named(
    book: &dyn Store,
    (customer, size): (&str, u64),
    before: &[SettledUnit],
    after: &[SettledUnit],
) {
    let by_scope = |units: &[SettledUnit]| {
        let mut map: BTreeMap<ScopeId, Vec<SettledUnit>> = BTreeMap::new();
        for unit in units {
            map.entry(unit.scope).or_default().push(unit.clone());
        }
        map
    };
    let (mut kept, now) = (by_scope(before), by_scope(after));
    let SettledSince::Scopes(upto, scopes) = done(book.settled_since(customer, size)) else {
        panic!("nothing was forgotten, and yet it is not known what was settled");
    };
    assert_eq!(upto, done(book.head(customer, LogKind::Shared)));
    for scope in scopes {
        let units: Vec<SettledUnit> = done(book.units(customer, UnitsOf::Scope(scope)))
            .map(done)
            .collect();
        assert_eq!(units, now.get(&scope).cloned().unwrap_or_default());
        kept.remove(&scope);
        if !units.is_empty() {
            kept.insert(scope, units);
        }
    }
    assert_eq!(kept, now);
    assert_eq!(
        done(book.settled_since(customer, upto)),
        SettledSince::Scopes(upto, Vec::new())
    );
}

pub(super) fn other_default_documents_settle_again(book: &dyn Store) {
    let facts = |customer: &str| {
        [
            event(customer, "1", Kind::Opened, "w1", 6, r#""case":"c1""#),
            event(customer, "2", Kind::Answered, "w1", 7, ""),
            event(customer, "3", Kind::Confirmed, "w1", 8, ""),
        ]
    };
    append(book, &facts("acme"));
    assert!(units_of(book, "acme").is_empty());
    let documents = |texts: &[String]| DefaultDocuments {
        definitions: texts.to_vec(),
        time_zone: "Europe/Berlin".to_owned(),
    };
    let by_work = definition("by.work", r#""work""#, r#""none""#, "24h");
    let by_case = definition("by.case", r#""case""#, r#""none""#, "72h");
    done(book.set_default_documents(&documents(std::slice::from_ref(&by_work))));
    let classes = |book: &dyn Store| -> Vec<(SmolStr, Vec<SmolStr>)> {
        let units = units_of(book, "acme")
            .into_iter()
            .map(|settled| settled.unit);
        units
            .map(|unit| {
                (
                    unit.key.unit,
                    unit.movements
                        .into_iter()
                        .map(|movement| movement.class)
                        .collect(),
                )
            })
            .collect()
    };
    // 24 quiet hours end at the instant of the confirmation, and it counts as what stands first.
    let by_work_counts = [("by.work".into(), vec!["confirmed".into()])];
    assert_eq!(classes(book), by_work_counts);
    done(book.set_default_documents(&documents(std::slice::from_ref(&by_case))));
    assert_eq!(
        classes(book),
        [("by.case".into(), vec!["confirmed".into()])]
    );
    for (wrong, zone) in [("id = 1".to_owned(), "UTC"), (by_case, "Europe/Nowhere")] {
        let documents = DefaultDocuments {
            definitions: vec![wrong],
            time_zone: zone.to_owned(),
        };
        let error = book.set_default_documents(&documents);
        assert!(
            matches!(error, Err(crate::StoreError::Document { .. })),
            "{error:?}"
        );
    }
    assert_eq!(classes(book).len(), 1);
}

/// S12: the contract version in force when a unit opens governs it for life; P1: an ended contract
/// takes nothing that opens later, and a successor nothing that opened before.
pub(super) fn s12_contracts_govern_what_opens_under_them(book: &dyn Store) {
    let quick = definition("case", r#""case""#, r#""none""#, "24h");
    let slow = definition("case", r#""case""#, r#""none""#, "72h");
    let first = contract("acme", "c-1", &[&quick], "starts = 2026-01-01");
    let amended = contract("acme", "c-1", &[&slow], "starts = 2026-01-01");
    let successor = contract("acme", "c-2", &[&quick], "starts = 2026-01-21");
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    let publish = |id: &str, kind: &str, text: &str| {
        let text = work::Json::text(text).to_canonical();
        let data = format!(r#""kind":"{kind}","text":{text},"by":"cfo""#);
        event("acme", id, Kind::DocumentPublished, "", 1, &data)
    };
    let answered = |case: &str, day| {
        let data = format!(r#""case":"{case}""#);
        event("acme", case, Kind::Answered, "", day, &data)
    };
    let unit = |case: &str| -> (Option<String>, u32, Vec<String>) {
        let mut units = units_of(book, "acme");
        units.retain(|settled| settled.unit.key.scope == [case]);
        assert_eq!(units.len(), 1, "{case}: {units:?}");
        let settled = units.remove(0);
        let instants = settled
            .unit
            .movements
            .iter()
            .map(|movement| movement.instant.to_string());
        (settled.contract, settled.unit.version, instants.collect())
    };
    // The works come before the contract that governs them.
    append(
        book,
        &[
            answered("early", 5),
            answered("amended", 12),
            answered("late", 25),
        ],
    );
    let sign = format!(
        r#""contract":"c-1","digest":"{}","by":"buyer""#,
        digest(&first)
    );
    append(
        book,
        &[event("acme", "sign", Kind::ContractSigned, "", 1, &sign)],
    );
    assert!(units_of(book, "acme").is_empty());
    let problem = format!("its document {} is not published", digest(&first));
    let expected = ContractProblem {
        contract: "c-1".to_owned(),
        problem,
    };
    assert_eq!(done(book.contract_problems("acme")), [expected]);
    append(book, &[publish("d1", "contract", &first)]);
    let problem = &done(book.contract_problems("acme"))[0].problem;
    assert!(problem.contains(&digest(&quick)), "{problem}");
    append(book, &[publish("d2", "definition", &quick)]);
    assert!(done(book.contract_problems("acme")).is_empty());
    let own = || Some("c-1".to_owned());
    assert_eq!(
        unit("amended"),
        (own(), 1, vec!["2026-01-13T09:00:00Z".to_owned()])
    );
    // Amended from the 10th: what opened before stays as it was.
    let amend = format!(
        r#""contract":"c-1","digest":"{}","effective":"2026-01-10T00:00:00Z","by":"buyer""#,
        digest(&amended)
    );
    append(
        book,
        &[
            publish("d3", "contract", &amended),
            publish("d4", "definition", &slow),
            event("acme", "amend", Kind::ContractAmended, "", 9, &amend),
        ],
    );
    assert_eq!(
        unit("early"),
        (own(), 1, vec!["2026-01-06T09:00:00Z".to_owned()])
    );
    assert_eq!(
        unit("amended"),
        (own(), 2, vec!["2026-01-15T09:00:00Z".to_owned()])
    );
    assert_eq!(
        unit("late"),
        (own(), 2, vec!["2026-01-28T09:00:00Z".to_owned()])
    );
    // Ended on the 20th, succeeded on the 21st.
    let end = r#""contract":"c-1","effective":"2026-01-20T00:00:00Z","by":"buyer""#;
    let sign = format!(
        r#""contract":"c-2","digest":"{}","by":"buyer""#,
        digest(&successor)
    );
    append(
        book,
        &[
            event("acme", "end", Kind::ContractEnded, "", 19, end),
            publish("d5", "contract", &successor),
            event("acme", "sign-2", Kind::ContractSigned, "", 19, &sign),
        ],
    );
    let next = Some("c-2".to_owned());
    assert_eq!(
        unit("late"),
        (next, 1, vec!["2026-01-26T09:00:00Z".to_owned()])
    );
    assert_eq!(
        unit("amended"),
        (own(), 2, vec!["2026-01-15T09:00:00Z".to_owned()])
    );
    // A fact that comes later still settles under the contract of its unit's opening.
    append(
        book,
        &[event(
            "acme",
            "yes",
            Kind::Confirmed,
            "",
            13,
            r#""case":"amended""#,
        )],
    );
    assert_eq!(
        unit("amended"),
        (own(), 2, vec!["2026-01-13T09:00:00Z".to_owned()])
    );
}

/// A text that is a unit's, whatever the unit.
pub(super) fn units_read_back(book: &dyn Store) {
    let text = definition("by.case", r#""case""#, r#""reopen""#, "24h");
    let documents = DefaultDocuments {
        definitions: vec![text],
        time_zone: "UTC".to_owned(),
    };
    done(book.set_default_documents(&documents));
    let mut draw = Draw(77);
    let data = r#""case":"c","kind":"answer","confidence":"0.9","review":"full""#;
    let value = r#""case":"c","amount":"12.50 USD""#;
    let evidence = format!(
        r#""case":"c","name":"transcript","commitment":"{}""#,
        Digest::of(b"x")
    );
    let mut traced = event("acme", "1", Kind::Answered, "w1", 3, data);
    traced.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    append(
        book,
        &[
            traced,
            event("acme", "2", Kind::Confirmed, "w1", 4, r#""case":"c""#),
            event("acme", "3", Kind::Valued, "w1", 5, value),
            event("acme", "4", Kind::Disputed, "w1", 6, r#""case":"c""#),
            event(
                "acme",
                "5",
                Kind::HumanReplied,
                "w1",
                7,
                r#""case":"c","minutes":"2.5""#,
            ),
            event("acme", "6", Kind::Evidence, "w1", 8, &evidence),
        ],
    );
    append(book, &feed("umbrella", 100, &mut draw));
    let (mut disputes, mut traces) = (0, 0);
    for customer in ["acme", "umbrella"] {
        for settled in units_of(book, customer) {
            disputes += settled.unit.disputes.len();
            traces += settled.unit.traces.len();
            let text = crate::unit_text::write(&settled.unit);
            assert_eq!(crate::unit_text::read(&text), Some(settled.unit));
            assert_eq!(crate::unit_text::read(&text[1..]), None);
        }
    }
    assert_eq!((disputes, traces), (1, 1));
}
