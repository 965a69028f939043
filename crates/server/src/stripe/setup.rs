//! [`Setup`]: what is needed to speak to Stripe.

use std::fmt;

use axum::http::HeaderValue;
use book::config;

use crate::limits::STRIPE_KEY_BYTES_MAX;
use crate::webhooks::{Options, OptionsError};

/// Where Stripe is.
const BASE: &str = "https://api.stripe.com";
/// What plain http may reach: this machine, for tests.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

/// What is needed to speak to Stripe.
pub struct Setup {
    pub(super) authorization: HeaderValue,
    pub(super) base: String,
    pub(super) options: Options,
}

/// Why Stripe cannot be spoken to. No message holds a part of the key.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The key is none.
    #[error(
        "the secret key of Stripe is 1 to {STRIPE_KEY_BYTES_MAX} letters, digits and `_`, such as sk_live_…"
    )]
    Key,
    /// It is a key for browsers.
    #[error(
        "that is a publishable key of Stripe; the secret one (sk_…) or a restricted one (rk_…) is needed"
    )]
    Publishable,
    /// The address is none.
    #[error("[stripe] base: `{0}` is no address such as https://api.stripe.com")]
    Base(String),
    /// TLS cannot be set up.
    #[error(transparent)]
    Options(#[from] OptionsError),
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setup({})", self.base)
    }
}

impl Setup {
    /// What the configuration says, and the secret key.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(own: &config::Stripe, key: &str) -> Result<Setup, SetupError> {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !(1..=STRIPE_KEY_BYTES_MAX).contains(&key.len()) || !key.bytes().all(is_fine) {
            return Err(SetupError::Key);
        }
        if key.starts_with("pk_") {
            return Err(SetupError::Publishable);
        }
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| SetupError::Key)?;
        authorization.set_sensitive(true);
        let base = own.base.as_deref().unwrap_or(BASE).trim_end_matches('/');
        let rest = base
            .strip_prefix("https://")
            .or_else(|| base.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains('/')) {
            return Err(SetupError::Base(base.to_owned()));
        }
        let loopback = LOOPBACK.iter().filter_map(|own| own.parse().ok()).collect();
        Ok(Setup {
            authorization,
            base: base.to_owned(),
            options: Options::new(loopback, None)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_nowhere() {
        let own = config::Stripe::default();
        let setup = Setup::new(&own, "sk_test_123").unwrap();
        assert!(!format!("{setup:?} {:?}", setup.authorization).contains("sk_test"));
        for key in [
            "",
            "pk_live_1",
            "sk test",
            "sk\n",
            &"x".repeat(STRIPE_KEY_BYTES_MAX + 1),
        ] {
            let refused = Setup::new(&own, key).unwrap_err().to_string();
            assert!(key.is_empty() || !refused.contains(key), "{refused}");
        }
    }

    #[test]
    fn an_address_has_no_path() {
        let base = |text: &str| {
            let own = config::Stripe {
                base: Some(text.to_owned()),
                ..config::Stripe::default()
            };
            Setup::new(&own, "sk_1").map(|own| own.base).ok()
        };
        assert_eq!(
            base("http://127.0.0.1:1/").as_deref(),
            Some("http://127.0.0.1:1")
        );
        for text in ["", "api.stripe.com", "https://", "https://a/b", "ftp://a"] {
            assert_eq!(base(text), None, "{text}");
        }
    }
}
