//! Every row of the table of threats in `docs/concepts/what-proof-means.md` names what shows it, and
//! what it names exists: a case of the corpus, a code that cases of it are refused with, or a test
//! anywhere in the workspace. A name that was changed, or a claim without a test, fails here.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod corpus;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/concepts/what-proof-means.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of the table whose last column is "shown by": the threat, and that column.
fn rows(page: &str) -> Vec<(&str, &str)> {
    page.lines()
        .skip_while(|line| !line.ends_with("| shown by |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{line}");
            (cells[0], cells[2])
        })
        .collect()
}

/// What stands in backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of all tests under `crates`.
fn tests(directory: &Path, found: &mut BTreeSet<String>) {
    for item in std::fs::read_dir(directory).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|own| own == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line == "#[test]" {
                    is_test = true;
                } else if let Some(name) = line.strip_prefix("fn ") {
                    if is_test {
                        let name = name.split('(').next().unwrap();
                        found.insert(name.to_owned());
                    }
                    is_test = false;
                }
            }
        }
    }
}

#[test]
fn every_threat_names_what_shows_it() {
    let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let rows = rows(&page);
    assert!(rows.len() > 20, "{} rows in {PAGE}", rows.len());
    let cases = corpus::cases::all();
    let mut known: BTreeSet<String> = cases.iter().map(|case| case.name.clone()).collect();
    known.extend(cases.iter().map(|case| format!("code {}", case.expected)));
    tests(&root().join("crates"), &mut known);
    assert!(known.contains("every_threat_names_what_shows_it"));
    let mut wrong = Vec::new();
    for (threat, shown) in rows {
        let names = names(shown);
        if names.is_empty() {
            wrong.push(format!("{threat}: nothing shows it"));
        }
        for name in names {
            if !known.contains(name) {
                wrong.push(format!("{threat}: there is no `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{PAGE}:\n{}", wrong.join("\n"));
}
