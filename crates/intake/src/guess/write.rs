//! The map document of a proposal: short, commented, and the user's from then on.

use std::fmt::Write as _;

use super::sample::NULLS;
use super::{GuessError, Proposal, Role};
use crate::map::Format;

/// Writes the map, the user's answers over the guesses.
pub(super) fn map(proposal: &Proposal, answers: &[(Role, String)]) -> Result<String, GuessError> {
    let names = proposal.sample.names();
    for (role, answer) in answers {
        let is_column = match role {
            Role::Zone | Role::DoneWords | Role::Currency => false,
            Role::Time => !is_day(answer),
            _ => true,
        };
        if is_column && !answer.is_empty() && !names.contains(answer) {
            return Err(GuessError::NoColumn(answer.clone()));
        }
    }
    let say = |role| proposal.answer(answers, role);
    let columns = names.join(", ");
    let needed = |role: Role, what| {
        say(role).ok_or_else(|| GuessError::Needed {
            what,
            role: role.word(),
            columns: columns.clone(),
        })
    };
    let work = needed(Role::Work, "the piece of work (an id)")?;
    let time = needed(Role::Time, "the time when it was done")?;
    let words = match answers.iter().find(|(role, _)| *role == Role::DoneWords) {
        Some((_, done)) if !done.is_empty() => proposal.words.clone().chosen(done),
        _ => proposal.words.clone(),
    };

    let mut out = String::new();
    let _ = writeln!(
        out,
        "# A map for {}, made by `piecework try`: yours to keep and change.",
        proposal.sample.file()
    );
    let _ = writeln!(out, "source = {}", quoted(&source(proposal.sample.file())));
    if proposal.sample.format() == Format::Json {
        let _ = writeln!(out, "format = \"json\"");
    } else if proposal.sample.delimiter() != ',' {
        let _ = writeln!(
            out,
            "delimiter = {}",
            quoted(&proposal.sample.delimiter().to_string())
        );
    }
    if let Some(customer) = say(Role::Customer) {
        let _ = writeln!(out, "customer = {}", column(customer));
    }
    let civil_day = is_day(time) && time.parse::<jiff::Timestamp>().is_err();
    if let Some(zone) = say(Role::Zone).or(civil_day.then_some("UTC")) {
        let _ = writeln!(out, "zone = {}", quoted(zone));
    }
    match proposal.time_formats.as_slice() {
        [] => {}
        [form] if form == "rfc3339" => {}
        [form] => {
            let _ = writeln!(out, "time_format = {}", quoted(form));
        }
        forms => {
            let forms: Vec<String> = forms.iter().map(|form| quoted(form)).collect();
            let _ = writeln!(out, "time_format = [{}]", forms.join(", "));
        }
    }
    if proposal.sample.has_null() {
        let _ = writeln!(out, "empty = {NULLS:?}");
    }
    let (time, time_in_id) = match names.iter().any(|name| name == time) {
        true => (column(time), slot(time)),
        // A date for all rows; RFC 3339 is always among the forms then.
        false => (quoted(time), time.to_owned()),
    };
    let _ = writeln!(out, "work = {}\ntime = {time}", column(work));
    let _ = writeln!(
        out,
        "id = {}",
        quoted(&format!("{}/{{$type}}/{time_in_id}", slot(work)))
    );

    let opened_id = quoted(&format!("{}/opened", slot(work)));
    let mut opening = vec![("id", opened_id)];
    if let Some(opened) = say(Role::Opened) {
        opening.push(("time", column(opened)));
    }
    // In a log, and where no column says it, the earliest row of a work opens it.
    if proposal.is_log || say(Role::Opened).is_none() {
        let seen = format!("{{ {} = {{ present = true }} }}", column(work));
        let after = format!("{{ after = {{ key = {}, seen = {seen} }} }}", column(work));
        opening.insert(0, ("when", format!("{{ not = {after} }}")));
    }
    event(&mut out, "work.opened", None, &opening);
    let outcome = say(Role::Outcome);
    let delivered: Vec<String> = [&words.done, &words.passed, &words.failed]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    match outcome {
        None => event(&mut out, "work.answered", None, &[]),
        Some(outcome) => {
            let check = || ("check", quoted(outcome));
            let result = |word: &str| ("result", quoted(word));
            let mut by = |kind: &str, words: &[String], more: &[(&str, String)]| {
                if !words.is_empty() {
                    event(&mut out, kind, Some((outcome, words)), more);
                }
            };
            by("work.answered", &delivered, &[]);
            by("work.verified", &words.passed, &[check(), result("passed")]);
            by("work.verified", &words.failed, &[check(), result("failed")]);
            by("work.rejected", &words.rejected, &[]);
            by("work.reopened", &words.reopened, &[]);
            by("work.escalated", &words.escalated, &[]);
            by("work.closed", &words.closed, &[]);
            if !words.unknown.is_empty() {
                let list: Vec<String> = words
                    .unknown
                    .iter()
                    .take(20)
                    .map(|word| quoted(word))
                    .collect();
                let _ = writeln!(
                    out,
                    "\n# These words make no event, and leave the work pending: {}",
                    list.join(", ")
                );
            }
        }
    }
    cost(proposal, answers, &mut out);
    Ok(out)
}

/// What performing cost: an amount, or a model and its tokens.
fn cost(proposal: &Proposal, answers: &[(Role, String)], out: &mut String) {
    let say = |role| proposal.answer(answers, role);
    let (cost, model) = (say(Role::Cost), say(Role::Model));
    let shown = match (model, cost) {
        (Some(model), _) => slot(model),
        // Without a model, a cost of 0 says nothing at all.
        (None, Some(cost)) => format!("{{{cost}|nonzero}}"),
        (None, None) => return,
    };
    let mut keys = vec![(
        "when",
        format!("{{ {} = {{ present = true }} }}", quoted(&shown)),
    )];
    if !proposal.is_log
        && let Some(work) = say(Role::Work)
        && let (Some(opened), Some(time)) = (say(Role::Opened), say(Role::Time))
    {
        // A work that is not done yet has its cost all the same.
        keys.push(("id", quoted(&format!("{}/cost", slot(work)))));
        keys.push(("time", format!("[{}, {}]", column(time), column(opened))));
    }
    keys.push(("line", quoted("model")));
    if let (Some(cost), Some(currency)) = (cost, say(Role::Currency)) {
        keys.push(("amount", quoted(&format!("{{{cost}|nonzero}} {currency}"))));
    }
    if let Some(model) = model {
        keys.push(("model", column(model)));
        let sides = [(Role::InputTokens, "input"), (Role::OutputTokens, "output")];
        let tokens: Vec<String> = sides
            .into_iter()
            .filter_map(|(role, side)| Some(format!("{side} = {}", column(say(role)?))))
            .collect();
        if !tokens.is_empty() {
            keys.push(("tokens", format!("{{ {} }}", tokens.join(", "))));
        }
    }
    out.push_str("\n# A recorded cost of 0 is taken for unknown, not for free.\n");
    write_event(out, "cost.recorded", &keys);
}

/// Whether the text is a date or time that can stand for all rows.
fn is_day(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

fn event(out: &mut String, kind: &str, when: Option<(&str, &[String])>, more: &[(&str, String)]) {
    let mut keys = Vec::new();
    if let Some((column, words)) = when {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        keys.push((
            "when",
            format!("{{ {} = [{}] }}", quoted(&slot(column)), words.join(", ")),
        ));
    }
    keys.extend(more.iter().cloned());
    out.push('\n');
    write_event(out, kind, &keys);
}

fn write_event(out: &mut String, kind: &str, keys: &[(&str, String)]) {
    let _ = writeln!(out, "[[event]]\ntype = {}", quoted(kind));
    for (key, value) in keys {
        let _ = writeln!(out, "{key} = {value}");
    }
}

/// `{name}`.
fn slot(column: &str) -> String {
    format!("{{{column}}}")
}

fn column(name: &str) -> String {
    quoted(&slot(name))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The source's name: the file's, without its ending.
fn source(file: &str) -> String {
    let stem = file.split('.').next().unwrap_or_default();
    if stem.is_empty() {
        "export".to_owned()
    } else {
        stem.to_owned()
    }
}
