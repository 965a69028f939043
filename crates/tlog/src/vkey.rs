//! Verifier keys: a name, a short id and a public key, in one line of text.
//!
//! [signed-note v1.0.0, verifier keys](https://c2sp.org/signed-note@v1.0.0#verifier-keys):
//! `<name>+<key id>+<base64(type ‖ public key)>`, e.g.
//! `PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW`. The base64 may itself hold a
//! `+`, so the text is split at the first two. The id is a label, not a proof of identity: trust comes
//! from how the key was received.
//!
//! Not here: secrets ([`crate::skey`]), checking a note ([`crate::note`]), and key types other than
//! the two of Ed25519.
//!
//! **Invariant.** A [`VerifierKey`] is strict: its point is canonical and not of small order.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use sha2::{Digest as _, Sha256};

pub use crate::ed25519::WeakKey;
use crate::ed25519::{KEY_BYTES, PublicKey};
use crate::limits::{KEY_TEXT_BYTES_MAX, NAME_BYTES_MAX};
use crate::text;

/// A key name: not empty, no Unicode space, no `+`, no control character, at most 255 bytes. For a
/// log it is also the origin of its checkpoints, e.g. `vendor.example/log/8f3a`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName(String);

/// The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key); shown as eight digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 4]);

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureType {
    /// 0x01: the text of a note.
    Ed25519,
    /// 0x04: a checkpoint at a time ([`crate::cosignature`]).
    Cosignature,
}

/// A public key with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: SignatureType,
    public: PublicKey,
}

/// Why a text or bytes are not an acceptable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the three parts of a verifier key.
    #[error("`{text}` is not a verifier key: write `<name>+<8 digits of key id>+<base64>`")]
    NotAVerifierKey {
        /// The text as given (shortened).
        text: String,
    },
    /// Not the parts of a signer key. The text is not repeated: it may be a secret.
    #[error("this is not a signer key: write `PRIVATE+KEY+<name>+<8 digits of key id>+<base64>`")]
    NotASignerKey,
    /// Not a key name.
    #[error("`{name}` is not a key name: 1 to 255 bytes without spaces, `+` or control characters")]
    NotAName {
        /// The name as given (shortened).
        name: String,
    },
    /// A signature type that is not implemented or not of use here.
    #[error(
        "key `{name}` is of type 0x{byte:02x}, which is not accepted here: use Ed25519 (0x01 to sign notes, 0x04 to cosign checkpoints)"
    )]
    WrongType {
        /// Name in the key.
        name: KeyName,
        /// Type in the key.
        byte: u8,
    },
    /// Not 32 bytes of key.
    #[error("key `{name}` has {bytes} bytes of key material, Ed25519 has 32")]
    WrongLength {
        /// Name in the key.
        name: KeyName,
        /// Bytes after the type.
        bytes: usize,
    },
    /// The id is another key's.
    #[error(
        "key `{name}` says its id is {stated}, but its bytes give {computed}: part of it was mistyped or replaced"
    )]
    WrongId {
        /// Name in the key.
        name: KeyName,
        /// Id in the text.
        stated: KeyId,
        /// Id of the name and bytes.
        computed: KeyId,
    },
    /// Not a key that binds its signer.
    #[error("key `{name}` is refused: {weakness}; ask its owner for a new key")]
    Weak {
        /// Name in the key.
        name: KeyName,
        /// What is wrong with it.
        weakness: WeakKey,
    },
}

impl KeyName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<KeyName, KeyError> {
        let forbidden = |c: char| c.is_whitespace() || c == '+' || c < ' ';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(forbidden) {
            return Err(KeyError::NotAName {
                name: text::shortened(name, 80),
            });
        }
        Ok(KeyName(name.into()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyId {
    /// An id from its four bytes, as they stand before a signature.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> KeyId {
        KeyId(bytes)
    }

    /// The four bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    fn of(name: &KeyName, kind: SignatureType, public: &[u8]) -> KeyId {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(name.as_str())
            .chain_update([b'\n', kind.byte()])
            .chain_update(public)
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        KeyId([a, b, c, d])
    }

    /// An id from eight lower-case digits.
    pub(crate) fn from_hex(digits: &str) -> Option<KeyId> {
        let number = u32::from_str_radix(digits, 16).ok()?;
        let id = KeyId(number.to_be_bytes());
        (alloc::format!("{id}") == digits).then_some(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl SignatureType {
    /// The identifier byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            SignatureType::Ed25519 => 0x01,
            SignatureType::Cosignature => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<SignatureType> {
        [SignatureType::Ed25519, SignatureType::Cosignature]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    ///
    /// The bytes are not a strict public key.
    pub fn new(
        name: KeyName,
        kind: SignatureType,
        public: &[u8; KEY_BYTES],
    ) -> Result<VerifierKey, KeyError> {
        match PublicKey::from_bytes(public) {
            Ok(public) => Ok(VerifierKey::of(name, kind, public)),
            Err(weakness) => Err(KeyError::Weak { name, weakness }),
        }
    }

    pub(crate) fn of(name: KeyName, kind: SignatureType, public: PublicKey) -> VerifierKey {
        VerifierKey {
            id: KeyId::of(&name, kind, public.as_bytes()),
            name,
            kind,
            public,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs.
    #[must_use]
    pub fn kind(&self) -> SignatureType {
        self.kind
    }

    /// The public key of RFC 8032. Two verifier keys with the same one are the same key in two roles.
    #[must_use]
    pub fn public_key(&self) -> &[u8; KEY_BYTES] {
        self.public.as_bytes()
    }

    /// Whether `signature` is this key's over exactly these bytes, which are no note: the caller sees
    /// to it that they say what they are for.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verifies(message, signature)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<VerifierKey, KeyError> {
        let malformed = || KeyError::NotAVerifierKey {
            text: text::shortened(key, 80),
        };
        if key.len() > KEY_TEXT_BYTES_MAX {
            return Err(malformed());
        }
        let (name, stated, material) = split_key(key).ok_or_else(malformed)?;
        let name: KeyName = name.parse()?;
        let (kind, public) = typed_key(&name, &material)?;
        let key = VerifierKey::new(name, kind, public)?;
        key.require_id(stated)?;
        Ok(key)
    }
}

impl VerifierKey {
    pub(crate) fn require_id(&self, stated: KeyId) -> Result<(), KeyError> {
        if self.id != stated {
            return Err(KeyError::WrongId {
                name: self.name.clone(),
                stated,
                computed: self.id,
            });
        }
        Ok(())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut material = [self.kind.byte(); 1 + KEY_BYTES];
        material[1..].copy_from_slice(self.public.as_bytes());
        let VerifierKey { name, id, .. } = self;
        write!(f, "{name}+{id}+{}", text::to_base64(&material))
    }
}

/// `<name>+<id>+<base64>` in its parts. The caller overwrites the bytes if they are secret.
pub(crate) fn split_key(key: &str) -> Option<(&str, KeyId, Vec<u8>)> {
    let (name, rest) = key.split_once('+')?;
    let (id, material) = rest.split_once('+')?;
    Some((name, KeyId::from_hex(id)?, text::from_base64(material)?))
}

/// The signature type and the 32 bytes of a key or a seed.
pub(crate) fn typed_key<'m>(
    name: &KeyName,
    material: &'m [u8],
) -> Result<(SignatureType, &'m [u8; KEY_BYTES]), KeyError> {
    let wrong_length = |bytes| KeyError::WrongLength {
        name: name.clone(),
        bytes,
    };
    let (&byte, key) = material.split_first().ok_or_else(|| wrong_length(0))?;
    let kind = SignatureType::from_byte(byte).ok_or_else(|| KeyError::WrongType {
        name: name.clone(),
        byte,
    })?;
    let key = key.try_into().map_err(|_| wrong_length(key.len()))?;
    Ok((kind, key))
}
