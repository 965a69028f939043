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
