//! semantics.md L1 over the scenarios of `tests/scenarios`: every statement comes to the same bytes
//! from the carry of the one before it and the entries since.
//!
//! The scenarios are read and played as `pricing` does, which compares their lines.

#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)] // a test may stop at the first thing that is not there

extern crate pricing as piecework_pricing;

use ::work;

#[path = "../../pricing/tests/support/kept.rs"]
mod kept;
#[path = "../../pricing/tests/support/recompute.rs"]
mod recompute;
#[path = "../../pricing/tests/scenario/mod.rs"]
#[allow(dead_code)] // the lines are compared in `pricing`
mod scenario;
#[path = "../../work/tests/shorthand/mod.rs"]
#[allow(dead_code)] // stories are told elsewhere
mod shorthand;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use jiff::Timestamp;
use pricing::Statement;
use pricing::account::Held;
use pricing::statement::draw_looking_back;
use proof::Entry;
use proof::carry::{Carry, LogEntry, ResumeError, Resumed, seal};
use scenario::file::{self, CUSTOMER, File};
use scenario::play::{Drawn, Played, play, play_leniently};
use scenario::random;
use tlog::Frontier;

#[test]
fn l1_every_scenario_comes_to_the_same_bytes_from_the_carry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let root = root.canonicalize().unwrap();
    let mut resumed = 0;
    for path in file::all(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        // What does not read or play is told where the lines are compared.
        let Ok(file) = File::read(&root, &path) else {
            continue;
        };
        if let Ok(played) = play(&file) {
            resumed += follow(&name, &played);
        }
    }
    assert!(resumed > 100, "{resumed}");
}

#[test]
fn l1_scenarios_by_chance_come_to_the_same_bytes_from_the_carry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let root = root.canonicalize().unwrap();
    let mut resumed = 0;
    for seed in 500..540 {
        let path = root.join("by-chance.toml");
        let file = File::parse(&root, &path, random::text(seed, random::LONG)).unwrap();
        let played = play_leniently(&file).unwrap();
        resumed += follow(&format!("by chance, {seed}"), &played);
    }
    assert!(resumed > 60, "{resumed}");
}

/// Draws each statement from the carry of the last one that stands; how many there were.
fn follow(name: &str, played: &Played) -> usize {
    let entries = played.contents.iter().zip(&played.received);
    let all: Vec<LogEntry> = entries
        .map(|(content, received_at)| LogEntry {
            index: content.entry,
            entry: Entry {
                received_at: *received_at,
                conflict: false,
                event: content.event.clone(),
            },
        })
        .collect();
    let mut carries: BTreeMap<String, Carry> = BTreeMap::new();
    let mut resumed = 0;
    for drawn in &played.drawn {
        let known = &all[..drawn.coverage];
        let (cut, coverage) = (drawn.statement.cut, drawn.coverage as u64);
        let whole = Resumed::from_genesis(CUSTOMER, known.to_vec());
        let account = whole.account(coverage);
        let last = account
            .contract(&drawn.statement.contract)
            .and_then(Held::last_statement)
            .map(|last| &carries[&last.number]);
        let log = match last.map(|carry| resume(carry, known)) {
            Some(Ok(log)) => {
                resumed += 1;
                log
            }
            // What was settled under the terms before is settled again, from the whole log.
            None | Some(Err(ResumeError::BackDated { .. })) => whole.clone(),
            Some(Err(error)) => panic!("{name}, {cut}: {error}"),
        };
        let statement = draw(&log, drawn);
        assert_eq!(statement.body(), drawn.statement.body(), "{name}, {cut}");
        if let Some(number) = &drawn.number {
            // It never goes back: not behind a statement that was issued before, voided or not.
            let issued = account.contracts.iter().flat_map(|held| &held.issued);
            let cut = issued.map(|own| own.cut).fold(cut, Timestamp::max);
            let next = seal(&log, &log.account(coverage), frontier(known), cut);
            let at_once = seal(&whole, &account, frontier(known), cut);
            assert_eq!(next.to_text(), at_once.to_text(), "{name}, {cut}");
            carries.insert(number.clone(), Carry::from_text(&next.to_text()).unwrap());
        }
    }
    resumed
}

fn resume(carry: &Carry, known: &[LogEntry]) -> Result<Resumed, ResumeError> {
    let since = known[usize::try_from(carry.coverage()).unwrap()..].to_vec();
    let fetch = |index: u64| Ok::<_, Infallible>(known[usize::try_from(index).unwrap()].clone());
    let brought = carry.touched(&since, fetch).unwrap();
    carry.clone().resume(brought, since)
}

fn draw(log: &Resumed, drawn: &Drawn) -> Statement {
    let (contract, cut) = (&drawn.statement.contract, drawn.statement.cut);
    let now = log.account(drawn.coverage as u64);
    draw_looking_back(&now, contract, cut, |until| log.account(until)).unwrap()
}

fn frontier(entries: &[LogEntry]) -> Frontier {
    let mut frontier = Frontier::default();
    for entry in entries {
        frontier.push_leaf_hash(entry.leaf()).unwrap();
    }
    frontier
}
