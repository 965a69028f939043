//! [`Covered`]: the entries that a statement is computed from, as often as they are needed.
//!
//! A whole log is read again from the file, so that it need not be kept in memory; what a carry goes
//! on from is small, and is kept.

use std::borrow::Cow;

use pricing::account::Account;

use super::container;
use super::refusal::{Code, Refusal};
use crate::carry::{Carry, LogEntry, Resumed};
use crate::file::About;
use crate::zip::Archive;

/// The entries that a statement is computed from.
pub(super) enum Covered<'a> {
    /// The file has the whole log.
    Whole(&'a Archive<'a>),
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
        entries: &[LogEntry],
    ) -> Result<Covered<'a>, Refusal> {
        let Some(Beginning { carry, brought }) = beginning else {
            return Ok(Covered::Whole(archive));
        };
        let own = carry.coverage()..about.coverage;
        let since = entries.iter().filter(|entry| own.contains(&entry.index));
        let resumed = carry
            .resume(brought, since.cloned().collect())
            .map_err(|error| Refusal::new(Code::Recompute, error))?;
        Ok(Covered::Resumed(Box::new(resumed)))
    }

    /// The account of the first so many entries.
    pub(super) fn account(&self, customer: &str, until: u64) -> Result<Account, Refusal> {
        match self {
            Covered::Whole(archive) => {
                let entries = container::entries_again(archive, until)?;
                let contents = entries.into_iter().map(LogEntry::into_content);
                Ok(Account::fold(customer, contents.collect(), None))
            }
            Covered::Resumed(resumed) => Ok(resumed.account(until)),
        }
    }

    /// The first so many entries themselves.
    pub(super) fn log(&self, customer: &str, until: u64) -> Result<Cow<'_, Resumed>, Refusal> {
        match self {
            Covered::Whole(archive) => {
                let entries = container::entries_again(archive, until)?;
                Ok(Cow::Owned(Resumed::from_genesis(customer, entries)))
            }
            Covered::Resumed(resumed) => Ok(Cow::Borrowed(resumed)),
        }
    }
}
