//! `done`, `cost` and `undo`: what they are expanded into, and that it settles.

use std::path::Path;

use jiff::tz::TimeZone;
use piecework_intake::delivery::{Undo, UndoError, What, name_scope};
use work::body::{Action, Body};
use work::definition::Timeline;
use work::effective::{Content, resolve};
use work::settle::{inherit_headers, scopes, settle};
use work::{Definition, Event, Header, Headers};

use crate::support::{JSON, events, send, told};

fn verb(verb: &str, members: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"x","source":"app","type":"piecework.{verb}.v1","subject":"acme","time":"2026-02-01T09:00:00Z"{members},"data":{data}}}"#
    )
}

fn expanded(name: &str, members: &str, data: &str) -> Vec<Event> {
    events(send(JSON, verb(name, members, data)).unwrap())
}

fn refused(name: &str, members: &str, data: &str) -> String {
    told(&send(JSON, verb(name, members, data)).unwrap()).remove(0)
}

fn undo(data: &str) -> Undo {
    let mut items = send(JSON, verb("undo", "", data)).unwrap();
    match items.remove(0).what {
        What::Undo(undo) => undo,
        other => panic!("{other:?}"),
    }
}

/// Identity, kind and time of each fact, and the members of its data.
fn facts(events: &[Event]) -> Vec<String> {
    let of_event = |event: &Event| {
        let data = event.to_json().get("data").map(work::Json::to_canonical);
        let (id, kind) = (&event.id, event.body.tag().word());
        format!("{id} {kind} {} {}", event.time, data.unwrap_or_default())
    };
    events.iter().map(of_event).collect()
}

const WORK: &str = r#","workid":"T-1""#;

#[test]
fn done_is_an_answer_and_what_is_known_besides() {
    assert_eq!(
        facts(&expanded("done", WORK, "{}")),
        [r#"x/answered work.answered 2026-02-01T09:00:00Z {"kind":"answer"}"#]
    );
    let all = r#"{"case":"T-1","confidence":0.9,"verified":"test-suite","closed":"resolved","opened":"2026-02-01T08:00:00Z"}"#;
    assert_eq!(
        facts(&expanded("done", WORK, all)),
        [
            r#"x/opened work.opened 2026-02-01T08:00:00Z {"case":"T-1"}"#,
            r#"x/answered work.answered 2026-02-01T09:00:00Z {"case":"T-1","confidence":"0.9","kind":"answer"}"#,
            r#"x/verified work.verified 2026-02-01T09:00:00Z {"case":"T-1","check":"test-suite","result":"passed"}"#,
            r#"x/closed work.closed 2026-02-01T09:00:00Z {"case":"T-1","reason":"resolved"}"#,
        ]
    );
    for (members, data, problem) in [
        ("", "{}", "/workid: `done` needs the work"),
        (
            WORK,
            r#"{"verified":true}"#,
            "/data/verified: expected a string",
        ),
        (WORK, r#"{"closed":7}"#, "/data/closed: expected a string"),
        (WORK, r#"{"opened":"then"}"#, "/data/opened: `then` is not"),
        (
            WORK,
            r#"{"confirmed":true}"#,
            "/data/confirmed: unknown member",
        ),
        (WORK, r#"{"kind":"route"}"#, "/data/kind: unknown member"),
        (
            WORK,
            r#"{"check":"x","verified":"y"}"#,
            "/data/check: unknown member",
        ),
        (WORK, "7", "/data: expected an object"),
    ] {
        let told = refused("done", members, data);
        assert!(told.starts_with(&format!("refused {problem}")), "{told}");
    }
}

#[test]
fn cost_is_a_model_cost_unless_it_says_another_line() {
    assert_eq!(
        facts(&expanded("cost", WORK, r#"{"amount":"0.02 USD"}"#)),
        [
            r#"x cost.recorded 2026-02-01T09:00:00Z {"amount":{"amount":"0.02","currency":"USD"},"line":"model"}"#
        ]
    );
    let tokens = r#"{"line":"model","model":"gpt-4o","tokens":{"input":10}}"#;
    assert_eq!(facts(&expanded("cost", "", tokens)).len(), 1);
    let nobody = verb("cost", "", r#"{"line":"infra","amount":"1 EUR"}"#)
        .replace(",\"subject\":\"acme\"", "");
    assert_eq!(
        events(send(JSON, nobody).unwrap())[0].customer,
        "_unassigned"
    );
    let told = refused("cost", WORK, "{}");
    assert!(
        told.starts_with("refused /data/amount: a cost needs"),
        "{told}"
    );
}

/// What a verb becomes is not what was signed.
#[test]
fn a_verb_is_not_signed() {
    for verb in ["done", "cost", "undo"] {
        let signed = format!(
            r#"{WORK},"authorship":"buyer","signer":"acme/buyer+1f2e3d4c","signature":"{}""#,
            "00".repeat(64)
        );
        let told = refused(verb, &signed, "{}");
        assert!(
            told.starts_with("refused /signer: a verb becomes other events"),
            "{told}"
        );
    }
}

#[test]
fn undo_of_a_work_reopens_it() {
    assert_eq!(
        facts(&expanded("undo", WORK, "{}")),
        ["x work.reopened 2026-02-01T09:00:00Z "]
    );
    let told = refused("undo", "", "{}");
    assert!(told.contains("/workid: `undo` takes back a work"), "{told}");
}

#[test]
fn undo_of_an_event_voids_what_the_book_has_under_its_name() {
    let done = expanded("done", WORK, r#"{"closed":"resolved"}"#);
    let undo = undo(r#"{"event":{"id":"x"},"reason":"sent twice"}"#);
    assert_eq!(undo.targets().len(), 5);
    let undo = Undo {
        id: "u".into(),
        ..undo
    };
    let corrections = undo.corrections(&done).unwrap();
    assert_eq!(
        corrections
            .iter()
            .map(|event| event.id.as_str())
            .collect::<Vec<_>>(),
        ["u/answered", "u/closed"]
    );
    for (correction, target) in corrections.iter().zip(&done) {
        let Body::Corrected {
            target_id,
            target_digest,
            action,
            reason,
            ..
        } = &correction.body
        else {
            panic!("{correction:?}");
        };
        assert_eq!((target_id, *target_digest), (&target.id, target.digest()));
        assert_eq!(
            (*action, reason.as_deref()),
            (Action::Void, Some("sent twice"))
        );
    }
    // Nothing stands after it.
    let contents = done.iter().chain(&corrections).enumerate();
    let contents = contents.map(|(index, event)| Content {
        event: event.clone(),
        entry: index as u64,
    });
    assert_eq!(resolve(contents.collect::<Vec<_>>()).facts, vec![]);
    // Again is nothing new.
    assert_eq!(undo.corrections(&done).unwrap(), corrections);
    assert!(matches!(undo.corrections(&[]), Err(UndoError::NotFound(_))));
}

/// Two contents under one identity are both taken back, and a cost stays in its log.
#[test]
fn undo_of_a_conflict_and_of_a_cost() {
    let first = expanded("cost", WORK, r#"{"amount":"1 USD"}"#);
    let second = expanded("cost", WORK, r#"{"amount":"2 USD"}"#);
    let undo = Undo {
        id: "u".into(),
        ..undo(r#"{"event":{"id":"x","source":"app"}}"#)
    };
    let corrections = undo
        .corrections(&[first[0].clone(), second[0].clone()])
        .unwrap();
    assert_eq!(corrections.len(), 2);
    assert_ne!(corrections[0].id, corrections[1].id);
    assert!(
        corrections
            .iter()
            .all(|event| event.log() == work::LogKind::Seller)
    );
}

#[test]
fn an_undo_names_one_thing() {
    for (members, data, problem) in [
        (
            WORK,
            r#"{"event":{"id":"x"}}"#,
            "/workid: name the work, or the event",
        ),
        ("", r#"{"event":"x"}"#, "/data/event: expected an object"),
        (
            "",
            r#"{"event":{}}"#,
            "/data/event/id: this member is required",
        ),
        (
            "",
            r#"{"event":{"id":7}}"#,
            "/data/event/id: expected a text",
        ),
        (
            "",
            r#"{"event":{"id":"x","digest":"y"}}"#,
            "/data/event/digest: unknown member",
        ),
        (
            "",
            r#"{"event":{"id":"x"},"case":"C"}"#,
            "/data: an undo carries no headers",
        ),
        (
            "",
            r#"{"event":{"id":"x"},"why":"C"}"#,
            "/data/why: unknown member",
        ),
    ] {
        let told = refused("undo", members, data);
        assert!(told.starts_with(&format!("refused {problem}")), "{told}");
    }
}

/// What comes of a `done` under a preset's definition, a month later.
fn state_under(preset: &str, data: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../presets/{preset}/1/definition.toml"));
    let definition = Definition::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let contents = expanded("done", WORK, data)
        .into_iter()
        .enumerate()
        .map(|(index, mut event)| {
            let keys = definition.one_per.key.clone();
            name_scope(&mut event.headers, "T-1", keys, |_| false);
            Content {
                event,
                entry: index as u64,
            }
        })
        .collect();
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    let as_of = "2026-03-01T09:00:00Z".parse().unwrap();
    let timeline = Timeline::of(&definition, TimeZone::UTC);
    let states: Vec<String> = scopes(&definition, &facts)
        .iter()
        .flat_map(|(key, facts)| settle(&timeline, key, facts, as_of))
        .map(|unit| unit.state_at(as_of).to_string())
        .collect();
    states.join(", ")
}

/// The table of docs/reference/events.md: what the definition asks for beside the answer, `done` can
/// say; what the customer has to say, it cannot.
#[test]
fn done_under_the_presets() {
    for (preset, data, expected) in [
        ("fin-style", "{}", "counted: assumed"),
        ("resolve-the-ticket", "{}", "counted: assumed"),
        ("zendesk-style", "{}", "pending"),
        (
            "zendesk-style",
            r#"{"verified":"resolution"}"#,
            "counted: verified",
        ),
        ("platform-plus-overage", "{}", "pending"),
        (
            "platform-plus-overage",
            r#"{"closed":"resolved"}"#,
            "counted: closed",
        ),
        (
            "merged-pull-request",
            r#"{"verified":"merge"}"#,
            "counted: merged",
        ),
        (
            "qualified-lead",
            r#"{"verified":"criteria"}"#,
            "pending", // until the evidence that its definition asks for is attached
        ),
        (
            "validated-document",
            r#"{"verified":"booking"}"#,
            "counted: untouched",
        ),
        ("find-the-exception", "{}", "pending"),
    ] {
        assert_eq!(state_under(preset, data), expected, "{preset} {data}");
    }
}

#[test]
fn a_scope_is_the_work_where_nobody_says_another() {
    let named = |header: Option<&str>, known: bool| {
        let mut headers = Headers::default();
        if let Some(value) = header {
            headers.set(Header::Case, value);
        }
        name_scope(&mut headers, "T-1", [Header::Work, Header::Case], |_| known);
        headers.get(Header::Case).map(ToString::to_string)
    };
    assert_eq!(named(None, false).as_deref(), Some("T-1"));
    assert_eq!(named(None, true), None);
    assert_eq!(named(Some("C-9"), false).as_deref(), Some("C-9"));
}
