//! [`Caller`]: whose request it is.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use store::{ApiKey, Link};
use work::event::UNASSIGNED;
use work::{Digest, Event};

use super::{Permission, Role};
use crate::problem::{Code, Problem};

/// Whose request it is: a key or a link that is known and in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Id of the key; of a link, `link-` and its id.
    pub key: String,
    /// What it may do.
    pub role: Role,
    /// The only customer that it knows of; all where absent.
    pub customer: Option<String>,
    /// The only statement that it knows of; all of its customers' where absent.
    pub statement: Option<String>,
    /// Whether it came by a link, which whoever was sent it may have sent on.
    pub is_of_link: bool,
    /// The session whose cookie came with the request, by the cookie's SHA-256; nothing where it brought a key.
    pub session: Option<Digest>,
}

impl Caller {
    /// The caller of a key that was kept; `None` where it is not in force.
    #[must_use]
    pub fn of(kept: ApiKey, now: Timestamp) -> Option<Caller> {
        let over = kept.revoked.is_some() || kept.expires.is_some_and(|expires| expires <= now);
        if over {
            return None;
        }
        Some(Caller {
            role: Role::of_word(&kept.role)?,
            key: kept.id,
            customer: kept.customer,
            statement: None,
            is_of_link: false,
            session: None,
        })
    }

    /// The caller of a link that is in force: the buyer.
    #[must_use]
    pub fn of_link(link: Link) -> Caller {
        Caller {
            key: format!("link-{}", link.id),
            role: Role::Buyer,
            customer: Some(link.customer),
            statement: link.statement,
            is_of_link: true,
            session: None,
        }
    }

    /// Whether the caller may do it. One that knows of one statement alone reads that, and does nothing else; one of
    /// a link sets no budget, for which no signature is asked, and says of works only what its screens let a link say.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let is_within = match (&self.statement, self.is_of_link) {
            (Some(_), _) => permission == Permission::ReadStatement,
            (None, true) => permission != Permission::SetBudgets,
            (None, false) => true,
        };
        is_within && self.role.may(permission)
    }

    /// Whether the caller may know of a customer.
    #[must_use]
    pub fn knows(&self, customer: &str) -> bool {
        self.customer.as_deref().is_none_or(|own| own == customer)
    }

    /// Gives an event that names no customer the only one that the caller knows of.
    pub(crate) fn claim(&self, event: &mut Event) {
        if event.customer == UNASSIGNED
            && let Some(own) = &self.customer
        {
            event.customer = own.into();
        }
    }

    /// Refuses a customer that the caller may not know of, as if it were not there.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn require(&self, customer: &str) -> Result<(), Problem> {
        if self.knows(customer) {
            return Ok(());
        }
        let detail = format!("there is no customer `{customer}`");
        Err(Problem::new(Code::NotFound, detail))
    }

    /// Refuses what is of the whole book to a caller that knows of one customer alone.
    ///
    /// # Errors
    /// [`Code::Forbidden`].
    pub fn require_everybody(&self) -> Result<(), Problem> {
        match &self.customer {
            None => Ok(()),
            Some(own) => {
                let detail = format!("a key of the customer `{own}` alone may not do this");
                Err(Problem::new(Code::Forbidden, detail))
            }
        }
    }

    /// Refuses a statement that the caller may not know of, as if it were not there.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn require_statement(&self, number: &str) -> Result<(), Problem> {
        if self.statement.as_deref().is_none_or(|own| own == number) {
            return Ok(());
        }
        let detail = format!("there is no statement `{number}`");
        Err(Problem::new(Code::NotFound, detail))
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Internal, "a route without a caller"))
    }
}
