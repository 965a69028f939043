//! Trust policies: which logs are believed, and which witnesses must have seen a checkpoint.
//!
//! [tlog-policy](https://c2sp.org/tlog-policy) (a draft; the text of 2026-07-22 is frozen here).
//!
//! ```text
//! log vendor.example/book+d43ce223+AROY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK
//! witness buyer witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY
//! group seen all buyer
//! quorum seen
//! ```
//!
//! Narrower than the specification in two places: keys are Ed25519, a log's of type 0x01 and a
//! witness's of 0x04; and no key may be both a log's and a witness's, as a log is not its own witness.
//!
//! Not here: how old a cosignature may be (the caller compares [`crate::checkpoint::Cosignature`]'s
//! time), and the URLs, which are read over: this crate opens no connection.

use alloc::string::String;
use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, CheckpointError, Cosignature, Opened};
use crate::limits::{POLICY_BYTES_MAX, POLICY_ITEMS_MAX};
use crate::note::Note;
use crate::text;
use crate::vkey::{KeyError, KeyName, SignatureType, VerifierKey};

/// A policy: logs, and the quorum of witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    /// Witnesses and groups, in the order of their lines: a group's members come before it.
    voters: Vec<Voter>,
    /// Position of the voter that decides; nothing if no witness is needed.
    quorum: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Voter {
    /// Octets without a meaning outside the file, as the specification wants.
    name: Vec<u8>,
    vote: Vote,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Vote {
    /// Whether it has cosigned.
    Witness(VerifierKey),
    /// Whether at least `threshold` of its members say yes.
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// Why a policy was refused, or a checkpoint under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Too many bytes.
    #[error("a policy has at most {POLICY_BYTES_MAX} bytes, got {bytes}")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
    },
    /// A line is wrong.
    #[error("line {line} of the policy: {fault}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        fault: PolicyFault,
    },
    /// No quorum line.
    #[error("the policy has no `quorum` line: write `quorum none` if no witness is needed")]
    NoQuorum,
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Too few witnesses.
    #[error(
        "the checkpoint is not cosigned by the quorum `{quorum}` of the policy; it is cosigned by {cosigners} of its witnesses"
    )]
    QuorumMissed {
        /// Name of the quorum.
        quorum: String,
        /// Witnesses that have cosigned.
        cosigners: usize,
    },
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// The file's last line has no newline.
    #[error("it does not end in a newline: the file was cut off")]
    CutOff,
    /// A byte that no policy has.
    #[error("0x{byte:02x} is a control character other than tab and newline")]
    ControlCharacter {
        /// The byte.
        byte: u8,
    },
    /// An unknown word, or too few or too many.
    #[error(
        "write `log <vkey> [<url>]`, `witness <name> <vkey> [<url>]`, `group <name> all|any|<k> <name>…` or `quorum <name>|none`"
    )]
    Syntax,
    /// The key.
    #[error(transparent)]
    Key(KeyError),
    /// A key of the wrong type.
    #[error(
        "key `{key}` is of type 0x{byte:02x}: a log's key is of type 0x01, a witness's of 0x04"
    )]
    KeyType {
        /// Name in the key.
        key: KeyName,
        /// Its type.
        byte: u8,
    },
    /// The same public key again.
    #[error(
        "the public key of `{key}` stands in the policy already, perhaps under another name: each log and witness has its own"
    )]
    DuplicateKey {
        /// Name of the key on this line.
        key: KeyName,
    },
    /// The same name again.
    #[error("`{name}` is defined already, or is `none`")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A name without a line before.
    #[error("no line before defines `{name}`")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// A member of two groups, or twice of one.
    #[error("`{name}` is a member of a group already, and may count only once")]
    AlreadyMember {
        /// The name.
        name: String,
    },
    /// Not a threshold.
    #[error("a group of {members} needs `all`, `any` or a number from 1 to {members}")]
    Threshold {
        /// Members listed.
        members: usize,
    },
    /// Two quorum lines.
    #[error("there is a `quorum` line already")]
    SecondQuorum,
    /// Too many.
    #[error("a policy has at most {POLICY_ITEMS_MAX} logs, witnesses and groups each")]
    TooMany,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    ///
    /// A line is wrong, or there is no quorum line.
    pub fn parse(file: &[u8]) -> Result<Policy, PolicyError> {
        if file.len() > POLICY_BYTES_MAX {
            return Err(PolicyError::TooLarge { bytes: file.len() });
        }
        let mut draft = Draft::default();
        for (line, content) in (1..).zip(file.split_inclusive(|&byte| byte == b'\n')) {
            draft
                .line(content)
                .map_err(|fault| PolicyError::Line { line, fault })?;
        }
        let quorum = draft.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Policy {
            logs: draft.logs,
            voters: draft.voters,
            quorum,
        })
    }

    /// Keys of the accepted logs.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Keys of the witnesses, whether the quorum needs them or not.
    pub fn witnesses(&self) -> impl Iterator<Item = &VerifierKey> {
        self.voters.iter().filter_map(|voter| match &voter.vote {
            Vote::Witness(key) => Some(key),
            Vote::Group { .. } => None,
        })
    }

    /// Reads a note as a checkpoint that one of the logs has signed and the quorum has cosigned.
    ///
    /// # Errors
    ///
    /// It is not, or a signature of one of the policy's keys does not verify.
    pub fn open(&self, note: &Note) -> Result<Opened<'_>, PolicyError> {
        let checkpoint: Checkpoint = note.text().parse().map_err(PolicyError::Checkpoint)?;
        let logs: Vec<_> = self.logs.iter().collect();
        let opened = checkpoint.signed_by(note, &logs, self.witnesses())?;
        self.require_quorum(&opened.cosignatures)?;
        Ok(opened)
    }

    /// Checks that these cosigners are the quorum, for a caller that knows the log from elsewhere.
    ///
    /// # Errors
    ///
    /// They are not.
    pub fn require_quorum(&self, cosignatures: &[Cosignature<'_>]) -> Result<(), PolicyError> {
        let Some(quorum) = self.quorum else {
            return Ok(());
        };
        let cosigned = |key| {
            cosignatures
                .iter()
                .any(|cosignature| cosignature.key == key)
        };
        let mut votes: Vec<bool> = Vec::with_capacity(self.voters.len());
        for voter in &self.voters {
            let vote = match &voter.vote {
                Vote::Witness(key) => cosigned(key),
                Vote::Group { threshold, members } => {
                    let yes = |&&member: &&usize| votes.get(member) == Some(&true);
                    members.iter().filter(yes).count() >= *threshold
                }
            };
            votes.push(vote);
        }
        match votes.get(quorum) {
            Some(true) => Ok(()),
            _ => Err(PolicyError::QuorumMissed {
                quorum: self
                    .voters
                    .get(quorum)
                    .map_or_else(String::new, |voter| shown(&voter.name)),
                cosigners: self.witnesses().filter(|key| cosigned(key)).count(),
            }),
        }
    }
}

/// A policy of which some lines have been read.
#[derive(Default)]
struct Draft {
    logs: Vec<VerifierKey>,
    voters: Vec<Voter>,
    /// For each voter, whether it is a member of a group.
    taken: Vec<bool>,
    /// The quorum line, if it was read: the deciding voter, or nothing for `none`.
    quorum: Option<Option<usize>>,
}

impl Draft {
    fn line(&mut self, line: &[u8]) -> Result<(), PolicyFault> {
        let line = line.strip_suffix(b"\n").ok_or(PolicyFault::CutOff)?;
        let control = |&&byte: &&u8| (byte < b' ' && byte != b'\t') || byte == 0x7f;
        if let Some(&byte) = line.iter().find(control) {
            return Err(PolicyFault::ControlCharacter { byte });
        }
        let words: Vec<_> = line
            .split(|&byte| byte == b' ' || byte == b'\t')
            .filter(|word| !word.is_empty())
            .collect();
        match *words {
            [] => Ok(()),
            [comment, ..] if comment.starts_with(b"#") => Ok(()),
            [b"log", key] | [b"log", key, _] => self.log(key),
            [b"witness", name, key] | [b"witness", name, key, _] => self.witness(name, key),
            [b"group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Syntax),
        }
    }

    fn log(&mut self, key: &[u8]) -> Result<(), PolicyFault> {
        let key = self.new_key(key, SignatureType::Ed25519)?;
        if self.logs.len() == POLICY_ITEMS_MAX {
            return Err(PolicyFault::TooMany);
        }
        self.logs.push(key);
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8]) -> Result<(), PolicyFault> {
        let key = self.new_key(key, SignatureType::Cosignature)?;
        self.define(name, Vote::Witness(key))
    }

    fn group(
        &mut self,
        name: &[u8],
        threshold: &[u8],
        members: &[&[u8]],
    ) -> Result<(), PolicyFault> {
        let threshold = match threshold {
            b"all" => Some(members.len()),
            b"any" => Some(1),
            number => core::str::from_utf8(number)
                .ok()
                .and_then(text::from_decimal)
                .and_then(|number| usize::try_from(number).ok()),
        };
        let threshold = threshold
            .filter(|threshold| (1..=members.len()).contains(threshold))
            .ok_or(PolicyFault::Threshold {
                members: members.len(),
            })?;
        let members = members.iter().map(|member| self.member(member));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        self.define(name, Vote::Group { threshold, members })
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::SecondQuorum);
        }
        self.quorum = Some(match name {
            b"none" => None,
            name => Some(self.find(name)?),
        });
        Ok(())
    }

    /// A key that no line before has.
    fn new_key(&self, key: &[u8], wanted: SignatureType) -> Result<VerifierKey, PolicyFault> {
        let malformed = |_| KeyError::NotAVerifierKey { text: shown(key) };
        let key = core::str::from_utf8(key).map_err(malformed);
        let key: VerifierKey = key.and_then(str::parse).map_err(PolicyFault::Key)?;
        if key.kind() != wanted {
            return Err(PolicyFault::KeyType {
                key: key.name().clone(),
                byte: key.kind().byte(),
            });
        }
        let witnesses = self.voters.iter().filter_map(|voter| match &voter.vote {
            Vote::Witness(key) => Some(key),
            Vote::Group { .. } => None,
        });
        let mut known = self.logs.iter().chain(witnesses);
        if known.any(|earlier| earlier.public_key() == key.public_key()) {
            return Err(PolicyFault::DuplicateKey {
                key: key.name().clone(),
            });
        }
        Ok(key)
    }

    fn define(&mut self, name: &[u8], vote: Vote) -> Result<(), PolicyFault> {
        if name == b"none" || self.find(name).is_ok() {
            return Err(PolicyFault::NameTaken { name: shown(name) });
        }
        let alike = core::mem::discriminant(&vote);
        let like = |voter: &&Voter| core::mem::discriminant(&voter.vote) == alike;
        if self.voters.iter().filter(like).count() == POLICY_ITEMS_MAX {
            return Err(PolicyFault::TooMany);
        }
        self.voters.push(Voter {
            name: name.into(),
            vote,
        });
        self.taken.push(false);
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Result<usize, PolicyFault> {
        let position = self.voters.iter().position(|voter| voter.name == name);
        position.ok_or_else(|| PolicyFault::UnknownName { name: shown(name) })
    }

    /// The position of a member, which from now on belongs to its group.
    fn member(&mut self, name: &[u8]) -> Result<usize, PolicyFault> {
        let position = self.find(name)?;
        match self.taken.get_mut(position) {
            Some(taken) if !*taken => *taken = true,
            _ => return Err(PolicyFault::AlreadyMember { name: shown(name) }),
        }
        Ok(position)
    }
}

/// A name for people: octets that are not printable ASCII are escaped.
fn shown(name: &[u8]) -> String {
    text::shortened(&alloc::format!("{}", name.escape_ascii()), 80)
}
