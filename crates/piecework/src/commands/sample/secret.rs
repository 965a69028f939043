//! [`Secret`]: the buyer's chain of nonces in a file of its own, with what was revealed of it.
//!
//! The first value is the secret: whoever has it knows every nonce. The file also remembers the
//! statement that each value was revealed for and the log as it was last seen, because whoever writes
//! the log anew behind a value that it knows can pick. Invariant: what was revealed is on disk before
//! it is printed, and no value is revealed for two statements.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use proof::draws::Drawing;
use proof::verify::Head;
use proof::{Issued, nonce};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tlog::VerifierKey;
use work::Digest;
use work::limits::NONCES_MAX;
use zeroize::Zeroizing;

/// How the file calls itself.
const FORMAT: &str = "piecework/nonces/v1";

/// A chain of nonces, and what was revealed of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    format: String,
    /// The customer.
    pub customer: String,
    /// The customer log's origin.
    pub origin: String,
    /// How many values there are before the anchor.
    pub length: u32,
    #[serde(serialize_with = "text", deserialize_with = "digest")]
    first: Digest,
    /// The log, as the last reveal saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
    /// What was revealed, in order.
    #[serde(default)]
    pub revealed: Vec<Revealed>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    vkey: String,
    size: u64,
    root: String,
}

/// A value that was revealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revealed {
    /// Which value: the `number`-th before the anchor.
    pub number: u64,
    /// The statement that it was revealed for.
    pub statement: String,
    /// Position of the entry that issues it.
    pub entry: u64,
}

impl Secret {
    /// A new chain from a random value.
    pub fn new(customer: &str, origin: &str, length: u32, first: &[u8; 32]) -> Secret {
        Secret {
            format: FORMAT.to_owned(),
            customer: customer.to_owned(),
            origin: origin.to_owned(),
            length,
            first: Digest::from_bytes(*first),
            seen: None,
            revealed: Vec::new(),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Where it is not one; the message never repeats what is in it.
    pub fn read(path: &Path) -> Result<Secret> {
        let text = std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .with_context(|| format!("cannot read the secret {}", path.display()))?;
        let secret: Option<Secret> = serde_json::from_str(&text).ok();
        let good = secret.filter(|own| {
            own.format == FORMAT
                && (1..=NONCES_MAX).contains(&own.length)
                && own
                    .revealed
                    .iter()
                    .all(|one| own.nonce(one.number).is_some())
        });
        good.with_context(|| {
            format!(
                "{} is no secret of a chain of nonces; `piecework sample anchor` makes one",
                path.display()
            )
        })
    }

    /// Writes the file for the first time.
    ///
    /// # Errors
    /// Where there is one already.
    pub fn create(&self, path: &Path) -> Result<()> {
        match self.written(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
                "{} is there already, and was left alone: what was revealed from it would be forgotten; \
                 name another file, or go on with `piecework sample reveal`",
                path.display()
            ),
            written => {
                written
                    .with_context(|| format!("cannot write the secret to {}", path.display()))?;
                Ok(())
            }
        }
    }

    /// Writes the file in place of what it was, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written, or somebody else is at it.
    pub fn replace(&self, path: &Path) -> Result<()> {
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let written = self.written(&fresh);
        if let Err(error) = &written
            && error.kind() == ErrorKind::AlreadyExists
        {
            bail!(
                "{} is there: another reveal is under way, or one was interrupted before it printed \
                 anything; delete it if none is running",
                fresh.display()
            );
        }
        written
            .and_then(|()| std::fs::rename(&fresh, path))
            .with_context(|| format!("cannot write the secret to {}", path.display()))
    }

    fn written(&self, path: &Path) -> std::io::Result<()> {
        let text = Zeroizing::new(serde_json::to_string_pretty(self)? + "\n");
        let mut options = OpenOptions::new();
        let mut file: File = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }

    /// The chain's last value, which the log commits to.
    pub fn anchor(&self) -> Digest {
        self.value(self.length)
    }

    /// The value of the `number`-th statement behind the anchor, from 1 on.
    pub fn nonce(&self, number: u64) -> Option<Digest> {
        let number = u32::try_from(number).ok().filter(|number| *number > 0)?;
        Some(self.value(self.length.checked_sub(number)?))
    }

    fn value(&self, steps: u32) -> Digest {
        nonce::after(self.first, steps)
    }

    /// Each value's number, from 1 on, backwards from the anchor.
    fn numbers(&self) -> HashMap<Digest, u64> {
        let mut value = self.first;
        let mut numbers = HashMap::new();
        for number in (1..=u64::from(self.length)).rev() {
            numbers.insert(value, number);
            value = nonce::next(&value);
        }
        numbers
    }

    /// The log's key, as the last reveal saw it.
    pub fn key(&self) -> Option<VerifierKey> {
        self.seen.as_ref()?.vkey.parse().ok()
    }

    /// The log's head, as the last reveal saw it.
    pub fn head(&self) -> Option<Head> {
        let seen = self.seen.as_ref()?;
        Some(Head {
            size: seen.size,
            root: seen.root.parse().ok()?,
        })
    }

    /// Remembers the log.
    pub fn see(&mut self, key: &VerifierKey, head: Head) {
        self.seen = Some(Seen {
            vkey: key.to_string(),
            size: head.size,
            root: head.root.to_string(),
        });
    }

    /// Whether a value can be revealed for a statement and the entry that issues it: neither was
    /// revealed otherwise.
    ///
    /// # Errors
    /// Where it was.
    pub fn check(&self, number: u64, statement: &str, entry: u64) -> Result<()> {
        let mut revealed = self.revealed.iter();
        let known = revealed.find(|own| own.number == number || own.statement == statement);
        if let Some(own) = known
            && (own.number, own.statement.as_str(), own.entry) != (number, statement, entry)
        {
            bail!(
                "you revealed nonce {} for `{}` when entry {} issued it, and here entry {entry} issues \
                 `{statement}`, which has nonce {number}: the log was written anew; take no sample from \
                 it, and reveal nothing more",
                own.number,
                own.statement,
                own.entry
            );
        }
        Ok(())
    }

    /// Whether every nonce of this chain that a log draws with was revealed from this file, and for
    /// that statement. (That it is the statement's, verifiers check.)
    ///
    /// # Errors
    /// Where one was not.
    pub fn check_draws(&self, drawings: &[Drawing]) -> Result<()> {
        let numbers = self.numbers();
        // Whoever has a value has those of all statements before.
        let last = self.revealed.iter().map(|own| own.number).max();
        for drawing in drawings {
            let number = drawing.draw.nonce.and_then(|used| numbers.get(&used));
            let Some(number) = number else {
                continue; // without a nonce, or from another chain
            };
            let Issued {
                number: statement,
                index,
                ..
            } = &drawing.issued;
            if last < Some(*number) {
                bail!(
                    "entry {} draws from `{statement}` with nonce {number} of this chain, and this file \
                     remembers {}: it is an old copy, which must not reveal anything, or somebody else \
                     has read it; use the latest one, or begin a new chain with `piecework sample anchor`",
                    drawing.entry,
                    last.map_or("none".to_owned(), |last| format!("none after {last}"))
                );
            }
            self.check(*number, statement, *index)?;
        }
        Ok(())
    }
}

fn text<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(digest)
}

fn digest<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}
