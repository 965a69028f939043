//! The corpus: a small but rich log, good proof files of it, and files that were tampered with, each
//! with the verdict and code that a verifier must give.
//!
//! One table for this crate's tests, and written to a directory by `examples/corpus.rs` for other
//! verifiers to be run over.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::type_complexity
)] // each user takes its part; tests may panic

pub mod assemble;
pub mod book;
pub mod carried;
pub mod cases;
pub mod covered;
pub mod evil;
pub mod many;
pub mod nonces;
pub mod outsider;
pub mod quoted;
pub mod raw_zip;
pub mod seller;
pub mod story;

use proof::verify::{Head, Options};
use tlog::VerifierKey;

/// A file with what must be said of it.
pub struct Case {
    pub name: String,
    /// The code of the refusal; `valid` where there is none.
    pub expected: &'static str,
    pub key: Option<VerifierKey>,
    pub head: Option<Head>,
    pub file: Vec<u8>,
}

impl Case {
    pub fn new(name: &str, expected: &'static str, file: Vec<u8>) -> Case {
        Case {
            name: name.to_owned(),
            expected,
            key: None,
            head: None,
            file,
        }
    }

    pub fn key(mut self, key: &VerifierKey) -> Case {
        self.key = Some(key.clone());
        self
    }

    pub fn head(mut self, head: Head) -> Case {
        self.head = Some(head);
        self
    }

    pub fn options(&self) -> Options {
        Options {
            key: self.key.clone(),
            head: self.head,
            ..Options::default()
        }
    }
}
