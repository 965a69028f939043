//! Money in a timeline: what is paid, allocated, given back, written off, and taken back as a wrong entry.

use jiff::Timestamp;
use piecework_pricing::receivable::{Ledger, Moved};
use work::body::{
    Allocated, Allocation, Balance, Body, Control, OnAccount, Payment, PaymentVoided, Refund,
    WriteOff,
};

use super::play::Player;

/// A line about money. Statements are told by their place among those issued, payments by a name, credit notes by
/// their number.
#[derive(Debug, Clone)]
pub enum Money {
    Pay {
        amount: String,
        on: Option<usize>,
        name: Option<String>,
    },
    Allocate {
        amount: String,
        from: String,
        on: usize,
    },
    Refund {
        amount: String,
        from: String,
        reason: String,
    },
    WriteOff {
        amount: String,
        of: String,
        reason: String,
    },
    Void {
        name: String,
        reason: String,
    },
}

impl Money {
    /// The line of these words; nothing where it is about something else.
    pub fn read(verb: &str, words: &[&str]) -> Option<Money> {
        let owned = |text: &str| text.to_owned();
        let money = match (verb, words) {
            ("pay", [amount, "on", on]) => Money::Pay {
                amount: owned(amount),
                on: place(on)?,
                name: None,
            },
            ("pay", [amount, "on", on, "as", name]) => Money::Pay {
                amount: owned(amount),
                on: place(on)?,
                name: Some(owned(name)),
            },
            ("allocate", [amount, "of", from, "on", on]) => Money::Allocate {
                amount: owned(amount),
                from: owned(from),
                on: on.parse().ok()?,
            },
            ("refund", [amount, "of", from, reason]) => Money::Refund {
                amount: owned(amount),
                from: owned(from),
                reason: owned(reason),
            },
            ("write-off", [amount, "of", of, reason]) => Money::WriteOff {
                amount: owned(amount),
                of: owned(of),
                reason: owned(reason),
            },
            ("void-payment", [name, reason]) => Money::Void {
                name: owned(name),
                reason: owned(reason),
            },
            _ => return None,
        };
        Some(money)
    }
}

/// `1`, the first statement issued, or `account`, none.
#[allow(clippy::option_option)] // neither is what is read, or none is meant
fn place(text: &str) -> Option<Option<usize>> {
    match text {
        "account" => Some(None),
        text => text.parse().ok().map(Some),
    }
}

impl Player<'_> {
    /// Moves money, where the account lets it.
    pub fn move_money(&mut self, money: &Money, at: Timestamp) -> Result<(), String> {
        let by = || "finance".to_owned();
        let (moved, name) = match money {
            Money::Pay { amount, on, name } => {
                let amount = self.amount(amount)?;
                let payment = match on {
                    Some(on) => Payment::on(&self.number(*on)?, amount),
                    None => Payment {
                        amount,
                        statement: None,
                        allocations: Vec::new(),
                        reference: None,
                    },
                };
                (Moved::Paid(payment), name.clone())
            }
            Money::Allocate { amount, from, on } => {
                let part = Allocation {
                    statement: self.number(*on)?,
                    amount: self.amount(amount)?,
                };
                let allocated = Allocated {
                    from: self.source(from),
                    allocations: vec![part],
                    by: by(),
                };
                (Moved::Allocated(allocated), None)
            }
            Money::Refund {
                amount,
                from,
                reason,
            } => {
                let refund = Refund {
                    from: self.source(from),
                    amount: self.amount(amount)?,
                    reference: None,
                    reason: reason.clone(),
                    by: by(),
                };
                (Moved::Refunded(refund), None)
            }
            Money::WriteOff { amount, of, reason } => {
                let balance = match of.parse() {
                    Ok(place) => Balance::Statement(self.number(place)?),
                    Err(_) => Balance::OnAccount(self.source(of)),
                };
                let write_off = WriteOff {
                    of: balance,
                    amount: self.amount(amount)?,
                    reason: reason.clone(),
                    by: by(),
                };
                (Moved::WrittenOff(write_off), None)
            }
            Money::Void { name, reason } => {
                let voided = PaymentVoided {
                    entry: name.clone(),
                    reason: reason.clone(),
                    by: by(),
                };
                (Moved::Voided(voided), None)
            }
        };
        self.may_move(&moved)?;
        self.control_as(name, control(moved), at);
        Ok(())
    }

    /// What an act asks before it writes.
    fn may_move(&self, moved: &Moved) -> Result<(), String> {
        let account = self.account();
        let ledger = Ledger::of(&account, Timestamp::MAX).map_err(|error| error.to_string())?;
        let may = account.may_move(moved).and_then(|()| match moved {
            Moved::Paid(_) => Ok(()),
            Moved::Allocated(own) => ledger.may_allocate(&own.from, &own.allocations),
            Moved::Refunded(own) => {
                ledger.may_leave(&Balance::OnAccount(own.from.clone()), own.amount)
            }
            Moved::WrittenOff(own) => ledger.may_leave(&own.of, own.amount),
            Moved::Voided(own) => account.may_void_payment(&own.entry),
        });
        may.map_err(|error| error.to_string())
    }

    /// The payment of a name, or else the credit of a number.
    fn source(&self, name: &str) -> OnAccount {
        let is_payment = self.played.contents.iter().any(|content| {
            let is_paid = matches!(
                content.event.body,
                Body::Control(Control::PaymentRecorded(_))
            );
            is_paid && content.event.id == name
        });
        match is_payment {
            true => OnAccount::Payment(name.to_owned()),
            false => OnAccount::Credit(name.to_owned()),
        }
    }
}

fn control(moved: Moved) -> Control {
    match moved {
        Moved::Paid(own) => Control::PaymentRecorded(own),
        Moved::Allocated(own) => Control::PaymentAllocated(own),
        Moved::Refunded(own) => Control::PaymentRefunded(own),
        Moved::WrittenOff(own) => Control::BalanceWrittenOff(own),
        Moved::Voided(own) => Control::PaymentVoided(own),
    }
}
