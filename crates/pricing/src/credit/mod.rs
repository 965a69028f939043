//! Prepaid credits: a way of paying what is owed (semantics.md D9).
//!
//! What is owed knows nothing of credits. When a statement is drawn up, what it adds is drawn from
//! grants, and what it takes back is restored to them; the draws are stated with the cells that they
//! pay and stand or fall with the statement. Not here: who may grant what ([`crate::account`]), and
//! what a grant cost. Invariant: granted + restored = drawn + expired + left, and nothing left is
//! below zero.

mod apply;
mod lots;
mod portions;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use money::Amount;
use work::settle::FactRef;

use crate::cell::{decode, encode};
use crate::plan::Surface;

pub use apply::{Adding, Applied, CreditLine, apply};
pub use lots::{Lot, Lots};
pub use work::body::GrantScope;

/// A grant as it stands after its amendments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// The contract that it pays for; every one of the customer in its currency where absent.
    pub contract: Option<String>,
    /// How much it pays in all.
    pub amount: Amount,
    /// What was paid for it.
    pub paid: Amount,
    /// A lower number is drawn first.
    pub priority: u32,
    /// From when it pays.
    pub starts: Timestamp,
    /// From when it does not pay any more.
    pub expires: Option<Timestamp>,
    /// What it pays for.
    pub scope: GrantScope,
    /// Days for which what is restored after its expiry may be drawn.
    pub restore_days: u32,
    /// The entry that gave it.
    pub fact: FactRef,
    /// When it was given.
    pub granted: Timestamp,
    /// Whether it was voided: it pays nothing.
    pub is_voided: bool,
}

impl Grant {
    /// Whether it pays for a contract.
    #[must_use]
    pub fn is_for(&self, contract: &str) -> bool {
        self.contract.as_deref().is_none_or(|own| own == contract)
    }

    /// Whether it pays for cells of a component. What totals make is of no component and no surface:
    /// only a grant for everything pays it.
    #[must_use]
    pub fn covers(&self, component: &str, surface: Option<Surface>) -> bool {
        let GrantScope {
            surfaces,
            components,
        } = &self.scope;
        if surfaces.is_empty() && components.is_empty() {
            return true;
        }
        let is_named = |surface: Surface| surfaces.iter().any(|own| own == surface.word());
        surface.is_some_and(is_named) || components.iter().any(|own| own == component)
    }
}

/// What is drawn on: a grant, or what the statements of one cut restored to it after its expiry.
///
/// Printed as the grant's id, for what was restored with `@` and the cut behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotName {
    /// The grant's id.
    pub grant: String,
    /// The cut of the statements that restored it.
    pub restored: Option<Timestamp>,
}

/// A name that is none of a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no grant of prepaid credits")]
pub struct LotNameError(String);

impl fmt::Display for LotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode(&self.grant, f)?;
        match self.restored {
            None => Ok(()),
            Some(cut) => write!(f, "@{cut}"),
        }
    }
}

impl FromStr for LotName {
    type Err = LotNameError;

    fn from_str(text: &str) -> Result<LotName, LotNameError> {
        let read = || {
            let (grant, restored) = match text.split_once('@') {
                None => (text, None),
                Some((grant, cut)) => (grant, Some(cut.parse().ok()?)),
            };
            Some(LotName {
                grant: decode(grant)?,
                restored,
            })
        };
        let name = read().filter(|name: &LotName| name.to_string() == text);
        name.ok_or_else(|| LotNameError(text.chars().take(120).collect()))
    }
}
