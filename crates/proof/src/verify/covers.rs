//! Check 15: every cover of the log is what the log gives.
//!
//! A cover is computed from the entries before it, like a statement; the fold takes it where it is the same, member by
//! member. What its statements come to is what they state; that each of them follows from the entries its own file
//! shows.

use pricing::Account;
use pricing::cover::Cover;
use work::body::{Body, Control, CoverEntry};

use super::refusal::{Code, Refusal};
use super::report::Covering;
use crate::carry::LogEntry;

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
    })
}
