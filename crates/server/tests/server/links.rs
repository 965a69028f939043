//! Links for buyers: what one opens, for how long, and where its text may be found.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;

use crate::sold::{link, sold, sold_by};
use crate::support::{Answer, Server, start};

const LINKS: &str = "/v1/customers/acme/links";

async fn with_bearer(server: &Server, text: &str, path: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {text}"));
    server.send(request.body(Body::empty()).unwrap()).await
}

async fn opened(server: &Server, text: &str) -> Answer {
    let request = Request::get(format!("/link/{text}"));
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_link_opens_as_long_as_it_is_whole_known_and_in_force() {
    let server = sold();
    let whole = link(&server, "acme", None, 24);
    let of_other = link(&server, "globex", None, 24);
    let revoked = link(&server, "acme", None, 24);
    let operations = server.app.store().operations();
    let id = server
        .app
        .book()
        .link(&revoked, start())
        .unwrap()
        .unwrap()
        .id;
    assert!(operations.revoke_link("acme", &id, start()).unwrap());
    // Signed by another book, so that all but the key is right.
    let other = sold_by(Server::elsewhere());
    let foreign = link(&other, "acme", None, 24);
    let mut altered = whole.clone();
    let with = if altered.as_bytes()[30] == b'A' {
        "B"
    } else {
        "A"
    };
    altered.replace_range(30..31, with);
    let cases = [
        ("whole", whole.clone(), 200),
        ("of another customer", of_other, 404),
        ("revoked", revoked, 401),
        ("of another book", foreign, 401),
        ("altered", altered, 401),
        ("cut off", whole[..whole.len() - 1].to_owned(), 401),
        ("longer", format!("{whole}A"), 401),
        ("nothing", "pwl_".to_owned(), 401),
    ];
    for (case, text, status) in &cases {
        let answer = with_bearer(&server, text, "/v1/customers/acme/logs").await;
        assert_eq!(answer.status, *status, "{case}: {}", answer.text);
        assert!(!answer.text.contains(text.as_str()), "{case} is repeated");
        let opens = *status != 401;
        let page = opened(&server, text).await;
        assert_eq!(page.status == 303, opens, "{case}");
        assert_eq!(page.headers.contains_key("set-cookie"), opens, "{case}");
    }
    for (passes, status) in [(24 * 3_600 - 1, 200), (1, 401)] {
        server.pass(passes);
        let answer = with_bearer(&server, &whole, "/v1/customers/acme/logs").await;
        assert_eq!(answer.status, status, "after {passes}");
    }
}

#[tokio::test]
async fn a_link_to_a_statement_shows_that_and_nothing_else() {
    let server = sold();
    let text = link(&server, "acme", Some("acme-0001"), 24);
    for (path, status) in [
        ("/v1/customers/acme/statements/acme-0001/proof", 200),
        ("/v1/customers/acme/statements/acme-0001/proof-report", 200),
        ("/v1/customers/acme/statements/acme-0002/proof", 404),
        ("/v1/customers/globex/statements/acme-0001/proof", 404),
        ("/v1/customers/acme/statements/acme-0001", 200),
        ("/v1/customers/acme/statements/acme-0002", 404),
        ("/v1/customers/acme/statements", 403),
        ("/v1/customers/acme", 403),
        ("/v1/customers/acme/logs", 403),
        ("/v1/customers/acme/samples", 403),
        ("/v1/customers/acme/works/T-1/receipt", 403),
        ("/v1/customers/acme/links", 403),
    ] {
        assert_eq!(
            with_bearer(&server, &text, path).await.status,
            status,
            "{path}"
        );
    }
}

/// Whoever a link was forwarded to would otherwise decide what the buyer's agents may spend: no signature says that
/// the buyer wanted it.
#[tokio::test]
async fn a_link_reads_a_budget_and_never_sets_one_whereas_a_buyers_key_does() {
    const BUDGET: &str = "/v1/customers/acme/budget";
    let server = sold();
    let text = link(&server, "acme", None, 24);
    let began = opened(&server, &text).await;
    let cookie = began.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let read = server.ask(Role::Buyer, ("GET", BUDGET), &[], "").await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let budget = r#"{"amount":{"amount":"0.01","currency":"USD"},"stops":true}"#;
    let bearer = format!("Bearer {text}");
    let shown = [
        ("cookie", cookie.as_str()),
        ("authorization", bearer.as_str()),
    ];
    for (name, value) in shown {
        let asked = async |method: &str, body: &str| {
            let request = Request::builder().method(method).uri(BUDGET);
            let request = request
                .header(name, value)
                .header("if-match", &tag)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/json");
            let body = Body::from(body.to_owned());
            server.send(request.body(body).unwrap()).await
        };
        for (method, body) in [("PUT", budget), ("DELETE", "")] {
            let answer = asked(method, body).await;
            assert_eq!(answer.status, 403, "{method} by {name}: {}", answer.text);
            assert!(answer.text.contains("a link"), "{}", answer.text);
        }
        let answer = asked("GET", "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["etag"].to_str().unwrap(), tag);
    }
    let headers = [
        ("content-type", "application/json"),
        ("if-match", tag.as_str()),
    ];
    let set = server
        .ask(Role::Buyer, ("PUT", BUDGET), &headers, budget)
        .await;
    assert_eq!(set.status, 200, "{}", set.text);
}

#[tokio::test]
async fn links_are_made_listed_and_taken_back_over_http() {
    let server = sold();
    let body = r#"{"label":"accounts payable","days":7,"statement":"acme-0001"}"#;
    let made = server.ask(Role::Finance, ("POST", LINKS), &[], body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.headers["cache-control"], "no-store");
    let json = made.json();
    let (id, url) = (json["id"].as_str().unwrap(), json["url"].as_str().unwrap());
    let text = url
        .strip_prefix("https://work.vendor.example/link/")
        .unwrap();
    assert_eq!(opened(&server, text).await.status, 303);
    let listed = server.ask(Role::Finance, ("GET", LINKS), &[], "").await;
    assert_eq!(listed.json()["links"][0]["id"], id);
    assert_eq!(listed.json()["links"][0]["in_force"], true);
    assert!(!listed.text.contains(text) && !listed.text.contains("pwl_"));

    let one = format!("{LINKS}/{id}");
    let elsewhere = one.replace("acme", "globex");
    let answer = server
        .ask(Role::Operator, ("DELETE", &elsewhere), &[], "")
        .await;
    assert_eq!(answer.code(), "not-found");
    assert_eq!(opened(&server, text).await.status, 303);
    assert_eq!(
        server
            .ask(Role::Operator, ("DELETE", &one), &[], "")
            .await
            .status,
        204
    );
    assert_eq!(opened(&server, text).await.status, 401);
    assert_eq!(
        server
            .ask(Role::Operator, ("DELETE", &one), &[], "")
            .await
            .status,
        204
    );

    for (body, code) in [
        (r#"{"label":"x","days":0}"#, "bad-request"),
        (r#"{"label":"x","days":93}"#, "bad-request"),
        (r#"{"label":"","days":7}"#, "bad-request"),
        (r#"{"label":"a\nb","days":7}"#, "bad-request"),
        (
            r#"{"label":"x","days":7,"statement":"acme-9"}"#,
            "not-found",
        ),
        (r#"{"label":"x","days":7,"role":"operator"}"#, "bad-request"),
        ("{", "bad-request"),
    ] {
        let answer = server.ask(Role::Finance, ("POST", LINKS), &[], body).await;
        assert_eq!(answer.code(), code, "{body}");
    }
    let long = format!(r#"{{"label":"{}","days":7}}"#, "x".repeat(201));
    let answer = server.ask(Role::Finance, ("POST", LINKS), &[], long).await;
    assert_eq!(answer.code(), "bad-request");
    let nobody = server
        .ask(
            Role::Finance,
            ("POST", "/v1/customers/nobody/links"),
            &[],
            r#"{"days":7}"#,
        )
        .await;
    assert_eq!(nobody.code(), "not-found");
    assert!(!nobody.text.contains("globex"), "{}", nobody.text);
}
