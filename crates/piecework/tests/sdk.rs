//! Our own SDK files, in Python and in TypeScript, against a live server and against one that misbehaves.
//!
//! The programs that use them are `clients/sdk_python.py` and `clients/sdk_typescript.ts`. `dev/test` installs the
//! compiler of TypeScript and OpenTelemetry; where these are not there, their tests are skipped, save in continuous
//! integration. Python's standard library is enough for the rest.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::server::Served;
use support::{TestBook, number, root, row};
use tempfile::TempDir;

/// When the statements are looked at.
const NOW: &str = "2026-02-03T00:00:00Z";
const LINES_MAX: usize = 199;

/// A program that uses an SDK file.
struct Program {
    command: Vec<PathBuf>,
    _directory: TempDir,
}

impl Program {
    /// In Python, with the standard library alone.
    fn python() -> Program {
        Program::of_python(&["python3".into(), "-S".into()])
    }

    fn of_python(python: &[PathBuf]) -> Program {
        let own = [
            root().join("clients/sdk_python.py"),
            root().join("sdk/python"),
        ];
        Program {
            command: [python, &own].concat(),
            _directory: tempfile::tempdir().unwrap(),
        }
    }

    /// In TypeScript, compiled as strictly as the compiler can, into `directory`.
    fn typescript(directory: TempDir) -> Option<Program> {
        let modules = installed("node_modules/typescript")?;
        let modules = modules.parent().unwrap();
        let path = directory.path();
        for file in ["clients/sdk_typescript.ts", "sdk/typescript/piecework.ts"] {
            let name = Path::new(file).file_name().unwrap();
            std::fs::copy(root().join(file), path.join(name)).unwrap();
        }
        std::fs::write(path.join("package.json"), r#"{"type": "module"}"#).unwrap();
        // The SDK alone first: it may use nothing but what browsers have.
        let types = [path.join("none"), modules.join("@types")];
        for (file, types) in ["piecework.ts", "sdk_typescript.ts"].iter().zip(types) {
            let output = Command::new("node")
                .arg(modules.join("typescript/bin/tsc"))
                .args([
                    "--strict",
                    "--noUncheckedIndexedAccess",
                    "--noImplicitReturns",
                ])
                .args([
                    "--exactOptionalPropertyTypes",
                    "--noPropertyAccessFromIndexSignature",
                ])
                .args([
                    "--noUnusedLocals",
                    "--noUnusedParameters",
                    "--erasableSyntaxOnly",
                ])
                .args(["--target", "es2022", "--lib", "es2022,dom"])
                .args(["--module", "esnext", "--moduleResolution", "bundler"])
                .arg("--typeRoots")
                .args([&types, Path::new(file)])
                .current_dir(path)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{file}: {said}");
        }
        Some(Program {
            command: vec!["node".into(), path.join("sdk_typescript.js")],
            _directory: directory,
        })
    }

    fn command(&self, address: &str, key: &str, scenario: &str) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        command.args([address, key, scenario]);
        command
    }

    /// Runs a scenario, which must end well; what it printed.
    #[track_caller]
    fn run(&self, address: &str, key: &str, scenario: &str) -> String {
        let output = self.command(address, key, scenario).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What `dev/test` installs, or `None` where the test is to be skipped.
fn installed(path: &str) -> Option<PathBuf> {
    let path = root().join("target/clients").join(path);
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

/// Where no package is found.
fn elsewhere() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Where the installed packages are found.
fn beside_packages() -> TempDir {
    tempfile::tempdir_in(root().join("target/clients")).unwrap()
}

#[test]
fn each_file_stays_small_and_imports_nothing_that_must_be_installed() {
    for file in ["sdk/python/piecework.py", "sdk/typescript/piecework.ts"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{file} has {lines} lines");
        assert!(
            text.lines().all(|line| line.chars().count() <= 120),
            "{file}"
        );
        assert!(!text.contains("\nimport {"), "{file}");
    }
}

#[test]
fn the_python_file_says_the_verbs() {
    says_the_verbs(&Program::python());
}

#[test]
fn the_typescript_file_says_the_verbs() {
    if let Some(program) = Program::typescript(elsewhere()) {
        says_the_verbs(&program);
    }
}

/// All verbs, all endings of a unit, every kind of refusal; then the book and the statement.
fn says_the_verbs(program: &Program) {
    let served = Served::of(TestBook::preset("fin-style", NOW));
    let server = served.start();
    program.run(server.address(), served.key("ingest"), "verbs");
    let [_, accepted, duplicate, conflicting, refused] = server.deliveries();
    drop(server);
    // 5 done, 2 undo, 7 costs.
    assert_eq!([accepted, duplicate, conflicting, refused], [14, 1, 1, 1]);
    let book = &served.book;
    let works = book.json(&["work", "list", "--customer", "acme"]);
    let states: Vec<(&str, &str, Option<&str>)> = works
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            (
                own["work"].as_str().unwrap(),
                own["state"].as_str().unwrap(),
                own["class"].as_str(),
            )
        })
        .collect();
    // The work that was taken back waits; the void one, the failed one and the person's are none.
    let expected = [
        ("T-1", "counted", Some("assumed")),
        ("T-2", "pending", None),
        ("T-4", "counted", Some("assumed")),
        ("T-8", "counted", Some("assumed")),
    ];
    assert_eq!(states, expected);
    let january = ["--customer", "acme", "--period", "2026-01"];
    let statement = book.json(&[&["statement", "preview"][..], &january].concat());
    assert_eq!(number(&statement[0]["total"]), "2.97");
    let line = &statement[0]["surfaces"][0]["lines"][0];
    let fact = &line["works"]["shown"][0]["facts"][0];
    assert_eq!(fact["id"], "run-1/answered");
    assert_eq!(fact["says"], "answer, confidence 0.93");
    // 1200 and 300 tokens at 2.50 and 10.00 a million, and 0.02 + 0.03 + 0.04 + 0.05: a unit that fails costs too.
    let margin = book.json(&[&["margin"][..], &january].concat());
    let line = |name: &str| number(&row(&margin["costs"], "line", name)["amount"]).to_owned();
    assert_eq!([line("model"), line("infra")], ["0.146", "0.11"]);
    let all = book.json(&["margin", "--period", "2026-01"]);
    assert_eq!(number(&all["unassigned"]["amount"]), "7.09");
    assert!(book.well(&["doctor"]).contains("no fault found"));
}

#[test]
fn the_python_file_goes_on_through_restarts() {
    goes_on_through_restarts(&Program::python());
}

#[test]
fn the_typescript_file_goes_on_through_restarts() {
    if let Some(program) = Program::typescript(elsewhere()) {
        goes_on_through_restarts(&program);
    }
}

/// The server is killed in the middle, twice, and comes back at its address: everything is there, once.
fn goes_on_through_restarts(program: &Program) {
    let served = Served::of(TestBook::preset("fin-style", NOW));
    let mut server = served.start_with(&["--listen", "127.0.0.1:0"], None);
    let address = server.address().to_owned();
    let listen = address.strip_prefix("http://").unwrap();
    let mut feed = program.command(&address, served.key("ingest"), "feed");
    let mut feed = feed.stdout(Stdio::piped()).spawn().unwrap();
    let acknowledged = BufReader::new(feed.stdout.take().unwrap()).lines();
    for number in acknowledged {
        if matches!(number.unwrap().as_str(), "20" | "40") {
            server.kill();
            std::thread::sleep(Duration::from_millis(400));
            drop(server);
            server = served.start_with(&["--listen", listen], None);
        }
    }
    assert!(feed.wait().unwrap().success());
    let [_, accepted, _, conflicting, refused] = server.deliveries();
    assert_eq!([accepted, conflicting, refused], [60, 0, 0]);
    drop(server);
    let customers = served.book.json(&["customer", "list"]);
    assert_eq!(row(&customers, "customer", "acme")["shared_entries"], 60);
    assert!(served.book.well(&["doctor"]).contains("no fault found"));
}

#[test]
fn the_python_file_retries_what_may_succeed_and_nothing_else() {
    retries_what_may_succeed(&Program::python());
}

#[test]
fn the_typescript_file_retries_what_may_succeed_and_nothing_else() {
    if let Some(program) = Program::typescript(elsewhere()) {
        retries_what_may_succeed(&program);
    }
}

/// What one answer after the other makes of a call: its error, its requests, and how long it took at least.
const ENDINGS: &[(&[&str], Option<&str>, usize, u64)] = &[
    (&[TAKEN], None, 1, 0),
    (
        &[
            DROPPED,
            BUSY,
            "500 x\r\n",
            "503 x\r\nretry-after: 1\r\n",
            TAKEN,
        ],
        None,
        5,
        1_000,
    ),
    (
        &["307 x\r\nlocation: http://127.0.0.1:9/\r\n"],
        Some("Refused"),
        1,
        0,
    ),
    (&["401 x\r\n"], Some("Refused"), 1, 0),
    (&[REFUSED], Some("Refused"), 1, 0),
    (&["200 x\r\n"], Some("NotAcknowledged"), 1, 0),
    (
        &["503 x\r\nretry-after: 3600\r\n"],
        Some("NotAcknowledged"),
        1,
        0,
    ),
    (
        &[SILENT, SILENT, SILENT, SILENT],
        Some("NotAcknowledged"),
        2,
        2_000,
    ),
];
const TAKEN: &str = "200 x\r\n{\"events\":[{\"outcome\":\"accepted\"}]}";
const REFUSED: &str = "400 x\r\n{\"code\":\"bad-request\",\"title\":\"it cannot be read\"}";
const BUSY: &str = "429 x\r\nretry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
/// The connection ends without an answer.
const DROPPED: &str = "";
/// The connection stays open without an answer.
const SILENT: &str = "-";

fn retries_what_may_succeed(program: &Program) {
    for (script, error, requests_min, took_ms_min) in ENDINGS {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = bodies.clone();
        std::thread::spawn(move || answer(&listener, script, &kept));
        let begun = Instant::now();
        let said: Value = serde_json::from_str(&program.run(&address, "key", "once")).unwrap();
        let took = begun.elapsed();
        assert_eq!(said["error"].as_str(), *error, "{script:?}: {said}");
        assert_eq!(said["unsent"], u8::from(error.is_some()), "{script:?}");
        assert!(
            took >= Duration::from_millis(*took_ms_min),
            "{script:?}: {took:?}"
        );
        assert!(took < Duration::from_secs(20), "{script:?}: {took:?}");
        let bodies = bodies.lock().unwrap();
        assert!(
            bodies.len() >= *requests_min,
            "{script:?}: {} requests",
            bodies.len()
        );
        assert!(
            bodies.len() <= script.len(),
            "{script:?}: {} requests",
            bodies.len()
        );
        assert!(
            bodies.iter().all(|body| *body == bodies[0]),
            "the same event: {bodies:?}"
        );
        if script[0] == REFUSED {
            assert_eq!(said["problem"]["code"], "bad-request");
        }
    }
}

/// Answers one connection after the other as the script says.
fn answer(listener: &TcpListener, script: &[&str], bodies: &Mutex<Vec<String>>) {
    let mut open = Vec::new();
    for said in script {
        let (mut stream, body) = next_request(listener);
        bodies.lock().unwrap().push(body);
        match *said {
            DROPPED => {}
            SILENT => open.push(stream),
            _ => {
                let (head, body) = said.rsplit_once("\r\n").unwrap();
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                stream.write_all(text.as_bytes()).unwrap();
            }
        }
    }
}

/// The next connection on which something is asked: a client whose time is over while it connects leaves one
/// without a word.
fn next_request(listener: &TcpListener) -> (TcpStream, String) {
    loop {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = BufReader::new(stream);
        if let Some(body) = request_body(&mut stream) {
            return (stream.into_inner(), body);
        }
    }
}

/// Nothing where the connection ends before the first line.
fn request_body(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(own) = line.strip_prefix("content-length: ") {
            length = own.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Some(String::from_utf8(body).unwrap())
}

#[test]
fn the_python_file_names_the_work_to_opentelemetry() {
    if let Some(python) = installed("python/bin/python") {
        names_the_work_to_opentelemetry(&Program::of_python(&[python]));
    }
}

#[test]
fn the_typescript_file_names_the_work_to_opentelemetry() {
    if installed("node_modules/@opentelemetry/sdk-trace-node").is_some()
        && let Some(program) = Program::typescript(beside_packages())
    {
        names_the_work_to_opentelemetry(&program);
    }
}

/// Attributes and baggage are looked at by the program; here, that what was done carries the trace: a cost that
/// knows no more than its trace finds the work.
fn names_the_work_to_opentelemetry(program: &Program) {
    let served = Served::of(TestBook::preset("fin-style", NOW));
    let server = served.start();
    let said = program.run(server.address(), served.key("ingest"), "otel");
    let said: Value = serde_json::from_str(&said).unwrap();
    let trace = said["trace"].as_str().unwrap();
    let cost = format!(
        r#"{{"specversion":"1.0","id":"c","source":"gateway","type":"piecework.cost.v1","subject":"acme","time":"2026-01-05T09:00:00Z","traceparent":"00-{trace}-00f067aa0ba902b7-01","data":{{"amount":"0.20 USD"}}}}"#
    );
    assert_eq!(server.feed().send(&cost, false).unwrap().0, 204);
    drop(server);
    let margin = ["margin", "--customer", "acme", "--period", "2026-01"];
    let margin = served.book.json(&margin);
    assert_eq!(number(&margin["cost"]), "0.20");
    assert_eq!(margin["unassigned"]["entries"], 0);
}
