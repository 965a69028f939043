//! A contract as entries: what was stated, voided and performed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, MoneyError};

use super::{Entry, GlAccount, Posting};
use crate::account::{Held, Issued};
use crate::cell::{CellKey, PricingError};
use crate::revenue::{Close, Constraint, Row, Stream, schedule};

/// The entries of a contract through the last of some months. Months that follow one another have no gap.
///
/// # Errors
/// [`PricingError`] where an amount does not fit.
pub fn of_contract(
    customer: &str,
    closes: &[Close<'_>],
    constraint: &Constraint,
    zone: &TimeZone,
) -> Result<Vec<Entry>, PricingError> {
    let Some(last) = closes.last() else {
        return Ok(Vec::new());
    };
    let whose = Whose { customer, zone };
    let mut entries = Vec::new();
    whose.statements(last.known, last.until, &mut entries)?;
    let mut asset_before = None;
    let mut refund_before = None;
    for (close, row) in closes.iter().zip(schedule(closes, constraint)?) {
        let day = last_day(close.until, zone);
        let contract = &close.known.agreement.id;
        let zero = row.recognised.minus(row.recognised);
        let zero = zero.map_err(money(close.known))?;
        let link = format!("{contract}/{}", row.month.strftime("%Y-%m"));
        entries.extend(whose.revenue(&row, day, &link));
        let before = asset_before.replace(row.contract_asset).unwrap_or(zero);
        let change = row
            .contract_asset
            .minus(before)
            .map_err(money(close.known))?;
        entries.extend(Entry::of(
            day,
            format!("{contract}: performed and not stated yet"),
            &link,
            (whose.contract_asset(), whose.deferred()),
            change,
        ));
        let before = refund_before.replace(row.refund_liability).unwrap_or(zero);
        let change = row
            .refund_liability
            .minus(before)
            .map_err(money(close.known))?;
        entries.extend(Entry::of(
            day,
            format!("{contract}: stated and expected to be taken back"),
            &link,
            (whose.deferred(), whose.refund_liability()),
            change,
        ));
    }
    entries.sort_by_key(|entry| entry.date);
    Ok(entries)
}

fn money(held: &Held) -> impl Fn(money::MoneyError) -> PricingError + '_ {
    |source| PricingError {
        contract: held.agreement.id.clone(),
        place: "accounting".to_owned(),
        source,
    }
}

/// The day that an instant, which ends a month, is the end of.
fn last_day(until: Timestamp, zone: &TimeZone) -> Date {
    crate::statement::last_before(until)
        .to_zoned(zone.clone())
        .date()
}

/// Whose entries, in which zone.
struct Whose<'a> {
    customer: &'a str,
    zone: &'a TimeZone,
}

impl Whose<'_> {
    fn receivable(&self) -> GlAccount {
        GlAccount::Receivable {
            customer: self.customer.to_owned(),
        }
    }

    fn deferred(&self) -> GlAccount {
        GlAccount::DeferredRevenue {
            customer: self.customer.to_owned(),
        }
    }

    fn contract_asset(&self) -> GlAccount {
        GlAccount::ContractAsset {
            customer: self.customer.to_owned(),
        }
    }

    fn refund_liability(&self) -> GlAccount {
        GlAccount::RefundLiability {
            customer: self.customer.to_owned(),
        }
    }

    fn day(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.zone.clone()).date()
    }

    /// Statements issued and voided before an instant.
    fn statements(
        &self,
        held: &Held,
        until: Timestamp,
        entries: &mut Vec<Entry>,
    ) -> Result<(), PricingError> {
        let currency = held.agreement.latest().terms.contract.currency;
        for issued in held.issued.iter().filter(|own| own.at < until) {
            let total = issued.total(currency).map_err(money(held))?;
            let charged = by_tax_category(held, issued, currency).map_err(money(held))?;
            let number = &issued.number;
            let stated = |at: Timestamp, narration: String, sign: fn(Amount) -> Amount| {
                let mut postings = vec![Posting::of(self.receivable(), sign(total))];
                postings.extend(charged.iter().map(|(category, own)| Posting {
                    account: self.deferred(),
                    amount: sign(own.negated()),
                    tax_category: category.clone(),
                }));
                postings.retain(|own| !own.amount.is_zero());
                (!postings.is_empty()).then(|| Entry {
                    date: self.day(at),
                    narration,
                    link: number.clone(),
                    cover: None,
                    postings,
                })
            };
            entries.extend(stated(issued.at, format!("statement {number}"), |own| own));
            if let Some(voided) = issued.voided.filter(|at| *at < until) {
                let narration = format!("statement {number} voided");
                entries.extend(stated(voided, narration, Amount::negated));
            }
        }
        Ok(())
    }

    /// A month's revenue as one entry.
    fn revenue(&self, row: &Row, day: Date, link: &str) -> Option<Entry> {
        if row.revenue.is_empty() {
            return None;
        }
        let income = |stream: Stream, amount: Amount| {
            let account = GlAccount::Revenue {
                stream,
                customer: self.customer.to_owned(),
            };
            Posting::of(account, amount.negated())
        };
        let mut postings = vec![Posting::of(self.deferred(), row.recognised)];
        let streams = row.revenue.iter();
        postings.extend(streams.map(|(stream, amount)| income(*stream, *amount)));
        postings.retain(|own| !own.amount.is_zero());
        Some(Entry {
            date: day,
            narration: format!("performed in {}", row.month.strftime("%B %Y")),
            link: link.to_owned(),
            cover: None,
            postings,
        })
    }
}

/// What a statement charges, by what the tax system knows it by: `None` where the plan does not say. The parts sum to its
/// total.
fn by_tax_category(
    held: &Held,
    issued: &Issued,
    currency: Currency,
) -> Result<BTreeMap<Option<String>, Amount>, MoneyError> {
    let mut sums = BTreeMap::new();
    for cell in issued.cells.iter().filter(|cell| cell.is_charge()) {
        let key: Option<CellKey> = cell.cell.parse().ok();
        let category = key.and_then(|key| held.tax_category(&key).map(str::to_owned));
        let sum = sums.entry(category).or_insert(Amount::zero(currency));
        *sum = sum.plus(cell.amount)?;
    }
    Ok(sums)
}
