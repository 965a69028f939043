//! Webhooks against a receiver that listens: what arrives, what is tried again, what is refused.

use std::time::{Duration, Instant};

use piecework_server::access::Role;
use piecework_server::expiries::watch;
use piecework_server::webhooks::{EventType, Options, deliver, signature};
use piecework_server::{Ended, serve};
use serde_json::{Value, json};
use store::conformance::statement;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use work::Event;

use crate::receiver::{Got, ROOT, Receiver, Say};
use crate::support::{Server, event, start};

/// An endpoint and its first secret.
struct Made {
    path: String,
    secret: String,
}

async fn made(server: &Server, url: &str, with: Value) -> Made {
    let mut new = with;
    new["url"] = json!(url);
    let body = new.to_string();
    let made = server
        .json(Role::Operator, "POST", "/v1/webhooks", &body)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    Made {
        path: made.headers["location"].to_str().unwrap().to_owned(),
        secret: made.json()["secret"].as_str().unwrap().to_owned(),
    }
}

fn delivering(server: &Server) -> JoinHandle<()> {
    tokio::spawn(deliver(server.app.clone()))
}

async fn test_message(server: &Server, own: &Made) -> String {
    let path = format!("{}/test", own.path);
    let answer = server.json(Role::Operator, "POST", &path, "").await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["message"].as_str().unwrap().to_owned()
}

async fn endpoint(server: &Server, own: &Made) -> Value {
    server
        .json(Role::Operator, "GET", &own.path, "")
        .await
        .json()
}

async fn deliveries(server: &Server, own: &Made) -> Vec<Value> {
    let path = format!("{}/deliveries", own.path);
    let answer = server.json(Role::Operator, "GET", &path, "").await;
    answer.json()["deliveries"].as_array().unwrap().clone()
}

/// The newest delivery, once it is as it should be.
async fn newest(server: &Server, own: &Made, is: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..2_000 {
        last = deliveries(server, own)
            .await
            .first()
            .cloned()
            .unwrap_or_default();
        if is(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{last}");
}

fn is_done(own: &Value) -> bool {
    own["state"] == "done"
}

fn has_failed(own: &Value) -> bool {
    own["last_attempt"]["problem"].is_string()
}

/// Whether one of the signatures is by the secret.
fn is_signed(got: &Got, secret: &str) -> bool {
    use base64::Engine as _;
    let key = secret.strip_prefix("whsec_").unwrap();
    let key = base64::engine::general_purpose::STANDARD.decode(key);
    let secret = store::outbox::SigningSecret {
        key: key.unwrap().into(),
        created: start(),
        ends: None,
    };
    let seconds = got.header("webhook-timestamp").parse().unwrap();
    let own = signature::signatures(&[secret], got.header("webhook-id"), seconds, &got.body);
    let mut signatures = got.header("webhook-signature").split(' ');
    signatures.any(|signature| signature == own)
}

#[tokio::test]
async fn a_message_arrives_once_and_signed() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    let id = test_message(&server, &own).await;
    let got = receiver.wait(1).await.remove(0);
    assert_eq!(got.line, "POST /hook?a=b HTTP/1.1");
    assert_eq!(got.header("webhook-id"), id);
    assert_eq!(
        got.header("webhook-timestamp"),
        start().as_second().to_string()
    );
    assert_eq!(got.header("content-type"), "application/json");
    assert_eq!(got.header("host"), format!("127.0.0.1:{}", receiver.port));
    assert!(got.header("user-agent").starts_with("piecework/"));
    assert!(is_signed(&got, &own.secret));
    let name = own.path.strip_prefix("/v1/webhooks/").unwrap();
    let expected = json!({
        "type": "webhook.test", "timestamp": "2026-02-01T00:00:00Z", "data": { "endpoint": name },
    });
    assert_eq!(got.json(), expected);
    assert!(id.starts_with("msg_") && !id.contains('.'), "{id}");
    let done = newest(&server, &own, is_done).await;
    assert_eq!(
        (&done["attempts"], &done["last_attempt"]["status"]),
        (&json!(1), &json!(204))
    );

    // Asked for again, it is the same message.
    let again = format!("{}/deliveries/{id}/redeliver", own.path);
    let answer = server.json(Role::Operator, "POST", &again, "").await;
    assert_eq!(answer.status, 202);
    assert_eq!(receiver.wait(2).await[1].header("webhook-id"), id);
    newest(&server, &own, is_done).await;

    // Pages.
    let other = test_message(&server, &own).await;
    newest(&server, &own, is_done).await;
    let page = format!("{}/deliveries?limit=1", own.path);
    let first = server.json(Role::Operator, "GET", &page, "").await.json();
    assert_eq!(first["deliveries"][0]["message"], json!(other));
    let next = format!("{page}&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = server.json(Role::Operator, "GET", &next, "").await.json();
    assert_eq!(second["deliveries"][0]["message"], json!(id));
    assert!(second.get("next_cursor").is_none());
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_the_same() {
    let answers = [
        Say::Status(500, ""),
        Say::Nothing,
        Say::Status(429, "retry-after: 7200\r\n"),
    ];
    let (server, receiver) = (Server::reaching(), Receiver::new(&answers).await);
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    let id = test_message(&server, &own).await;
    let mut waits = Vec::new();
    for (attempt, seconds) in [(1, 6), (2, 360), (3, 7_200)] {
        receiver.wait(attempt).await;
        let failed = newest(&server, &own, |own| {
            own["attempts"] == attempt
                && own["last_attempt"].is_object()
                && own["state"] == "waiting"
                && own["last_attempt"]["at"] == json!(server.app.now().to_string())
        })
        .await;
        let next: jiff::Timestamp = failed["next_attempt"].as_str().unwrap().parse().unwrap();
        waits.push(next.duration_since(server.app.now()).as_secs());
        assert!(endpoint(&server, &own).await["failing_since"].is_string());
        server.pass(seconds);
    }
    assert!((5..=6).contains(&waits[0]), "{waits:?}");
    assert!((300..=360).contains(&waits[1]), "{waits:?}");
    assert_eq!(waits[2], 7_200, "it asked to be left alone for so long");
    let got = receiver.wait(4).await;
    for own_got in &got {
        assert_eq!(
            (own_got.header("webhook-id"), &own_got.body),
            (id.as_str(), &got[0].body)
        );
        assert!(is_signed(own_got, &own.secret));
    }
    let (first, last) = (&got[0], &got[3]);
    assert_ne!(
        first.header("webhook-timestamp"),
        last.header("webhook-timestamp")
    );
    newest(&server, &own, is_done).await;
    assert_eq!(endpoint(&server, &own).await["failing_since"], Value::Null);
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn gone_is_taken_at_its_word_and_what_happens_meanwhile_waits() {
    let (server, receiver) = (
        Server::reaching(),
        Receiver::new(&[Say::Status(410, "")]).await,
    );
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    test_message(&server, &own).await;
    let dead = newest(&server, &own, |own| own["state"] == "dead").await;
    assert_eq!(dead["last_attempt"]["status"], 410);
    let disabled = endpoint(&server, &own).await;
    assert_eq!(disabled["enabled"], false);
    let why = disabled["disabled"]["why"].as_str().unwrap();
    assert!(why.contains("410"), "{why}");
    let data = EventType::BudgetExceeded.example();
    let kind = EventType::BudgetExceeded;
    let announce =
        |app: &piecework_server::App| app.outbox().announce("k", kind, Some("acme"), &data);
    assert!(announce(&server.app).unwrap());
    assert!(!announce(&server.app).unwrap(), "once for each key");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(receiver.got().len(), 1);
    let on = r#"{"enabled":true}"#;
    server.json(Role::Operator, "PATCH", &own.path, on).await;
    let got = receiver.wait(2).await.remove(1);
    assert_eq!(got.json()["type"], "budget.exceeded");
    assert_eq!(got.json()["data"], data);
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn an_endpoint_that_only_fails_is_disabled_after_five_days() {
    let answers = [Say::Status(500, ""), Say::Status(503, "")];
    let (server, receiver) = (Server::reaching(), Receiver::new(&answers).await);
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    test_message(&server, &own).await;
    newest(&server, &own, has_failed).await;
    server.pass(5 * 24 * 3_600);
    receiver.wait(2).await;
    let name = own.path.strip_prefix("/v1/webhooks/").unwrap();
    let outbox = server.app.store().operations().outbox();
    while outbox.endpoint(name).unwrap().unwrap().disabled.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The keys of the test are of one day.
    server.pass(-5 * 24 * 3_600);
    let disabled = endpoint(&server, &own).await;
    let why = disabled["disabled"]["why"].as_str().unwrap();
    assert!(why.contains("5 days, since 2026-02-01T00:00:00Z"), "{why}");
    let metrics = server.json(Role::Auditor, "GET", "/metrics", "").await.text;
    for line in [
        "piecework_webhook_attempts_total{outcome=\"failed\"} 2\n",
        "piecework_webhook_deliveries_waiting 1\n",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_its_successor() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    let path = format!("{}/secret", own.path);
    let rotated = server
        .json(Role::Operator, "POST", &path, r#"{"overlap_hours":2}"#)
        .await
        .json();
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(new, own.secret);
    test_message(&server, &own).await;
    let got = receiver.wait(1).await.remove(0);
    assert!(is_signed(&got, new) && is_signed(&got, &own.secret));
    assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    server.pass(2 * 3_600);
    test_message(&server, &own).await;
    let got = receiver.wait(2).await.remove(1);
    assert!(is_signed(&got, new) && !is_signed(&got, &own.secret));
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::new(&[]).await;
    let headers = format!("location: http://127.0.0.1:{}/\r\n", elsewhere.port);
    let headers: &'static str = Box::leak(headers.into_boxed_str());
    let (server, receiver) = (
        Server::reaching(),
        Receiver::new(&[Say::Status(302, headers)]).await,
    );
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    test_message(&server, &own).await;
    let failed = newest(&server, &own, has_failed).await;
    assert_eq!(
        (&failed["state"], &failed["last_attempt"]["status"]),
        (&json!("waiting"), &json!(302))
    );
    assert!(elsewhere.got().is_empty());
    server.app.drain();
    worker.await.unwrap();
}

/// The name is only known to lead inside when it is resolved.
#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_resolved() {
    let (server, receiver) = (Server::new(), Receiver::encrypted(&[]).await);
    let url = format!("https://localhost:{}/", receiver.port);
    let own = made(&server, &url, json!({})).await;
    let worker = delivering(&server);
    test_message(&server, &own).await;
    let failed = newest(&server, &own, has_failed).await;
    let problem = failed["last_attempt"]["problem"].as_str().unwrap();
    assert!(problem.contains("loopback"), "{problem}");
    assert!(receiver.got().is_empty());
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn what_an_answer_says_is_read_to_a_bound() {
    let (server, receiver) = (
        Server::reaching(),
        Receiver::new(&[Say::Endless(200)]).await,
    );
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    test_message(&server, &own).await;
    newest(&server, &own, is_done).await;
    server.app.drain();
    worker.await.unwrap();
}

#[tokio::test]
async fn an_encrypted_endpoint_must_be_trusted() {
    let loopback = || vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let trusting = Server::with_webhooks(Options::new(loopback(), Some(ROOT)).unwrap());
    let receiver = Receiver::encrypted(&[]).await;
    let url = format!("https://localhost:{}/", receiver.port);
    let own = made(&trusting, &url, json!({})).await;
    let worker = delivering(&trusting);
    test_message(&trusting, &own).await;
    assert!(is_signed(&receiver.wait(1).await[0], &own.secret));
    newest(&trusting, &own, is_done).await;
    trusting.app.drain();
    worker.await.unwrap();

    let other = Server::with_webhooks(Options::new(loopback(), None).unwrap());
    let own = made(&other, &url, json!({})).await;
    let worker = delivering(&other);
    test_message(&other, &own).await;
    let failed = newest(&other, &own, has_failed).await;
    let problem = failed["last_attempt"]["problem"].as_str().unwrap();
    assert!(problem.contains("no encrypted connection"), "{problem}");
    assert_eq!(receiver.got().len(), 1);
    other.app.drain();
    worker.await.unwrap();
    for bad in [
        &b"no certificate"[..],
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(Options::new(Vec::new(), Some(bad)).is_err());
    }
}

/// One that does not answer is given up after a while, and holds up nobody else.
#[tokio::test]
async fn slow_a_receiver_that_does_not_answer_is_not_waited_for() {
    let never: Vec<Say> = (0..20)
        .map(|_| Say::Late(Duration::from_secs(120), 200))
        .collect();
    let (server, slow, quick) = (
        Server::reaching(),
        Receiver::new(&never).await,
        Receiver::new(&[]).await,
    );
    let late = made(&server, &slow.url(), json!({})).await;
    let own = made(&server, &quick.url(), json!({})).await;
    let worker = delivering(&server);
    let began = Instant::now();
    for _ in 0..20 {
        test_message(&server, &late).await;
    }
    test_message(&server, &own).await;
    newest(&server, &own, is_done).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(slow.got().len() <= 4, "so many at once to one endpoint");
    let mut failed = deliveries(&server, &late).await;
    while failed.iter().filter(|own| has_failed(own)).count() < 4 {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(100)).await;
        failed = deliveries(&server, &late).await;
    }
    assert!(began.elapsed() > Duration::from_secs(14));
    let failed = failed.iter().find(|own| has_failed(own)).unwrap();
    assert_eq!(
        failed["last_attempt"]["problem"],
        "it was not answered within 15 s"
    );
    worker.abort();
}

fn control(id: &str, kind: &str, data: &str) -> Event {
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"piecework","type":"piecework.{kind}.v1","subject":"acme","time":"2026-01-31T09:00:00Z","data":{{{data}}}}}"#
    );
    Event::parse(&text).unwrap()
}

#[tokio::test]
async fn what_is_committed_is_told() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    // What was there before anybody listened is not told.
    server
        .app
        .store()
        .append(
            &[control(
                "0",
                "statement.voided",
                r#""number":"acme-0000","reason":"x","by":"finance""#,
            )],
            start(),
        )
        .unwrap();
    let own = made(&server, &receiver.url(), json!({})).await;
    let worker = delivering(&server);
    let json = [("content-type", "application/json")];
    let reason = "ü".repeat(1_001);
    for body in [
        event("1", "opened"),
        event("2", "disputed").replace(
            r#""workid""#,
            &format!(r#""data":{{"reason":"{reason}"}},"authorship":"buyer","workid""#),
        ),
        event("3", "dispute_decided")
            .replace(r#""workid""#, r#""data":{"verdict":"credited"},"workid""#),
        // Another content of the first: it stands, and that there is one is told.
        event("1", "closed"),
    ] {
        let answer = server.events(&json, body).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let mut controls = statement("acme", 3);
    controls.push(control(
        "v",
        "statement.voided",
        r#""number":"acme-0001","reason":"too early","by":"finance""#,
    ));
    controls.push(control(
        "c",
        "credit.issued",
        r#""contract":"acme-2026","amount":"25.00 USD","reason":"goodwill","by":"finance""#,
    ));
    controls.push(control(
        "d",
        "statement.credited",
        r#""number":"acme-0001","reason":"an outage","by":"finance""#,
    ));
    server.app.store().append(&controls, start()).unwrap();

    let got = receiver.wait(7).await;
    let mut told: Vec<Value> = got.iter().map(Got::json).collect();
    told.sort_by_key(|own| own["type"].as_str().unwrap().to_owned());
    let kinds: Vec<&str> = told
        .iter()
        .map(|own| own["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "credit.issued",
            "dispute.decided",
            "dispute.raised",
            "event.conflicted",
            "statement.credited",
            "statement.issued",
            "statement.voided"
        ]
    );
    for own in &told {
        let kind = EventType::of_word(own["type"].as_str().unwrap()).unwrap();
        let example = kind.example();
        for member in own["data"].as_object().unwrap().keys() {
            assert!(example.get(member).is_some(), "{member} of {own}");
        }
        assert_eq!(own["data"]["customer"], "acme");
    }
    assert_eq!(
        told[0]["data"]["amount"],
        json!({ "amount": "25.00", "currency": "USD" })
    );
    assert_eq!(told[0]["timestamp"], "2026-01-31T09:00:00Z");
    assert_eq!(told[1]["data"]["verdict"], "credited");
    assert_eq!(told[2]["data"]["raised_by"], "buyer");
    assert_eq!(told[2]["data"]["work"], "w1");
    assert_eq!(
        told[2]["data"]["reason"].as_str().unwrap().chars().count(),
        1_001
    );
    let conflict = json!({
        "customer": "acme", "log": "shared", "count": 1,
        "events": [{ "source": "desk", "id": "1", "type": "piecework.work.closed.v1", "index": 4 }],
    });
    assert_eq!(told[3]["data"], conflict);
    assert_eq!(told[4]["data"]["statement"], "acme-0001");
    assert_eq!(told[5]["data"]["statement"], "acme-0001");
    assert_eq!(told[6]["data"]["reason"], "too early");
    server.app.drain();
    worker.await.unwrap();
    drop(own);
}

/// A customer's endpoint hears of that customer, and of nothing that is the seller's alone.
#[tokio::test]
async fn a_customers_endpoint_hears_nothing_of_others_nor_of_the_seller() {
    let (server, theirs, ours) = (
        Server::reaching(),
        Receiver::new(&[]).await,
        Receiver::new(&[]).await,
    );
    made(&server, &theirs.url(), json!({ "customer": "acme" })).await;
    made(&server, &ours.url(), json!({})).await;
    let worker = delivering(&server);
    let json = [("content-type", "application/json")];
    let cost = |amount: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"c","source":"desk","type":"piecework.cost.recorded.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"w1","data":{{"line":"model","amount":"{amount} USD"}}}}"#
        )
    };
    for body in [
        cost("0.10"),
        cost("0.20"),
        event("1", "disputed").replace("acme", "zeta"),
        event("1", "disputed"),
    ] {
        let answer = server.events(&json, body).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let got = ours.wait(3).await;
    let conflict = got.iter().find(|own| own.body.contains("event.conflicted"));
    let conflict = &conflict.unwrap().json()["data"];
    assert_eq!(conflict["log"], "seller");
    assert!(!conflict.to_string().contains("0.20"), "{conflict}");
    let got = theirs.wait(1).await.remove(0).json();
    assert_eq!(
        (&got["type"], &got["data"]["customer"]),
        (&json!("dispute.raised"), &json!("acme"))
    );
    server.app.drain();
    worker.await.unwrap();
    assert_eq!(theirs.got().len(), 1);
}

/// Conflicts that come together are one message, and what is taken out of a log is at its place.
#[tokio::test]
async fn many_conflicts_are_one_message() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    made(&server, &receiver.url(), json!({})).await;
    let json = [("content-type", "application/json")];
    for kind in ["opened", "closed"] {
        let events: Vec<String> = (0..25).map(|id| event(&id.to_string(), kind)).collect();
        let answer = server
            .events(&json, format!("[{}]", events.join(",")))
            .await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let worker = delivering(&server);
    let data = receiver.wait(1).await.remove(0).json()["data"].clone();
    assert_eq!(data["count"], 25);
    assert_eq!(data["events"].as_array().unwrap().len(), 10);
    assert_eq!(data["events"][9]["index"], 34);
    server.app.drain();
    worker.await.unwrap();
}

/// What a seller does with quotes, and what its customer answers; and the one that nobody answers is told of once.
#[tokio::test]
async fn quotes_are_told_when_they_are_sent_answered_taken_back_and_expired() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    made(&server, &receiver.url(), json!({"customer": "acme"})).await;
    let act = async |path: &str, body: Value| {
        let path = format!("/v1/customers/acme/quotes{path}");
        let answer = server
            .json(Role::Finance, "POST", &path, &body.to_string())
            .await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    };
    for from in ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"] {
        let draft = json!({"from": from, "valid_until": "2026-02-10", "by": "sales"});
        act("", draft).await;
    }
    for number in 1..=3 {
        act(&format!("/acme-Q000{number}/send"), json!({"by": "sales"})).await;
    }
    let no = json!({"reason": "the budget went elsewhere", "by": "procurement"});
    act("/acme-Q0001/decline", no).await;
    let yes = json!({"how": "by letter", "by": "procurement"});
    act("/acme-Q0002/accept", yes).await;
    let back = json!({"reason": "a draft of nothing", "by": "sales"});
    act("/acme-Q0004/withdraw", back).await;
    let worker = delivering(&server);
    let watching = tokio::spawn(watch(server.app.clone()));
    receiver.wait(6).await;
    server.pass(9 * 86_400 + 86_399);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(receiver.got().len(), 6, "it is accepted on its last day");
    server.pass(1);
    let got = receiver.wait(7).await;
    let told: Vec<Value> = got.iter().map(Got::json).collect();
    let mut words: Vec<String> = told
        .iter()
        .map(|own| {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            format!("{} {}", word(&own["type"]), word(&own["data"]["quote"]))
        })
        .collect();
    words.sort();
    assert_eq!(
        words,
        [
            "quote.accepted acme-Q0002",
            "quote.declined acme-Q0001",
            "quote.expired acme-Q0003",
            "quote.sent acme-Q0001",
            "quote.sent acme-Q0002",
            "quote.sent acme-Q0003",
            "quote.withdrawn acme-Q0004",
        ]
    );
    let expired = told.iter().find(|own| own["type"] == "quote.expired");
    assert_eq!(expired.unwrap()["data"]["valid_until"], "2026-02-10");
    // A watch that begins anew looks at everybody's quotes, and tells nothing twice.
    server.app.drain();
    worker.await.unwrap();
    watching.await.unwrap();
    let outbox = server.app.outbox();
    let data = EventType::QuoteExpired.example();
    let again = outbox.announce(
        "expired/acme/acme-Q0003",
        EventType::QuoteExpired,
        None,
        &data,
    );
    assert!(!again.unwrap());
}

#[tokio::test]
async fn a_server_that_stops_ends_what_it_is_delivering() {
    let late = Say::Late(Duration::from_millis(800), 200);
    let (server, receiver) = (Server::reaching(), Receiver::new(&[late]).await);
    let own = made(&server, &receiver.url(), json!({})).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(serve(
        listener,
        server.app.clone(),
        server.router.clone(),
        async { stopped.await.unwrap_or_default() },
    ));
    test_message(&server, &own).await;
    receiver.wait(1).await;
    stop.send(()).unwrap();
    assert_eq!(running.await.unwrap(), Ended::Well);
    let outbox = server.app.store().operations().outbox();
    let name = own.path.strip_prefix("/v1/webhooks/").unwrap();
    let noted = outbox.endpoint_deliveries(name, None, 10).unwrap();
    assert_eq!(noted[0].state, store::outbox::DeliveryState::Done);
}

/// The example of every type is what a message of it may look like.
#[tokio::test]
async fn every_type_may_be_announced() {
    let (server, receiver) = (Server::reaching(), Receiver::new(&[]).await);
    made(&server, &receiver.url(), json!({})).await;
    for kind in EventType::ALL {
        let announced =
            server
                .app
                .outbox()
                .announce(kind.word(), kind, Some("acme"), &kind.example());
        assert!(announced.unwrap());
    }
    let worker = delivering(&server);
    let mut kinds: Vec<String> = receiver
        .wait(EventType::ALL.len())
        .await
        .iter()
        .map(|own| own.json()["type"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    let mut all: Vec<&str> = EventType::ALL.iter().map(|own| own.word()).collect();
    all.sort_unstable();
    assert_eq!(kinds, all);
    server.app.drain();
    worker.await.unwrap();
}
