//! `piecework record`: the three verbs `done`, `cost` and `undo`, and a dispute with its decision,
//! each as one event through the same door as every other.

use anyhow::{Context as _, Result, bail};
use book::Book;
use jiff::Timestamp;
use serde::Serialize;
use store::Outcome;
use work::body::{AnswerKind, Body, CheckResult, Cost, CostLine, TokenClass, Tokens, Verdict};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Event, Header, Headers, LogKind};

use crate::Done;
use crate::cli::{On, RecordCommand};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &RecordCommand) -> Result<Done> {
    let (on, bodies) = bodies(command)?;
    if on.source == PIECEWORK {
        bail!("--source `{PIECEWORK}` is for what piecework itself writes; name another");
    }
    let book = context.book()?;
    let at = match &on.at {
        None => context.now,
        Some(text) => text.parse().with_context(|| {
            format!("--at `{text}` is not an instant such as 2026-01-05T09:30:00Z")
        })?,
    };
    let contents = book.contents(&on.customer, LogKind::Shared, None)?;
    let headers = headers(&book, on, &contents)?;
    let authorship = match command {
        RecordCommand::Dispute { .. } => Authorship::Buyer,
        _ => Authorship::Seller,
    };
    let events = bodies
        .into_iter()
        .map(|body| checked(on, at, authorship, &headers, body))
        .collect::<Result<Vec<Event>>>()?;
    let outcomes = book.store.append(&events, context.now)?;
    let recorded = events
        .iter()
        .zip(outcomes)
        .map(|(event, outcome)| recorded(event, &outcome))
        .collect::<Result<Vec<Recorded>>>()?;
    let is_first = contents.is_empty();
    context.out.value(&recorded, |recorded| {
        let mut lines: Vec<String> = recorded.iter().map(Recorded::line).collect();
        if is_first {
            lines.push(format!(
                "these are the first facts of a customer `{}`",
                on.customer
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Recorded {
    kind: String,
    work: String,
    time: Timestamp,
    log: &'static str,
    entry: u64,
    known_already: bool,
}

impl Recorded {
    fn line(&self) -> String {
        if self.known_already {
            format!(
                "known already: {} of {} at {}, entry {} of the {} log; nothing was changed",
                self.kind, self.work, self.time, self.entry, self.log
            )
        } else {
            format!(
                "recorded {} of {} at {}: entry {} of the {} log",
                self.kind, self.work, self.time, self.entry, self.log
            )
        }
    }
}

fn recorded(event: &Event, outcome: &Outcome) -> Result<Recorded> {
    let (log, entry, known_already) = match outcome {
        Outcome::Accepted { log, index } => (*log, *index, false),
        Outcome::Duplicate { log, index } => (*log, *index, true),
        Outcome::Refused { pointer, problem } => bail!("refused at {pointer}: {problem}"),
        Outcome::Conflict { index, first, .. } => bail!(
            "{} is known with another content (entry {first}); the first stands, and this one was \
             kept as entry {index}; give another --at if it is another fact",
            event.identity()
        ),
    };
    Ok(Recorded {
        kind: event.body.tag().word().to_owned(),
        work: event.work.clone().unwrap_or_default().to_string(),
        time: event.time,
        log: log.name(),
        entry,
        known_already,
    })
}

fn bodies(command: &RecordCommand) -> Result<(&On, Vec<Body>)> {
    Ok(match command {
        RecordCommand::Done {
            on,
            verified,
            confidence,
        } => {
            let confidence = confidence
                .as_ref()
                .map(|text| {
                    text.parse()
                        .with_context(|| format!("--confidence `{text}` is not a number"))
                })
                .transpose()?;
            let answered = Body::Answered {
                kind: AnswerKind::Answer,
                confidence,
                review: None,
            };
            let passed = verified.iter().map(|check| Body::Verified {
                result: CheckResult::Passed,
                check: check.clone(),
            });
            (on, [answered].into_iter().chain(passed).collect())
        }
        RecordCommand::Cost {
            on,
            line,
            amount,
            provider,
            model,
            tokens,
        } => {
            let amount = amount
                .as_ref()
                .map(|text| {
                    text.parse().with_context(|| {
                        format!("--amount `{text}` is not an amount such as `0.11 USD`")
                    })
                })
                .transpose()?;
            let known = CostLine::WORDS.iter().find(|(word, _)| word == line);
            let (_, line) = known.with_context(|| format!("`{line}` is not a cost line"))?;
            let cost = Cost {
                line: *line,
                amount,
                provider: provider.clone(),
                model: model.clone(),
                tokens: counted(tokens)?,
                agent: None,
                agent_version: None,
                note: None,
            };
            (on, vec![Body::Cost(cost)])
        }
        RecordCommand::Undo { on } => (on, vec![Body::Reopened]),
        RecordCommand::Dispute { on, reason } => (
            on,
            vec![Body::Disputed {
                reason: Some(reason.clone()),
            }],
        ),
        RecordCommand::Decide { on, verdict } => {
            let known = Verdict::WORDS.iter().find(|(word, _)| word == verdict);
            let (_, verdict) = known.with_context(|| format!("`{verdict}` is not a verdict"))?;
            (on, vec![Body::DisputeDecided { verdict: *verdict }])
        }
    })
}

fn counted(texts: &[String]) -> Result<Tokens> {
    let mut tokens = Tokens::new();
    for text in texts {
        let read = text.split_once('=').and_then(|(class, count)| {
            let (_, class) = TokenClass::WORDS.iter().find(|(word, _)| *word == class)?;
            Some((*class, count.parse().ok()?))
        });
        let Some((class, count)) = read else {
            let classes: Vec<&str> = TokenClass::WORDS.iter().map(|(word, _)| *word).collect();
            bail!(
                "--tokens `{text}` is not CLASS=COUNT; the classes are {}",
                classes.join(", ")
            );
        };
        tokens.insert(class, count);
    }
    Ok(tokens)
}

/// The headers given, and where no fact of the work names it yet, what definitions count by: the work.
fn headers(book: &Book, on: &On, contents: &[Content]) -> Result<Headers> {
    let mut headers = Headers::default();
    for text in &on.headers {
        let read = text
            .split_once('=')
            .and_then(|(name, value)| Some((Header::from_name(name)?, value)));
        let Some((header, value)) = read else {
            bail!(
                "--header `{text}` is not NAME=VALUE; `piecework schema headers` lists the names"
            );
        };
        headers.set(header, value);
    }
    let known = |header: Header| {
        contents.iter().any(|content| {
            content.event.work.as_deref() == Some(on.work.as_str())
                && content.event.headers.get(header).is_some()
        })
    };
    let definitions = &book.documents()?.definitions;
    let keys = definitions.iter().flat_map(|own| own.one_per.key.clone());
    intake::delivery::name_scope(&mut headers, &on.work, keys, known);
    Ok(headers)
}

/// The event, read once more as it would be read from a file.
fn checked(
    on: &On,
    at: Timestamp,
    authorship: Authorship,
    headers: &Headers,
    body: Body,
) -> Result<Event> {
    let mut headers = headers.clone();
    headers.set(Header::Work, on.work.as_str());
    let event = Event {
        id: format!("{}/{}/{at}", on.work, body.tag().word()).into(),
        source: on.source.as_str().into(),
        customer: on.customer.as_str().into(),
        time: at,
        work: Some(on.work.as_str().into()),
        traceparent: None,
        signature: None,
        authorship,
        headers,
        body,
    };
    Event::parse(&event.canonical()).context("this cannot be recorded")
}
