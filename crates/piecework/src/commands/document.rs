//! `piecework statement document`, `credit-note document` and `quote document`: what people file, send and pay.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use documents::Sheet;
use serde::Serialize;
use work::Digest;

use crate::Done;
use crate::cli::{
    CoverDocument, CreditNoteDocument, DocumentFormat, QuoteOnPaper, StatementDocument, Written,
};
use crate::context::Context;
use crate::typeset;

/// A document that was written.
#[derive(Serialize)]
struct Document {
    number: String,
    file: String,
    /// Of the file's bytes.
    digest: String,
}

/// A statement.
pub fn statement(context: &Context, args: &StatementDocument) -> Result<Done> {
    let book = context.book()?;
    let paper = book.statement_paper(&args.customer, &args.number)?;
    let sheet = documents::statement(&paper);
    write(
        context,
        &book,
        &sheet,
        (&args.number, &args.written),
        (&paper.basis.digest, &paper.stationery.fonts),
    )
}

/// A cover, with its statements behind it.
pub fn cover(context: &Context, args: &CoverDocument) -> Result<Done> {
    let book = context.book()?;
    let paper = book.cover_paper(&args.which.customer, &args.which.number)?;
    let sheet = documents::cover(&paper);
    write(
        context,
        &book,
        &sheet,
        (&args.which.number, &args.written),
        (&paper.basis.digest, &paper.stationery.fonts),
    )
}

/// A credit note.
pub fn credit_note(context: &Context, args: &CreditNoteDocument) -> Result<Done> {
    let book = context.book()?;
    let paper = book.credit_note_paper(&args.which.customer, &args.which.number)?;
    let sheet = documents::credit_note(&paper);
    write(
        context,
        &book,
        &sheet,
        (&args.which.number, &args.written),
        (&paper.basis.digest, &paper.stationery.fonts),
    )
}

/// A quote.
pub fn quote(context: &Context, args: &QuoteOnPaper) -> Result<Done> {
    let book = context.book()?;
    let paper = book.quote_paper(&args.customer, &args.quote, context.now)?;
    let sheet = documents::quote(&paper);
    // The quote's own text is the first.
    let text = paper.quote.documents.first();
    let digest = text.map_or("", |own| own.digest.as_str());
    write(
        context,
        &book,
        &sheet,
        (&args.quote, &args.written),
        (digest, &paper.stationery.fonts),
    )
}

fn write(
    context: &Context,
    book: &book::Book,
    sheet: &Sheet,
    (number, written): (&str, &Written),
    (body, fonts): (&str, &[PathBuf]),
) -> Result<Done> {
    let (bytes, ending) = match written.format {
        DocumentFormat::Html => (documents::html(sheet).into_bytes(), "html"),
        DocumentFormat::Pdf => {
            let set = || typeset::pdf(sheet, fonts);
            let kept = book.kept_document(number, body, sheet.mark.as_deref());
            (kept.or_keep(set)?, "pdf")
        }
    };
    let named = || PathBuf::from(format!("{}.{ending}", book::papers::plain(number)));
    let file = written.out.clone().unwrap_or_else(named);
    std::fs::write(&file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    let told = Document {
        number: number.to_owned(),
        file: file.display().to_string(),
        digest: format!("sha256:{}", Digest::of(&bytes)),
    };
    context.out.value(&told, |own| {
        vec![format!("wrote {} ({})", own.file, own.digest)]
    })?;
    Ok(Done::Well)
}
