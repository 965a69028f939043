//! [`KeyText`]: an API key as its owner holds it.
//!
//! `pw_<id>_<secret>_<check>` in lower-case base 32 (Crockford's digits): 10 bytes by which it is found,
//! 32 random bytes of which only the SHA-256 is kept, and a CRC-32 over the rest, so that a scanner for
//! leaked secrets knows one without asking. Invariant: the secret is in no message and no `Debug`.

use std::fmt;

use flate2::Crc;
use jiff::Timestamp;
use store::ApiKey;
use subtle::ConstantTimeEq as _;
use work::Digest;
use zeroize::Zeroizing;

use super::Role;

const PREFIX: &str = "pw";
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ID_DIGITS: usize = 16;
const SECRET_DIGITS: usize = 52;
const CHECK_DIGITS: usize = 7;

/// The parts of a key's text.
pub struct KeyText {
    id: String,
    secret: Zeroizing<String>,
}

/// A key that was just made: what is kept, and what its owner gets, once.
pub struct MadeKey {
    /// What is kept.
    pub kept: ApiKey,
    /// What its owner gets.
    pub text: Zeroizing<String>,
}

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an API key is `pw_`, 16 digits, `_`, 52 digits, `_`, 7 digits")]
pub struct KeyTextError;

impl KeyText {
    /// Reads a key's text; that it is well written does not mean that it is known.
    ///
    /// # Errors
    /// [`KeyTextError`].
    pub fn parse(text: &str) -> Result<KeyText, KeyTextError> {
        let mut parts = text.split('_');
        let (Some(PREFIX), Some(id), Some(secret), Some(check), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(KeyTextError);
        };
        let are_digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| DIGITS.contains(&byte))
        };
        let well_written = are_digits(id, ID_DIGITS)
            && are_digits(secret, SECRET_DIGITS)
            && check_digits(id, secret) == check;
        if !well_written {
            return Err(KeyTextError);
        }
        Ok(KeyText {
            id: id.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
        })
    }

    /// The part by which it is found.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is this key, in a time that does not depend on how much of it is right.
    #[must_use]
    pub fn is(&self, kept: &ApiKey) -> bool {
        let own = Digest::of(self.secret.as_bytes());
        let same: bool = own.as_bytes().ct_eq(kept.secret.as_bytes()).into();
        same && self.id == kept.id
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyText({})", self.id)
    }
}

impl MadeKey {
    /// A key from 42 random bytes.
    #[must_use]
    pub fn from_random(
        random: &[u8; 42],
        role: Role,
        customer: Option<String>,
        label: String,
        (created, expires): (Timestamp, Option<Timestamp>),
    ) -> MadeKey {
        let id = digits(&random[..10]);
        let secret = Zeroizing::new(digits(&random[10..]));
        let check = check_digits(&id, &secret);
        MadeKey {
            text: Zeroizing::new(format!("{PREFIX}_{id}_{}_{check}", secret.as_str())),
            kept: ApiKey {
                secret: Digest::of(secret.as_bytes()),
                id,
                role: role.word().to_owned(),
                customer,
                label,
                created,
                expires,
                revoked: None,
            },
        }
    }
}

fn check_digits(id: &str, secret: &str) -> String {
    let mut crc = Crc::new();
    crc.update(id.as_bytes());
    crc.update(b"_");
    crc.update(secret.as_bytes());
    let digits = digits(&crc.sum().to_be_bytes());
    debug_assert_eq!(digits.len(), CHECK_DIGITS);
    digits
}

/// Base 32, most significant bits first, the last digit filled with zeros.
pub(crate) fn digits(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(digit(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(digit(bits << (5 - count)));
    }
    text
}

fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(seed: u8) -> MadeKey {
        let now = Timestamp::UNIX_EPOCH;
        MadeKey::from_random(&[seed; 42], Role::Ingest, None, "t".to_owned(), (now, None))
    }

    #[test]
    fn a_key_is_its_text_and_no_other() {
        let (own, other) = (made(7), made(8));
        let text = KeyText::parse(&own.text).unwrap();
        assert_eq!(text.id(), own.kept.id);
        assert!(text.is(&own.kept));
        assert!(!text.is(&other.kept));
        assert!(!format!("{text:?}").contains(text.secret.as_str()));
        assert_ne!(own.kept.secret, other.kept.secret);
    }

    #[test]
    fn every_slip_of_the_pen_is_seen() {
        let own = made(9).text;
        for at in 0..own.len() {
            for with in ["0", "z", "_", "A"] {
                let mut text = own.to_string();
                text.replace_range(at..=at, with);
                assert!(
                    text == *own || KeyText::parse(&text).is_err(),
                    "{at} {with}"
                );
            }
            assert!(KeyText::parse(&own[..at]).is_err());
        }
        assert!(KeyText::parse(&format!("{}0", own.as_str())).is_err());
    }

    #[test]
    fn digits_are_those_of_base_32() {
        // RFC 4648's "foobar", in Crockford's digits.
        assert_eq!(digits(b"foobar"), "csqpyrk1e8");
        assert_eq!(digits(b""), "");
        assert_eq!(digits(&[0xff]), "zw");
    }
}
