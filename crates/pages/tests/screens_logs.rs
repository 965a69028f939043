//! The screens of logs and of what waits in text.

mod wellformed;

use piecework_pages::screen;
use piecework_pages::view::{Frame, LogRow, RefusedRow};

fn frame(title: &str) -> Frame {
    Frame {
        vendor: "Vendor".to_owned(),
        reader: "auditor".to_owned(),
        title: title.to_owned(),
        places: Vec::new(),
        trail: Vec::new(),
        told: None,
    }
}

/// What stands under the frame, one element a line.
fn content(page: &str) -> String {
    assert_eq!(wellformed::check(page), Ok(()));
    let (_, content) = page.split_once("<main").unwrap_or_default();
    content.replace("><", ">\n<")
}

#[test]
fn logs_signed_in_part_and_not_at_all() {
    let log = |customer: &str, name: &str, signed| LogRow {
        customer: customer.to_owned(),
        name: name.to_owned(),
        origin: format!("vendor.example/log/{customer}"),
        entries: 1_234_567,
        signed,
    };
    let rows = [
        log("acme", "Acme \u{202e}<b>Inc", Some(1_234_000)),
        log("a/b", "a/b", None),
    ];
    let page = screen::logs(&frame("Logs"), &rows, Some("/logs?cursor=x"));
    insta::assert_snapshot!(content(&page));
}

#[test]
fn a_refused_event_that_names_nothing_and_one_cost_of_nobody() {
    let row = RefusedRow {
        id: "5f0c".to_owned(),
        received_at: jiff::Timestamp::UNIX_EPOCH,
        age_minutes: 3_000,
        deliveries: 12_345,
        customer: None,
        source: Some("desk".to_owned()),
        pointer: "/type".to_owned(),
        reason: "`x` is no type".to_owned(),
    };
    let page = screen::events(&frame("What waits"), &[row], None, Some(1));
    insta::assert_snapshot!(content(&page));
}
