//! What a customer paid, and which statements it is for.
//!
//! Piecework collects nothing and dunns nobody; it keeps what was paid beside what was stated, so that
//! a statement that is paid is credited, not voided (semantics.md D7). What is for no statement is on account.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Amount;
use pages::view;
use pricing::account::Account;
use pricing::cover::CoverRefusal;
use pricing::receivable::{Ledger, Moved, oldest_due_first, over_cover};
use work::Digest;
use work::body::{Allocation, Body, Control, OnAccount};
use work::event::PIECEWORK;

use super::{Acted, control};
use crate::book::Book;
use crate::error::{Invalid, Refused};
use crate::{Error, Result};

/// What was paid, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Payment<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// How much, above zero.
    pub amount: Amount,
    /// What it is for.
    pub of: For<'a>,
    /// When it was paid; `now` where absent.
    pub at: Option<PaidAt>,
    /// The bank's or the payer's reference. A payment with one is known by it, and recorded once.
    pub reference: Option<&'a str>,
    /// The id of the entry of a payment without reference; made of its content where absent.
    pub id: Option<&'a str>,
}

/// Which statements money is for. What is left over is on account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For<'a> {
    /// This one, as far as it is open; of a cover, the statements under it.
    Statement(&'a str),
    /// These, by amounts.
    Parts(&'a [Allocation]),
    /// Those that were due first, as far as it goes.
    OldestDueFirst,
    /// None yet.
    OnAccount,
}

/// When something was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidAt {
    /// At this instant.
    Instant(Timestamp),
    /// On this day, as banks book payments: at its first midnight in the contract's zone.
    Day(Date),
}

impl FromStr for PaidAt {
    type Err = Error;

    fn from_str(text: &str) -> Result<PaidAt> {
        if let Ok(instant) = text.parse() {
            return Ok(PaidAt::Instant(instant));
        }
        match text.parse() {
            Ok(day) => Ok(PaidAt::Day(day)),
            Err(_) => Err(Invalid::PaidAt(text.to_owned()).into()),
        }
    }
}

impl PaidAt {
    pub(super) fn instant(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            PaidAt::Instant(instant) => Ok(instant),
            PaidAt::Day(day) => Ok(day.to_zoned(zone.clone())?.timestamp()),
        }
    }
}

impl Book {
    /// Records a payment.
    ///
    /// # Errors
    /// [`Invalid`] where the amount is not above zero; [`Absent`](crate::error::Absent) where there is no such customer;
    /// [`Refused`] where a statement is not there, is void, in another currency, or not open for as much, or where the
    /// reference is that of another payment.
    pub fn pay(&self, act: &Payment<'_>, now: Timestamp) -> Result<Acted<view::MoneyAct>> {
        let Payment { amount, .. } = *act;
        if amount.is_zero() || amount.is_negative() {
            return Err(Invalid::PaysNothing { amount }.into());
        }
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let account = self.account(act.customer, None)?;
        let at = match act.at {
            None => now,
            Some(at) => at.instant(&zone(&account, act.of.first()))?,
        };
        // A reference is used once; without one, the same amount for the same at the same instant is the same payment.
        let id = match (act.reference, act.id) {
            (Some(reference), _) => format!("payment/{reference}"),
            (None, Some(id)) => id.to_owned(),
            (None, None) => format!("payment/{at}/{amount}{}", act.of.short()),
        };
        if let Some(known) = self.entry_under(act.customer, PIECEWORK, &id)? {
            act.must_be(&known, &id, &account)?;
            return Ok(Acted::before(self.money_act(act.customer, &known.event)?));
        }
        let payment = work::body::Payment {
            amount,
            statement: match act.of {
                For::Statement(number) if account.cover(number).is_none() => {
                    Some(number.to_owned())
                }
                _ => None,
            },
            allocations: parts(&account, act.of, amount)?,
            reference: act.reference.map(str::to_owned),
        };
        account.may_move(&Moved::Paid(payment.clone()))?;
        Ledger::of(&account, Timestamp::MAX)?.may_take(&payment.allocations)?;
        let event = control(act.customer, id, at, Control::PaymentRecorded(payment));
        self.write(std::slice::from_ref(&event), now)?;
        Ok(Acted::now(self.money_act(act.customer, &event)?))
    }
}

/// The zone of the contract of a statement; of the customer's first contract where none is named.
pub(super) fn zone(account: &Account, statement: Option<&str>) -> TimeZone {
    let named = statement.and_then(|number| account.statement(number));
    let held = named
        .map(|(held, _)| held)
        .or_else(|| account.contracts.first());
    held.map_or(TimeZone::UTC, |held| {
        held.agreement.latest().terms.contract.time_zone.clone()
    })
}

/// The parts of a sum by statement, where they are said by amounts.
pub(super) fn parts(account: &Account, of: For<'_>, amount: Amount) -> Result<Vec<Allocation>> {
    Ok(match of {
        For::Parts(parts) => parts.to_vec(),
        For::OldestDueFirst => oldest_due_first(&Ledger::of(account, Timestamp::MAX)?, amount)?,
        For::Statement(number) if account.cover(number).is_some() => {
            let ledger = Ledger::of(account, Timestamp::MAX)?;
            if ledger.cover(number).is_none() {
                return Err(CoverRefusal::Voided(number.to_owned()).into());
            }
            over_cover(&ledger, number, amount)?
        }
        For::Statement(_) | For::OnAccount => Vec::new(),
    })
}

impl For<'_> {
    /// The first statement that is named.
    pub(super) fn first(&self) -> Option<&str> {
        match self {
            For::Statement(number) => Some(number),
            For::Parts(parts) => parts.first().map(|part| part.statement.as_str()),
            For::OldestDueFirst | For::OnAccount => None,
        }
    }

    /// What tells payments apart that are for something else.
    fn short(&self) -> String {
        match self {
            For::Statement(number) => format!("/{}", Digest::of(number.as_bytes()).short()),
            For::Parts(parts) => {
                let text: String = parts
                    .iter()
                    .map(|part| format!("{} {}\n", part.statement, part.amount))
                    .collect();
                format!("/{}", Digest::of(text.as_bytes()).short())
            }
            For::OldestDueFirst | For::OnAccount => String::new(),
        }
    }
}

impl Payment<'_> {
    /// Refuses where the entry under the payment's id is something else. What a caller leaves to the book, which
    /// statements were due first, is as it was then.
    fn must_be(&self, known: &store::Entry, id: &str, account: &Account) -> Result<(), Refused> {
        let other = || Refused::OtherAct { id: id.to_owned() };
        let Body::Control(Control::PaymentRecorded(said)) = &known.event.body else {
            return Err(other());
        };
        if said.amount != self.amount {
            return Err(Refused::OtherPayment {
                id: id.to_owned(),
                known: Box::new(said.amount),
                given: Box::new(self.amount),
            });
        }
        let is_same = match self.of {
            For::Statement(number) => match account.cover(number) {
                None => said.statement.as_deref() == Some(number),
                Some(cover) => {
                    said.statement.is_none() && said.statements().all(|own| cover.binds(own))
                }
            },
            For::Parts(parts) => said.statement.is_none() && said.allocations == parts,
            For::OldestDueFirst => said.statement.is_none(),
            For::OnAccount => said.statements().next().is_none(),
        };
        if is_same { Ok(()) } else { Err(other()) }
    }
}

/// The name of a payment as a source of money.
pub(super) fn named(id: &str) -> OnAccount {
    OnAccount::Payment(id.to_owned())
}
