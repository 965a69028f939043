//! Deliveries in a few words.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use piecework_intake::delivery::{Delivery, DeliveryError, Item, What, decode};
use piecework_intake::meters::Meters;
use work::Event;

pub(crate) const ONE: &str = "application/cloudevents+json";
pub(crate) const BATCH: &str = "application/cloudevents-batch+json";
pub(crate) const JSON: &str = "application/json";

pub(crate) fn arrival() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn meters(text: &str) -> Meters {
    Meters::parse(text).unwrap_or_else(|error| panic!("{:#?}", error.faults))
}

pub(crate) fn send_to(
    meters: &Meters,
    content_type: &str,
    body: impl AsRef<[u8]>,
) -> Result<Vec<Item>, DeliveryError> {
    let delivery = Delivery {
        content_type: Some(content_type),
        headers: &[("content-type", content_type)],
        body: body.as_ref(),
    };
    decode(&delivery, arrival(), meters)
}

pub(crate) fn send(content_type: &str, body: impl AsRef<[u8]>) -> Result<Vec<Item>, DeliveryError> {
    send_to(&Meters::default(), content_type, body)
}

/// What each element became, in words: its events, or the place and reason of its refusal.
pub(crate) fn told(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| match &item.what {
            What::Events(events) | What::Verb(events) => {
                let events: Vec<String> = events.iter().map(Event::canonical).collect();
                events.join("\n")
            }
            What::Undo(undo) => format!("undo {}", undo.target),
            What::Nothing(reason) => format!("nothing: {reason}"),
            What::Refused(refusal) => format!("refused {refusal}"),
        })
        .collect()
}

/// The events of a delivery, all of which must be accepted.
pub(crate) fn events(items: Vec<Item>) -> Vec<Event> {
    let of_item = |item: Item| match item.what {
        What::Events(events) | What::Verb(events) => events,
        other => panic!("{other:?}"),
    };
    items.into_iter().flat_map(of_item).collect()
}

/// A file of the real data, where it is there.
pub(crate) fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PIECEWORK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!(
        "skipped: {} is not there; set PIECEWORK_DATA",
        path.display()
    );
    None
}
