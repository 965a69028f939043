//! The buyer's portal and the settings in text.

mod wellformed;

use std::collections::BTreeMap;

use jiff::Timestamp;
use piecework_pages::screen::{portal, settings, unassigned_costs};
use piecework_pages::view::{
    BilledWork, Brought, ColumnChoice, Entry, Frame, KeyRow, OwnLog, OwnRecords, QuestionedWork,
    RecordsCompared, Saying, UnassignedCost, WebhookDeliveryRow, WebhookRow,
};

/// A name that would be a script, and turn its neighbours around.
const HOSTILE: &str = "<script>\u{202e}\"'";

fn frame(title: &str) -> Frame {
    Frame {
        vendor: "Vendor".to_owned(),
        reader: "By a link".to_owned(),
        title: title.to_owned(),
        places: Vec::new(),
        trail: Vec::new(),
        told: None,
    }
}

/// What stands under the frame, one element a line.
fn content(page: &str) -> String {
    assert_eq!(wellformed::check(page), Ok(()));
    assert!(
        !page.contains("<script") && !page.contains('\u{202e}'),
        "{page}"
    );
    let (_, content) = page.split_once("<main").unwrap_or_default();
    content.replace("><", ">\n<")
}

fn saying(relayed: Option<&str>) -> Saying {
    Saying {
        customer: "acme".to_owned(),
        work: HOSTILE.to_owned(),
        says: format!("We dispute it: {HOSTILE}"),
        to_sign: "{\"id\":\"1\",\"reason\":\"\u{202e}<b>\"}".to_owned(),
        origin: "vendor.example/log/1db37a5dfa1e0c85".to_owned(),
        source: "portal/link-0f8a".to_owned(),
        relayed: relayed.map(str::to_owned),
    }
}

#[test]
fn what_is_said_is_signed_or_relayed() {
    let page = portal::saying(&frame("Before it is said"), &saying(Some("{\"id\":\"1\"}")));
    insta::assert_snapshot!(content(&page));
    let signed_only = content(&portal::saying(&frame("Before it is said"), &saying(None)));
    assert!(signed_only.contains("Not by a link") && !signed_only.contains("name=\"event\""));
}

#[test]
fn what_became_of_signed_events() {
    let brought = |is_there, detail: &str| Brought {
        is_there,
        detail: detail.to_owned(),
    };
    let became = [
        brought(true, "accepted: entry 7 of the shared log"),
        brought(false, HOSTILE),
    ];
    let page = portal::signed(
        &frame("Signed events"),
        "acme",
        "vendor.example/log/1",
        &became,
    );
    insta::assert_snapshot!(content(&page));
}

#[test]
fn a_log_without_a_head_and_with_an_acknowledged_one() {
    let mut log = OwnLog {
        origin: "vendor.example/log/1".to_owned(),
        keys: vec!["vendor.example/log/1+a3dde112+AepK".to_owned()],
        size: 1_234_567,
        signed: None,
        note: None,
        is_acknowledged: false,
        statements: Vec::new(),
    };
    let empty = content(&portal::proof(&frame("Proof"), "acme", &log));
    assert!(empty.contains("no head was signed yet") && empty.contains("nothing was stated yet"));
    log.signed = Some(1_234_000);
    log.note = Some(format!(
        "vendor.example/log/1\n1234000\nXcna\n\n\u{2014} {HOSTILE}\n"
    ));
    log.is_acknowledged = true;
    log.statements = vec!["acme-0001".to_owned(), "acme/2".to_owned()];
    insta::assert_snapshot!(content(&portal::proof(&frame("Proof"), "acme", &log)));
}

fn compared() -> RecordsCompared {
    let usd = |text: &str| text.parse().unwrap_or_else(|error| panic!("{error}"));
    RecordsCompared {
        customer: "acme".to_owned(),
        origin: "vendor.example/log/1".to_owned(),
        matched: 12_345,
        not_mine: vec![BilledWork {
            work: HOSTILE.to_owned(),
            class: "assumed".to_owned(),
            amount: usd("0.99 USD"),
        }],
        not_billed: vec![("X-1".to_owned(), "not_in_log".to_owned())],
        unreported: 1,
        in_question: vec![QuestionedWork {
            work: "T-5".to_owned(),
            charged: usd("0.99 USD"),
            would_be: usd("0 USD"),
            facts: "reopened at 2026-01-06T10:00:00Z".to_owned(),
        }],
        amount: usd("0.99 USD"),
        others: 1,
        silent: 2,
        disputes: "{\"id\":\"1\"}\n".to_owned(),
        facts: "{\"reason\":\"\u{202e}\"}\n".to_owned(),
    }
}

#[test]
fn records_beside_a_statement() {
    insta::assert_snapshot!(content(&portal::compared(
        &frame("Your records"),
        "acme",
        &compared()
    )));
    let nothing = RecordsCompared {
        not_mine: Vec::new(),
        not_billed: Vec::new(),
        in_question: Vec::new(),
        ..compared()
    };
    let page = content(&portal::compared(&frame("Your records"), "acme", &nothing));
    for words in [
        "Nothing that your records say would lower the bill",
        "Every work that is billed is in your records",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let many = RecordsCompared {
        not_billed: vec![("X".to_owned(), "pending".to_owned()); 203],
        ..compared()
    };
    assert!(
        content(&portal::compared(&frame("Your records"), "acme", &many)).contains("and 3 more")
    );
}

#[test]
fn columns_are_guessed_and_chosen() {
    let choice = |role, is_column, guess: Option<&str>| ColumnChoice {
        role,
        words: "What it is",
        is_column,
        is_needed: is_column,
        guess: guess.map(str::to_owned),
        reason: guess.map(|_| "by its name".to_owned()),
    };
    let records = OwnRecords {
        statement: "acme-0001".to_owned(),
        file: "a<b>.csv".to_owned(),
        text: "\nid,\"a\n\"\n".to_owned(),
        columns: vec!["id".to_owned(), "a<b>".to_owned()],
        rows: 1,
        choices: vec![
            choice("work", true, Some("id")),
            choice("done", false, None),
        ],
    };
    insta::assert_snapshot!(content(&portal::columns(
        &frame("Columns"),
        "acme",
        &records
    )));
}

#[test]
fn keys_of_every_kind_and_a_form_that_was_refused() {
    let key = |id: &str, customer: Option<&str>, revoked| KeyRow {
        id: id.to_owned(),
        role: "buyer".to_owned(),
        customer: customer.map(str::to_owned),
        label: HOSTILE.to_owned(),
        created: Timestamp::UNIX_EPOCH,
        expires: None,
        revoked,
        in_force: revoked.is_none(),
    };
    let rows = [
        key("3k1v", None, None),
        key("9r4s", Some("acme"), Some(Timestamp::UNIX_EPOCH)),
    ];
    let entry = Entry {
        act: "create".to_owned(),
        once: "0a".to_owned(),
        fields: BTreeMap::from([("label".to_owned(), "a<b>".to_owned())]),
        refused: Some("it has too many bytes".to_owned()),
        ..Entry::default()
    };
    let page = settings::keys(&frame("API keys"), &rows, &["ingest", "buyer"], &entry);
    insta::assert_snapshot!(content(&page));
}

#[test]
fn an_endpoint_that_is_off_and_what_it_was_sent() {
    let own = WebhookRow {
        id: "wh_0".to_owned(),
        url: "https://hooks.example/<b>".to_owned(),
        description: String::new(),
        customer: None,
        types: Vec::new(),
        disabled: Some("every attempt failed for five days".to_owned()),
        failing_since: Some(Timestamp::UNIX_EPOCH),
    };
    let row = WebhookDeliveryRow {
        message: "msg_0".to_owned(),
        kind: "statement.issued".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        state: "dead",
        attempts: 9,
        next_attempt: None,
        last: Some("500".to_owned()),
    };
    let entry = Entry::default();
    let page = settings::webhook(&frame("https://hooks.example"), &own, &[row], None, &entry);
    insta::assert_snapshot!(content(&page));
}

#[test]
fn a_cost_of_nobody_with_and_without_a_price() {
    let cost = |amount: Option<&str>| UnassignedCost {
        source: "gate:way".to_owned(),
        id: "c:1".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        line: "model",
        amount: amount.and_then(|own| own.parse().ok()),
        model: amount.map(|_| HOSTILE.to_owned()),
        note: None,
    };
    let rows = [cost(Some("1.25 USD")), cost(None)];
    let page = unassigned_costs(
        &frame("Costs of nobody"),
        &rows,
        None,
        Some(&Entry::default()),
    );
    insta::assert_snapshot!(content(&page));
    let read_only = content(&unassigned_costs(
        &frame("Costs of nobody"),
        &rows,
        None,
        None,
    ));
    assert!(!read_only.contains("<form"), "{read_only}");
}
