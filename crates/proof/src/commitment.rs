//! Commitments: what an entry says about data that is kept elsewhere.
//!
//! hex(SHA-256(0x04 ‖ salt ‖ payload)), `docs/reference/proof-file.md` section 2. Who shows salt and
//! payload shows what was committed to; with both deleted the commitment says nothing, because the
//! salt cannot be guessed. Not here: making salts, storing payloads.

use sha2::{Digest as _, Sha256};
use work::Digest;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;

const DOMAIN: u8 = 0x04;

/// The commitment to a payload under a salt.
#[must_use]
pub fn commit(salt: &[u8; SALT_BYTES], payload: &[u8]) -> Digest {
    of_parts(salt, payload)
}

/// The commitment of the bytes of a `payloads/` member: the salt, then the payload. `None` where
/// they are too short for a salt.
#[must_use]
pub fn of_member(bytes: &[u8]) -> Option<Digest> {
    let (salt, payload) = bytes.split_at_checked(SALT_BYTES)?;
    Some(of_parts(salt, payload))
}

fn of_parts(salt: &[u8], payload: &[u8]) -> Digest {
    let digest = Sha256::new()
        .chain_update([DOMAIN])
        .chain_update(salt)
        .chain_update(payload)
        .finalize();
    Digest::from_bytes(digest.into())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn the_vector_of_the_page() {
        let salt = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let payload = br#"{"ticket":"88231","reply":"..."}"#;
        let digest = commit(&salt, payload);
        let base64 = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
        assert_eq!(base64, "K9FZZqG/yB1DRbWN3ETIo+lCjadcAVQYWMVh+lLa/J0=");
        let member = [&salt[..], payload].concat();
        assert_eq!(of_member(&member), Some(digest));
        assert_eq!(of_member(&member[..31]), None);
        assert_ne!(of_member(&member[..32]), Some(digest));
    }
}
