//! `piecework receipt`: what the buyer gets for a signed event, and for a work.
//!
//! For an event it is a tlog-proof whose `extra` is the entry, so that the time of arrival, the place
//! and the head are under the seller's signature; for a work it is the receipt of `proof::receipt`, as
//! text or in a page. Checking either needs the log's key and nothing else.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use book::Book;
use book::receipts::Asked;
use jiff::Timestamp;
use proof::{Entry, Receipt};
use serde::Serialize;
use tlog::{TlogProof, VerifierKey, hash};
use work::LogKind;

use crate::Done;
use crate::cli::{CheckReceipt, ReceiptCommand, WorkReceipt};
use crate::commands::verify::{read, read_key};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &ReceiptCommand) -> Result<Done> {
    match command {
        ReceiptCommand::Work(args) => work(context, args),
        ReceiptCommand::Check(args) => check(context, args),
    }
}

fn work(context: &Context, args: &WorkReceipt) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let made = book.receipt(&Asked {
        customer: &args.customer,
        work: &args.work,
        unit: args.unit.as_deref(),
        now: context.now,
    })?;
    let text = if args.html {
        pages::receipt_fragment(&made.view)
    } else {
        made.receipt.to_text()
    };
    match &args.out {
        Some(path) => {
            std::fs::write(path, &text)
                .with_context(|| format!("cannot write {}", path.display()))?;
            context.out.line(format!("wrote {}", path.display()))?;
        }
        None => context.out.text(&text)?,
    }
    Ok(Done::Well)
}

/// What a check found.
#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Found {
    Valid(Box<Valid>),
    Refused { reason: String },
}

#[derive(Serialize)]
struct Valid {
    origin: String,
    /// Entries of the log under the signed head.
    size: u64,
    customer: String,
    /// What the receipt says of a work; the seller's summary.
    #[serde(flatten)]
    says: Option<Says>,
    #[serde(flatten)]
    proved: Proved,
}

/// The entry of an event's receipt, or the entries of a work's.
#[derive(Serialize)]
#[serde(untagged)]
enum Proved {
    One(Shown),
    Several { entries: Vec<Shown> },
}

#[derive(Serialize)]
struct Says {
    work: String,
    unit: String,
    state: String,
    why: String,
    class: Option<String>,
    counted_at: Option<Timestamp>,
    price: Option<String>,
    statement: Option<String>,
    evidence: Vec<Named>,
    dispute: Option<Dispute>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    commitment: String,
}

#[derive(Serialize)]
struct Dispute {
    until: Timestamp,
    #[serde(rename = "where")]
    place: String,
}

#[derive(Serialize)]
struct Shown {
    entry: u64,
    received_at: Timestamp,
    kind: String,
    source: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    signer: Option<String>,
}

fn check(context: &Context, args: &CheckReceipt) -> Result<Done> {
    let bytes = read(&args.file)?;
    let key = read_key(&args.key)?;
    let found = match checked(&bytes, &key) {
        Ok(valid) => Found::Valid(Box::new(valid)),
        Err(error) => Found::Refused {
            reason: format!("{error:#}"),
        },
    };
    context.out.value(&found, |found| match found {
        Found::Valid(valid) => told(valid),
        Found::Refused { reason } => vec![format!("refused: {reason}")],
    })?;
    Ok(match found {
        Found::Valid(_) => Done::Well,
        Found::Refused { .. } => Done::Failed,
    })
}

/// Checks a receipt of whatever form it has.
fn checked(bytes: &[u8], key: &VerifierKey) -> Result<Valid> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let in_page = pages::receipts_in(text);
    if let [one] = in_page.as_slice() {
        return of_work(one.as_bytes(), key);
    }
    anyhow::ensure!(
        in_page.is_empty(),
        "the page has {} receipts; save the one that is to be checked as a page of its own, or its text",
        in_page.len()
    );
    if text.trim_start().starts_with('{') {
        // A text editor ends a file with a line feed; the receipt has none.
        return of_work(text.trim_end_matches(['\n', '\r']).as_bytes(), key);
    }
    let proof = TlogProof::parse(bytes).context(
        "this is no receipt: neither the text of a work's, nor a page with one, nor a tlog-proof",
    )?;
    let opened = proof.verify(&hash::leaf(proof.extra()), key, [])?;
    let entry = Entry::parse(proof.extra()).context("its entry")?;
    Ok(Valid {
        origin: opened.checkpoint.origin().to_owned(),
        size: opened.checkpoint.size(),
        customer: entry.event.customer.to_string(),
        says: None,
        proved: Proved::One(shown(proof.index(), entry, true)),
    })
}

fn of_work(bytes: &[u8], key: &VerifierKey) -> Result<Valid> {
    let checked = Receipt::check(bytes, key)?;
    let receipt = checked.receipt;
    let evidence = receipt.evidence.into_iter();
    Ok(Valid {
        origin: key.name().as_str().to_owned(),
        size: checked.head.0,
        customer: receipt.customer,
        says: Some(Says {
            work: receipt.work,
            unit: receipt.unit,
            state: receipt.state,
            why: receipt.why,
            class: receipt.class,
            counted_at: receipt.counted_at,
            price: receipt.price.map(|price| price.to_string()),
            statement: receipt.statement,
            evidence: evidence
                .map(|(name, commitment)| Named {
                    name,
                    commitment: commitment.to_string(),
                })
                .collect(),
            dispute: receipt
                .dispute
                .map(|(until, place)| Dispute { until, place }),
        }),
        proved: Proved::Several {
            entries: checked
                .entries
                .into_iter()
                .map(|(index, entry)| shown(index, entry, false))
                .collect(),
        },
    })
}

fn shown(index: u64, entry: Entry, names_work: bool) -> Shown {
    let event = entry.event;
    Shown {
        entry: index,
        received_at: entry.received_at,
        kind: event.body.kind().to_owned(),
        source: event.source.to_string(),
        id: event.id.to_string(),
        work: event.work.filter(|_| names_work).map(Into::into),
        signer: event.signature.map(|own| own.signer),
    }
}

fn told(valid: &Valid) -> Vec<String> {
    let (origin, size) = (&valid.origin, valid.size);
    match (&valid.proved, &valid.says) {
        (Proved::One(own), _) => {
            let of = own.work.as_ref().map(|work| format!(" of {work}"));
            vec![
                format!(
                    "valid: {}{} is entry {} of {origin}, under the signed head of {size} entries",
                    own.kind,
                    of.unwrap_or_default(),
                    own.entry,
                ),
                format!(
                    "`{}` of {}, received {}; it {}",
                    own.id,
                    own.source,
                    own.received_at,
                    signer(own)
                ),
            ]
        }
        (Proved::Several { entries }, says) => {
            let mut lines = vec![format!(
                "valid: {} entries of {origin}, under the signed head of {size} entries",
                entries.len()
            )];
            lines.extend(entries.iter().map(|own| {
                format!(
                    "  entry {}: {}, `{}` of {}, received {}; it {}",
                    own.entry,
                    own.kind,
                    own.id,
                    own.source,
                    own.received_at,
                    signer(own)
                )
            }));
            lines.extend(says.iter().flat_map(summary));
            lines
        }
    }
}

fn signer(own: &Shown) -> String {
    match &own.signer {
        None => "is not signed by the buyer".to_owned(),
        Some(signer) => format!("says that {signer} signed it"),
    }
}

/// What the seller says of the work.
fn summary(says: &Says) -> Vec<String> {
    let mut lines = vec![
        format!("the seller says of {} ({}):", says.work, says.unit),
        format!("  {}", says.why),
    ];
    lines.push(match (&says.price, &says.statement) {
        (Some(price), Some(number)) => format!("  price {price}, in statement {number}"),
        (Some(price), None) => format!("  price {price} expected, not yet stated"),
        (None, _) => "  no price".to_owned(),
    });
    lines.extend(says.evidence.iter().map(|own| {
        format!(
            "  evidence {}, committed to as {}",
            own.name, own.commitment
        )
    }));
    if let Some(dispute) = &says.dispute {
        lines.push(format!(
            "  dispute until {}: {}",
            dispute.until, dispute.place
        ));
    }
    lines
}

/// Writes the receipt of an entry of the customer log into `directory`, under the log's pseudonym
/// and the entry's position. An earlier receipt of the same entry is replaced.
///
/// # Errors
/// Where there is no such entry, or the file cannot be written.
pub fn write_receipt(
    book: &Book,
    customer: &str,
    entry: u64,
    directory: &Path,
    now: Timestamp,
) -> Result<PathBuf> {
    let proof = book.inclusion(customer, LogKind::Shared, entry, now)?;
    let origin = book.keyring()?.origin(LogKind::Shared, customer)?;
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
