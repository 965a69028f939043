//! The three content types and binary mode.

use piecework_intake::delivery::{Delivery, DeliveryError, What, decode, is_repeated};
use piecework_intake::limits::{ATTRIBUTES_MAX, DELIVERY_BYTES_MAX, DELIVERY_EVENTS_MAX};
use piecework_intake::meters::Meters;
use work::Event;
use work::limits::EVENT_BYTES_MAX;

use crate::support::{BATCH, JSON, ONE, arrival, events, send, told};

const ANSWERED: &str = r#"{"specversion":"1.0","id":"e1","source":"desk","type":"piecework.work.answered.v1","subject":"acme","time":"2026-02-01T09:00:00Z","workid":"T-1","data":{"kind":"answer","confidence":0.875}}"#;

fn changed(from: &str, to: &str) -> String {
    assert!(ANSWERED.contains(from), "{from}");
    ANSWERED.replace(from, to)
}

#[test]
fn one_event_in_every_form_is_the_same_event() {
    let expected = Event::parse(ANSWERED).unwrap();
    for (content_type, body) in [
        (ONE, ANSWERED.to_owned()),
        (JSON, ANSWERED.to_owned()),
        (
            "application/json; charset=UTF-8",
            format!("\u{feff}{ANSWERED}\n"),
        ),
        (BATCH, format!("[{ANSWERED}]")),
        (JSON, format!(" [ {ANSWERED} ] ")),
    ] {
        let items = send(content_type, &body).unwrap();
        assert_eq!(items.len(), 1);
        assert!(items[0].is_timed);
        assert_eq!(
            items[0].index.is_some(),
            body.contains('['),
            "{content_type}"
        );
        assert_eq!(events(items)[0], expected, "{content_type}");
    }
    let headers = [
        ("CE-SpecVersion", "1.0"),
        ("ce-id", "e1"),
        ("ce-source", "desk"),
        ("ce-type", "piecework.work.answered.v1"),
        ("ce-subject", "acme"),
        ("ce-time", "2026-02-01T09:00:00Z"),
        ("ce-workid", "T-1"),
        ("host", "book.example"),
    ];
    let delivery = Delivery {
        content_type: Some("application/json"),
        headers: &headers,
        body: br#"{"kind":"answer","confidence":0.875}"#,
    };
    let items = decode(&delivery, arrival(), &Meters::default()).unwrap();
    assert_eq!(events(items), [expected]);
}

#[test]
fn attributes_in_headers_are_percent_decoded() {
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "a%22b"),
        ("ce-source", "\"d\u{e9}pot\""),
        ("ce-type", "piecework.work.opened.v1"),
        ("ce-subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
        ("ce-time", "2026-02-01T09:00:00Z"),
        ("ce-workid", "T-1"),
    ];
    let delivery = Delivery {
        content_type: None,
        headers: &headers,
        body: b"",
    };
    let event = &events(decode(&delivery, arrival(), &Meters::default()).unwrap())[0];
    assert_eq!(event.id, "a\"b");
    assert_eq!(event.source, "dépot");
    assert_eq!(event.customer, "Euro € 😀");
}

/// The members that OpenMeter's clients send beside the needed ones, `null` where they have nothing.
#[test]
fn members_of_the_openmeter_dialect() {
    let without_time = changed("\"time\":\"2026-02-01T09:00:00Z\",", "\"time\":null,");
    let items = send(JSON, &without_time).unwrap();
    assert!(!items[0].is_timed);
    let event = &events(items)[0];
    assert_eq!(event.time, arrival());
    // Sent again it arrives at another time, and is the same; anything else makes it another.
    let plain = Event::parse(ANSWERED).unwrap();
    assert!(is_repeated(event, &plain));
    assert!(!is_repeated(
        event,
        &Event::parse(&changed("0.875", "0.9")).unwrap()
    ));
    for members in [
        "\"datacontenttype\":null,\"dataschema\":null,",
        "\"datacontenttype\":\"application/json\",\"dataschema\":\"https://schema.example/1\",",
        "\"datacontenttype\":\"application/json; charset=utf-8\",\"traceparent\":null,",
    ] {
        let body = changed("\"workid\"", &format!("{members}\"workid\""));
        assert_eq!(events(send(JSON, &body).unwrap())[0], plain, "{members}");
    }
}

/// Of a batch each element is judged alone and by its place.
#[test]
fn a_broken_event_costs_itself() {
    let second = changed("\"e1\"", "\"e2\"");
    let body = format!(
        "[{ANSWERED},{{\"id\":1}},{{,}},7,{},{second}]",
        changed("0.875", "1.5")
    );
    let items = send(BATCH, &body).unwrap();
    assert_eq!(items.len(), 6);
    let told = told(&items);
    assert!(told[0].contains("\"id\":\"e1\""));
    assert_eq!(told[1], "refused /1/type: this member is required");
    assert!(
        told[2].starts_with("refused /2: invalid JSON at byte 1"),
        "{}",
        told[2]
    );
    assert_eq!(told[3], "refused /3: expected an event, an object");
    assert!(
        told[4].starts_with("refused /4/data/confidence"),
        "{}",
        told[4]
    );
    assert!(told[5].contains("\"id\":\"e2\""));
    let What::Refused(refusal) = &items[4].what else {
        panic!("{}", told[4]);
    };
    assert_eq!(refusal.raw, changed("0.875", "1.5"), "kept as it came");
}

#[test]
fn what_is_wrong_with_an_event_is_told_with_its_place() {
    for (from, to, expected) in [
        (
            "\"specversion\":\"1.0\"",
            "\"specversion\":\"0.3\"",
            "/specversion: only CloudEvents `1.0`",
        ),
        (
            "\"specversion\":\"1.0\",",
            "",
            "/specversion: this member is required",
        ),
        (
            "\"id\":\"e1\",",
            "\"id\":null,",
            "/id: this member is required",
        ),
        (
            "\"source\":\"desk\",",
            "",
            "/source: this member is required",
        ),
        (
            "\"subject\":\"acme\",",
            "",
            "/subject: this member is required",
        ),
        (
            "\"subject\":\"acme\"",
            "\"subject\":\"_acme\"",
            "/subject: a customer's id must not begin",
        ),
        (
            "\"time\":\"2026-02-01T09:00:00Z\"",
            "\"time\":\"yesterday\"",
            "/time: `yesterday` is not",
        ),
        (
            "2026-02-01T09",
            "2026-03-03T09",
            "/time: 2026-03-03T09:00:00Z is more than 24 hours",
        ),
        (
            "\"workid\"",
            "\"datacontenttype\":\"text/xml\",\"workid\"",
            "/datacontenttype: only",
        ),
        (
            "\"workid\"",
            "\"dataschema\":7,\"workid\"",
            "/dataschema: expected a string",
        ),
        (
            "\"workid\"",
            "\"data_base64\":\"AA==\",\"workid\"",
            "/data_base64: only JSON",
        ),
        (
            "\"workid\"",
            "\"partitionkey\":\"p\",\"workid\"",
            "/partitionkey: unknown member",
        ),
        ("\"kind\"", "\"knid\"", "/data/knid: unknown member"),
        (
            "work.answered",
            "work.answred",
            "/type: `piecework.work.answred.v1` is not",
        ),
        (
            "\"piecework.work.answered.v1\"",
            "3",
            "/type: expected a string",
        ),
        (
            "\"piecework.work.answered.v1\"",
            "\"com.example.x\"",
            "/type: no meter declares the type `com.example.x`",
        ),
        ("\"data\":{", "\"data\":!{", "/: invalid JSON"),
    ] {
        let told = told(&send(JSON, changed(from, to)).unwrap());
        assert!(
            told[0].starts_with(&format!("refused {expected}")),
            "{}",
            told[0]
        );
    }
}

#[test]
fn deliveries_that_are_none_are_refused_whole() {
    let refused = |content_type: &str, body: &[u8]| send(content_type, body).unwrap_err();
    assert!(matches!(
        refused("text/csv", b"{}"),
        DeliveryError::MediaType(_)
    ));
    assert!(matches!(refused(JSON, &[0xff]), DeliveryError::NotUtf8));
    assert!(matches!(refused(ONE, b"[]"), DeliveryError::NotTheForm(_)));
    assert!(matches!(
        refused(BATCH, b"{}"),
        DeliveryError::NotTheForm(_)
    ));
    assert!(matches!(refused(JSON, b""), DeliveryError::NotTheForm(_)));
    assert!(matches!(
        refused(JSON, b"{}{}"),
        DeliveryError::NotTheForm(_)
    ));
    assert!(matches!(refused(JSON, b"[{}"), DeliveryError::NotJson(_)));
    assert!(matches!(
        refused(JSON, b"[{} {}]"),
        DeliveryError::NotJson(_)
    ));
    assert_eq!(send(BATCH, "[]").unwrap(), []);
    for (headers, problem) in [
        (vec![("ce-id", "%zz")], "percent"),
        (vec![("ce-id", "a"), ("CE-ID", "b")], "twice"),
        (vec![("ce-data_base64", "AA")], "letters and digits"),
        (
            vec![("ce-datacontenttype", "application/json")],
            "leave this header out",
        ),
        (vec![("ce-", "x")], "letters and digits"),
    ] {
        let delivery = Delivery {
            content_type: Some(JSON),
            headers: &headers,
            body: b"{}",
        };
        let error = decode(&delivery, arrival(), &Meters::default()).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn every_bound_is_crossed() {
    let long = vec![b' '; DELIVERY_BYTES_MAX + 1];
    assert!(matches!(
        send(JSON, &long),
        Err(DeliveryError::TooLong(_, DELIVERY_BYTES_MAX))
    ));
    assert!(matches!(
        send(JSON, &long[1..]),
        Err(DeliveryError::NotTheForm(_))
    ));

    let many = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    assert_eq!(
        send(BATCH, many(DELIVERY_EVENTS_MAX)).unwrap().len(),
        DELIVERY_EVENTS_MAX
    );
    assert!(matches!(
        send(BATCH, many(DELIVERY_EVENTS_MAX + 1)),
        Err(DeliveryError::TooMany(DELIVERY_EVENTS_MAX))
    ));

    let padded = |bytes: usize| {
        ANSWERED.replace(
            "\"workid\"",
            &format!("{}\"workid\"", " ".repeat(bytes - ANSWERED.len())),
        )
    };
    assert_eq!(events(send(ONE, padded(EVENT_BYTES_MAX)).unwrap()).len(), 1);
    let told = told(&send(ONE, padded(EVENT_BYTES_MAX + 1)).unwrap());
    assert!(
        told[0].starts_with("refused /: the event has 60001 bytes"),
        "{}",
        told[0]
    );

    let names: Vec<String> = (0..=ATTRIBUTES_MAX)
        .map(|index| format!("ce-a{index}"))
        .collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let decoded = |headers: &[(&str, &str)]| {
        let delivery = Delivery {
            content_type: Some(JSON),
            headers,
            body: b"{}",
        };
        decode(&delivery, arrival(), &Meters::default())
    };
    assert!(decoded(&headers[1..]).is_ok());
    assert!(matches!(
        decoded(&headers),
        Err(DeliveryError::Header { .. })
    ));
}

/// An element that is too long, or a body that is no JSON, is refused with the beginning of its text.
#[test]
fn a_refused_body_is_kept_in_part() {
    let long = format!("{{\"data\":\"{}\"}}", "é".repeat(1 << 20));
    let items = send(JSON, &long).unwrap();
    let What::Refused(refusal) = &items[0].what else {
        panic!("{items:?}");
    };
    assert!(
        refusal.problem.contains("at most 1048576"),
        "{}",
        refusal.problem
    );
    assert!(refusal.raw.len() <= EVENT_BYTES_MAX && long.starts_with(&refusal.raw));
    let delivery = Delivery {
        content_type: Some(JSON),
        headers: &[("ce-id", "i"), ("ce-type", "t")],
        body: b"{nonsense",
    };
    let items = decode(&delivery, arrival(), &Meters::default()).unwrap();
    let What::Refused(refusal) = &items[0].what else {
        panic!("{items:?}");
    };
    assert_eq!(refusal.pointer, "/data");
    assert_eq!(refusal.raw, r#"{"data":"{nonsense","id":"i","type":"t"}"#);
}
