//! How long what is open has been due: not due, 1 to 30 days, 31 to 60, 61 to 90, over 90.

use jiff::civil::Date;
use money::{Amount, Currency, MoneyError};

use super::ledger::Ledger;

/// For how long something has been due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// It is due today or later.
    NotDue,
    /// For 1 to 30 days.
    Days30,
    /// For 31 to 60 days.
    Days60,
    /// For 61 to 90 days.
    Days90,
    /// For longer.
    Over90,
}

impl Bucket {
    /// All, from the youngest.
    pub const ALL: [Bucket; 5] = [
        Bucket::NotDue,
        Bucket::Days30,
        Bucket::Days60,
        Bucket::Days90,
        Bucket::Over90,
    ];

    /// Where so many days belong; none or below are not due.
    #[must_use]
    pub const fn of(days: i32) -> Bucket {
        match days {
            i32::MIN..=0 => Bucket::NotDue,
            1..=30 => Bucket::Days30,
            31..=60 => Bucket::Days60,
            61..=90 => Bucket::Days90,
            91.. => Bucket::Over90,
        }
    }
}

/// A statement that is paid for itself, or a cover, of which something is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// The printed number.
    pub number: String,
    /// The contract's id; of a cover, none.
    pub contract: Option<String>,
    /// The day of its issue.
    pub issued_on: Date,
    /// The day by which it is to be paid.
    pub due_on: Date,
    /// Days since then; below zero, until then.
    pub days: i32,
    /// Where that belongs.
    pub bucket: Bucket,
    /// What was to be paid.
    pub due: Amount,
    /// What is left of it.
    pub open: Amount,
}

/// What is open in one currency, by how long it has been due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged {
    /// The currency.
    pub currency: Currency,
    /// What is open, by [`Bucket::ALL`].
    pub buckets: [Amount; 5],
    /// Their sum.
    pub open: Amount,
    /// What is on account, which lowers none of them.
    pub on_account: Amount,
    /// The statements and covers, those that were due first first.
    pub items: Vec<OpenItem>,
}

impl Ledger {
    /// What is open and on account as of the ledger's instant, by currency. `today` is the day of it for a statement.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn aged(&self, today: Date) -> Result<Vec<Aged>, MoneyError> {
        let currencies = self.currencies().into_iter();
        currencies.map(|own| self.aged_in(own, today)).collect()
    }

    fn aged_in(&self, currency: Currency, today: Date) -> Result<Aged, MoneyError> {
        let mut aged = Aged {
            currency,
            buckets: [Amount::zero(currency); 5],
            open: self.open(currency)?,
            on_account: self.on_account(currency)?,
            items: Vec::new(),
        };
        let open_item = |due_on: Date| {
            let days = (today - due_on).get_days();
            (days, Bucket::of(days))
        };
        let apart = self.statements.iter().filter(|own| own.cover.is_none());
        for own in apart {
            let (days, bucket) = open_item(own.due_on);
            aged.items.push(OpenItem {
                number: own.number.clone(),
                contract: Some(own.contract.clone()),
                issued_on: own.issued_on,
                due_on: own.due_on,
                days,
                bucket,
                due: own.due,
                open: own.open,
            });
        }
        for own in &self.covers {
            let (days, bucket) = open_item(own.due_on);
            aged.items.push(OpenItem {
                number: own.number.clone(),
                contract: None,
                issued_on: own.issued_on,
                due_on: own.due_on,
                days,
                bucket,
                due: own.due,
                open: own.open,
            });
        }
        (aged.items).retain(|own| own.open.currency() == currency && !own.open.is_zero());
        for own in &aged.items {
            let sum = &mut aged.buckets[own.bucket as usize];
            *sum = sum.plus(own.open)?;
        }
        aged.items.sort_by(|a, b| {
            (a.due_on, a.issued_on, &a.number).cmp(&(b.due_on, b.issued_on, &b.number))
        });
        Ok(aged)
    }
}
