//! [`Signers`]: the keys that a customer log publishes, and what may be signed with them.
//!
//! `docs/reference/proof-file.md` sections 3 and 4. The verifier asks it of a finished log and the
//! book asks it of an event before the event becomes an entry, so what one lets in the other accepts.
//! Not here: signing ([`crate::signature`]), and the key of the log itself. Invariant: a key is known
//! from the entry on that publishes it, never before.

use std::collections::BTreeMap;

use tlog::VerifierKey;
use tlog::vkey::{KeyError, SignatureType};
use work::body::{Assurance, Body, Holder};
use work::{Event, Signature};

use crate::signature::{self, SignatureError, signer_name};

/// The keys that a log publishes.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    /// The buyer's, by the name that signed events give.
    buyer: BTreeMap<String, VerifierKey>,
    /// The seller's: successors of the log's key.
    seller: BTreeMap<String, VerifierKey>,
}

/// Why an event cannot be the next entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The log does not know the key.
    #[error("it is signed by `{0}`, a key that no earlier entry publishes as the buyer's")]
    Unknown(String),
    /// The signature does not fit, or a buyer does not sign such a thing.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Not a key.
    #[error("the key published: {0}")]
    Key(#[from] KeyError),
    /// A key for something else.
    #[error("the key `{0}` is not of type 0x01")]
    Kind(String),
    /// Published by somebody who may not have it.
    #[error("whoever published the key `{0}` did not show that they have it")]
    Possession(String),
    /// Known already.
    #[error("the key `{0}` is published twice")]
    Twice(String),
    /// A successor of the log's key has the log's name.
    #[error("the seller's key `{name}` is not named as the log, `{origin}`")]
    NotTheLogs {
        /// The key.
        name: String,
        /// The log's name.
        origin: String,
    },
    /// A buyer's key has a name of its own.
    #[error("the buyer's key `{0}` has the name of the log")]
    TheLogs(String),
    /// Only the first key comes from the seller.
    #[error(
        "the buyer's key `{0}` is not signed with the key before it: only the first is published by \
         the seller"
    )]
    Successor(String),
}

impl Signers {
    /// Takes the next entry's event, in the order of the log of that origin. What is refused teaches
    /// nothing.
    ///
    /// # Errors
    /// [`SignerError`] where the log cannot hold it.
    pub fn take(&mut self, event: &Event, origin: &str) -> Result<(), SignerError> {
        if let Some(signature) = &event.signature {
            let key = self
                .buyer
                .get(&signature.signer)
                .ok_or_else(|| SignerError::Unknown(signature.signer.clone()))?;
            signature::check(event, signature, origin, key)?;
        }
        match &event.body {
            Body::Corrected {
                replacement: Some(replacement),
                ..
            } if replacement.signature.is_some() => Err(SignatureError::Nested.into()),
            Body::Assurance(Assurance::KeyPublished {
                holder,
                vkey,
                possession,
                ..
            }) => self.publish(
                *holder,
                vkey,
                possession,
                event.signature.as_deref(),
                origin,
            ),
            _ => Ok(()),
        }
    }

    /// The buyer's keys.
    pub fn buyer(&self) -> impl Iterator<Item = &VerifierKey> {
        self.buyer.values()
    }

    /// The seller's keys that the log announces.
    pub fn seller(&self) -> impl Iterator<Item = &VerifierKey> {
        self.seller.values()
    }

    fn publish(
        &mut self,
        holder: Holder,
        vkey: &str,
        possession: &str,
        signed: Option<&Signature>,
        origin: &str,
    ) -> Result<(), SignerError> {
        let key: VerifierKey = vkey.parse()?;
        let name = signer_name(&key);
        if key.kind() != SignatureType::Ed25519 {
            return Err(SignerError::Kind(name));
        }
        if !signature::proves_possession(origin, &key, possession) {
            return Err(SignerError::Possession(name));
        }
        if self.buyer.contains_key(&name) || self.seller.contains_key(&name) {
            return Err(SignerError::Twice(name));
        }
        let is_logs = key.name().as_str() == origin;
        let keys = match holder {
            Holder::Seller if !is_logs => {
                let origin = origin.to_owned();
                return Err(SignerError::NotTheLogs { name, origin });
            }
            Holder::Seller => &mut self.seller,
            Holder::Buyer if is_logs => return Err(SignerError::TheLogs(name)),
            Holder::Buyer if self.buyer.is_empty() != signed.is_none() => {
                return Err(SignerError::Successor(name));
            }
            Holder::Buyer => &mut self.buyer,
        };
        keys.insert(name, key);
        Ok(())
    }
}
