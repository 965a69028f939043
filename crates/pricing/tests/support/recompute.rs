//! A log as the recompute vectors write it down: entries as they are stored, and what they give.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use jiff::Timestamp;
use piecework_pricing::Statement;
use work::Json;
use work::effective::Content;

/// What the first line of the file says.
pub struct Case<'a> {
    pub name: &'a str,
    pub rules: &'a str,
    pub about: &'a str,
    pub customer: &'a str,
}

/// The file: what it is about, the entries with their arrival, the statements drawn up from so many
/// of them.
pub fn file(
    case: &Case<'_>,
    contents: &[Content],
    received: &[Timestamp],
    expected: &[(usize, &Statement)],
) -> String {
    let head = Json::object([(
        "case",
        Some(Json::object([
            ("name", Some(Json::text(case.name))),
            ("rules", Some(Json::text(case.rules))),
            ("about", Some(Json::text(case.about))),
            ("customer", Some(Json::text(case.customer))),
        ])),
    )]);
    let mut lines = vec![head.to_canonical()];
    for (place, (content, received)) in contents.iter().zip(received).enumerate() {
        lines.push(entry(&contents[..place], content, *received));
    }
    for (coverage, statement) in expected {
        let expected = Json::object([
            ("contract", Some(Json::text(&statement.contract))),
            ("cut", Some(Json::text(statement.cut.to_string()))),
            ("coverage", Some(Json::Number(coverage.to_string().into()))),
            (
                "revision",
                Some(Json::Number(statement.revision.to_string().into())),
            ),
            ("digest", Some(Json::text(statement.digest().to_string()))),
            ("body", Some(statement.to_json())),
        ]);
        lines.push(Json::object([("expected", Some(expected))]).to_canonical());
    }
    lines.push(String::new());
    lines.join("\n")
}

/// An entry as a log stores it.
fn entry(earlier: &[Content], content: &Content, received: Timestamp) -> String {
    let event = &content.event;
    let known = earlier
        .iter()
        .any(|own| own.event.source == event.source && own.event.id == event.id);
    Json::object([
        ("conflict", known.then_some(Json::Bool(true))),
        ("event", Some(event.to_json())),
        ("received_at", Some(Json::text(received.to_string()))),
    ])
    .to_canonical()
}
