//! What must hold of every input to a reader of foreign bytes: nothing panics, every element comes back
//! once, the same bytes give the same, and what is accepted is an event that the strict reader reads.

use intake::delivery::{Delivery, Item, What, decode};
use intake::litellm::LiteLlm;
use intake::meters::{Meters, READY_METERS};
use intake::{Import, Input, Map, Options, READY};
use jiff::Timestamp;
use work::Event;

fn arrival() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("an instant")
}

fn ready_meters() -> Meters {
    Meters::parse(READY_METERS[0].text).expect("the ready meters are meters")
}

/// Bounds of what a body became.
fn hold(items: &[Item], bytes: usize) {
    assert!(items.len() <= bytes + 1, "{} of {bytes}", items.len());
    for item in items {
        match &item.what {
            What::Events(events) | What::Verb(events) => {
                assert!((1..=4).contains(&events.len()));
                for event in events {
                    let again = Event::parse(&event.canonical()).expect("an event is read again");
                    assert_eq!(again, *event);
                    assert!(event.check_arrival(arrival()).is_ok());
                }
            }
            What::Undo(undo) => assert_eq!(undo.targets().len(), 5),
            What::Nothing(_) => {}
            What::Refused(refusal) => {
                assert!(refusal.pointer.is_empty() || refusal.pointer.starts_with('/'));
                assert!(!refusal.problem.is_empty());
            }
        }
    }
}

pub fn delivery(data: &[u8]) {
    let meters = ready_meters();
    for content_type in [
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    ] {
        let delivery = Delivery {
            content_type: Some(content_type),
            headers: &[],
            body: data,
        };
        let decoded = decode(&delivery, arrival(), &meters);
        if let Ok(items) = &decoded {
            hold(items, data.len());
        }
        assert_eq!(decode(&delivery, arrival(), &meters), decoded);
    }
}

/// Lines `name: value` up to an empty one are headers, the rest is the body.
pub fn binary(data: &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = data.split_at(end.unwrap_or(data.len()));
    let head = String::from_utf8_lossy(head);
    let headers: Vec<(&str, &str)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    let delivery = Delivery {
        content_type: None,
        headers: &headers,
        body: body.get(2..).unwrap_or_default(),
    };
    if let Ok(items) = decode(&delivery, arrival(), &ready_meters()) {
        assert_eq!(items.len(), 1);
        hold(&items, data.len());
    }
}

pub fn litellm(data: &[u8]) {
    let decoded = LiteLlm::default().decode(data, arrival());
    if let Ok(items) = &decoded {
        hold(items, data.len());
        // What is kept of a call comes to what the call came to.
        let kept = LiteLlm::default()
            .elements(data)
            .expect("it was read before");
        assert_eq!(kept.len(), items.len());
        for ((_, text), item) in kept.iter().zip(items) {
            if text.is_empty() {
                assert!(matches!(item.what, What::Refused(_)));
                continue;
            }
            let again = LiteLlm::default().decode(text.as_bytes(), arrival());
            let again = again.expect("one call").remove(0);
            match (&again.what, &item.what) {
                (What::Refused(again), What::Refused(own)) => {
                    assert_eq!(again.problem, own.problem);
                }
                (again, own) => assert_eq!(again, own),
            }
        }
    }
    assert_eq!(LiteLlm::default().decode(data, arrival()), decoded);
}

pub fn meters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Meters::parse(text) {
        Ok(meters) => assert!(meters.declared().next().is_some()),
        Err(error) => {
            assert!(!error.faults.is_empty());
            for fault in &error.faults {
                assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
            }
        }
    }
}

/// A file through the ready maps of bills and of spend logs.
pub fn map(data: &[u8]) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("rows.csv");
    std::fs::write(&path, data).expect("a file");
    for name in ["focus", "litellm-spend-logs"] {
        let ready = READY.iter().find(|ready| ready.name == name);
        let map = Map::parse(ready.expect("a ready map").text).expect("a ready map is a map");
        let read = || {
            let mut events = Vec::new();
            let import = Import::open(&map, &[Input::new(&path)], Options::default()).ok()?;
            for row in import {
                match row {
                    Ok(event) => {
                        let again =
                            Event::parse(&event.canonical()).expect("an event is read again");
                        assert_eq!(again, event);
                        events.push(event);
                    }
                    Err(refused) => assert!(!refused.problem.is_empty()),
                }
            }
            Some(events)
        };
        let events = read();
        assert!(
            events
                .as_ref()
                .is_none_or(|events| events.len() <= data.len())
        );
        assert_eq!(read(), events);
    }
}
