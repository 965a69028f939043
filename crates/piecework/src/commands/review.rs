//! `piecework review`: what people found who looked at the works of a sample.
//!
//! The seller writes it into the book; the buyer signs it on its own machine, from a proof file that
//! has the sample. Invariant: only works that the sample has are reviewed for it.

use anyhow::{Context as _, Result, bail};
use money::Decimal;
use proof::signature::sign;
use proof::verdicts::{Sample, SampledWork, samples};
use proof::verify::Options;
use serde::Serialize;
use work::body::{Body, ReviewResult};
use work::event::Authorship;
use work::{Event, Header, Headers, LogKind};

use crate::Done;
use crate::cli::{RecordReview, ReviewCommand};
use crate::commands::contract::write;
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
    let book = context.book()?;
    book.chosen(Some(customer))?;
    let log = book.contents(customer, LogKind::Shared, None)?;
    let found = samples(customer, &log, None)?;
    let work = sampled(&found, args)?;
    let source = format!("review/{}", args.by);
    let event = event(context, args, customer, source, Authorship::Seller, work)?;
    let event = Event::parse(&event.canonical()).context("this cannot be recorded")?;
    write(&book, std::slice::from_ref(&event), context.now)?;
    #[derive(Serialize)]
    struct Recorded {
        sample: String,
        work: String,
        result: String,
        source: String,
        id: String,
    }
    let recorded = Recorded {
        sample: args.sample.clone(),
        work: work.name.clone(),
        result: args.result.clone(),
        source: event.source.to_string(),
        id: event.id.to_string(),
    };
    context.out.value(&recorded, |own| {
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
    let work = sampled(&found, args)?;
    let which = report.statement.context("a valid file has a statement")?;
    let log = report.log.context("a valid file has a log")?;
    let source = format!("{}/{}", key.verifier_key().name(), args.by);
    let buyer = Authorship::Buyer;
    let event = event(context, args, &which.customer, source, buyer, work)?;
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

/// The one work of the sample that is meant.
fn sampled<'a>(found: &'a [Sample], args: &'a RecordReview) -> Result<&'a SampledWork> {
    let Some(sample) = found.iter().find(|own| own.id == args.sample) else {
        let ids: Vec<&str> = found.iter().map(|own| own.id.as_str()).collect();
        bail!(
            "there is no sample `{}`; {}",
            args.sample,
            if ids.is_empty() {
                "none was drawn yet".to_owned()
            } else {
                format!("drawn are {}", ids.join(", "))
            }
        );
    };
    let named: Vec<&SampledWork> = sample.named(&args.work).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => bail!(
            "`{}` is not in the sample {}: only what was drawn is reviewed for it; `piecework sample \
             show` lists its {} works",
            args.work,
            sample.id,
            sample.works.len()
        ),
        several => {
            let told = several.iter().flat_map(|own| &own.units).map(|unit| {
                let values: Vec<&str> = unit.scope.iter().map(|(_, own)| own.as_str()).collect();
                values.join(",")
            });
            bail!(
                "`{}` names {} works of the sample; name one by what it is counted by: {}",
                args.work,
                several.len(),
                told.collect::<Vec<_>>().join(" or ")
            )
        }
    }
}

fn event(
    context: &Context,
    args: &RecordReview,
    customer: &str,
    source: String,
    authorship: Authorship,
    work: &SampledWork,
) -> Result<Event> {
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
    let unit = work.units.first().context("the work has no unit")?;
    let mut headers = Headers::default();
    for (header, value) in unit.scope.iter().filter(|(own, _)| *own != Header::Work) {
        headers.set(*header, value.as_str());
    }
    let id = unit.works.first().cloned();
    if let Some(id) = &id {
        headers.set(Header::Work, id.as_str());
    }
    Ok(Event {
        id: format!("{}/{}/{}", args.sample, work.item, context.now).into(),
        source: source.into(),
        customer: customer.into(),
        time: context.now,
        work: id.map(Into::into),
        traceparent: None,
        signature: None,
        authorship,
        headers,
        body: Body::Reviewed {
            result: *result,
            edit_share: number("edit-share", &args.edit_share)?,
            minutes: number("minutes", &args.minutes)?,
        },
    })
}
