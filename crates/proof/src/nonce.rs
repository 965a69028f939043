//! The buyer's chain of nonces: values that it committed to before it could know what they pick.
//!
//! `docs/reference/proof-file.md` section 7. X_i = SHA-256(0x05 ‖ X_{i-1}); the last, X_n, is the
//! anchor, and each statement behind it has the value before. So the seller cannot foresee a value, and
//! the buyer cannot choose one. Not here: X_0, which is the buyer's secret.

use sha2::{Digest as _, Sha256};
use work::Digest;

const DOMAIN: u8 = 0x05;

/// The value after `value` in its chain.
#[must_use]
pub fn next(value: &Digest) -> Digest {
    let digest = Sha256::new()
        .chain_update([DOMAIN])
        .chain_update(value.as_bytes())
        .finalize();
    Digest::from_bytes(digest.into())
}

/// The value so many steps after `value`: the anchor, or what a draw reveals.
///
/// With `first` = X_0 and n the chain's length, the anchor is `after(first, n)`, and the nonce of
/// the j-th statement behind it is `after(first, n - j)`.
#[must_use]
pub fn after(value: Digest, steps: u32) -> Digest {
    (0..steps).fold(value, |value, _| next(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_page() {
        let first = Digest::from_bytes([0; 32]);
        let begins = |steps| after(first, steps).to_string()[..16].to_owned();
        assert_eq!(begins(1), "96a01e6b435b11ab");
        assert_eq!(begins(2), "eaad36725feac4ea");
        assert_eq!(begins(3), "65a441d2ff4e86d8");
        assert_eq!(after(first, 0), first);
    }
}
