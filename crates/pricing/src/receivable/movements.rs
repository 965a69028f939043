//! Everything that moved what a customer owes, in order: the lines of its account statement, and what the journal posts.
//!
//! Allocation moves nothing: it says what money is for. Invariant: the movements up to an instant sum to what is open
//! less what is on account then.

use jiff::Timestamp;
use money::{Amount, MoneyError};
use work::body::{Balance, OnAccount};

use super::debts::Debt;
use super::facts::{MoneyFact, Moved};
use crate::account::Account;

/// Something that moved what a customer owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: MovementKind,
    /// Whether it takes an earlier one back.
    pub is_void: bool,
    /// What it is known by: the number of a statement, the id of an entry about money.
    pub name: String,
    /// The number of the statement, or the name of the payment or credit, that it is about, where that is another name.
    pub about: Option<String>,
    /// The reference of a bank.
    pub reference: Option<String>,
    /// How much more the customer owes; below zero, less.
    pub amount: Amount,
}

/// What moved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovementKind {
    /// What another system left unpaid (P6).
    Opening,
    /// A statement, with what it takes back of earlier ones.
    Statement,
    /// What prepaid credits pay of a statement.
    PrepaidCredits,
    /// A payment.
    Payment,
    /// A refund.
    Refund,
    /// What is not asked for any more.
    WriteOff,
    /// What is not owed back any more.
    WriteOffOnAccount,
}

impl MovementKind {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            MovementKind::Opening => "opening",
            MovementKind::Statement => "statement",
            MovementKind::PrepaidCredits => "prepaid_credits",
            MovementKind::Payment => "payment",
            MovementKind::Refund => "refund",
            MovementKind::WriteOff => "write_off",
            MovementKind::WriteOffOnAccount => "write_off_on_account",
        }
    }
}

impl Account {
    /// What moved what the customer owes before an instant, by time; of one instant statements before money.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn receivable_movements(&self, until: Timestamp) -> Result<Vec<Movement>, MoneyError> {
        let mut all = Vec::new();
        for held in &self.contracts {
            let currency = held.agreement.latest().terms.contract.currency;
            for issued in &held.issued {
                let drawn = issued.credited(currency)?.negated();
                for (kind, amount) in [
                    (MovementKind::Statement, issued.total(currency)?),
                    (MovementKind::PrepaidCredits, drawn),
                ] {
                    let own = Movement {
                        at: issued.at,
                        kind,
                        is_void: false,
                        name: issued.number.clone(),
                        about: None,
                        reference: None,
                        amount,
                    };
                    // A statement that comes to nothing is a line of the account; a draw of nothing is none.
                    if kind == MovementKind::Statement || !amount.is_zero() {
                        all.extend(issued.voided.map(|at| own.taken_back(at)));
                        all.push(own);
                    }
                }
            }
        }
        all.extend(self.debts().map(|own| own.movement()));
        all.extend(self.money_movements(until));
        all.retain(|own| own.at < until);
        all.sort_by(|a, b| {
            let place = |own: &Movement| (own.at, own.is_void, own.kind);
            place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name))
        });
        Ok(all)
    }

    /// Those of payments, refunds and write-offs before an instant, by time.
    #[must_use]
    pub fn money_movements(&self, until: Timestamp) -> Vec<Movement> {
        let mut all = Vec::new();
        for own in &self.money {
            let Some(movement) = movement(own) else {
                continue;
            };
            let voided = self.voided_when(own);
            // What was voided before it happened never was.
            if voided.is_some_and(|at| at <= own.at) {
                continue;
            }
            all.extend(voided.map(|at| movement.taken_back(at)));
            all.push(movement);
        }
        all.retain(|own| own.at < until);
        all.sort_by(|a, b| {
            (a.at, a.is_void, a.kind, &a.name).cmp(&(b.at, b.is_void, b.kind, &b.name))
        });
        all
    }

    /// When an entry about money was first voided, it or the payment that it moves.
    fn voided_when(&self, own: &MoneyFact) -> Option<Timestamp> {
        let payment = match own.what.from() {
            Some(OnAccount::Payment(id)) => Some(id.as_str()),
            _ => None,
        };
        let voids = self.money.iter().filter_map(|other| match &other.what {
            Moved::Voided(voided) => {
                let is_own = voided.entry == own.fact.id.as_str();
                (is_own || Some(voided.entry.as_str()) == payment).then_some(other.at)
            }
            _ => None,
        });
        voids.min()
    }
}

impl Debt<'_> {
    /// That it was taken over.
    pub(crate) fn movement(&self) -> Movement {
        Movement {
            at: self.at,
            kind: MovementKind::Opening,
            is_void: false,
            name: self.unpaid.number.clone(),
            about: None,
            reference: None,
            amount: self.unpaid.amount,
        }
    }
}

impl Movement {
    fn taken_back(&self, at: Timestamp) -> Movement {
        Movement {
            at,
            is_void: true,
            amount: self.amount.negated(),
            ..self.clone()
        }
    }
}

fn movement(own: &MoneyFact) -> Option<Movement> {
    let name_of = |from: &OnAccount| match from {
        OnAccount::Payment(id) | OnAccount::Credit(id) => id.clone(),
    };
    let (kind, amount, about, reference) = match &own.what {
        Moved::Paid(payment) => (
            MovementKind::Payment,
            payment.amount.negated(),
            payment.statement.clone(),
            payment.reference.clone(),
        ),
        Moved::Refunded(refund) => (
            MovementKind::Refund,
            refund.amount,
            Some(name_of(&refund.from)),
            refund.reference.clone(),
        ),
        Moved::WrittenOff(write_off) => match &write_off.of {
            Balance::Statement(number) => (
                MovementKind::WriteOff,
                write_off.amount.negated(),
                Some(number.clone()),
                None,
            ),
            Balance::OnAccount(from) => (
                MovementKind::WriteOffOnAccount,
                write_off.amount,
                Some(name_of(from)),
                None,
            ),
        },
        Moved::Allocated(_) | Moved::Voided(_) => return None,
    };
    Some(Movement {
        at: own.at,
        kind,
        is_void: false,
        name: own.fact.id.to_string(),
        about,
        reference,
        amount,
    })
}
