//! Keys from keys: one kept secret gives each log its own.
//!
//! HKDF with SHA-256 and no salt
//! ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869.html)). A policy refuses one public key in two
//! roles, so each log needs a key of its own; deriving them leaves one secret to keep and to back up.
//!
//! Not here: the names of purposes, and where the master secret comes from. The working state of the
//! hash function is not overwritten; the result is.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The seed of a key, for [`crate::SignerKey::from_seed`] or [`crate::CosignerKey::from_seed`].
///
/// `info` names the purpose and, after it, whose key it is, e.g. `acct-log/v1` and a customer's
/// pseudonym. Two purposes must not be able to give the same bytes: no purpose may begin with
/// another.
#[must_use]
pub fn seed(master: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    expand(master, info)
}

fn expand(secret: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut seed = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, secret)
        .expand(info, &mut *seed)
        .expect("HKDF gives up to 255 hashes of 32 bytes, and this is one");
    seed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;

    /// RFC 5869 appendix A.3 (no salt, no info), of whose output this is the first 32 bytes.
    #[test]
    fn known_answer_of_rfc_5869() {
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d";
        assert_eq!(
            Hash::from_bytes(*expand(&[0x0b; 22], b"")).to_hex(),
            expected
        );
    }

    /// Computed with Python's `hmac`: expand(extract(zeros, master), info, 32).
    #[test]
    fn one_master_gives_each_log_its_own_seed() {
        let master = core::array::from_fn(|at| u8::try_from(at).unwrap());
        let hex = |info: &[u8]| Hash::from_bytes(*seed(&master, info)).to_hex();
        assert_eq!(
            hex(b"acct-log/v18f3a"),
            "9f3c947816b1d7ba62aa18a66c198d0fe35c969d444064d7360d8034ebc427fe"
        );
        assert_eq!(
            hex(b"acct-log/v18f3b"),
            "2d795b23f8d088470984f4025ca81c4b0d60c9dbfbd000cacf0fdc9f7fcf7e90"
        );
    }
}
