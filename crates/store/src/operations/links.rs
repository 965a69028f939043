//! [`Links`]: the links that were made for buyers, so that one can be taken back.
//!
//! A link's text is signed and carries all that it lets its holder see; what is kept here says which were made
//! and which no longer count. Not here: making and checking that text (`book::links`). Invariant: nothing
//! kept opens anything.

use jiff::Timestamp;

use crate::StoreError;

/// A link for a buyer, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is known by.
    pub id: String,
    /// The customer that its holder sees.
    pub customer: String,
    /// The only statement that its holder sees; all of the customer's where absent.
    pub statement: Option<String>,
    /// Whom it is for, in its maker's words.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was taken back.
    pub revoked: Option<Timestamp>,
}

impl Link {
    /// Whether it opens anything at an instant.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// Links for buyers. Every call that changes something is durable when it returns.
pub trait Links: Send + Sync {
    /// Keeps a new link. Those of the customer that ended longest ago make room.
    ///
    /// # Errors
    /// [`StoreError::Taken`] where the id is; [`StoreError::TooMany`] where
    /// [`crate::limits::LINKS_OF_CUSTOMER_MAX`] of the customer are in force at `link.created`.
    fn put_link(&self, link: &Link) -> Result<(), StoreError>;

    /// The link of an id.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn link(&self, id: &str) -> Result<Option<Link>, StoreError>;

    /// The links of a customer, by when they were made.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn links(&self, customer: &str) -> Result<Vec<Link>, StoreError>;

    /// Takes a link of a customer back; whether there was one that was not yet.
    ///
    /// # Errors
    /// As [`Links::put_link`].
    fn revoke_link(&self, customer: &str, id: &str, at: Timestamp) -> Result<bool, StoreError>;
}
