//! `piecework sign`: the buyer's signature under its events, made on its own machine without a book.
//!
//! What it prints goes to the seller, whose `piecework ingest` checks it and answers with receipts.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use pricing::quote::QuoteDocument;
use proof::signature::sign;
use serde::Serialize;
use tlog::SignerKey;
use work::body::{Acknowledged, Assurance, Body, Control, QuoteEntry};
use work::event::Authorship;
use work::{Digest, Event, Headers, Json};

use crate::Done;
use crate::cli::SignEvents;
use crate::commands::key::read_key;
use crate::context::Context;
use work::definition::exhibit::DIGEST_LINE;

/// Runs the command.
pub fn run(context: &Context, args: &SignEvents) -> Result<Done> {
    let key = read_key(&args.key)?;
    let lines = match &args.acknowledge {
        Some(what) => vec![acknowledgement(context, args, what, &key)?],
        None => signed(&args.file, &args.origin, &key)?,
    };
    #[derive(Serialize)]
    struct Signed {
        events: Vec<String>,
    }
    let signed = Signed { events: lines };
    context.out.value(&signed, |signed| signed.events.clone())?;
    Ok(Done::Well)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The events of a file, each signed; all of them or none.
fn signed(path: &Path, origin: &str, key: &SignerKey) -> Result<Vec<String>> {
    let text = read(path)?;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let one = event(line).and_then(|event| Ok(sign(event, origin, key)?));
        let one = one.with_context(|| {
            format!(
                "line {number} of {} cannot be signed; nothing was",
                path.display()
            )
        })?;
        lines.push(checked(&one)?);
    }
    if lines.is_empty() {
        bail!(
            "{} has no events; write one CloudEvent in JSON a line",
            path.display()
        );
    }
    Ok(lines)
}

/// The event of a line; who wrote it is the buyer where the line does not say.
fn event(line: &str) -> Result<Event> {
    let mut json = Json::parse(line)?;
    if let Json::Object(members) = &mut json
        && !members.iter().any(|(name, _)| name == "authorship")
    {
        let buyer = Json::text(Authorship::Buyer.word());
        members.push(("authorship".into(), buyer));
    }
    Ok(Event::from_json(&json)?)
}

/// The line of a signed event, read once more as the seller will read it.
///
/// # Errors
/// Where the seller could not read it.
pub fn checked(event: &Event) -> Result<String> {
    let line = event.canonical();
    Event::parse(&line).context("the signed event cannot be ingested")?;
    Ok(line)
}

fn acknowledgement(
    context: &Context,
    args: &SignEvents,
    what: &str,
    key: &SignerKey,
) -> Result<String> {
    let (Some(customer), Some(by)) = (&args.customer, &args.by) else {
        bail!("an acknowledgement needs --customer and --by");
    };
    if what == "quote" {
        return acceptance(context, args, customer, by, key);
    }
    let known = Acknowledged::WORDS.iter().find(|(word, _)| *word == what);
    let (_, what) = known.with_context(|| format!("`{what}` is nothing to acknowledge"))?;
    let text = read(&args.file)?;
    let digest = Digest::of(text.as_bytes());
    let definition = match (what, &args.definition) {
        (Acknowledged::Exhibit, given) => Some(explained(args, &text, given.as_deref())?),
        (_, Some(_)) => bail!("--definition is for an exhibit; leave it out"),
        (_, None) => None,
    };
    let event = Event {
        id: format!("acknowledged/{}/{digest}", what.word()).into(),
        source: key.verifier_key().name().to_string().into(),
        customer: customer.as_str().into(),
        time: context.now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Buyer,
        headers: Headers::default(),
        body: Body::Assurance(Assurance::DocumentAcknowledged {
            what: *what,
            digest,
            definition,
            by: by.clone(),
        }),
    };
    checked(&sign(event, &args.origin, key)?)
}

/// The acceptance of a quote: of the very text that the file has.
fn acceptance(
    context: &Context,
    args: &SignEvents,
    customer: &str,
    by: &str,
    key: &SignerKey,
) -> Result<String> {
    if args.definition.is_some() {
        bail!("--definition is for an exhibit; leave it out");
    }
    let text = read(&args.file)?;
    let quote = QuoteDocument::parse(&text).with_context(|| {
        format!(
            "{} is not what `quote show --text` prints",
            args.file.display()
        )
    })?;
    if quote.customer != customer {
        bail!("{} is a quote for {}", args.file.display(), quote.customer);
    }
    let accepted = QuoteEntry::Accepted {
        quote: quote.number.clone(),
        digest: Digest::of(text.as_bytes()),
        how: None,
        by: by.to_owned(),
    };
    let event = Event {
        id: format!("accepted/{}", quote.number).into(),
        source: key.verifier_key().name().to_string().into(),
        customer: customer.into(),
        time: context.now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Buyer,
        headers: Headers::default(),
        body: Body::Control(Control::Quote(accepted)),
    };
    checked(&sign(event, &args.origin, key)?)
}

/// The definition that an exhibit explains: the exhibit says it itself.
fn explained(args: &SignEvents, text: &str, given: Option<&str>) -> Result<Digest> {
    let file = args.file.display();
    let said = text.lines().find_map(|line| line.strip_prefix(DIGEST_LINE));
    let Some(said) = said else {
        bail!("{file} is not what `piecework exhibit --plain` prints");
    };
    let said: Digest = said
        .parse()
        .with_context(|| format!("{file} names no definition"))?;
    if let Some(given) = given
        && given.parse::<Digest>().ok() != Some(said)
    {
        bail!("{file} explains the definition {said}, not {given}; ask for the other exhibit");
    }
    Ok(said)
}
