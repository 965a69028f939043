//! [`Signature`]: the author's own hand under an event.
//!
//! A buyer signs what it writes into the customer log, so that nobody can say it for the buyer or
//! take it back. Here is only the form: which bytes are signed, and how a signature is written. Not
//! here: keys and cryptography (that is `proof`). Invariant: an event reads back with the signature
//! that it was written with, and the signed bytes do not depend on it.

use std::fmt::Write as _;

use crate::Event;

/// First line of what is signed: no signature for another purpose fits it.
const PURPOSE: &str = "piecework/entry/v1";

/// A signature under an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name and key id of the signer's key: `acme.example/buyer+1f2e3d4c`.
    pub signer: String,
    /// The Ed25519 signature.
    pub value: [u8; 64],
}

impl Signature {
    /// The signature from its name and its 128 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(signer: &str, digits: &str) -> Option<Signature> {
        let mut value = [0; 64];
        let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 128 || !digits.bytes().all(lower) {
            return None;
        }
        for (byte, pair) in value.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Signature {
            signer: signer.to_owned(),
            value,
        })
    }

    /// The 128 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let mut digits = String::with_capacity(128);
        for byte in self.value {
            let _ = write!(digits, "{byte:02x}");
        }
        digits
    }
}

/// What `signer` signs when it writes `event` into the log of that origin: two lines, then the
/// event's canonical text with the signer's name and without the signature.
#[must_use]
pub fn signed_text(origin: &str, event: &Event, signer: &str) -> String {
    let mut unsigned = event.to_json();
    if let crate::Json::Object(members) = &mut unsigned {
        members.retain(|(name, _)| name != "signature" && name != "signer");
        members.push(("signer".into(), crate::Json::text(signer)));
    }
    format!("{PURPOSE}\n{origin}\n{}", unsigned.to_canonical())
}
