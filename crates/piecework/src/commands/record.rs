//! `piecework record`: the three verbs `done`, `cost` and `undo`, and a dispute with its decision,
//! each as one event through the same door as every other.

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::acts::{self, About, Acted};
use serde::Serialize;
use work::body::{AnswerKind, Body, CheckResult, Cost, CostLine, TokenClass, Tokens, Verdict};
use work::effective::Content;
use work::event::Authorship;
use work::{Header, Headers, LogKind};

use crate::Done;
use crate::cli::{On, RecordCommand};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &RecordCommand) -> Result<Done> {
    let on = on(command);
    let facts = facts(command)?;
    let book = context.book()?;
    let at = on.at.as_ref().map(|text| {
        text.parse().with_context(|| {
            format!("--at `{text}` is not an instant such as 2026-01-05T09:30:00Z")
        })
    });
    let contents = book.contents(&on.customer, LogKind::Shared, None)?;
    let headers = headers(&book, on, &contents)?;
    let about = About {
        customer: &on.customer,
        work: &on.work,
        source: &on.source,
        at: at.transpose()?,
        headers: &headers,
        id: None,
    };
    let recorded = match facts {
        Facts::Own(bodies) => book.record(&about, Authorship::Seller, bodies, context.now)?,
        Facts::Dispute(reason) => vec![book.dispute(&about, reason, context.now)?],
        Facts::Decision(verdict) => vec![book.decide(&about, verdict, context.now)?],
    };
    let recorded: Vec<Recorded> = recorded.into_iter().map(Recorded::of).collect();
    let is_first = contents.is_empty();
    context.out.value(&recorded, |recorded| {
        let mut lines: Vec<String> = recorded.iter().map(Recorded::line).collect();
        lines.extend(recorded.iter().filter_map(|own| {
            let why = own.fact.without_effect?;
            Some(format!("{}: {why}", own.fact.work))
        }));
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
    #[serde(flatten)]
    fact: acts::Recorded,
    known_already: bool,
}

impl Recorded {
    fn of(acted: Acted<acts::Recorded>) -> Recorded {
        Recorded {
            fact: acted.what,
            known_already: acted.is_known,
        }
    }

    fn line(&self) -> String {
        let acts::Recorded {
            kind,
            work,
            time,
            log,
            entry,
            without_effect: _,
        } = &self.fact;
        if self.known_already {
            format!(
                "known already: {kind} of {work} at {time}, entry {entry} of the {log} log; nothing was \
                 changed"
            )
        } else {
            format!("recorded {kind} of {work} at {time}: entry {entry} of the {log} log")
        }
    }
}

/// What is recorded.
enum Facts<'a> {
    /// What the seller's systems say.
    Own(Vec<Body>),
    /// The buyer's dispute, with its reason.
    Dispute(&'a str),
    /// How a dispute is decided.
    Decision(Verdict),
}

/// Which work a command is about.
fn on(command: &RecordCommand) -> &On {
    match command {
        RecordCommand::Done { on, .. }
        | RecordCommand::Cost { on, .. }
        | RecordCommand::Undo { on }
        | RecordCommand::Dispute { on, .. }
        | RecordCommand::Decide { on, .. } => on,
    }
}

fn facts(command: &RecordCommand) -> Result<Facts<'_>> {
    Ok(match command {
        RecordCommand::Done {
            verified,
            confidence,
            ..
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
            Facts::Own([answered].into_iter().chain(passed).collect())
        }
        RecordCommand::Cost {
            line,
            amount,
            provider,
            model,
            tokens,
            ..
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
            Facts::Own(vec![Body::Cost(cost)])
        }
        RecordCommand::Undo { .. } => Facts::Own(vec![Body::Reopened]),
        RecordCommand::Dispute { reason, .. } => Facts::Dispute(reason),
        RecordCommand::Decide { verdict, .. } => {
            let known = Verdict::WORDS.iter().find(|(word, _)| word == verdict);
            let (_, verdict) = known.with_context(|| format!("`{verdict}` is not a verdict"))?;
            Facts::Decision(*verdict)
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
