//! Links for buyers: a text that lets its holder see one customer's part of the book, until an instant.
//!
//! `pwl_` and, in the URL-safe base 64 of RFC 4648 without padding, what it says and an HMAC-SHA256 over it.
//! The key is derived from the book's secret for this alone. What it says is four or five lines: `1`, the id,
//! the customer, the end in seconds since 1970, and the statement where the link is for one. Each link is also
//! kept by its id, so that it can be taken back; what is kept opens nothing. Not here: addresses, sessions,
//! what a holder may do (`server`). Invariants: the text is in no message and no `Debug`; a text opens
//! something only as long as it was made here, has not ended and was not taken back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use store::Link;
use zeroize::Zeroizing;

use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Error, Invalid};
use crate::limits::{LINK_DAYS_MAX, LINK_LABEL_BYTES_MAX, LINK_TEXT_BYTES_MAX};

const PREFIX: &str = "pwl_";
const VERSION: &str = "1";
const PURPOSE: &[u8] = b"piecework/link/v1\n";
const ID_BYTES: usize = 10;
const MAC_BYTES: usize = 32;

/// A link that somebody asks for.
#[derive(Debug, Clone)]
pub struct AskedLink {
    /// The customer that its holder sees.
    pub customer: String,
    /// The only statement that its holder sees.
    pub statement: Option<String>,
    /// Whom it is for.
    pub label: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A link that was just made: what is kept, and what its holder gets, once.
pub struct MadeLink {
    /// What is kept.
    pub kept: Link,
    /// What its holder gets.
    pub text: Zeroizing<String>,
}

/// What a link's text says.
#[derive(PartialEq, Eq)]
struct Said {
    id: String,
    customer: String,
    expires: i64,
    statement: Option<String>,
}

/// Whether a text has the form of a link's: nothing is checked.
#[must_use]
pub fn is_link(text: &str) -> bool {
    text.starts_with(PREFIX)
}

impl Book {
    /// Makes and keeps a link.
    ///
    /// # Errors
    /// Where there is no such customer or statement, or the link would last too long.
    pub fn make_link(&self, asked: &AskedLink, now: Timestamp) -> Result<MadeLink> {
        check(asked, now)?;
        self.chosen(Some(&asked.customer))?;
        if let Some(number) = &asked.statement {
            let account = self.account(&asked.customer, None)?;
            account.statement(number).ok_or_else(|| Absent::Statement {
                customer: asked.customer.clone(),
                number: number.clone(),
            })?;
        }
        let random = (self.random)().map_err(Error::Random)?;
        let hexadecimal = random[..ID_BYTES].iter().map(|byte| format!("{byte:02x}"));
        let kept = Link {
            id: hexadecimal.collect(),
            customer: asked.customer.clone(),
            statement: asked.statement.clone(),
            label: asked.label.clone(),
            created: now,
            expires: asked.expires,
            revoked: None,
        };
        let said = Said {
            id: kept.id.clone(),
            customer: kept.customer.clone(),
            expires: kept.expires.as_second(),
            statement: kept.statement.clone(),
        };
        let keys = self.keyring()?.link_keys(now);
        let text = said.signed(&keys[0]); // there is always the latest
        self.store.operations().put_link(&kept)?;
        Ok(MadeLink { kept, text })
    }

    /// The link of a text; nothing where it was altered, has ended, was taken back or was never made.
    ///
    /// # Errors
    /// Where the book's secret or its links cannot be read.
    pub fn link(&self, text: &str, now: Timestamp) -> Result<Option<Link>> {
        let keys = self.keyring()?.link_keys(now);
        let Some(said) = Said::read(text, &keys) else {
            return Ok(None);
        };
        let kept = self.store.operations().link(&said.id)?;
        Ok(kept.filter(|kept| kept.is_in_force(now) && said.is_of(kept)))
    }
}

fn check(asked: &AskedLink, now: Timestamp) -> Result<()> {
    let longest = SignedDuration::from_hours(24 * LINK_DAYS_MAX);
    let lasts = asked.expires.duration_since(now);
    if lasts < SignedDuration::from_secs(1) || lasts > longest {
        return Err(Invalid::LinkEnd.into());
    }
    let is_line = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    if !is_line(&asked.label) || asked.label.len() > LINK_LABEL_BYTES_MAX {
        return Err(Invalid::LinkLabel.into());
    }
    // The text of a link has a line for each.
    if !is_line(&asked.customer) || asked.statement.as_deref().is_some_and(|own| !is_line(own)) {
        return Err(Invalid::LinkName.into());
    }
    Ok(())
}

impl Said {
    fn signed(&self, key: &[u8; 32]) -> Zeroizing<String> {
        let mut bytes = self.lines().into_bytes();
        let signature = mac(key, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature);
        Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// What a text says, where one of the keys signed it; compared in a time that does not depend on how
    /// much of it is right.
    fn read(text: &str, keys: &[Zeroizing<[u8; 32]>]) -> Option<Said> {
        let text = text.strip_prefix(PREFIX)?;
        if text.len() > LINK_TEXT_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, signature) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        let signed = |key: &Zeroizing<[u8; 32]>| mac(key, said).verify_slice(signature).is_ok();
        if !keys.iter().any(signed) {
            return None;
        }
        let mut lines = std::str::from_utf8(said).ok()?.split('\n');
        let (Some(VERSION), Some(id), Some(customer), Some(expires)) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return None;
        };
        Some(Said {
            id: id.to_owned(),
            customer: customer.to_owned(),
            expires: expires.parse().ok()?,
            statement: lines.next().map(str::to_owned),
        })
    }

    fn is_of(&self, kept: &Link) -> bool {
        self.id == kept.id
            && self.customer == kept.customer
            && self.statement == kept.statement
            && self.expires == kept.expires.as_second()
    }

    fn lines(&self) -> String {
        let mut lines = [VERSION, &self.id, &self.customer, &self.expires.to_string()].join("\n");
        if let Some(statement) = &self.statement {
            lines.push('\n');
            lines.push_str(statement);
        }
        lines
    }
}

fn mac(key: &[u8; 32], said: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(PURPOSE);
    mac.update(said);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Zeroizing<[u8; 32]> {
        Zeroizing::new([byte; 32])
    }

    fn said(statement: Option<&str>) -> Said {
        Said {
            id: "00112233445566778899".to_owned(),
            customer: "acme".to_owned(),
            expires: 1_770_000_000,
            statement: statement.map(str::to_owned),
        }
    }

    /// Computed with Python's `hmac` and `base64`.
    #[test]
    fn a_link_is_what_it_says_and_a_signature() {
        let text = said(Some("acme-0001")).signed(&key(7));
        let expected = "pwl_MQowMDExMjIzMzQ0NTU2Njc3ODg5OQphY21lCjE3NzAwMDAwMDAKYWNtZS0wMDAxzKcHUN0Q_Gjzu7y2R8W1Bt3VsyDschFx_oyJeYzgIFA";
        assert_eq!(*text, expected);
    }

    #[test]
    fn a_link_reads_back_under_any_key_that_signs() {
        for statement in [None, Some("acme-0001")] {
            let text = said(statement).signed(&key(7));
            let read = Said::read(&text, &[key(8), key(7)]).unwrap();
            assert!(read == said(statement));
            assert!(Said::read(&text, &[key(8)]).is_none());
        }
    }

    #[test]
    fn whatever_was_altered_is_no_link() {
        let text = said(Some("acme-0001")).signed(&key(7));
        let keys = [key(7)];
        for at in 0..text.len() {
            for with in ["A", "z", "_", "=", "%", "\n"] {
                let mut altered = text.to_string();
                altered.replace_range(at..=at, with);
                let is_read = Said::read(&altered, &keys).is_some();
                assert!(altered == *text || !is_read, "{at} {with:?}");
            }
            assert!(Said::read(&text[..at], &keys).is_none());
        }
        assert!(Said::read(&format!("{}A", text.as_str()), &keys).is_none());
    }

    #[test]
    fn a_text_that_is_too_long_is_not_read() {
        let long = Said {
            customer: "c".repeat(LINK_TEXT_BYTES_MAX),
            ..said(None)
        };
        assert!(Said::read(&long.signed(&key(7)), &[key(7)]).is_none());
    }
}
