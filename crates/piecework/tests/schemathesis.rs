//! The document of the API, tried against a live server by a program that knows nothing else of it
//! ([schemathesis](https://schemathesis.readthedocs.io)): no answer is a fault of the server, none has a status or
//! a body that the document does not know.
//!
//! `dev/test` installs it; where it is not there, the test is skipped, save in continuous integration.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::server::Served;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// Random requests of each operation under one key, beside the examples and the edges of each parameter.
const REQUESTS: &str = "12";

fn installed() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let path = root
        .unwrap()
        .join("target/clients/schemathesis/bin/schemathesis");
    if path.exists() {
        return Some(path);
    }
    let is_ci = std::env::var_os("CI").is_some();
    assert!(
        !is_ci,
        "{} is missing; dev/test installs it",
        path.display()
    );
    println!("skipped: {} is not there", path.display());
    None
}

/// Works, so that there is something to find.
fn works() -> String {
    let facts = (1..=3).flat_map(|work| {
        ["opened", "answered", "confirmed"].map(|kind| {
            format!(
                r#"{{"specversion":"1.0","id":"{work}-{kind}","source":"desk","type":"piecework.work.{kind}.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"T-{work}","data":{{}}}}"#
            )
        })
    });
    let facts: Vec<String> = facts.collect();
    format!("[{}]", facts.join(","))
}

#[test]
fn slow_the_document_and_the_server_agree() {
    let Some(program) = installed() else { return };
    let served = Served::new();
    let server = served.start();
    let (status, body) = server.post("/api/v1/events", "application/json", works().as_bytes());
    assert_eq!(status, 204, "{body}");
    let directory = tempfile::tempdir().unwrap();
    for role in ["operator", "finance", "auditor"] {
        let output = Command::new(&program)
            .args(["run", &format!("{}/openapi.json", server.address())])
            .args([
                "--header",
                &format!("authorization: Bearer {}", served.key(role)),
            ])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
            // The same requests at every run, however busy the machine is.
            .args(["--max-examples", REQUESTS, "--generation-deterministic"])
            .args(["--warnings", "off", "--no-color", "--continue-on-failure"])
            .current_dir(directory.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "under a key of {role}:\n{said}");
        assert!(said.contains("passed"), "{said}");
    }
}
