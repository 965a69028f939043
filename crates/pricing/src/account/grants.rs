//! Grants of prepaid credits: what may be granted, amended and voided (semantics.md D9).
//!
//! A grant is known from its entry on and pays what is stated after it. Invariant: no entry takes what
//! is left of a grant below zero.

use jiff::Timestamp;
use money::{Amount, Currency};
use work::body::{Grant as Granted, GrantAmended};
use work::effective::Fact;
use work::event::PIECEWORK;
use work::settle::FactRef;

use super::check::Refusal;
use super::{Account, Held};
use crate::credit::{Grant, Lots};
use crate::limits::GRANTS_MAX;
use crate::plan::Surface;

/// Why a grant, its amendment or its voiding is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    /// A grant of that id is there.
    #[error("a grant `{0}` is there already: amend it, or grant under another id")]
    Known(String),
    /// The grant is not there.
    #[error("there is no grant `{0}`; `piecework credit list` shows those there are")]
    Absent(String),
    /// The grant is voided.
    #[error("the grant `{0}` is voided: grant under another id")]
    Voided(String),
    /// More grants than a customer may have.
    #[error("a customer has at most {GRANTS_MAX} grants of credits")]
    TooMany,
    /// The contract is not there.
    #[error("there is no contract `{0}` in the account for the credits to pay for")]
    NoContract(String),
    /// No contract that it would pay for is in its currency.
    #[error("credits in {given} pay for nothing here: {contracts}")]
    OtherCurrency {
        /// The grant's currency.
        given: Currency,
        /// The contracts and their currencies, in words.
        contracts: String,
    },
    /// A surface that is none.
    #[error("`{0}` is no surface: access, usage, outcome or risk")]
    NoSurface(String),
    /// It would end before it begins.
    #[error("the grant would expire at {expires}, and starts at {starts}")]
    NeverPays {
        /// When it starts.
        starts: Timestamp,
        /// When it would expire.
        expires: Timestamp,
    },
    /// Its expiry is behind what was stated.
    #[error(
        "statements up to {cut} stand, so the expiry {expires} cannot be set any more: name a later \
         instant, or grant anew"
    )]
    Stated {
        /// The expiry.
        expires: Timestamp,
        /// The latest cut stated.
        cut: Timestamp,
    },
    /// More was drawn than would be granted.
    #[error("{drawn} of the grant `{grant}` are drawn: it cannot be less")]
    BelowDrawn {
        /// The grant.
        grant: String,
        /// What is drawn.
        drawn: Amount,
    },
    /// Statements drew on it.
    #[error(
        "statements drew {drawn} of the grant `{grant}`: amend its amount to that, or void them first"
    )]
    Drawn {
        /// The grant.
        grant: String,
        /// What is drawn.
        drawn: Amount,
    },
}

impl Grant {
    /// What an entry grants.
    pub(super) fn of(fact: &Fact, granted: &Granted) -> Grant {
        Grant {
            fact: fact.reference(),
            ..Grant::new(granted, fact.event.time)
        }
    }

    /// What is granted at an instant by an entry that is not there yet.
    #[must_use]
    pub fn new(granted: &Granted, at: Timestamp) -> Grant {
        Grant {
            id: granted.grant.clone(),
            contract: granted.contract.clone(),
            amount: granted.amount,
            paid: granted
                .paid
                .unwrap_or(Amount::zero(granted.amount.currency())),
            priority: granted.priority,
            starts: granted.starts.unwrap_or(at),
            expires: granted.expires,
            scope: granted.scope.clone(),
            restore_days: granted.restore_days,
            fact: FactRef {
                source: PIECEWORK.into(),
                id: granted.grant.as_str().into(),
            },
            granted: at,
            is_voided: false,
        }
    }
}

impl Account {
    /// The grant of that id.
    #[must_use]
    pub fn grant(&self, id: &str) -> Option<&Grant> {
        self.grants.iter().find(|own| own.id == id)
    }

    /// Whether a grant may be given.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_grant(&self, grant: &Grant) -> Result<(), Refusal> {
        if self.grant(&grant.id).is_some() {
            return Err(GrantRefusal::Known(grant.id.clone()).into());
        }
        if self.grants.len() >= GRANTS_MAX {
            return Err(GrantRefusal::TooMany.into());
        }
        if let Some(contract) = &grant.contract
            && self.contract(contract).is_none()
        {
            return Err(GrantRefusal::NoContract(contract.clone()).into());
        }
        if self.paid_by(grant).next().is_none() {
            let named = self.contracts.iter().map(|held| {
                let currency = held.agreement.latest().terms.contract.currency;
                format!("`{}` is in {currency}", held.agreement.id)
            });
            let named: Vec<String> = named.collect();
            let contracts = match named.is_empty() {
                true => "no contract is signed".to_owned(),
                false => format!("{}; grant in the currency of one of them", named.join(", ")),
            };
            let given = grant.amount.currency();
            return Err(GrantRefusal::OtherCurrency { given, contracts }.into());
        }
        let known = |word: &String| Surface::WORDS.iter().any(|(own, _)| own == word);
        if let Some(word) = grant.scope.surfaces.iter().find(|word| !known(word)) {
            return Err(GrantRefusal::NoSurface(word.clone()).into());
        }
        match grant.expires {
            Some(expires) if expires <= grant.starts => Err(GrantRefusal::NeverPays {
                starts: grant.starts,
                expires,
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// The grant as it would be amended.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_amend_grant(&self, amended: &GrantAmended) -> Result<Grant, Refusal> {
        let known = self.known(&amended.grant)?;
        let mut grant = known.clone();
        if let Some(amount) = amended.amount {
            if amount.currency() != known.amount.currency() {
                let contracts = {
                    let own = known.amount.currency();
                    format!("the grant is in {own}; amend it in {own}")
                };
                let given = amount.currency();
                return Err(GrantRefusal::OtherCurrency { given, contracts }.into());
            }
            grant.amount = amount;
        }
        grant.priority = amended.priority.unwrap_or(grant.priority);
        if let Some(expires) = amended.expires {
            if expires <= known.starts {
                let starts = known.starts;
                return Err(GrantRefusal::NeverPays { starts, expires }.into());
            }
            // What was drawn and restored depends on the expiry that statements knew.
            let last = self.paid_by(known).filter_map(Held::last_cut).max();
            let first = known.expires.map_or(expires, |old| old.min(expires));
            if let Some(cut) = last.filter(|cut| first <= *cut) {
                return Err(GrantRefusal::Stated { expires, cut }.into());
            }
            grant.expires = Some(expires);
        }
        let drawn = self.drawn_on(&grant.id)?;
        if let Some(drawn) = drawn.filter(|drawn| grant.amount.value() < drawn.value()) {
            return Err(GrantRefusal::BelowDrawn {
                grant: grant.id,
                drawn,
            }
            .into());
        }
        Ok(grant)
    }

    /// Whether a grant may be voided: nothing that stands is drawn on it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_void_grant(&self, id: &str) -> Result<(), Refusal> {
        let grant = self.known(id)?;
        let names = |cell: &work::body::StatedCell| {
            let lot = cell.credit.as_deref().and_then(|lot| lot.parse().ok());
            lot.is_some_and(|lot: crate::credit::LotName| lot.grant == id)
        };
        let mut standing = self.contracts.iter().flat_map(Held::standing);
        if !standing.any(|issued| issued.cells.iter().any(names)) {
            return Ok(());
        }
        let zero = Amount::zero(grant.amount.currency());
        Err(GrantRefusal::Drawn {
            grant: id.to_owned(),
            drawn: self.drawn_on(id)?.unwrap_or(zero),
        }
        .into())
    }

    /// Whether what a statement drew and restored may be taken back.
    pub(super) fn may_return_draws(&self, number: &str) -> Result<(), Refusal> {
        let lots = Lots::of(self, Some(number)).map_err(|source| self.sum_fault(source))?;
        match lots.overdrawn() {
            None => Ok(()),
            Some(lot) => Err(Refusal::Drawn {
                number: number.to_owned(),
                lot: Box::new(lot.name.clone()),
                left: Box::new(lot.left),
            }),
        }
    }

    /// What stands drawn on a grant, less what was restored to it while it paid.
    fn drawn_on(&self, id: &str) -> Result<Option<Amount>, Refusal> {
        let lots = Lots::of(self, None).map_err(|source| self.sum_fault(source))?;
        let own = |lot: &&crate::credit::Lot<'_>| lot.name.grant == id;
        let lot = lots
            .lots
            .iter()
            .filter(own)
            .find(|lot| lot.name.restored.is_none());
        lot.map(|lot| lot.drawn.minus(lot.restored))
            .transpose()
            .map_err(|source| self.sum_fault(source))
    }

    /// The contracts that a grant pays for.
    fn paid_by<'a>(&'a self, grant: &'a Grant) -> impl Iterator<Item = &'a Held> {
        self.contracts.iter().filter(|held| {
            grant.is_for(&held.agreement.id)
                && held.agreement.latest().terms.contract.currency == grant.amount.currency()
        })
    }

    fn known(&self, id: &str) -> Result<&Grant, Refusal> {
        match self.grant(id) {
            None => Err(GrantRefusal::Absent(id.to_owned()).into()),
            Some(grant) if grant.is_voided => Err(GrantRefusal::Voided(id.to_owned()).into()),
            Some(grant) => Ok(grant),
        }
    }

    fn sum_fault(&self, source: money::MoneyError) -> Refusal {
        Refusal::Money {
            customer: self.customer.clone(),
            source: Box::new(source),
        }
    }
}
