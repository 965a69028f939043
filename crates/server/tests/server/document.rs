//! The document that describes the API is the one that is committed, so that a change of it is seen.

use std::path::Path;

use serde_json::Value;

use crate::support::Server;

#[test]
fn the_committed_document_is_the_servers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let file = root.join("api/openapi.json");
    let document = format!(
        "{}\n",
        serde_json::to_string_pretty(&Server::new().document).unwrap()
    );
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        committed, document,
        "PIECEWORK_UPDATE=1 writes api/openapi.json anew; read the difference"
    );
}

#[test]
fn every_operation_is_named_described_and_says_how_it_may_fail() {
    let server = Server::new();
    assert_eq!(server.document["openapi"], "3.1.0");
    let mut names = Vec::new();
    for route in &server.table {
        let method = route.method.to_lowercase();
        let operation = &server.document["paths"][&route.path][method];
        if route.is_screen {
            assert!(
                operation.is_null(),
                "{}: a page is not of the API",
                route.path
            );
            continue;
        }
        let name = operation["operationId"].as_str().unwrap();
        assert!(!names.contains(&name.to_owned()), "{name} twice");
        names.push(name.to_owned());
        assert!(operation["summary"].is_string(), "{name} has a summary");
        // A sender of OTLP is told to send again what took too long: 503.
        let is_otlp = ["/v1/traces", "/v1/logs", "/v1/metrics"].contains(&route.path.as_str());
        let statuses = ["408", "413", "429", "500", "503"];
        for status in &statuses[usize::from(is_otlp)..] {
            let response = &operation["responses"][status];
            assert!(response.is_object(), "{name} says nothing of {status}");
        }
    }
    assert!(names.len() >= 5);
}

/// Whatever is referred to is there.
#[test]
fn the_document_refers_to_nothing_that_is_not_there() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(target) if name == "$ref" => found.push(target),
                        _ => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = Server::new().document;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}
