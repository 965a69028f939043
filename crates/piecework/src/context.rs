//! [`Context`]: what every command needs: the configuration, the book, the clock, the output.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context as _, Result};
use book::Book;
use book::config::{self, Config};
use jiff::Timestamp;

use crate::cli::Cli;
use crate::output::Output;
use crate::{env, random};

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
        Ok(Config::read(&self.config_path)?)
    }

    /// The book that a configuration names.
    ///
    /// # Errors
    /// Where it cannot be opened; a second process on it, for example.
    pub fn open(&self, config: &Config) -> Result<Book> {
        let mut book = Book::open(config.clone(), random::source())?;
        book.threads = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(book)
    }

    /// The configuration's book.
    ///
    /// # Errors
    /// As [`Context::config`] and [`Context::open`].
    pub fn book(&self) -> Result<Book> {
        self.open(&self.config()?)
    }
}
