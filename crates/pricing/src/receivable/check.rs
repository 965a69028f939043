//! Whether money may move: what an act asks before its entry is written.
//!
//! What the fold asks of an entry is less ([`Account::may_name`]): that the statements it names stand, in its currency.
//! Whether so much is open, or on account, is asked of the ledger before, and an entry that asks for more moves what is
//! there.

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError};
use work::body::{Allocation, Balance, OnAccount};

use super::facts::Moved;
use super::ledger::{Item, Ledger, Source};
use crate::account::Account;
use crate::account::check::Refusal;

impl Account {
    /// Whether an entry about money may be written, as far as statements and currencies go.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_move(&self, what: &Moved) -> Result<(), Refusal> {
        match what {
            Moved::Paid(payment) => {
                if payment.statements().next().is_none() {
                    return self.may_hold(payment.amount.currency());
                }
                if let Some(number) = &payment.statement {
                    self.may_name(number, payment.amount.currency())?;
                }
                self.may_name_all(&payment.allocations)
            }
            Moved::Allocated(allocated) => self.may_name_all(&allocated.allocations),
            Moved::WrittenOff(write_off) => match &write_off.of {
                Balance::Statement(number) => self.may_name(number, write_off.amount.currency()),
                Balance::OnAccount(_) => self.may_hold(write_off.amount.currency()),
            },
            Moved::Refunded(refund) => self.may_hold(refund.amount.currency()),
            Moved::Voided(_) => Ok(()),
        }
    }

    fn may_name_all(&self, allocations: &[Allocation]) -> Result<(), Refusal> {
        let mut parts = allocations.iter();
        parts.try_for_each(|part| self.may_name(&part.statement, part.amount.currency()))
    }

    /// Whether money in a currency may be for a statement.
    fn may_name(&self, number: &str, given: Currency) -> Result<(), Refusal> {
        let held = match (self.statement(number), self.debt(number)) {
            (Some((_, issued)), _) if issued.is_voided() => {
                return Err(Refusal::PaysVoid(number.to_owned()));
            }
            (Some((held, _)), _) => held,
            (None, Some(debt)) => debt.held,
            (None, None) => return Err(Refusal::NoStatement(number.to_owned())),
        };
        let currency = held.agreement.latest().terms.contract.currency;
        if given != currency {
            return Err(Refusal::PaidIn {
                number: number.to_owned(),
                currency,
                given,
            });
        }
        Ok(())
    }

    /// Whether money in a currency may be on account: some contract is in it.
    fn may_hold(&self, given: Currency) -> Result<(), Refusal> {
        let mut contracts = self.contracts.iter();
        let is_known =
            contracts.any(|held| held.agreement.latest().terms.contract.currency == given);
        if is_known {
            Ok(())
        } else {
            Err(Refusal::OnAccountIn { given })
        }
    }
}

impl Ledger {
    /// Whether so much of a source may be for statements.
    ///
    /// # Errors
    /// [`Refusal`], where more than is on account, or than is open.
    pub fn may_allocate(
        &self,
        from: &OnAccount,
        allocations: &[Allocation],
    ) -> Result<(), Refusal> {
        let source = self.known(from)?;
        let sum = sum(source.amount.currency(), allocations).map_err(overflow)?;
        if sum.value() > source.on_account.value() {
            return Err(Refusal::NotOnAccount {
                name: named(from),
                on_account: Box::new(source.on_account),
                given: Box::new(sum),
            });
        }
        self.may_take(allocations)
    }

    /// Whether so much may be for statements, whatever it is of.
    ///
    /// # Errors
    /// [`Refusal`], where more than is open.
    pub fn may_take(&self, allocations: &[Allocation]) -> Result<(), Refusal> {
        for part in allocations {
            self.is_open(&part.statement, part.amount)?;
        }
        Ok(())
    }

    /// Whether so much may leave the account, or a statement.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_leave(&self, of: &Balance, amount: Amount) -> Result<(), Refusal> {
        match of {
            Balance::Statement(number) => self.is_open(number, amount),
            Balance::OnAccount(from) => {
                let source = self.known(from)?;
                let is_there = source.on_account.currency() == amount.currency()
                    && amount.value() <= source.on_account.value();
                if is_there {
                    return Ok(());
                }
                Err(Refusal::NotOnAccount {
                    name: named(from),
                    on_account: Box::new(source.on_account),
                    given: Box::new(amount),
                })
            }
        }
    }

    fn is_open(&self, number: &str, amount: Amount) -> Result<(), Refusal> {
        let item = self.statement(number);
        let item = item.ok_or_else(|| Refusal::NoStatement(number.to_owned()))?;
        let is_there =
            item.open.currency() == amount.currency() && amount.value() <= item.open.value();
        if is_there {
            return Ok(());
        }
        Err(Refusal::NotOpen {
            number: number.to_owned(),
            open: Box::new(item.open),
            given: Box::new(amount),
        })
    }

    fn known(&self, from: &OnAccount) -> Result<&Source, Refusal> {
        let found = self.source_of(from);
        found.ok_or_else(|| Refusal::NoSource { name: named(from) })
    }
}

/// A sum of money divided over the statements in its currency that are open: those that were due first first, among
/// these those issued first. The rest of it is for none.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn oldest_due_first(ledger: &Ledger, amount: Amount) -> Result<Vec<Allocation>, MoneyError> {
    divided(ledger, amount, |_| true)
}

/// A sum of money divided over the statements under a cover, those issued first first: each has what is open of it, and
/// nothing is rounded. The rest of it is for none.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn over_cover(
    ledger: &Ledger,
    cover: &str,
    amount: Amount,
) -> Result<Vec<Allocation>, MoneyError> {
    divided(ledger, amount, |own| own.cover.as_deref() == Some(cover))
}

fn divided(
    ledger: &Ledger,
    amount: Amount,
    is_among: impl Fn(&Item) -> bool,
) -> Result<Vec<Allocation>, MoneyError> {
    let mut open: Vec<&Item> = ledger.statements.iter().collect();
    open.retain(|own| own.open.currency() == amount.currency() && !own.open.is_zero());
    open.retain(|own| is_among(own));
    open.sort_by_key(|own| (own.due_on, own.issued, &own.number));
    let mut rest = amount;
    let mut parts = Vec::new();
    for own in open {
        let part = if own.open.value() <= rest.value() {
            own.open
        } else {
            rest
        };
        if part.is_zero() || parts.len() == work::limits::ALLOCATIONS_MAX {
            break;
        }
        rest = rest.minus(part)?;
        parts.push(Allocation {
            statement: own.number.clone(),
            amount: part,
        });
    }
    Ok(parts)
}

fn sum(currency: Currency, allocations: &[Allocation]) -> Result<Amount, MoneyError> {
    Amount::sum(currency, allocations.iter().map(|part| part.amount))
}

fn overflow(source: MoneyError) -> Refusal {
    Refusal::Sum(Box::new(source))
}

/// A payment or a credit, in words.
fn named(from: &OnAccount) -> String {
    match from {
        OnAccount::Payment(id) => format!("the payment `{id}`"),
        OnAccount::Credit(number) => format!("the credit `{number}`"),
    }
}

impl Account {
    /// Whether an entry about money may be voided: it is there and stands, and where it is a payment, nothing that went
    /// back of it stands.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_void_payment(&self, id: &str) -> Result<(), Refusal> {
        let standing = self.money_at(Timestamp::MAX);
        if !standing.iter().any(|own| own.fact.id == id) {
            return Err(Refusal::NoMoney(id.to_owned()));
        }
        let of = OnAccount::Payment(id.to_owned());
        let left = standing.iter().find(|own| {
            let is_out = matches!(own.what, Moved::Refunded(_) | Moved::WrittenOff(_));
            is_out && own.what.from() == Some(&of)
        });
        match left {
            None => Ok(()),
            Some(own) => Err(Refusal::WentBack {
                payment: id.to_owned(),
                entry: own.fact.id.to_string(),
            }),
        }
    }
}
