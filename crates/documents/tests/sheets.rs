//! What a sheet says, and that its HTML says it.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod fixture;

use fixture::In;
use pages::view::{Logo, LogoKind, SheetSize, Status};
use piecework_documents::limits::{DISPUTED_NAMED_MAX, TABLE_ROWS_MAX};
use piecework_documents::{RowKind, Sheet, Table, cover, credit_note, html, statement};

/// A table as lines of text.
fn told(table: &Table) -> Vec<String> {
    let rows = table.rows.iter();
    rows.map(|row| row.cells.join(" | ").replace('\u{a0}', " "))
        .collect()
}

fn section<'a>(sheet: &'a Sheet, title: &str) -> &'a piecework_documents::Section {
    let sections = sheet.asides.iter().chain(&sheet.details);
    let mut found = sections.filter(|own| own.title.starts_with(title));
    found.next().unwrap_or_else(|| panic!("no section {title}"))
}

#[test]
fn the_first_page_says_who_whom_how_much_by_when_and_why() {
    let sheet = statement(&In("EUR").paper());
    assert_eq!(sheet.number, "akesson-0002");
    assert_eq!(
        sheet.under_title,
        "before tax \u{b7} 2026-02-01 to 2026-02-28"
    );
    assert_eq!(sheet.headline.amount, "2,598.00\u{a0}EUR");
    assert_eq!(sheet.headline.note, "by 2026-04-02");
    assert_eq!(
        told(&sheet.summary),
        [
            "Access | platform, seats | 1,680.00",
            "Usage | messages | 205.00",
            "Outcome | resolutions | 1,350.00",
            "Contract terms | totals | \u{2212}135.00",
            "Adjustments | of earlier statements | \u{2212}2.00",
            "Total, before tax |  | 3,098.00",
            "Paid by prepaid credits | starter | \u{2212}500.00",
            "To pay, before tax |  | 2,598.00",
        ]
    );
    let changed = section(&sheet, "What changed since akesson-0001");
    assert_eq!(
        told(changed.table.as_ref().unwrap()),
        [
            "Access | 1,680.00 | 1,680.00 | 0.00",
            "Usage | 180.00 | 205.00 | +25.00",
            "Outcome | 1,100.00 | 1,350.00 | +250.00",
            "Contract terms | 0.00 | \u{2212}135.00 | \u{2212}135.00",
            "Corrections of earlier statements | 0.00 | \u{2212}2.00 | \u{2212}2.00",
            "Total, before tax | 2,960.00 | 3,098.00 | +138.00",
        ]
    );
    let waits = section(&sheet, "What waits").text.join("\n");
    assert!(waits.contains("Held back: 245.00\u{a0}EUR"), "{waits}");
    assert!(
        waits.contains("In dispute: 14 works (case-17, case-18 and 12 others)"),
        "{waits}"
    );
    assert!(waits.contains("Not decided yet: 3 works"), "{waits}");
    assert!(waits.contains("Waived: 3.00\u{a0}EUR"), "{waits}");
    let pay = section(&sheet, "How to pay");
    assert!(pay.text[0].contains("98.00\u{a0}EUR more than the order allows"));
    assert_eq!(
        pay.facts[0],
        ("Reference".to_owned(), "akesson-0002".to_owned())
    );
}

/// What stands in a column adds up to what stands under it: a reader with a pencil finds nothing.
#[test]
fn columns_add_up() {
    let number = |text: &str| -> i128 {
        let digits: String = text
            .replace('\u{2212}', "-")
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '-')
            .collect();
        digits.parse().unwrap()
    };
    let sheet = statement(&In("HUF").paper());
    let tables = sheet.details.iter().filter_map(|own| own.table.as_ref());
    let summed = tables.filter(|own| own.rows.iter().any(|row| row.kind == RowKind::Subtotal));
    let mut checked = 0;
    for table in summed {
        let mut sum = 0;
        for row in &table.rows {
            let amount = row.cells.last().unwrap();
            match row.kind {
                RowKind::Plain => sum += number(amount),
                RowKind::Subtotal => {
                    assert_eq!(sum, number(amount), "{:?}", row.cells);
                    sum = 0;
                    checked += 1;
                }
                RowKind::Group | RowKind::Part | RowKind::Total => {}
            }
        }
    }
    assert_eq!(checked, 5);
}

#[test]
fn the_proof_says_what_is_to_be_compared() {
    let sheet = statement(&In("EUR").paper());
    let facts: Vec<&str> = sheet.proof.facts.iter().map(|own| own.1.as_str()).collect();
    assert!(facts.contains(&format!("sha256:{}", "77".repeat(32)).as_str()));
    assert!(facts.contains(&"5c".repeat(32).as_str()));
    assert!(facts.contains(&"the first 12,345 entries of it; 12,352 with this statement"));
    assert!(
        facts
            .iter()
            .any(|own| own.contains("900.00\u{a0}EUR of it by facts that the buyer signed"))
    );
}

#[test]
fn currencies_without_coins_have_none() {
    let sheet = statement(&In("JPY").paper());
    assert_eq!(sheet.headline.amount, "2,598\u{a0}JPY");
    assert_eq!(told(&sheet.summary)[0], "Access | platform, seats | 1,680");
}

#[test]
fn a_statement_of_nothing_is_a_statement() {
    let sheet = statement(&In("USD").nothing());
    assert_eq!(sheet.headline.label, "Nothing to pay");
    assert_eq!(
        told(&sheet.summary),
        [
            "Nothing is charged in this period |  | 0.00",
            "Total, before tax |  | 0.00"
        ]
    );
    assert!(html(&sheet).contains("Nothing is charged in this period."));
}

#[test]
fn a_void_statement_says_so_on_every_page_and_asks_for_no_money() {
    let mut paper = In("EUR").paper();
    paper.statement.status = Status::Void {
        number: "akesson-0002".to_owned(),
        reason: "the wrong plan was in force".to_owned(),
    };
    let sheet = statement(&paper);
    assert_eq!(sheet.mark.as_deref(), Some("VOID"));
    assert_eq!(sheet.headline.label, "Void");
    assert!(
        sheet
            .notice
            .as_ref()
            .unwrap()
            .contains("the wrong plan was in force")
    );
    assert!(html(&sheet).contains("VOID"));
}

#[test]
fn a_total_in_the_buyers_favour_is_not_to_be_paid() {
    let mut paper = In("EUR").nothing();
    paper.statement.total = In("EUR").of("-12");
    paper.statement.payable = In("EUR").of("-12");
    let sheet = statement(&paper);
    assert_eq!(sheet.headline.label, "In your favour, before tax");
    assert_eq!(sheet.headline.amount, "\u{2212}12.00\u{a0}EUR");
}

#[test]
fn a_credit_note_says_against_what_it_is_and_that_it_counts_once() {
    let sheet = credit_note(&In("EUR").credit_note_paper());
    assert_eq!(sheet.title, "Credit note");
    assert_eq!(sheet.headline.amount, "2.00\u{a0}EUR");
    assert_eq!(sheet.headline.note, "against statement akesson-0001");
    let lines = section(&sheet, "Lines of akesson-C0001");
    assert_eq!(
        told(lines.table.as_ref().unwrap()),
        [
            "resolutions, confirmed, tier 1 | 2026-01-01 to 2026-01-31 | \u{2212}1.00",
            "resolutions, confirmed, tier 2 | 2026-01-01 to 2026-01-31 | \u{2212}1.00",
            "Taken back, before tax |  | \u{2212}2.00",
        ]
    );
    assert!(section(&sheet, "What it changes").text[0].contains("do not deduct it a second time"));
}

#[test]
fn what_is_too_long_for_a_document_is_counted_in_it() {
    let sheet = statement(&In("EUR").long(TABLE_ROWS_MAX + 5));
    let table = section(&sheet, "Corrections").table.as_ref().unwrap();
    assert_eq!(table.rows.len(), TABLE_ROWS_MAX);
    let omitted = table.omitted.as_ref().unwrap();
    assert!(
        omitted.starts_with("8 more rows: `piecework export lines"),
        "{omitted}"
    );
    let mut paper = In("EUR").paper();
    paper.disputed = (0..50).map(|index| format!("case-{index}")).collect();
    paper.disputed_total = 60;
    let waits = section(&statement(&paper), "What waits").text.join(" ");
    assert!(
        waits.contains(&format!("and {} others", 60 - DISPUTED_NAMED_MAX)),
        "{waits}"
    );
}

#[test]
fn nothing_foreign_is_markup() {
    let mut paper = In("EUR").paper();
    let evil = "</style><script>alert(1)</script>#panic()[x] *b* $x$ \u{202e}";
    paper.statement.vendor.name = evil.to_owned();
    paper.statement.customer.details = vec![evil.to_owned()];
    paper.po_number = Some(evil.to_owned());
    let page = html(&statement(&paper));
    assert!(!page.contains("<script"), "markup came through");
    assert!(!page.contains('\u{202e}'));
    assert_eq!(page.matches("</style>").count(), 1);
}

#[test]
fn the_sheets_size_and_logo_are_the_stationerys() {
    let mut paper = In("USD").paper();
    paper.stationery.size = SheetSize::Letter;
    paper.stationery.logo = Some(Logo {
        kind: LogoKind::Svg,
        bytes: b"<svg/>".to_vec(),
    });
    let page = html(&statement(&paper));
    assert!(page.contains("@page{size:letter;"));
    assert!(page.contains("src=\"data:image/svg+xml;base64,PHN2Zy8+\""));
}

#[test]
fn the_page_of_a_statement() {
    insta::assert_snapshot!(html(&statement(&In("EUR").paper())).replace("><", ">\n<"));
}

/// D14: whoever computes tax reads on the paper what a line is to the tax system.
#[test]
fn d14_a_line_shows_its_tax_category() {
    let mut paper = In("EUR").paper();
    let groups = paper.statement.surfaces.iter_mut();
    let mut lines = groups.flat_map(|group| &mut group.lines);
    let line = lines.find(|line| !line.cells.is_empty()).unwrap();
    line.cells[0].cell.tax_category = Some("digital-services".to_owned());
    let page = html(&statement(&paper));
    assert_eq!(page.matches("tax category digital-services").count(), 1);
    let plain = html(&statement(&In("EUR").paper()));
    assert!(!plain.contains("tax category"));
}

#[test]
fn a_cover_says_what_is_to_be_paid_at_once_and_its_statements_say_that_they_are_not() {
    let paper = In("EUR").cover_paper();
    let sheet = cover(&paper);
    assert_eq!(sheet.number, "akesson-A0001");
    assert_eq!(sheet.headline.amount, "2,618.00\u{a0}EUR");
    assert_eq!(sheet.headline.note, "by 2026-04-02");
    assert_eq!(
        told(&sheet.summary),
        [
            "akesson-0002 | akesson-2026 | 3,098.00",
            "akesson-0003 | akesson-voice | 20.00",
            "Total, before tax |  | 3,118.00",
            "Payable, before tax |  | 2,618.00",
        ]
    );
    let note = sheet.summary.rows[0].note.as_deref();
    assert_eq!(note, Some("prepaid credits pay 500.00"));
    let pay = section(&sheet, "How to pay");
    assert_eq!(
        pay.facts[0],
        ("Reference".to_owned(), "akesson-A0001".to_owned())
    );
    // Behind the first page each statement, in the order of the table.
    assert_eq!(sheet.details[0].title, "Statement akesson-0002");
    assert!(sheet.details[1].title.starts_with("akesson-0002 \u{b7} "));
    let own = statement(&paper.statements[0]);
    assert_eq!(own.headline.label, "Under a cover, before tax");
    assert!(
        own.headline.note.contains("not by this number"),
        "{}",
        own.headline.note
    );
    assert!(own.facts.iter().all(|(name, _)| name != "Due"));
    assert_eq!(section(&own, "How to pay").facts[0].0, "Paid with");
    let page = html(&sheet);
    assert!(page.contains("2,618.00\u{a0}EUR") && page.contains("akesson-0003"));
    let mut void = paper;
    void.cover.state = "void".to_owned();
    void.cover.void_reason = Some("the wrong address".to_owned());
    let void = cover(&void);
    assert_eq!(void.mark.as_deref(), Some("VOID"));
    assert!(void.notice.unwrap().contains("the wrong address"));
}
