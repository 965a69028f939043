//! `piecework review`: what people found who looked at the works of a sample.
//!
//! The seller writes it into the book; the buyer signs it on its own machine, from a proof file that
//! has the sample. Invariant: only works that the sample has are reviewed for it.

use anyhow::{Context as _, Result, bail};
use book::acts::{Review, review_event, sampled};
use money::Decimal;
use proof::signature::sign;
use proof::verify::Options;
use serde::Serialize;
use work::body::ReviewResult;
use work::event::Authorship;

use crate::Done;
use crate::cli::{RecordReview, ReviewCommand};
use crate::commands::key::read_key as read_signer;
use crate::commands::sample::of_file;
use crate::commands::sign::checked;
use crate::commands::verify::read_key;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &ReviewCommand) -> Result<Done> {
    match command {
        ReviewCommand::Record(args) => match &args.customer {
            Some(customer) => record(context, args, customer),
            None => signed(context, args),
        },
    }
}

/// The seller's review, into the book.
fn record(context: &Context, args: &RecordReview, customer: &str) -> Result<Done> {
    let act = act(args, customer)?;
    let reviewed = context.book()?.review(&act, context.now)?.what;
    context.out.value(&reviewed, |own| {
        vec![format!(
            "recorded: {} of sample {} {} by {}",
            own.work, own.sample, own.result, own.source
        )]
    })?;
    Ok(Done::Well)
}

/// The buyer's review, as a line for the seller to ingest.
fn signed(context: &Context, args: &RecordReview) -> Result<Done> {
    let (Some(file), Some(key)) = (&args.proof, &args.key) else {
        bail!("give --customer, or --proof with --key");
    };
    let key = read_signer(key)?;
    let options = Options {
        key: args.log_key.as_deref().map(read_key).transpose()?,
        ..Options::default()
    };
    let (report, found) = of_file(file, &options, None)?;
    let work = sampled(&found, &args.sample, &args.work)?;
    let which = report.statement.context("a valid file has a statement")?;
    let log = report.log.context("a valid file has a log")?;
    let source = format!("{}/{}", key.verifier_key().name(), args.by);
    let event = review_event(
        &act(args, &which.customer)?,
        &source,
        Authorship::Buyer,
        work,
        context.now,
    )?;
    #[derive(Serialize)]
    struct Signed {
        event: String,
    }
    let signed = Signed {
        event: checked(&sign(event, log.key.name().as_str(), &key)?)?,
    };
    context
        .out
        .value(&signed, |signed| vec![signed.event.clone()])?;
    Ok(Done::Well)
}

/// What is reviewed, and what was found.
fn act<'a>(args: &'a RecordReview, customer: &'a str) -> Result<Review<'a>> {
    let number = |name: &str, text: &Option<String>| -> Result<Option<Decimal>> {
        let read = |text: &String| {
            text.parse()
                .with_context(|| format!("--{name} `{text}` is not a number"))
        };
        text.as_ref().map(read).transpose()
    };
    let known = ReviewResult::WORDS
        .iter()
        .find(|(own, _)| *own == args.result);
    let (_, result) = known.with_context(|| format!("`{}` is no result", args.result))?;
    Ok(Review {
        customer,
        sample: &args.sample,
        work: &args.work,
        result: *result,
        edit_share: number("edit-share", &args.edit_share)?,
        minutes: number("minutes", &args.minutes)?,
        by: &args.by,
        id: None,
    })
}
