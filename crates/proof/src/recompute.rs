//! A statement out of a log's entries: the computation that both builder and verifier trust.
//!
//! `docs/reference/recompute.md`, by way of `pricing`. Without a draft contract: what nobody signed
//! proves nothing.

use std::convert::Infallible;

use jiff::Timestamp;
use pricing::account::{Account, Held};
use pricing::statement::{LineKind, Statement, StatementError, draw};
use work::effective::Content;
use work::settle::FactRef;

use crate::carry::Resumed;
use crate::issued::Issued;

/// A statement with the account that it was computed from.
#[derive(Debug)]
pub struct Recomputed {
    pub(crate) account: Account,
    pub(crate) statement: Statement,
    /// Where the facts of carried works stand in the log.
    pub(crate) carried: Vec<(FactRef, u64)>,
}

impl Recomputed {
    /// The statement that an entry issues, computed again from the log before it: `log` has the first
    /// entries of the customer log, in order, and at least those that the statement covers.
    ///
    /// # Errors
    /// Where the log does not give such a statement.
    pub fn of_log(
        customer: &str,
        log: &[Content],
        issued: &Issued,
    ) -> Result<Recomputed, StatementError> {
        let coverage = issued.coverage.min(issued.index);
        let account = |until: u64| {
            let covered = log.iter().take_while(|own| own.entry < until.min(coverage));
            Account::fold(customer, covered.cloned().collect(), None)
        };
        let again = |until: u64| Ok::<_, Infallible>(account(until));
        let own = recompute(account(coverage), again, &issued.contract, issued.cut);
        own.map_err(|error| match error {
            RecomputeError::Statement(error) => error,
            RecomputeError::Read(never) => match never {},
        })
    }
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
) -> Result<Recomputed, RecomputeError<E>> {
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
    Ok(Recomputed {
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
