//! The buyer's own hand: signing events, checking them, and proving that a key is held.
//!
//! `docs/reference/proof-file.md` sections 3 and 4. Which bytes are signed is
//! [`work::signature::signed_text`]; here is the key over them. Not here: which keys a log knows
//! ([`crate::signers`] reads them in the order of the log). Invariant: a signature made for one log,
//! one event or one purpose fits no other.

use tlog::{SignerKey, VerifierKey};
use work::body::{Body, Kind};
use work::event::Authorship;
use work::signature::signed_text;
use work::{Event, Signature};

const POSSESSION: &str = "piecework/key/v1";

/// Why a signed event is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not the buyer's to say.
    #[error("a buyer does not sign `{kind}` entries")]
    Kind {
        /// The type of the event, or of what it corrects.
        kind: &'static str,
    },
    /// The seller's words under the buyer's name.
    #[error("a signed event says `\"authorship\":\"buyer\"`, and so does what replaces one")]
    Authorship,
    /// A signature within a signature.
    #[error("what a correction puts in place carries no signature of its own")]
    Nested,
    /// Another signer.
    #[error("the event names `{named}` as its signer, the key is `{key}`")]
    Signer {
        /// The signer named.
        named: String,
        /// The key at hand.
        key: String,
    },
    /// It does not fit.
    #[error(
        "the signature of `{signer}` does not fit the event: it was altered, or signed for another log"
    )]
    Mismatch {
        /// The signer named.
        signer: String,
    },
}

/// The name by which events call their signer: name and key id.
#[must_use]
pub fn signer_name(key: &VerifierKey) -> String {
    format!("{}+{}", key.name(), key.id())
}

/// The event, signed for the log of that origin. A signature that it had is replaced.
///
/// # Errors
/// [`SignatureError`] where a buyer does not sign such an event.
pub fn sign(mut event: Event, origin: &str, key: &SignerKey) -> Result<Event, SignatureError> {
    check_form(&event)?;
    let signer = signer_name(key.verifier_key());
    let value = key.sign_bytes(signed_text(origin, &event, &signer).as_bytes());
    event.signature = Some(Box::new(Signature { signer, value }));
    Ok(event)
}

/// Checks a signed event under the key that it names.
///
/// # Errors
/// [`SignatureError`].
pub fn check(
    event: &Event,
    signature: &Signature,
    origin: &str,
    key: &VerifierKey,
) -> Result<(), SignatureError> {
    check_form(event)?;
    let name = signer_name(key);
    if signature.signer != name {
        return Err(SignatureError::Signer {
            named: signature.signer.clone(),
            key: name,
        });
    }
    let text = signed_text(origin, event, &signature.signer);
    if !key.signed(text.as_bytes(), &signature.value) {
        return Err(SignatureError::Mismatch { signer: name });
    }
    Ok(())
}

/// Whether a buyer may sign an event of the kind, corrections apart.
#[must_use]
pub const fn may_sign(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Asked
            | Kind::Confirmed
            | Kind::Rejected
            | Kind::Reopened
            | Kind::Rated
            | Kind::Disputed
            | Kind::Reviewed
            | Kind::DocumentAcknowledged
            | Kind::SampleAnchored
            | Kind::SampleDrawn
            | Kind::KeyPublished
            | Kind::QuoteAccepted
            | Kind::QuoteDeclined
    )
}

/// What a buyer signs is of its own kinds, in its own name; a correction corrects such an event.
fn check_form(event: &Event) -> Result<(), SignatureError> {
    let refuse = |kind: Kind| Err(SignatureError::Kind { kind: kind.word() });
    if event.authorship != Authorship::Buyer {
        return Err(SignatureError::Authorship);
    }
    match &event.body {
        Body::Corrected {
            target_kind,
            replacement,
            ..
        } => {
            if !may_sign(*target_kind) && *target_kind != Kind::Corrected {
                return refuse(*target_kind);
            }
            match replacement {
                Some(event) if event.signature.is_some() => Err(SignatureError::Nested),
                Some(event) => check_form(event),
                None => Ok(()),
            }
        }
        body if may_sign(body.tag()) => Ok(()),
        body => refuse(body.tag()),
    }
}

/// What a key signs to show, in the log of that origin, that its holder has it.
#[must_use]
pub fn possession_text(origin: &str, vkey: &str) -> String {
    format!("{POSSESSION}\n{origin}\n{vkey}\n")
}

/// The proof of possession of a key, as a `key.published` entry holds it.
#[must_use]
pub fn prove_possession(origin: &str, key: &SignerKey) -> String {
    let text = possession_text(origin, &key.verifier_key().to_string());
    let value = key.sign_bytes(text.as_bytes());
    let signer = String::new();
    Signature { signer, value }.to_hex()
}

/// Whether `possession` is the key's own signature over its publication in the log of that origin.
#[must_use]
pub fn proves_possession(origin: &str, key: &VerifierKey, possession: &str) -> bool {
    let text = possession_text(origin, &key.to_string());
    Signature::from_hex("", possession)
        .is_some_and(|signature| key.signed(text.as_bytes(), &signature.value))
}
