//! `/v1/webhooks`: endpoints are set up, shown without their secrets, refused where they are wrong.

use piecework_server::access::{MadeKey, Role};
use piecework_server::webhooks::{EventType, signature};
use serde_json::{Value, json};
use store::limits::ENDPOINTS_MAX;
use store::outbox::SigningSecret;

use crate::support::{Answer, Server, start};

const OPERATOR: Role = Role::Operator;

async fn create(server: &Server, body: &Value) -> Answer {
    server
        .json(OPERATOR, "POST", "/v1/webhooks", &body.to_string())
        .await
}

#[tokio::test]
async fn an_endpoint_is_made_shown_changed_and_deleted() {
    let server = Server::new();
    let new = json!({
        "url": "https://hooks.example.com/x", "description": "the desk", "customer": "acme",
        "types": ["statement.issued", "dispute.raised", "statement.issued"],
    });
    let made = create(&server, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.headers["cache-control"], "no-store");
    let (endpoint, secret) = (&made.json()["webhook"], made.json()["secret"].clone());
    let secret = secret.as_str().unwrap();
    assert!(
        secret.starts_with("whsec_") && secret.len() == 6 + 44,
        "{secret}"
    );
    let path = made.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(
        path,
        format!("/v1/webhooks/{}", endpoint["id"].as_str().unwrap())
    );
    let expected = json!({
        "id": endpoint["id"], "url": "https://hooks.example.com/x", "description": "the desk",
        "customer": "acme", "types": ["dispute.raised", "statement.issued"], "enabled": true,
        "disabled": null, "failing_since": null, "created": "2026-02-01T00:00:00Z",
    });
    assert_eq!(endpoint, &expected);
    let shown = server.json(OPERATOR, "GET", &path, "").await;
    assert_eq!(shown.json(), expected);
    let listed = server.json(OPERATOR, "GET", "/v1/webhooks", "").await;
    assert_eq!(listed.json(), json!({ "webhooks": [expected] }));

    server.pass(60);
    let off = json!({ "enabled": false, "types": [], "url": "https://hooks.example.com/y" });
    let changed = server
        .json(OPERATOR, "PATCH", &path, &off.to_string())
        .await;
    let changed = changed.json();
    assert_eq!(changed["enabled"], false);
    assert_eq!(changed["disabled"]["at"], "2026-02-01T00:01:00Z");
    assert_eq!(changed["types"], json!([]));
    assert_eq!(changed["url"], "https://hooks.example.com/y");
    assert_eq!(changed["description"], "the desk");
    let refused = server
        .json(OPERATOR, "POST", &format!("{path}/test"), "")
        .await;
    assert_eq!(refused.code(), "conflict");
    let on = server
        .json(OPERATOR, "PATCH", &path, r#"{"enabled":true}"#)
        .await;
    assert_eq!(on.json()["disabled"], Value::Null);

    // A version that somebody else has changed meanwhile.
    let read = server.json(OPERATOR, "GET", &path, "").await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(read.headers["etag"], on.headers["etag"]);
    let over = [
        ("content-type", "application/json"),
        ("if-match", tag.as_str()),
    ];
    for expected in [200, 412] {
        let renamed = r#"{"description":"the other desk"}"#.to_owned();
        let answer = server.ask(OPERATOR, ("PATCH", &path), &over, renamed).await;
        assert_eq!(answer.status, expected, "{}", answer.text);
    }

    let gone = server.json(OPERATOR, "DELETE", &path, "").await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("PATCH", path.clone()),
        ("POST", format!("{path}/secret")),
        ("POST", format!("{path}/test")),
        ("GET", format!("{path}/deliveries")),
        ("POST", format!("{path}/deliveries/msg_x/redeliver")),
    ] {
        let answer = server.json(OPERATOR, method, &path, "{}").await;
        assert_eq!(answer.code(), "not-found", "{method} {path}");
    }
}

#[tokio::test]
async fn what_cannot_be_an_endpoint_is_refused_with_its_place() {
    let server = Server::new();
    let url = "https://hooks.example.com/";
    for (new, pointer, says) in [
        (
            json!({ "url": "http://hooks.example.com/" }),
            "/url",
            "plain http",
        ),
        (json!({ "url": "https://127.0.0.1/" }), "/url", "loopback"),
        (
            json!({ "url": "https://[::ffff:169.254.169.254]/" }),
            "/url",
            "link-local",
        ),
        (
            json!({ "url": "https://a:b@hooks.example.com/" }),
            "/url",
            "credentials",
        ),
        (
            json!({ "url": "gopher://hooks.example.com/" }),
            "/url",
            "not spoken",
        ),
        (json!({ "url": "" }), "/url", "not a URL"),
        (
            json!({ "url": url, "types": ["statement.issued", "statement.lost"] }),
            "/types/1",
            "`statement.lost` is no type",
        ),
        (
            json!({ "url": url, "description": "x".repeat(501) }),
            "/description",
            "500 bytes",
        ),
        (
            json!({ "url": url, "customer": "" }),
            "/customer",
            "256 bytes",
        ),
    ] {
        let answer = create(&server, &new).await;
        assert_eq!(answer.code(), "bad-request", "{new}");
        let fault = &answer.json()["errors"][0];
        assert_eq!(fault["pointer"], pointer);
        let detail = fault["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    }
    for body in [
        "",
        "[]",
        "{",
        r#"{"url":"https://a.example/","secret":"x"}"#,
    ] {
        let answer = server.json(OPERATOR, "POST", "/v1/webhooks", body).await;
        assert_eq!(answer.code(), "bad-request", "{body}");
    }
    let made = create(&server, &json!({ "url": url })).await;
    let path = made.headers["location"].to_str().unwrap();
    let long = server
        .json(
            OPERATOR,
            "POST",
            &format!("{path}/secret"),
            r#"{"overlap_hours":721}"#,
        )
        .await;
    assert_eq!(long.json()["errors"][0]["pointer"], "/overlap_hours");
    for query in ["?limit=0", "?limit=501", "?limit=x", "?cursor=x"] {
        let path = format!("{path}/deliveries{query}");
        let answer = server.json(OPERATOR, "GET", &path, "").await;
        assert_eq!(answer.code(), "bad-request", "{query}");
    }
}

#[tokio::test]
async fn there_are_so_many_endpoints_and_secrets() {
    let server = Server::new();
    let new = json!({ "url": "https://hooks.example.com/" });
    let mut path = String::new();
    for _ in 0..ENDPOINTS_MAX {
        let made = create(&server, &new).await;
        path = made.headers["location"].to_str().unwrap().to_owned();
    }
    let beyond = create(&server, &new).await;
    assert_eq!(beyond.code(), "conflict");
    assert!(beyond.text.contains("50 endpoints"), "{}", beyond.text);
    let secret = format!("{path}/secret");
    for _ in 1..store::limits::SECRETS_MAX {
        let made = server.json(OPERATOR, "POST", &secret, "{}").await;
        assert_eq!(made.status, 201);
        assert_eq!(made.json()["earlier_until"], "2026-02-02T00:00:00Z");
    }
    let beyond = server.json(OPERATOR, "POST", &secret, "{}").await;
    assert_eq!(beyond.code(), "conflict");
    let at_once = server
        .json(OPERATOR, "POST", &secret, r#"{"overlap_hours":0}"#)
        .await;
    assert_eq!(at_once.status, 201, "{}", at_once.text);
}

/// A key of one customer sees, makes and changes that customer's endpoints alone.
#[tokio::test]
async fn a_key_of_one_customer_knows_its_endpoints_alone() {
    let server = Server::new();
    let made = MadeKey::from_random(
        &[99; 42],
        OPERATOR,
        Some("acme".to_owned()),
        String::new(),
        (start(), None),
    );
    let operations = server.app.store().operations();
    operations.put_api_key(&made.kept).unwrap();
    let url = "https://hooks.example.com/";
    let own = create(&server, &json!({ "url": url, "customer": "acme" })).await;
    let all = create(&server, &json!({ "url": url })).await;
    let ask = async |method: &str, path: &str, body: String| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", made.text.as_str()));
        server.send(request.body(body.into()).unwrap()).await
    };
    let listed = ask("GET", "/v1/webhooks", String::new()).await.json();
    assert_eq!(listed["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(listed["webhooks"][0]["id"], own.json()["webhook"]["id"]);
    let path = all.headers["location"].to_str().unwrap();
    for (method, path) in [
        ("GET", path.to_owned()),
        ("DELETE", path.to_owned()),
        ("POST", format!("{path}/secret")),
    ] {
        assert_eq!(
            ask(method, &path, "{}".to_owned()).await.code(),
            "not-found"
        );
    }
    for customer in [Value::Null, json!("zeta")] {
        let new = json!({ "url": url, "customer": customer }).to_string();
        let answer = ask("POST", "/v1/webhooks", new).await;
        assert_eq!(answer.json()["errors"][0]["pointer"], "/customer");
    }
}

/// The lines of Python in the documentation take what is signed, and nothing else.
#[test]
fn the_documented_lines_verify() {
    let page = documentation();
    let lines = page.split("```python\n").nth(1).unwrap();
    let lines = lines.split("```").next().unwrap();
    let secret = SigningSecret {
        key: vec![7; 32].into(),
        created: start(),
        ends: None,
    };
    let other = SigningSecret {
        key: vec![8; 32].into(),
        ..secret.clone()
    };
    let text = signature::secret_text(&secret.key);
    let now = jiff::Timestamp::now().as_second();
    for (seconds, secrets, body, expected) in [
        (now, vec![secret.clone()], "{\"ü\": 1}", "True"),
        (
            now,
            vec![other.clone(), secret.clone()],
            "{\"ü\": 1}",
            "True",
        ),
        (now, vec![other], "{\"ü\": 1}", "False"),
        (now, vec![secret.clone()], "{\"ü\": 2}", "False"),
        (now - 3_600, vec![secret], "{\"ü\": 1}", "False"),
    ] {
        let signed = signature::signatures(&secrets, "msg_1", seconds, "{\"ü\": 1}");
        let headers = json!({
            "webhook-id": "msg_1", "webhook-timestamp": seconds.to_string(),
            "webhook-signature": signed,
        });
        let call = format!(
            "import sys\nprint(is_ours({headers}, sys.argv[1].encode(), \"{}\"))",
            text.as_str()
        );
        let output = std::process::Command::new("python3")
            .args(["-c", &format!("{lines}\n{call}"), body])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.trim(), expected, "{failed}");
    }
}

fn documentation() -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join("../../docs/reference/webhooks.md")).unwrap()
}

/// The catalogue, the route and the page of documentation say the same.
#[tokio::test]
async fn every_type_is_told_and_documented() {
    let server = Server::new();
    let told = server
        .json(OPERATOR, "GET", "/v1/webhooks/types", "")
        .await
        .json();
    let page = documentation();
    for (own, told) in EventType::ALL.iter().zip(told["types"].as_array().unwrap()) {
        assert_eq!(told["type"], own.word());
        assert!(
            page.contains(&format!("`{}`", own.word())),
            "{}",
            own.word()
        );
        let after = page.split(&format!("### `{}`\n", own.word())).nth(1);
        let after = after.unwrap_or_else(|| panic!("no section on {}", own.word()));
        let block = after.split("```json\n").nth(1).unwrap();
        let block = block.split("\n```").next().unwrap();
        let example: Value = serde_json::from_str(block).unwrap();
        assert_eq!(example, told["example"], "{}", own.word());
    }
}
