//! `piecework try`: a draft from an export that nobody described.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::process::Command;

const EXPORT: &str = "ticket_id,client,status,updated_at,cost_usd
T-1,acme,Open,2026-01-05T09:00:00Z,
T-1,acme,Resolved,2026-01-05T10:00:00Z,0.11
T-2,acme,Open,2026-01-06T09:00:00Z,
T-2,acme,Resolved,2026-01-06T10:00:00Z,0.13
T-3,acme,Open,2026-01-07T09:00:00Z,0.05
T-3,acme,Open,2026-01-08T09:00:00Z,
";

#[test]
fn an_export_that_names_only_its_tickets_is_counted_and_priced() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("export.csv"), EXPORT).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
        .args([
            "try",
            "export.csv",
            "--preset",
            "fin-style",
            "--keep-map",
            "map.toml",
        ])
        .current_dir(directory.path())
        .env("PIECEWORK_NOW", "2026-02-03T09:00:00Z")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    assert!(
        text.contains("2 works") && text.contains("1.98 USD"),
        "{text}"
    );
    assert!(text.contains("acme") && text.contains("DRAFT"), "{text}");
    assert!(directory.path().join("map.toml").exists(), "{text}");
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "the book was thrown away: {left:?}");
}

/// Unknown is never zero: an export without costs does not earn 100 %.
#[test]
fn an_export_without_costs_has_no_margin_and_says_how_to_give_them() {
    let directory = tempfile::tempdir().unwrap();
    let export = EXPORT
        .lines()
        .map(|line| line.rsplit_once(',').unwrap().0)
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(directory.path().join("export.csv"), export).unwrap();
    let run = |flags: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
            .args(["try", "export.csv", "--preset", "fin-style"])
            .args(flags)
            .current_dir(directory.path())
            .env("PIECEWORK_NOW", "2026-02-03T09:00:00Z")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let text = run(&[]);
    assert!(text.contains("the margin is unknown"), "{text}");
    assert!(text.contains("--set cost=COLUMN"), "{text}");
    assert!(!text.contains("100.0 %"), "{text}");
    let json = run(&["--json"]);
    assert!(json.contains("\"margin\": null"), "{json}");
}
