//! Nothing refused is lost: the queue, repair, dismissal.

use piecework_server::access::Role;

use crate::support::{Server, event};

const JSON: (&str, &str) = ("content-type", "application/json");

/// The refused events of a query, by the operator's key.
async fn listed(server: &Server, query: &str) -> serde_json::Value {
    let path = format!("/v1/refused{query}");
    let answer = server.ask(Role::Operator, ("GET", &path), &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// The ids on a page.
fn ids(page: &serde_json::Value) -> Vec<String> {
    let rows = page["refused"].as_array().unwrap().iter();
    rows.map(|own| own["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn act(server: &Server, id: &str, act: &str, body: &str) -> crate::support::Answer {
    let path = format!("/v1/refused/{id}/{act}");
    server
        .ask(Role::Operator, ("POST", &path), &[JSON], body.to_owned())
        .await
}

#[tokio::test]
async fn every_refused_event_is_kept_with_its_bytes_and_its_reason() {
    let server = Server::new();
    let unreadable =
        r#"{"id":"3","subject":"acme","source":"desk", "type":"#.to_owned() + "\"x\",}";
    let own = event("4", "opened").replace("\"desk\"", "\"piecework/model-costs\"");
    let body = format!(
        "[{},{unreadable},{own},{}]",
        event("1", "opened"),
        event("2", "finished")
    );
    server.events(&[JSON], body.clone()).await;
    let page = listed(&server, "").await;
    let rows = page["refused"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{page}");
    let (broken, forbidden, unknown) = (&rows[0], &rows[1], &rows[2]);
    assert_eq!(broken["customer"], serde_json::Value::Null);
    assert_eq!(
        (&forbidden["customer"], &forbidden["source"]),
        (&"acme".into(), &"piecework/model-costs".into())
    );
    assert_eq!(forbidden["pointer"], "/source");
    assert_eq!(unknown["pointer"], "/type");
    assert_eq!(unknown["route"], "/api/v1/events");
    for (row, text) in rows.iter().zip([unreadable, own, event("2", "finished")]) {
        let path = format!("/v1/refused/{}", row["id"].as_str().unwrap());
        let one = server.ask(Role::Auditor, ("GET", &path), &[], "").await;
        assert_eq!(one.json()["text"], text);
        let tag = one.headers["etag"].to_str().unwrap();
        let same = [("if-none-match", tag)];
        let same = server.ask(Role::Auditor, ("GET", &path), &same, "");
        assert_eq!(same.await.status, 304);
    }
    // A sender that repeats its request fills nothing.
    server.events(&[JSON], body).await;
    let page = listed(&server, "").await;
    assert_eq!(page["refused"][2]["deliveries"], 2);
    assert_eq!(ids(&page).len(), 3);
    // A body that cannot be read at all is its sender's to send again.
    let whole = server.events(&[JSON], "[{\"id\":").await;
    assert_eq!(whole.code(), "bad-request");
    assert_eq!(ids(&listed(&server, "").await).len(), 3);
    assert_eq!(server.app.store().deliveries().unwrap().refused, 6);
}

#[tokio::test]
async fn the_queue_is_read_in_pages_and_by_what_is_asked() {
    let server = Server::new();
    for id in 0..5 {
        let customer = if id % 2 == 0 { "acme" } else { "bcme" };
        let own = event(&id.to_string(), "finished").replace("acme", customer);
        server.events(&[JSON], own).await;
        server.pass(3_600);
    }
    let all = ids(&listed(&server, "").await);
    let first = listed(&server, "?limit=2&customer=acme").await;
    assert_eq!(ids(&first), [all[0].clone(), all[2].clone()]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let query = format!("?limit=2&customer=acme&cursor={cursor}");
    let second = listed(&server, &query).await;
    assert_eq!(ids(&second), [all[4].clone()]);
    assert!(second.get("next_cursor").is_none());
    assert_eq!(ids(&listed(&server, "?age_hours=4").await), all[..2]);
    assert!(
        listed(&server, "?age_hours=4294967295").await["refused"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(ids(&listed(&server, "?state=sent").await).len(), 0);
    let path = ("GET", "/v1/refused?limit=2&state=waiting");
    let paged = server.ask(Role::Operator, path, &[], "").await;
    let link = paged.headers["link"].to_str().unwrap();
    assert!(
        link.starts_with("</v1/refused?limit=2&state=waiting&cursor=")
            && link.ends_with("; rel=\"next\""),
        "{link}"
    );

    for (query, pointer) in [
        ("?limit=0", "?limit"),
        ("?limit=501", "?limit"),
        ("?state=lost", "?state"),
        ("?cursor=abc", "?cursor"),
        (&format!("?customer=bcme&cursor={cursor}"), "?cursor"),
        (
            &format!("?customer=acme&cursor=B{}", &cursor[1..]),
            "?cursor",
        ),
    ] {
        let path = format!("/v1/refused{query}");
        let answer = server.ask(Role::Operator, ("GET", &path), &[], "").await;
        assert_eq!(answer.code(), "bad-request");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{query}");
    }
    for query in ["?what=1", "?limit=many", "?age_hours=-1"] {
        let path = format!("/v1/refused{query}");
        let answer = server.ask(Role::Operator, ("GET", &path), &[], "").await;
        assert_eq!(answer.code(), "bad-request", "{query}");
    }
}

#[tokio::test]
async fn a_refused_event_is_repaired_and_sent_again() {
    let server = Server::new();
    let untimed = event("1", "finished").replace(r#""time":"2026-01-06T09:00:00Z","#, "");
    server.events(&[JSON], untimed.clone()).await;
    let id = ids(&listed(&server, "").await).remove(0);
    server.pass(60);
    // As it came it is refused again, on the same row.
    let again = act(&server, &id, "resend", "").await;
    assert_eq!(again.code(), "events-refused");
    let page = listed(&server, "?state=waiting").await;
    assert_eq!(ids(&page), std::slice::from_ref(&id));
    assert_eq!(page["refused"][0]["attempts"], 1);
    assert_eq!(page["refused"][0]["last_attempt"]["pointer"], "/type");
    // Repaired it is taken, at the time at which it first arrived.
    let repaired = untimed.replace("finished", "opened");
    let sent = act(&server, &id, "resend", &repaired).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let sent = sent.json();
    assert_eq!(sent["became"]["outcome"], "accepted");
    assert_eq!(sent["refused"]["state"], "sent");
    assert_eq!(sent["refused"]["attempts"], 2);
    let store = server.app.store();
    let entry = store.entry("acme", work::LogKind::Shared, 0).unwrap();
    assert_eq!(entry.unwrap().event.time, crate::support::start());
    // Repairing twice is harmless.
    let twice = act(&server, &id, "resend", &repaired).await.json();
    assert_eq!(twice["became"]["outcome"], "duplicate");
    assert_eq!(store.head("acme", work::LogKind::Shared).unwrap(), 1);
    let dismissed = act(&server, &id, "dismiss", r#"{"reason":"no"}"#).await;
    assert_eq!(dismissed.code(), "conflict");
    let batch = act(&server, &id, "resend", &format!("[{repaired}]")).await;
    assert_eq!(batch.code(), "bad-request");
}

#[tokio::test]
async fn what_is_sent_again_as_it_came_may_say_no_more_than_its_sender() {
    let server = Server::new();
    let bearer = format!("Bearer {}", server.key(Role::Buyer));
    let headers = [JSON, ("authorization", bearer.as_str())];
    server
        .events(&headers, event("1", "opened").replace("acme", "other"))
        .await;
    let id = ids(&listed(&server, "").await).remove(0);
    let again = act(&server, &id, "resend", "").await;
    assert_eq!(again.json()["errors"][0]["pointer"], "/subject");
    assert_eq!(server.app.store().deliveries().unwrap().accepted, 0);
}

#[tokio::test]
async fn a_refused_event_is_dismissed_with_a_reason() {
    let server = Server::new();
    server.events(&[JSON], event("1", "finished")).await;
    let id = ids(&listed(&server, "").await).remove(0);
    let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(1_001));
    for body in [
        r#"{"reason":" "}"#,
        "{}",
        "",
        r#"{"reason":1}"#,
        long.as_str(),
    ] {
        assert_eq!(
            act(&server, &id, "dismiss", body).await.code(),
            "bad-request",
            "{body}"
        );
    }
    let path = format!("/v1/refused/{id}");
    let seen = server.ask(Role::Operator, ("GET", &path), &[], "").await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    let dismissed = act(&server, &id, "dismiss", r#"{"reason":"a test"}"#)
        .await
        .json();
    assert_eq!(dismissed["decision"]["why"], "a test");
    let operator = server.key(Role::Operator).split('_').nth(1).unwrap();
    assert_eq!(dismissed["decision"]["by"], operator);
    // Whoever saw another version is told.
    let stale = server
        .ask(
            Role::Operator,
            ("POST", &format!("{path}/resend")),
            &[("if-match", &tag)],
            "",
        )
        .await;
    assert_eq!(
        (stale.status.as_u16(), stale.code().as_str()),
        (412, "precondition-failed")
    );
    assert_eq!(act(&server, &id, "resend", "").await.code(), "conflict");
    assert_eq!(act(&server, "none", "resend", "").await.code(), "not-found");
    // The same bytes again, for the same reason, were decided about.
    server.events(&[JSON], event("1", "finished")).await;
    assert_eq!(ids(&listed(&server, "?state=waiting").await).len(), 0);
}

#[tokio::test]
async fn an_event_in_headers_is_kept_in_one_piece() {
    let server = Server::new();
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "desk"),
        ("ce-type", "piecework.work.finished.v1"),
        ("ce-subject", "acme"),
        JSON,
    ];
    server.events(&headers, r#"{"channel":"web"}"#).await;
    let id = ids(&listed(&server, "").await).remove(0);
    let path = format!("/v1/refused/{id}");
    let seen = server
        .ask(Role::Operator, ("GET", &path), &[], "")
        .await
        .json();
    let text: serde_json::Value = serde_json::from_str(seen["text"].as_str().unwrap()).unwrap();
    assert_eq!(text["data"]["channel"], "web");
    let repaired = text.to_string().replace("finished", "opened");
    let repaired = repaired.replacen('{', r#"{"workid":"w1","#, 1);
    let sent = act(&server, &id, "resend", &repaired).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
}

/// An event whose time is yet to come may be refused for it, and taken once the time has come.
#[tokio::test]
async fn a_clock_that_runs_ahead_is_refused_beyond_a_day_and_repaired_by_time() {
    let server = Server::new();
    let at = |id: &str, time: &str| event(id, "opened").replace("2026-01-06T09:00:00Z", time);
    // The test begins on the first of February.
    let ahead = at("1", "2026-02-02T00:00:00Z");
    assert_eq!(server.events(&[JSON], ahead).await.status, 204);
    let further = server
        .events(&[JSON], at("2", "2026-02-02T00:00:01Z"))
        .await;
    assert_eq!(further.code(), "events-refused");
    assert_eq!(further.json()["errors"][0]["pointer"], "/time");
    let id = ids(&listed(&server, "").await).remove(0);
    assert_eq!(
        act(&server, &id, "resend", "").await.code(),
        "events-refused"
    );
    server.pass(1);
    let sent = act(&server, &id, "resend", "").await;
    assert_eq!(
        sent.json()["became"]["outcome"],
        "accepted",
        "{}",
        sent.text
    );
}

#[tokio::test]
async fn a_full_queue_is_told_and_loses_nothing() {
    use store::limits::REFUSED_WAITING_MAX;
    use store::operations::{Refusal, Sender};
    let server = Server::new();
    let operations = server.app.store().operations();
    let refusal = |number: u64| Refusal {
        route: "/api/v1/events".to_owned(),
        sender: Sender {
            key: "k".to_owned(),
            role: "ingest".to_owned(),
            customer: None,
        },
        customer: None,
        source: None,
        pointer: String::new(),
        reason: "none".to_owned(),
        raw: number.to_be_bytes().to_vec(),
    };
    let all: Vec<_> = (0..REFUSED_WAITING_MAX).map(refusal).collect();
    operations
        .keep_refused(&all, crate::support::start())
        .unwrap();
    let body = format!("[{},{}]", event("1", "opened"), event("2", "finished"));
    let full = server.events(&[JSON], body.clone()).await;
    assert_eq!(
        (full.status.as_u16(), full.code().as_str()),
        (503, "unavailable")
    );
    assert!(
        full.text.contains("the refused events are full"),
        "{}",
        full.text
    );
    assert!(full.headers.contains_key("retry-after"));
    // What was good is taken; what was refused is not counted, since nobody keeps it.
    let deliveries = server.app.store().deliveries().unwrap();
    assert_eq!((deliveries.accepted, deliveries.refused), (1, 0));
    let id = ids(&listed(&server, "?limit=1").await).remove(0);
    act(&server, &id, "dismiss", r#"{"reason":"a test"}"#).await;
    assert_eq!(server.events(&[JSON], body).await.code(), "events-refused");
    let deliveries = server.app.store().deliveries().unwrap();
    assert_eq!((deliveries.duplicate, deliveries.refused), (1, 1));
}

/// A key of one customer neither sees nor decides what another's sender sent, nor what names nobody.
#[tokio::test]
async fn a_key_of_one_customer_knows_its_own_refused_events_alone() {
    let server = Server::new();
    let theirs = event("2", "finished").replace("acme", "globex");
    let body = format!("[{},{theirs},{{]", event("1", "finished"));
    server.events(&[JSON], body).await;
    let body = format!("[{},{theirs}]", event("1", "finished"));
    server.events(&[JSON], body).await;
    let all = listed(&server, "").await;
    let rows = all["refused"].as_array().unwrap();
    let of = |customer: &str| {
        let own = rows.iter().find(|own| own["customer"] == customer);
        own.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let key = server.key_of(Role::Operator, "globex");
    let bearer = format!("Bearer {key}");
    let asks = async |method: &str, path: &str, body: &str| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header(JSON.0, JSON.1)
            .header("authorization", &bearer)
            .body(axum::body::Body::from(body.to_owned()));
        server.send(request.unwrap()).await
    };
    let shown = asks("GET", "/v1/refused", "").await.json();
    assert_eq!(ids(&shown), [of("globex")]);
    assert_eq!(
        asks("GET", "/v1/refused?customer=acme", "").await.status,
        404
    );
    let reason = r#"{"reason":"a test"}"#;
    for (method, below, body) in [
        ("GET", "", ""),
        ("POST", "/resend", ""),
        ("POST", "/dismiss", reason),
    ] {
        let path = format!("/v1/refused/{}{below}", of("acme"));
        assert_eq!(asks(method, &path, body).await.status, 404, "{path}");
    }
    let path = format!("/v1/refused/{}/dismiss", of("globex"));
    assert_eq!(asks("POST", &path, reason).await.status, 200);
}
