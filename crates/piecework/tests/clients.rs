//! Other people's clients against a live server (`clients/README.md`).
//!
//! `dev/test` installs the clients; where they are not there, these tests are skipped, save in continuous
//! integration.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a test that is skipped says so

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::server::{Served, Server};
use support::{TestBook, data, number};

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

/// Runs a client against a server: its program, its script and what it is told beside address and key.
fn run(program: &Path, script: &str, server: &Server<'_>, key: &str, more: &[&str]) {
    // Where the packages are found, and the programs beside them.
    let directory = root().join("target/clients");
    for script in [script, "model_server.py"] {
        // Another test may be reading it: it is replaced at once, never half there.
        let whole = directory.join(format!("{script}.{}", std::process::id()));
        std::fs::copy(root().join("clients").join(script), &whole).unwrap();
        std::fs::rename(&whole, directory.join(script)).unwrap();
    }
    let output = Command::new("python3")
        .arg("model_server.py")
        .arg(program)
        .arg(script)
        .args([server.address(), key])
        .args(more)
        .current_dir(&directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// Runs a client that sends events; the deliveries that are then counted.
fn deliveries(program: &Path, script: &str) -> [u64; 5] {
    let served = Served::new();
    let server = served.start();
    run(program, script, &server, served.key("ingest"), &[]);
    server.deliveries()
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
        run(
            Path::new("node"),
            script,
            &server,
            served.key("operator"),
            &[],
        );
    }
}

/// A book of today, for clients that say when something happened by themselves; acme has the work T-1.
fn of_today() -> Served {
    // What they send is never later than that.
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let plan = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 10\n";
    let book = TestBook::planned("definitions/fin.toml", plan, &now.to_string());
    book.well(&["record", "done", "T-1", "--customer", "acme"]);
    Served::of(book)
}

/// Runs a client that tells of model calls.
fn told_by(program: &Path, script: &str, more: &[&str]) -> Served {
    let served = of_today();
    let server = served.start();
    run(program, script, &server, served.key("ingest"), more);
    drop(server);
    served
}

/// What the work T-1 of acme cost, call by call: model and amount.
fn costs_of_work(book: &TestBook) -> Vec<(String, String)> {
    let shown = book.json(&["work", "show", "T-1", "--customer", "acme"]);
    let costs = shown[0]["costs"]["entries"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut costs: Vec<_> = costs
        .map(|own| {
            let amount = &own["amount"];
            let amount = format!("{} {}", text(&amount["amount"]), text(&amount["currency"]));
            (text(&own["model"]), amount)
        })
        .collect();
    costs.sort();
    costs
}

/// Input and output tokens of the costs of nobody, parts and all, and how many costs they are.
fn tokens_of_nobody(book: &TestBook) -> (u64, u64, usize) {
    let listed = book.json(&["cost", "unassigned"]);
    let costs = listed["costs"].as_array().unwrap();
    let (mut input, mut output) = (0, 0);
    for own in costs
        .iter()
        .flat_map(|own| own["tokens"].as_array().unwrap())
    {
        let count: u64 = own["count"].as_str().unwrap().parse().unwrap();
        match own["class"].as_str().unwrap() {
            "input" | "cache_read" | "cache_write" | "input_audio" => input += count,
            "output" | "reasoning" | "output_audio" => output += count,
            other => panic!("{other}"),
        }
    }
    (input, output, costs.len())
}

/// The cost of everything, and by customer: `no customer named`, acme.
fn margin(book: &TestBook) -> (String, Vec<(String, String)>) {
    let margin = book.json(&["margin", "--by", "customer"]);
    let rows = margin["tables"][0]["rows"].as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let name = row["name"].as_str().unwrap();
        (name.to_owned(), number(&row["cost"]).to_owned())
    });
    (number(&margin["cost"]).to_owned(), rows.collect())
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

/// One call of `gpt-4o-mini`: 200 x 0.15 + 1,000 x 0.075 + 350 x 0.60 dollars a million.
const GPT: &str = "0.000315";
/// One call of `claude-haiku-4-5`: 100 x 1.00 + 900 x 0.10 + 50 x 1.25 + 80 x 5.00.
const CLAUDE: &str = "0.0006525";

/// The calls of one client are told by two instrumentations, one inside the other.
#[test]
fn opentelemetry_for_python_tells_each_call_once() {
    let Some(python) = installed("python/bin/python") else {
        return;
    };
    let served = told_by(&python, "opentelemetry_client.py", &[]);
    let book = &served.book;
    let expected = [
        pair("claude-haiku-4-5", &format!("{CLAUDE} USD")),
        pair("gpt-4o-mini", &format!("{GPT} USD")),
    ];
    assert_eq!(costs_of_work(book), expected);
    assert_eq!(tokens_of_nobody(book), (1_200, 350, 1));
    let rows = vec![pair("no customer named", GPT), pair("acme", "0.0009675")];
    assert_eq!(margin(book), ("0.0012825".to_owned(), rows));
}

#[test]
fn vercels_ai_sdk_tells_each_call_once() {
    if installed("node_modules/ai").is_none() {
        return;
    }
    let served = told_by(Path::new("node"), "vercel_ai_client.mjs", &[]);
    let book = &served.book;
    let call = pair("gpt-4o-mini", &format!("{GPT} USD"));
    assert_eq!(costs_of_work(book), [call.clone(), call]);
    assert_eq!(tokens_of_nobody(book), (1_200, 350, 1));
    let rows = vec![pair("no customer named", GPT), pair("acme", "0.00063")];
    assert_eq!(margin(book), ("0.000945".to_owned(), rows));
}

/// Its claim is a binary float of the same price; the tokens are told apart, prompts are not kept.
#[test]
fn litellms_generic_callback_tells_what_calls_cost() {
    let Some(python) = installed("python/bin/python") else {
        return;
    };
    let served = told_by(&python, "litellm_client.py", &["generic"]);
    let book = &served.book;
    let claimed = "0.00031499999999999996";
    let call = pair("gpt-4o-mini", &format!("{claimed} USD"));
    assert_eq!(costs_of_work(book), [call]);
    assert_eq!(tokens_of_nobody(book), (1_200, 350, 1));
    let rows = vec![pair("no customer named", claimed), pair("acme", claimed)];
    assert_eq!(margin(book).1, rows);
    book.well(&[
        "log",
        "export",
        "--seller",
        "--customer",
        "acme",
        "exported",
    ]);
    let log = text_of(&book.path().join("exported"));
    assert!(log.contains("gpt-4o-mini") && !log.contains("hunter2"));
}

/// The text of all files in a directory, and in those within it.
fn text_of(directory: &Path) -> String {
    let mut text = String::new();
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            text.push_str(&text_of(&path));
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    text
}

/// The callback sums all input tokens, and names no work.
#[test]
fn litellms_openmeter_callback_tells_what_calls_cost() {
    let Some(python) = installed("python/bin/python") else {
        return;
    };
    let served = told_by(&python, "litellm_client.py", &["openmeter"]);
    let book = &served.book;
    let listed = book.json(&["cost", "unassigned", "--customer", "acme"]);
    let cost = &listed["costs"][0];
    assert_eq!(cost["source"], "litellm-proxy");
    assert_eq!(cost["model"], "gpt-4o-mini");
    let rows = vec![pair("acme", "0.00031499999999999996")];
    assert_eq!(margin(book).1, rows);
}

/// What other projects' instrumentation really sent, and what the calls in it really used.
#[test]
fn captured_telemetry_gives_the_true_totals() {
    let Some(data) = data("otlp-genai-traces") else {
        return;
    };
    let read = |name: &str| std::fs::read(data.join(name)).unwrap();
    for (name, expected) in [
        ("kagent_helm.otlp.json", (3_776, 130, 2)),
        ("kagent_helm_2.otlp.json", (1_822, 43, 1)),
        ("kagent_tempo.otlp.json", (4_648, 129, 2)),
    ] {
        let served = of_today();
        let server = served.start();
        for _ in 0..2 {
            let (status, text) = server.post("/v1/traces", "application/json", &read(name));
            assert_eq!(status, 200, "{name}: {text}");
            assert!(!text.contains("rejectedSpans"), "{name}: {text}");
        }
        drop(server);
        assert_eq!(tokens_of_nobody(&served.book), expected, "{name}");
    }
    let served = of_today();
    let server = served.start();
    for (path, name, expected) in [
        (
            "/v1/traces",
            "captured_fastApiOpenTelemetryRequest.otlp.json",
            200,
        ),
        (
            "/v1/traces",
            "captured_openInferenceOpenAIRequest.otlp.json",
            200,
        ),
        (
            "/v1/traces",
            "captured_openllmetryLangChainRequest.otlp.json",
            200,
        ),
        ("/v1/traces", "captured_strandsTrace.otlp.json", 200),
        ("/v1/traces", "captured_traceWithException.otlp.json", 200),
        ("/v1/traces", "opentelemetry_example_trace.json", 200),
        ("/v1/logs", "opentelemetry_example_logs.json", 200),
        ("/v1/logs", "opentelemetry_example_events.json", 200),
        ("/v1/metrics", "opentelemetry_example_metrics.json", 200),
        ("/v1/traces", "kagent_tempo.raw.json", 400),
        (
            "/ingest/litellm",
            "litellm_standard_logging_payload.json",
            204,
        ),
    ] {
        let (status, text) = server.post(path, "application/json", &read(name));
        assert_eq!(status, expected, "{name}: {text}");
    }
}

/// A cost that came without a name finds its customer and work later, and the margin moves with it.
#[test]
fn an_assigned_cost_moves_in_the_margin() {
    let served = of_today();
    let cost = |id: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"gateway","type":"piecework.cost.recorded.v1","subject":"_unassigned",
            "time":"2026-01-06T09:00:00Z","data":{{"line":"model","amount":"0.25 USD"}}}}"#
        )
    };
    let server = served.start();
    let body = format!("[{},{}]", cost("1"), cost("2"));
    let (status, text) = server.post("/api/v1/events", "application/json", body.as_bytes());
    assert_eq!(status, 204, "{text}");
    drop(server);
    let book = &served.book;
    let all = |rows: &[(&str, &str)]| {
        let rows = rows.iter().map(|(a, b)| pair(a, b)).collect();
        ("0.50".to_owned(), rows)
    };
    let before = all(&[("no customer named", "0.50"), ("acme", "0.00")]);
    assert_eq!(margin(book), before);
    let assign = |id: &str| {
        let named = ["cost", "assign", "--source", "gateway", "--id", id];
        book.json(&[&named[..], &["--customer", "acme", "--work", "T-1"]].concat())
    };
    assert_eq!(assign("1")["changed"], true);
    let halved = all(&[("no customer named", "0.25"), ("acme", "0.25")]);
    assert_eq!(margin(book), halved);
    assert_eq!(assign("1")["changed"], false);
    assert_eq!(margin(book), halved);
    assert_eq!(costs_of_work(book).len(), 1);

    // As a crash leaves it: recorded under the customer, and not yet taken back.
    let half_done = cost("2").replace("_unassigned", "acme").replace('\n', "");
    let file = book.file("half-done.jsonl", &half_done);
    book.well(&["ingest", file.to_str().unwrap()]);
    assert_eq!(margin(book), all(&[("acme", "0.50")]));
    assert_eq!(assign("2")["changed"], true);
    assert_eq!(margin(book), all(&[("acme", "0.50")]));
    assert_eq!(costs_of_work(book).len(), 2);
    assert_eq!(tokens_of_nobody(book).2, 0);
}
