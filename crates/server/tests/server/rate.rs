//! A key that sends more than it may is told so, and no other key is.

use piecework_server::Rate;
use piecework_server::access::Role;

use crate::support::Server;

#[tokio::test]
async fn a_key_has_a_burst_and_a_pace_of_its_own() {
    let server = Server::with_rate(Some(Rate {
        requests_per_second: 2,
        burst: 3,
    }));
    let ask = |role| server.ask(role, ("GET", "/metrics"), &[], "");
    for left in ["2", "1", "0"] {
        let answer = ask(Role::Operator).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["ratelimit-policy"], "\"key\";q=3;w=2");
        let state = answer.headers["ratelimit"].to_str().unwrap();
        assert!(
            state.starts_with(&format!("\"key\";r={left};t=")),
            "{state}"
        );
    }
    let over = ask(Role::Operator).await;
    assert_eq!(
        (over.status.as_u16(), over.code().as_str()),
        (429, "too-many-requests")
    );
    assert_eq!(over.headers["retry-after"], "1");
    assert_eq!(over.headers["ratelimit"], "\"key\";r=0;t=2");
    assert_eq!(ask(Role::Finance).await.status, 200);
    server.pass(1);
    assert_eq!(ask(Role::Operator).await.status, 200);
    assert_eq!(ask(Role::Operator).await.status, 200);
    assert_eq!(ask(Role::Operator).await.status, 429);
}

#[tokio::test]
async fn without_a_rate_nothing_is_counted_or_said() {
    let server = Server::new();
    let answer = server
        .ask(Role::Operator, ("GET", "/metrics"), &[], "")
        .await;
    assert!(answer.headers.get("ratelimit").is_none());
}
