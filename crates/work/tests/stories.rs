//! The example definitions and their stories: events in, movements out.
//!
//! `examples/definitions/<name>.stories.toml` stands beside each `<name>.toml`. Its form is written
//! down in `docs/reference/definitions.md`, for people who want to add one.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use piecework_work as work;
use work::Definition;

use shorthand::{Stories, faults};

mod shorthand;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/definitions")
}

fn files(ending: &str) -> BTreeSet<String> {
    std::fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap()
}

fn definition(name: &str) -> Definition {
    let text = read(&format!("{name}.toml"));
    Definition::parse(&text).unwrap_or_else(|error| panic!("{name}.toml: {error}"))
}

/// Every row of the trade's definitions is there, with its source and at least three stories.
#[test]
fn every_definition_names_its_source_and_has_stories() {
    let definitions = files(".toml");
    assert_eq!(definitions, files(".stories.toml"));
    for row in [
        "fin",
        "zendesk-2024",
        "zendesk-2026-tiers",
        "agentforce-conversation",
        "agentforce-action",
        "agentforce-sdr",
        "sierra",
        "decagon",
        "hubspot",
        "gorgias-chat",
        "gorgias-email",
        "redo",
        "simple-chat",
        "deway",
        "helper",
        "placement",
        "net-new-revenue",
        "recovered-money",
        "ada",
        "chargeflow",
        "freddy-chat",
        "freddy-email",
        "piqely-meeting",
    ] {
        assert!(definitions.contains(row), "{row}");
    }
    for name in definitions {
        let text = read(&format!("{name}.toml"));
        assert!(
            text.starts_with("# ") && text.contains("# Source: ") && text.contains("2026"),
            "{name}"
        );
        let stories: Stories = toml::from_str(&read(&format!("{name}.stories.toml"))).unwrap();
        assert!(
            stories.story.len() >= 3,
            "{name} has fewer than three stories"
        );
    }
}

#[test]
fn every_story_ends_as_it_is_told() {
    let mut wrong = String::new();
    for name in files(".stories.toml") {
        wrong += &faults(
            &name,
            &definition(&name),
            &read(&format!("{name}.stories.toml")),
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A definition of the trade that the language cannot say is refused with the name of what is missing.
///
/// Agent Red: a conversation ends, and is billed, after 30 minutes of silence, when the customer closes
/// it, when it is escalated, or after 50 turns (agentredcx.com/billing/billable-conversation-spec, read
/// 2026-11-23). Everything but the 50 turns can be said: conditions do not count facts.
#[test]
fn a_limit_on_turns_is_refused_by_name() {
    let text = read("decagon.toml");
    let (head, rest) = text.split_once("\nwhen = ").unwrap();
    let (_, tail) = rest.split_once("[evidence]").unwrap();
    let said = |when: &str| format!("{head}\nwhen = \"{when}\"\n\n[evidence]{tail}");
    let ends = "closed, escalated, quiet(30m, last answered)";
    let whole = format!("all(answered where kind = answer, any({ends}, count(asked) >= 50))");
    let error = Definition::parse(&said(&whole)).unwrap_err();
    assert_eq!(error.faults[0].problem, "there is no `count(…)`");
    assert!(
        error.faults[0]
            .hint
            .as_ref()
            .unwrap()
            .contains("do not count or add facts")
    );
    let rest = format!("all(answered where kind = answer, any({ends}))");
    Definition::parse(&said(&rest)).unwrap();
}
