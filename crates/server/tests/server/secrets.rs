//! What must be nowhere: the seller's costs in what a buyer can fetch, and keys, links and cookies in the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::{Permission, Role};
use piecework_server::{Needs, Route};
use tracing::instrument::WithSubscriber as _;
use work::LogKind;

use crate::sold::{SECRETS, link, sold};
use crate::support::Server;

/// Addresses of every route for reading, with acme's things in their places.
fn addresses(server: &Server) -> Vec<String> {
    let keyring = server.app.book().keyring().unwrap();
    let logs = [LogKind::Shared, LogKind::Seller].map(|kind| keyring.pseudonym(kind, "acme"));
    let size = server.app.store().head("acme", LogKind::Shared).unwrap();
    let mut all = Vec::new();
    let reads = server.table.iter().filter(|route| route.method == "GET");
    for Route { path, .. } in reads {
        for log in &logs {
            for tile in ["0/000", "1/000.p/1", "entries/000", "entries/001.p/1"] {
                for name in ["shared", "seller"] {
                    let path = path
                        .replace("{log}", log)
                        .replace("{tile}", tile)
                        .replace("{customer}", "acme")
                        .replace("{number}", "acme-0001")
                        .replace("{work}", "T-1")
                        .replace("{index}", "9")
                        .replace("{size}", &size.to_string())
                        .replace("{code}", "busy");
                    all.push(match path.as_str() {
                        own if own.ends_with("inclusion") => format!("{own}?entry=9&log={name}"),
                        own if own.ends_with("consistency") => format!("{own}?from=9&log={name}"),
                        own if own.contains("checkpoints/") || own.contains("entries/9") => {
                            format!("{own}?log={name}")
                        }
                        own => own.to_owned(),
                    });
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

#[tokio::test]
async fn no_buyer_can_fetch_a_byte_of_what_it_cost() {
    let server = sold();
    for log in ["shared", "seller"] {
        let path = format!("/v1/customers/acme/checkpoints?log={log}");
        let signed = server.ask(Role::Operator, ("POST", &path), &[], "").await;
        assert_eq!(signed.status, 201);
    }
    let contains =
        |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|own| own == word.as_bytes());
    let [all, one] =
        [None, Some("acme-0001")].map(|statement| link(&server, "acme", statement, 24));
    let (mut looked, mut seen) = (0, 0);
    for address in addresses(&server) {
        for bearer in [server.key(Role::Buyer), &all, &one] {
            let request =
                Request::get(&address).header("authorization", format!("Bearer {bearer}"));
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            looked += usize::from(answer.status == 200);
            for secret in SECRETS {
                assert!(!contains(&answer.bytes, secret), "{address} has {secret}");
            }
        }
        let of_seller = server.ask(Role::Auditor, ("GET", &address), &[], "").await;
        seen += usize::from(
            SECRETS
                .iter()
                .all(|secret| contains(&of_seller.bytes, secret)),
        );
    }
    assert!(looked > 20, "a buyer sees what is its own: {looked}");
    assert!(seen > 0, "the words are there for who may read them");
}

/// What a route of the buyer's needs is never what opens costs.
#[tokio::test]
async fn what_a_buyer_may_do_shows_no_cost() {
    let server = Server::new();
    for route in &server.table {
        if let Needs::Key(permission) = route.needs {
            let is_buyers = Role::Buyer.may(permission);
            let shows_costs = matches!(permission, Permission::ReadCosts | Permission::RecordCosts);
            assert!(!(is_buyers && shows_costs), "{route:?}");
        }
    }
}

/// Everything that the server logs, at every level.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_key_link_or_cookie_is_in_a_log_line() {
    let server = sold();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let whole = link(&server, "acme", None, 24);
    let broken = format!("{}x", &whole[..whole.len() - 1]);
    let key = server.key(Role::Operator).to_owned();
    let cookie = async {
        for text in [&whole, &broken] {
            let request = Request::get(format!("/link/{text}")).body(Body::empty());
            server.send(request.unwrap()).await;
            let request = Request::get("/v1/customers/acme/logs")
                .header("authorization", format!("Bearer {text}"));
            server.send(request.body(Body::empty()).unwrap()).await;
        }
        for form in [format!("key={key}"), format!("key={key}x")] {
            let request = Request::post("/sign-in").body(Body::from(form));
            server.send(request.unwrap()).await;
        }
        let body = r#"{"label":"a test","days":7}"#;
        let made = server
            .ask(
                Role::Operator,
                ("POST", "/v1/customers/acme/links"),
                &[],
                body,
            )
            .await;
        let url = made.json()["url"].as_str().unwrap().to_owned();
        let request = Request::get(format!("/link/{whole}")).body(Body::empty());
        let opened = server.send(request.unwrap()).await;
        let cookie = opened.headers["set-cookie"].to_str().unwrap();
        let cookie = cookie.split([';', '=']).nth(1).unwrap().to_owned();
        let request = Request::get("/").header("cookie", format!("__Host-piecework={cookie}"));
        server.send(request.body(Body::empty()).unwrap()).await;
        (cookie, url)
    };
    let (cookie, url) = cookie.with_subscriber(subscriber).await;
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("\"/link/{token}\""),
        "the route is logged: {log}"
    );
    assert!(log.lines().count() >= 9, "{log}");
    let secret = key.split('_').nth(2).unwrap();
    let text = url.rsplit('/').next().unwrap();
    for word in [secret, &whole, &broken, &cookie, text, "pwl_", "acme"] {
        assert!(!log.contains(word), "{word} is in the log: {log}");
    }
}
