//! What a customer paid on a statement.
//!
//! Piecework collects nothing and dunns nobody; it keeps what was paid beside what was stated, so that
//! a statement that is paid is credited, not voided (semantics.md D7).

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Amount;
use pages::view;
use serde::Serialize;
use work::body::Control;
use work::event::PIECEWORK;

use super::{Acted, control};
use crate::book::Book;
use crate::error::{Absent, Invalid, Refused};
use crate::{Error, Result};

/// What was paid on which statement.
#[derive(Debug, Clone, Copy)]
pub struct Payment<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The printed number of the statement paid.
    pub statement: &'a str,
    /// How much, above zero, in the statement's currency. It may be more than is open.
    pub amount: Amount,
    /// When it was paid; `now` where absent.
    pub at: Option<PaidAt>,
    /// The bank's or the payer's reference. A payment with one is known by it, and recorded once.
    pub reference: Option<&'a str>,
    /// The id of the entry of a payment without reference; made of its instant and amount where absent.
    pub id: Option<&'a str>,
}

/// When something was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidAt {
    /// At this instant.
    Instant(Timestamp),
    /// On this day, as banks book payments: at its first midnight in the contract's zone.
    Day(Date),
}

/// A payment that was recorded, and what the statement stands at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// The customer's id.
    pub customer: String,
    /// The printed number of the statement paid.
    pub statement: String,
    /// How much.
    #[serde(serialize_with = "view::json::amount")]
    pub amount: Amount,
    /// When.
    pub at: Timestamp,
    /// The bank's or the payer's reference.
    pub reference: Option<String>,
    /// What the statement charges.
    #[serde(serialize_with = "view::json::amount")]
    pub total: Amount,
    /// What is still to be paid of it; below zero where more was paid.
    #[serde(serialize_with = "view::json::amount")]
    pub balance: Amount,
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
    fn instant(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            PaidAt::Instant(instant) => Ok(instant),
            PaidAt::Day(day) => Ok(day.to_zoned(zone.clone())?.timestamp()),
        }
    }
}

impl Book {
    /// Records a payment on a statement.
    ///
    /// # Errors
    /// [`Invalid`] where the amount is not above zero; [`Absent`] where there is no such customer or
    /// statement; [`Refused`] where the statement is void or in another currency, or where the reference is
    /// that of another payment.
    pub fn pay(&self, act: &Payment<'_>, now: Timestamp) -> Result<Acted<Paid>> {
        let Payment { amount, .. } = *act;
        if amount.is_zero() || amount.is_negative() {
            return Err(Invalid::PaysNothing { amount }.into());
        }
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let account = self.account(act.customer, None)?;
        account.may_pay(act.statement, amount)?;
        let zone = account.statement(act.statement).map(|(held, _)| {
            let contract = &held.agreement.latest().terms.contract;
            contract.time_zone.clone()
        });
        let at = match act.at {
            None => now,
            Some(at) => at.instant(&zone.unwrap_or(TimeZone::UTC))?,
        };
        // A reference is used once; without one, the same amount at the same instant is the same payment.
        let id = match (act.reference, act.id) {
            (Some(reference), _) => format!("payment/{}/{reference}", act.statement),
            (None, Some(id)) => id.to_owned(),
            (None, None) => format!("payment/{}/{at}/{amount}", act.statement),
        };
        if let Some(known) = self.entry_under(act.customer, PIECEWORK, &id)? {
            act.must_be(&known, &id)?;
            return Ok(Acted::before(self.paid(act, known.event.time)?));
        }
        let entry = Control::PaymentRecorded {
            statement: act.statement.to_owned(),
            amount,
            reference: act.reference.map(str::to_owned),
        };
        self.write(&[control(act.customer, id, at, entry)], now)?;
        Ok(Acted::now(self.paid(act, at)?))
    }

    /// What was paid, and what the statement stands at now.
    fn paid(&self, act: &Payment<'_>, at: Timestamp) -> Result<Paid> {
        let account = self.account(act.customer, None)?;
        let Some((held, issued)) = account.statement(act.statement) else {
            return Err(Absent::Statement {
                customer: act.customer.to_owned(),
                number: act.statement.to_owned(),
            }
            .into());
        };
        let currency = held.agreement.latest().terms.contract.currency;
        Ok(Paid {
            customer: act.customer.to_owned(),
            statement: act.statement.to_owned(),
            amount: act.amount,
            at,
            reference: act.reference.map(str::to_owned),
            total: issued.total(currency)?,
            balance: account.credit_notes()?.balance(issued, currency)?,
        })
    }
}

impl Payment<'_> {
    /// Refuses where the entry under the payment's id is something else.
    fn must_be(&self, known: &store::Entry, id: &str) -> Result<(), Refused> {
        match &known.event.body {
            work::Body::Control(Control::PaymentRecorded {
                statement, amount, ..
            }) if statement == self.statement => {
                if *amount == self.amount {
                    return Ok(());
                }
                Err(Refused::OtherPayment {
                    id: id.to_owned(),
                    known: Box::new(*amount),
                    given: Box::new(self.amount),
                })
            }
            _ => Err(Refused::OtherAct { id: id.to_owned() }),
        }
    }
}
