//! Signatures of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, as `v1,` and base 64.
//!
//! Invariant: what is signed is what is sent, byte for byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use store::outbox::SigningSecret;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";

/// The value of `webhook-signature`: one signature for each secret in force, the newest first.
#[must_use]
pub fn signatures(secrets: &[SigningSecret], id: &str, unix_seconds: i64, body: &str) -> String {
    let signed = secrets
        .iter()
        .map(|secret| signature(&secret.key, id, unix_seconds, body));
    signed.collect::<Vec<_>>().join(" ")
}

/// A secret as its owner gets it: `whsec_` and base 64.
#[must_use]
pub fn secret_text(key: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("{PREFIX}{}", STANDARD.encode(key)))
}

fn signature(key: &[u8], id: &str, unix_seconds: i64, body: &str) -> String {
    // HMAC takes a key of any length; the error is of other constructions.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    hmac.update(format!("{id}.{unix_seconds}.").as_bytes());
    hmac.update(body.as_bytes());
    format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn secret(text: &str) -> SigningSecret {
        SigningSecret {
            key: STANDARD
                .decode(text.strip_prefix(PREFIX).unwrap())
                .unwrap()
                .into(),
            created: Timestamp::UNIX_EPOCH,
            ends: None,
        }
    }

    /// Known answers of the specification's own libraries (JavaScript and Python: "sign function works").
    #[test]
    fn signatures_are_those_of_the_specification() {
        let own = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let one = std::slice::from_ref(&own);
        assert_eq!(signatures(one, id, 1_614_265_330, body), expected);
        let other = secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let both = signatures(&[other, own], id, 1_614_265_330, body);
        let (first, second) = both.split_once(' ').unwrap();
        assert_ne!(first, expected);
        assert_eq!(second, expected);
    }

    #[test]
    fn a_secret_is_written_as_the_specification_says() {
        let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert_eq!(secret_text(&secret(text).key).as_str(), text);
    }
}
