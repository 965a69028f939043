//! Every command in the documentation runs, and prints what the page says.
//!
//! A fenced block marked `console` holds commands behind `$ `, further lines of one command (a
//! here-document) behind `> `, and below each what it prints. The blocks of one page run in order in
//! one empty directory, with the binary first on the path and a fixed `now`. A block marked `console
//! data` needs the public data sets; one marked `now=INSTANT` is run at that instant, for data that
//! is long past; one marked `in=DIRECTORY` in that directory beside the others, for parties that have a
//! machine each. Keys come from the command's text, so that a page shows the same ones every time. With
//! `PIECEWORK_UPDATE=1` the pages are rewritten with what the commands print now.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that panics is a test that fails

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use work::Digest;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_path_buf()
}

fn data() -> Option<PathBuf> {
    let data = std::env::var_os("PIECEWORK_DATA")
        .map_or_else(|| root().join("../shared/data"), PathBuf::from);
    if data.is_dir() {
        return Some(data.canonicalize().unwrap());
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no data sets at {}",
        data.display()
    );
    None
}

/// The instant of blocks that name none.
const NOW: &str = "2026-02-03T09:00:00Z";

/// Runs one command in `directory`; what it prints on both streams, and its exit code if not 0.
fn run(line: &str, directory: &Path, now: &str, data: Option<&Path>) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_piecework"))
        .parent()
        .unwrap()
        .to_path_buf();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec 2>&1\n{line}")])
        .current_dir(directory)
        .env("PATH", format!("{}:{path}", binary.display()))
        .env("PIECEWORK_NOW", now)
        .env("PIECEWORK_RANDOM", Digest::of(line.as_bytes()).to_string())
        .env("EXAMPLES", root().join("examples"))
        .env("SDK", root().join("sdk"))
        .env("VERIFIERS", root().join("verifiers"))
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env_remove("PIECEWORK_CONFIG");
    if let Some(data) = data {
        command.env("DATA", data);
    }
    let output = command.output().unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    match output.status.code() {
        Some(0) => {}
        code => writeln!(
            text,
            "[exit code {}]",
            code.map_or("none".into(), |c| c.to_string())
        )
        .unwrap(),
    }
    text
}

/// The page with the output of its commands as they print now.
fn rewritten(page: &str, directory: &Path) -> String {
    let data = data();
    let mut out = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        let Some(marks) = line.strip_prefix("```console") else {
            continue;
        };
        let needs_data = marks.split_whitespace().any(|mark| mark == "data");
        let mark = |name: &str| {
            let mut marks = marks.split_whitespace();
            marks.find_map(|mark| mark.strip_prefix(name)?.strip_prefix('='))
        };
        let now = mark("now").unwrap_or(NOW);
        let directory = directory.join(mark("in").unwrap_or("."));
        std::fs::create_dir_all(&directory).unwrap();
        let mut block = Vec::new();
        for line in lines.by_ref() {
            if line == "```" {
                break;
            }
            block.push(line);
        }
        if needs_data && data.is_none() {
            eprintln!("skipped: a block needs the public data sets");
            block
                .iter()
                .for_each(|line| writeln!(out, "{line}").unwrap());
        } else {
            for command in commands(&block) {
                writeln!(out, "$ {}", command.replace('\n', "\n> ")).unwrap();
                out.push_str(&run(&command, &directory, now, data.as_deref()));
            }
        }
        writeln!(out, "```").unwrap();
    }
    out
}

/// The commands of a block: each `$ ` line with the `> ` lines right below it.
fn commands(block: &[&str]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut continues = false;
    for line in block {
        if let Some(first) = line.strip_prefix("$ ") {
            commands.push(first.to_owned());
            continues = true;
        } else if let (true, Some(further)) = (continues, line.strip_prefix("> ")) {
            let command = commands.last_mut().unwrap();
            command.push('\n');
            command.push_str(further);
        } else {
            continues = false;
        }
    }
    commands
}

#[track_caller]
fn check(page: &str) {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let now = rewritten(&text, directory.path());
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        std::fs::write(&path, now).unwrap();
    } else {
        assert!(
            text.contains("```console"),
            "{page} has no commands; is it listed here by mistake?"
        );
        similar(&text, &now, page);
    }
}

#[track_caller]
fn similar(want: &str, got: &str, page: &str) {
    if want == got {
        return;
    }
    let differing = want.lines().zip(got.lines()).position(|(a, b)| a != b);
    let at = differing.unwrap_or_else(|| want.lines().count().min(got.lines().count()));
    let around = |text: &str| {
        text.lines()
            .skip(at.saturating_sub(2))
            .take(12)
            .collect::<Vec<_>>()
            .join("\n")
    };
    panic!(
        "{page} differs from line {}:\n--- the page\n{}\n--- the command\n{}\n(PIECEWORK_UPDATE=1 rewrites the page; read the difference first)",
        at + 1,
        around(want),
        around(got)
    );
}

#[test]
fn tutorial() {
    check("docs/tutorial.md");
}

#[test]
fn tutorial_of_the_server() {
    check("docs/tutorial-server.md");
}

#[test]
fn asks() {
    check("docs/asks.md");
}

#[test]
fn how_to_collect_with_stripe() {
    check("docs/how-to/collect-with-stripe.md");
}

#[test]
fn how_to_pay_several_contracts_at_once() {
    check("docs/how-to/one-bill-for-several-contracts.md");
}

#[test]
fn how_to_sample() {
    check("docs/how-to/sample-what-was-billed.md");
}

#[test]
fn how_to_give_a_buyer_access() {
    check("docs/how-to/give-a-buyer-access.md");
}

#[test]
fn how_to_quote_a_contract() {
    check("docs/how-to/quote-a-contract.md");
}

#[test]
fn how_to_move_from_another_system() {
    check("docs/how-to/move-from-another-system.md");
}

#[test]
fn story_six_things_on_one_bill() {
    check("docs/stories/six-things-on-one-bill.md");
}

#[test]
fn story_a_share_of_what_came_in() {
    check("docs/stories/a-share-of-what-came-in.md");
}

#[test]
fn slow_story_who_decides() {
    check("docs/stories/who-decides.md");
}

#[test]
fn slow_story_accepted_patches() {
    check("docs/stories/accepted-patches.md");
}

#[test]
fn slow_story_resolved_tickets() {
    check("docs/stories/resolved-tickets.md");
}

#[test]
fn slow_story_loan_decisions() {
    check("docs/stories/loan-decisions.md");
}

#[test]
fn slow_story_incidents() {
    check("docs/stories/incidents.md");
}
