//! The proof file of a statement, made of the book.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use pricing::account::{Account, Issued};
use proof::carry::Carry;
use proof::file::{About, Engine, Payload, Request, build, build_from_carry, first_entry};
use serde::Serialize;
use work::LogKind;

use crate::book::Book;
use crate::error::{Absent, Refused};
use crate::{Error, Result};

/// What a proof file was made of.
#[derive(Serialize)]
pub struct Proved {
    /// The statement's number.
    pub number: String,
    /// The file's path.
    pub file: String,
    /// From the whole log or from a carry.
    pub mode: &'static str,
    /// Entries that the statement was made of.
    pub coverage: u64,
    /// Entries of the log under the signed head.
    pub size: u64,
    /// The root of that head.
    pub root: String,
}

/// The name of a statement's proof file.
pub fn file_name(number: &str) -> PathBuf {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = number
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    PathBuf::from(format!("{name}.proof.zip"))
}

/// Of which statement, and how, a proof file is made.
#[derive(Debug, Clone, Copy)]
pub struct Proving<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The statement's printed number.
    pub number: &'a str,
    /// From the carry of the statement before, not from the whole log.
    pub from_carry: bool,
    /// Payloads that are disclosed in it.
    pub payloads: &'a [Payload],
}

/// Where the proof files of issued statements are kept, in the book's directory.
const KEPT: &str = "proofs";

/// Whether a proof file says that it is of this statement, in the log of this origin. Nothing is verified.
#[must_use]
pub fn is_of(file: &[u8], origin: &str, number: &str) -> bool {
    proof::file::about(file).is_some_and(|own| own.origin == origin && own.number == number)
}

impl Book {
    /// Where the proof file of a statement is kept. Numbers of two customers may have one file: what is there
    /// says itself whose it is ([`is_of`]).
    #[must_use]
    pub fn kept_proof_file(&self, number: &str) -> PathBuf {
        self.path().join(KEPT).join(file_name(number))
    }

    /// The directory where proof files are kept, made where it is not there.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn proofs_directory(&self) -> Result<PathBuf> {
        let path = self.path().join(KEPT);
        match std::fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(Error::File {
                doing: "make",
                path,
                source,
            }),
        }
    }

    /// Writes the proof file of a statement, made of the whole log, beside the book, where the proof files of
    /// issued statements are kept. Writing it again replaces it by one under the log's latest head.
    ///
    /// # Errors
    /// As [`Book::prove`].
    pub fn keep_proof_file(&self, customer: &str, number: &str, now: Timestamp) -> Result<Proved> {
        let _turn = self.turns.take(customer);
        self.proofs_directory()?;
        let proving = Proving {
            customer,
            number,
            from_carry: false,
            payloads: &[],
        };
        self.prove(&proving, &self.kept_proof_file(number), now)
    }

    /// Makes the proof file of a statement under the log's latest head, whole or not at all.
    ///
    /// # Errors
    /// Where there is no such statement, it does not come out as it was issued, or the file cannot be written.
    pub fn prove(&self, proving: &Proving<'_>, out: &Path, now: Timestamp) -> Result<Proved> {
        // Numbers of two customers may have one file: each writes its own, and the last one's is kept.
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let fresh = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let fresh = out.with_extension(format!("zip.{fresh}.new"));
        let unwritten = |path: &Path, source| Error::File {
            doing: "write",
            path: path.to_path_buf(),
            source,
        };
        let file = File::create(&fresh).map_err(|source| unwritten(&fresh, source))?;
        let mut writer = BufWriter::new(file);
        let made = self.proof_file(proving, &mut writer, now);
        let made = made.and_then(|about| {
            writer
                .flush()
                .and_then(|()| writer.get_ref().sync_all())
                .and_then(|()| std::fs::rename(&fresh, out))
                .map_err(|source| unwritten(out, source))?;
            Ok(about)
        });
        if made.is_err() {
            let _ = std::fs::remove_file(&fresh);
        }
        let about = made?;
        Ok(Proved {
            number: proving.number.to_owned(),
            file: out.display().to_string(),
            mode: about.mode.word(),
            coverage: about.coverage,
            size: about.size,
            root: about.root.to_string(),
        })
    }

    /// Writes the bytes of the proof file of a statement under the log's latest head; what was written before
    /// an error is no proof file.
    ///
    /// # Errors
    /// Where there is no such statement, or it does not come out as it was issued.
    pub fn proof_file(
        &self,
        proving: &Proving<'_>,
        out: &mut dyn Write,
        now: Timestamp,
    ) -> Result<About> {
        let Proving {
            customer, number, ..
        } = *proving;
        self.require_customer(customer)?;
        let head = self.store.tree_head(customer, LogKind::Shared, None)?;
        let note = self.checkpoint(customer, LogKind::Shared, Some(head.size), now)?;
        let checkpoint = note.to_string();
        let keys = self.keyring()?.signers(LogKind::Shared, customer, now)?;
        let request = Request {
            number,
            checkpoint: &checkpoint,
            key: keys[0].verifier_key(), // there is always the latest
            payloads: proving.payloads,
            engine: Engine {
                name: "piecework".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
        };
        let bytes = |from: u64, until: u64| {
            self.store
                .entry_bytes(customer, LogKind::Shared, from..until)
        };
        if proving.from_carry {
            let carry = self.last_carry(customer, number)?;
            let entries = bytes(first_entry(carry.coverage()), head.size)?;
            let fetch = |index: u64| {
                let mut one = bytes(index, index + 1)?;
                one.next().unwrap_or_else(|| Ok(Vec::new()))
            };
            Ok(build_from_carry(&request, carry, entries, fetch, out)?)
        } else {
            Ok(build(&request, bytes(0, head.size)?, out)?)
        }
    }

    /// The carry that a statement goes on from: that of the last statement of its contract that stood
    /// when it was issued.
    fn last_carry(&self, customer: &str, number: &str) -> Result<Carry> {
        let account = self.account(customer, None)?;
        let find = |account: &Account| -> Option<(String, Issued)> {
            account.contracts.iter().find_map(|held| {
                let issued = held.issued.iter().find(|own| own.number == number)?;
                Some((held.agreement.id.clone(), issued.clone()))
            })
        };
        let Some((contract, issued)) = find(&account) else {
            return Err(Absent::Statement {
                customer: customer.to_owned(),
                number: number.to_owned(),
            }
            .into());
        };
        let then = self.account(customer, Some(issued.coverage))?;
        let last = then
            .contract(&contract)
            .and_then(|held| held.last_statement());
        let Some(last) = last else {
            return Err(Refused::FirstStatement {
                number: number.to_owned(),
                contract,
            }
            .into());
        };
        let before = self.account(customer, Some(last.coverage))?;
        let carry = self.carry(&before, last.cut)?;
        if carry.digest_on(self.threads) != last.carry {
            let number = last.number.clone();
            return Err(Refused::OtherCarry { number }.into());
        }
        Ok(carry)
    }
}
