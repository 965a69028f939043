//! A server over a book of its own, and one key of each role.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use book::config::Config;
use book::{Book, presets};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;
use intake::litellm::LiteLlm;
use intake::meters::{Meters, READY_METERS};
use intake::otlp::Mapping;
use jiff::{SignedDuration, Timestamp};
use piecework_server::access::{MadeKey, Role, Site};
use piecework_server::webhooks::Options;
use piecework_server::{Api, App, Backups, Parts, Rate, Route, Typesetter};
use store::{FactKind, FactsOf};
use tempfile::TempDir;
use tower::ServiceExt as _;
use zeroize::Zeroizing;

/// The server under test.
pub struct Server {
    pub app: App,
    pub router: Router,
    pub table: Vec<Route>,
    pub document: serde_json::Value,
    second: Arc<AtomicI64>,
    keys: Vec<(Role, String)>,
    directory: TempDir,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// The bytes as text, where they are.
    pub text: String,
}

/// When the test begins.
pub fn start() -> Timestamp {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

/// Sets nothing, but says the how manieth it is.
fn typesetter() -> Typesetter {
    let sets = AtomicU64::new(0);
    Box::new(move |sheet, _| {
        let set = sets.fetch_add(1, Ordering::Relaxed);
        Ok(format!("%PDF set {set} of {}", sheet.number).into_bytes())
    })
}

impl Server {
    pub fn new() -> Server {
        Server::with(None, Options::new(Vec::new(), None).unwrap(), 0)
    }

    /// A server of a book that keeps what people and models wrote.
    pub fn keeping_texts() -> Server {
        let webhooks = Options::new(Vec::new(), None).unwrap();
        Server::of_book(None, webhooks, 0, true)
    }

    /// A server of another book, which has another secret.
    pub fn elsewhere() -> Server {
        Server::with(None, Options::new(Vec::new(), None).unwrap(), 1 << 32)
    }

    /// A server that counts the requests of each key.
    pub fn with_rate(rate: Option<Rate>) -> Server {
        Server::with(rate, Options::new(Vec::new(), None).unwrap(), 0)
    }

    /// One whose webhooks may reach this machine.
    pub fn reaching() -> Server {
        let loopback = vec!["127.0.0.0/8".parse().unwrap()];
        Server::with_webhooks(Options::new(loopback, None).unwrap())
    }

    pub fn with_webhooks(webhooks: Options) -> Server {
        Server::with(None, webhooks, 0)
    }

    fn with(rate: Option<Rate>, webhooks: Options, drawn: u64) -> Server {
        Server::of_book(rate, webhooks, drawn, false)
    }

    /// One whose book has limits above which a second person approves.
    pub fn limiting(approvals: serde_json::Value) -> Server {
        let webhooks = Options::new(Vec::new(), None).unwrap();
        Server::of_config(None, webhooks, 0, |config| {
            config.approvals = serde_json::from_value(approvals).unwrap();
        })
    }

    /// One of a house that wants to know of every outcome what would have been without it, over a definition that assumes
    /// it.
    pub fn doubting() -> Server {
        let webhooks = Options::new(Vec::new(), None).unwrap();
        Server::of_config(None, webhooks, 0, |config| {
            let checks = serde_json::json!({"counterfactual": "every_outcome"});
            config.checks = serde_json::from_value(checks).unwrap();
            let unit = "support.resolved_conversation".to_owned();
            let assumed = "[attribution]\ncounterfactual = \"assumed\"\n";
            config.definition.insert(unit, assumed.parse().unwrap());
        })
    }

    fn of_book(rate: Option<Rate>, webhooks: Options, drawn: u64, keep_texts: bool) -> Server {
        Server::of_config(rate, webhooks, drawn, |config| {
            config.server.keep_texts = keep_texts;
        })
    }

    fn of_config(
        rate: Option<Rate>,
        webhooks: Options,
        drawn: u64,
        configure: impl FnOnce(&mut Config),
    ) -> Server {
        let directory = tempfile::tempdir().unwrap();
        let preset = presets::find("fin-style").unwrap();
        let mut config = Config::of_preset(preset, &directory.path().join("book"));
        configure(&mut config);
        // A source that never gives the same twice.
        let drawn = AtomicU64::new(drawn);
        let random = Arc::new(move || {
            let mut bytes = Zeroizing::new([7; 32]);
            bytes[..8].copy_from_slice(&drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            Ok(bytes)
        });
        let book = Book::create(config, random, start()).unwrap();
        let mut keys = Vec::new();
        for (at, (_, role)) in (1..).zip(Role::WORDS) {
            let customer = (role == Role::Buyer).then(|| "acme".to_owned());
            let label = "a test's".to_owned();
            let expires = Some(start() + SignedDuration::from_hours(24));
            let made = MadeKey::from_random(&[at; 42], role, customer, label, (start(), expires));
            book.store.operations().put_api_key(&made.kept).unwrap();
            keys.push((role, made.text.to_string()));
        }
        let second = Arc::new(AtomicI64::new(0));
        let clock = second.clone();
        let app = App::new(Parts {
            typesetter: Some(typesetter()),
            spreadsheet: None,
            book: Arc::new(book),
            meters: Meters::parse(READY_METERS[0].text).unwrap(),
            mapping: Mapping::default(),
            litellm: LiteLlm::default(),
            scope: vec![work::Header::Case],
            backups: Some(Backups::into_directory(directory.path().join("backups")).unwrap()),
            rate,
            site: Site::of("https://work.vendor.example").unwrap(),
            clock: Box::new(move || {
                start() + SignedDuration::from_secs(clock.load(Ordering::SeqCst))
            }),
            webhooks,
            stripe: None,
        });
        let api = Api::new(app.clone());
        let document = serde_json::to_value(api.document()).unwrap();
        Server {
            app,
            table: api.table().to_vec(),
            router: api.into_router(),
            document,
            second,
            keys,
            directory,
        }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.second.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Where the book is.
    pub fn book_path(&self) -> std::path::PathBuf {
        self.directory.path().join("book")
    }

    /// Where copies of the book go.
    pub fn backups(&self) -> std::path::PathBuf {
        self.directory.path().join("backups")
    }

    /// A further key, of one customer.
    pub fn key_of(&self, role: Role, customer: &str) -> String {
        self.further_key(99, role, Some(customer))
    }

    /// A further key, of its own number.
    pub fn further_key(&self, number: u8, role: Role, customer: Option<&str>) -> String {
        let times = (start(), None);
        let customer = customer.map(str::to_owned);
        let made = MadeKey::from_random(&[number; 42], role, customer, String::new(), times);
        let operations = self.app.store().operations();
        operations.put_api_key(&made.kept).unwrap();
        made.text.to_string()
    }

    /// The costs of a customer that stand, each by its canonical text.
    pub fn costs(&self, customer: &str) -> Vec<String> {
        let facts = self
            .app
            .store()
            .facts(customer, FactKind::Cost, FactsOf::Customer);
        let facts = facts.unwrap().map(|fact| fact.unwrap().event.canonical());
        facts.collect()
    }

    /// The key of a role.
    pub fn key(&self, role: Role) -> &str {
        let own = self.keys.iter().find(|(own, _)| *own == role);
        &own.unwrap().1
    }

    /// Sends a request and waits for the answer.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        }
    }

    /// Sends a request under the key of a role, with further headers.
    pub async fn ask(
        &self,
        role: Role,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {}", self.key(role)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends JSON under the key of a role.
    pub async fn json(&self, role: Role, method: &str, path: &str, body: &str) -> Answer {
        let headers = [("content-type", "application/json")];
        let body = body.to_owned();
        self.ask(role, (method, path), &headers, body).await
    }

    /// Sends events under the key of a feed, with further headers.
    pub async fn events(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        self.post("/api/v1/events", headers, body).await
    }

    /// Posts under the key of a feed, with further headers.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::post(path);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            let bearer = format!("Bearer {}", self.key(Role::Ingest));
            request = request.header("authorization", bearer);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    /// The `code` of a problem, after checking that it is one.
    pub fn code(&self) -> String {
        let media_type = self.headers.get("content-type").unwrap();
        assert_eq!(media_type, "application/problem+json", "{}", self.text);
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        assert_eq!(
            json["type"],
            format!("/problems/{}", json["code"].as_str().unwrap())
        );
        let id = self.headers.get("x-request-id").unwrap();
        assert_eq!(json["request_id"], id.to_str().unwrap());
        json["code"].as_str().unwrap().to_owned()
    }
}

/// A fact of one work.
pub fn event(id: &str, kind: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.work.{kind}.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"w1"}}"#
    )
}

/// The bytes, deflated.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
