//! The cost ledger as entries: one a day, customer, cost line and provider, in the currency of the cost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, MoneyError};
use work::body::CostLine;

use super::{Entry, GlAccount};
use crate::margin::{CostEntry, CostLedger, Uncosted, What};

type Key<'a> = (Date, &'a str, CostLine, Option<&'a str>, &'static str);

/// The costs of a ledger as entries; what has no price is in none. A cost in another currency is posted in its own.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn of_costs(ledger: &CostLedger, zone: &TimeZone) -> Result<Vec<Entry>, MoneyError> {
    let mut sums = BTreeMap::new();
    for own in &ledger.entries {
        if let Some(amount) = priced(own) {
            let date = own.time.to_zoned(zone.clone()).date();
            add(&mut sums, (date, own, amount))?;
        }
    }
    Ok(entries(sums, ""))
}

/// What was learnt since of costs before an instant, on a day: those known now less those known then.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn of_costs_learnt(
    then: &CostLedger,
    now: &CostLedger,
    before: Timestamp,
    day: Date,
) -> Result<Vec<Entry>, MoneyError> {
    let mut sums = BTreeMap::new();
    for (ledger, was_known) in [(then, true), (now, false)] {
        for own in ledger.entries.iter().filter(|own| own.time < before) {
            if let Some(amount) = priced(own) {
                let amount = if was_known { amount.negated() } else { amount };
                add(&mut sums, (day, own, amount))?;
            }
        }
    }
    Ok(entries(sums, " of locked months, learnt since"))
}

fn priced(own: &CostEntry) -> Option<Amount> {
    match &own.counts {
        What::Claimed(amount) | What::Computed(amount) => Some(*amount),
        What::Converted(own) => Some(own.told),
        What::Uncosted(Uncosted::OtherCurrency(amount)) => Some(*amount),
        What::Uncosted(_) => None,
    }
}

fn add<'a>(
    sums: &mut BTreeMap<Key<'a>, Amount>,
    (date, own, amount): (Date, &'a CostEntry, Amount),
) -> Result<(), MoneyError> {
    let key = (
        date,
        own.customer.as_str(),
        own.line,
        own.provider.as_deref(),
        amount.currency().code(),
    );
    let sum = sums.entry(key).or_insert(Amount::zero(amount.currency()));
    *sum = sum.plus(amount)?;
    Ok(())
}

fn entries(sums: BTreeMap<Key<'_>, Amount>, which: &str) -> Vec<Entry> {
    let entries = sums
        .into_iter()
        .filter_map(|((date, customer, line, provider, _), amount)| {
            let debit = GlAccount::CostOfGoodsSold {
                line,
                customer: customer.to_owned(),
            };
            let credit = GlAccount::AccruedCosts {
                provider: provider.map(str::to_owned),
            };
            let narration = format!("{} costs{which}", line.word().replace('_', " "));
            let link = format!("costs/{customer}/{date}");
            Entry::of(date, narration, &link, (debit, credit), amount)
        });
    entries.collect()
}
