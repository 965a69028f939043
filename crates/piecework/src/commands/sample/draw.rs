//! `piecework sample draw`: works of a statement, as head and nonce draw them, and the entry of it.

use anyhow::{Context as _, Result, bail};
use book::Book;
use proof::draws::{self, DrawError, Draws};
use proof::population::Population;
use proof::verdicts::{Sample, samples};
use proof::{Issued, Recomputed};
use work::body::{Assurance, Body, Draw, SampleMethod};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Digest, Event, Headers, LogKind};

use super::show;
use crate::Done;
use crate::cli::DrawSample;
use crate::commands::contract::write;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &DrawSample) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let log = book.contents(&args.customer, LogKind::Shared, None)?;
    let draws = taken(&log)?;
    let issued = issued(&book, &draws, args)?;
    let nonce = chosen_nonce(&draws, &issued, args)?;
    if let Some(known) = known_already(&log, &issued, args)? {
        show::print(context, &[known])?;
        return Ok(Done::Well);
    }
    let event = drawn(context, &book, &log, &issued, nonce, args)?;
    // What the verifier would refuse must not come into the log, where it stays.
    draws
        .clone()
        .take(log.len() as u64, &event)
        .map_err(|error| refused(&draws, &error, nonce))?;
    write(&book, &[event], context.now)?;
    let log = book.contents(&args.customer, LogKind::Shared, None)?;
    let now = same(&log, &issued, args)?;
    show::print(context, &[now.context("the draw is not in the log")?])?;
    Ok(Done::Well)
}

/// The draws of the log so far.
fn taken(log: &[Content]) -> Result<Draws> {
    let mut draws = Draws::default();
    for own in log {
        draws
            .take(own.entry, &own.event)
            .with_context(|| format!("entry {} of the customer log", own.entry))?;
    }
    Ok(draws)
}

/// The statement to draw from: one that was issued and stands.
fn issued(book: &Book, draws: &Draws, args: &DrawSample) -> Result<Issued> {
    let number = &args.statement;
    let issued = draws.statement(number).with_context(|| {
        format!(
            "{} has no statement `{number}`; `piecework statement list --customer {}` shows those \
             that were issued",
            args.customer, args.customer
        )
    })?;
    let account = book.account(&args.customer, None)?;
    let Some((_, standing)) = account.statement(number) else {
        bail!(
            "`{number}` was issued and does not stand; `piecework doctor` looks for what is wrong"
        );
    };
    if standing.is_voided {
        bail!(
            "`{number}` is void, and nobody owes what it charged; draw from the one issued since"
        );
    }
    Ok(issued.clone())
}

/// The nonce to draw with: the one given, or that of the statement's first draw.
fn chosen_nonce(draws: &Draws, issued: &Issued, args: &DrawSample) -> Result<Option<Digest>> {
    let given: Option<Digest> = args
        .nonce
        .as_deref()
        .map(|text| {
            text.parse().with_context(|| {
                format!(
                    "--nonce `{text}` is not 64 hexadecimal digits, as `sample reveal` prints them"
                )
            })
        })
        .transpose()?;
    match draws.nonce(issued) {
        Some(first) if given.is_none() && !(args.seller_seeded && first.is_some()) => Ok(first),
        Some(_) => Ok(given),
        None if given.is_some() || args.seller_seeded => Ok(given),
        None => match draws.turn(issued.index) {
            Some(turn) if turn.has_value() => bail!(
                "the buyer anchored a chain of nonces (entry {}), and a draw without its nonce is no \
                 proof: send it the proof file of `{number}`, let it run `piecework sample reveal`, and \
                 give what that prints as --nonce; with --seller-seeded it is drawn all the same, and \
                 then no draw from `{number}` can have the buyer's nonce",
                turn.chain.entry,
                number = issued.number
            ),
            _ => Ok(None),
        },
    }
}

/// The sample as it is, where it was drawn to this size before.
fn known_already(log: &[Content], issued: &Issued, args: &DrawSample) -> Result<Option<Sample>> {
    let Some(sample) = same(log, issued, args)? else {
        return Ok(None);
    };
    let asked = |own: &Content| match &own.event.body {
        Body::Assurance(Assurance::SampleDrawn(draw)) if sample.drawn.contains(&own.entry) => {
            Some((draw.size, draw.nonce))
        }
        _ => None,
    };
    let (size, first) = log
        .iter()
        .filter_map(asked)
        .max()
        .context("the sample's draws are not in the log")?;
    let given = args.nonce.as_deref().map(str::parse::<Digest>);
    if given.is_some_and(|given| given.ok() != first) || args.seller_seeded && first.is_some() {
        return Ok(None); // refused by what knows why
    }
    if args.size < size {
        bail!(
            "`{}` was drawn with --size {size}: a smaller one would leave works out that were drawn; \
             `piecework sample show --customer {}` has them all",
            sample.id,
            args.customer
        );
    }
    let is_whole =
        args.method == SampleMethod::BottomK && sample.items.len() as u64 == sample.population;
    Ok((args.size == size || is_whole).then_some(sample))
}

/// The sample of the method and stratum, if there is one.
fn same(log: &[Content], issued: &Issued, args: &DrawSample) -> Result<Option<Sample>> {
    let all = samples(&args.customer, log, Some(&issued.number))?;
    let is_same = |own: &Sample| own.method == args.method && own.stratum == args.stratum;
    Ok(all.into_iter().find(is_same))
}

/// The entry of the draw.
fn drawn(
    context: &Context,
    book: &Book,
    log: &[Content],
    issued: &Issued,
    nonce: Option<Digest>,
    args: &DrawSample,
) -> Result<Event> {
    let statement = Recomputed::of_log(&args.customer, log, issued)?;
    let population = Population::of(&statement, &args.stratum)?;
    let head = book
        .store
        .tree_head(&args.customer, LogKind::Shared, Some(issued.head_size()))?;
    let origin = book.keyring()?.origin(LogKind::Shared, &args.customer)?;
    let seed = draws::seed(origin.as_str(), head.root, issued, &args.stratum, nonce);
    let items = population.draw(&seed, args.method, args.size);
    if items.is_empty() {
        bail!(
            "there is nothing to draw: `{}` charges {} works of {}{}",
            issued.number,
            population.size(),
            args.stratum,
            if population.size() == 0 {
                ""
            } else {
                ", for no money"
            }
        );
    }
    let sample = format!("{}/{}/{}", issued.number, args.method.word(), args.stratum);
    Ok(Event {
        id: format!("sample/{sample}/{}", args.size).into(),
        source: PIECEWORK.into(),
        customer: args.customer.as_str().into(),
        time: context.now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body: Body::Assurance(Assurance::SampleDrawn(Draw {
            sample,
            statement: issued.number.clone(),
            method: args.method,
            stratum: args.stratum.clone(),
            size: args.size,
            nonce,
            seed: seed.digest(),
            items,
            by: args.by.clone(),
        })),
    })
}

/// What to do about a draw that the log cannot hold.
fn refused(draws: &Draws, error: &DrawError, nonce: Option<Digest>) -> anyhow::Error {
    let hint = match error {
        DrawError::OtherNonce(_) => {
            "; leave out --nonce and --seller-seeded to draw more works with the one it has".to_owned()
        }
        DrawError::NotItsNonce { .. } => match nonce.and_then(|nonce| draws.owner(&nonce)) {
            Some(owner) => format!("; it is that of `{}`", owner.number),
            None => "; compare it with what the buyer's `piecework sample reveal` printed for this \
                     statement"
                .to_owned(),
        },
        DrawError::NoChain(_) | DrawError::ChainEnded { .. } => {
            "; let the buyer run `piecework sample anchor`, and ingest what it prints: it counts for \
             statements issued after that"
                .to_owned()
        }
        DrawError::NoStatement(_) | DrawError::Unsigned => String::new(),
    };
    anyhow::anyhow!("nothing was drawn: {error}{hint}")
}
