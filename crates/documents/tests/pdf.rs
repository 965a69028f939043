//! The PDF of a sheet: the same bytes for the same sheet, whoever sets it, and nothing foreign in it.
#![cfg(feature = "pdf")]
#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // a child tells its parent what it has set

mod fixture;

use std::process::Command;

use fixture::In;
use pages::view::{Logo, LogoKind, StatementPaper};
use piecework_documents::limits::SHEET_BYTES_MAX;
use piecework_documents::pdf::{PdfError, render};
use piecework_documents::{Sheet, credit_note, statement};
use work::Digest;

/// Set in a child by this test, which then prints the digest.
const CHILD: &str = "PIECEWORK_TEST_CHILD";

fn set(sheet: &Sheet) -> Vec<u8> {
    render(sheet, &[]).unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|own| own == text.as_bytes())
}

/// Looks at what was set where a tool to look with is there.
fn text_of(pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    let read = Command::new("pdftotext")
        .arg("-layout")
        .arg(file.path())
        .arg("-")
        .output()
        .ok()?;
    assert!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
    Some(String::from_utf8(read.stdout).unwrap())
}

#[test]
fn a_pdf_is_for_archives_and_tagged() {
    let pdf = set(&statement(&In("EUR").paper()));
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(contains(&pdf, "<pdfaid:part>2</pdfaid:part>"));
    assert!(contains(&pdf, "<pdfaid:conformance>A</pdfaid:conformance>"));
    assert!(!contains(&pdf, "Typst"), "the version of typst is in it");
    if let Some(text) = text_of(&pdf) {
        for expected in [
            "akesson-0002",
            "2,598.00",
            "Műhely Szoftver Zrt.",
            "Łukasiewicz",
            "by 2026-04-02",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }
}

#[test]
fn the_same_sheet_gives_the_same_bytes_in_any_thread_and_process() {
    let sheet = statement(&In("EUR").paper());
    let first = set(&sheet);
    if std::env::var_os(CHILD).is_some() {
        println!("digest {}", Digest::of(&first));
        return;
    }
    let threads: Vec<_> = (0..3)
        .map(|index| {
            let sheet = sheet.clone();
            std::thread::spawn(move || {
                // Others are set beside it.
                let other = In("HUF").nothing();
                assert!(index == 0 || !set(&statement(&other)).is_empty());
                set(&sheet)
            })
        })
        .collect();
    for thread in threads {
        assert!(
            thread.join().unwrap() == first,
            "a thread sets it otherwise"
        );
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("the_same_sheet_gives_the_same_bytes_in_any_thread_and_process")
        .env(CHILD, "1")
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    let told = String::from_utf8(child.stdout).unwrap();
    assert!(
        told.contains(&format!("digest {}", Digest::of(&first))),
        "{told}"
    );
}

#[test]
fn every_paper_can_be_set() {
    let of = |paper: &StatementPaper| set(&statement(paper)).len();
    for currency in ["USD", "JPY", "HUF", "KWD"] {
        assert!(of(&In(currency).nothing()) > 10_000);
    }
    assert!(of(&In("HUF").long(40)) > 10_000);
    assert!(set(&credit_note(&In("EUR").credit_note_paper())).len() > 10_000);
    let mut paper = In("EUR").paper();
    paper.stationery.logo = Some(Logo {
        kind: LogoKind::Svg,
        bytes: br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#246"/></svg>"##.to_vec(),
    });
    assert!(of(&paper) > 10_000);
}

#[test]
fn nothing_foreign_is_markup() {
    let mut paper = In("EUR").paper();
    let evil = "#panic() [x] *b* $x$ `r` \\ @a <b> #read(\"/etc/passwd\") // c";
    paper.statement.vendor.name = evil.to_owned();
    paper.statement.customer.details = vec![evil.to_owned()];
    paper.po_number = Some(evil.to_owned());
    let pdf = set(&statement(&paper));
    if let Some(text) = text_of(&pdf) {
        assert!(text.contains("#panic() [x] *b* $x$"), "{text}");
    }
}

#[test]
fn a_character_that_no_font_has_is_named() {
    let mut paper = In("JPY").paper();
    paper.statement.customer.name = "株式会社".to_owned();
    let error = render(&statement(&paper), &[]).unwrap_err();
    assert!(
        matches!(
            error,
            PdfError::NoGlyph {
                character: '株',
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("U+682A"), "{error}");
    assert!(error.to_string().contains("[stationery] fonts"), "{error}");
    let no_font = render(&statement(&In("JPY").paper()), &[b"no font".to_vec()]);
    assert!(matches!(no_font, Err(PdfError::NoFont { index: 1 })));
}

#[test]
fn a_sheet_that_is_too_long_is_not_set() {
    let mut sheet = statement(&In("EUR").nothing());
    sheet.proof.text = vec!["x".repeat(SHEET_BYTES_MAX)];
    assert!(matches!(render(&sheet, &[]), Err(PdfError::TooLong { .. })));
}

/// Over many pages. Without optimisation a document as long as it may be takes minutes.
#[test]
fn slow_hundreds_of_lines_are_set() {
    let pdf = set(&statement(&In("EUR").long(300)));
    if let Some(text) = text_of(&pdf) {
        assert!(
            text.contains("confirmed, tier 299"),
            "the last line is not there"
        );
    }
}
