//! [`MoneyFact`]: the entries about money that a log holds, and which of them stand at an instant.

use std::collections::HashSet;

use jiff::Timestamp;
use work::body::{
    Allocated, Balance, Control, OnAccount, Payment, PaymentVoided, Refund, WriteOff,
};
use work::effective::Fact;
use work::settle::FactRef;

use crate::account::Account;

/// An entry about money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyFact {
    /// Its position in the log.
    pub entry: u64,
    /// Source and id; by the id other entries name it.
    pub fact: FactRef,
    /// When it happened.
    pub at: Timestamp,
    /// What it says.
    pub what: Moved,
}

/// What an entry about money says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// Money came.
    Paid(Payment),
    /// Money on account is for statements.
    Allocated(Allocated),
    /// Money on account went back.
    Refunded(Refund),
    /// A balance is given up.
    WrittenOff(WriteOff),
    /// Another entry was wrong.
    Voided(PaymentVoided),
}

impl Moved {
    /// What a control entry says about money; nothing where it is about something else.
    #[must_use]
    pub fn of(control: &Control) -> Option<Moved> {
        Some(match control {
            Control::PaymentRecorded(own) => Moved::Paid(own.clone()),
            Control::PaymentAllocated(own) => Moved::Allocated(own.clone()),
            Control::PaymentRefunded(own) => Moved::Refunded(own.clone()),
            Control::BalanceWrittenOff(own) => Moved::WrittenOff(own.clone()),
            Control::PaymentVoided(own) => Moved::Voided(own.clone()),
            _ => return None,
        })
    }

    /// The statements that it names: nobody voids them while it stands.
    #[must_use]
    pub fn statements(&self) -> Vec<&str> {
        match self {
            Moved::Paid(own) => own.statements().collect(),
            Moved::Allocated(own) => own
                .allocations
                .iter()
                .map(|part| part.statement.as_str())
                .collect(),
            Moved::WrittenOff(WriteOff {
                of: Balance::Statement(number),
                ..
            }) => vec![number],
            Moved::WrittenOff(_) | Moved::Refunded(_) | Moved::Voided(_) => Vec::new(),
        }
    }

    /// The payment or credit whose rest it moves.
    #[must_use]
    pub fn from(&self) -> Option<&OnAccount> {
        match self {
            Moved::Allocated(own) => Some(&own.from),
            Moved::Refunded(own) => Some(&own.from),
            Moved::WrittenOff(own) => match &own.of {
                Balance::OnAccount(from) => Some(from),
                Balance::Statement(_) => None,
            },
            Moved::Paid(_) | Moved::Voided(_) => None,
        }
    }

    /// The place among facts of one instant; no sum depends on it where nothing is asked for twice.
    const fn rank(&self) -> u8 {
        match self {
            Moved::Paid(_) => 0,
            Moved::Refunded(_) => 1,
            Moved::Allocated(_) => 2,
            Moved::WrittenOff(_) => 3,
            Moved::Voided(_) => 4,
        }
    }
}

impl MoneyFact {
    /// The entry as a fact about money; nothing where it is about something else.
    #[must_use]
    pub fn of(fact: &Fact, control: &Control) -> Option<MoneyFact> {
        Some(MoneyFact {
            entry: fact.entry,
            fact: fact.reference(),
            at: fact.event.time,
            what: Moved::of(control)?,
        })
    }

    /// Whether it is voided, it or the payment that it moves.
    fn is_among(&self, voided: &HashSet<&str>) -> bool {
        let payment = match self.what.from() {
            Some(OnAccount::Payment(id)) => voided.contains(id.as_str()),
            _ => false,
        };
        payment || voided.contains(self.fact.id.as_str())
    }
}

impl Account {
    /// What stands of the entries about money at an instant, by time, then kind, source and id.
    pub(super) fn money_at(&self, as_of: Timestamp) -> Vec<&MoneyFact> {
        let voided = self.voided_at(as_of);
        let seen = self.money.iter().filter(|own| own.at <= as_of);
        let mut standing: Vec<&MoneyFact> = seen
            .filter(|own| !matches!(own.what, Moved::Voided(_)) && !own.is_among(&voided))
            .collect();
        standing.sort_by_key(|own| (own.at, own.what.rank(), &own.fact));
        standing
    }

    /// The ids of the entries about money that are voided at an instant.
    pub(super) fn voided_at(&self, as_of: Timestamp) -> HashSet<&str> {
        let seen = self.money.iter().filter(|own| own.at <= as_of);
        seen.filter_map(|own| match &own.what {
            Moved::Voided(voided) => Some(voided.entry.as_str()),
            _ => None,
        })
        .collect()
    }

    /// Whether an entry about money that stands names a statement: then it is credited, not voided (semantics.md D7).
    #[must_use]
    pub fn is_paid_on(&self, number: &str) -> bool {
        let voided = self.voided_at(Timestamp::MAX);
        let mut standing = self.money.iter().filter(|own| !own.is_among(&voided));
        standing.any(|own| own.what.statements().contains(&number))
    }
}
