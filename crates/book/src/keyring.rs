//! The book's keys: one secret on disk, from which every log's key is derived.
//!
//! `secret.toml` stands in the book's directory, readable by its owner alone. Rotation adds a
//! generation; for the overlap both sign. Invariant: a generation that signed anything is never
//! removed, because the names of the logs come from the first.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use proof::keys::{Master, origin};
use serde::{Deserialize, Serialize};
use tlog::SignerKey;
use tlog::vkey::KeyName;
use work::{Digest, LogKind};
use zeroize::{Zeroize as _, Zeroizing};

use crate::limits::GENERATIONS_MAX;
use crate::random::Random;

/// The file's name, in the book's directory.
pub const FILE_NAME: &str = "secret.toml";

const HEAD: &str = "\
# The secret of this book. Whoever has it can sign as the seller: keep it to yourself, and keep a
# copy apart from the book. All keys of all logs follow from it.

";

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
    ) -> Result<Keyring> {
        let path = book.join(FILE_NAME);
        let stored = Stored {
            generation: vec![generation(random, now)?],
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| {
                format!(
                    "cannot make {}; a book's secret is made once",
                    path.display()
                )
            })?;
        write(&mut file, &stored).with_context(|| format!("cannot write {}", path.display()))?;
        Keyring::of(path, &stored, log)
    }

    /// Reads the secret of a book.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn open(book: &Path, log: Option<&str>) -> Result<Keyring> {
        let path = book.join(FILE_NAME);
        let stored = read(&path)?;
        Keyring::of(path, &stored, log)
    }

    fn of(path: PathBuf, stored: &Stored, log: Option<&str>) -> Result<Keyring> {
        let mut generations = Vec::with_capacity(stored.generation.len());
        for own in &stored.generation {
            let Ok(secret) = own.secret.parse::<Digest>() else {
                bail!(
                    "{} holds a secret that is not 64 hexadecimal digits",
                    path.display()
                );
            };
            let master = Master::new(Zeroizing::new(*secret.as_bytes()));
            generations.push((master, own.since, own.until));
        }
        let Some((first, _, _)) = generations.first() else {
            bail!("{} holds no secret", path.display());
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
    pub fn origin(&self, log: LogKind, customer: &str) -> Result<KeyName> {
        let (first, _, _) = &self.generations[0]; // `of` refuses an empty list
        origin(&self.prefix, &first.pseudonym(log, customer)).with_context(|| {
            format!(
                "`{}` cannot begin the name of a log; `[proof] log` is a URL without scheme, such as \
                 `vendor.example/log`",
                self.prefix
            )
        })
    }

    /// The key that signs a customer's log from the latest generation.
    ///
    /// # Errors
    /// As [`Keyring::origin`].
    pub fn signer(&self, log: LogKind, customer: &str) -> Result<SignerKey> {
        let name = self.origin(log, customer)?;
        let (master, _, _) = &self.generations[self.generations.len() - 1]; // as above
        Ok(master.log_key(name, log, customer))
    }

    /// The keys that sign at an instant: the latest, then the earlier ones within their overlap.
    ///
    /// # Errors
    /// As [`Keyring::origin`].
    pub fn signers(&self, log: LogKind, customer: &str, now: Timestamp) -> Result<Vec<SignerKey>> {
        let name = self.origin(log, customer)?;
        let latest = self.generations.len() - 1;
        let signing = self.generations.iter().enumerate().rev();
        let signing = signing.filter(|(number, (_, _, until))| {
            *number == latest || until.is_some_and(|until| now < until)
        });
        Ok(signing
            .map(|(_, (master, _, _))| master.log_key(name.clone(), log, customer))
            .collect())
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
    pub fn rotate(&mut self, random: &Random, now: Timestamp, until: Timestamp) -> Result<()> {
        let mut stored = read(&self.path)?;
        if stored.generation.len() >= GENERATIONS_MAX {
            bail!("a book keeps at most {GENERATIONS_MAX} generations of its secret");
        }
        if let Some(last) = stored.generation.last_mut() {
            last.until = Some(until);
        }
        stored.generation.push(generation(random, now)?);
        let fresh = self.path.with_extension("toml.new");
        let context = || format!("cannot write {}", fresh.display());
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)
            .with_context(context)?;
        write(&mut file, &stored).with_context(context)?;
        std::fs::rename(&fresh, &self.path)
            .with_context(|| format!("cannot replace {}", self.path.display()))?;
        let prefix = self.prefix.clone();
        *self = Keyring::of(self.path.clone(), &stored, Some(&prefix))?;
        Ok(())
    }
}

fn generation(random: &Random, since: Timestamp) -> Result<Generation> {
    let secret = random().map_err(anyhow::Error::from_boxed)?;
    Ok(Generation {
        secret: Digest::from_bytes(*secret).to_string(),
        since,
        until: None,
    })
}

fn read(path: &Path) -> Result<Stored> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)
        .and_then(|mut file| file.read_to_string(&mut text))
        .with_context(|| {
            format!(
                "cannot read {}, the secret of the book; `piecework key create` makes one for a book \
                 that never had one, otherwise put your copy back",
                path.display()
            )
        })?;
    // The error of the parser would repeat the line, and the secret with it.
    let Ok(stored) = toml::from_str::<Stored>(&text) else {
        bail!("{} is not a book's secret", path.display());
    };
    Ok(stored)
}

fn write(file: &mut File, stored: &Stored) -> Result<()> {
    let text = Zeroizing::new(format!("{HEAD}{}", toml::to_string(stored)?));
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
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

    fn create(book: &Path, log: Option<&str>) -> Result<Keyring> {
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
        assert!(!format!("{problem:#}").contains("topsecret"), "{problem:#}");
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
