//! `piecework import`: foreign files into the book by a map.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use book::documents::faulty;
use intake::{Import as Reading, Input, Map, Options, READY, Ready};

use crate::Done;
use crate::append::Appender;
use crate::cli::Import;
use crate::context::Context;
use crate::progress::Bar;

/// Events that a dry run shows.
const SHOWN: usize = 5;

/// Runs the command.
pub fn run(context: &Context, args: &Import) -> Result<Done> {
    let map = map(&args.map)?;
    let inputs: Vec<Input> = args
        .files
        .iter()
        .map(|file| Input::from_argument(file))
        .collect();
    let options = Options {
        customer: args.customer.clone(),
        source: args.source.clone(),
        received_at: Some(context.now),
        ..Options::default()
    };
    let progress = options.progress.clone();
    if args.dry_run {
        return dry_run(context, Reading::open(&map, &inputs, options)?);
    }
    let book = context.book()?;
    let refused_to = args.refused.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut appender = Appender::new(&book, context.now, &refused_to);
    let mut reading = Reading::open(&map, &inputs, options)?;
    let mut bar = Bar::new(&progress);
    for delivery in reading.by_ref() {
        appender.take(delivery, None)?;
        bar.step();
    }
    bar.finish();
    for note in reading.notes() {
        context.out.line(format!("note: {note}"))?;
    }
    appender.finish()?.print(context.out)
}

/// The map of that name, built in or a file.
pub fn map(name: &str) -> Result<Map> {
    let text = match Ready::named(name) {
        Some(ready) => ready.text.to_owned(),
        None => std::fs::read_to_string(name).with_context(|| {
            let ready: Vec<&str> = READY.iter().map(|ready| ready.name).collect();
            format!(
                "cannot read the map {name}; ready maps are {}",
                ready.join(", ")
            )
        })?,
    };
    Ok(Map::parse(&text).map_err(|error| faulty(name, &text, error.faults))?)
}

/// Shows the first events and the count of all, and writes nothing.
fn dry_run(context: &Context, mut reading: Reading<'_>) -> Result<Done> {
    let mut shown = Vec::new();
    let mut refused = Vec::new();
    for delivery in reading.by_ref() {
        match delivery {
            Ok(event) if shown.len() < SHOWN => shown.push(event.canonical()),
            Ok(_) => {}
            Err(fault) if refused.len() < SHOWN => refused.push(fault.to_string()),
            Err(_) => {}
        }
    }
    let counts = reading.counts();
    for event in &shown {
        context.out.line(event)?;
    }
    for fault in &refused {
        context.out.line(format!("refused  {fault}"))?;
    }
    context.out.line(format!(
        "dry run: {} rows would give {} events; {} rows give none, {} are refused; nothing was written",
        counts.rows, counts.events, counts.rows_without_event, counts.refused
    ))?;
    Ok(if counts.refused > 0 {
        Done::Refused
    } else {
        Done::Well
    })
}
