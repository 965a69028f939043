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
#[path = "support/many.rs"]
mod many;
#[path = "support/recompute.rs"]
mod recompute;
#[path = "scenario/mod.rs"]
mod scenario;
#[path = "../../work/tests/shorthand/mod.rs"]
#[allow(dead_code)] // stories are told elsewhere
mod shorthand;

use std::path::{Path, PathBuf};

use many::{Counts, Reached};
use piecework_pricing::Account;
use piecework_pricing::statement::LineKind;
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
    let seeds: Vec<u64> = (0..50).chain([1_297, 1_792]).collect();
    by_chance("by-chance", &seeds, random::LONG, 1);
}

#[test]
fn slow_many_scenarios_by_chance_keep_the_laws() {
    let seeds: Vec<u64> = (1_000..2_000).collect();
    by_chance("many-by-chance", &seeds, random::LONG, 1);
}

/// Small ones, so that they are many. The second verifier recomputes one in twenty.
#[test]
fn slow_ten_thousand_small_scenarios_by_chance_keep_the_laws() {
    let seeds: Vec<u64> = (10_000..20_000).collect();
    let counts = by_chance("small-by-chance", &seeds, random::SHORT, 20);
    counts.hold(&[
        ("a charge", 9_000),
        ("an adjustment", 600),
        ("a line absorbed", 100),
        ("goodwill", 100),
        ("prepaid credits", 50),
        ("several statements", 5_000),
        ("less than nothing", 50),
    ]);
}

/// Plays the scenarios of seeds, on every processor that there is; the second verifier recomputes one in so many.
fn by_chance(name: &str, seeds: &[u64], size: random::Size, one_in: usize) -> Counts {
    let root = root();
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&logs);
    std::fs::create_dir_all(&logs).unwrap();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = seeds.len().div_ceil(threads);
    let played = std::thread::scope(|scope| {
        let play_some = |seeds: &[u64]| {
            let played = seeds.iter().enumerate();
            let played = played.map(|(place, seed)| {
                let logs = place.is_multiple_of(one_in).then_some(logs.as_path());
                one_by_chance(&root, *seed, size, logs)
            });
            played.collect::<Vec<_>>()
        };
        let threads: Vec<_> = seeds
            .chunks(share)
            .map(|seeds| scope.spawn(move || play_some(seeds)))
            .collect();
        let joined = threads.into_iter().map(|own| own.join().unwrap());
        joined.flatten().collect::<Vec<_>>()
    });
    let mut counts = Counts::default();
    let mut failed = Vec::new();
    for (told, reached) in played {
        failed.extend(told);
        counts.add(reached);
    }
    failed.extend(verifier::disagrees(&logs));
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    counts
}

/// What is wrong with the scenario of a seed, and what it reached; its log is written for the second verifier.
fn one_by_chance(
    root: &Path,
    seed: u64,
    size: random::Size,
    logs: Option<&Path>,
) -> (Option<String>, Reached) {
    let reached = Reached::default();
    let text = random::text(seed, size);
    let path = root.join(format!("by-chance-{seed}.toml"));
    let told = match File::parse(root, &path, text.clone()) {
        Err(error) => vec![error],
        Ok(file) => match play_leniently(&file) {
            Err(error) => vec![error],
            Ok(played) => {
                if let Some(logs) = logs {
                    verifier::write(logs, root, &file, &played);
                }
                count(&played, &reached);
                laws::broken(&played)
            }
        },
    };
    let told = (!told.is_empty()).then(|| format!("{text}\n{}", told.join("\n")));
    (told, reached)
}

fn count(played: &Played, reached: &Reached) {
    for drawn in &played.drawn {
        let statement = &drawn.statement;
        let has = |kind| statement.lines.iter().any(|line| line.kind == kind);
        reached.when("a charge", has(LineKind::Charge));
        reached.when("an adjustment", has(LineKind::Adjustment));
        reached.when("a line absorbed", has(LineKind::Absorbed));
        reached.when("goodwill", has(LineKind::Goodwill));
        reached.when("prepaid credits", !statement.credits.is_empty());
        reached.when("less than nothing", statement.total.is_negative());
    }
    reached.when("several statements", played.drawn.len() > 1);
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
    if let Some(wanted) = &file.scenario.on_account {
        let found = show::on_account(played);
        if *wanted != found {
            told.push(format!(
                "`on_account` is `{found}`, and the file says `{wanted}`"
            ));
        }
    }
    told.extend(laws::broken(played));
    told
}
