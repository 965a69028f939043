//! [`TrueUp`]: model calls as they were metered beside what the provider billed for them.
//!
//! Metered costs know their work and are only as right as tokens and prices; a bill is right and knows no
//! work. Side by side, by provider, model and day, they show what the meter misses, and recording the
//! difference brings the costs of a book to the bill without losing which work cost what.
//!
//! Not here: reading bills (crate `intake`), appending. Invariant: over the rows, billed less metered is
//! the difference, to the last digit; what is not compared is counted apart and in no row.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, MoneyError};
use work::body::CostLine;

use super::CostEntry;
use crate::model_costs::{ModelCosts, canonical_provider};

/// How long a row is. Bills are of days in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Step {
    /// A day.
    #[default]
    Day,
    /// A month.
    Month,
}

impl Step {
    /// The steps' words.
    pub const WORDS: [(&'static str, Step); 2] = [("day", Step::Day), ("month", Step::Month)];

    fn of(self, day: Date) -> Date {
        match self {
            Step::Day => day,
            Step::Month => day.first_of_month(),
        }
    }
}

/// Metered and billed, of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueUp {
    /// The currency of every amount.
    pub currency: Currency,
    /// By provider, model and day.
    pub rows: Vec<TrueUpRow>,
    /// Metered calls of providers that the bill does not name, by provider: not compared.
    pub not_on_the_bill: BTreeMap<Option<String>, Sum>,
    /// Charges of the bill that are recorded in the book as costs themselves. They are the bill and not
    /// the meter; beside metered calls they are the same money twice.
    pub in_the_book: Sum,
    /// Charges for other things than model calls: not compared.
    pub other_lines: Sum,
    /// Charges of another month: not compared.
    pub other_months: Sum,
    /// Charges in another currency, which nothing converts: not compared.
    pub unconverted: u64,
}

/// Entries and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub entries: u64,
    /// Their sum.
    pub amount: Amount,
}

/// One model of one provider on one day, or in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueUpRow {
    /// The provider, by its canonical name.
    pub provider: String,
    /// The model as the model costs list it, else as it is called, or the bill's article.
    pub model: Option<String>,
    /// The day, or the first of the month.
    pub from: Date,
    /// What was metered.
    pub metered: Sum,
    /// Metered calls without a known price: in no amount.
    pub unpriced: u64,
    /// What was billed.
    pub billed: Sum,
}

impl TrueUpRow {
    /// Billed less metered: what the meter misses, or counts too much where it is below zero.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn difference(&self) -> Result<Amount, MoneyError> {
        self.billed.amount.minus(self.metered.amount)
    }
}

impl Sum {
    const fn none(currency: Currency) -> Sum {
        Sum {
            entries: 0,
            amount: Amount::zero(currency),
        }
    }

    fn add(&mut self, amount: Amount) -> Result<(), MoneyError> {
        self.entries += 1;
        self.amount = self.amount.plus(amount)?;
        Ok(())
    }
}

impl TrueUp {
    /// Compares the model calls of `book` with the charges of `bill`, in the month that begins on
    /// `month` (UTC). Both are entries of ledgers in `currency`; entries of the book that are charges of
    /// the bill (by identity) are taken for the bill.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(
        book: &[CostEntry],
        bill: &[CostEntry],
        costs: &ModelCosts,
        currency: Currency,
        month: Date,
        step: Step,
    ) -> Result<TrueUp, MoneyError> {
        let none = Sum::none(currency);
        let mut found = TrueUp {
            currency,
            rows: Vec::new(),
            not_on_the_bill: BTreeMap::new(),
            in_the_book: none,
            other_lines: none,
            other_months: none,
            unconverted: 0,
        };
        let mut rows: BTreeMap<(String, Option<String>, Date), TrueUpRow> = BTreeMap::new();
        let row = |(provider, model, from): &(String, Option<String>, Date)| TrueUpRow {
            provider: provider.clone(),
            model: model.clone(),
            from: *from,
            metered: none,
            unpriced: 0,
            billed: none,
        };
        let mut billed_by = BTreeSet::new();
        for charge in bill {
            let Some(amount) = charge.amount() else {
                found.unconverted += 1;
                continue;
            };
            let day = day(charge);
            if charge.line != CostLine::Model {
                found.other_lines.add(amount)?;
            } else if day.first_of_month() != month {
                found.other_months.add(amount)?;
            } else {
                let (provider, model) = whose(charge, costs);
                let key = (provider.unwrap_or_default(), model, step.of(day));
                billed_by.insert(key.0.clone());
                let own = rows.entry(key).or_insert_with_key(row);
                own.billed.add(amount)?;
            }
        }
        let identity = |entry: &CostEntry| (entry.customer.clone(), entry.fact.clone());
        let charges: BTreeSet<_> = bill.iter().map(identity).collect();
        let calls = book
            .iter()
            .filter(|entry| entry.line == CostLine::Model && day(entry).first_of_month() == month);
        for call in calls {
            let amount = call.amount();
            if charges.contains(&identity(call)) {
                found.in_the_book.add(amount.unwrap_or(none.amount))?;
                continue;
            }
            let (provider, model) = whose(call, costs);
            let Some(provider) = provider.clone().filter(|name| billed_by.contains(name)) else {
                let beside = found.not_on_the_bill.entry(provider).or_insert(none);
                beside.add(amount.unwrap_or(none.amount))?;
                continue;
            };
            let key = (provider, model, step.of(day(call)));
            let own = rows.entry(key).or_insert_with_key(row);
            own.unpriced += u64::from(amount.is_none());
            own.metered.add(amount.unwrap_or(none.amount))?;
        }
        found.rows = rows.into_values().collect();
        Ok(found)
    }

    /// The rows of all days as one: of the provider, or of everything.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self, provider: Option<&str>) -> Result<(Sum, Sum), MoneyError> {
        let mut metered = Sum::none(self.currency);
        let mut billed = metered;
        let own = |row: &&TrueUpRow| provider.is_none_or(|name| row.provider == name);
        for row in self.rows.iter().filter(own) {
            for (sum, of_row) in [(&mut metered, row.metered), (&mut billed, row.billed)] {
                sum.entries += of_row.entries;
                sum.amount = sum.amount.plus(of_row.amount)?;
            }
        }
        Ok((metered, billed))
    }
}

fn day(entry: &CostEntry) -> Date {
    entry.time.to_zoned(TimeZone::UTC).date()
}

/// Provider and model of an entry, by the names of the model costs where they list them.
fn whose(entry: &CostEntry, costs: &ModelCosts) -> (Option<String>, Option<String>) {
    let named = entry.provider.as_deref();
    let listed = entry
        .model
        .as_deref()
        .and_then(|model| costs.listed(named, model, entry.time));
    let provider = named
        .map(canonical_provider)
        .or_else(|| listed.and_then(|(provider, _)| provider.map(str::to_owned)));
    let model = match listed {
        Some((_, model)) => Some(model.to_owned()),
        None => entry.model.as_deref().map(str::to_ascii_lowercase),
    };
    (provider, model)
}
