//! Checks 11 and 12: the entry that issues the statement, and the statement computed again.

use std::collections::HashSet;

use jiff::Timestamp;
use pricing::Account;
use work::body::{Body, Control, Kind, StatedCell};
use work::{Digest, Json, SmolStr};

use super::covered::Covered;
use super::hashes::Hashes;
use super::refusal::{Code, Refusal};
use crate::carry::LogEntry;
use crate::file::About;
use crate::issued::Issued;
use crate::recompute::{RecomputeError, Recomputed, carried, recompute};

/// What the entry that issues a statement says, beside what it is.
pub(super) struct Stated {
    /// What it states.
    pub(super) cells: Vec<StatedCell>,
    /// What it names as the carry.
    pub(super) carry: Digest,
    /// The entry that voids it.
    pub(super) voided: Option<u64>,
}

/// Check 11: the entry issues this statement, from these entries, with this body; its parts are
/// complete, and nothing in the log takes it back but a `statement.voided`.
pub(super) fn issued(
    entries: &[LogEntry],
    ledger: &Account,
    about: &About,
    body: &[u8],
) -> Result<Stated, Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Statement, reason);
    let at = about.issued;
    let entry = entries.binary_search_by_key(&at, |own| own.index);
    let entry = entry.ok().map(|place| &entries[place]);
    let Some(Body::Control(Control::StatementIssued {
        contract,
        cut,
        revision,
        number,
        coverage,
        body: stated,
        carry,
        ..
    })) = entry.map(|entry| &entry.event().body)
    else {
        return Err(refuse(format!("entry {at} issues no statement")));
    };
    if (contract, cut, revision, number)
        != (&about.contract, &about.cut, &about.revision, &about.number)
    {
        return Err(refuse(format!(
            "entry {at} issues `{number}` of contract `{contract}`, cut {cut}, revision {revision}; \
             proof.json says `{}` of `{}`, {}, {}",
            about.number, about.contract, about.cut, about.revision
        )));
    }
    if *coverage != about.coverage || *coverage > at {
        return Err(refuse(format!(
            "entry {at} issues the statement from {coverage} entries, proof.json says {}; it cannot \
             be from more than stand before it",
            about.coverage
        )));
    }
    let digest = Digest::of(body);
    if digest != *stated {
        return Err(refuse(format!(
            "statement.json has digest {digest}, entry {at} issues the one with {stated}"
        )));
    }
    for other in all(entries) {
        if other.number == about.number && other.index != at {
            return Err(refuse(format!(
                "the number `{}` is given twice: entry {} issues it as well",
                other.number, other.index
            )));
        }
    }
    let mut held = ledger
        .contract(contract)
        .into_iter()
        .flat_map(|held| &held.issued);
    let standing = held.find(|own| {
        (&own.number, own.cut, own.revision, own.coverage, own.body)
            == (number, *cut, *revision, *coverage, *stated)
    });
    let Some(standing) = standing else {
        let flag = ledger.flags.iter().find(|flag| flag.entry == at);
        let why = flag.map_or("another entry corrects it", |flag| flag.problem.as_str());
        return Err(refuse(format!(
            "the statement that entry {at} issues does not stand: {why}"
        )));
    };
    let voided = standing
        .is_voided()
        .then(|| voiding(entries, &about.number));
    Ok(Stated {
        cells: standing.cells.clone(),
        carry: *carry,
        voided,
    })
}

/// What the log's control entries amount to, up to the head: contracts, statements, payments, covers. Facts
/// about works say nothing of these, and are left out.
pub(super) fn ledger(entries: &[LogEntry], about: &About) -> Account {
    fn identity(own: &LogEntry) -> (&str, &str) {
        (&own.event().source, &own.event().id)
    }
    let controls = entries
        .iter()
        .filter(|own| own.event().body.tag().is_control());
    let controls: HashSet<(&str, &str)> = controls.map(identity).collect();
    let concerns = |own: &&LogEntry| {
        own.event().body.tag() == Kind::Corrected || controls.contains(&identity(own))
    };
    let contents = entries.iter().filter(concerns).map(LogEntry::content);
    Account::fold(&about.customer, contents.collect(), None)
}

/// The entry that voids a statement that is voided.
fn voiding(entries: &[LogEntry], wanted: &str) -> u64 {
    let voids = |own: &&LogEntry| {
        matches!(
            &own.event().body,
            Body::Control(Control::StatementVoided { number, .. }) if number == wanted
        )
    };
    entries.iter().find(voids).map_or(u64::MAX, |own| own.index)
}

/// Every statement that the log issues.
pub(super) fn all(entries: &[LogEntry]) -> Vec<Issued> {
    let issued = |own: &LogEntry| Issued::of(own.index, own.event());
    entries.iter().filter_map(issued).collect()
}

/// Draws a statement from the first so many entries.
pub(super) fn draw(
    covered: &Covered<'_>,
    about: &About,
    coverage: u64,
    contract: &str,
    cut: Timestamp,
) -> Result<Result<Recomputed, String>, Refusal> {
    let account = covered.account(&about.customer, coverage)?;
    let again = |until: u64| covered.account(&about.customer, until.min(coverage));
    match recompute(account, again, contract, cut) {
        Ok(mut drawn) => {
            if let Covered::Resumed(log) = covered {
                drawn.carried = carried(log);
            }
            Ok(Ok(drawn))
        }
        Err(RecomputeError::Statement(error)) => Ok(Err(error.to_string())),
        Err(RecomputeError::Read(refusal)) => Err(refusal),
    }
}

/// Check 12, the carry: what the statement says these entries come to is what they come to.
pub(super) fn check_carry(
    covered: &Covered<'_>,
    about: &About,
    drawn: &Recomputed,
    hashes: &Hashes,
    named: Digest,
) -> Result<(), Refusal> {
    let frontier = hashes.frontier(about.coverage).ok_or_else(|| {
        Refusal::new(
            Code::Recompute,
            "the log ends before the statement's entries",
        )
    })?;
    let carry = covered.carry(&drawn.account, hashes, frontier, about.cut)?;
    if carry == named {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Recompute,
        format!(
            "entry {} names {named} as the carry of the {} entries, and they give {carry}: the next \
             statement would start from something else",
            about.issued, about.coverage
        ),
    ))
}

/// Check 12: the statement computed from the entries is the one in the file, to the byte, and states
/// what the entry says.
pub(super) fn check_recomputed(
    drawn: &Recomputed,
    about: &About,
    body: &[u8],
    cells: &[StatedCell],
) -> Result<(), Refusal> {
    let refuse = |reason: String| Refusal::new(Code::Recompute, reason);
    let computed = drawn.statement.body();
    if computed.as_bytes() != body {
        return Err(refuse(difference(&computed, body, about)));
    }
    if drawn.statement.cells.as_slice() != cells {
        let differing = drawn
            .statement
            .cells
            .iter()
            .zip(cells)
            .find(|(a, b)| a != b);
        let place = differing.map_or_else(
            || {
                format!(
                    "it states {} cells, computed are {}",
                    cells.len(),
                    drawn.statement.cells.len()
                )
            },
            |(computed, stated)| {
                format!("it states {}, computed is {}", tell(stated), tell(computed))
            },
        );
        return Err(refuse(format!(
            "entry {} does not state what the statement charges: {place}",
            about.issued
        )));
    }
    Ok(())
}

fn tell(cell: &StatedCell) -> String {
    let waived = cell
        .waived
        .as_ref()
        .map(|reason| format!(", waived ({reason})"));
    format!(
        "{} of `{}` for {}{}",
        cell.quantity,
        cell.cell,
        cell.amount,
        waived.unwrap_or_default()
    )
}

/// Where two bodies differ, for people: the line and the money, if they can be told.
fn difference(computed: &str, stated: &[u8], about: &About) -> String {
    let zones = crate::time_zones();
    let hint = if about.time_zones == zones {
        String::new()
    } else {
        format!(
            "; it was made with time-zone data {}, this verifier has {zones}",
            about.time_zones
        )
    };
    let stated = String::from_utf8_lossy(stated);
    let told = match (Json::parse(computed), Json::parse(&stated)) {
        (Ok(computed), Ok(stated)) => differing_line(&computed, &stated)
            .or_else(|| differing_member(&computed, &stated))
            .unwrap_or_else(|| "it is written in another way".to_owned()),
        _ => "it is not JSON".to_owned(),
    };
    format!("the entries of the log do not give this statement: {told}{hint}")
}

/// The first line that is another.
fn differing_line(computed: &Json, stated: &Json) -> Option<String> {
    let lines = |body: &Json| match body.get("lines") {
        Some(Json::Array(lines)) => lines.clone(),
        _ => Vec::new(),
    };
    let (computed, stated) = (lines(computed), lines(stated));
    let same = computed
        .iter()
        .zip(&stated)
        .take_while(|(a, b)| a == b)
        .count();
    let tell = |line: Option<&Json>| {
        let Some(line) = line else {
            return "nothing".to_owned();
        };
        let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or("?").to_owned();
        let amount = line.get("amount");
        format!(
            "{} {} of `{}` for {} {}",
            text(line.get("kind")),
            text(line.get("quantity")),
            text(line.get("cell")),
            text(amount.and_then(|own| own.get("amount"))),
            text(amount.and_then(|own| own.get("currency"))),
        )
    };
    let (is, must) = (tell(stated.get(same)), tell(computed.get(same)));
    if is != must {
        return Some(format!(
            "line {} states {is}, and the log gives {must}",
            same + 1
        ));
    }
    // The same money on the line, and something else about it.
    let (computed, stated) = (computed.get(same)?, stated.get(same)?);
    let told = differing_member(computed, stated)?;
    Some(format!("line {}, {is}: {told}", same + 1))
}

/// The first member that is another.
fn differing_member(computed: &Json, stated: &Json) -> Option<String> {
    let (Json::Object(computed), Json::Object(stated)) = (computed, stated) else {
        return None;
    };
    let find = |members: &[(SmolStr, Json)], name: &str| {
        let found = members.iter().find(|(own, _)| own == name);
        found.map_or_else(|| "nothing".to_owned(), |(_, value)| value.to_canonical())
    };
    let names = computed.iter().chain(stated).map(|(name, _)| name);
    names
        .map(|name| (name, find(stated, name), find(computed, name)))
        .find(|(_, is, must)| is != must)
        .map(|(name, is, must)| {
            let short = |text: &str| text.chars().take(120).collect::<String>();
            format!(
                "`{name}` is {}, and the log gives {}",
                short(&is),
                short(&must)
            )
        })
}
