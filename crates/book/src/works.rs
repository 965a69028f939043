//! Works of an account, as people call them and as they stand.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pages::view;
use pricing::account::{Account, Held};
use work::settle::{FactRef, State, Unit};

/// Every unit of an account, with the contract that claims it.
pub fn units(account: &Account) -> impl Iterator<Item = (Option<&Held>, &Unit)> {
    let held = account
        .contracts
        .iter()
        .flat_map(|held| held.units.iter().map(move |unit| (Some(held), unit)));
    held.chain(account.loose_units.iter().map(|(unit, _)| (None, unit)))
}

/// Whether people call a unit so: by its scope, as they write it or as a listing shows it, or by a work id that its
/// facts carry.
pub fn is_called(unit: &Unit, work: &str) -> bool {
    let scope = &unit.key.scope;
    scope.join(",") == work || scope.join(", ") == work || unit.works.iter().any(|own| own == work)
}

/// Whether a dispute of a unit is open.
fn is_disputed(unit: &Unit, now: Timestamp) -> bool {
    unit.disputes.iter().any(|dispute| dispute.is_open_at(now))
}

/// A unit as a listing shows it.
pub fn row(contract: Option<&str>, unit: &Unit, now: Timestamp) -> view::WorkRow {
    let since = unit.states.iter().rev().find(|(from, _)| *from <= now);
    let coming = unit.states.iter().find(|(from, _)| *from > now);
    view::WorkRow {
        work: unit.key.scope.join(", "),
        unit: unit.key.unit.to_string(),
        contract: contract.map(str::to_owned),
        standing: match since {
            Some((from, state)) => state_from(*from, state),
            None => state_from(unit.opened, &State::Pending),
        },
        opened: unit.opened,
        is_disputed: is_disputed(unit, now),
        decision: (unit.disputes.iter())
            .filter(|own| own.is_open_at(now))
            .find_map(|own| own.decided)
            .map(|(at, verdict)| view::Decision {
                verdict: verdict.word().to_owned(),
                at,
            }),
        next: coming.map(|(from, state)| state_from(*from, state)),
    }
}

/// A state from an instant on.
pub fn state_from(since: Timestamp, state: &State) -> view::Standing {
    let (word, class, reason) = match state {
        State::Pending => ("pending", None, None),
        State::Counted(class) => ("counted", Some(class.to_string()), None),
        State::Reversed => ("reversed", None, None),
        State::NotCounted(reason) => ("not_counted", None, Some(reason.name().to_owned())),
    };
    view::Standing {
        state: word.to_owned(),
        class,
        reason,
        since,
    }
}

/// The disputes of a unit that were raised by `now`.
pub fn disputes(unit: &Unit, now: Timestamp) -> Vec<view::DisputeRow> {
    let raised = unit.disputes.iter().filter(|own| own.raised <= now);
    let row = |own: &work::settle::Disputed| view::DisputeRow {
        work: unit.key.scope.join(", "),
        unit: unit.key.unit.to_string(),
        raised: own.raised,
        cause: named(&own.cause),
        is_open: own.is_open_at(now),
        decided: own.decided.map(|(at, _)| at),
        verdict: own.decided.map(|(_, verdict)| verdict.word().to_owned()),
    };
    raised.map(row).collect()
}

/// A fact by its name.
pub fn named(fact: &FactRef) -> view::Named {
    view::Named {
        source: fact.source.to_string(),
        id: fact.id.to_string(),
    }
}

/// Where a unit stands, in words.
pub fn standing(row: &view::WorkRow) -> String {
    let disputed = if row.is_disputed { ", disputed" } else { "" };
    format!("{}{disputed}", words(&row.standing))
}

/// What the deadlines that run will make of a unit, in words; empty where none does.
pub fn next(row: &view::WorkRow) -> String {
    if let Some(decision) = &row.decision {
        return format!("dispute {} on {}", decision.verdict, second(decision.at));
    }
    row.next.as_ref().map_or(String::new(), |next| {
        format!("{} on {}", words(next), second(next.since))
    })
}

/// A state in words: `counted: confirmed`.
pub fn words(standing: &view::Standing) -> String {
    let state = standing.state.replace('_', " ");
    match standing.class.as_ref().or(standing.reason.as_ref()) {
        Some(which) => format!("{state}: {which}"),
        None => state,
    }
}

/// An instant for people.
pub fn second(instant: Timestamp) -> String {
    instant
        .to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
