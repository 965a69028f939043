//! Bodies of requests: every form that senders use, and what becomes of what is no event.

use jiff::Timestamp;
use piecework_intake::{Delivery, Message, Unreadable, limits::HTTP_EVENTS_MAX};
use proptest::prelude::*;

const ONE: &str = r#"{"specversion":"1.0","id":"1","source":"desk","type":"piecework.work.opened.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"w1"}"#;

fn now() -> Timestamp {
    "2026-01-06T10:00:00Z".parse().unwrap()
}

fn message(content_type: &str, body: &str) -> Message {
    Message {
        content_type: content_type.to_owned(),
        envelope: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

fn read(content_type: &str, body: &str) -> Result<Vec<Delivery>, Unreadable> {
    message(content_type, body).deliveries(now())
}

/// The problem of a body that is read as nothing.
fn unreadable(content_type: &str, body: &str) -> String {
    read(content_type, body).unwrap_err().to_string()
}

/// The one event of a body, in canonical form.
fn one(content_type: &str, body: &str) -> String {
    let deliveries = read(content_type, body).unwrap();
    assert_eq!(deliveries.len(), 1, "{body}");
    deliveries[0].event.as_ref().unwrap().canonical()
}

#[test]
fn one_event_comes_in_four_forms() {
    let expected = one("application/cloudevents+json", ONE);
    for content_type in [
        "application/cloudevents+json; charset=UTF-8",
        "application/json",
        "Application/JSON;charset=\"utf-8\"",
    ] {
        assert_eq!(one(content_type, ONE), expected);
        assert_eq!(one(content_type, &ONE.replace(',', ",\n  ")), expected);
    }
    for content_type in ["application/cloudevents-batch+json", "application/json"] {
        assert_eq!(one(content_type, &format!("[{ONE}]")), expected);
        assert_eq!(one(content_type, &format!(" \n[ {ONE}\n]\n")), expected);
    }
    let members = [
        "specversion:1.0",
        "id:1",
        "source:desk",
        "subject:acme",
        "workid:w1",
    ];
    let mut envelope: Vec<(String, String)> = members
        .iter()
        .filter_map(|own| own.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    envelope.push(("type".to_owned(), "piecework.work.opened.v1".to_owned()));
    envelope.push(("time".to_owned(), "2026-01-06T09:00:00Z".to_owned()));
    for body in ["", "{}", "  "] {
        let message = Message {
            content_type: "application/json".to_owned(),
            envelope: envelope.clone(),
            body: body.as_bytes().to_vec(),
        };
        let deliveries = message.deliveries(now()).unwrap();
        assert_eq!(deliveries[0].event.as_ref().unwrap().canonical(), expected);
    }
}

#[test]
fn binary_mode_decodes_its_headers_and_says_what_is_wrong() {
    let with = |extra: &[(&str, &str)], body: &str| {
        let base = [
            ("specversion", "1.0"),
            ("id", "caf%C3%A9 %25"),
            ("source", "desk"),
            ("subject", "acme"),
            ("type", "piecework.usage.recorded.v1"),
        ];
        let own = base.iter().chain(extra);
        Message {
            content_type: String::new(),
            envelope: own
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
        .deliveries(now())
    };
    let data = r#"{"meter":"calls","quantity":12.50}"#;
    let read = with(&[("time", "2026-01-06T09:00:00Z")], data).unwrap();
    let event = read[0].event.as_ref().unwrap();
    assert_eq!(event.id, "café %");
    // The digits as they came, in the one form that there is.
    assert!(
        event.canonical().contains(r#""quantity":"12.5""#),
        "{}",
        event.canonical()
    );
    assert!(read[0].raw.starts_with(b"{\"data\":{\"meter\""));
    for (extra, body, says) in [
        (("time", "%zz"), data, "`ce-time` is not percent-encoded"),
        (("time", "%C3"), data, "`ce-time` is not percent-encoded"),
        (("id", "2"), data, "`ce-id` is there twice"),
        (("time", "2026-01-06T09:00:00Z"), "{", "invalid JSON"),
    ] {
        let problem = with(&[extra], body).unwrap_err().to_string();
        assert!(problem.contains(says), "{problem}");
    }
}

#[test]
fn what_may_be_left_out_may_be_null() {
    let timed = one("application/json", ONE);
    let null = ONE.replace(
        r#""workid":"w1""#,
        r#""workid":"w1","data":null,"datacontenttype":null,"dataschema":null"#,
    );
    assert_eq!(one("application/json", &null), timed);
    let schema = ONE.replace(
        r#""workid""#,
        r#""dataschema":"https://example.com/s","workid""#,
    );
    assert_eq!(one("application/json", &schema), timed);
    for untimed in [
        ONE.replace(r#""time":"2026-01-06T09:00:00Z","#, ""),
        ONE.replace(r#""2026-01-06T09:00:00Z""#, "null"),
    ] {
        let delivery = &read("application/json", &untimed).unwrap()[0];
        assert!(!delivery.is_timed);
        assert_eq!(delivery.event.as_ref().unwrap().time, now());
    }
}

#[test]
fn each_event_of_a_batch_is_taken_or_refused_by_itself() {
    let body = format!(
        r#"[{ONE},{{"id":"2"}},{ONE},{{"a":1,"a":2}},7,{}]"#,
        ONE.replace("opened", "finished")
    );
    let deliveries = read("application/json", &body).unwrap();
    let told: Vec<String> = deliveries
        .iter()
        .map(|own| match &own.event {
            Ok(event) => event.id.clone(),
            Err(fault) => format!("{} {}", fault.pointer, fault.problem),
        })
        .collect();
    assert_eq!(told.len(), 6);
    assert_eq!((told[0].as_str(), told[2].as_str()), ("1", "1"));
    assert!(told[1].starts_with("/specversion "), "{}", told[1]);
    assert!(told[3].contains("invalid JSON"), "{}", told[3]);
    assert!(told[4].contains("object"), "{}", told[4]);
    assert!(told[5].starts_with("/type "), "{}", told[5]);
    assert_eq!(deliveries[4].raw, b"7");
}

#[test]
fn a_body_that_says_nothing_is_refused_whole() {
    for (content_type, body, says) in [
        ("text/plain", ONE, "`text/plain` is not read here"),
        ("", ONE, "is not read here"),
        (
            "application/json; charset=latin1",
            ONE,
            "charset is `latin1`",
        ),
        (
            "application/cloudevents-batch+json",
            ONE,
            "a batch is a JSON array",
        ),
        (
            "application/cloudevents+json",
            &format!("[{ONE}]"),
            "expected one event",
        ),
        ("application/json", "", "invalid JSON"),
        ("application/json", "{\"id\":", "invalid JSON"),
        ("application/json", "[", "cannot be read"),
        ("application/json", "\"x\"", "expected one event"),
    ] {
        let problem = unreadable(content_type, body);
        assert!(problem.contains(says), "{content_type} {body}: {problem}");
    }
}

#[test]
fn a_batch_has_a_limit() {
    let many = |count: usize| format!("[{}]", vec!["7"; count].join(","));
    assert_eq!(
        read("application/json", &many(HTTP_EVENTS_MAX))
            .unwrap()
            .len(),
        HTTP_EVENTS_MAX
    );
    assert_eq!(
        read("application/json", &many(HTTP_EVENTS_MAX + 1)),
        Err(Unreadable::TooMany)
    );
    let large = ONE.replace("\"w1\"", &format!("\"{}\"", "w".repeat(65_536)));
    let refused = &read("application/json", &large).unwrap()[0];
    assert!(
        refused
            .event
            .as_ref()
            .unwrap_err()
            .problem
            .contains("at most 60000 are kept")
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        content_type in "(application/json|application/cloudevents\\+json|application/cloudevents-batch\\+json|[ -~]{0,40})",
        body in proptest::collection::vec(any::<u8>(), 0..300),
        envelope in proptest::collection::vec(("[a-z]{1,12}", "[ -~]{0,20}"), 0..4),
    ) {
        let _ = Message { content_type, envelope, body }.deliveries(now());
    }

    #[test]
    fn no_event_is_lost(ids in proptest::collection::vec("[a-z0-9 ]{0,8}", 0..40)) {
        let events: Vec<String> = ids.iter().map(|id| ONE.replace("\"1\"", &format!("\"{id}\""))).collect();
        let body = format!("[{}]", events.join(","));
        let read = read("application/json", &body).unwrap();
        prop_assert_eq!(read.len(), ids.len());
        for (delivery, text) in read.iter().zip(&events) {
            prop_assert_eq!(&delivery.raw, &text.as_bytes().to_vec());
        }
    }
}
