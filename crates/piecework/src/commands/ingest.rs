//! `piecework ingest`: CloudEvents JSON lines into the book.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use intake::{CloudEvents, Progress};

use crate::Done;
use crate::append::{Appender, Place};
use crate::cli::Ingest;
use crate::commands::receipt::write_receipt;
use crate::context::Context;
use crate::progress::Bar;

/// What standard input is called, in messages and in the name of the file of refused events.
const STDIN: &str = "stdin.jsonl";

/// Runs the command.
pub fn run(context: &Context, args: &Ingest) -> Result<Done> {
    let book = context.book()?;
    let refused_to = args.refused.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut appender = Appender::new(&book, context.now, &refused_to);
    for file in &args.files {
        let spooled;
        let progress = Progress::default();
        let mut events = if file.as_path() == Path::new("-") {
            spooled = spool()?;
            CloudEvents::open(spooled.path(), &progress)?.named(STDIN)
        } else {
            CloudEvents::open(file, &progress)?
        }
        .received_at(context.now);
        let mut bar = Bar::new(&progress);
        while let Some(delivery) = events.next() {
            let place = Place {
                file: events.name().clone(),
                line: events.line(),
            };
            appender.take(delivery, Some(place))?;
            bar.step();
        }
        bar.finish();
    }
    let mut tally = appender.finish()?;
    if let Some(directory) = &args.receipts {
        for own in &tally.signed {
            let path = write_receipt(&book, &own.customer, own.entry, directory, context.now)?;
            tally.receipts.push(path);
        }
    }
    tally.print(context.out)
}

/// Standard input as a file, so that it is read like any other.
fn spool() -> Result<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new().context("cannot keep standard input")?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).context("cannot read standard input")?;
    file.flush().context("cannot keep standard input")?;
    Ok(file)
}
