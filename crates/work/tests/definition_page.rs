//! `docs/reference/definitions.md` names everything that a definition can say, and its examples work.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::path::Path;

use piecework_work as work;
use work::body::{AnswerKind, AskKind, CheckResult, CostLine, Kind, ReviewResult};
use work::definition::{Counterfactual, DecidedBy, KEYS};
use work::{Definition, Header, definition::Condition};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/definitions.md");
    std::fs::read_to_string(path).unwrap()
}

/// The blocks of one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    page.split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_key_kind_attribute_word_and_header_is_on_the_page() {
    let page = page();
    let named = |name: &str| page.contains(&format!("`{name}`"));
    let mut missing: Vec<String> = Vec::new();
    let mut want = |name: &str| {
        if !named(name) {
            missing.push(name.to_owned());
        }
    };
    for (section, keys) in KEYS {
        want(if section.is_empty() { "id" } else { section });
        keys.iter().for_each(|key| want(key));
    }
    for kind in Kind::CONDITIONS {
        want(kind.condition_name().unwrap());
    }
    Header::ALL.iter().for_each(|header| want(header.name()));
    AskKind::WORDS.iter().for_each(|(word, _)| want(word));
    AnswerKind::WORDS.iter().for_each(|(word, _)| want(word));
    CheckResult::WORDS.iter().for_each(|(word, _)| want(word));
    ReviewResult::WORDS.iter().for_each(|(word, _)| want(word));
    CostLine::WORDS.iter().for_each(|(word, _)| want(word));
    DecidedBy::WORDS.iter().for_each(|(word, _)| want(word));
    Counterfactual::WORDS
        .iter()
        .for_each(|(word, _)| want(word));
    [
        "credit",
        "stand",
        "quiet(span, anchor)",
        "elapsed(span, anchor)",
    ]
    .into_iter()
    .for_each(want);
    assert!(missing.is_empty(), "not on the page: {missing:?}");
    for kind in Kind::CONDITIONS {
        let name = kind.condition_name().unwrap();
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")))
            .unwrap();
        for attribute in kind.attributes() {
            assert!(
                row.contains(&format!("`{attribute}`")),
                "{name}: {attribute}"
            );
        }
    }
}

#[test]
fn the_examples_of_the_page_work() {
    let page = page();
    let definitions: Vec<String> = blocks(&page, "toml")
        .into_iter()
        .filter(|block| block.starts_with("id = "))
        .collect();
    assert!(!definitions.is_empty());
    for text in definitions {
        Definition::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    let conditions = blocks(&page, "condition").concat();
    assert!(conditions.lines().count() >= 5);
    for line in conditions.lines() {
        let condition = Condition::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(condition.to_string(), line);
    }
}

/// The grammar on the page is the grammar in the module that the parser implements.
#[test]
fn the_grammar_of_the_page_is_that_of_the_code() {
    let page = page();
    let grammar = blocks(&page, "text").concat();
    let source = include_str!("../src/definition/condition.rs");
    for line in grammar.lines() {
        let line = line.replace(r#"'"' text '"'"#, r#""\"" text "\"""#);
        assert!(
            source.contains(&format!("//! {line}")),
            "not in condition.rs: {line}"
        );
    }
}
