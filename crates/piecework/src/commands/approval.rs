//! `piecework approval`: what waits for a second person, and what was changed.

use anyhow::{Context as _, Result};
use book::approvals::{Between, Deciding, csv};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pages::view::Proposal;

use crate::Done;
use crate::cli::{ApprovalCommand, Approve, ChangeReport, Decline, ListProposals};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &ApprovalCommand) -> Result<Done> {
    match command {
        ApprovalCommand::List(args) => list(context, args),
        ApprovalCommand::Approve(args) => approve(context, args),
        ApprovalCommand::Decline(args) => decline(context, args),
        ApprovalCommand::Report(args) => report(context, args),
    }
}

fn list(context: &Context, args: &ListProposals) -> Result<Done> {
    let book = context.book()?;
    let found = book.proposals(args.customer.as_deref(), !args.all, context.now)?;
    context.out.value(&found, |found| {
        let rows = found.iter().map(|own: &Proposal| {
            let decided = own.decided_by.as_ref();
            vec![
                own.proposal.clone(),
                own.customer.clone(),
                own.what.clone(),
                own.amount.to_string(),
                own.by.clone(),
                own.expires.to_string(),
                decided.map_or_else(|| own.state.clone(), |by| format!("{} by {by}", own.state)),
            ]
        });
        let titles = [
            "proposal", "customer", "what", ">amount", "by", "expires", "state",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}

fn approve(context: &Context, args: &Approve) -> Result<Done> {
    let book = context.book()?;
    let act = Deciding {
        customer: &args.customer,
        proposal: &args.proposal,
        by: &args.by,
        key: None,
        reason: args.reason.as_deref(),
    };
    let approved = book.approve(&act, context.now)?.what;
    let mut proof = None;
    if let Some(number) = &approved.statement {
        let kept = book.keep_proof_file(&args.customer, number, context.now);
        let kept = kept.with_context(|| {
            format!(
                "{number} is issued and stands, but its proof file could not be written; `piecework prove \
                 --customer {} --statement {number}` writes it",
                args.customer
            )
        })?;
        proof = Some(kept.file);
    }
    context.out.value(&approved, |own| {
        let done = format!(
            "approved {}, and done: {}",
            own.proposal.proposal, own.proposal.what
        );
        let number = own
            .statement
            .as_ref()
            .map(|number| format!("issued {number}"));
        let proof = proof.map(|file| format!("proof: {file}"));
        [Some(done), number, proof].into_iter().flatten().collect()
    })?;
    Ok(Done::Well)
}

fn decline(context: &Context, args: &Decline) -> Result<Done> {
    let act = Deciding {
        customer: &args.customer,
        proposal: &args.proposal,
        by: &args.by,
        key: None,
        reason: Some(&args.reason),
    };
    let declined = context.book()?.decline(&act, context.now)?.what;
    context.out.value(&declined, |own| {
        vec![format!("declined {}: {}", own.proposal, own.what)]
    })?;
    Ok(Done::Well)
}

fn report(context: &Context, args: &ChangeReport) -> Result<Done> {
    let rows = context.book()?.changes(&Between {
        customer: args.customer.as_deref(),
        from: midnight(&args.from)?,
        until: midnight(&args.until)?,
    })?;
    if args.csv {
        context.out.text(csv(&rows).trim_end())?;
        return Ok(Done::Well);
    }
    context.out.value(&rows, |rows| {
        let rows = rows.iter().map(|own| {
            let or_nothing = |own: &Option<String>| own.clone().unwrap_or_default();
            vec![
                own.time.to_string(),
                own.customer.clone(),
                own.what.clone(),
                or_nothing(&own.before),
                or_nothing(&own.after),
                own.proposed_by.clone(),
                or_nothing(&own.approved_by),
                or_nothing(&own.reason),
            ]
        });
        let titles = [
            "time",
            "customer",
            "what",
            "before",
            "after",
            "proposed by",
            "approved by",
            "reason",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}

/// The beginning of a day in UTC.
fn midnight(text: &str) -> Result<Timestamp> {
    let day: Date = text
        .parse()
        .with_context(|| format!("`{text}` is not a day such as 2026-01-01"))?;
    Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
}
