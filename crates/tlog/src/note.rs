//! Signed notes: a text and the lines that sign it.
//!
//! [signed-note v1.0.0](https://c2sp.org/signed-note@v1.0.0). The text ends in a newline; an empty line
//! follows; then one line for each signature, `— <name> <base64(key id ‖ signature)>`. The text may
//! hold empty lines, so a note is split at its *last* one.
//!
//! Signatures by unknown keys are ignored. One by a known key that does not verify spoils the whole
//! note (the specification says SHOULD; here it is a rule), and so does a note without any known key.
//!
//! Not here: what the text says ([`crate::checkpoint`]), and which keys are to be trusted
//! ([`crate::policy`]).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::cosignature;
use crate::limits::{NOTE_BYTES_MAX, SIGNATURE_LINES_MAX};
use crate::skey::SignerKey;
use crate::text;
use crate::vkey::{KeyId, KeyName, SignatureType, VerifierKey};

const LINE_START: &str = "\u{2014} ";

/// A well-formed note. Nothing in it is to be believed before [`Note::verify`].
///
/// ```
/// use tlog::{Note, VerifierKey};
///
/// let note: Note = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".parse()?;
/// let key: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse()?;
/// assert_eq!(note.verify([&key])?[0].key, &key);
/// assert_eq!(note.text(), "This is an example message.\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: KeyName,
    id: KeyId,
    payload: Vec<u8>,
}

/// A signature that a known key has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// When it was made, in seconds since 1970, as a cosigner says; nothing for a plain signature.
    pub time: Option<u64>,
}

/// Why a note was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Over 1 MB.
    #[error("a note has at most {NOTE_BYTES_MAX} bytes, got {bytes}")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
    },
    /// Not text.
    #[error("a note is UTF-8, but byte {at} is not")]
    NotUtf8 {
        /// First byte that is wrong, from 0.
        at: usize,
    },
    /// A control character.
    #[error("a note has no control characters but newlines, but byte {at} is 0x{byte:02x}")]
    ControlCharacter {
        /// Which byte, from 0.
        at: usize,
        /// Its value.
        byte: u8,
    },
    /// The text does not end in a newline.
    #[error("the text of a note ends in a newline")]
    TextNotTerminated,
    /// No signature.
    #[error("a note is a text, an empty line and at least one signature line")]
    NotSigned,
    /// The last signature line does not end in a newline.
    #[error("the last signature line does not end in a newline: the note was cut off")]
    CutOff,
    /// Too many signatures.
    #[error("a note has at most {SIGNATURE_LINES_MAX} signature lines")]
    TooManySignatures,
    /// Not a signature line.
    #[error("signature line {line} is not `— <name> <base64 of key id and signature>`")]
    NotASignature {
        /// Which signature line, from 1.
        line: usize,
    },
    /// Two keys for one line.
    #[error("two of the given keys are called {name}+{id}: remove one")]
    AmbiguousKey {
        /// Name of the keys.
        name: KeyName,
        /// Id of the keys.
        id: KeyId,
    },
    /// A known key, another text.
    #[error("the signature of {name}+{id} does not fit this text: the note was altered")]
    SignatureMismatch {
        /// Name of the key.
        name: KeyName,
        /// Id of the key.
        id: KeyId,
    },
    /// No known key.
    #[error("none of the given keys has signed this note; it is signed by {signers}")]
    NoneVerified {
        /// Names and ids in the note.
        signers: String,
    },
}

impl Note {
    /// A note signed with each key, in this order.
    ///
    /// # Errors
    ///
    /// The text is not one of a note, or there are no keys or too many.
    pub fn sign(text: &str, keys: &[&SignerKey]) -> Result<Note, NoteError> {
        check_characters(text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::TextNotTerminated);
        }
        let mut note = Note {
            text: text.into(),
            signatures: Vec::new(),
        };
        for key in keys {
            note.add(key.sign(text))?;
        }
        if note.signatures.is_empty() {
            return Err(NoteError::NotSigned);
        }
        Ok(note)
    }

    /// Adds a signature after the others, in place of one by the same key.
    ///
    /// # Errors
    ///
    /// The note becomes too large; it is left as it was.
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        let other = |line: &&Signature| (&line.name, line.id) != (&signature.name, signature.id);
        let mut signatures: Vec<_> = self.signatures.iter().filter(other).cloned().collect();
        signatures.push(signature);
        if signatures.len() > SIGNATURE_LINES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        let lines: usize = signatures.iter().map(Signature::line_bytes).sum();
        let bytes = self.text.len() + "\n".len() + lines;
        if bytes > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge { bytes });
        }
        self.signatures = signatures;
        Ok(())
    }

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// The bytes are not a well-formed note within the limits.
    pub fn parse(bytes: &[u8]) -> Result<Note, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge { bytes: bytes.len() });
        }
        let note = core::str::from_utf8(bytes).map_err(|error| NoteError::NotUtf8 {
            at: error.valid_up_to(),
        })?;
        check_characters(note)?;
        let split = note.rfind("\n\n").ok_or(NoteError::NotSigned)?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        if lines.is_empty() {
            return Err(NoteError::NotSigned);
        }
        let lines = lines.strip_suffix('\n').ok_or(NoteError::CutOff)?;
        let mut signatures = Vec::new();
        for (at, line) in lines.split('\n').enumerate() {
            if at == SIGNATURE_LINES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            let signature = Signature::from_line(line);
            signatures.push(signature.ok_or(NoteError::NotASignature { line: at + 1 })?);
        }
        Ok(Note {
            text: text.into(),
            signatures,
        })
    }

    /// The text, with its last newline: what the signatures sign.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, verified or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The given keys that have signed this note, in the order of the lines, each once. A cosigner
    /// that signed more than once is given with its latest time. What a cosignature says, it says of a
    /// checkpoint: to read one, use [`crate::Checkpoint::open`].
    ///
    /// # Errors
    ///
    /// A given key's signature does not verify, none of them has signed, or two that have the same
    /// name and id are asked for.
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let keys: Vec<_> = keys.into_iter().collect();
        let mut verified: Vec<Verified<'k>> = Vec::new();
        for line in &self.signatures {
            let Some(key) = line.known(&keys)? else {
                continue;
            };
            let found = line.verify(key, &self.text)?;
            match verified.iter_mut().find(|earlier| earlier.key == key) {
                Some(earlier) => earlier.time = earlier.time.max(found.time),
                None => verified.push(found),
            }
        }
        if verified.is_empty() {
            return Err(self.none_verified());
        }
        Ok(verified)
    }

    fn none_verified(&self) -> NoteError {
        let signer = |line: &Signature| alloc::format!("{}+{}", line.name, line.id);
        let signers: Vec<_> = self.signatures.iter().map(signer).collect();
        NoteError::NoneVerified {
            signers: text::shortened(&signers.join(", "), 400),
        }
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Note, NoteError> {
        Note::parse(note.as_bytes())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl Signature {
    pub(crate) fn new(key: &VerifierKey, payload: Vec<u8>) -> Signature {
        Signature {
            name: key.name().clone(),
            id: key.id(),
            payload,
        }
    }

    /// The name of the key that is said to have made it.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key that is said to have made it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What follows the key id: the signature, with what its type puts before it.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// A signature from its line, without the newline.
    fn from_line(line: &str) -> Option<Signature> {
        let (name, base64) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        let bytes = text::from_base64(base64)?;
        let (id, payload) = bytes.split_first_chunk::<4>()?;
        if payload.is_empty() {
            return None;
        }
        Some(Signature {
            name: name.parse().ok()?,
            id: KeyId::from_bytes(*id),
            payload: payload.into(),
        })
    }

    fn line_bytes(&self) -> usize {
        let base64 = (4 + self.payload.len()).div_ceil(3) * 4;
        LINE_START.len() + self.name.as_str().len() + " ".len() + base64 + "\n".len()
    }

    /// The one key that is called as this line says.
    fn known<'k>(&self, keys: &[&'k VerifierKey]) -> Result<Option<&'k VerifierKey>, NoteError> {
        let mut called = keys
            .iter()
            .filter(|key| (key.name(), key.id()) == (&self.name, self.id));
        match (called.next(), called.next()) {
            (Some(_), Some(_)) => Err(NoteError::AmbiguousKey {
                name: self.name.clone(),
                id: self.id,
            }),
            (key, _) => Ok(key.copied()),
        }
    }

    fn verify<'k>(&self, key: &'k VerifierKey, text: &str) -> Result<Verified<'k>, NoteError> {
        let time = match key.kind() {
            SignatureType::Ed25519 => key.signed(text.as_bytes(), &self.payload).then_some(None),
            SignatureType::Cosignature => cosignature::time(key, text, &self.payload).map(Some),
        };
        match time {
            Some(time) => Ok(Verified { key, time }),
            None => Err(NoteError::SignatureMismatch {
                name: self.name.clone(),
                id: self.id,
            }),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_bytes(), &self.payload[..]].concat();
        write!(f, "{LINE_START}{} {}", self.name, text::to_base64(&bytes))
    }
}

fn check_characters(note: &str) -> Result<(), NoteError> {
    let control = |&(_, byte): &(usize, u8)| byte < b' ' && byte != b'\n';
    match note.bytes().enumerate().find(control) {
        Some((at, byte)) => Err(NoteError::ControlCharacter { at, byte }),
        None => Ok(()),
    }
}
