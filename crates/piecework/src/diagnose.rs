//! How errors look: what happened, where, and what to do next.
//!
//! Faults of documents are shown at their place in the text.

use std::io::{self, Write as _};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};
use work::definition::Fault;

use crate::env;

/// A document with faults, as an error of the binary.
#[derive(Debug)]
pub struct FaultyDocument {
    /// The file or where else the text came from.
    pub name: String,
    /// The text.
    pub text: String,
    /// The faults.
    pub faults: Vec<Fault>,
}

impl std::fmt::Display for FaultyDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.faults.len();
        write!(
            f,
            "{}: {count} fault{}",
            self.name,
            if count == 1 { "" } else { "s" }
        )
    }
}

impl std::error::Error for FaultyDocument {}

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
    if let Some(document) = error.downcast_ref::<FaultyDocument>() {
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
