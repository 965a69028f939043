//! `piecework doctor`, `rebuild`, `backup`: the care of a book.

use anyhow::Result;

use crate::Done;
use crate::cli::Backup;
use crate::context::Context;

/// Looks for faults in the book.
pub fn run(context: &Context) -> Result<Done> {
    let book = context.book()?;
    let health = book.store.doctor()?;
    context
        .out
        .line(format!("looked at {} entries", health.entries))?;
    for finding in &health.findings {
        context.out.line(format!("fault  {finding}"))?;
    }
    if health.findings.is_empty() {
        context.out.line("no fault found")?;
        return Ok(Done::Well);
    }
    Ok(Done::Failed)
}

/// Makes again what is derived: the state, the hash tiles.
pub fn rebuild(context: &Context) -> Result<Done> {
    let book = context.book()?;
    book.store.rebuild()?;
    context
        .out
        .line("the state was made again from the journal, and the hash tiles from the entries")?;
    Ok(Done::Well)
}

/// Copies the book.
pub fn backup(context: &Context, args: &Backup) -> Result<Done> {
    let book = context.book()?;
    book.store.backup(&args.to)?;
    context
        .out
        .line(format!("copied the book to {}", args.to.display()))?;
    Ok(Done::Well)
}
