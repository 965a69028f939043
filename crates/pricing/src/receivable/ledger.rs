//! [`Ledger`]: every statement and every payment at an instant, and what of which is for which.
//!
//! A function of what stands at the instant, not of how it got there. First goes what entries say by amounts: what went
//! back, what is allocated, what is written off. What is left of a payment that names one statement is for that
//! statement, and then what is left of a credit note is for the statement that it is against. Nothing takes more than is
//! there: the acts refuse what would, and the ledger leaves it.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency, MoneyError};
use work::body::{Balance, OnAccount};

use super::facts::{MoneyFact, Moved};
use crate::account::notes::Notes;
use crate::account::{Account, Held, Issued};

/// Statements, payments and credits of a customer at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The instant: what is later is not seen.
    pub as_of: Timestamp,
    /// The statements that stand, in the order of issue; then what openings say is unpaid.
    pub statements: Vec<Item>,
    /// The covers that stand, in the order of issue: what is to be paid at once of the statements under them.
    pub covers: Vec<CoverItem>,
    /// Payments by time, then credits in the order of issue.
    pub sources: Vec<Source>,
    /// What of which source is for which statement.
    pub applied: Vec<Applied>,
}

/// A statement, or what another system left unpaid, and what became of what was to be paid of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The printed number.
    pub number: String,
    /// The contract's id.
    pub contract: String,
    /// The number of the cover that it is paid with, where there is one.
    pub cover: Option<String>,
    /// When it was issued.
    pub issued: Timestamp,
    /// The day of its issue, in the zone of its contract.
    pub issued_on: Date,
    /// The day by which it is to be paid: under a cover, that of the cover.
    pub due_on: Date,
    /// What was to be paid: what it charges, without what prepaid credits pay; not below zero.
    pub due: Amount,
    /// What payments paid of it.
    pub paid: Amount,
    /// What credits gave of it.
    pub credited: Amount,
    /// What is not asked for any more.
    pub written_off: Amount,
    /// What is left.
    pub open: Amount,
}

/// A cover, and what became of what was to be paid of the statements under it that stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverItem {
    /// The printed number.
    pub number: String,
    /// The last day of what its statements are about.
    pub through: Date,
    /// When it was issued.
    pub issued: Timestamp,
    /// The day of its issue, in the zone of its first statement's contract.
    pub issued_on: Date,
    /// The day by which it is to be paid.
    pub due_on: Date,
    /// What was to be paid.
    pub due: Amount,
    /// What payments paid of it.
    pub paid: Amount,
    /// What credits gave of it.
    pub credited: Amount,
    /// What is not asked for any more.
    pub written_off: Amount,
    /// What is left.
    pub open: Amount,
}

/// Where money comes from, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub name: OnAccount,
    /// When it came: when it was paid, or when the statement was issued that states it.
    pub at: Timestamp,
    /// How much.
    pub amount: Amount,
    /// What of it is for statements.
    pub allocated: Amount,
    /// What went back.
    pub refunded: Amount,
    /// What is not owed back any more.
    pub written_off: Amount,
    /// What is left.
    pub on_account: Amount,
}

/// So much of a source is for a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The source.
    pub from: OnAccount,
    /// The printed number of the statement.
    pub statement: String,
    /// How much.
    pub amount: Amount,
}

impl Ledger {
    /// What an account comes to at an instant.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(account: &Account, as_of: Timestamp) -> Result<Ledger, MoneyError> {
        let notes = account.credit_notes_at(as_of)?;
        let mut ledger = Ledger {
            as_of,
            statements: Vec::new(),
            covers: Vec::new(),
            sources: Vec::new(),
            applied: Vec::new(),
        };
        let money = account.money_at(as_of);
        for own in &money {
            if let Moved::Paid(payment) = &own.what {
                let name = OnAccount::Payment(own.fact.id.to_string());
                ledger.source(name, own.at, payment.amount);
            }
        }
        ledger.of_statements(account, &notes)?;
        ledger.of_openings(account);
        let mut book = Entering::new(&mut ledger);
        for own in &money {
            book.out(own)?;
        }
        for own in &money {
            book.by_amounts(own)?;
        }
        for own in &money {
            if let Moved::Paid(payment) = &own.what
                && let Some(statement) = &payment.statement
            {
                let name = OnAccount::Payment(own.fact.id.to_string());
                book.apply(&name, statement, payment.amount)?;
            }
        }
        for note in notes.notes.iter().filter(|own| !own.is_voided) {
            let name = OnAccount::Credit(note.number.clone());
            book.apply(&name, &note.origin, note.amount.plus(note.on_account)?)?;
        }
        ledger.of_covers(account)?;
        Ok(ledger)
    }

    /// The statement of a number, where it stands.
    #[must_use]
    pub fn statement(&self, number: &str) -> Option<&Item> {
        self.statements.iter().find(|own| own.number == number)
    }

    /// The cover of a number, where it stands.
    #[must_use]
    pub fn cover(&self, number: &str) -> Option<&CoverItem> {
        self.covers.iter().find(|own| own.number == number)
    }

    /// The payment or credit of a name.
    #[must_use]
    pub fn source_of(&self, name: &OnAccount) -> Option<&Source> {
        self.sources.iter().find(|own| own.name == *name)
    }

    /// The currencies in which something was stated or paid, by code.
    #[must_use]
    pub fn currencies(&self) -> Vec<Currency> {
        let due = self.statements.iter().map(|own| own.due.currency());
        let all = due.chain(self.sources.iter().map(|own| own.amount.currency()));
        let mut all: Vec<Currency> = all.collect();
        all.sort_by_key(|own| own.code());
        all.dedup();
        all
    }

    /// What is open of all statements in a currency.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn open(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let open = self.statements.iter().map(|own| own.open);
        Amount::sum(currency, open.filter(|own| own.currency() == currency))
    }

    /// What is on account in a currency.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn on_account(&self, currency: Currency) -> Result<Amount, MoneyError> {
        let rests = self.sources.iter().map(|own| own.on_account);
        Amount::sum(currency, rests.filter(|own| own.currency() == currency))
    }

    fn source(&mut self, name: OnAccount, at: Timestamp, amount: Amount) {
        let zero = Amount::zero(amount.currency());
        self.sources.push(Source {
            name,
            at,
            amount,
            allocated: zero,
            refunded: zero,
            written_off: zero,
            on_account: amount,
        });
    }

    /// A cover is what the statements under it are.
    fn of_covers(&mut self, account: &Account) -> Result<(), MoneyError> {
        for cover in &account.covers {
            let stands = cover.voided.is_none_or(|voided| voided > self.as_of);
            if cover.at > self.as_of || !stands {
                continue;
            }
            let zero = Amount::zero(cover.total.currency());
            let mut item = CoverItem {
                number: cover.number.clone(),
                through: cover.through,
                issued: cover.at,
                issued_on: account.cover_issued_on(cover),
                due_on: account.cover_due_on(cover),
                due: zero,
                paid: zero,
                credited: zero,
                written_off: zero,
                open: zero,
            };
            for own in &self.statements {
                if own.cover.as_ref() == Some(&item.number) {
                    item.due = item.due.plus(own.due)?;
                    item.paid = item.paid.plus(own.paid)?;
                    item.credited = item.credited.plus(own.credited)?;
                    item.written_off = item.written_off.plus(own.written_off)?;
                    item.open = item.open.plus(own.open)?;
                }
            }
            self.covers.push(item);
        }
        Ok(())
    }

    /// What another system billed and nobody paid is asked for from the opening on (P6).
    fn of_openings(&mut self, account: &Account) {
        for own in account.debts().filter(|own| own.at <= self.as_of) {
            let due = own.unpaid.amount;
            let zero = Amount::zero(due.currency());
            let (issued_on, due_on) = own.days();
            self.statements.push(Item {
                number: own.unpaid.number.clone(),
                contract: own.held.agreement.id.clone(),
                cover: None,
                issued: own.at,
                issued_on,
                due_on,
                due,
                paid: zero,
                credited: zero,
                written_off: zero,
                open: due,
            });
        }
    }

    fn of_statements(&mut self, account: &Account, notes: &Notes) -> Result<(), MoneyError> {
        let mut issued: Vec<(&Held, &Issued)> = Vec::new();
        for held in &account.contracts {
            issued.extend(held.issued.iter().map(|own| (held, own)));
        }
        issued.sort_by_key(|(_, own)| own.coverage);
        let covers = account.covers_at(self.as_of);
        for note in notes.notes.iter().filter(|own| !own.is_voided) {
            let amount = note.amount.plus(note.on_account)?;
            self.source(OnAccount::Credit(note.number.clone()), note.at, amount);
        }
        for (held, own) in issued {
            // Only what stands is charged.
            let Some(charged) = notes.charged.get(&own.number) else {
                continue;
            };
            let due = charged.charges.minus(charged.drawn)?;
            let zero = Amount::zero(due.currency());
            if due.is_negative() {
                let name = OnAccount::Credit(own.number.clone());
                self.source(name, own.at, due.negated());
            }
            let due = if due.is_negative() { zero } else { due };
            let cover = covers.get(own.number.as_str());
            let (issued_on, due_on) = days(held, own);
            let due_on = cover.map_or(due_on, |cover| account.cover_due_on(cover));
            self.statements.push(Item {
                number: own.number.clone(),
                contract: held.agreement.id.clone(),
                cover: cover.map(|cover| cover.number.clone()),
                issued: own.at,
                issued_on,
                due_on,
                due,
                paid: zero,
                credited: zero,
                written_off: zero,
                open: due,
            });
        }
        Ok(())
    }
}

/// The days of issue and by which a statement is to be paid, by the terms in force where its period ends.
pub(crate) fn days(held: &Held, issued: &Issued) -> (Date, Date) {
    let contract = &held.billing_terms(issued).terms.contract;
    let on = issued.at.to_zoned(contract.time_zone.clone()).date();
    (on, contract.invoice.due(on).unwrap_or(on))
}

/// A ledger into which entries go.
struct Entering<'a> {
    ledger: &'a mut Ledger,
    sources: HashMap<OnAccount, usize>,
    statements: HashMap<String, usize>,
}

impl Entering<'_> {
    fn new(ledger: &mut Ledger) -> Entering<'_> {
        let mut sources = HashMap::new();
        for (index, own) in ledger.sources.iter().enumerate() {
            sources.entry(own.name.clone()).or_insert(index);
        }
        let mut statements = HashMap::new();
        for (index, own) in ledger.statements.iter().enumerate() {
            statements.entry(own.number.clone()).or_insert(index);
        }
        Entering {
            ledger,
            sources,
            statements,
        }
    }

    /// What leaves the account: refunds, and what is not owed back any more.
    fn out(&mut self, own: &MoneyFact) -> Result<(), MoneyError> {
        let (from, wanted) = match &own.what {
            Moved::Refunded(refund) => (&refund.from, refund.amount),
            Moved::WrittenOff(write_off) => match &write_off.of {
                Balance::OnAccount(from) => (from, write_off.amount),
                Balance::Statement(_) => return Ok(()),
            },
            _ => return Ok(()),
        };
        let Some(source) = self.sources.get(from) else {
            return Ok(());
        };
        let source = &mut self.ledger.sources[*source];
        let Some(amount) = least(wanted, source.on_account) else {
            return Ok(());
        };
        source.on_account = source.on_account.minus(amount)?;
        let sum = match &own.what {
            Moved::Refunded(_) => &mut source.refunded,
            _ => &mut source.written_off,
        };
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// What entries allocate and write off, by amounts.
    fn by_amounts(&mut self, own: &MoneyFact) -> Result<(), MoneyError> {
        match &own.what {
            Moved::Paid(payment) => {
                let name = OnAccount::Payment(own.fact.id.to_string());
                for part in &payment.allocations {
                    self.apply(&name, &part.statement, part.amount)?;
                }
            }
            Moved::Allocated(allocated) => {
                for part in &allocated.allocations {
                    self.apply(&allocated.from, &part.statement, part.amount)?;
                }
            }
            Moved::WrittenOff(write_off) => {
                if let Balance::Statement(number) = &write_off.of
                    && let Some(item) = self.statements.get(number)
                {
                    let item = &mut self.ledger.statements[*item];
                    if let Some(amount) = least(write_off.amount, item.open) {
                        item.open = item.open.minus(amount)?;
                        item.written_off = item.written_off.plus(amount)?;
                    }
                }
            }
            Moved::Refunded(_) | Moved::Voided(_) => {}
        }
        Ok(())
    }

    /// So much of a source for a statement, as far as both go.
    fn apply(&mut self, from: &OnAccount, number: &str, wanted: Amount) -> Result<(), MoneyError> {
        let (Some(source), Some(item)) = (self.sources.get(from), self.statements.get(number))
        else {
            return Ok(());
        };
        let source = &mut self.ledger.sources[*source];
        let item = &mut self.ledger.statements[*item];
        let there = least(wanted, source.on_account).and_then(|own| least(own, item.open));
        let Some(amount) = there else {
            return Ok(());
        };
        source.on_account = source.on_account.minus(amount)?;
        source.allocated = source.allocated.plus(amount)?;
        item.open = item.open.minus(amount)?;
        let sum = match from {
            OnAccount::Payment(_) => &mut item.paid,
            OnAccount::Credit(_) => &mut item.credited,
        };
        *sum = sum.plus(amount)?;
        self.ledger.applied.push(Applied {
            from: from.clone(),
            statement: number.to_owned(),
            amount,
        });
        Ok(())
    }
}

/// The lesser of two amounts of one currency; nothing where that is nothing, or the currencies differ.
fn least(one: Amount, other: Amount) -> Option<Amount> {
    if one.currency() != other.currency() {
        return None;
    }
    let least = if one.value() <= other.value() {
        one
    } else {
        other
    };
    (!least.is_zero() && !least.is_negative()).then_some(least)
}
