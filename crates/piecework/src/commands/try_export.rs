//! `piecework try`: a draft statement and margin of a CSV export, after at most three questions.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::config::Config;
use book::documents::faulty;
use book::margins::{Costs, Scope};
use book::periods::statement_period;
use book::presets;
use book::statements::Known;
use intake::guess::{Proposal, Question, Role, Sample, guess};
use intake::{Import, Input, Map, Options};
use jiff::tz::TimeZone;
use pricing::margin::Dimension;
use work::{Definition, Event};

use crate::Done;
use crate::append::Appender;
use crate::cli::Try;
use crate::commands::margin;
use crate::context::Context;
use crate::{printed, random};

/// The customer of rows that name none.
const CUSTOMER: &str = "customer";
/// What to do where the export has no costs.
const NO_COSTS: &str = "to see it, name the column of what a work cost, `--set cost=COLUMN`, or \
    `--set model=COLUMN --set input_tokens=COLUMN --set output_tokens=COLUMN`; in a book of your own, \
    `piecework record cost` or a map gives them";
/// Statements shown; the largest customers first.
const SHOWN: usize = 3;

/// Runs the command.
pub fn run(context: &Context, args: &Try) -> Result<Done> {
    let sample = Sample::read(&args.file)?;
    let proposal = guess(&sample);
    let answers = answers(&proposal, &args.answers)?;
    let text = proposal.map(&answers)?;
    let name = "the map that was guessed";
    let map = Map::parse(&text).map_err(|error| faulty(name, &text, error.faults))?;
    tell(context, &proposal, &answers)?;
    if let Some(path) = &args.keep_map {
        std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
        context
            .out
            .line(format!("kept the map in {}", path.display()))?;
    }
    let directory = tempfile::tempdir().context("cannot make a throw-away book")?;
    let preset = presets::find(&args.preset)?;
    let book = Book::create(
        Config::of_preset(preset, &directory.path().join("book")),
        random::source(),
        context.now,
    )?;
    let options = Options {
        customer: Some(CUSTOMER.to_owned()),
        source: Some("export".to_owned()),
        ..Options::default()
    };
    let mut appender = Appender::new(&book, context.now, directory.path());
    let input = Input::new(&args.file);
    let definitions = book.documents()?.definitions;
    for delivery in Import::open(&map, std::slice::from_ref(&input), options)? {
        appender.take(delivery.map(|event| scoped(event, &definitions)), None)?;
    }
    let tally = appender.finish()?;
    if !context.out.json {
        tally.print(context.out)?;
    }
    if tally.accepted == 0 {
        bail!("no row became an event; look at the map with --keep-map map.toml and mend it");
    }
    context.out.line(format!(
        "priced by {}: {}",
        preset.reference(),
        preset.title
    ))?;
    show(context, &book)
}

/// The event with the headers that the definitions count by: an export names its works once, so the
/// work stands for the case, the conversation or the document.
fn scoped(mut event: Event, definitions: &[Definition]) -> Event {
    let Some(work) = event
        .work
        .clone()
        .filter(|_| event.body.tag().is_about_work())
    else {
        return event;
    };
    for header in definitions
        .iter()
        .flat_map(|definition| &definition.one_per.key)
    {
        if event.headers.get(*header).is_none() {
            event.headers.set(*header, work.clone());
        }
    }
    event
}

/// Drafts of the latest month of the largest customers, and the margin of all.
fn show(context: &Context, book: &Book) -> Result<Done> {
    let mut customers = book.customers()?;
    customers.sort_by_key(|customer| std::cmp::Reverse(customer.shared_size));
    let mut drafts = Vec::new();
    for customer in customers.iter().take(SHOWN) {
        let known = Known::of(book, &customer.customer)?;
        for held in &known.account.contracts {
            let zone = &held.agreement.latest().terms.contract.time_zone;
            let last = customer
                .last_time
                .to_zoned(zone.clone())
                .date()
                .first_of_month();
            let month = last.strftime("%Y-%m").to_string();
            let period = statement_period(held, Some(&month), context.now)?;
            drafts.push(known.view(book, held, period.end.at)?);
        }
    }
    if customers.len() > SHOWN {
        context.out.line(format!(
            "the {SHOWN} largest of {} customers:",
            customers.len()
        ))?;
    }
    let last = customers
        .iter()
        .map(|customer| customer.last_time)
        .max()
        .unwrap_or(context.now);
    let as_of = last
        .to_zoned(TimeZone::UTC)
        .date()
        .last_of_month()
        .tomorrow()?;
    let scope = Scope {
        customer: None,
        month: None,
        as_of: as_of.to_zoned(TimeZone::UTC)?.timestamp(),
        costs: Costs::default(),
    };
    let bridge = book.margin(&scope, &[Dimension::Customer])?;
    let tried = (drafts, bridge);
    context.out.value(&tried, |(drafts, bridge)| {
        let mut lines: Vec<String> = drafts.iter().flat_map(printed::lines).collect();
        lines.extend(margin::lines(bridge));
        if bridge.margin.is_none() {
            lines.push(NO_COSTS.to_owned());
        }
        lines.push("nothing was kept; `piecework init` begins a book that is".to_owned());
        lines
    })?;
    Ok(Done::Well)
}

/// What was guessed and why, so that nobody has to wonder.
fn tell(context: &Context, proposal: &Proposal, answers: &[(Role, String)]) -> Result<()> {
    if let Some(ready) = proposal.ready {
        return context
            .out
            .line(format!("read with the ready map `{}`", ready.name));
    }
    for guess in &proposal.guesses {
        let given = answers.iter().find(|(role, _)| *role == guess.role);
        let line = match given {
            Some((_, answer)) => format!("{:<14} {answer} (as you said)", guess.role.word()),
            None => format!(
                "{:<14} {} ({})",
                guess.role.word(),
                guess.answer,
                guess.reason
            ),
        };
        context.out.line(line)?;
    }
    Ok(())
}

/// The answers given as flags, and those of a person who can be asked.
fn answers(proposal: &Proposal, given: &[String]) -> Result<Vec<(Role, String)>> {
    let mut answers = Vec::new();
    for text in given {
        let (word, answer) = text
            .split_once('=')
            .with_context(|| format!("--set {text}: write ROLE=ANSWER, e.g. work=ticket_id"))?;
        let role = Role::from_word(word).with_context(|| {
            let words: Vec<&str> = Role::WORDS.iter().map(|(word, _)| *word).collect();
            format!("--set {text}: `{word}` is none of {}", words.join(", "))
        })?;
        answers.push((role, answer.to_owned()));
    }
    let can_ask = given.is_empty() && io::stdin().is_terminal() && io::stderr().is_terminal();
    if can_ask {
        for question in &proposal.questions {
            if let Some(answer) = ask(question)? {
                answers.push((question.role, answer));
            }
        }
    }
    Ok(answers)
}

/// Asks one question on the terminal; an empty answer takes the first candidate.
fn ask(question: &Question) -> Result<Option<String>> {
    let mut terminal = io::stderr().lock();
    writeln!(terminal, "{}", question.text)?;
    for (number, candidate) in question.candidates.iter().enumerate() {
        writeln!(terminal, "  {}. {candidate}", number + 1)?;
    }
    write!(terminal, "> ")?;
    terminal.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let line = line.trim();
    if line.is_empty() {
        return Ok(question.candidates.first().cloned());
    }
    let chosen = line
        .parse::<usize>()
        .ok()
        .and_then(|n| question.candidates.get(n.checked_sub(1)?));
    Ok(Some(chosen.cloned().unwrap_or_else(|| line.to_owned())))
}
