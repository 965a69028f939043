//! `piecework evidence`: what stands behind an outcome, kept in the book and committed to in the log.
//!
//! The log holds a commitment that says nothing by itself. Salt and payload are shown only where
//! `prove --disclose` puts them into a proof file, and redaction deletes both.

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::acts::control;
use serde::Serialize;
use work::body::{Body, Control};
use work::event::Authorship;
use work::{Digest, Event, Header, Headers, LogKind};

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

#[derive(Serialize)]
struct Attached {
    commitment: String,
    source: String,
    id: String,
}

fn attach(context: &Context, args: &AttachEvidence) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let payload = std::fs::read(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let commitment = book.store.put_payload(
        &*(book.random)().map_err(anyhow::Error::from_boxed)?,
        &payload,
    )?;
    let mut headers = Headers::default();
    headers.set(Header::Work, args.work.as_str());
    let event = Event {
        id: format!("{}/{}/{}", args.work, args.name, commitment.short()).into(),
        source: args.source.as_str().into(),
        customer: args.customer.as_str().into(),
        time: context.now,
        work: Some(args.work.as_str().into()),
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers,
        body: Body::Evidence {
            name: args.name.clone(),
            commitment,
            media_type: None,
        },
    };
    let event = Event::parse(&event.canonical()).context("this cannot be recorded")?;
    book.write(std::slice::from_ref(&event), context.now)?;
    let attached = Attached {
        commitment: commitment.to_string(),
        source: event.source.to_string(),
        id: event.id.to_string(),
    };
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
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let commitments = commitments(&book, args)?;
    // The record comes first: what is deleted without one could not be told from what was lost.
    let redacted = Control::DataRedacted {
        target_source: args.source.as_str().into(),
        target_id: args.id.as_str().into(),
        reason: args.reason.clone(),
        by: args.by.clone(),
    };
    let target = Digest::of(format!("{}\n{}", args.source, args.id).as_bytes());
    let id = format!("redacted/{target}");
    if book
        .store
        .find(&args.customer, work::event::PIECEWORK, &id)?
        .is_none()
    {
        let entry = control(&args.customer, id, context.now, redacted);
        book.write(&[entry], context.now)?;
    }
    let mut deleted = 0;
    for commitment in &commitments {
        deleted += u32::from(book.store.forget_payload(commitment)?);
    }
    context.out.line(if deleted == 0 {
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

/// What the event committed to.
fn commitments(book: &Book, args: &RedactEvidence) -> Result<Vec<Digest>> {
    let found = book.store.find(&args.customer, &args.source, &args.id)?;
    let mut commitments = Vec::new();
    for (index, _) in found.map(|own| own.contents).unwrap_or_default() {
        let entry = book.store.entry(&args.customer, LogKind::Shared, index)?;
        if let Some(Body::Evidence { commitment, .. }) = entry.map(|own| own.event.body) {
            commitments.push(commitment);
        }
    }
    if commitments.is_empty() {
        bail!(
            "{} has no evidence `{}` of source `{}`; `piecework evidence attach` printed both",
            args.customer,
            args.id,
            args.source
        );
    }
    Ok(commitments)
}
