//! A log of as many works as are asked for: for what shows only in numbers.

use work::Event;
use work::body::{Control, DocumentKind};

use super::book::{Book, CONTRACT};
use super::story::{CUT_FEBRUARY, DEFINITION, contract};

const PLAN: &str = "id = \"many\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"works\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\nprice = { graduated = [{ up_to = 50_000, unit = \"0.99\" }, { unit = \"0.79\" }] }\n";

/// A log of works of three facts each, and the first statement over all of them.
pub fn many(works: u64) -> Book {
    let mut book = Book::new();
    let plan = book.publish("2025-12-01T09:00:00Z", DocumentKind::Plan, PLAN);
    let definition = book.publish("2025-12-01T09:00:00Z", DocumentKind::Definition, DEFINITION);
    let terms = "starts = 2026-01-01\ntime_zone = \"Europe/Berlin\"\ncurrency = \"USD\"";
    let text = contract(plan, &[definition], terms);
    let document = book.publish("2025-12-02T09:00:00Z", DocumentKind::Contract, &text);
    book.control(
        "2025-12-20T09:00:00Z",
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
    for work in 0..works {
        let opened = 1_767_225_600 + i64::try_from(work % 2_000_000).unwrap();
        for (kind, after, data) in [
            ("work.opened", 0, ""),
            ("work.answered", 60, "\"kind\":\"answer\","),
            ("work.confirmed", 600, ""),
        ] {
            let time = jiff::Timestamp::from_second(opened + after).unwrap();
            let event = Event::parse(&format!(
                r#"{{"specversion":"1.0","id":"{kind}-{work}","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"{time}","workid":"w-{work}","data":{{{data}"case":"c-{work}"}}}}"#
            ));
            book.push_new(event.unwrap());
        }
    }
    book.issue(CUT_FEBRUARY);
    book
}
