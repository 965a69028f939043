//! The annex: definitions in plain English, their edge cases answered by settlement.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::fmt::Write as _;
use std::path::Path;

use piecework_work as work;
use work::Definition;
use work::definition::{Exhibit, exhibit};

fn example(name: &str) -> Definition {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/definitions")
        .join(name);
    Definition::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn rendered(exhibit: &Exhibit) -> String {
    let mut out = format!("{}\n", exhibit.id);
    for section in &exhibit.sections {
        write!(out, "\n{}\n", section.heading).unwrap();
        for sentence in &section.sentences {
            writeln!(out, "- {sentence}").unwrap();
        }
    }
    out.push_str("\nEdge cases\n");
    for (index, case) in exhibit.cases.iter().enumerate() {
        writeln!(out, "{}. {}", index + 1, case.question).unwrap();
        for fact in &case.facts {
            writeln!(out, "     {fact}").unwrap();
        }
        writeln!(out, "   {}", case.answer).unwrap();
    }
    out
}

#[test]
fn a_resolution_in_plain_english() {
    insta::assert_snapshot!(rendered(&exhibit(&example("resolved-case.toml"))));
}

#[test]
fn an_outcome_of_fin_in_plain_english() {
    insta::assert_snapshot!(rendered(&exhibit(&example("fin.toml"))));
}

#[test]
fn a_placement_in_plain_english() {
    insta::assert_snapshot!(rendered(&exhibit(&example("placement.toml"))));
}

/// The first case is the agreed way: were it not to count, the annex would explain nothing.
#[test]
fn every_example_has_ten_cases_of_which_the_first_counts() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/definitions");
    let mut seen = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".stories.toml") || !name.ends_with(".toml") {
            continue;
        }
        seen += 1;
        let definition = example(&name);
        let exhibit = exhibit(&definition);
        assert_eq!(exhibit.cases.len(), 10, "{name}");
        assert!(
            exhibit.cases[0].answer.starts_with("Counts as"),
            "{name}: {:#?}",
            exhibit.cases[0]
        );
        let text = rendered(&exhibit);
        for class in &definition.counts {
            assert!(text.contains(&format!("`{}`", class.name)), "{name}");
        }
        assert!(
            exhibit
                .sections
                .iter()
                .all(|section| !section.sentences.is_empty()),
            "{name}"
        );
    }
    assert!(seen >= 20);
}
