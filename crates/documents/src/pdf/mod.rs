//! A sheet as PDF, set by typst: tagged, for archives (PDF/A-2a), with its fonts in it.
//!
//! The template never changes with the document: what a sheet says reaches it as data, so no text of a customer can
//! be read as markup. Nothing of the machine reaches it either: no clock, no file, no font of the system, and the
//! name of the producing version is left out. Invariant: the same sheet and fonts give the same bytes. Another
//! version of typst may give others, which is why an issued document is kept and not set again.

mod data;
mod world;

use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::limits::SHEET_BYTES_MAX;
use crate::sheet::Sheet;
use world::Desk;

/// Why a sheet cannot be set as PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// It is too long.
    #[error(
        "the document has {bytes} bytes of text, and a PDF takes {SHEET_BYTES_MAX}; take it as HTML or CSV"
    )]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// A font's file is no font.
    #[error("font {index} of the stationery is no OpenType or TrueType font")]
    NoFont {
        /// Which of them, from 1.
        index: usize,
    },
    /// No font has a character.
    #[error(
        "no font has the character {character:?} (U+{:04X}) of `{text}`; name a font that has it under \
         `[stationery] fonts`, or take the document as HTML", *.character as u32
    )]
    NoGlyph {
        /// The character.
        character: char,
        /// The text that it is in.
        text: String,
    },
    /// Typst refuses it.
    #[error("the document cannot be set as PDF: {0}")]
    Typesetting(String),
}

/// A sheet as the bytes of a PDF; `fonts` are files of fonts for what the built-in ones do not have.
///
/// # Errors
/// [`PdfError`].
pub fn render(sheet: &Sheet, fonts: &[Vec<u8>]) -> Result<Vec<u8>, PdfError> {
    let data = data::of(sheet);
    if data.len() > SHEET_BYTES_MAX {
        return Err(PdfError::TooLong { bytes: data.len() });
    }
    let desk = Desk::new(data, sheet.logo.as_ref(), fonts)?;
    data::check_glyphs(sheet, &|c| desk.has_glyph(c))?;
    let set = typst::compile::<PagedDocument>(&desk);
    let written = set.output.and_then(|document| {
        let standards = PdfStandards::new(&[PdfStandard::A_2a]).map_err(|error| {
            let told = error.message().clone();
            typst::ecow::eco_vec![SourceDiagnostic::error(
                typst::syntax::Span::detached(),
                told
            )]
        })?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("{} {}", sheet.title, sheet.number)),
            creator: Smart::Custom(Some("piecework".to_owned())),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options)
    });
    // What was remembered of this document would be kept for good.
    typst::comemo::evict(0);
    written.map_err(|errors| PdfError::Typesetting(told(&errors)))
}

fn told(errors: &[SourceDiagnostic]) -> String {
    let told: Vec<String> = errors
        .iter()
        .take(3)
        .map(|error| {
            let hints: Vec<&str> = error.hints.iter().map(|hint| hint.v.as_str()).collect();
            format!("{} {}", error.message, hints.join(" "))
                .trim()
                .to_owned()
        })
        .collect();
    told.join("; ")
}
