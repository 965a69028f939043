//! Check 15: every cover of the log is what the log gives; and the part of check 12 that is about covers.
//!
//! A cover is computed from the entries before it, like a statement; the fold takes it where it is the same, member by
//! member. What its statements come to is what they state. That each of them follows from the entries a file of the
//! whole log shows for all of them, so that one file is the proof of a cover; one that goes on from a carry has only what
//! its own statement is computed from.

use pricing::Account;
use pricing::cover::Cover;
use work::Digest;
use work::body::{Body, Control, CoverEntry};

use super::covered::Covered;
use super::refusal::{Code, Refusal};
use super::report::Covering;
use super::statement;
use crate::carry::LogEntry;
use crate::file::{About, Mode};

/// Check 15: every entry that issues a cover has issued it.
pub(super) fn all(entries: &[LogEntry], ledger: &Account) -> Result<(), Refusal> {
    for own in entries {
        let Body::Control(Control::Cover(CoverEntry::Issued { number, .. })) = &own.event().body
        else {
            continue;
        };
        if ledger.covers.iter().any(|cover| cover.entry == own.index) {
            continue;
        }
        let flag = ledger.flags.iter().find(|flag| flag.entry == own.index);
        let why = flag.map_or("another entry has its identity", |flag| {
            flag.problem.as_str()
        });
        return Err(Refusal::new(
            Code::Cover,
            format!(
                "entry {} issues the cover `{number}`, and it is not what the log gives: {why}",
                own.index
            ),
        ));
    }
    Ok(())
}

/// The standing cover that binds a statement.
pub(super) fn of(ledger: &Account, statement: &str) -> Option<Covering> {
    let mut standing = ledger.covers.iter().filter(|own| !own.is_voided());
    let cover: &Cover = standing.find(|own| own.binds(statement))?;
    let statements = cover.parts.iter().map(|own| own.statement.clone());
    Some(Covering {
        number: cover.number.clone(),
        entry: cover.entry,
        through: cover.through,
        due_on: ledger.cover_due_on(cover),
        statements: statements.collect(),
        total: cover.total,
        payable: cover.payable,
        is_computed: false,
    })
}

/// Check 12, of a file of the whole log: the other statements under the cover, computed again.
pub(super) fn computed(
    covered: &Covered<'_>,
    about: &About,
    ledger: &Account,
    cover: &mut Covering,
) -> Result<(), Refusal> {
    if about.mode != Mode::Full {
        return Ok(());
    }
    let others = cover.statements.iter().filter(|own| **own != about.number);
    for number in others {
        let wrong = |why: &str| {
            let reason = format!(
                "the statement `{number}` under the cover `{}` {why}",
                cover.number
            );
            Refusal::new(Code::Recompute, reason)
        };
        let found = ledger.statement(number);
        let (held, issued) = found.ok_or_else(|| wrong("is not there"))?;
        let coverage = issued.coverage.min(cover.entry);
        let drawn = statement::draw(covered, about, coverage, &held.agreement.id, issued.cut)?;
        let drawn = drawn.map_err(|problem| wrong(&format!("cannot be computed: {problem}")))?;
        if Digest::of(drawn.statement.body().as_bytes()) != issued.body {
            return Err(wrong("is not what the entries of the log give"));
        }
        if drawn.statement.cells != issued.cells {
            return Err(wrong("states other cells than the entries of the log give"));
        }
    }
    cover.is_computed = true;
    Ok(())
}
