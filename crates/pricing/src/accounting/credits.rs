//! Prepaid credits as entries: what was paid for them is owed to the customer until statements draw it or it expires.
//!
//! A grant of 100.00 for which 80.00 was paid owes 80.00. A draw of 60.00 pays so much of a statement: 48.00 of what is
//! owed, and 12.00 that nobody paid for, a promotion. Parts are rounded over all that is drawn, never a draw at a time,
//! so that a grant that is drawn whole owes nothing. What is left when a grant has expired is breakage. A grant that was voided is in no
//! entry: nothing was drawn on it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, MoneyError, Ratio, Rounding};

use super::{Entry, GlAccount, Posting};
use crate::account::{Account, Held};
use crate::credit::{Grant, LotName, Lots};

/// The entries of a customer's prepaid credits before an instant, by day.
///
/// # Errors
/// [`MoneyError`] where a sum does not fit.
pub fn of_credits(
    account: &Account,
    until: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<Entry>, MoneyError> {
    let mut entries = Vec::new();
    for grant in account.grants.iter().filter(|own| !own.is_voided) {
        let mut purse = Purse::new(&account.customer, grant);
        if grant.granted >= until {
            continue;
        }
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        entries.extend(purse.bought(day(grant.granted)));
        for (at, amount, number) in draws(account, grant, until)? {
            entries.extend(purse.draw(day(at), amount, &number)?);
        }
        if let Some(at) = expired(account, grant)?.filter(|at| *at < until) {
            entries.extend(purse.expire(day(at)));
        }
    }
    entries.sort_by_key(|entry| entry.date);
    Ok(entries)
}

/// What each statement drew on a grant, by when it was issued or voided; below zero, what it gave back.
fn draws(
    account: &Account,
    grant: &Grant,
    until: Timestamp,
) -> Result<Vec<(Timestamp, Amount, String)>, MoneyError> {
    let zero = Amount::zero(grant.amount.currency());
    let mut out = Vec::new();
    for issued in account.contracts.iter().flat_map(|held| &held.issued) {
        let own = issued.cells.iter().filter(|cell| {
            let name = cell.credit.as_deref().map(str::parse::<LotName>);
            matches!(name, Some(Ok(name)) if name.grant == grant.id)
        });
        let sum = own.map(|cell| cell.amount).try_fold(zero, Amount::plus)?;
        if sum.is_zero() {
            continue;
        }
        out.push((issued.at, sum, issued.number.clone()));
        if let Some(voided) = issued.voided {
            out.push((voided, sum.negated(), issued.number.clone()));
        }
    }
    out.retain(|(at, ..)| *at < until);
    out.sort_by_key(|(at, ..)| *at);
    Ok(out)
}

/// When a grant, with all that was restored to it, could not be drawn any more: the later of its expiry and the statement
/// that closed it. `None` while something may still be drawn.
fn expired(account: &Account, grant: &Grant) -> Result<Option<Timestamp>, MoneyError> {
    let lots = Lots::of(account, None)?;
    let mut last = None;
    for lot in lots.lots.iter().filter(|lot| lot.name.grant == grant.id) {
        let Some(until) = lot.until.filter(|_| lot.has_expired(account)) else {
            return Ok(None);
        };
        let standing = account.contracts.iter().flat_map(Held::standing);
        let closing = standing
            .filter(|own| until <= own.cut)
            .map(|own| own.at)
            .min();
        last = last.max(Some(closing.map_or(until, |at| at.max(until))));
    }
    Ok(last)
}

/// A grant as its entries go.
struct Purse<'a> {
    customer: &'a str,
    grant: &'a Grant,
    /// Drawn so far, less what was given back.
    drawn: Amount,
    /// What of that was paid for.
    relieved: Amount,
}

impl Purse<'_> {
    fn new<'a>(customer: &'a str, grant: &'a Grant) -> Purse<'a> {
        let zero = Amount::zero(grant.amount.currency());
        Purse {
            customer,
            grant,
            drawn: zero,
            relieved: zero,
        }
    }

    fn prepaid(&self) -> GlAccount {
        GlAccount::PrepaidCredits {
            customer: self.customer.to_owned(),
        }
    }

    fn link(&self) -> String {
        format!("credits/{}/{}", self.customer, self.grant.id)
    }

    fn bought(&self, day: Date) -> Option<Entry> {
        Entry::of(
            day,
            format!("prepaid credits {}", self.grant.id),
            &self.link(),
            (GlAccount::Cash, self.prepaid()),
            self.grant.paid,
        )
    }

    fn draw(
        &mut self,
        day: Date,
        amount: Amount,
        number: &str,
    ) -> Result<Option<Entry>, MoneyError> {
        self.drawn = self.drawn.plus(amount)?;
        let relieved = self.relieved_by(self.drawn)?;
        let of_paid = relieved.minus(self.relieved)?;
        self.relieved = relieved;
        let customer = || self.customer.to_owned();
        let sides = [
            (self.prepaid(), of_paid),
            (
                GlAccount::Promotion {
                    customer: customer(),
                },
                amount.minus(of_paid)?,
            ),
            (
                GlAccount::Receivable {
                    customer: customer(),
                },
                amount.negated(),
            ),
        ];
        let sides = sides.into_iter().filter(|(_, amount)| !amount.is_zero());
        Ok(Some(Entry {
            date: day,
            narration: format!("prepaid credits {} on statement {number}", self.grant.id),
            link: self.link(),
            cover: None,
            postings: sides
                .map(|(account, amount)| Posting::of(account, amount))
                .collect(),
        }))
    }

    /// What was paid for so much of the grant.
    fn relieved_by(&self, drawn: Amount) -> Result<Amount, MoneyError> {
        let (amount, paid) = (self.grant.amount, self.grant.paid);
        if amount.is_zero() || drawn == amount {
            return Ok(paid);
        }
        let exact = Ratio::of(drawn.value().times(paid.value())?, amount.value())?;
        Amount::from_ratio(exact, amount.currency(), Rounding::HalfEven)
    }

    fn expire(&self, day: Date) -> Option<Entry> {
        let left = self.grant.paid.minus(self.relieved).ok()?;
        let breakage = GlAccount::Breakage {
            customer: self.customer.to_owned(),
        };
        Entry::of(
            day,
            format!("prepaid credits {} expired", self.grant.id),
            &self.link(),
            (self.prepaid(), breakage),
            left,
        )
    }
}
