//! The first page of whoever sells, what leads to it, and what is found over all customers.

use axum::body::Body;
use axum::http::Request;
use piecework_server::access::Role;

use crate::sold::{WORKS, sold};
use crate::support::{Answer, Server};

async fn look(server: &Server, role: Role, path: &str) -> Answer {
    server.ask(role, ("GET", path), &[], "").await
}

async fn says(server: &Server, path: &str, words: &[&str]) -> String {
    let answer = look(server, Role::Auditor, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    for word in words {
        assert!(
            answer.text.contains(word),
            "{path}: {word}: {}",
            answer.text
        );
    }
    answer.text
}

fn addresses(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .map(|own| own.replace("&amp;", "&"))
        .collect()
}

async fn send(server: &Server, request: axum::http::request::Builder, body: &str) -> Answer {
    let request = request.body(Body::from(body.to_owned()));
    server.send(request.unwrap()).await
}

#[tokio::test]
async fn the_first_page_has_what_was_sold_what_it_cost_and_what_is_left() {
    let server = sold();
    // 300 works of acme at 0.99 and one of globex, which signed nothing, at the price in force.
    let words = [
        "January 2026",
        "301",
        "support.fin_outcome",
        // 300 costs of 777.77.
        "233,331.00",
        "charged most in the month",
        "href=\"/customers/globex\"",
        "href=\"/margin?month=2026-01\"",
        "You are <bdi>auditor</bdi>",
    ];
    let page = says(&server, "/?month=2026-01", &words[..1]).await;
    for word in &words[1..] {
        let found = page.to_lowercase().contains(&word.to_lowercase());
        assert!(found, "{word}: {page}");
    }
    // Every address on it answers.
    for address in addresses(&page) {
        if address.starts_with('#') {
            continue;
        }
        let answer = look(&server, Role::Auditor, &address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    }
    // A month in which nothing was sold, and one that never was.
    says(&server, "/?month=2025-12", &["December 2025"]).await;
    let no = look(&server, Role::Auditor, "/?month=yesterday").await;
    assert_eq!(no.status, 400);
    assert!(no.text.starts_with("<!DOCTYPE html>"), "{}", no.text);
}

#[tokio::test]
async fn the_first_page_of_an_empty_book_and_of_a_key_of_one_customer() {
    let server = Server::new();
    says(&server, "/", &["February 2026", "no work yet"]).await;
    let server = sold();
    let key = server.key_of(Role::Auditor, "globex");
    let request = Request::get("/?month=2026-01").header("authorization", format!("Bearer {key}"));
    let page = send(&server, request, "").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains("acme"), "{}", page.text);
    assert!(!page.text.contains("233,331"), "{}", page.text);
    let buyer = look(&server, Role::Buyer, "/?month=2026-01").await;
    assert_eq!(buyer.status, 200);
    assert!(!buyer.text.contains("233,331"), "{}", buyer.text);
}

#[tokio::test]
async fn works_are_found_over_all_customers_each_once() {
    let server = sold();
    let mut next = "/works".to_owned();
    let mut found = Vec::new();
    loop {
        let page = says(&server, &next, &[]).await;
        let works = addresses(&page).into_iter();
        found.extend(works.filter(|own| own.contains("/works/")));
        match addresses(&page)
            .into_iter()
            .find(|own| own.starts_with("/works?cursor="))
        {
            Some(address) => next = address,
            None => break,
        }
    }
    found.sort();
    assert_eq!(found.len(), WORKS + 1);
    found.dedup();
    assert_eq!(found.len(), WORKS + 1, "each once");
    let by_id = says(&server, "/works?work=T-0", &[]).await;
    let by_id: Vec<String> = addresses(&by_id)
        .into_iter()
        .filter(|own| own.contains("/works/"))
        .collect();
    assert_eq!(
        by_id,
        ["/customers/acme/works/T-0", "/customers/globex/works/G-0"]
    );
    let own = server.key_of(Role::Auditor, "globex");
    let request = Request::get("/works").header("authorization", format!("Bearer {own}"));
    let page = send(&server, request, "").await;
    assert!(
        page.text.contains("G-0") && !page.text.contains("T-0"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn the_box_at_the_top_finds_customers_and_works() {
    let server = sold();
    says(&server, "/customers", &["action=\"/find\""]).await;
    let goes = async |id: &str| {
        let answer = look(&server, Role::Auditor, &format!("/find?id={id}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.headers["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(goes("acme").await, "/customers/acme");
    assert_eq!(goes("+acme+").await, "/customers/acme");
    assert_eq!(goes("T-7").await, "/works?work=T-7");
    assert_eq!(goes("").await, "/works");
    assert_eq!(
        goes("%2F%2Fevil.example").await,
        "/works?work=%2F%2Fevil.example"
    );
    // Whose customer it is not is not told that there is one.
    let key = server.key_of(Role::Auditor, "globex");
    let request = Request::get("/find?id=acme").header("authorization", format!("Bearer {key}"));
    let answer = send(&server, request, "").await;
    assert_eq!(answer.headers["location"], "/works?work=acme");
}

#[tokio::test]
async fn every_published_definition_is_listed_and_leads_to_its_text() {
    let server = sold();
    let page = says(
        &server,
        "/definitions",
        &["whoever signed no contract", "published to 1 customer"],
    )
    .await;
    let all: Vec<String> = addresses(&page)
        .into_iter()
        .filter(|own| own.starts_with("/definitions/"))
        .collect();
    assert_eq!(all.len(), 2, "{all:?}");
    for address in all {
        says(&server, &address, &["In plain English"]).await;
    }
    let margin = says(&server, "/margin?month=2026-01", &[]).await;
    let leads = addresses(&margin);
    for address in [
        "/margin?customer=acme&month=2026-01",
        "/works?class=assumed",
    ] {
        assert!(leads.contains(&address.to_owned()), "{address}: {leads:?}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_a_page_for_a_browser_and_a_problem_for_a_program() {
    let server = Server::new();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = send(
        &server,
        Request::get("/nowhere").header("accept", browser),
        "",
    )
    .await;
    assert_eq!(page.status, 404);
    assert!(page.text.starts_with("<!DOCTYPE html>"), "{}", page.text);
    let program = send(
        &server,
        Request::get("/nowhere").header("accept", "*/*"),
        "",
    )
    .await;
    assert_eq!(program.code(), "not-found");
    assert_eq!(
        send(&server, Request::get("/nowhere"), "").await.code(),
        "not-found"
    );
}

#[tokio::test]
async fn after_signing_in_one_returns_to_the_page_that_was_asked_for() {
    let server = sold();
    let asked = "/works?customer=acme&state=pending";
    let refused = send(&server, Request::get(asked), "").await;
    assert_eq!(refused.status, 401);
    let next = "/?next=%2Fworks%3Fcustomer%3Dacme%26state%3Dpending";
    assert!(
        addresses(&refused.text).contains(&next.to_owned()),
        "{}",
        refused.text
    );
    let first = send(&server, Request::get(next), "").await;
    let field = "name=\"next\" value=\"/works?customer=acme&amp;state=pending\"";
    assert!(first.text.contains(field), "{}", first.text);
    let sign_in = async |key: &str, next: &str| {
        let request = Request::post("/sign-in").header("sec-fetch-site", "same-origin");
        send(&server, request, &format!("next={next}&key={key}")).await
    };
    let key = server.key(Role::Auditor);
    let begun = sign_in(key, "%2Fworks%3Fcustomer%3Dacme%26state%3Dpending").await;
    assert_eq!(begun.headers["location"], asked);
    let wrong = sign_in("wrong", "%2Fmargin").await;
    assert_eq!(wrong.status, 401);
    assert!(
        wrong.text.contains("name=\"next\" value=\"/margin\""),
        "{}",
        wrong.text
    );
    for elsewhere in [
        "%2F%2Fevil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "",
    ] {
        let begun = sign_in(key, elsewhere).await;
        assert_eq!(begun.headers["location"], "/", "{elsewhere}");
        let first = send(&server, Request::get(format!("/?next={elsewhere}")), "").await;
        assert!(!first.text.contains("evil"), "{elsewhere}: {}", first.text);
    }
}
