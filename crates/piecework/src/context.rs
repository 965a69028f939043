//! [`Context`]: what every command needs: the configuration, the book, the clock, the output.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use pricing::account::Account;
use store::{DefaultDocuments, Embedded, Store};

use crate::carries::Carried;
use crate::cli::Cli;
use crate::config::{self, Config};
use crate::documents::Documents;
use crate::env;
use crate::keyring::Keyring;
use crate::output::Output;

/// What every command needs.
pub struct Context {
    /// Where the configuration is looked for.
    pub config_path: PathBuf,
    /// Where results go.
    pub out: Output,
    /// The instant that counts as now.
    pub now: Timestamp,
}

impl Context {
    /// The context of a command line.
    ///
    /// # Errors
    /// Where `PIECEWORK_NOW` is not an instant.
    pub fn new(cli: &Cli) -> Result<Context> {
        let config_path = cli
            .config
            .clone()
            .or_else(|| env::CONFIG.value().map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from(config::FILE_NAME));
        let now = match env::NOW.value() {
            None => Timestamp::now(),
            Some(text) => text.parse().with_context(|| {
                format!("{}=`{text}` is not an RFC 3339 instant", env::NOW.name)
            })?,
        };
        Ok(Context {
            config_path,
            out: Output { json: cli.json },
            now,
        })
    }

    /// The configuration.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn config(&self) -> Result<Config> {
        Config::read(&self.config_path)
    }

    /// The book that a configuration names.
    ///
    /// # Errors
    /// Where it cannot be opened; a second process on it, for example.
    pub fn open(&self, config: &Config) -> Result<Book> {
        Book::open(config.clone())
    }

    /// The configuration's book.
    ///
    /// # Errors
    /// As [`Context::config`] and [`Context::open`].
    pub fn book(&self) -> Result<Book> {
        self.open(&self.config()?)
    }
}

/// An open book with its configuration.
pub struct Book {
    /// The configuration.
    pub config: Config,
    /// The store.
    pub store: Box<dyn Store>,
    /// Accounts folded so far, by customer and length of the log.
    pub(crate) accounts: RefCell<HashMap<(String, u64), Arc<Account>>>,
    /// What the last carry was made of.
    pub(crate) carried: RefCell<Carried>,
}

impl Book {
    /// Opens the configuration's book.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(config: Config) -> Result<Book> {
        let store = Embedded::open(&config.book)?;
        Book::with(config, Box::new(store))
    }

    /// Makes an empty book where the configuration says, with its secret.
    ///
    /// # Errors
    /// Where there is one already, or the directory cannot be written.
    pub fn create(config: Config, now: Timestamp) -> Result<Book> {
        let store = Embedded::create(&config.book)?;
        Keyring::create(&config.book, config.proof.log.as_deref(), now)?;
        Book::with(config, Box::new(store))
    }

    /// A book whose state settles customers without a contract by the documents in force.
    fn with(config: Config, store: Box<dyn Store>) -> Result<Book> {
        let documents = Documents::of(&config)?;
        let time_zone = config
            .contract
            .get("time_zone")
            .and_then(toml::Value::as_str);
        store.set_default_documents(&DefaultDocuments {
            definitions: documents.texts.definitions,
            time_zone: time_zone.unwrap_or("UTC").to_owned(),
        })?;
        Ok(Book {
            config,
            store,
            accounts: RefCell::default(),
            carried: RefCell::default(),
        })
    }

    /// The same book under another configuration.
    ///
    /// # Errors
    /// Where the documents that it names cannot be used.
    pub fn reconfigured(self, config: Config) -> Result<Book> {
        Book::with(config, self.store)
    }

    /// The book's directory.
    pub fn path(&self) -> &Path {
        &self.config.book
    }
}
