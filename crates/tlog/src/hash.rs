//! The hashes of the tree: leaf, node, and the empty tree.
//!
//! [RFC 6962 section 2.1](https://www.rfc-editor.org/rfc/rfc6962.html#section-2.1) with SHA-256. The
//! prefixes 0x00 and 0x01 keep a leaf from being taken for a node. Written as padded base64 in every
//! format of C2SP; hexadecimal is for people and other tools.
//!
//! Not here: which hashes make a tree ([`crate::frontier`], [`crate::proof`]), and commitments to
//! payloads, which have their own prefixes.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::text;

const BASE64_CHARACTERS: usize = Hash::BYTES.div_ceil(3) * 4;

/// A SHA-256 hash of a leaf, a node or an empty tree. Shown and read as base64.
///
/// ```
/// let hash = tlog::hash::leaf(b"hello world");
/// assert_eq!(hash.to_string(), "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=");
/// assert_eq!("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=".parse(), Ok(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; Hash::BYTES]);

/// The text is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Not base64 of 32 bytes.
    #[error("a hash is 32 bytes in padded base64, 44 characters, e.g. `47DE…uFU=`")]
    NotBase64,
    /// Not 64 hexadecimal digits.
    #[error("a hash in hexadecimal is 64 lower-case digits")]
    NotHex,
}

/// The hash of one entry: SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf(entry: &[u8]) -> Hash {
    Hash(
        Sha256::new()
            .chain_update([0x00])
            .chain_update(entry)
            .finalize()
            .into(),
    )
}

/// The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut block = [0x01; 1 + 2 * Hash::BYTES];
    block[1..=Hash::BYTES].copy_from_slice(&left.0);
    block[1 + Hash::BYTES..].copy_from_slice(&right.0);
    Hash(Sha256::digest(block).into())
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty() -> Hash {
    Hash(Sha256::digest([]).into())
}

impl Hash {
    /// Bytes in a hash.
    pub const BYTES: usize = 32;

    /// A hash from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Hash::BYTES]) -> Hash {
        Hash(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Hash::BYTES] {
        &self.0
    }

    /// The 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        alloc::format!("{self:x}")
    }

    /// A hash from 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Any other text.
    pub fn from_hex(text: &str) -> Result<Hash, HashError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(HashError::NotHex),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(HashError::NotHex);
        };
        if pairs.len() != Hash::BYTES {
            return Err(HashError::NotHex);
        }
        let mut bytes = [0; Hash::BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Hash(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::to_base64(&self.0))
    }
}

impl fmt::LowerHex for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Hash, HashError> {
        // Before decoding, which takes as long as the text.
        if text.len() != BASE64_CHARACTERS {
            return Err(HashError::NotBase64);
        }
        let bytes = text::from_base64(text).ok_or(HashError::NotBase64)?;
        let bytes = bytes.try_into().map_err(|_| HashError::NotBase64)?;
        Ok(Hash(bytes))
    }
}
