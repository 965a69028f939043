//! A statement out of a log's entries: the computation that both builder and verifier trust.
//!
//! `docs/reference/recompute.md`, by way of `pricing`. Without a draft contract: what nobody signed
//! proves nothing.

use jiff::Timestamp;
use pricing::account::{Account, Held};
use pricing::statement::{LineKind, Statement, StatementError, draw};
use work::settle::FactRef;

use crate::carry::Resumed;

/// A statement with the account that it was drawn from.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) account: Account,
    pub(crate) statement: Statement,
    /// Where the facts of carried works stand in the log.
    pub(crate) carried: Vec<(FactRef, u64)>,
}

/// Why a statement could not be computed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecomputeError<E> {
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("an earlier part of the log could not be read again")]
    Read(E),
}

/// Draws the statement of a contract for a cut from an account. Where it adjusts what was stated
/// before, `again` gives the account of the first so many entries.
pub(crate) fn recompute<E>(
    account: Account,
    again: impl FnOnce(u64) -> Result<Account, E>,
    contract: &str,
    cut: Timestamp,
) -> Result<Drawn, RecomputeError<E>> {
    let mut statement = draw(&account, None, contract, cut)?;
    let adjusts = |statement: &Statement| {
        let mut lines = statement.lines.iter();
        lines.any(|line| line.kind == LineKind::Adjustment)
    };
    let last = account.contract(contract).and_then(Held::last_statement);
    if let Some(last) = last.filter(|_| adjusts(&statement)) {
        let before = again(last.coverage).map_err(RecomputeError::Read)?;
        statement = draw(&account, Some(&before), contract, cut)?;
    }
    Ok(Drawn {
        account,
        statement,
        carried: Vec::new(),
    })
}

/// Where the facts of the works that a log carries stand.
pub(crate) fn carried(log: &Resumed) -> Vec<(FactRef, u64)> {
    let units = log.groups.iter().flat_map(|group| &group.units);
    let facts = units.flat_map(|own| own.unit.facts.iter().cloned().zip(own.entries.clone()));
    facts.collect()
}
