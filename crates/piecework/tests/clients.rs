//! Other people's clients against a live server (`clients/README.md`).
//!
//! `dev/test` installs the clients; where they are not there, these tests are skipped, save in continuous
//! integration.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::server::{Served, Server};

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap().to_owned()
}

/// A program of an installed client, or `None` where the test is to be skipped.
fn installed(program: &str) -> Option<PathBuf> {
    let path = root().join("target/clients").join(program);
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

/// Runs a client against a server of its own; the deliveries that it then counts.
fn deliveries(program: &Path, script: &str) -> [u64; 5] {
    let served = Served::new();
    let server = served.start();
    run(program, script, &server, served.key("ingest"));
    server.deliveries()
}

/// Runs a client with a server's address and a key.
fn run(program: &Path, script: &str, server: &Server<'_>, key: &str) {
    // Where the packages are found, and the program beside them.
    let directory = root().join("target/clients");
    let copy = directory.join(script);
    std::fs::copy(root().join("clients").join(script), &copy).unwrap();
    let output = Command::new(program)
        .arg(&copy)
        .args([server.address(), key])
        .current_dir(&directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn openmeters_client_for_python_works_unchanged() {
    if let Some(python) = installed("python/bin/python") {
        assert_eq!(deliveries(&python, "openmeter_client.py"), [7, 4, 3, 0, 0]);
    }
}

#[test]
fn openmeters_client_for_javascript_works_unchanged() {
    if installed("node_modules/@openmeter/sdk").is_some() {
        let node = Path::new("node");
        assert_eq!(deliveries(node, "openmeter_client.mjs"), [7, 4, 3, 0, 0]);
    }
}

#[test]
fn the_specifications_library_verifies_webhooks() {
    if installed("node_modules/standardwebhooks").is_some() {
        let served = Served::new();
        let server = served.start_with_webhooks();
        let script = "standardwebhooks_client.mjs";
        run(Path::new("node"), script, &server, served.key("operator"));
    }
}
