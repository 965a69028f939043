//! People at the server: sessions by a key and by a link, and what other sites' pages cannot do with them.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;

use crate::sold::{link, sold};
use crate::support::{Answer, Server};

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
const HEADS: &str = "/v1/customers/acme/checkpoints";

async fn send(
    server: &Server,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn signed_in(server: &Server, role: Role) -> Answer {
    let form = format!("key={}", server.key(role));
    send(server, ("POST", "/sign-in"), &[OWN], &form).await
}

/// Whether the first page says who it knows.
fn is_known(page: &Answer, who: &str) -> bool {
    page.text.contains(&format!("You are <bdi>{who}</bdi>"))
}

/// The pair that a browser sends back.
fn pair(answer: &Answer) -> String {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_begins_a_session_that_may_what_the_key_may() {
    let server = sold();
    let answer = signed_in(&server, Role::Operator).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["location"]),
        (303, &"/".parse().unwrap())
    );
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for attribute in [
        "__Host-piecework=",
        "; Path=/",
        "; HttpOnly",
        "; Secure",
        "; SameSite=Strict",
    ] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let secret = server.key(Role::Operator).split('_').nth(2).unwrap();
    assert!(!cookie.contains(secret), "keys in cookies never");
    let cookie = pair(&answer);
    let page = send(&server, ("GET", "/"), &[("cookie", &cookie)], "").await;
    assert!(is_known(&page, "operator"));
    let read = send(
        &server,
        ("GET", "/v1/customers/acme/logs"),
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(read.status, 200);
    let not_its = send(
        &server,
        ("POST", "/api/v1/events"),
        &[
            ("cookie", &pair(&signed_in(&server, Role::Auditor).await)),
            OWN,
        ],
        "",
    )
    .await;
    assert_eq!(not_its.status, 403);
}

#[tokio::test]
async fn what_changes_something_comes_from_the_servers_own_pages() {
    let server = sold();
    let cookie = pair(&signed_in(&server, Role::Operator).await);
    let site = "https://work.vendor.example";
    for (case, headers, status) in [
        ("own page", vec![OWN], 201),
        ("own page of an older browser", vec![("origin", site)], 201),
        ("no word of a page", vec![], 403),
        ("another site", vec![("sec-fetch-site", "cross-site")], 403),
        (
            "a neighbour",
            vec![("sec-fetch-site", "same-site"), ("origin", site)],
            403,
        ),
        ("the address bar", vec![("sec-fetch-site", "none")], 403),
        (
            "another origin",
            vec![("origin", "https://vendor.example")],
            403,
        ),
        ("no origin", vec![("origin", "null")], 403),
    ] {
        let mut headers = headers;
        headers.push(("cookie", &cookie));
        let answer = send(&server, ("POST", HEADS), &headers, "").await;
        assert_eq!(answer.status, status, "{case}: {}", answer.text);
        // A key needs none of this, and a cookie beside it is not asked.
        let bearer = format!("Bearer {}", server.key(Role::Operator));
        headers.push(("authorization", &bearer));
        let answer = send(&server, ("POST", HEADS), &headers, "").await;
        assert_eq!(answer.status, 201, "{case}");
    }
    for path in ["/sign-in", "/sign-out"] {
        let foreign = [
            ("sec-fetch-site", "cross-site"),
            ("cookie", cookie.as_str()),
        ];
        let answer = send(&server, ("POST", path), &foreign, "key=x").await;
        assert_eq!(answer.code(), "forbidden", "{path}");
    }
    let page = send(&server, ("GET", "/"), &[("cookie", &cookie)], "").await;
    assert!(is_known(&page, "operator"), "still signed in");
}

#[tokio::test]
async fn a_session_ends_with_its_time_its_key_and_by_signing_out() {
    let server = sold();
    let first = pair(&signed_in(&server, Role::Operator).await);
    let second = pair(&signed_in(&server, Role::Operator).await);
    assert_ne!(first, second);
    let status = async |cookie: &str| {
        let headers = [("cookie", cookie)];
        send(&server, ("GET", "/v1/customers/acme/logs"), &headers, "")
            .await
            .status
            .as_u16()
    };
    let out = send(
        &server,
        ("POST", "/sign-out"),
        &[OWN, ("cookie", &first)],
        "",
    )
    .await;
    assert_eq!(out.status, 303);
    assert!(
        out.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!((status(&first).await, status(&second).await), (401, 200));
    server.pass(12 * 3_600);
    assert_eq!(status(&second).await, 401);
    let third = pair(&signed_in(&server, Role::Operator).await);
    let id = server.key(Role::Operator).split('_').nth(1).unwrap();
    server
        .app
        .store()
        .operations()
        .revoke_api_key(id, server.app.now())
        .unwrap();
    server.app.forget_key(id);
    assert_eq!(status(&third).await, 401);
    assert_eq!(signed_in(&server, Role::Operator).await.status, 401);
}

#[tokio::test]
async fn what_is_no_key_begins_no_session() {
    let server = sold();
    let long = format!("key={}", "a".repeat(4_096));
    for (form, status) in [
        ("", 401),
        ("key=", 401),
        ("key=pw_x", 401),
        ("other=1", 401),
        (&*format!("key={}x", server.key(Role::Operator)), 401),
        (&long, 400),
    ] {
        let answer = send(&server, ("POST", "/sign-in"), &[OWN], form).await;
        assert_eq!(answer.status, status, "{form:.40}");
        assert!(!answer.headers.contains_key("set-cookie"));
        assert!(!answer.text.contains(server.key(Role::Operator)));
    }
}

#[tokio::test]
async fn a_links_text_is_in_no_page_and_no_referrer() {
    let server = sold();
    let text = link(&server, "acme", None, 2);
    let answer = send(&server, ("GET", &format!("/link/{text}")), &[], "").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.headers["location"], "/portal/acme");
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.text, "");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("SameSite=Lax") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    assert!(!cookie.contains("pwl_"));
    let cookie = pair(&answer);
    let page = send(&server, ("GET", "/"), &[("cookie", &cookie)], "").await;
    assert!(is_known(&page, "buyer of acme"));
    assert!(
        page.text
            .contains("/v1/customers/acme/statements/acme-0001/proof-report")
    );
    assert!(!page.text.contains("pwl_") && !page.text.contains("globex"));
    assert!(!page.text.contains("<script"));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    // The session ends with its link, not after.
    server.pass(2 * 3_600);
    let late = send(
        &server,
        ("GET", "/v1/customers/acme/logs"),
        &[("cookie", &cookie)],
        "",
    )
    .await;
    assert_eq!(late.status, 401);
}
