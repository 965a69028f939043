//! Cover: a premium with a cap per work, and what it may cost as a note.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use piecework_pricing::Plan;
use piecework_pricing::limits::LINE_BYTES_MAX;
use support::*;

fn covered(rest: &str) -> String {
    plan(&format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = \"0.25\"\n{rest}"
    ))
}

fn rated(source: &str) -> String {
    format!("cover = 50\nloss = {{ percent = \"0.4\", source = \"{source}\" }}\n")
}

#[test]
fn the_expected_loss_is_a_note_and_no_money() {
    let mut book = Book::new(&covered(&rated("pilot of 2025, 12,000 works")), "");
    book.confirmed("01-10", 0, 10);
    let january = book.issue("02-01");
    assert_eq!(january.total, usd("12.50"));
    assert_eq!(january.lines[0].note, None);
    assert_eq!(
        january.lines[1].note.as_deref(),
        Some(
            "exposure 500.00 USD: 10 at most 50.00 each; expected loss 2.00 USD at 0.4 % (pilot of 2025, 12,000 works)"
        )
    );
    // A work that is taken back is covered no more, and the note says what is left.
    book.story("02-05 reopened case=c0003 by=buyer");
    let february = book.issue("03-01");
    let note = february.lines.iter().find_map(|line| line.note.clone());
    assert!(note.unwrap().starts_with("exposure 450.00 USD: 9 at most"));
}

#[test]
fn a_rate_of_loss_has_a_source_and_a_cover() {
    let problem = |rest: &str| Plan::parse(&covered(rest)).unwrap_err().to_string();
    assert!(problem("loss = { percent = 1, source = \"pilot\" }\n").contains("`cover`"));
    assert!(problem("cover = 50\nloss = { percent = 1 }\n").contains("`source` is missing"));
    assert!(
        problem("cover = 50\nloss = { percent = 101, source = \"pilot\" }\n").contains("0 to 100")
    );
    assert!(problem(&rated(" ")).contains("where the rate was seen"));
    assert!(Plan::parse(&covered(&rated(&"x".repeat(LINE_BYTES_MAX)))).is_ok());
    assert!(problem(&rated(&"x".repeat(LINE_BYTES_MAX + 1))).contains("where the rate was seen"));
}
