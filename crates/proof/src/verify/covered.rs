//! [`Covered`]: the entries that a statement is computed from, as often as they are needed.
//!
//! Of a whole log the entries are used up by the first account; whoever needs some again reads them
//! from the file, so that they need not be in memory twice. What a carry goes on from is small, and is
//! kept.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use pricing::account::Account;
use tlog::Frontier;
use work::Digest;

use super::container;
use super::hashes::Hashes;
use super::refusal::{Code, Refusal};
use crate::carry::{Carry, LogEntry, Resumed, seal, seal_whole};
use crate::file::About;
use crate::zip::Archive;

/// The entries that a statement is computed from.
pub(super) enum Covered<'a> {
    /// The file has the whole log. Its entries are at hand once.
    Whole {
        archive: &'a Archive<'a>,
        at_hand: RefCell<Vec<LogEntry>>,
        threads: usize,
    },
    /// The file has a carry and what came since.
    Resumed(Box<Resumed>),
}

/// What a file in mode `carry` has in place of the beginning of the log.
pub(super) struct Beginning {
    pub(super) carry: Carry,
    pub(super) brought: Vec<LogEntry>,
}

impl<'a> Covered<'a> {
    /// Check 12, the beginning: what a carry brings back is what is touched, and nothing since
    /// changes what was agreed before.
    pub(super) fn of(
        archive: &'a Archive<'a>,
        about: &About,
        beginning: Option<Beginning>,
        entries: Vec<LogEntry>,
        threads: usize,
    ) -> Result<Covered<'a>, Refusal> {
        let Some(Beginning { carry, brought }) = beginning else {
            return Ok(Covered::Whole {
                archive,
                at_hand: RefCell::new(entries),
                threads,
            });
        };
        let own = carry.coverage()..about.coverage;
        let since = entries
            .into_iter()
            .filter(|entry| own.contains(&entry.index));
        let resumed = carry
            .resume(brought, since.collect())
            .map_err(|error| Refusal::new(Code::Recompute, error))?;
        Ok(Covered::Resumed(Box::new(resumed)))
    }

    /// The account of the first so many entries.
    pub(super) fn account(&self, customer: &str, until: u64) -> Result<Account, Refusal> {
        match self {
            Covered::Whole {
                archive,
                at_hand,
                threads,
            } => {
                let mut entries = at_hand.take();
                if (entries.len() as u64) < until {
                    entries = container::entries_again(archive, until)?;
                }
                let covered = entries.into_iter().take_while(|own| own.index < until);
                let contents = covered.map(LogEntry::into_content);
                let contents = contents.collect();
                Ok(Account::resume(
                    customer,
                    contents,
                    Vec::new(),
                    None,
                    *threads,
                ))
            }
            Covered::Resumed(resumed) => Ok(resumed.account(until)),
        }
    }

    /// The digest of the carry of the entries that an account is of.
    pub(super) fn carry(
        &self,
        account: &Account,
        hashes: &Hashes,
        frontier: Frontier,
        cut: Timestamp,
    ) -> Result<Digest, Refusal> {
        let digest = match self {
            Covered::Whole {
                archive, threads, ..
            } => {
                let fetch = |positions: &BTreeSet<u64>| container::entries_at(archive, positions);
                let leaf = |index| hashes.leaf(index);
                let carry = seal_whole(account, leaf, fetch, frontier, cut, *threads)?;
                carry.digest_on(*threads)
            }
            Covered::Resumed(log) => seal(log, account, frontier, cut).digest(),
        };
        Ok(digest)
    }
}
