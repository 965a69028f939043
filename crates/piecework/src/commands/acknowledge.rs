//! `piecework acknowledge`: the buyer's cosignature on a head.
//!
//! The buyer verifies a proof file and cosigns its head, offline; the seller keeps the cosigned head,
//! and later proof files of that head carry it.

use anyhow::{Context as _, Result};
use proof::verify::{Options, verify};
use serde::Serialize;
use tlog::{Checkpoint, CosignerKey, Note};

use crate::Done;
use crate::cli::Acknowledge;
use crate::commands::key::read_cosigner;
use crate::commands::verify::{must_hold, read, read_key};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Acknowledge) -> Result<Done> {
    match &args.customer {
        Some(customer) => keep(context, args, customer),
        None => cosign(context, args),
    }
}

#[derive(Serialize)]
struct Cosigned {
    checkpoint: String,
}

fn cosign(context: &Context, args: &Acknowledge) -> Result<Done> {
    let key = args
        .key
        .as_ref()
        .context("name the buyer's key with --key")?;
    let key: CosignerKey = read_cosigner(key)?;
    let file = read(&args.file)?;
    let options = Options {
        key: args.log_key.as_deref().map(read_key).transpose()?,
        ..Options::default()
    };
    let report = verify(&file, &options);
    must_hold(&report, &args.file)?;
    let log = report.log.context("a valid file has a log")?;
    let note = proof::file::checkpoint(&file).context("a valid file has a head")?;
    let note: Note = note.parse()?;
    let checkpoint = Checkpoint::open(&note, &log.key, [])?.checkpoint;
    let seconds = u64::try_from(context.now.as_second())
        .ok()
        .context("the clock stands before 1970")?;
    let mut cosigned = note;
    cosigned.add(key.cosign(&checkpoint, seconds)?)?;
    let outcome = Cosigned {
        checkpoint: cosigned.to_string(),
    };
    context.out.value(&outcome, |own| {
        vec![own.checkpoint.trim_end_matches('\n').to_owned()]
    })?;
    Ok(Done::Well)
}

fn keep(context: &Context, args: &Acknowledge, customer: &str) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(customer))?;
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let (head, _) = book
        .cosign(customer, &text, context.now)
        .with_context(|| format!("{} is not kept", args.file.display()))?;
    context.out.line(format!(
        "kept the acknowledged head of {} entries",
        head.size()
    ))?;
    Ok(Done::Well)
}
