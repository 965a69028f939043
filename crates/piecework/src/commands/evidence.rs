//! `piecework evidence`: what stands behind an outcome, kept in the book and committed to in the log.

use anyhow::{Context as _, Result};
use book::acts::{Attach, Redact};

use crate::Done;
use crate::cli::{AttachEvidence, EvidenceCommand, RedactEvidence};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &EvidenceCommand) -> Result<Done> {
    match command {
        EvidenceCommand::Attach(args) => attach(context, args),
        EvidenceCommand::Redact(args) => redact(context, args),
    }
}

fn attach(context: &Context, args: &AttachEvidence) -> Result<Done> {
    let book = context.book()?;
    let payload = std::fs::read(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let act = Attach {
        customer: &args.customer,
        work: &args.work,
        name: &args.name,
        payload: &payload,
        source: &args.source,
        id: None,
    };
    let attached = book.attach(&act, context.now)?.what;
    context.out.value(&attached, |own| {
        vec![
            format!("attached `{}` of source {}", own.id, own.source),
            format!(
                "commitment {}; `piecework prove --disclose` shows what it is",
                own.commitment
            ),
        ]
    })?;
    Ok(Done::Well)
}

fn redact(context: &Context, args: &RedactEvidence) -> Result<Done> {
    let act = Redact {
        customer: &args.customer,
        source: &args.source,
        event: &args.id,
        reason: &args.reason,
        by: &args.by,
    };
    let redacted = context.book()?.redact(&act, context.now)?.what;
    context.out.line(if redacted.deleted == 0 {
        format!("`{}` was redacted before, or never kept here", args.id)
    } else {
        format!(
            "deleted what `{}` committed to, salt and payload; copies of the book made before still \
             have both",
            args.id
        )
    })?;
    Ok(Done::Well)
}
