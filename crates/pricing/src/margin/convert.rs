//! Costs in another currency, converted by published rates of exchange.
//!
//! A rate is a document of the seller's own: what one of a currency is worth in another, for a time. What is
//! converted says by which document; what no rate covers stays apart, as it was told. Invariant: nothing that is
//! owed is ever converted, and a cost is converted once, exactly: no digit of it is rounded away.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency, Decimal, MoneyError};
use work::Digest;

use super::{CostEntry, CostLedger, Uncosted, What};
use crate::published::{Published, Says, sort};

/// A cost that was converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// What it comes to in the currency of the ledger.
    pub amount: Amount,
    /// What was told.
    pub told: Amount,
    /// The rate.
    pub by: Rate,
}

/// A rate of exchange that was published.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    /// Digest of the document.
    pub document: Digest,
    /// From when it holds.
    pub from: Timestamp,
    /// So much of the ledger's currency for one of the other.
    pub rate: Decimal,
    /// Where it was seen.
    pub source: String,
}

/// What one rate converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The rate.
    pub by: Rate,
    /// How many entries.
    pub entries: u64,
    /// What was told, in the other currency.
    pub told: Amount,
    /// What it comes to.
    pub amount: Amount,
}

impl CostLedger {
    /// Converts the costs in other currencies that a rate covers when they happened; of several that hold, the one
    /// that was published last counts.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn convert(&mut self, rates: &[Published]) -> Result<(), MoneyError> {
        let mut sorted = rates.to_vec();
        sort(&mut sorted);
        let mut by_currency: BTreeMap<&'static str, Vec<&Published>> = BTreeMap::new();
        for own in &sorted {
            if let Says::Fx { of, to, .. } = own.document.says
                && to == self.currency
            {
                by_currency.entry(of.code()).or_default().push(own);
            }
        }
        for entry in &mut self.entries {
            let What::Uncosted(Uncosted::OtherCurrency(told)) = entry.counts else {
                continue;
            };
            let rates = by_currency.get(told.currency().code());
            let mut last_first = rates.into_iter().flatten().rev();
            let found = last_first.find(|own| own.document.holds_at(entry.time));
            if let Some(own) = found {
                entry.counts = What::Converted(Box::new(converted(told, own, self.currency)?));
            }
        }
        Ok(())
    }

    /// What was converted, by currency, then by rate.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn conversions(&self) -> Result<Vec<Conversion>, MoneyError> {
        let mut all: BTreeMap<(&'static str, Timestamp, Digest), Conversion> = BTreeMap::new();
        for entry in &self.entries {
            let What::Converted(own) = &entry.counts else {
                continue;
            };
            let key = (own.told.currency().code(), own.by.from, own.by.document);
            let sum = all.entry(key).or_insert_with(|| Conversion {
                by: own.by.clone(),
                entries: 0,
                told: Amount::zero(own.told.currency()),
                amount: Amount::zero(self.currency),
            });
            sum.entries += 1;
            sum.told = sum.told.plus(own.told)?;
            sum.amount = sum.amount.plus(own.amount)?;
        }
        Ok(all.into_values().collect())
    }
}

fn converted(told: Amount, own: &Published, to: Currency) -> Result<Converted, MoneyError> {
    let document = &own.document;
    let rate = match document.says {
        Says::Fx { rate, .. } => rate,
        _ => Decimal::ZERO, // rates alone are looked at
    };
    Ok(Converted {
        amount: Amount::new(told.value().times(rate)?, to),
        told,
        by: Rate {
            document: document.digest,
            from: document.from,
            rate,
            source: document.source.clone().unwrap_or_default(),
        },
    })
}

impl CostEntry {
    /// How it was converted, where it was.
    #[must_use]
    pub fn converted(&self) -> Option<&Converted> {
        match &self.counts {
            What::Converted(own) => Some(own),
            _ => None,
        }
    }
}
