//! How errors look: what happened, where, and what to do next.
//!
//! Faults of documents are shown at their place in the text.

use std::io::{self, Write as _};

use book::Error;
use book::documents::FaultyDocument;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};

use crate::env;

/// Whether the reader of our output went away.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
            || cause
                .downcast_ref::<serde_json::Error>()
                .is_some_and(|e| e.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
    })
}

/// Prints an error on standard error.
pub fn report(error: &anyhow::Error) {
    let mut text = String::new();
    if let Some(Error::Faulty(document)) = error.downcast_ref() {
        text.push_str(&faults(document));
    }
    text.push_str(&format!("error: {error}\n"));
    for cause in error.chain().skip(1) {
        text.push_str(&format!("  because: {cause}\n"));
    }
    // Nothing is left to tell when standard error is gone.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// The faults of a document at their places.
pub fn faults(document: &FaultyDocument) -> String {
    let theme = if env::NO_COLOR.value().is_some() {
        GraphicalTheme::unicode_nocolor()
    } else {
        GraphicalTheme::unicode()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false);
    let mut text = String::new();
    for fault in &document.faults {
        let mut diagnostic = MietteDiagnostic::new(fault.problem.clone())
            .with_label(LabeledSpan::underline(fault.span.clone()));
        if let Some(hint) = &fault.hint {
            diagnostic = diagnostic.with_help(hint.clone());
        }
        let report = Report::new(diagnostic)
            .with_source_code(NamedSource::new(&document.name, document.text.clone()));
        // Writing to a string cannot fail.
        let _ = handler.render_report(&mut text, report.as_ref());
    }
    text
}
