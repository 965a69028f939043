//! [`Book`]: an open book with its configuration.

use std::path::Path;
use std::sync::{Mutex, OnceLock};

use jiff::Timestamp;
use store::{DefaultDocuments, Embedded, Store};

use crate::Result;
use crate::account_cache::AccountCache;
use crate::acts::Turns;
use crate::balances::{Balances, TakingsKept};
use crate::carries::Carried;
use crate::config::Config;
use crate::documents::Documents;
use crate::keyring::Keyring;
use crate::limits::ACCOUNT_ENTRIES_MAX;
use crate::log_names::LogNames;
use crate::random::Random;
use crate::runs::Running;

/// An open book with its configuration.
pub struct Book {
    /// The configuration.
    pub config: Config,
    /// The store.
    pub store: Box<dyn Store>,
    /// Where secrets and salts come from.
    pub random: Random,
    /// Threads that one question may use; its answer is the same for any number.
    pub threads: usize,
    /// The documents in force, read when the book was opened: the state settles by the same.
    pub(crate) documents: Documents,
    /// The keys, once somebody needed them.
    keyring: OnceLock<Keyring>,
    /// Accounts folded lately.
    pub(crate) accounts: Mutex<AccountCache>,
    /// What the last carry was made of.
    pub(crate) carried: Mutex<Carried>,
    /// Which customers somebody is acting for.
    pub(crate) turns: Turns,
    /// The run over statements that is worked on.
    pub(crate) running: Running,
    /// What customers have spent, kept current.
    pub(crate) balances: Balances,
    /// What everybody is charged, kept in sums.
    pub(crate) takings: TakingsKept,
    /// Names of logs that were looked up.
    pub(crate) log_names: Mutex<LogNames>,
}

impl Book {
    /// Opens the configuration's book.
    ///
    /// # Errors
    /// Where it cannot be opened; a second process on it, for example.
    pub fn open(config: Config, random: Random) -> Result<Book> {
        let store = Embedded::open(&config.book)?;
        Book::with(config, Box::new(store), random)
    }

    /// Makes an empty book where the configuration says, with its secret.
    ///
    /// # Errors
    /// Where there is one already, or the directory cannot be written.
    pub fn create(config: Config, random: Random, now: Timestamp) -> Result<Book> {
        let store = Embedded::create(&config.book)?;
        Keyring::create(&config.book, config.proof.log.as_deref(), &random, now)?;
        Book::with(config, Box::new(store), random)
    }

    /// A book whose state settles customers without a contract by the documents in force.
    fn with(config: Config, store: Box<dyn Store>, random: Random) -> Result<Book> {
        let documents = Documents::of(&config)?;
        let time_zone = config
            .contract
            .get("time_zone")
            .and_then(toml::Value::as_str);
        store.set_default_documents(&DefaultDocuments {
            definitions: documents.texts.definitions.clone(),
            time_zone: time_zone.unwrap_or("UTC").to_owned(),
        })?;
        Ok(Book {
            config,
            store,
            random,
            threads: 1,
            documents,
            keyring: OnceLock::new(),
            accounts: Mutex::new(AccountCache::new(ACCOUNT_ENTRIES_MAX)),
            carried: Mutex::default(),
            turns: Turns::default(),
            running: Running::default(),
            balances: Balances::default(),
            takings: TakingsKept::default(),
            log_names: Mutex::default(),
        })
    }

    /// The same book under another configuration.
    ///
    /// # Errors
    /// Where the documents that it names cannot be used.
    pub fn reconfigured(self, config: Config) -> Result<Book> {
        let threads = self.threads;
        let book = Book::with(config, self.store, self.random)?;
        Ok(Book { threads, ..book })
    }

    /// The book's directory.
    pub fn path(&self) -> &Path {
        &self.config.book
    }

    /// The keys of the book, as they were when they were first needed: whoever changes them has the book alone.
    ///
    /// # Errors
    /// Where the book's secret cannot be read.
    pub fn keyring(&self) -> Result<&Keyring> {
        if let Some(known) = self.keyring.get() {
            return Ok(known);
        }
        let keyring = Keyring::open(self.path(), self.config.proof.log.as_deref())?;
        Ok(self.keyring.get_or_init(|| keyring))
    }
}

#[cfg(test)]
mod tests {
    use super::Book;

    /// A server asks one book from many threads.
    #[test]
    fn a_book_can_be_asked_by_many_at_once() {
        const fn shared<T: Send + Sync>() {}
        const { shared::<Book>() };
    }
}
