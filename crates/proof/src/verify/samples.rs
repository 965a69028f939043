//! Checks 13 and 14: disclosed payloads, and samples drawn as they say.

use std::collections::{BTreeMap, HashMap, HashSet};

use pricing::cell::{Source as Cause, owed};
use pricing::statement::{LineKind, shares};
use tlog::Hash;
use work::Digest;
use work::body::{Assurance, Body, Control, Draw, SampleMethod};
use work::settle::{FactRef, Unit};

use super::hashes::Hashes;
use super::refusal::{Code, Refusal};
use super::report::{Redacted, Sampled};
use super::statement::Issued;
use crate::carry::LogEntry;
use crate::nonce;
use crate::recompute::Drawn;
use crate::sample::{Seed, Source, Weight};

/// Check 13: every payload is one that an entry committed to.
pub(super) fn payloads(
    payloads: &[(Digest, Option<Digest>)],
    commitments: &HashSet<Digest>,
) -> Result<(), Refusal> {
    for (name, computed) in payloads {
        let refuse = |problem: &str| {
            let reason = format!("`payloads/{name}` {problem}");
            Err(Refusal::new(Code::Payload, reason))
        };
        if *computed != Some(*name) {
            return refuse("is not what its commitment says: salt or payload was altered");
        }
        if !commitments.contains(name) {
            return refuse("is no payload that an entry of the log commits to");
        }
    }
    Ok(())
}

/// The commitments that entries hold.
pub(super) fn commitments(entries: &[LogEntry]) -> HashSet<Digest> {
    let digest = |own: &LogEntry| match &own.event().body {
        Body::Evidence { commitment, .. } => Some(*commitment),
        _ => None,
    };
    entries.iter().filter_map(digest).collect()
}

/// The redactions that entries record.
pub(super) fn redactions(entries: &[LogEntry]) -> Vec<Redacted> {
    let redacted = |own: &LogEntry| match &own.event().body {
        Body::Control(Control::DataRedacted {
            target_source,
            target_id,
            reason,
            ..
        }) => Some(Redacted {
            entry: own.index,
            target: FactRef {
                source: target_source.clone(),
                id: target_id.clone(),
            },
            reason: reason.clone(),
        }),
        _ => None,
    };
    entries.iter().filter_map(redacted).collect()
}

/// A draw with what check 14 needs of the log before it.
#[derive(Debug)]
pub(super) struct Drawing {
    entry: u64,
    draw: Draw,
    pub(super) issued: Issued,
}

/// Check 14, the nonces: each draw names a statement before it, and reveals the next value of the
/// buyer's chain, or repeats the one of an earlier draw from that statement.
pub(super) fn drawings(
    entries: &[LogEntry],
    statements: &[Issued],
) -> Result<Vec<Drawing>, Refusal> {
    let mut chain: Option<Chain> = None;
    let mut revealed: HashMap<u64, Option<Digest>> = HashMap::new();
    let mut drawings = Vec::new();
    for LogEntry { index, entry } in entries {
        let index = *index;
        let refuse =
            |reason: String| Refusal::new(Code::Sample, format!("entry {index}: {reason}"));
        let draw = match &entry.event.body {
            Body::Assurance(Assurance::SampleAnchored { anchor, length, .. }) => {
                if entry.event.signature.is_none() {
                    return Err(refuse(
                        "the anchor of a chain of nonces is the buyer's, and not signed".to_owned(),
                    ));
                }
                chain = Some(Chain {
                    entry: index,
                    last: *anchor,
                    left: *length,
                });
                continue;
            }
            Body::Assurance(Assurance::SampleDrawn(draw)) => draw,
            _ => continue,
        };
        let named = |issued: &&Issued| issued.number == draw.statement && issued.index < index;
        let issued = statements.iter().find(named).ok_or_else(|| {
            refuse(format!(
                "no statement `{}` was issued before it",
                draw.statement
            ))
        })?;
        match revealed.get(&issued.index) {
            Some(nonce) if *nonce == draw.nonce => {}
            Some(_) => {
                return Err(refuse(format!(
                    "`{}` was drawn from before, with another nonce: one statement has one",
                    draw.statement
                )));
            }
            None => {
                if let Some(nonce) = &draw.nonce {
                    reveal(&mut chain, nonce, issued).map_err(refuse)?;
                }
                revealed.insert(issued.index, draw.nonce);
            }
        }
        drawings.push(Drawing {
            entry: index,
            draw: draw.clone(),
            issued: issued.clone(),
        });
    }
    Ok(drawings)
}

/// A buyer's chain of nonces, as far as it is revealed.
struct Chain {
    entry: u64,
    last: Digest,
    left: u32,
}

fn reveal(chain: &mut Option<Chain>, value: &Digest, issued: &Issued) -> Result<(), String> {
    let Some(chain) = chain else {
        return Err("it has a nonce, and the buyer anchored no chain of nonces".to_owned());
    };
    if chain.entry >= issued.index {
        return Err(format!(
            "the chain of nonces was anchored (entry {}) after the statement `{}` was issued",
            chain.entry, issued.number
        ));
    }
    if chain.left == 0 || nonce::next(value) != chain.last {
        return Err("its nonce is not the next of the buyer's chain".to_owned());
    }
    chain.last = *value;
    chain.left -= 1;
    Ok(())
}

/// Check 14, the draw: seed and items are what the head, the nonce and the statement give.
pub(super) fn check_draw(
    drawing: &Drawing,
    drawn: &Drawn,
    hashes: &Hashes,
    origin: &str,
    redactions: &[Redacted],
) -> Result<Sampled, Refusal> {
    let Drawing {
        entry,
        draw,
        issued,
    } = drawing;
    let refuse = |reason: String| Refusal::new(Code::Sample, format!("entry {entry}: {reason}"));
    let size = issued.index + 1;
    let root: Hash = hashes
        .root(size)
        .ok_or_else(|| refuse("its statement is not in the log".to_owned()))?;
    let seed = Seed::of(&Source {
        origin,
        size,
        root,
        coverage: issued.coverage,
        stratum: &draw.stratum,
        nonce: draw.nonce,
    });
    if seed.digest() != draw.seed {
        return Err(refuse(format!(
            "its seed is {}, the head, the stratum and the nonce give {}",
            draw.seed,
            seed.digest()
        )));
    }
    let population =
        Population::of(drawn, &draw.stratum).map_err(|error| refuse(error.to_string()))?;
    let count = usize::try_from(draw.size).unwrap_or(usize::MAX);
    let items = match draw.method {
        SampleMethod::BottomK => seed.bottom_k(population.weights.keys().copied(), count),
        SampleMethod::Money => {
            let weights: Vec<(u64, Weight)> = population
                .weights
                .iter()
                .map(|(item, own)| (*item, *own))
                .collect();
            seed.by_money(&weights, count)
        }
    };
    if items != draw.items {
        let place = items
            .iter()
            .zip(&draw.items)
            .take_while(|(a, b)| a == b)
            .count();
        return Err(refuse(format!(
            "it does not hold the works that its seed draws: item {place} of {} is {}, drawn is {}",
            items.len(),
            draw.items
                .get(place)
                .map_or("missing".to_owned(), u64::to_string),
            items.get(place).map_or("none".to_owned(), u64::to_string),
        )));
    }
    let later: HashSet<&FactRef> = redactions
        .iter()
        .filter(|redacted| redacted.entry > *entry)
        .map(|redacted| &redacted.target)
        .collect();
    Ok(Sampled {
        sample: draw.sample.clone(),
        statement: draw.statement.clone(),
        method: draw.method.word(),
        stratum: draw.stratum.clone(),
        population: population.weights.len() as u64,
        by_buyers_nonce: draw.nonce.is_some(),
        failed: population.touched(&items, &later),
        items,
    })
}

/// The works that a statement charges, by the entry that opened them.
struct Population<'a> {
    weights: BTreeMap<u64, Weight>,
    units: BTreeMap<u64, Vec<&'a Unit>>,
}

impl<'a> Population<'a> {
    fn of(drawn: &'a Drawn, stratum: &str) -> Result<Population<'a>, pricing::PricingError> {
        let mut population = Population {
            weights: BTreeMap::new(),
            units: BTreeMap::new(),
        };
        let statement = &drawn.statement;
        let Some(held) = drawn.account.contract(&statement.contract) else {
            return Ok(population);
        };
        let money = |source| pricing::PricingError {
            contract: statement.contract.clone(),
            place: "the shares of works".to_owned(),
            source,
        };
        let owed = owed(&held.agreement, &held.facts(), statement.as_of)?;
        let mut opened: HashMap<&FactRef, u64> = HashMap::new();
        for (fact, entry) in &drawn.carried {
            opened.insert(fact, *entry);
        }
        for meta in drawn.account.entries.iter().rev() {
            opened.insert(&meta.fact, meta.entry);
        }
        let unit_id = stratum.strip_prefix("unit:");
        let mut sums: BTreeMap<u64, money::Amount> = BTreeMap::new();
        let charges = statement
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Charge);
        for line in charges {
            let Some(cell) = owed.cells.get(&line.cell) else {
                continue;
            };
            let without_late = cell.waives_late();
            let amounts = shares(line.amount, &cell.contributions, without_late).map_err(money)?;
            for (own, amount) in cell.contributions.iter().zip(amounts) {
                let Cause::Unit(unit, _) = own.source else {
                    continue;
                };
                let unit = &held.units[unit];
                if (without_late && own.is_late) || unit_id.is_some_and(|id| id != unit.key.unit) {
                    continue;
                }
                let Some(item) = opened.get(&unit.key.opened_by) else {
                    continue;
                };
                let zero = money::Amount::zero(amount.currency());
                let sum = sums.entry(*item).or_insert(zero);
                *sum = sum.plus(amount).map_err(money)?;
                let units = population.units.entry(*item).or_default();
                if !units.iter().any(|known| known.key == unit.key) {
                    units.push(unit);
                }
            }
        }
        population.weights = sums
            .into_iter()
            .map(|(item, sum)| (item, millionths(sum)))
            .collect();
        Ok(population)
    }

    /// The items one of whose facts is among `facts`.
    fn touched(&self, items: &[u64], facts: &HashSet<&FactRef>) -> Vec<u64> {
        let is_touched = |item: &&u64| {
            let mut units = self.units.get(item).into_iter().flatten();
            units.any(|unit| unit.facts.iter().any(|fact| facts.contains(fact)))
        };
        items.iter().filter(is_touched).copied().collect()
    }
}

/// An amount in millionths of the currency's unit, what is below cut off; nothing where it is
/// negative.
fn millionths(amount: money::Amount) -> Weight {
    let value = amount.value();
    let mantissa = Weight::try_from(value.mantissa()).unwrap_or(0);
    let scale = u32::from(value.scale());
    match scale.checked_sub(6) {
        Some(more) => mantissa / 10u128.pow(more),
        None => mantissa.saturating_mul(10u128.pow(6 - scale)),
    }
}
