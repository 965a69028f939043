//! Ed25519 as this crate allows it: strict.
//!
//! [RFC 8032 section 5.1](https://www.rfc-editor.org/rfc/rfc8032.html#section-5.1) leaves room that a
//! signer could use to deny a signature: under a public key of small order one signature fits every
//! message, and one key may be written in two ways. Such keys are refused when they are read, and
//! signatures are checked without the cofactor, with S below the group order and R canonical and not
//! of small order.
//!
//! Not here: names, key ids and text forms ([`crate::vkey`], [`crate::skey`]).

use ed25519_dalek::Signer as _;
use zeroize::Zeroizing;

/// Bytes in a public key, and in a seed.
pub(crate) const KEY_BYTES: usize = ed25519_dalek::PUBLIC_KEY_LENGTH;

/// Bytes in a signature.
pub(crate) const SIGNATURE_BYTES: usize = ed25519_dalek::SIGNATURE_LENGTH;

/// A secret: the seed of a key pair. Overwritten when dropped.
pub(crate) type Seed = Zeroizing<[u8; KEY_BYTES]>;

/// Why 32 bytes are not an acceptable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    /// No point of the curve has this encoding.
    #[error("its bytes are not a point of the curve")]
    NotAPoint,
    /// Another encoding of a point.
    #[error(
        "its bytes are not the canonical encoding of their point, so one key would have two names"
    )]
    NotCanonical,
    /// One signature fits every message.
    #[error("it is of small order, so one signature would fit every message")]
    SmallOrder,
}

/// A public key under which a signature binds its signer to one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    pub(crate) fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<PublicKey, WeakKey> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| WeakKey::NotAPoint)?;
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(WeakKey::NotCanonical);
        }
        if key.is_weak() {
            return Err(WeakKey::SmallOrder);
        }
        Ok(PublicKey(key))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        self.0.as_bytes()
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// A key pair, overwritten when dropped.
#[derive(Clone)]
pub(crate) struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    pub(crate) fn from_seed(seed: &[u8; KEY_BYTES]) -> SecretKey {
        SecretKey(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    pub(crate) fn seed(&self) -> Seed {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Never weak: it is a multiple of the base point that is not 0.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn key(hex: &str) -> [u8; 32] {
        let hex = hex.as_bytes();
        let mut bytes = [0; 32];
        let mut at = 0;
        while at < 64 {
            let digit = hex[at];
            let value = if digit <= b'9' {
                digit - b'0'
            } else {
                digit - b'a' + 10
            };
            bytes[at / 2] = bytes[at / 2] << 4 | value;
            at += 1;
        }
        bytes
    }

    /// Fails to compile if a feature no longer overwrites secrets.
    #[test]
    fn secrets_are_overwritten_when_dropped() {
        fn on_drop<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        on_drop(&SecretKey::from_seed(&[1; 32]).0);
        on_drop(&SecretKey::from_seed(&[1; 32]).seed());
    }

    /// The eight points of small order, canonical (table of <https://eprint.iacr.org/2020/1244>).
    const SMALL_ORDER: [[u8; 32]; 8] = [
        key("0100000000000000000000000000000000000000000000000000000000000000"),
        key("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        key("0000000000000000000000000000000000000000000000000000000000000000"),
        key("0000000000000000000000000000000000000000000000000000000000000080"),
        key("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        key("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
        key("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        key("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ];

    /// The other encodings of those points: y not reduced, or a sign on x = 0.
    const SMALL_ORDER_NOT_CANONICAL: [[u8; 32]; 6] = [
        key("0100000000000000000000000000000000000000000000000000000000000080"),
        key("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        key("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        key("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        key("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        key("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
    ];

    #[test]
    fn points_of_small_order_are_no_keys() {
        for bytes in &SMALL_ORDER {
            assert_eq!(PublicKey::from_bytes(bytes), Err(WeakKey::SmallOrder));
        }
        for bytes in &SMALL_ORDER_NOT_CANONICAL {
            assert_eq!(PublicKey::from_bytes(bytes), Err(WeakKey::NotCanonical));
        }
    }

    /// Every encoding that is not reduced: y from p to 2^255 - 1, both signs.
    #[test]
    fn encodings_that_are_not_canonical_are_no_keys() {
        let mut points = 0;
        for low in 0xed..=0xff_u8 {
            for sign in [0x7f, 0xff] {
                let mut bytes = [0xff; 32];
                bytes[0] = low;
                bytes[31] = sign;
                match PublicKey::from_bytes(&bytes) {
                    Err(WeakKey::NotCanonical) => points += 1,
                    Err(WeakKey::NotAPoint) => {}
                    other => panic!("{bytes:02x?}: {other:?}"),
                }
            }
        }
        assert!(points > 10, "only {points} of them are points");
    }

    /// Why: a check that is not strict takes one signature for any message under such a key.
    #[test]
    fn a_weak_key_would_let_a_signer_deny() {
        use ed25519_dalek::Verifier as _;
        let weak = ed25519_dalek::VerifyingKey::from_bytes(&SMALL_ORDER[0]).unwrap();
        let mut signature = [0; 64];
        signature[0] = 1; // R is the neutral element, S is 0
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        for message in ["I owe 10", "I owe 1000"] {
            assert!(weak.verify(message.as_bytes(), &signature).is_ok());
            assert!(weak.verify_strict(message.as_bytes(), &signature).is_err());
        }
    }

    /// RFC 8032 section 7.1, tests 1 to 3, and the same signatures with S + L.
    #[test]
    fn known_answers_of_rfc_8032() {
        for (seed, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                &[][..],
                (
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
                    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
                ),
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                &[0x72],
                (
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
                    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                ),
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                &[0xaf, 0x82],
                (
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
                    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
                ),
            ),
        ] {
            let secret = SecretKey::from_seed(&key(seed));
            let expected = [key(signature.0), key(signature.1)].concat();
            assert_eq!(secret.public().as_bytes(), &key(public));
            assert_eq!(secret.sign(message), *expected);
            let checked = PublicKey::from_bytes(&key(public)).unwrap();
            assert!(checked.verifies(message, &expected));
            assert!(!checked.verifies(message, &plus_order(&expected)));
            assert!(!checked.verifies(message, &expected[..63]));
            assert!(!checked.verifies(message, &[&expected[..], &[0]].concat()));
            assert!(!checked.verifies(b"another", &expected));
        }
    }

    /// A signature with the order of the group added to S: the malleable twin.
    fn plus_order(signature: &[u8]) -> alloc::vec::Vec<u8> {
        let order = key("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut twin = signature.to_vec();
        let mut carry = 0;
        for (byte, add) in twin[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert_eq!(carry, 0);
        twin
    }
}
