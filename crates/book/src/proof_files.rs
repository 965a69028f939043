//! The proof file of a statement, made of the book.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

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

/// Where proof files are kept, in the book's directory.
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
    pub fn kept_proof(&self, number: &str) -> PathBuf {
        self.path().join(KEPT).join(file_name(number))
    }

    /// Makes the proof file of a statement and keeps it.
    ///
    /// # Errors
    /// As [`Book::prove`].
    pub fn keep_proof(&self, customer: &str, number: &str, now: Timestamp) -> Result<Proved> {
        let out = self.kept_proof(number);
        self.proofs_directory()?;
        self.prove(customer, number, false, &[], &out, now)
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

    /// Makes the proof file of a statement under the log's latest head.
    ///
    /// # Errors
    /// Where there is no such statement, or it does not come out as it was issued.
    pub fn prove(
        &self,
        customer: &str,
        number: &str,
        from_carry: bool,
        payloads: &[Payload],
        out: &Path,
        now: Timestamp,
    ) -> Result<Proved> {
        let head = self.store.tree_head(customer, LogKind::Shared, None)?;
        let note = self.checkpoint(customer, LogKind::Shared, Some(head.size), now)?;
        let checkpoint = note.to_string();
        let keys = self.keyring()?.signers(LogKind::Shared, customer, now)?;
        let request = Request {
            number,
            checkpoint: &checkpoint,
            key: keys[0].verifier_key(), // there is always the latest
            payloads,
            engine: Engine {
                name: "piecework".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
        };
        let fresh = out.with_extension("zip.new");
        let unwritten = |path: &Path, source| Error::File {
            doing: "write",
            path: path.to_path_buf(),
            source,
        };
        let file = File::create(&fresh).map_err(|source| unwritten(&fresh, source))?;
        let mut writer = BufWriter::new(file);
        let bytes = |from: u64, until: u64| {
            self.store
                .entry_bytes(customer, LogKind::Shared, from..until)
        };
        let made: Result<About> = if from_carry {
            let carry = self.last_carry(customer, number)?;
            let entries = bytes(first_entry(carry.coverage()), head.size)?;
            let fetch = |index: u64| {
                let mut one = bytes(index, index + 1)?;
                one.next().unwrap_or_else(|| Ok(Vec::new()))
            };
            build_from_carry(&request, carry, entries, fetch, &mut writer).map_err(Into::into)
        } else {
            build(&request, bytes(0, head.size)?, &mut writer).map_err(Into::into)
        };
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
            number: number.to_owned(),
            file: out.display().to_string(),
            mode: about.mode.word(),
            coverage: about.coverage,
            size: about.size,
            root: about.root.to_string(),
        })
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
        if carry.digest() != last.carry {
            let number = last.number.clone();
            return Err(Refused::OtherCarry { number }.into());
        }
        Ok(Carry::clone(&carry))
    }
}
