//! Keys and names of a book's logs, from one secret.
//!
//! `docs/reference/proof-file.md` section 1: HKDF-SHA256 without salt, an info that names the purpose,
//! the log and the customer. So a backup of 32 bytes is enough, and no customer's key says anything
//! of another's. Not here: where the secret comes from and where it is kept. Invariant: secrets are
//! overwritten when dropped and never shown.

use std::fmt;
use std::fmt::Write as _;

use hkdf::Hkdf;
use sha2::Sha256;
use tlog::SignerKey;
use tlog::vkey::{KeyError, KeyName};
use work::LogKind;
use zeroize::Zeroizing;

/// Bytes of a book's secret.
pub const SECRET_BYTES: usize = 32;

const KEY_PURPOSE: &str = "piecework/log-key/v1";
const PSEUDONYM_PURPOSE: &str = "piecework/pseudonym/v1";
const LINK_PURPOSE: &str = "piecework/link-key/v1";
const PSEUDONYM_BYTES: usize = 8;

/// One generation of a book's master secret.
#[derive(Clone)]
pub struct Master(Zeroizing<[u8; SECRET_BYTES]>);

impl Master {
    /// A master secret: 32 bytes from a source of randomness, kept by the seller.
    #[must_use]
    pub fn new(secret: Zeroizing<[u8; SECRET_BYTES]>) -> Master {
        Master(secret)
    }

    /// The name of a customer's log, which says nothing about the customer: 16 hexadecimal digits.
    ///
    /// Always from the first generation of the secret: a log keeps its name.
    #[must_use]
    pub fn pseudonym(&self, log: LogKind, customer: &str) -> String {
        let name: Zeroizing<[u8; PSEUDONYM_BYTES]> = self.derive(PSEUDONYM_PURPOSE, log, customer);
        name.iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    /// The name of the book itself, for logs that have no public place: 16 hexadecimal digits.
    #[must_use]
    pub fn book_id(&self) -> String {
        self.pseudonym(LogKind::Shared, "")
    }

    /// The key that signs the heads of a customer's log. Its name is the log's origin.
    #[must_use]
    pub fn log_key(&self, origin: KeyName, log: LogKind, customer: &str) -> SignerKey {
        SignerKey::from_seed(origin, &self.derive(KEY_PURPOSE, log, customer))
    }

    /// The key under which links for buyers are signed: of the whole book, and for nothing else.
    #[must_use]
    pub fn link_key(&self) -> Zeroizing<[u8; 32]> {
        self.expand(LINK_PURPOSE)
    }

    fn derive<const N: usize>(
        &self,
        purpose: &str,
        log: LogKind,
        customer: &str,
    ) -> Zeroizing<[u8; N]> {
        self.expand(&[purpose, "\0", log.name(), "\0", customer].concat())
    }

    fn expand<const N: usize>(&self, info: &str) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        Hkdf::<Sha256>::new(None, &*self.0)
            .expand(info.as_bytes(), &mut *out)
            .expect("HKDF gives up to 255 hashes of 32 bytes, and this is less than one");
        out
    }
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(secret)")
    }
}

/// The origin of a log: `<prefix>/<pseudonym>`.
///
/// # Errors
/// Where the prefix makes no key name (it has a space, a `+`, a control character, or is too long).
pub fn origin(prefix: &str, pseudonym: &str) -> Result<KeyName, KeyError> {
    format!("{prefix}/{pseudonym}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master() -> Master {
        Master::new(Zeroizing::new(std::array::from_fn(|at| {
            u8::try_from(at).unwrap()
        })))
    }

    /// Computed with Python's `hmac`: expand(extract(zeros, secret), info, n), RFC 5869.
    #[test]
    fn each_log_has_its_own_name_and_key() {
        let master = master();
        assert_eq!(
            master.pseudonym(LogKind::Shared, "acme"),
            "1db37a5dfa1e0c85"
        );
        assert_eq!(
            master.pseudonym(LogKind::Seller, "acme"),
            "db0ee53c2e116b28"
        );
        let origin = origin("vendor.example/log", "1db37a5dfa1e0c85").unwrap();
        let key = master.log_key(origin.clone(), LogKind::Shared, "acme");
        let seed: Zeroizing<[u8; 32]> = master.derive(KEY_PURPOSE, LogKind::Shared, "acme");
        assert_eq!(
            hex(&*seed),
            "05dac008ce3f847ffd2b0dbd1c9c10960bd37630344ae724489770c831f003ae"
        );
        assert_eq!(
            key.verifier_key(),
            SignerKey::from_seed(origin.clone(), &seed).verifier_key()
        );
        let other = master.log_key(origin, LogKind::Shared, "globex");
        assert_ne!(key.verifier_key(), other.verifier_key());
    }

    /// Computed as above.
    #[test]
    fn links_have_a_key_of_their_own() {
        assert_eq!(
            hex(&*master().link_key()),
            "4e9aefc305d9f1a1543bd6680f1b48d9d1af95057c5c72afd8e4f2e131d895d3"
        );
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", master()), "Master(secret)");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
