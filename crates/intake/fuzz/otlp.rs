//! What must hold of every OTLP request: nothing panics, every item is accounted for, what becomes
//! an event is one that the strict reader takes, and the same bytes come to the same.

use intake::otlp::{Above, Encoding, Mapping, Signal, answer, inflate as unpack, kept, receive};

/// A mapping that asks for everything.
const MAPPING: &str = "[[evaluation]]\nname = \"resolution\"\ncheck = \"judge\"\n";

pub fn otlp_json(data: &[u8]) {
    request(Encoding::Json, data);
}

pub fn otlp_protobuf(data: &[u8]) {
    request(Encoding::Protobuf, data);
}

pub fn inflate(data: &[u8]) {
    if let Ok(body) = unpack(data) {
        assert!(body.len() <= intake::limits::OTLP_BODY_BYTES_MAX);
    }
}

/// The first byte says which signal.
fn request(encoding: Encoding, data: &[u8]) {
    let Some((&which, body)) = data.split_first() else {
        return;
    };
    let signal = Signal::ALL[usize::from(which - which.min(b' ')) % 3];
    let mapping = Mapping::parse(MAPPING).expect("the mapping above is one");
    let read = || receive(signal, encoding, body, &mapping, &mut Above::default());
    let result = read();
    assert_eq!(result, read());
    let received = match result {
        Ok(received) => received,
        Err(refused) => {
            let code = answer::Code::InvalidArgument;
            let answer = answer::status(encoding, code, &refused.message());
            assert!(answer.len() <= 6 * intake::limits::OTLP_MESSAGE_BYTES_MAX + 100);
            return;
        }
    };
    let counts = received.counts;
    let told = counts.taken + counts.repeated + counts.passed_over + counts.rejected;
    assert_eq!(told, counts.items);
    assert!(counts.items <= body.len() as u64 / 2 + 1);
    assert!(received.events.len() as u64 <= counts.items);
    assert!(received.rejected_items() <= body.len() as u64);
    for event in &received.events {
        let again = work::Event::parse(&event.canonical());
        assert_eq!(again.as_ref(), Ok(event));
    }
    if signal != Signal::Metrics {
        let places = received.rejected.iter().map(|own| own.place).collect();
        let items = kept(signal, encoding, body, &mapping, &places).expect("it was read before");
        assert_eq!(items.len(), places.len());
        for item in items.values().filter(|item| !item.text.is_empty()) {
            let again = item.text.as_bytes();
            let mut above = Above::default();
            let again = receive(signal, Encoding::Json, again, &mapping, &mut above);
            assert_eq!(again.expect("a request of its own").counts.items, 1);
        }
    }
    let answer = answer::accepted(signal, encoding, &received);
    assert!(answer.len() <= 6 * intake::limits::OTLP_MESSAGE_BYTES_MAX + 100);
}
