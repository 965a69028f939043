//! The cost ledger as entries: one a day, customer, cost line and provider, in the currency of the cost.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, MoneyError};
use work::body::CostLine;

use super::{Entry, GlAccount};
use crate::margin::{CostLedger, Uncosted, What};

/// The costs of a ledger as entries; what has no price is in none. A cost in another currency is posted in its own.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn of_costs(ledger: &CostLedger, zone: &TimeZone) -> Result<Vec<Entry>, MoneyError> {
    type Key<'a> = (Date, &'a str, CostLine, Option<&'a str>, &'static str);
    let mut sums: BTreeMap<Key<'_>, Amount> = BTreeMap::new();
    for own in &ledger.entries {
        let amount = match &own.counts {
            What::Claimed(amount) | What::Computed(amount) => *amount,
            What::Converted(own) => own.told,
            What::Uncosted(Uncosted::OtherCurrency(amount)) => *amount,
            What::Uncosted(_) => continue,
        };
        let date = own.time.to_zoned(zone.clone()).date();
        let code = amount.currency().code();
        let key = (
            date,
            own.customer.as_str(),
            own.line,
            own.provider.as_deref(),
            code,
        );
        let sum = sums.entry(key).or_insert(Amount::zero(amount.currency()));
        *sum = sum.plus(amount)?;
    }
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
            let narration = format!("{} costs", line.word().replace('_', " "));
            let link = format!("costs/{customer}/{date}");
            Entry::of(date, narration, &link, (debit, credit), amount)
        });
    Ok(entries.collect())
}
