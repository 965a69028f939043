//! `piecework log`: heads, proofs, and the log as files.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use book::Book;
use serde::Serialize;
use tlog::bundle;
use tlog::tile;
use work::LogKind;

use crate::Done;
use crate::cli::{LogCheckpoint, LogCommand, LogConsistency, LogExport, LogInclusion, WhichLog};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &LogCommand) -> Result<Done> {
    match command {
        LogCommand::Checkpoint(args) => checkpoint(context, args),
        LogCommand::Inclusion(args) => inclusion(context, args),
        LogCommand::Consistency(args) => consistency(context, args),
        LogCommand::Export(args) => export(context, args),
    }
}

fn kind(log: &WhichLog) -> LogKind {
    if log.seller {
        LogKind::Seller
    } else {
        LogKind::Shared
    }
}

fn open(context: &Context, log: &WhichLog) -> Result<Book> {
    let book = context.book()?;
    book.chosen(Some(&log.customer))?;
    Ok(book)
}

#[derive(Serialize)]
struct Text {
    text: String,
}

/// Prints a text that another program reads: as it is, or in a JSON object.
fn print(context: &Context, text: String) -> Result<Done> {
    context.out.value(&Text { text }, |text| {
        vec![text.text.trim_end_matches('\n').to_owned()]
    })?;
    Ok(Done::Well)
}

fn checkpoint(context: &Context, args: &LogCheckpoint) -> Result<Done> {
    let book = open(context, &args.log)?;
    let note = book.checkpoint(&args.log.customer, kind(&args.log), args.size, context.now)?;
    print(context, note.to_string())
}

fn inclusion(context: &Context, args: &LogInclusion) -> Result<Done> {
    let book = open(context, &args.log)?;
    let proof = book.inclusion(&args.log.customer, kind(&args.log), args.index, context.now)?;
    print(context, proof.to_string())
}

#[derive(Serialize)]
struct Consistent {
    from: u64,
    to: u64,
    old_root: String,
    new_root: String,
    proof: Vec<String>,
}

fn consistency(context: &Context, args: &LogConsistency) -> Result<Done> {
    let book = open(context, &args.log)?;
    let (customer, log) = (&args.log.customer, kind(&args.log));
    let new = book.store.tree_head(customer, log, args.to)?;
    let old = book.store.tree_head(customer, log, Some(args.from))?;
    let proof = book
        .store
        .consistency_proof(customer, log, old.size, new.size)?;
    let outcome = Consistent {
        from: old.size,
        to: new.size,
        old_root: old.root.to_string(),
        new_root: new.root.to_string(),
        proof: proof.iter().map(ToString::to_string).collect(),
    };
    context.out.value(&outcome, |own| {
        let head = [
            format!("from {} {}", own.from, own.old_root),
            format!("to   {} {}", own.to, own.new_root),
        ];
        head.into_iter().chain(own.proof.iter().cloned()).collect()
    })?;
    Ok(Done::Well)
}

fn export(context: &Context, args: &LogExport) -> Result<Done> {
    let book = open(context, &args.log)?;
    let (customer, log) = (&args.log.customer, kind(&args.log));
    if args.to.exists() {
        bail!("{} exists; name a directory to make", args.to.display());
    }
    let head = book.store.tree_head(customer, log, None)?;
    let mut files = 0;
    for id in tile::tiles(head.size) {
        let tile = book.store.hash_tile(customer, log, id)?;
        let tile = tile.with_context(|| format!("the tile {id} is not there"))?;
        write(&args.to.join(id.to_string()), &tile.to_bytes())?;
        files += 1;
    }
    for id in bundle::bundles(head.size) {
        let bundle = book.store.entry_bundle(customer, log, id)?;
        let bundle = bundle.with_context(|| format!("the bundle {id} is not there"))?;
        write(&args.to.join(id.to_string()), &bundle)?;
        files += 1;
    }
    // The head comes last, as a log publishes: what it signs is there.
    let note = book.checkpoint(customer, log, Some(head.size), context.now)?;
    write(&args.to.join("checkpoint"), note.to_string().as_bytes())?;
    context.out.line(format!(
        "wrote {} entries in {} files to {}",
        head.size,
        files + 1,
        args.to.display()
    ))?;
    Ok(Done::Well)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
