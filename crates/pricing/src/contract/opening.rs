//! The opening of a contract: what another system counted and billed before it began.
//!
//! A customer rarely begins with the first unit it ever bought. The opening says where tiers and allowances stand,
//! which charges of the first period were billed already, which works are under way or were billed, what is left of
//! prepaid credits, and what is unpaid (semantics.md P6). It is one document, put in force once, before the
//! contract's first statement. Not here: its effect on amounts ([`crate::cell`]). Invariant: nothing of it is
//! charged, and nothing that it says was billed is billed again.

mod fits;
mod read;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency, MoneyError, Quantity};
use work::Digest;
use work::body::{Grant, GrantScope, RESTORE_DAYS};
use work::settle::Unit;

use crate::document::{DocumentError, Faults, Table, parse};

/// What another system counted and billed before a contract began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The contract's id.
    pub contract: String,
    /// The contract's currency.
    pub currency: Currency,
    /// The digest of the document's text.
    pub digest: Digest,
    /// Which system, and as of when, in words.
    pub system: String,
    /// Where tiers and allowances stand.
    pub counters: Vec<Counter>,
    /// Charges of the first period that were billed.
    pub stated: Vec<StatedBefore>,
    /// Works that began before the contract.
    pub works: Vec<WorkBefore>,
    /// What is left of prepaid credits.
    pub grants: Vec<GrantBefore>,
    /// What was billed and is not paid.
    pub unpaid: Vec<UnpaidBefore>,
    /// The document's text.
    pub text: String,
}

/// How far a component's first rating period had come (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The component.
    pub component: String,
    /// The label of its price group; empty where it has but one price.
    pub label: String,
    /// Whether it is of what was attempted, which has tiers of its own.
    pub is_of_attempts: bool,
    /// Its position in the tiers: units, or money of a graduated percentage.
    pub quantity: Quantity,
    /// What of the first period's allowance is used up.
    pub included: Quantity,
    /// What is left of the allowances of earlier periods, the oldest first.
    pub rolled: Vec<RolledBefore>,
    /// The items that were counted, where each counts once in a period.
    pub items: BTreeSet<String>,
    /// What is used up of what is free of a percentage.
    pub free: FreeBefore,
    /// How far below zero an aggregate stands, where that is carried on.
    pub carried: Option<Amount>,
}

/// What is left of the allowance of a period before the first one here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolledBefore {
    /// What is left.
    pub quantity: Quantity,
    /// In how many rating periods, the first one here among them, it may be used.
    pub periods: u32,
}

/// What is used up of what is free of a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FreeBefore {
    /// Facts.
    pub events: u32,
    /// Money beyond those.
    pub amount: Option<Amount>,
}

/// A charge of the first period that was billed (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedBefore {
    /// The component: a fee, or seats.
    pub component: String,
    /// How much of it: 1 for a fee, seat-days of seats.
    pub quantity: Quantity,
    /// What was billed.
    pub amount: Amount,
}

/// A work that began before the contract (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkBefore {
    /// Id of its definition.
    pub unit: String,
    /// Its work id, or the one value of the header that it is counted by.
    pub work: String,
    /// What was billed for it; nothing for one that is still open (P6).
    pub billed: Option<Amount>,
    /// The measured value that this was billed on, where its price is a percentage (D10).
    pub value: Option<Amount>,
}

/// What is left of a grant of prepaid credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantBefore {
    /// Its id.
    pub grant: String,
    /// What is left of it.
    pub amount: Amount,
    /// What was paid for that; nothing for a promotion.
    pub paid: Option<Amount>,
    /// A lower number is drawn first.
    pub priority: u32,
    /// From when it does not pay any more.
    pub expires: Option<Timestamp>,
    /// What it pays for.
    pub scope: GrantScope,
}

/// A document of the other system that is not paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpaidBefore {
    /// Its number there.
    pub number: String,
    /// What is open.
    pub amount: Amount,
    /// When it is due.
    pub due: Option<Date>,
}

/// Why an opening cannot be put in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningRefusal {
    /// It is another contract's.
    #[error("the document opens `{given}`, not `{contract}`")]
    OtherContract {
        /// The contract.
        contract: String,
        /// The one in the document.
        given: String,
    },
    /// It is in another currency.
    #[error(
        "the document is in {given}, and `{contract}` in {currency}: state every amount in {currency}"
    )]
    OtherCurrency {
        /// The contract.
        contract: String,
        /// Its currency.
        currency: Currency,
        /// The document's.
        given: Currency,
    },
    /// The contract has an opening.
    #[error(
        "`{0}` has its opening already: a contract begins once; correct it with a credit, or void it by a new contract"
    )]
    Known(String),
    /// A statement was issued.
    #[error(
        "`{contract}` has issued `{number}`: an opening comes before the first statement; give a credit for what \
         was billed twice"
    )]
    Stated {
        /// The contract.
        contract: String,
        /// Its first statement.
        number: String,
    },
    /// What is unpaid has a number that something here has, or may get.
    #[error(
        "the unpaid `{0}` is a number of this book, or could be: write it with a word of its own, such as `former/{0}`"
    )]
    Number(String),
    /// Something in it does not go with the contract's first version.
    #[error("{what}: {why}")]
    Unfit {
        /// What of the document.
        what: String,
        /// Why.
        why: String,
    },
}

impl Opening {
    /// Reads an opening.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(text: &str) -> Result<Opening, DocumentError> {
        let error = |faults| DocumentError {
            document: "opening",
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let opening = read::read(&Table::new(root.get_ref(), root.span(), &faults), text);
        match opening {
            Some(opening) if faults.is_empty() => Ok(opening),
            _ => Err(error(faults.into_sorted())),
        }
    }

    /// The counter of a price group, where it has one.
    #[must_use]
    pub fn counter(&self, component: &str, label: &str) -> Option<&Counter> {
        self.of(component).find(|own| {
            // The one price of an outcome has no name in the document.
            let is_named = own.label == label || (own.label.is_empty() && label == "work");
            is_named && !own.is_of_attempts
        })
    }

    /// The counter of what was attempted, where there is one.
    #[must_use]
    pub fn attempts(&self, component: &str) -> Option<&Counter> {
        self.of(component).find(|own| own.is_of_attempts)
    }

    /// The counters of a component.
    pub fn of(&self, component: &str) -> impl Iterator<Item = &Counter> {
        let counters = self.counters.iter();
        counters.filter(move |own| own.component == component)
    }

    /// What of a component's first allowance is used up.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn included(&self, component: &str) -> Result<Quantity, MoneyError> {
        let mut used = self.of(component).map(|own| own.included);
        used.try_fold(Quantity::ZERO, Quantity::plus)
    }

    /// The place of a work in the list that a unit is, where it is one.
    #[must_use]
    pub fn work(&self, unit: &Unit) -> Option<usize> {
        let is_named = |own: &WorkBefore| {
            let scope = unit.key.scope.as_slice();
            unit.works.iter().any(|work| *work == *own.work)
                || matches!(scope, [value] if *value == *own.work)
        };
        let mut works = self.works.iter();
        works.position(|own| unit.key.unit == *own.unit && is_named(own))
    }

    /// What is unpaid together.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn unpaid(&self) -> Result<Amount, MoneyError> {
        Amount::sum(self.currency, self.unpaid.iter().map(|own| own.amount))
    }

    /// The grants as they would have been granted for the contract.
    pub fn granted(&self, by: &str) -> impl Iterator<Item = Grant> {
        self.grants.iter().map(|own| Grant {
            grant: own.grant.clone(),
            contract: Some(self.contract.clone()),
            amount: own.amount,
            paid: own.paid,
            priority: own.priority,
            starts: None,
            expires: own.expires,
            scope: own.scope.clone(),
            restore_days: RESTORE_DAYS,
            by: by.to_owned(),
        })
    }

    /// What it states, a line each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let counters = self.counters.iter().map(Counter::in_words);
        let stated = self
            .stated
            .iter()
            .map(|own| format!("{}: {} billed before", own.component, own.amount));
        let works = self.works.iter().map(|own| {
            let of = own.value.map(|value| format!(" on a value of {value}"));
            match own.billed {
                Some(billed) => format!(
                    "{} {}: {billed} billed{} before",
                    own.unit,
                    own.work,
                    of.unwrap_or_default()
                ),
                None => format!("{} {}: opened before, not billed", own.unit, own.work),
            }
        });
        let grants = self.grants.iter();
        let grants = grants.map(|own| format!("credits {}: {} left", own.grant, own.amount));
        let unpaid = self.unpaid.iter().map(|own| match own.due {
            Some(due) => format!("{}: {} unpaid, due {due}", own.number, own.amount),
            None => format!("{}: {} unpaid", own.number, own.amount),
        });
        counters
            .chain(stated)
            .chain(works)
            .chain(grants)
            .chain(unpaid)
            .collect()
    }
}

impl Counter {
    /// What a quantity has beyond the one that was counted: of a greatest, and of a last one (P6).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn beyond(&self, quantity: Quantity) -> Result<Quantity, MoneyError> {
        let counted = self.quantity.plus(self.included)?;
        Ok(quantity.minus(counted)?.max(Quantity::ZERO))
    }

    fn in_words(&self) -> String {
        let what = match (self.is_of_attempts, self.label.as_str()) {
            (true, _) => ", attempts".to_owned(),
            (false, "") => String::new(),
            (false, label) => format!(", {label}"),
        };
        let mut says = vec![format!(
            "{} counted and {} of the allowance used before",
            self.quantity, self.included
        )];
        for own in &self.rolled {
            let (quantity, periods) = (own.quantity, own.periods);
            says.push(format!(
                "{quantity} left of an earlier allowance, for {periods} periods"
            ));
        }
        if !self.items.is_empty() {
            says.push(format!("{} items named", self.items.len()));
        }
        if self.free.events > 0 {
            says.push(format!("{} of what is free used", self.free.events));
        }
        if let Some(amount) = self.free.amount {
            says.push(format!("{amount} of what is free used"));
        }
        if let Some(carried) = self.carried {
            says.push(format!("{carried} below zero carried on"));
        }
        format!("{}{what}: {}", self.component, says.join(", "))
    }
}
