//! Documents and tables: in which form, for whom, and that a PDF is set once.

use axum::body::Body;
use axum::http::Request;

use crate::sold::{link, sold};
use crate::support::{Answer, Server};

const DOCUMENT: &str = "/v1/customers/acme/statements/acme-0001/document";

async fn asked(server: &Server, key: &str, path: &str, accept: &str) -> Answer {
    let request = Request::get(path)
        .header("authorization", format!("Bearer {key}"))
        .header("accept", accept);
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_document_is_html_or_pdf_and_a_pdf_is_set_once() {
    let server = sold();
    let finance = server
        .key(piecework_server::access::Role::Finance)
        .to_owned();
    let page = asked(&server, &finance, DOCUMENT, "text/html,*/*").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("297.00\u{a0}USD"), "{}", page.text);
    let pdf = asked(&server, &finance, DOCUMENT, "application/pdf").await;
    assert_eq!(pdf.status, 200);
    assert!(
        pdf.text.starts_with("%PDF set 0 of acme-0001"),
        "{}",
        pdf.text
    );
    let by_query = format!("{DOCUMENT}?format=pdf");
    let again = asked(&server, &finance, &by_query, "text/html").await;
    assert_eq!(again.text, pdf.text);
    let other = asked(&server, &finance, DOCUMENT, "image/png").await;
    assert_eq!(other.status, 406, "{}", other.text);
    let wrong = asked(&server, &finance, &format!("{DOCUMENT}?format=odt"), "*/*").await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
}

#[tokio::test]
async fn a_link_to_a_statement_opens_its_document_and_no_other() {
    let server = sold();
    let own = link(&server, "acme", Some("acme-0001"), 1);
    let foreign = link(&server, "globex", None, 1);
    let page = asked(&server, &own, DOCUMENT, "text/html").await;
    assert_eq!(page.status, 200);
    for secret in crate::sold::SECRETS {
        assert!(!page.text.contains(secret), "{secret}");
    }
    let other = DOCUMENT.replace("0001", "0002");
    for (link, path) in [(&own, other.as_str()), (&foreign, DOCUMENT)] {
        let refused = asked(&server, link, path, "text/html").await;
        assert_eq!(refused.status, 404, "{}", refused.text);
    }
    let start = asked(&server, &own, "/", "text/html").await;
    assert!(
        start.text.contains(&format!("href=\"{DOCUMENT}\"")),
        "{}",
        start.text
    );
    let tables = asked(&server, &own, "/v1/tables/lines", "text/csv").await;
    assert_eq!(tables.status, 403);
}

#[tokio::test]
async fn tables_are_csv_for_the_seller() {
    let server = sold();
    let finance = server
        .key(piecework_server::access::Role::Finance)
        .to_owned();
    let table = asked(&server, &finance, "/v1/tables/works?customer=acme", "*/*").await;
    assert_eq!(table.status, 200);
    assert_eq!(table.text.lines().count(), 1 + crate::sold::WORKS);
    assert!(
        table.text.starts_with("customer,work,unit,"),
        "{}",
        table.text
    );
    let all = asked(&server, &finance, "/v1/tables/works?format=csv", "*/*").await;
    assert!(all.text.contains("globex,G-0,"), "{}", all.text);
    for (path, status) in [
        ("/v1/tables/costs", 404),
        ("/v1/tables/works?format=ods", 400),
        ("/v1/tables/works?format=xlsx", 406),
        ("/v1/tables/works?customer=nobody", 404),
    ] {
        let refused = asked(&server, &finance, path, "*/*").await;
        assert_eq!(refused.status, status, "{path}: {}", refused.text);
    }
}
