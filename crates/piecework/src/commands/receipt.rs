//! `piecework receipt`: what the buyer gets for a signed event.
//!
//! A tlog-proof whose `extra` is the entry, so that the time of arrival, the place and the head are
//! under the seller's signature. Checking one needs the log's key and nothing else.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use proof::Entry;
use serde::Serialize;
use tlog::{TlogProof, hash};
use work::LogKind;

use crate::Done;
use crate::cli::{CheckReceipt, ReceiptCommand};
use crate::commands::verify::read_key;
use crate::context::{Book, Context};

/// Runs the command.
pub fn run(context: &Context, command: &ReceiptCommand) -> Result<Done> {
    match command {
        ReceiptCommand::Check(args) => check(context, args),
    }
}

#[derive(Serialize)]
struct Shown {
    origin: String,
    entry: u64,
    size: u64,
    received_at: Timestamp,
    kind: String,
    customer: String,
    source: String,
    id: String,
    work: Option<String>,
    signer: Option<String>,
}

fn check(context: &Context, args: &CheckReceipt) -> Result<Done> {
    let file = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {file}"))?;
    let key = read_key(&args.key)?;
    let proof = TlogProof::parse(&bytes).with_context(|| format!("{file} is not a receipt"))?;
    let opened = match proof.verify(&hash::leaf(proof.extra()), &key, []) {
        Ok(opened) => opened,
        Err(error) => {
            let error = anyhow::Error::new(error);
            context.out.line(format!("refused: {error:#}"))?;
            return Ok(Done::Failed);
        }
    };
    let entry = Entry::parse(proof.extra()).with_context(|| format!("the entry in {file}"))?;
    let event = entry.event;
    let shown = Shown {
        origin: opened.checkpoint.origin().to_owned(),
        entry: proof.index(),
        size: opened.checkpoint.size(),
        received_at: entry.received_at,
        kind: event.body.kind().to_owned(),
        customer: event.customer.to_string(),
        source: event.source.to_string(),
        id: event.id.to_string(),
        work: event.work.map(Into::into),
        signer: event.signature.map(|own| own.signer),
    };
    context.out.value(&shown, |own| {
        let of = own.work.as_ref().map(|work| format!(" of {work}"));
        let signer = own.signer.as_ref().map_or_else(
            || "not signed by the buyer".to_owned(),
            |signer| format!("says that {signer} signed it"),
        );
        vec![
            format!(
                "valid: {}{} is entry {} of {}, under the signed head of {} entries",
                own.kind,
                of.unwrap_or_default(),
                own.entry,
                own.origin,
                own.size
            ),
            format!(
                "`{}` of {}, received {}; it {signer}",
                own.id, own.source, own.received_at
            ),
        ]
    })?;
    Ok(Done::Well)
}

impl Book {
    /// Writes the receipt of an entry of the customer log into `directory`, under the log's pseudonym
    /// and the entry's position. An earlier receipt of the same entry is replaced.
    ///
    /// # Errors
    /// Where there is no such entry, or the file cannot be written.
    pub fn write_receipt(
        &self,
        customer: &str,
        entry: u64,
        directory: &Path,
        now: Timestamp,
    ) -> Result<PathBuf> {
        let proof = self.inclusion(customer, LogKind::Shared, entry, now)?;
        let origin = self.keyring()?.origin(LogKind::Shared, customer)?;
        let log = origin.as_str().rsplit('/').next().unwrap_or_default();
        let path = directory.join(format!("{log}-{entry}.tlog-proof"));
        std::fs::create_dir_all(directory)
            .and_then(|()| std::fs::write(&path, proof.to_string()))
            .with_context(|| {
                format!(
                    "the events are in the log, but {} cannot be written; `piecework log inclusion \
                     --customer {customer}` prints the same for entry {entry}",
                    path.display()
                )
            })?;
        Ok(path)
    }
}
