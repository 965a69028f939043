//! A statement out of a log's entries: the computation that both builder and verifier trust.
//!
//! `docs/reference/recompute.md`, by way of `pricing`. Without a draft contract: what nobody signed
//! proves nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use pricing::account::{Account, Held};
use pricing::statement::{LineKind, Statement, StatementError, draw};
use work::Digest;
use work::effective::Content;

use crate::carry::{LogEntry, seal_whole};
use crate::tree::Tree;

/// A statement with the account that it was drawn from.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) account: Account,
    pub(crate) statement: Statement,
}

/// Why a statement could not be computed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecomputeError<E> {
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("an earlier part of the log could not be read again")]
    Read(E),
}

/// Draws the statement of a contract for a cut from the entries of a log. Where it adjusts what was
/// stated before, `again` gives the first so many entries once more, so that they need not be kept.
pub(crate) fn recompute<E>(
    customer: &str,
    contents: Vec<Content>,
    again: impl FnOnce(u64) -> Result<Vec<Content>, E>,
    contract: &str,
    cut: Timestamp,
) -> Result<Drawn, RecomputeError<E>> {
    let account = Account::fold(customer, contents, None);
    let mut statement = draw(&account, None, contract, cut)?;
    let adjusts = |statement: &Statement| {
        let mut lines = statement.lines.iter();
        lines.any(|line| line.kind == LineKind::Adjustment)
    };
    let last = account.contract(contract).and_then(Held::last_statement);
    if let Some(last) = last.filter(|_| adjusts(&statement)) {
        let known = again(last.coverage).map_err(RecomputeError::Read)?;
        let before = Account::fold(customer, known, None);
        statement = draw(&account, Some(&before), contract, cut)?;
    }
    Ok(Drawn { account, statement })
}

impl Drawn {
    /// The digest of the carry of the entries that it was drawn from. `fetch` gives those of the
    /// positions asked for.
    pub(crate) fn carry<E>(
        &self,
        tree: &Tree,
        fetch: impl FnMut(&BTreeSet<u64>) -> Result<Vec<LogEntry>, E>,
    ) -> Result<Digest, E> {
        let account = &self.account;
        let frontier = tree.frontier(account.coverage).unwrap_or_default();
        let leaf = |index| tree.leaf(index);
        let carry = seal_whole(account, leaf, fetch, frontier, self.statement.cut)?;
        Ok(carry.digest())
    }
}
