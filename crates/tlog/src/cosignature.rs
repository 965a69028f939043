//! Cosignatures: a witness or a buyer states when it saw a checkpoint.
//!
//! [tlog-cosignature v1.0.1](https://c2sp.org/tlog-cosignature@v1.0.1), the Ed25519 type 0x04. A
//! cosignature says: at this time, the largest tree of this log that I have seen, consistent with all
//! before, has this root. It is a signature line of the checkpoint's note whose payload is the time in
//! 8 bytes, big-endian, and a signature over
//!
//! ```text
//! cosignature/v1
//! time 1679315147
//! example.com/behind-the-sofa
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! ```
//!
//! Not here: checking consistency before cosigning and never going back, which are the cosigner's
//! duties and need its memory; what the time is; and the ML-DSA-44 type 0x06.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::ed25519::KEY_BYTES;
use crate::limits::COSIGNATURE_TIME_MAX;
use crate::note::Signature;
use crate::skey::NamedSecret;
use crate::vkey::{KeyError, KeyName, SignatureType, VerifierKey};

/// A key that cosigns checkpoints (type 0x04). It must not be used for anything else.
#[derive(Clone)]
pub struct CosignerKey(NamedSecret);

/// The time cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time of a cosignature is in seconds since 1970 and below 2^63, got {time}")]
pub struct TimeError {
    /// Time given.
    pub time: u64,
}

impl CosignerKey {
    /// The key pair of a seed: 32 secret bytes.
    #[must_use]
    pub fn from_seed(name: KeyName, seed: &[u8; KEY_BYTES]) -> CosignerKey {
        CosignerKey(NamedSecret::from_seed(
            name,
            SignatureType::Cosignature,
            seed,
        ))
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

    /// The signature line to [`add`](crate::Note::add) to the checkpoint's note. `time` is in seconds
    /// since 1970.
    ///
    /// # Errors
    ///
    /// The time is 2^63 or more.
    pub fn cosign(&self, checkpoint: &Checkpoint, time: u64) -> Result<Signature, TimeError> {
        if time > COSIGNATURE_TIME_MAX {
            return Err(TimeError { time });
        }
        let message = message(time, &checkpoint.to_text());
        let signature = self.0.secret.sign(message.as_bytes());
        let payload = [&time.to_be_bytes()[..], &signature].concat();
        Ok(Signature::new(&self.0.verifier, payload))
    }
}

impl FromStr for CosignerKey {
    type Err = KeyError;

    fn from_str(key: &str) -> Result<CosignerKey, KeyError> {
        NamedSecret::from_text(key, SignatureType::Cosignature).map(CosignerKey)
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({})", self.0.verifier)
    }
}

/// The time of a cosignature's payload, if it is `key`'s over `text`.
pub(crate) fn time(key: &VerifierKey, text: &str, payload: &[u8]) -> Option<u64> {
    let (time, signature) = payload.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    let valid =
        time <= COSIGNATURE_TIME_MAX && key.signed(message(time, text).as_bytes(), signature);
    valid.then_some(time)
}

fn message(time: u64, text: &str) -> String {
    alloc::format!("cosignature/v1\ntime {time}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No cosigner of ours signs such a time, but another may.
    #[test]
    fn a_time_of_2_to_the_63_is_refused_though_it_is_signed() {
        let key = CosignerKey::from_seed("witness.example".parse().unwrap(), &[1; 32]);
        for (at, valid) in [
            (COSIGNATURE_TIME_MAX, true),
            (COSIGNATURE_TIME_MAX + 1, false),
        ] {
            let signature = key.0.secret.sign(message(at, "text\n").as_bytes());
            let payload = [&at.to_be_bytes()[..], &signature].concat();
            let read = time(key.verifier_key(), "text\n", &payload);
            assert_eq!(read, valid.then_some(at));
        }
    }
}
