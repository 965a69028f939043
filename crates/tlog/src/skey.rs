//! Signer keys: secrets that sign notes.
//!
//! Read and written in the form of Go's
//! [`sumdb/note`](https://pkg.go.dev/golang.org/x/mod/sumdb/note#GenerateKey),
//! `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>`. Signing is deterministic (RFC 8032), so the
//! same note signed again has the same bytes.
//!
//! Not here: making seeds (there is no randomness in this crate; [`crate::derivation`] makes one from
//! another), keeping them, and cosigning ([`crate::cosignature`]).
//!
//! **Invariant.** Secrets are overwritten when dropped, and `Debug` shows the public key only.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use zeroize::Zeroizing;

use crate::cosignature::CosignerKey;
use crate::ed25519::{KEY_BYTES, SecretKey, Seed};
use crate::limits::KEY_TEXT_BYTES_MAX;
use crate::note::Signature;
use crate::text;
use crate::vkey::{self, KeyError, KeyName, SignatureType, VerifierKey};

const PREFIX: &str = "PRIVATE+KEY+";

/// A key that signs the text of notes (type 0x01).
#[derive(Clone)]
pub struct SignerKey(NamedSecret);

impl SignerKey {
    /// The key pair of a seed: 32 secret bytes.
    #[must_use]
    pub fn from_seed(name: KeyName, seed: &[u8; KEY_BYTES]) -> SignerKey {
        SignerKey(NamedSecret::from_seed(name, SignatureType::Ed25519, seed))
    }

    /// The secret as text, `PRIVATE+KEY+…`.
    #[must_use]
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        self.0.to_secret_text()
    }

    /// The public half, to give away.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.0.verifier
    }

    /// The same key for cosignatures (type 0x04): its name and secret, and another key id. What it
    /// signs begins otherwise than a note or any other message, so that neither signature fits there.
    #[must_use]
    pub fn cosigner(&self) -> CosignerKey {
        let verifier = &self.0.verifier;
        CosignerKey::from_seed(verifier.name().clone(), &self.0.secret.seed())
    }

    /// The 64 bytes of the signature over bytes that are no note. They must begin with what they are
    /// for, so that no signature fits another purpose; and they must not be the text of a note.
    #[must_use]
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.0.secret.sign(message)
    }

    /// The signature over a note's text. [`crate::Note::sign`] checks the text and calls this.
    pub(crate) fn sign(&self, text: &str) -> Signature {
        let signature = self.0.secret.sign(text.as_bytes());
        Signature::new(&self.0.verifier, signature.to_vec())
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<SignerKey, KeyError> {
        NamedSecret::from_text(key, SignatureType::Ed25519).map(SignerKey)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.0.verifier)
    }
}

/// A secret with its name, for one type of signature.
#[derive(Clone)]
pub(crate) struct NamedSecret {
    pub(crate) verifier: VerifierKey,
    pub(crate) secret: SecretKey,
}

impl NamedSecret {
    pub(crate) fn from_seed(
        name: KeyName,
        kind: SignatureType,
        seed: &[u8; KEY_BYTES],
    ) -> NamedSecret {
        let secret = SecretKey::from_seed(seed);
        NamedSecret {
            verifier: VerifierKey::of(name, kind, secret.public()),
            secret,
        }
    }

    pub(crate) fn from_text(key: &str, wanted: SignatureType) -> Result<NamedSecret, KeyError> {
        if key.len() > KEY_TEXT_BYTES_MAX {
            return Err(KeyError::NotASignerKey);
        }
        let parts = key.strip_prefix(PREFIX).and_then(vkey::split_key);
        let (name, stated, material) = parts.ok_or(KeyError::NotASignerKey)?;
        let material = Zeroizing::new(material);
        // The name's error would repeat it, and in a mangled text it may be the secret.
        let name: KeyName = name.parse().map_err(|_| KeyError::NotASignerKey)?;
        let (kind, seed) = vkey::typed_key(&name, &material)?;
        if kind != wanted {
            return Err(KeyError::WrongType {
                name,
                byte: kind.byte(),
            });
        }
        let key = NamedSecret::from_seed(name, kind, seed);
        key.verifier.require_id(stated)?;
        Ok(key)
    }

    pub(crate) fn to_secret_text(&self) -> Zeroizing<String> {
        let seed: Seed = self.secret.seed();
        let mut material = Zeroizing::new([self.verifier.kind().byte(); 1 + KEY_BYTES]);
        material[1..].copy_from_slice(&*seed);
        let base64 = Zeroizing::new(text::to_base64(&*material));
        let id = alloc::format!("{}", self.verifier.id());
        // Joined into one allocation, so that no part of the secret stays behind.
        let parts = [
            PREFIX,
            self.verifier.name().as_str(),
            "+",
            &id,
            "+",
            &base64,
        ];
        Zeroizing::new(parts.concat())
    }
}
