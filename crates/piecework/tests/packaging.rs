//! What an operator is given fits what the server does: the unit, the proxies, the image, the alerts.
//!
//! `systemd-analyze` looks at the unit where it is installed; Prometheus and the proxies were asked by hand.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::process::Command;

use server::limits::{
    BODY_BYTES_MAX, CONNECTIONS_MAX, DRAIN_TIME_MAX, HEADERS_BYTES_MAX, HEADERS_TIME_MAX,
    REQUEST_TIME_MAX,
};
use support::root;
use support::server::Served;

fn packaged(file: &str) -> String {
    std::fs::read_to_string(root().join("packaging").join(file)).unwrap()
}

/// The rest of the line that begins so.
fn after<'t>(text: &'t str, begins: &str) -> &'t str {
    let mut lines = text.lines().map(str::trim_start);
    let line = lines.find_map(|line| line.strip_prefix(begins));
    line.unwrap_or_else(|| panic!("no line begins with {begins}"))
        .trim_end_matches([';', ' '])
}

fn seconds(text: &str) -> u64 {
    text.trim_end_matches('s').parse().unwrap()
}

#[test]
fn the_unit_gives_the_server_what_it_needs() {
    let unit = packaged("piecework.service");
    assert!(seconds(after(&unit, "TimeoutStopSec=")) > DRAIN_TIME_MAX.as_secs());
    let files: usize = after(&unit, "LimitNOFILE=").parse().unwrap();
    assert!(files > 4 * CONNECTIONS_MAX);
    let stop_timeout = packaged("Dockerfile");
    let (_, stop_timeout) = stop_timeout.split_once("--stop-timeout ").unwrap();
    let stop_timeout = stop_timeout.split_whitespace().next().unwrap();
    assert!(seconds(stop_timeout) > DRAIN_TIME_MAX.as_secs());
}

#[test]
fn the_unit_is_valid_and_little_exposed() {
    let Ok(there) = Command::new("systemd-analyze").arg("--version").output() else {
        println!("skipped: systemd-analyze is not here");
        return;
    };
    assert!(there.status.success());
    let directory = tempfile::tempdir().unwrap();
    let unit = directory.path().join("piecework.service");
    let text = packaged("piecework.service");
    let installed = "/usr/local/bin/piecework";
    assert!(text.contains(installed));
    std::fs::write(
        &unit,
        text.replace(installed, env!("CARGO_BIN_EXE_piecework")),
    )
    .unwrap();
    // `--threshold` is in tenths: 10 is as exposed as can be.
    for arguments in [
        &["verify"][..],
        &["security", "--offline=true", "--threshold=15"],
    ] {
        let mut command = Command::new("systemd-analyze");
        let output = command.args(arguments).arg(&unit).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.is_empty(),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn the_proxies_have_the_bounds_of_the_server() {
    let (nginx, caddy) = (packaged("nginx.conf"), packaged("Caddyfile"));
    let mebibytes = BODY_BYTES_MAX / (1024 * 1024);
    assert_eq!(
        after(&nginx, "client_max_body_size "),
        format!("{mebibytes}m")
    );
    assert_eq!(after(&caddy, "max_size "), format!("{mebibytes}MiB"));
    assert_eq!(
        seconds(after(&nginx, "client_header_timeout ")),
        HEADERS_TIME_MAX.as_secs()
    );
    for waits in [
        after(&nginx, "proxy_read_timeout "),
        after(&caddy, "response_header_timeout "),
    ] {
        assert!(seconds(waits) > REQUEST_TIME_MAX.as_secs());
    }
    // One header may not be longer than all that are taken.
    let buffer = after(&nginx, "large_client_header_buffers 4 ");
    let kibibytes: usize = buffer.trim_end_matches('k').parse().unwrap();
    assert!(kibibytes * 1024 <= HEADERS_BYTES_MAX);
}

/// Every metric that an alert looks at is one that the server has.
#[test]
fn the_alerts_look_at_what_is_there() {
    let served = Served::new();
    let server = served.start_with(&["--listen", "127.0.0.1:0", "--backup-to", "copies"], None);
    server.get("/metrics");
    let page = server.get("/metrics");
    let alerts = packaged("piecework-alerts.yml");
    let word = |own: char| !own.is_ascii_alphanumeric() && own != '_';
    let mut looked_at: Vec<&str> = alerts
        .split(word)
        .filter(|own| own.starts_with("piecework_"))
        .collect();
    looked_at.sort_unstable();
    looked_at.dedup();
    assert_eq!(looked_at.len(), 4, "{looked_at:?}");
    for metric in looked_at {
        assert!(page.contains(&format!("\n{metric}")), "{metric}");
    }
    assert_eq!(alerts.matches("- alert: ").count(), 5);
}
