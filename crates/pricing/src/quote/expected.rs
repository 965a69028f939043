//! What a quote would have come to: the customer's own closed periods, rated by the quoted terms.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use money::{Amount, MoneyError};
use work::body::Body;
use work::effective::Content;

use super::Expected;
use crate::account::Account;
use crate::cell::{CREDIT, PricingError, accrued};
use crate::contract::{Free, InForce};
use crate::limits::{PERIODS_MAX, QUOTE_PERIODS_MAX};

/// The range of the bills of the customer's latest closed periods, as if the quoted terms had held in them; nothing
/// where the log has no fact, or no period with one is over.
///
/// Trial, phases and end of the contract are left aside: they are of its term, and what is looked at is before it.
///
/// # Errors
/// [`PricingError`] where an amount does not fit.
pub fn expected(
    customer: &str,
    contents: Vec<Content>,
    terms: &InForce,
    now: Timestamp,
) -> Result<Option<Expected>, PricingError> {
    let facts: Vec<Content> = contents.into_iter().filter(is_fact).collect();
    let times = facts.iter().map(|content| content.event.time);
    let Some(first) = times.min() else {
        return Ok(None);
    };
    let Some(terms) = before(terms, first) else {
        return Ok(None);
    };
    let currency = terms.contract.currency;
    let id = terms.contract.id.clone();
    let account = Account::fold(customer, facts, Some(terms));
    let Some(held) = account.contract(&id) else {
        return Ok(None);
    };
    let cells = accrued(&held.agreement, &held.facts(), now)?;
    let periods = held.agreement.statement_periods(now);
    let closed: Vec<_> = periods
        .iter()
        .filter(|period| period.end.at <= now && period.end.at > first)
        .collect();
    let closed = &closed[closed.len().saturating_sub(QUOTE_PERIODS_MAX)..];
    let (Some(earliest), Some(latest)) = (closed.first(), closed.last()) else {
        return Ok(None);
    };
    let total = |period: &&crate::period::Period| -> Result<Amount, MoneyError> {
        let own = cells
            .iter()
            .filter(|(key, _)| period.holds(key.period) && key.component != CREDIT);
        own.map(|(_, cell)| cell.charged())
            .try_fold(Amount::zero(currency), |sum, own| sum.plus(own?))
    };
    let totals: Result<Vec<Amount>, MoneyError> = closed.iter().map(total).collect();
    let totals = totals.map_err(|source| PricingError {
        contract: id,
        place: "the expected bill".to_owned(),
        source,
    })?;
    let by_value = |own: &&Amount| own.value();
    let (Some(lowest), Some(highest)) = (
        totals.iter().min_by_key(by_value),
        totals.iter().max_by_key(by_value),
    ) else {
        return Ok(None);
    };
    Ok(Some(Expected {
        periods: u32::try_from(closed.len()).unwrap_or(u32::MAX),
        from: earliest.start.date,
        until: latest.end.date,
        lowest: *lowest,
        highest: *highest,
    }))
}

/// What the customer's systems said: neither agreements nor money, nor a correction of them.
fn is_fact(content: &Content) -> bool {
    match &content.event.body {
        Body::Control(_) | Body::Assurance(_) => false,
        Body::Corrected { target_kind, .. } => !target_kind.is_control(),
        _ => true,
    }
}

/// The terms as if the contract had begun with a period of its own before the first fact, and gone on for ever.
fn before(terms: &InForce, first: Timestamp) -> Option<InForce> {
    let mut own = terms.clone();
    own.later.clear();
    own.free = Free::Nothing;
    let contract = &mut own.contract;
    contract.ends = None;
    contract.renews = None;
    contract.trial = None;
    contract.phases.clear();
    let first = first.to_zoned(contract.time_zone.clone()).date();
    let months = contract.billing.months();
    let mut starts: Date = contract.starts;
    for count in 1..=i32::try_from(PERIODS_MAX).unwrap_or(i32::MAX) {
        if starts <= first {
            contract.starts = starts;
            return Some(own);
        }
        let back = Span::new().try_months(months.checked_mul(count)?).ok()?;
        starts = terms.contract.starts.checked_sub(back).ok()?;
    }
    None
}
