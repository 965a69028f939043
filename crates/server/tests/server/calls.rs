//! A gateway's calls in.

use intake::limits::CALLS_BYTES_MAX;
use piecework_server::access::Role;

use crate::support::{Server, gzip};

const PATH: &str = "/ingest/litellm";
const JSON: (&str, &str) = ("content-type", "application/json");
const EACH: (&str, &str) = ("prefer", "return=representation");

fn call(id: &str, user: &str) -> String {
    format!(
        r#"{{"id":"{id}","status":"success","startTime":1767690000.25,"model":"gpt-4o-mini","custom_llm_provider":"openai",
        "response_cost":0.000135,"prompt_tokens":100,"completion_tokens":20,"end_user":{user},
        "messages":[{{"role":"user","content":"my secret"}}],"response":"the answer to it"}}"#
    )
}

#[tokio::test]
async fn an_array_lines_and_one_call_are_taken() {
    let server = Server::new();
    let [a, b, c] = ["a", "b", "c"].map(|id| call(id, "\"acme\"").replace('\n', ""));
    let answer = server.post(PATH, &[JSON], format!("[{a},{b}]")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    let lines = [
        ("content-type", "application/x-ndjson"),
        EACH,
        ("content-encoding", "gzip"),
    ];
    let answer = server
        .post(PATH, &lines, gzip(format!("{b}\n{c}\n").as_bytes()))
        .await;
    let taken = answer.json();
    assert_eq!(taken["events"][0]["outcome"], "duplicate");
    assert_eq!(taken["events"][1]["outcome"], "accepted");
    assert_eq!(taken["events"][1]["log"], "seller");
    let one = server.post(PATH, &[JSON, EACH], a).await.json();
    assert_eq!(
        (&one["received"], &one["duplicate"]),
        (&1.into(), &1.into())
    );
    let costs = server.costs("acme");
    assert_eq!(costs.len(), 3);
    for cost in costs {
        assert!(cost.contains("0.000135"), "{cost}");
        assert!(
            !cost.contains("secret") && !cost.contains("answer"),
            "{cost}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told_without_its_texts() {
    let server = Server::new();
    let timeless = call("b", "\"acme\"").replace("startTime", "start");
    let free = call("c", "\"acme\"")
        .replace("success", "failure")
        .replace("0.000135", "0")
        .replace("100", "0")
        .replace("20", "0");
    let body = format!("[{},{timeless},{free}]", call("a", "\"acme\""));
    let answer = server.post(PATH, &[JSON], body.clone()).await;
    assert_eq!(answer.code(), "events-refused");
    assert_eq!(answer.json()["errors"][0]["pointer"], "/1/startTime");
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    let each = server.post(PATH, &[JSON, EACH], body).await.json();
    assert_eq!(each["events"][2]["outcome"], "nothing");
}

#[tokio::test]
async fn a_call_of_nobody_is_the_customers_whose_key_it_is() {
    let server = Server::new();
    let bearer = format!("Bearer {}", server.key_of(Role::Ingest, "acme"));
    let headers = [JSON, ("authorization", bearer.as_str())];
    let body = format!("[{},{}]", call("a", "null"), call("b", "\"other\""));
    let answer = server.post(PATH, &headers, body).await;
    assert_eq!(answer.json()["errors"][0]["pointer"], "/1/subject");
    let counts = ["acme", "other", "_unassigned"].map(|own| server.costs(own).len());
    assert_eq!(counts, [1, 0, 0]);
}

#[tokio::test]
async fn bad_bodies_are_refused_whole() {
    let server = Server::new();
    let bomb = gzip(&vec![b' '; CALLS_BYTES_MAX + 1]);
    let zip = ("content-encoding", "gzip");
    for (headers, body, code) in [
        (
            &[("content-type", "text/csv")][..],
            b"a,b".to_vec(),
            "unsupported-media-type",
        ),
        (&[JSON], b"{\"id\":".to_vec(), "bad-request"),
        (&[JSON, zip], b"no gzip".to_vec(), "bad-request"),
        (&[JSON, zip], bomb, "too-large"),
        (
            &[JSON],
            format!("[{}{{}}]", "{},".repeat(10_000)).into_bytes(),
            "too-large",
        ),
    ] {
        let answer = server.post(PATH, headers, body).await;
        assert_eq!(answer.code(), code, "{}", answer.text);
    }
    assert_eq!(server.app.store().deliveries().unwrap().received, 0);
}

/// The rows of the queue of refused events.
async fn queue(server: &Server) -> Vec<serde_json::Value> {
    let asked = server.ask(Role::Operator, ("GET", "/v1/refused"), &[], "");
    let page = asked.await.json();
    page["refused"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_refused_call_is_kept_without_its_texts_and_can_be_mended() {
    let server = Server::new();
    let timeless = call("b", "\"acme\"").replace("startTime", "start");
    let body = format!("[{},{timeless}]", call("a", "\"acme\""));
    for _ in 0..2 {
        let answer = server.post(PATH, &[JSON], body.clone()).await;
        assert_eq!(answer.code(), "events-refused");
    }
    // The same again fills nothing.
    let rows = queue(&server).await;
    assert_eq!((rows.len(), &rows[0]["deliveries"]), (1, &2.into()));
    let row = &rows[0];
    for (name, expected) in [
        ("route", PATH),
        ("customer", "acme"),
        ("source", "litellm"),
        ("pointer", "/startTime"),
    ] {
        assert_eq!(row[name], expected, "{row}");
    }
    let path = format!("/v1/refused/{}", row["id"].as_str().unwrap());
    let shown = server.ask(Role::Operator, ("GET", &path), &[], "").await;
    let text = shown.json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("\"id\":\"b\""), "{text}");
    assert!(
        !text.contains("secret") && !text.contains("answer"),
        "{text}"
    );
    let resend = format!("{path}/resend");
    let again = server
        .ask(Role::Operator, ("POST", &resend), &[JSON], "")
        .await;
    assert_eq!(again.code(), "events-refused", "{}", again.text);
    assert_eq!(again.json()["errors"][0]["pointer"], "/startTime");
    let mended = text.replacen('{', "{\"startTime\":1767690000,", 1);
    let sent = server
        .ask(Role::Operator, ("POST", &resend), &[JSON], mended)
        .await;
    assert_eq!(
        sent.json()["became"]["outcome"],
        "accepted",
        "{}",
        sent.text
    );
    assert_eq!(sent.json()["refused"]["state"], "sent");
    assert_eq!(server.costs("acme").len(), 2);
    assert_eq!(server.app.store().deliveries().unwrap().refused, 3);
}

#[tokio::test]
async fn what_is_no_call_at_all_is_kept_without_its_text() {
    let server = Server::new();
    let answer = server.post(PATH, &[JSON], "[\"my secret\", 7]").await;
    assert_eq!(answer.code(), "events-refused");
    assert!(!answer.text.contains("secret"), "{}", answer.text);
    // Nothing of either is kept, so they are one: the same bytes for the same reason.
    let rows = queue(&server).await;
    assert_eq!((rows.len(), &rows[0]["deliveries"]), (1, &2.into()));
    for row in rows {
        let path = format!("/v1/refused/{}", row["id"].as_str().unwrap());
        let shown = server.ask(Role::Operator, ("GET", &path), &[], "").await;
        assert!(!shown.text.contains("secret"), "{}", shown.text);
        let dismiss = format!("{path}/dismiss");
        let reason = "{\"reason\":\"no call\"}";
        let done = server
            .ask(Role::Operator, ("POST", &dismiss), &[JSON], reason)
            .await;
        assert_eq!(done.json()["state"], "dismissed");
    }
}
