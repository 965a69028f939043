//! Six things on one bill: the full hybrid, in a book of its own.
//!
//! The requests are those of `docs/stories/six-things-on-one-bill.md`, where every line is worked out by hand.

use std::path::Path;

use anyhow::{Context as _, Result};
use book::Book;
use book::config::Config;
use book::presets;
use book::statements::Known;
use jiff::Timestamp;
use jiff::civil::date;
use pages::view;
use work::Event;

use super::{append, sign};
use crate::random;

/// The requests of January.
const EVENTS: &str = include_str!("../../../../../examples/full-hybrid/january.jsonl");
const PRESET: &str = "full-hybrid";
const CUSTOMER: &str = "acme";

/// January's statement.
pub(super) fn statement(directory: &Path, now: Timestamp) -> Result<view::Statement> {
    let preset = presets::find(PRESET)?;
    let config = Config::of_preset(preset, &directory.join(PRESET));
    let book = Book::create(config, random::source(), now)?;
    let events = EVENTS
        .lines()
        .map(Event::parse)
        .collect::<Result<Vec<Event>, _>>()
        .context("the requests of the full hybrid")?;
    let first = events.first().context("there are requests")?.time;
    sign(&book, CUSTOMER, date(2026, 1, 1), first)?;
    let cut: Timestamp = "2026-02-01T00:00:00Z".parse()?;
    append(&book, &events, cut)?;
    let known = Known::of(&book, CUSTOMER)?;
    let contract = known.account.contracts.first();
    let held = contract.context("a contract was signed")?;
    Ok(known.view(&book, held, cut)?)
}
