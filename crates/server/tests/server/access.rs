//! Who may call what: every route, every kind of caller.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::{Permission, Role};
use piecework_server::{Needs, Route};

use crate::access_to_portal::PORTAL;
use crate::access_to_resources::RESOURCES;
use crate::access_to_screens::SCREENS;
use crate::sold::{link, sold};
use crate::support::{Server, event};

/// The kinds of caller, in the order of the columns below.
const CALLERS: [&str; 7] = [
    "nobody", "unknown", "ingest", "operator", "finance", "auditor", "buyer",
];

/// Every route and the status that each kind of caller gets, where `ok` stands for whatever the route itself
/// answers.
const EXPECTED: &[(&str, &str, [&str; 7])] = &[
    (
        "GET",
        "/healthz",
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    ("GET", "/readyz", ["ok", "ok", "ok", "ok", "ok", "ok", "ok"]),
    (
        "GET",
        "/problems/{code}",
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/metrics",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/links",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/links",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "DELETE",
        "/v1/customers/{customer}/links/{id}",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    ("GET", "/", ["ok", "401", "ok", "ok", "ok", "ok", "ok"]),
    (
        "GET",
        "/customers",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/logs",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/events",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    ("GET", "/verify", ["ok", "ok", "ok", "ok", "ok", "ok", "ok"]),
    (
        "GET",
        "/customers/{customer}/statements",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/works",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/statements/{number}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/find",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/works/{work}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/statements/{number}/bridge",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/definitions",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/definitions/{id}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/disputes",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/margin",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/link/{token}",
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/sign-in",
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/sign-out",
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/log/{log}/checkpoint",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/log/{log}/tile/{tile}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/logs",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/checkpoints",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/checkpoints/{size}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/checkpoints/{size}/cosignatures",
        ["401", "401", "ok", "ok", "403", "403", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/proofs/inclusion",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/proofs/consistency",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/entries/{index}/receipt",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/{number}/proof",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/{number}/proof-report",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/works/{work}/receipt",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/samples",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/api/v1/events",
        ["401", "401", "ok", "ok", "403", "403", "ok"],
    ),
    (
        "POST",
        "/v1/backups",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/backups/{name}",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/refused",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/refused/{id}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/refused/{id}/resend",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/refused/{id}/dismiss",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/traces",
        ["401", "401", "ok", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/logs",
        ["401", "401", "ok", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/metrics",
        ["401", "401", "ok", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/ingest/litellm",
        ["401", "401", "ok", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/reconciliation",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/reconciliation",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/source-counts",
        ["401", "401", "ok", "ok", "403", "403", "ok"],
    ),
    (
        "GET",
        "/v1/source-counts",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/costs/unassigned",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/costs/assign",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/webhooks",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/webhooks",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/webhooks/types",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/webhooks/{id}",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "PATCH",
        "/v1/webhooks/{id}",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "DELETE",
        "/v1/webhooks/{id}",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/webhooks/{id}/secret",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/webhooks/{id}/test",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/webhooks/{id}/deliveries",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/webhooks/{id}/deliveries/{message}/redeliver",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/budget",
        ["401", "401", "ok", "ok", "ok", "ok", "ok"],
    ),
    (
        "PUT",
        "/v1/customers/{customer}/budget",
        ["401", "401", "403", "ok", "ok", "403", "ok"],
    ),
    (
        "DELETE",
        "/v1/customers/{customer}/budget",
        ["401", "401", "403", "ok", "ok", "403", "ok"],
    ),
    (
        "GET",
        "/v1/budgets",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
];

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says() {
    let server = sold();
    let routes: BTreeSet<(&str, &str)> = server
        .table
        .iter()
        .map(|Route { method, path, .. }| (method.as_str(), path.as_str()))
        .collect();
    let all = || {
        EXPECTED
            .iter()
            .chain(RESOURCES)
            .chain(SCREENS)
            .chain(PORTAL)
    };
    let expected: BTreeSet<(&str, &str)> = all().map(|(m, p, _)| (*m, *p)).collect();
    let missing: Vec<_> = routes.difference(&expected).collect();
    let gone: Vec<_> = expected.difference(&routes).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
    assert!(gone.is_empty(), "in the table and no route: {gone:?}");
    assert_eq!(
        all().count(),
        expected.len(),
        "a route is in the table once"
    );
    let whole = link(&server, "acme", None, 1);
    let of_statement = link(&server, "acme", Some("acme-0001"), 1);
    let token = whole.clone();
    let told = async |method: &str, path: &str, headers: &[(&str, String)]| {
        told(&server, (method, &path.replace("{token}", &token)), headers).await
    };
    for (method, path, statuses) in all() {
        let mut routes = server.table.iter();
        let route = routes.find(|own| own.method == *method && own.path == *path);
        let route = route.unwrap(); // the sets are the same
        for (caller, status) in CALLERS.iter().zip(statuses) {
            let told = told(method, path, &bearer(&server, caller)).await;
            assert_eq!(told, *status, "{method} {path} of {caller}");
        }
        let links = [whole.as_str(), of_statement.as_str()];
        for (caller, shown, status) in others(&server, links, route, statuses).await {
            let told = told(method, path, &[shown]).await;
            assert_eq!(told, status, "{method} {path} of {caller}");
        }
    }
}

/// The callers that have no column of their own, because a rule says what they get: what they show, and the
/// status. A link of a customer is let in wherever that buyer's key is, save for what nobody signs:
/// budgets and counts; one of a statement where a statement is read, and where anybody is; a session wherever the
/// key that began it is.
async fn others(
    server: &Server,
    [whole, one]: [&str; 2],
    route: &Route,
    statuses: &[&'static str; 7],
) -> Vec<(&'static str, (&'static str, String), &'static str)> {
    let [_, _, _, operator, _, _, buyer] = *statuses;
    let of_statement = match route.needs {
        Needs::Nothing | Needs::Key(Permission::ReadStatement) => "ok",
        Needs::Key(_) => "403",
    };
    let of_customer = match (route.needs, route.method.as_str(), route.path.as_str()) {
        (Needs::Key(Permission::SetBudgets), ..) | (_, "POST", "/v1/source-counts") => "403",
        _ => buyer,
    };
    let show = |text: &str| ("authorization", format!("Bearer {text}"));
    let form = Body::from(format!("key={}", server.key(Role::Operator)));
    let began = server.send(Request::post("/sign-in").body(form).unwrap());
    let cookie = began.await.headers["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    vec![
        ("a link", show(whole), of_customer),
        ("a link to a statement", show(one), of_statement),
        ("a session of an operator", ("cookie", cookie), operator),
    ]
}

/// `401`, `403`, or `ok` for whatever the route itself answers.
async fn told(
    server: &Server,
    (method, path): (&str, &str),
    headers: &[(&str, String)],
) -> &'static str {
    let path = path
        .replace("{code}", "busy")
        .replace("{id}", "none")
        .replace("{customer}", "acme")
        .replace("{number}", "acme-0001")
        .replace("{name}", "x");
    let body = match path.as_str() {
        "/sign-in" => Body::from(format!("key={}", server.key(Role::Operator))),
        _ => Body::empty(),
    };
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request = request.header("sec-fetch-site", "same-origin");
    match server
        .send(request.body(body).unwrap())
        .await
        .status
        .as_u16()
    {
        401 => "401",
        403 => "403",
        _ => "ok",
    }
}

fn bearer(server: &Server, caller: &str) -> Vec<(&'static str, String)> {
    let key = key(server, caller);
    key.map(|key| ("authorization", format!("Bearer {key}")))
        .into_iter()
        .collect()
}

fn key(server: &Server, caller: &str) -> Option<String> {
    match caller {
        "nobody" => None,
        // Well written, and of nobody.
        "unknown" => Some(
            piecework_server::access::MadeKey::from_random(
                &[77; 42],
                Role::Operator,
                None,
                String::new(),
                (crate::support::start(), None),
            )
            .text
            .to_string(),
        ),
        word => Some(server.key(Role::of_word(word).unwrap()).to_owned()),
    }
}

#[test]
fn only_what_says_nothing_of_the_book_is_open() {
    let server = Server::new();
    for route in &server.table {
        let is_open = matches!(
            route.path.as_str(),
            "/healthz"
                | "/readyz"
                | "/problems/{code}"
                | "/"
                | "/link/{token}"
                | "/sign-in"
                | "/sign-out"
                | "/verify"
        );
        assert_eq!(route.needs == Needs::Nothing, is_open, "{route:?}");
    }
    let metrics = server.table.iter().find(|own| own.path == "/metrics");
    assert_eq!(metrics.unwrap().needs, Needs::Key(Permission::ReadCosts));
}

#[tokio::test]
async fn a_key_ends_when_it_expires_and_when_it_is_revoked() {
    let server = Server::new();
    let json = [("content-type", "application/json")];
    assert_eq!(server.events(&json, event("1", "opened")).await.status, 204);
    let id = server
        .key(Role::Ingest)
        .split('_')
        .nth(1)
        .unwrap()
        .to_owned();
    server.pass(24 * 3_600 - 1);
    assert_eq!(server.events(&json, event("2", "opened")).await.status, 204);
    server.pass(1);
    let late = server.events(&json, event("3", "opened")).await;
    assert_eq!(
        (late.status.as_u16(), late.code().as_str()),
        (401, "unauthorized")
    );
    server.pass(-10);
    assert_eq!(server.events(&json, event("3", "opened")).await.status, 204);
    let operations = server.app.store().operations();
    assert!(
        operations
            .revoke_api_key(&id, crate::support::start())
            .unwrap()
    );
    server.app.forget_key(&id);
    assert_eq!(server.events(&json, event("4", "opened")).await.status, 401);
}

#[tokio::test]
async fn a_buyers_key_speaks_of_one_customer_and_only_under_its_signature() {
    let server = Server::new();
    let bearer = format!("Bearer {}", server.key(Role::Buyer));
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let other = event("1", "reopened").replace("acme", "other");
    for (body, pointer) in [(other, "/subject"), (event("1", "reopened"), "/signature")] {
        let answer = server.events(&headers, body).await;
        assert_eq!(answer.code(), "events-refused");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn no_secret_is_repeated() {
    let server = Server::new();
    let key = server.key(Role::Ingest).to_owned();
    let secret = key.split('_').nth(2).unwrap().to_owned();
    let last = if key.ends_with('0') { '1' } else { '0' };
    let slip = format!("{}{last}", &key[..key.len() - 1]);
    for bearer in [
        format!("Bearer {slip}"),
        format!("Basic {key}"),
        format!("Bearer {key}x"),
    ] {
        let headers = [
            ("content-type", "application/json"),
            ("authorization", &bearer),
        ];
        let answer = server.events(&headers, event("1", "opened")).await;
        assert_eq!(answer.code(), "unauthorized");
        assert!(!answer.text.contains(&secret), "{}", answer.text);
    }
}
