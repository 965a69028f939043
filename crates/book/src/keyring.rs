//! The book's keys: one secret on disk, from which every log's key is derived.
//!
//! `secret.toml` stands in the book's directory, readable by its owner alone. Rotation adds a
//! generation; for the overlap both sign. Invariant: a generation that signed anything is never
//! removed, because the names of the logs come from the first.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use proof::keys::{Master, origin};
use serde::{Deserialize, Serialize};
use tlog::SignerKey;
use tlog::vkey::{KeyError, KeyName};
use work::{Digest, LogKind};
use zeroize::{Zeroize as _, Zeroizing};

use crate::limits::GENERATIONS_MAX;
use crate::random::{Random, RandomError};

/// The file's name, in the book's directory.
pub const FILE_NAME: &str = "secret.toml";

const HEAD: &str = "\
# The secret of this book. Whoever has it can sign as the seller: keep it to yourself, and keep a
# copy apart from the book. All keys of all logs follow from it.

";

/// Why the secret of a book cannot be used. No message holds a part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is one already, or the file cannot be made.
    #[error("cannot make {}; a book's secret is made once", .path.display())]
    Unmade {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}", .path.display())]
    Unwritten {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file cannot take the place of the one before.
    #[error("cannot replace {}", .path.display())]
    Unreplaced {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error(
        "cannot read {}, the secret of the book; `piecework key create` makes one for a book that never \
         had one, otherwise put your copy back",
        .path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a book's secret", .path.display())]
    NotOne {
        /// The file.
        path: PathBuf,
    },
    /// A secret in the file is none.
    #[error("{} holds a secret that is not 64 hexadecimal digits", .path.display())]
    NotHexadecimal {
        /// The file.
        path: PathBuf,
    },
    /// The file is empty.
    #[error("{} holds no secret", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Too many generations.
    #[error("a book keeps at most {GENERATIONS_MAX} generations of its secret")]
    TooMany,
    /// The configured name makes no names of logs.
    #[error(
        "`{prefix}` cannot begin the name of a log; `[proof] log` is a URL without scheme, such as \
         `vendor.example/log`"
    )]
    Name {
        /// What is configured.
        prefix: String,
        /// Why not.
        source: KeyError,
    },
    /// There are no random bytes to make one of.
    #[error(transparent)]
    Random(RandomError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    generation: Vec<Generation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Generation {
    /// 64 hexadecimal digits.
    secret: String,
    /// When it began to sign.
    since: Timestamp,
    /// When it ceases to, once it has a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// The keys of a book.
pub struct Keyring {
    path: PathBuf,
    prefix: String,
    generations: Vec<(Master, Timestamp, Option<Timestamp>)>,
}

impl Keyring {
    /// Makes the secret of a new book.
    ///
    /// # Errors
    /// Where there is one already, or the file cannot be written.
    pub fn create(
        book: &Path,
        log: Option<&str>,
        random: &Random,
        now: Timestamp,
    ) -> Result<Keyring, SecretError> {
        let path = book.join(FILE_NAME);
        let stored = Stored {
            generation: vec![generation(random, now)?],
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|source| SecretError::Unmade {
                path: path.clone(),
                source,
            })?;
        write(&mut file, &stored).map_err(|source| SecretError::Unwritten {
            path: path.clone(),
            source,
        })?;
        Keyring::of(path, &stored, log)
    }

    /// Reads the secret of a book.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn open(book: &Path, log: Option<&str>) -> Result<Keyring, SecretError> {
        let path = book.join(FILE_NAME);
        let stored = read(&path)?;
        Keyring::of(path, &stored, log)
    }

    fn of(path: PathBuf, stored: &Stored, log: Option<&str>) -> Result<Keyring, SecretError> {
        let mut generations = Vec::with_capacity(stored.generation.len());
        for own in &stored.generation {
            let Ok(secret) = own.secret.parse::<Digest>() else {
                return Err(SecretError::NotHexadecimal { path });
            };
            let master = Master::new(Zeroizing::new(*secret.as_bytes()));
            generations.push((master, own.since, own.until));
        }
        let Some((first, _, _)) = generations.first() else {
            return Err(SecretError::Empty { path });
        };
        let prefix = match log {
            Some(log) => log.trim_end_matches('/').to_owned(),
            None => format!("{}.invalid/log", first.book_id()),
        };
        Ok(Keyring {
            path,
            prefix,
            generations,
        })
    }

    /// The origin of a customer's log, which is the name of its key.
    ///
    /// # Errors
    /// Where `[proof] log` makes no name of a key.
    pub fn origin(&self, log: LogKind, customer: &str) -> Result<KeyName, SecretError> {
        origin(&self.prefix, &self.pseudonym(log, customer)).map_err(|source| SecretError::Name {
            prefix: self.prefix.clone(),
            source,
        })
    }

    /// The key that signs a customer's log from the latest generation.
    ///
    /// # Errors
    /// As [`Keyring::origin`].
    pub fn signer(&self, log: LogKind, customer: &str) -> Result<SignerKey, SecretError> {
        let name = self.origin(log, customer)?;
        let (master, _, _) = &self.generations[self.generations.len() - 1]; // as above
        Ok(master.log_key(name, log, customer))
    }

    /// The keys that sign at an instant: the latest, then the earlier ones within their overlap.
    ///
    /// # Errors
    /// As [`Keyring::origin`].
    pub fn signers(
        &self,
        log: LogKind,
        customer: &str,
        now: Timestamp,
    ) -> Result<Vec<SignerKey>, SecretError> {
        let name = self.origin(log, customer)?;
        Ok(self
            .signing(now)
            .map(|master| master.log_key(name.clone(), log, customer))
            .collect())
    }

    /// The keys that links for buyers are signed with at an instant: the latest, then the earlier ones
    /// within their overlap.
    #[must_use]
    pub fn link_keys(&self, now: Timestamp) -> Vec<Zeroizing<[u8; 32]>> {
        self.signing(now).map(Master::link_key).collect()
    }

    /// The last part of the origin of a customer's log.
    #[must_use]
    pub fn pseudonym(&self, log: LogKind, customer: &str) -> String {
        let (first, _, _) = &self.generations[0]; // `of` refuses an empty list
        first.pseudonym(log, customer)
    }

    /// The generations that sign at an instant, the latest first.
    fn signing(&self, now: Timestamp) -> impl Iterator<Item = &Master> {
        let latest = self.generations.len() - 1;
        let all = self.generations.iter().enumerate().rev();
        let signing = all.filter(move |(number, (_, _, until))| {
            *number == latest || until.is_some_and(|until| now < until)
        });
        signing.map(|(_, (master, _, _))| master)
    }

    /// How many generations there are, and since when the latest signs.
    #[must_use]
    pub fn generation(&self) -> (usize, Timestamp) {
        let (_, since, _) = &self.generations[self.generations.len() - 1]; // as above
        (self.generations.len(), *since)
    }

    /// Adds a generation; the one before signs beside it until `until`.
    ///
    /// # Errors
    /// Where the file cannot be written; nothing is changed then.
    pub fn rotate(
        &mut self,
        random: &Random,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), SecretError> {
        let mut stored = read(&self.path)?;
        if stored.generation.len() >= GENERATIONS_MAX {
            return Err(SecretError::TooMany);
        }
        if let Some(last) = stored.generation.last_mut() {
            last.until = Some(until);
        }
        stored.generation.push(generation(random, now)?);
        let fresh = self.path.with_extension("toml.new");
        let unwritten = |source| SecretError::Unwritten {
            path: fresh.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .map_err(unwritten)?;
        write(&mut file, &stored).map_err(unwritten)?;
        std::fs::rename(&fresh, &self.path).map_err(|source| SecretError::Unreplaced {
            path: self.path.clone(),
            source,
        })?;
        let prefix = self.prefix.clone();
        *self = Keyring::of(self.path.clone(), &stored, Some(&prefix))?;
        Ok(())
    }
}

fn generation(random: &Random, since: Timestamp) -> Result<Generation, SecretError> {
    let secret = random().map_err(SecretError::Random)?;
    Ok(Generation {
        secret: Digest::from_bytes(*secret).to_string(),
        since,
        until: None,
    })
}

fn read(path: &Path) -> Result<Stored, SecretError> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|source| SecretError::Unreadable {
            path: path.to_path_buf(),
            source,
        })?;
    // The error of the parser would repeat the line, and the secret with it.
    let Ok(stored) = toml::from_str::<Stored>(&text) else {
        return Err(SecretError::NotOne {
            path: path.to_path_buf(),
        });
    };
    Ok(stored)
}

fn write(file: &mut File, stored: &Stored) -> io::Result<()> {
    let text = toml::to_string(stored).map_err(io::Error::other)?;
    let text = Zeroizing::new(format!("{HEAD}{text}"));
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A source that never gives the same twice.
    fn counting() -> Random {
        let drawn = AtomicU8::new(0);
        Arc::new(move || Ok(Zeroizing::new([drawn.fetch_add(1, Ordering::Relaxed); 32])))
    }

    fn create(book: &Path, log: Option<&str>) -> Result<Keyring, SecretError> {
        Keyring::create(book, log, &counting(), at("2026-01-01T00:00:00Z"))
    }

    #[test]
    fn a_secret_is_made_once_and_kept_to_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let book = tempfile::tempdir().unwrap();
        let made = create(book.path(), None).unwrap();
        let path = book.path().join(FILE_NAME);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = Keyring::open(book.path(), None).unwrap();
        let key = |ring: &Keyring| ring.signer(LogKind::Shared, "acme").unwrap();
        assert_eq!(key(&made).verifier_key(), key(&read).verifier_key());
        assert!(create(book.path(), None).is_err());

        std::fs::write(&path, "[[generation]]\nsecret = \"topsecret\nsince = 1\n").unwrap();
        let problem = Keyring::open(book.path(), None).err().unwrap();
        assert!(std::error::Error::source(&problem).is_none());
        for told in [problem.to_string(), format!("{problem:?}")] {
            assert!(!told.contains("topsecret"), "{told}");
        }
    }

    #[test]
    fn after_rotation_both_keys_sign_until_the_overlap_is_over() {
        let book = tempfile::tempdir().unwrap();
        let log = Some("vendor.example/log");
        let random = counting();
        let mut ring =
            Keyring::create(book.path(), log, &random, at("2026-01-01T00:00:00Z")).unwrap();
        let origin = ring.origin(LogKind::Shared, "acme").unwrap();
        let first = ring.signer(LogKind::Shared, "acme").unwrap();
        let (now, until) = (at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
        ring.rotate(&random, now, until).unwrap();
        assert_eq!(
            ring.origin(LogKind::Shared, "acme").unwrap(),
            origin,
            "a log keeps its name"
        );
        let second = ring.signer(LogKind::Shared, "acme").unwrap();
        assert_ne!(first.verifier_key(), second.verifier_key());
        let signing = |now: &str| -> Vec<String> {
            let keys = Keyring::open(book.path(), log).unwrap();
            let keys = keys.signers(LogKind::Shared, "acme", at(now)).unwrap();
            keys.iter()
                .map(|key| key.verifier_key().to_string())
                .collect()
        };
        let (first, second) = (
            first.verifier_key().to_string(),
            second.verifier_key().to_string(),
        );
        assert_eq!(signing("2026-06-15T00:00:00Z"), [second.clone(), first]);
        assert_eq!(signing("2026-07-01T00:00:00Z"), [second]);
    }

    #[test]
    fn a_secret_has_so_many_generations_and_no_more() {
        let book = tempfile::tempdir().unwrap();
        let random = counting();
        let now = at("2026-01-01T00:00:00Z");
        let mut ring = Keyring::create(book.path(), None, &random, now).unwrap();
        for _ in 1..GENERATIONS_MAX {
            ring.rotate(&random, now, now).unwrap();
        }
        let problem = ring.rotate(&random, now, now).unwrap_err();
        assert!(
            problem.to_string().contains("at most 64 generations"),
            "{problem}"
        );
        assert_eq!(ring.generation().0, GENERATIONS_MAX, "nothing was changed");
    }
}
