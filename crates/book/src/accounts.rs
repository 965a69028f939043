//! Accounts out of the book: a customer's log, folded; a draft contract for whoever has none.

use std::sync::{Arc, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pricing::account::{Account, Held};
use pricing::contract::InForce;
use work::effective::Content;
use work::event::UNASSIGNED;
use work::{Definition, LogKind, threads};

use crate::Result;
use crate::account_cache::AccountCache;
use crate::book::Book;
use crate::contracts;
use crate::documents::{Documents, faulty};
use crate::error::{Absent, Error, Invalid};
use crate::limits::{CUSTOMERS_PAGE, ENTRIES_READ_AT_ONCE};

impl Book {
    /// The documents in force for customers without a contract.
    ///
    /// # Errors
    /// Where one cannot be used.
    pub fn documents(&self) -> Result<Documents> {
        Ok(self.documents.clone())
    }

    /// The customers, but not the holder of what belongs to none.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn customers(&self) -> Result<Vec<store::Customer>> {
        let mut all: Vec<store::Customer> = Vec::new();
        loop {
            let after = all.last().map(|last| last.customer.clone());
            let page = self.store.customers(after.as_deref(), CUSTOMERS_PAGE)?;
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        all.retain(|customer| customer.customer != UNASSIGNED);
        Ok(all)
    }

    /// The customers that a command is about: the one named, or all.
    ///
    /// # Errors
    /// Where the one named is not in the book, or there are none.
    pub fn chosen(&self, customer: Option<&str>) -> Result<Vec<String>> {
        if let Some(name) = customer
            && self.is_customer(name)?
        {
            return Ok(vec![name.to_owned()]);
        }
        let known: Vec<String> = self
            .customers()?
            .into_iter()
            .map(|customer| customer.customer)
            .collect();
        let Some(name) = customer else {
            if known.is_empty() {
                return Err(Absent::Events.into());
            }
            return Ok(known);
        };
        Err(Absent::Customer {
            customer: name.to_owned(),
            known,
        }
        .into())
    }

    /// How much is written of a customer, in the shared log and in the seller's: another pair once more is.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn written_of(&self, customer: &str) -> Result<(u64, u64)> {
        let shared = self.store.head(customer, LogKind::Shared)?;
        Ok((shared, self.store.head(customer, LogKind::Seller)?))
    }

    /// Whether somebody of that name has any entries.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn is_customer(&self, name: &str) -> Result<bool> {
        if name == UNASSIGNED {
            return Ok(false);
        }
        for log in [LogKind::Shared, LogKind::Seller] {
            if self.store.head(name, log)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Refuses a customer that the book has no entry of.
    ///
    /// # Errors
    /// [`Absent::Customer`].
    pub fn require_customer(&self, customer: &str) -> Result<()> {
        for log in [LogKind::Shared, LogKind::Seller] {
            if self.store.head(customer, log)? > 0 {
                return Ok(());
            }
        }
        let customer = customer.to_owned();
        Err(Absent::Customer {
            customer,
            known: Vec::new(),
        }
        .into())
    }

    /// The contents of one of a customer's logs, up to `until` entries, read on the book's threads.
    ///
    /// # Errors
    /// Where an entry cannot be read.
    pub fn contents(
        &self,
        customer: &str,
        log: LogKind,
        until: Option<u64>,
    ) -> Result<Vec<Content>> {
        let head = self.store.head(customer, log)?;
        let until = until.unwrap_or(head).min(head);
        let mut stored = self.store.entry_bytes(customer, log, 0..until)?;
        let mut contents = Vec::with_capacity(usize::try_from(until)?);
        let read = |(index, bytes): &(u64, Vec<u8>)| -> Result<Content> {
            let entry = store::entry::read((customer, log), *index, bytes)?;
            Ok(Content {
                entry: entry.index,
                event: entry.event,
            })
        };
        let mut next = 0..until;
        loop {
            let bytes = stored.by_ref().take(ENTRIES_READ_AT_ONCE);
            // In this order, so that no index is taken where there are no bytes.
            let bytes = bytes.zip(next.by_ref());
            let bytes = bytes.map(|(own, index)| Ok::<_, Error>((index, own?)));
            let bytes: Vec<(u64, Vec<u8>)> = bytes.collect::<Result<_>>()?;
            if bytes.is_empty() {
                return Ok(contents);
            }
            for content in threads::map(self.threads, &bytes, read) {
                contents.push(content?);
            }
        }
    }

    /// A customer's account, from the first `until` entries of the shared log, or all of it.
    ///
    /// A log only grows, so an account of so many entries is folded once.
    ///
    /// # Errors
    /// [`Absent::Customer`] for the logs of what belongs to no customer; where the log or the documents in force
    /// cannot be read.
    pub fn account(&self, customer: &str, until: Option<u64>) -> Result<Arc<Account>> {
        if customer == UNASSIGNED {
            let customer = customer.to_owned();
            let known = Vec::new();
            return Err(Absent::Customer { customer, known }.into());
        }
        let head = self.store.head(customer, LogKind::Shared)?;
        let coverage = until.unwrap_or(head).min(head);
        if let Some(known) = self.kept_accounts().get(customer, coverage) {
            return Ok(known);
        }
        let contents = self.contents(customer, LogKind::Shared, Some(coverage))?;
        let first = contents.iter().map(|content| content.event.time).min();
        // Whoever has no entry has no draft: a name that is asked for need not make a contract.
        let draft = first.map(|first| self.draft(customer, first));
        let account = Account::resume(
            customer,
            contents,
            Vec::new(),
            draft.transpose()?,
            self.threads,
        );
        let account = Arc::new(account);
        self.kept_accounts().put(&account);
        Ok(account)
    }

    /// Takes note of a statement that was issued since the log had `coverage` entries: its entries
    /// settle nothing, so the account with it follows from the one without it, and takes its place. Older
    /// accounts of the customer are forgotten.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn note_issued(&self, customer: &str, coverage: u64) -> Result<()> {
        let kept = self.kept_accounts().take(customer, coverage);
        let before = match kept {
            Some(kept) => kept,
            None => self.account(customer, Some(coverage))?,
        };
        // Of a customer with many works a copy is large: it is only made where somebody else looks at the account.
        let mut after = Arc::unwrap_or_clone(before);
        let mut taken = true;
        for entry in self
            .store
            .entries(customer, LogKind::Shared, coverage..u64::MAX)?
        {
            let entry = entry?;
            taken &= after.take_statement(&Content {
                entry: entry.index,
                event: entry.event,
            });
        }
        let mut kept = self.kept_accounts();
        kept.forget_before(customer, coverage);
        if taken {
            kept.put(&Arc::new(after));
        }
        Ok(())
    }

    /// Forgets what was folded of a customer, which nobody asks for soon.
    pub(crate) fn forget_accounts(&self, customer: &str) {
        self.kept_accounts().forget_before(customer, u64::MAX);
    }

    /// The accounts folded lately. Whoever panicked while looking at them has left them whole.
    fn kept_accounts(&self) -> MutexGuard<'_, AccountCache> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The terms of a customer who signed nothing: the documents in force, from the first day of the
    /// month of the first event.
    pub(crate) fn draft(&self, customer: &str, first: Timestamp) -> Result<InForce> {
        let documents = self.documents()?;
        let starts = first.to_zoned(TimeZone::UTC).date().first_of_month();
        let id = format!("draft-{}", contracts::part_of_id(customer));
        self.terms(&documents, customer, &id, starts)
            .map(|(_, terms)| terms)
    }

    /// A contract's text over the documents in force, and its terms.
    ///
    /// # Errors
    /// Where the documents do not fit together.
    pub fn terms(
        &self,
        documents: &Documents,
        customer: &str,
        id: &str,
        starts: Date,
    ) -> Result<(String, InForce)> {
        let text = contracts::text(&self.config, documents, customer, id, starts)?;
        let name = format!("the contract of {customer}");
        let contract = contracts::read(&name, &text)?;
        let definitions: Vec<&Definition> = documents.definitions.iter().collect();
        let terms = contract
            .resolve(&documents.plan, &definitions)
            .map_err(|error| faulty(&name, &text, error.faults))?;
        Ok((text, terms))
    }

    /// The name to print for a customer.
    pub fn customer_name(&self, customer: &str) -> String {
        self.config
            .customer
            .get(customer)
            .and_then(|own| own.name.clone())
            .unwrap_or_else(|| customer.to_owned())
    }
}

/// The contract that a command is about: the one named, or the only one.
///
/// # Errors
/// Where it is not there, or there are several and none is named.
pub fn contract<'a>(account: &'a Account, id: Option<&str>) -> Result<&'a Held> {
    let customer = account.customer.clone();
    let known = || -> Vec<String> {
        let held = account.contracts.iter();
        held.map(|held| held.agreement.id.clone()).collect()
    };
    match (id, account.contracts.as_slice()) {
        (Some(id), _) => account.contract(id).ok_or_else(|| {
            Error::from(Absent::Contract {
                customer,
                contract: id.to_owned(),
                known: known(),
            })
        }),
        (None, [one]) => Ok(one),
        (None, []) => Err(Absent::AnyContract { customer }.into()),
        (None, _) => Err(Invalid::SeveralContracts {
            customer,
            known: known(),
        }
        .into()),
    }
}

/// The contracts that a command is about: the one named, or all of a customer.
///
/// # Errors
/// Where the one named is not there.
pub fn contracts<'a>(account: &'a Account, id: Option<&str>) -> Result<Vec<&'a Held>> {
    match id {
        Some(id) => Ok(vec![contract(account, Some(id))?]),
        None => Ok(account.contracts.iter().collect()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use jiff::Timestamp;
    use work::body::Body;
    use work::event::Authorship;
    use work::{Event, Header, Headers};
    use zeroize::Zeroizing;

    use super::*;
    use crate::config::Config;
    use crate::presets;

    fn reopened(customer: &str, time: Timestamp) -> Event {
        let mut headers = Headers::default();
        headers.set(Header::Work, "w");
        Event {
            id: "1".into(),
            source: "desk".into(),
            customer: customer.into(),
            time,
            work: Some("w".into()),
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers,
            body: Body::Reopened,
        }
    }

    fn created(directory: &Path, now: Timestamp) -> Book {
        let preset = presets::find("fin-style").unwrap();
        let config = Config::of_preset(preset, &directory.join("book"));
        let random = Arc::new(|| Ok(Zeroizing::new([7; 32])));
        Book::create(config, random, now).unwrap()
    }

    #[test]
    fn whatever_a_customer_is_called_there_are_terms() {
        let directory = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let book = created(directory.path(), now);
        let long = "c".repeat(200);
        for (name, id) in [
            ("acme", "draft-acme"),
            ("Nagy \u{e9}s Fia Kft.", "draft-d205fbf791a0"),
            (long.as_str(), "draft-5e39abe881f5"),
            ("\u{d0e7d}\u{bd}", "draft-b733bf507c38"),
        ] {
            book.store.append(&[reopened(name, now)], now).unwrap();
            let account = book.account(name, None).unwrap();
            assert_eq!(account.contracts[0].agreement.id, id);
        }
    }

    #[test]
    fn customers_beyond_a_page_are_all_there() {
        let directory = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let book = created(directory.path(), now);
        assert!(matches!(
            book.chosen(None),
            Err(Error::Absent(Absent::Events))
        ));
        let names: Vec<String> = (0..=CUSTOMERS_PAGE).map(|n| format!("c-{n:05}")).collect();
        let events: Vec<Event> = names.iter().map(|name| reopened(name, now)).collect();
        book.store.append(&events, now).unwrap();
        assert_eq!(book.chosen(None).unwrap(), names);
        let problem = book.chosen(Some("nobody"));
        assert!(matches!(
            problem,
            Err(Error::Absent(Absent::Customer { known, .. })) if known.len() == names.len()
        ));
    }
}
