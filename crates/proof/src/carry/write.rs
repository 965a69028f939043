//! Writing a carry, and its digest.
//!
//! Every statement names the digest of its carry, which of a customer with a million works is hundreds of
//! megabytes of text: lines are written straight into it, on several threads, and it is never in memory whole. Not
//! here: reading ([`super::text`]). Invariant: a line is canonical JSON, so members are written in the order of
//! their names.

use std::fmt::{Display, Write as _};

use sha2::{Digest as _, Sha256};
use work::json::write_text;
use work::settle::{FactRef, Movement, State, Unit};
use work::{Digest, Headers, threads};

use super::{CarriedUnit, Carry, Group, LogEntry};

/// First member of the first line.
const FORMAT: &str = "piecework/carry/v1";

/// Lines that are written before they are hashed.
const LINES_AT_ONCE: usize = 4_096;

impl Carry {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.head();
        for line in self.lines() {
            line.write(&mut text);
        }
        text
    }

    /// The digest that a `statement.issued` entry names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest_on(1)
    }

    /// The digest, from lines that are written on so many threads. The text is never in memory whole.
    #[must_use]
    pub fn digest_on(&self, threads: usize) -> Digest {
        let mut text = Sha256::new();
        text.update(self.head());
        for lines in self.lines().chunks(LINES_AT_ONCE) {
            for line in threads::map(threads, lines, Line::to_text) {
                text.update(line);
            }
        }
        Digest::from_bytes(text.finalize().into())
    }

    /// The first line, with its line feed.
    fn head(&self) -> String {
        let mut text = String::new();
        let mut head = Members::of(&mut text);
        head.text("carry", FORMAT);
        head.shown("coverage", self.coverage());
        head.text("customer", &self.customer);
        head.shown("cut", self.cut);
        head.list("frontier", self.frontier.hashes(), |out, hash| {
            shown(out, hash);
        });
        head.end();
        text.push('\n');
        text
    }

    /// The lines after it, in their order.
    fn lines(&self) -> Vec<Line<'_>> {
        let kept = self.kept.iter();
        let groups = self.groups.iter();
        let mut lines: Vec<(Option<u64>, Line<'_>)> = kept
            .map(|own| (Some(own.index), Line::Kept(own)))
            .chain(groups.map(|own| (own.entries.first().copied(), Line::Group(own))))
            .collect();
        lines.sort_by_key(|(first, _)| *first);
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

impl LogEntry {
    /// The line of a carry, or of what is brought back, without its line feed.
    #[must_use]
    pub fn to_line(&self) -> String {
        let content = self.entry.to_bytes();
        format!(
            "{{\"content\":{},\"entry\":\"{}\"}}",
            String::from_utf8_lossy(&content), // an entry is written as text
            self.index
        )
    }
}

/// A line after the first.
enum Line<'c> {
    Kept(&'c LogEntry),
    Group(&'c Group),
}

impl Line<'_> {
    /// With its line feed.
    fn to_text(&self) -> String {
        let mut line = String::with_capacity(1_024);
        self.write(&mut line);
        line
    }

    fn write(&self, out: &mut String) {
        match self {
            Line::Kept(own) => out.push_str(&own.to_line()),
            Line::Group(own) => group(out, own),
        }
        out.push('\n');
    }
}

fn group(out: &mut String, own: &Group) {
    let mut group = Members::of(out);
    group.text("digest", &own.digest.to_hex());
    group.list("entries", &own.entries, shown);
    group.list("units", &own.units, unit);
    group.end();
}

fn unit(out: &mut String, own: &CarriedUnit) {
    let unit = &own.unit;
    let (since, state) = unit
        .states
        .last()
        .map_or((unit.opened, &State::Pending), |(since, state)| {
            (*since, state)
        });
    let (word, detail) = match state {
        State::Pending => ("pending", None),
        State::Counted(class) => ("counted", Some(class.as_str())),
        State::Reversed => ("reversed", None),
        State::NotCounted(reason) => ("not_counted", Some(reason.name())),
    };
    let mut told = Members::of(out);
    if let Some(attempt) = &unit.attempt {
        let mut own = Members::of(told.name("attempt"));
        own.place("act", unit, &attempt.act);
        own.shown("at", attempt.at);
        own.text("by", attempt.by.word());
        own.end();
    }
    told.text("contract", &own.contract);
    if let Some(detail) = detail {
        told.text("detail", detail);
    }
    let facts = unit.facts.iter().zip(&own.entries);
    told.list("facts", facts, |out, (fact, entry)| {
        out.push('[');
        shown(out, entry);
        out.push(',');
        write_text(&fact.source, out);
        out.push(',');
        write_text(&fact.id, out);
        out.push(']');
    });
    headers(told.name("headers"), &unit.headers);
    told.list("movements", &unit.movements, |out, own| {
        movement(out, unit, own);
    });
    told.shown("opened", unit.opened);
    told.place("opened_by", unit, &unit.key.opened_by);
    told.list("scope", &unit.key.scope, |out, own| write_text(own, out));
    told.shown("since", since);
    told.text("state", word);
    told.text("unit", &unit.key.unit);
    told.shown("version", unit.version);
    told.list("works", &unit.works, |out, own| write_text(own, out));
    told.end();
}

fn movement(out: &mut String, unit: &Unit, own: &Movement) {
    let basis = &own.basis;
    let mut told = Members::of(out);
    told.shown("at", own.instant);
    told.list("causes", &own.causes, |out, cause| place(out, unit, cause));
    told.text("class", &own.class);
    if let Some(confidence) = basis.confidence {
        told.shown("confidence", confidence);
    }
    told.shown("counted_at", own.counted_at);
    told.text("decided_by", basis.decided_by.word());
    headers(told.name("headers"), &basis.headers);
    told.text("kind", own.kind.word());
    told.shown("quantity", own.quantity);
    if let Some(review) = &basis.review {
        told.text("review", review);
    }
    if let Some(value) = own.value {
        told.shown("value", value);
    }
    told.end();
}

/// The place of a fact among the unit's; sealing made sure that it is there.
fn place(out: &mut String, unit: &Unit, fact: &FactRef) {
    let place = unit.facts.iter().position(|own| own == fact);
    let _ = write!(out, "{}", place.unwrap_or(usize::MAX)); // text takes everything
}

fn headers(out: &mut String, own: &Headers) {
    let mut by_name: Vec<(&str, &str)> = own
        .iter()
        .map(|(header, value)| (header.name(), value.as_str()))
        .collect();
    by_name.sort_unstable();
    let mut told = Members::of(out);
    for (name, value) in by_name {
        told.text(name, value);
    }
    told.end();
}

/// Numbers, instants and digests, as text in which nothing is escaped.
fn shown(out: &mut String, value: impl Display) {
    let _ = write!(out, "\"{value}\""); // text takes everything
}

/// The members of an object, written in the order of their names.
struct Members<'o> {
    out: &'o mut String,
    is_empty: bool,
}

impl<'o> Members<'o> {
    fn of(out: &'o mut String) -> Members<'o> {
        out.push('{');
        Members {
            out,
            is_empty: true,
        }
    }

    /// Begins a member, whose value is to be written next.
    fn name(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(',');
        }
        write_text(name, self.out);
        self.out.push(':');
        self.out
    }

    fn text(&mut self, name: &str, value: &str) {
        write_text(value, self.name(name));
    }

    fn shown(&mut self, name: &str, value: impl Display) {
        shown(self.name(name), value);
    }

    fn place(&mut self, name: &str, unit: &Unit, fact: &FactRef) {
        place(self.name(name), unit, fact);
    }

    fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(&mut String, T),
    ) {
        let out = self.name(name);
        out.push('[');
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            each(out, item);
        }
        out.push(']');
    }

    fn end(self) {
        self.out.push('}');
    }
}
