//! What people and models wrote: nowhere, unless the book keeps it; then behind a commitment in the seller's log.

use book::acts::Redact;
use work::body::Body;
use work::{Event, LogKind};

use crate::support::{Server, start};

const JSON: (&str, &str) = ("content-type", "application/json");
const SECRET: &str = "my secret";

const CALLS: &str = r#"[
    {"id":"chatcmpl-0123456789abcdef","startTime":1767690000,"model":"gpt-4o","prompt_tokens":1,"completion_tokens":2,"end_user":"acme",
     "messages":[{"role":"user","content":"my secret"}],"response":{"usage":{"prompt_tokens":1},"choices":["my secret"]},"error_str":"my secret"},
    {"id":"chatcmpl-fedcba9876543210","model":"gpt-4o","messages":[{"content":"my secret"}]}
]"#;

const SPANS: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
    {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","name":"chat","endTimeUnixNano":"1767225601000000000","attributes":[
     {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},
     {"key":"gen_ai.usage.input_tokens","value":{"intValue":"1"}},{"key":"piecework.customer.id","value":{"stringValue":"acme"}},
     {"key":"piecework.unit.id","value":{"stringValue":"w1"}},
     {"key":"gen_ai.input.messages","value":{"stringValue":"[{\"content\":\"my secret\"}]"}},
     {"key":"gen_ai.prompt.0.content","value":{"stringValue":"my secret"}}]},
    {"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"01","name":"chat","endTimeUnixNano":"1767225601000000000","attributes":[
     {"key":"gen_ai.completion.0.content","value":{"stringValue":"my secret"}}]}
]}]}]}"#;

/// Sends both, twice; every text that was answered.
async fn send(server: &Server) -> String {
    let mut answers = String::new();
    for _ in 0..2 {
        for (path, body) in [("/ingest/litellm", CALLS), ("/v1/traces", SPANS)] {
            answers += &server.post(path, &[JSON], body).await.text;
        }
    }
    answers
}

/// The entries of a customer's log.
fn entries(server: &Server, customer: &str, log: LogKind) -> Vec<Event> {
    let store = server.app.store();
    let head = store.head(customer, log).unwrap();
    let entries = store.entries(customer, log, 0..head).unwrap();
    entries.map(|entry| entry.unwrap().event).collect()
}

/// Whether a text stands anywhere in the files of the book.
fn is_on_disk(server: &Server, text: &str) -> bool {
    let mut directories = vec![server.book_path()];
    while let Some(directory) = directories.pop() {
        for own in std::fs::read_dir(directory).unwrap() {
            let path = own.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = text.as_bytes();
            if bytes.windows(text.len()).any(|own| own == text) {
                return true;
            }
        }
    }
    false
}

#[tokio::test]
async fn without_the_switch_texts_are_nowhere() {
    let server = Server::new();
    let answers = send(&server).await;
    assert!(!answers.contains("secret"), "{answers}");
    assert_eq!(entries(&server, "acme", LogKind::Seller).len(), 2);
    assert!(!is_on_disk(&server, SECRET));
    // The search finds what is there.
    assert!(is_on_disk(&server, "chatcmpl-0123456789abcdef"));
}

#[tokio::test]
async fn with_the_switch_texts_are_behind_commitments_in_the_sellers_log() {
    let server = Server::keeping_texts();
    let answers = send(&server).await;
    assert!(!answers.contains("secret"), "{answers}");
    // The buyer's log says nothing, not even how many calls there were.
    assert!(entries(&server, "acme", LogKind::Shared).is_empty());
    let own = entries(&server, "acme", LogKind::Seller);
    assert!(!format!("{own:?}").contains("secret"), "{own:?}");
    assert_eq!(own.len(), 4, "two costs, and once the texts of each");
    let evidence: Vec<&Event> = own
        .iter()
        .filter(|own| matches!(own.body, Body::Evidence { .. }))
        .collect();
    let [call, span] = evidence.as_slice() else {
        panic!("{evidence:?}");
    };
    assert_eq!(call.id, "chatcmpl-0123456789abcdef/texts");
    assert_eq!(
        (call.source.as_str(), span.source.as_str()),
        ("litellm", "otlp")
    );
    assert_eq!(span.work.as_deref(), Some("w1"));
    let store = server.app.store();
    let payload = |event: &Event| {
        let Body::Evidence { commitment, .. } = &event.body else {
            panic!("{event:?}");
        };
        let payload = store.payload(commitment).unwrap();
        payload.map(|own| String::from_utf8(own.bytes).unwrap())
    };
    let texts = payload(call).unwrap();
    let texts: serde_json::Value = serde_json::from_str(&texts).unwrap();
    assert_eq!(texts["messages"][0]["content"], SECRET);
    assert_eq!(texts["response"]["choices"][0], SECRET);
    let texts: serde_json::Value = serde_json::from_str(&payload(span).unwrap()).unwrap();
    assert_eq!(texts["attributes"].as_array().unwrap().len(), 2);
    // What was refused never has its texts.
    let queue = server.ask(
        piecework_server::access::Role::Operator,
        ("GET", "/v1/refused"),
        &[],
        "",
    );
    assert!(!queue.await.text.contains("secret"));

    // Redacted: payload and salt are gone, the record is in the log of what it is about, and sending the call
    // again brings nothing back.
    let redact = Redact {
        customer: "acme",
        source: "litellm",
        event: &call.id,
        reason: "a person asked for it",
        by: "privacy",
    };
    let redacted = server.app.book().redact(&redact, start()).unwrap();
    assert_eq!(redacted.what.deleted, 1);
    assert!(payload(call).is_none());
    send(&server).await;
    assert!(payload(call).is_none());
    assert_eq!(entries(&server, "acme", LogKind::Seller).len(), 5);
    assert!(entries(&server, "acme", LogKind::Shared).is_empty());
}
