//! Writes documents to look at: `cargo run -p piecework-documents --example sheets -- DIRECTORY`, with
//! `--features pdf` their PDFs too.

#![allow(clippy::unwrap_used)] // whoever looks sees what is wrong

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::path::PathBuf;

use fixture::In;
use pages::view::{Logo, LogoKind, SheetSize, Status};
use piecework_documents::{Sheet, credit_note, html, statement};

fn main() {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let mut letter = In("USD").paper();
    letter.stationery.size = SheetSize::Letter;
    letter.stationery.logo = Some(Logo {
        kind: LogoKind::Svg,
        bytes: br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="60" height="20" rx="4" fill="#246"/></svg>"##.to_vec(),
    });
    let mut void = In("EUR").paper();
    void.statement.status = Status::Void {
        number: "akesson-0002".to_owned(),
        reason: "the wrong plan was in force".to_owned(),
    };
    let sheets: [(&str, Sheet); 7] = [
        ("statement", statement(&In("EUR").paper())),
        ("letter", statement(&letter)),
        ("void", statement(&void)),
        ("huf-long", statement(&In("HUF").long(60))),
        ("jpy", statement(&In("JPY").paper())),
        ("nothing", statement(&In("USD").nothing())),
        ("credit-note", credit_note(&In("EUR").credit_note_paper())),
    ];
    for (name, sheet) in sheets {
        let file = |ending: &str| directory.join(format!("{name}.{ending}"));
        std::fs::write(file("html"), html(&sheet)).unwrap();
        #[cfg(feature = "pdf")]
        std::fs::write(
            file("pdf"),
            piecework_documents::pdf::render(&sheet, &[]).unwrap(),
        )
        .unwrap();
    }
}
