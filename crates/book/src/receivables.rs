//! What customers owe: by how long it has been due, as a document that a buyer confirms, and movement by movement.

use std::fmt::Write as _;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use money::{Amount, Currency};
use pages::view;
use pricing::receivable::{Aged, Ledger, Movement};
use work::body::{Acknowledged, Assurance, Body};
use work::{Digest, LogKind};

use crate::acts::{midnight, source_row};
use crate::book::Book;
use crate::error::{Absent, Invalid};
use crate::limits::AGEING_CUSTOMERS_MAX;
use crate::{Error, Result, side_by_side};

/// As of when something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// As of an instant: what is later is not seen.
    Instant(Timestamp),
    /// As of the end of a day, in the zone of the seller's books.
    Day(Date),
}

impl FromStr for AsOf {
    type Err = Error;

    fn from_str(text: &str) -> Result<AsOf> {
        let instant = text.parse().map(AsOf::Instant);
        instant
            .or_else(|_| text.parse().map(AsOf::Day))
            .map_err(|_| Invalid::AsOf(text.to_owned()).into())
    }
}

impl AsOf {
    /// The last instant that is seen, and the day that it is.
    fn placed(self, zone: &TimeZone) -> Result<(Timestamp, Date)> {
        match self {
            AsOf::Instant(instant) => Ok((instant, instant.to_zoned(zone.clone()).date())),
            AsOf::Day(day) => {
                let next = midnight(day.tomorrow()?, zone)?;
                Ok((next.checked_sub(SignedDuration::from_nanos(1))?, day))
            }
        }
    }
}

impl Book {
    /// What is open by how long it has been due, by customer and in total. The open statements are listed where one
    /// customer is asked for.
    ///
    /// # Errors
    /// Where there is no such customer, there are too many, or an amount does not fit.
    pub fn ageing(&self, customer: Option<&str>, as_of: AsOf) -> Result<view::Ageing> {
        let (at, today) = as_of.placed(&self.books_zone()?)?;
        let customers = self.chosen(customer)?;
        not_too_many(customers.len())?;
        let aged = side_by_side::each(self.threads, &customers, |id| {
            let account = self.account(id, None)?;
            Ok(Ledger::of(&account, at)?.aged(today)?)
        })?;
        let mut rows = Vec::new();
        let mut totals: Vec<view::AgeingRow> = Vec::new();
        for (id, aged) in customers.iter().zip(aged) {
            for aged in aged {
                if aged.open.is_zero() && aged.on_account.is_zero() {
                    continue;
                }
                let mut row = aged_row(&aged);
                row.customer = Some(id.clone());
                row.name = Some(self.customer_name(id));
                if customer.is_none() {
                    row.items.clear();
                }
                match totals
                    .iter_mut()
                    .find(|own| own.open.currency() == aged.currency)
                {
                    Some(sum) => add(sum, &row)?,
                    None => totals.push(view::AgeingRow {
                        customer: None,
                        name: None,
                        items: Vec::new(),
                        ..row.clone()
                    }),
                }
                rows.push(row);
            }
        }
        totals.sort_by_key(|own| own.open.currency().code());
        Ok(view::Ageing {
            as_of: at,
            customers: rows,
            totals,
        })
    }

    /// A customer's account: what moved what it owes, from a day on, through another, in each currency.
    ///
    /// # Errors
    /// Where there is no such customer, or an amount does not fit.
    pub fn account_statements(
        &self,
        customer: &str,
        (from, through): (Option<Date>, Option<Date>),
        now: Timestamp,
    ) -> Result<Vec<view::AccountStatement>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let zone = self.books_zone()?;
        let from_at = from.map(|day| midnight(day, &zone)).transpose()?;
        let until = match through {
            Some(day) => midnight(day.tomorrow()?, &zone)?,
            None => now.checked_add(SignedDuration::from_nanos(1))?,
        };
        let movements = account.receivable_movements(until)?;
        let mut currencies: Vec<Currency> =
            movements.iter().map(|own| own.amount.currency()).collect();
        currencies.sort_by_key(|own| own.code());
        currencies.dedup();
        let mut out = Vec::new();
        for currency in currencies {
            let mut balance = Amount::zero(currency);
            let mut statement = view::AccountStatement {
                customer: customer.to_owned(),
                name: self.customer_name(customer),
                from,
                until,
                opening: balance,
                lines: Vec::new(),
                closing: balance,
            };
            for own in movements
                .iter()
                .filter(|own| own.amount.currency() == currency)
            {
                balance = balance.plus(own.amount)?;
                if from_at.is_some_and(|from| own.at < from) {
                    statement.opening = balance;
                } else {
                    statement.lines.push(line(own, balance, &zone));
                }
            }
            statement.closing = balance;
            out.push(statement);
        }
        Ok(out)
    }

    /// What a buyer is asked to confirm: what is open as of the end of a day, by the first `size` entries of its log; by all
    /// there are where absent.
    ///
    /// # Errors
    /// Where there is no such customer, the log has no such size, or an amount does not fit.
    pub fn balance_confirmation(
        &self,
        customer: &str,
        day: Date,
        size: Option<u64>,
    ) -> Result<view::BalanceConfirmation> {
        self.chosen(Some(customer))?;
        let head = self.store.head(customer, LogKind::Shared)?;
        if size.is_some_and(|size| size == 0 || size > head) || head == 0 {
            return Err(Absent::LogSize {
                customer: customer.to_owned(),
                size: size.unwrap_or(0),
                head,
            }
            .into());
        }
        let tree = self.store.tree_head(customer, LogKind::Shared, size)?;
        let account = self.account(customer, Some(tree.size))?;
        let (as_of, today) = AsOf::Day(day).placed(&self.books_zone()?)?;
        let ledger = Ledger::of(&account, as_of)?;
        let mut balances = Vec::new();
        for aged in ledger.aged(today)? {
            let mut row = aged_row(&aged);
            row.customer = Some(customer.to_owned());
            balances.push(row);
        }
        let sources = ledger.sources.iter();
        let sources = sources.filter(|own| !own.on_account.is_zero());
        let mut shown = view::BalanceConfirmation {
            seller: self.config.vendor.clone(),
            customer: customer.to_owned(),
            name: self.customer_name(customer),
            day,
            as_of,
            balances,
            on_account: sources
                .map(|own| source_row(&account, &ledger, own))
                .collect(),
            log_size: tree.size,
            log_root: tree.root.to_string(),
            text: String::new(),
            digest: String::new(),
            acknowledged: None,
        };
        shown.text = text(&shown);
        let digest = Digest::of(shown.text.as_bytes());
        shown.digest = digest.to_string();
        shown.acknowledged = self.acknowledged_balance(customer, tree.size, digest)?;
        Ok(shown)
    }

    /// When the buyer signed that it acknowledges a balance; nothing where it did not.
    fn acknowledged_balance(
        &self,
        customer: &str,
        from: u64,
        digest: Digest,
    ) -> Result<Option<Timestamp>> {
        for entry in self
            .store
            .entries(customer, LogKind::Shared, from..u64::MAX)?
        {
            let event = entry?.event;
            if event.signature.is_some()
                && let Body::Assurance(Assurance::DocumentAcknowledged {
                    what: Acknowledged::Balance,
                    digest: own,
                    ..
                }) = &event.body
                && *own == digest
            {
                return Ok(Some(event.time));
            }
        }
        Ok(None)
    }
}

/// Refuses to tell the ageing of more customers than one answer holds.
fn not_too_many(customers: usize) -> Result<()> {
    let most = AGEING_CUSTOMERS_MAX;
    match customers > most {
        true => Err(Invalid::TooManyCustomers { most }.into()),
        false => Ok(()),
    }
}

fn aged_row(aged: &Aged) -> view::AgeingRow {
    let [not_due, days_1_30, days_31_60, days_61_90, days_over_90] = aged.buckets;
    let item = |own: &pricing::receivable::OpenItem| view::OpenItem {
        statement: own.number.clone(),
        contract: own.contract.clone(),
        issued_on: own.issued_on,
        due_on: own.due_on,
        days_overdue: own.days,
        due: own.due,
        open: own.open,
    };
    view::AgeingRow {
        customer: None,
        name: None,
        not_due,
        days_1_30,
        days_31_60,
        days_61_90,
        days_over_90,
        open: aged.open,
        on_account: aged.on_account,
        items: aged.items.iter().map(item).collect(),
    }
}

fn add(sum: &mut view::AgeingRow, own: &view::AgeingRow) -> Result<()> {
    for (sum, own) in [
        (&mut sum.not_due, own.not_due),
        (&mut sum.days_1_30, own.days_1_30),
        (&mut sum.days_31_60, own.days_31_60),
        (&mut sum.days_61_90, own.days_61_90),
        (&mut sum.days_over_90, own.days_over_90),
        (&mut sum.open, own.open),
        (&mut sum.on_account, own.on_account),
    ] {
        *sum = sum.plus(own)?;
    }
    Ok(())
}

fn line(own: &Movement, balance: Amount, zone: &TimeZone) -> view::AccountLine {
    view::AccountLine {
        day: own.at.to_zoned(zone.clone()).date(),
        time: own.at,
        kind: own.kind.word().to_owned(),
        is_void: own.is_void,
        name: own.name.clone(),
        about: own.about.clone(),
        reference: own.reference.clone(),
        amount: own.amount,
        balance,
    }
}

/// The text of a confirmation: what its digest is of. It says all that the document says.
fn text(own: &view::BalanceConfirmation) -> String {
    let mut out = String::from("Balance confirmation\n\n");
    // Writing to a string cannot fail.
    let mut said = |line: std::fmt::Arguments<'_>| {
        let _ = writeln!(out, "{line}");
    };
    said(format_args!(
        "Seller: {}",
        own.seller.as_deref().unwrap_or("not named")
    ));
    said(format_args!("Buyer: {} ({})", own.name, own.customer));
    said(format_args!("As of: the end of {}", own.day));
    said(format_args!(
        "Customer log: {} entries, root {}",
        own.log_size, own.log_root
    ));
    for balance in &own.balances {
        said(format_args!("\nOpen in {}", balance.open.currency()));
        for item in &balance.items {
            said(format_args!(
                "  {}  issued {}  due {}  {}  of {}",
                item.statement, item.issued_on, item.due_on, item.open, item.due
            ));
        }
        said(format_args!("  Open in all: {}", balance.open));
        said(format_args!("  On account: {}", balance.on_account));
    }
    if own.balances.is_empty() {
        said(format_args!("\nNothing was stated or paid."));
    }
    for source in &own.on_account {
        let name = source.payment.as_ref().or(source.credit.as_ref());
        said(format_args!(
            "  On account of {}: {}",
            name.map_or("", String::as_str),
            source.on_account
        ));
    }
    said(format_args!(
        "\nPlease tell us where your books say something else. To confirm it with your own key: piecework sign --acknowledge \
         balance over this file."
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::{AGEING_CUSTOMERS_MAX, not_too_many};

    #[test]
    fn of_so_many_customers_the_ageing_is_told() {
        assert!(not_too_many(AGEING_CUSTOMERS_MAX).is_ok());
        assert!(not_too_many(AGEING_CUSTOMERS_MAX + 1).is_err());
    }
}
