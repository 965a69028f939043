//! The scenarios of `tests/scenarios`: dates, events, expected lines, one file each.
//!
//! How to write one stands in `tests/scenarios/README.md`. Beside the expected lines the laws of
//! `scenario::laws` are held against every file, and the second verifier recomputes it.
//! `PIECEWORK_UPDATE=1` writes the lines that are into the files; `PIECEWORK_SCENARIO=word` looks at
//! those alone whose path has the word in it.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)] // a test may stop at the first thing that is not there

use ::work;

#[path = "support/kept.rs"]
mod kept;
#[path = "support/recompute.rs"]
mod recompute;
#[path = "scenario/mod.rs"]
mod scenario;
#[path = "../../work/tests/shorthand/mod.rs"]
#[allow(dead_code)] // stories are told elsewhere
mod shorthand;

use std::path::{Path, PathBuf};

use piecework_pricing::Account;
use scenario::file::{self, CUSTOMER, File};
use scenario::play::{Played, play, play_leniently};
use scenario::{covers, laws, random, show, verifier};

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    root.canonicalize().unwrap()
}

#[test]
fn every_scenario_comes_to_the_lines_that_its_file_tells() {
    let root = root();
    let only = std::env::var_os("PIECEWORK_SCENARIO").unwrap_or_default();
    let only = only.to_string_lossy();
    let update = std::env::var_os("PIECEWORK_UPDATE").is_some();
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios");
    let _ = std::fs::remove_dir_all(&logs);
    std::fs::create_dir_all(&logs).unwrap();
    let mut failed = Vec::new();
    let mut ran = 0;
    for path in file::all(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        if !name.contains(&*only) {
            continue;
        }
        ran += 1;
        let told = match File::read(&root, &path) {
            Err(error) => vec![error],
            Ok(file) => match play(&file) {
                Err(error) => vec![error],
                Ok(played) => {
                    if update {
                        let mut patches = show::patches(&file, &played);
                        patches.extend(covers::patches(&file, &played));
                        let text = file::patched(&file.text, patches);
                        std::fs::write(&path, text).unwrap();
                    }
                    verifier::write(&logs, &root, &file, &played);
                    told(&file, &played, update)
                }
            },
        };
        if !told.is_empty() {
            failed.push(format!(
                "{name}\n  {}",
                told.join("\n").replace('\n', "\n  ")
            ));
        }
    }
    failed.extend(verifier::disagrees(&logs));
    assert!(ran > 0, "no scenario has `{only}` in its path");
    assert!(
        failed.is_empty(),
        "{} of {ran} scenarios:\n\n{}\n",
        failed.len(),
        failed.join("\n\n")
    );
}

/// What nobody thought of: the laws hold, and both verifiers come to the same bytes.
#[test]
fn scenarios_by_chance_keep_the_laws() {
    // The last two once showed a share that a waived work took.
    by_chance("by-chance", (0..50).chain([1_297, 1_792]));
}

#[test]
fn slow_many_scenarios_by_chance_keep_the_laws() {
    by_chance("many-by-chance", 1_000..2_000);
}

fn by_chance(name: &str, seeds: impl Iterator<Item = u64>) {
    let root = root();
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&logs);
    std::fs::create_dir_all(&logs).unwrap();
    let mut failed = Vec::new();
    for seed in seeds {
        let text = random::text(seed);
        let path = root.join(format!("by-chance-{seed}.toml"));
        let told = match File::parse(&root, &path, text.clone()) {
            Err(error) => vec![error],
            Ok(file) => match play_leniently(&file) {
                Err(error) => vec![error],
                Ok(played) => {
                    verifier::write(&logs, &root, &file, &played);
                    laws::broken(&played)
                }
            },
        };
        if !told.is_empty() {
            failed.push(format!("{text}\n{}", told.join("\n")));
        }
    }
    failed.extend(verifier::disagrees(&logs));
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// The page that teaches how to write one shows one that holds.
#[test]
fn the_example_of_the_page_holds() {
    let root = root();
    let page = root.join("README.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap().to_owned();
    let file = File::parse(&root, &page, example).unwrap();
    let played = play(&file).unwrap();
    assert_eq!(told(&file, &played, false), Vec::<String>::new());
}

#[test]
fn scenarios_that_pages_name_are_there() {
    let root = root();
    let pages = root.join("../../docs/reference");
    let text = std::fs::read_to_string(pages.join("semantics.md")).unwrap();
    let links = text.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    let named: Vec<&str> = links
        .filter(|link| link.contains("tests/scenarios/"))
        .collect();
    assert!(named.len() >= 8, "{named:?}");
    for link in named {
        assert!(pages.join(link).exists(), "{link}");
    }
}

/// What is wrong with a scenario.
fn told(file: &File, played: &Played, updated: bool) -> Vec<String> {
    let mut told = Vec::new();
    let words = [&file.scenario.title, &file.scenario.why];
    if words.iter().any(|text| text.trim().is_empty()) {
        told.push("`title` and `why` say something".to_owned());
    }
    if !updated {
        told.extend(show::differences(file, played));
        told.extend(covers::differences(file, played));
    }
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    for flag in &account.flags {
        let is_expected = |text: &String| flag.problem.contains(text.as_str());
        if !file.scenario.flagged.iter().any(is_expected) {
            told.push(format!(
                "entry {} changes nothing: {}",
                flag.entry, flag.problem
            ));
        }
    }
    for text in &file.scenario.flagged {
        if !account
            .flags
            .iter()
            .any(|flag| flag.problem.contains(text.as_str()))
        {
            told.push(format!("nothing is flagged with `{text}`"));
        }
    }
    told.extend(laws::broken(played));
    told
}
