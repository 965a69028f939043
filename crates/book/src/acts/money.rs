//! What is done with money on account and with what is open: allocated, refunded, written off; and what was wrong, voided.
//!
//! Each act says its amount, which was there when it was written. Where the caller names none, it is all that there is.

use jiff::Timestamp;

use money::Amount;
use pages::view;
use pricing::account::Account;
use pricing::receivable::{Ledger, MoneyFact, Moved, Source, over_cover};
use work::body::{Allocated, Balance, Body, Control, OnAccount, PaymentVoided, Refund, WriteOff};
use work::event::PIECEWORK;
use work::{Digest, Event};

use super::payment::{For, PaidAt, named, parts, zone};
use super::{Acted, control};
use crate::Result;
use crate::approvals::{Effect, Leave, LimitedAct, Request, UNNAMED};
use crate::book::Book;
use crate::error::{Invalid, Refused};

/// Money on account that is for statements.
#[derive(Debug, Clone, Copy)]
pub struct Allocate<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// Whose rest it is.
    pub from: &'a OnAccount,
    /// What it is for; [`For::Statement`] is as much as is there and open.
    pub of: For<'a>,
    /// Who decides it (a role).
    pub by: &'a str,
    /// The id of the entry; made of its content where absent.
    pub id: Option<&'a str>,
}

/// Money on account that went back.
#[derive(Debug, Clone, Copy)]
pub struct GiveBack<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// Whose rest it was.
    pub from: &'a OnAccount,
    /// How much; all of it where absent.
    pub amount: Option<Amount>,
    /// When; `now` where absent.
    pub at: Option<PaidAt>,
    /// The bank's reference. A refund with one is known by it, and recorded once.
    pub reference: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry of a refund without reference; made of its content where absent.
    pub id: Option<&'a str>,
}

/// A balance that is given up.
#[derive(Debug, Clone, Copy)]
pub struct GiveUp<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// What.
    pub of: &'a Balance,
    /// How much; all of it where absent.
    pub amount: Option<Amount>,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of its content where absent.
    pub id: Option<&'a str>,
}

/// An entry about money that was wrong.
#[derive(Debug, Clone, Copy)]
pub struct VoidMoney<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The id of the entry.
    pub entry: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// The id of the void's own entry; made of what it voids where absent.
    pub id: Option<&'a str>,
}

impl Book {
    /// Allocates money on account to statements.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer; [`Refused`] where less is on account, or open.
    pub fn allocate(&self, act: &Allocate<'_>, now: Timestamp) -> Result<Acted<view::MoneyAct>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        if let Some(known) = self.known_money(
            act.customer,
            act.id,
            |said| matches!(said, Control::PaymentAllocated(own) if own.from == *act.from),
        )? {
            return Ok(known);
        }
        let account = self.account(act.customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let rest = rest(&ledger, act.from)?;
        let allocations = match act.of {
            For::Statement(number) if ledger.cover(number).is_some() => {
                over_cover(&ledger, number, rest)?
            }
            For::Statement(number) => {
                let open = ledger.statement(number).map(|own| own.open);
                let part = open
                    .filter(|own| own.value() < rest.value())
                    .unwrap_or(rest);
                vec![work::body::Allocation {
                    statement: number.to_owned(),
                    amount: part,
                }]
            }
            of => parts(&account, of, rest)?,
        };
        if allocations.is_empty() || allocations.iter().any(|part| part.amount.is_zero()) {
            return Err(Refused::NothingToAllocate.into());
        }
        let allocated = Allocated {
            from: act.from.clone(),
            allocations,
            by: act.by.to_owned(),
        };
        account.may_move(&Moved::Allocated(allocated.clone()))?;
        ledger.may_allocate(act.from, &allocated.allocations)?;
        self.move_money(
            act.customer,
            ("allocated", act.id.map(str::to_owned)),
            now,
            Control::PaymentAllocated(allocated),
            (Vec::new(), now),
        )
    }

    /// Records that money on account went back.
    ///
    /// # Errors
    /// As [`Book::allocate`].
    pub fn refund(&self, act: &GiveBack<'_>, now: Timestamp) -> Result<Acted<view::MoneyAct>> {
        self.refund_under(act, &Leave::Asked, now)
    }

    pub(crate) fn refund_under(
        &self,
        act: &GiveBack<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<view::MoneyAct>> {
        above_zero(act.amount)?;
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let id = match act.reference {
            Some(reference) => Some(format!("refund/{reference}")),
            None => act.id.map(str::to_owned),
        };
        if let Some(known) = self.known_money(act.customer, id.as_deref(), |said| {
            let Control::PaymentRefunded(own) = said else {
                return false;
            };
            own.from == *act.from && act.amount.is_none_or(|amount| amount == own.amount)
        })? {
            return Ok(known);
        }
        let account = self.account(act.customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let at = match act.at {
            None => now,
            Some(at) => at.instant(&zone(&account, None))?,
        };
        let refund = Refund {
            from: act.from.clone(),
            amount: match act.amount {
                Some(amount) => amount,
                None => rest(&ledger, act.from)?,
            },
            reference: act.reference.map(str::to_owned),
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        account.may_move(&Moved::Refunded(refund.clone()))?;
        ledger.may_leave(&Balance::OnAccount(act.from.clone()), refund.amount)?;
        let amount = refund.amount;
        let what = format!("pay back {amount}: {}", act.reason);
        let entry = Control::PaymentRefunded(refund);
        // What is asked for is the same whenever it is asked again.
        let asked_at = act.at.map_or(Timestamp::UNIX_EPOCH, |_| at);
        let asked = asked(act.customer, act.id, asked_at, &entry);
        let of = (LimitedAct::Refund, amount, what);
        let effect = effect(act.customer, of, asked, (act.by, act.key));
        let approved = self.leave(leave, &effect, now)?;
        self.move_money(act.customer, ("refunded", id), at, entry, (approved, now))
    }

    /// Writes off what is open of a statement, or what is on account.
    ///
    /// # Errors
    /// As [`Book::allocate`].
    pub fn write_off(&self, act: &GiveUp<'_>, now: Timestamp) -> Result<Acted<view::MoneyAct>> {
        self.write_off_under(act, &Leave::Asked, now)
    }

    pub(crate) fn write_off_under(
        &self,
        act: &GiveUp<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<view::MoneyAct>> {
        above_zero(act.amount)?;
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        if let Some(known) = self.known_money(act.customer, act.id, |said| {
            let Control::BalanceWrittenOff(own) = said else {
                return false;
            };
            own.of == *act.of && act.amount.is_none_or(|amount| amount == own.amount)
        })? {
            return Ok(known);
        }
        let account = self.account(act.customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let amount = match (act.amount, act.of) {
            (Some(amount), _) => amount,
            (None, Balance::OnAccount(from)) => rest(&ledger, from)?,
            (None, Balance::Statement(number)) => match ledger.statement(number) {
                Some(own) if !own.open.is_zero() => own.open,
                Some(_) => return Err(Refused::NothingOpen(number.clone()).into()),
                None => {
                    let number = number.clone();
                    return Err(pricing::account::check::Refusal::NoStatement(number).into());
                }
            },
        };
        let write_off = WriteOff {
            of: act.of.clone(),
            amount,
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        account.may_move(&Moved::WrittenOff(write_off.clone()))?;
        ledger.may_leave(act.of, amount)?;
        let what = format!("write off {amount}: {}", act.reason);
        let entry = Control::BalanceWrittenOff(write_off);
        let asked = asked(act.customer, act.id, Timestamp::UNIX_EPOCH, &entry);
        let of = (LimitedAct::WriteOff, amount, what);
        let effect = effect(act.customer, of, asked, (act.by, act.key));
        let approved = self.leave(leave, &effect, now)?;
        let id = act.id.map(str::to_owned);
        self.move_money(
            act.customer,
            ("written-off", id),
            now,
            entry,
            (approved, now),
        )
    }

    /// Voids an entry about money that was wrong: what it moved is where it was. A payment is voided with all that names
    /// it, but not while a refund of it stands.
    ///
    /// # Errors
    /// As [`Book::allocate`]; [`Refused`] where there is no such entry that stands.
    pub fn void_money(&self, act: &VoidMoney<'_>, now: Timestamp) -> Result<Acted<view::MoneyAct>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let voided = PaymentVoided {
            entry: act.entry.to_owned(),
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        let id = act.id.map_or_else(
            || format!("voided/{}", Digest::of(act.entry.as_bytes()).short()),
            str::to_owned,
        );
        if let Some(known) = self.known_money(
            act.customer,
            Some(&id),
            |said| matches!(said, Control::PaymentVoided(own) if own.entry == act.entry),
        )? {
            return Ok(known);
        }
        self.account(act.customer, None)?
            .may_void_payment(act.entry)?;
        let entry = Control::PaymentVoided(voided);
        let alone = (Vec::new(), now);
        self.move_money(act.customer, ("voided", Some(id)), now, entry, alone)
    }

    /// What an act about money under this id has done before.
    fn known_money(
        &self,
        customer: &str,
        id: Option<&str>,
        is_same: impl FnOnce(&Control) -> bool,
    ) -> Result<Option<Acted<view::MoneyAct>>> {
        let Some(id) = id else {
            return Ok(None);
        };
        let Some(known) = self.entry_under(customer, PIECEWORK, id)? else {
            return Ok(None);
        };
        match &known.event.body {
            Body::Control(said) if is_same(said) => {
                Ok(Some(Acted::before(self.money_act(customer, &known.event)?)))
            }
            _ => Err(Refused::OtherAct { id: id.to_owned() }.into()),
        }
    }

    /// Writes an entry about money, with the approval of it. Without an id of the caller's the same entry at the same instant is the same.
    fn move_money(
        &self,
        customer: &str,
        (what, id): (&str, Option<String>),
        at: Timestamp,
        entry: Control,
        (mut entries, now): (Vec<Event>, Timestamp),
    ) -> Result<Acted<view::MoneyAct>> {
        let mut event = control(customer, String::new(), at, entry);
        let id = id.unwrap_or_else(|| format!("{what}/{}", event.digest().short()));
        event.id = id.into();
        entries.push(event.clone());
        self.write(&entries, now)?;
        Ok(Acted::now(self.money_act(customer, &event)?))
    }

    /// What an entry about money did, and how what it is about stands now.
    pub(super) fn money_act(&self, customer: &str, event: &Event) -> Result<view::MoneyAct> {
        let account = self.account(customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let what = match &event.body {
            Body::Control(control) => Moved::of(control),
            _ => None,
        };
        let id = event.id.to_string();
        let (act, amount, reference, about) = match &what {
            Some(Moved::Paid(own)) => (
                "payment",
                Some(own.amount),
                own.reference.clone(),
                Some(named(&id)),
            ),
            Some(Moved::Allocated(own)) => {
                let parts = own.allocations.iter().map(|part| part.amount);
                let currency = own.allocations.first().map(|part| part.amount.currency());
                let sum = currency.map(|own| Amount::sum(own, parts)).transpose()?;
                ("allocation", sum, None, Some(own.from.clone()))
            }
            Some(Moved::Refunded(own)) => (
                "refund",
                Some(own.amount),
                own.reference.clone(),
                Some(own.from.clone()),
            ),
            Some(Moved::WrittenOff(own)) => {
                let about = match &own.of {
                    Balance::OnAccount(from) => Some(from.clone()),
                    Balance::Statement(_) => None,
                };
                ("write_off", Some(own.amount), None, about)
            }
            Some(Moved::Voided(_)) | None => ("void", None, None, None),
        };
        let about_void = match &what {
            Some(Moved::Voided(own)) => {
                let target = account.money.iter().find(|fact| fact.fact.id == own.entry);
                target.map(|fact| fact.what.clone())
            }
            _ => None,
        };
        let numbers = about_void.as_ref().or(what.as_ref());
        let numbers = numbers.map(Moved::statements).unwrap_or_default();
        let statements = numbers.into_iter().filter_map(|number| {
            let own = ledger.statement(number)?;
            Some(view::StatementStands {
                statement: own.number.clone(),
                due: own.due,
                paid: own.paid,
                credited: own.credited,
                written_off: own.written_off,
                open: own.open,
            })
        });
        let source = about.and_then(|name| {
            let own = ledger.source_of(&name)?;
            Some(source_row(&account, &ledger, own))
        });
        Ok(view::MoneyAct {
            customer: customer.to_owned(),
            entry: id,
            act: act.to_owned(),
            amount,
            at: event.time,
            reference,
            statements: statements.collect(),
            source,
        })
    }
}

/// A payment or credit as a row.
pub(crate) fn source_row(account: &Account, ledger: &Ledger, own: &Source) -> view::SourceRow {
    let (payment, credit) = match &own.name {
        OnAccount::Payment(id) => (Some(id.clone()), None),
        OnAccount::Credit(number) => (None, Some(number.clone())),
    };
    let fact = payment.as_deref().and_then(|id| paid(account, id));
    let applied = ledger.applied.iter().filter(|part| part.from == own.name);
    view::SourceRow {
        reference: fact.and_then(|fact| match &fact.what {
            Moved::Paid(payment) => payment.reference.clone(),
            _ => None,
        }),
        payment,
        credit,
        time: own.at,
        amount: own.amount,
        allocated: own.allocated,
        refunded: own.refunded,
        written_off: own.written_off,
        on_account: own.on_account,
        voided: false,
        allocations: applied
            .map(|part| view::AllocationRow {
                statement: part.statement.clone(),
                amount: part.amount,
            })
            .collect(),
    }
}

fn paid<'a>(account: &'a Account, id: &str) -> Option<&'a MoneyFact> {
    let mut money = account.money.iter();
    money.find(|own| own.fact.id == id && matches!(own.what, Moved::Paid(_)))
}

/// What is on account of a payment or credit: something.
fn rest(ledger: &Ledger, from: &OnAccount) -> Result<Amount> {
    match ledger.source_of(from) {
        Some(own) if !own.on_account.is_zero() => Ok(own.on_account),
        Some(_) => Err(Refused::NothingOnAccount.into()),
        None => {
            let name = match from {
                OnAccount::Payment(id) => format!("the payment `{id}`"),
                OnAccount::Credit(number) => format!("the credit `{number}`"),
            };
            Err(pricing::account::check::Refusal::NoSource { name }.into())
        }
    }
}

fn above_zero(amount: Option<Amount>) -> Result<()> {
    match amount {
        Some(amount) if amount.is_zero() || amount.is_negative() => {
            Err(Invalid::MovesNothing { amount }.into())
        }
        _ => Ok(()),
    }
}

/// An act about money as it was asked for, whenever that is: its entry, without what the book gives it.
fn asked(customer: &str, id: Option<&str>, at: Timestamp, entry: &Control) -> String {
    let id = id.unwrap_or(UNNAMED).to_owned();
    control(customer, id, at, entry.clone()).canonical()
}

/// What an act about money does, for whoever has to approve it.
fn effect<'a>(
    customer: &'a str,
    (act, amount, what): (LimitedAct, Amount, String),
    entry: String,
    (by, key): (&'a str, Option<&'a str>),
) -> Effect<'a> {
    Effect {
        customer,
        act,
        amount,
        what,
        before: None,
        after: Some(amount.to_string()),
        parts: vec![entry.clone()],
        request: Request::Money { entry },
        by,
        key,
    }
}
