//! Checks 13 and 14: disclosed payloads, and samples drawn as they say.

use std::collections::HashSet;

use work::Digest;
use work::body::{Body, Control};
use work::settle::FactRef;

use super::hashes::Hashes;
use super::refusal::{Code, Refusal};
use super::report::{Redacted, Sampled};
use crate::carry::LogEntry;
use crate::draws::{self, Drawing, Draws, Turn};
use crate::gone::{Gone, gone};
use crate::population::{ChargedUnit, Population};
use crate::recompute::Recomputed;

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

/// A draw, and what was redacted behind it.
pub(super) struct Drawn {
    pub(super) drawing: Drawing,
    gone: Vec<Gone>,
}

/// Check 14, the nonces: each draw names a statement before it, and has the value of the buyer's chain
/// that is the statement's, or none, as every other draw from it. With the value of the statement that
/// the entry at `issued` issues.
pub(super) fn drawings(
    entries: &[LogEntry],
    issued: u64,
) -> Result<(Vec<Drawn>, Option<Turn>), Refusal> {
    let mut draws = Draws::default();
    let mut drawings = Vec::new();
    for own in entries {
        let taken = draws
            .take(own.index, own.event())
            .map_err(|error| Refusal::new(Code::Sample, format!("entry {}: {error}", own.index)))?;
        drawings.extend(taken);
    }
    let events = entries.iter().map(|own| (own.index, own.event()));
    let drawings = drawings.into_iter().map(|drawing| Drawn {
        gone: gone(events.clone(), drawing.entry),
        drawing,
    });
    let drawings = drawings.collect();
    Ok((drawings, draws.turn(issued)))
}

/// Check 14, the draw: seed and items are what the head, the nonce and the statement give.
pub(super) fn check_draw(
    Drawn { drawing, gone }: &Drawn,
    statement: &Recomputed,
    hashes: &Hashes,
    origin: &str,
) -> Result<Sampled, Refusal> {
    let Drawing {
        entry,
        draw,
        issued,
    } = drawing;
    let refuse = |reason: String| Refusal::new(Code::Sample, format!("entry {entry}: {reason}"));
    let root = hashes
        .root(issued.head_size())
        .ok_or_else(|| refuse("its statement is not in the log".to_owned()))?;
    let seed = draws::seed(origin, root, issued, &draw.stratum, draw.nonce);
    if seed.digest() != draw.seed {
        return Err(refuse(format!(
            "its seed is {}, the head, the stratum and the nonce give {}",
            draw.seed,
            seed.digest()
        )));
    }
    let population =
        Population::of(statement, &draw.stratum).map_err(|error| refuse(error.to_string()))?;
    let items = population.draw(&seed, draw.method, draw.size);
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
    let is_gone = |unit: &ChargedUnit<'_>| gone.iter().any(|own| own.is_of(unit));
    Ok(Sampled {
        sample: draw.sample.clone(),
        statement: draw.statement.clone(),
        method: draw.method.word(),
        stratum: draw.stratum.clone(),
        population: population.size(),
        by_buyers_nonce: draw.nonce.is_some(),
        failed: population.those(&items, is_gone),
        items,
    })
}
