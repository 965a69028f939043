//! Months on the command line: `2026-01` is the statement period that begins in that month.

use jiff::Timestamp;
use jiff::civil::Date;
use pricing::account::Held;
use pricing::period::Period;

use crate::Result;
use crate::error::{Absent, Invalid};

/// A month such as `2026-01`, as its first day.
///
/// # Errors
/// Where the text is not a month.
pub fn month(text: &str) -> Result<Date> {
    format!("{text}-01")
        .parse()
        .ok()
        .filter(|_| text.len() == 7)
        .ok_or_else(|| Invalid::Month(text.to_owned()).into())
}

/// The statement period of a contract that a command is about: the one that begins in the month
/// named, or the last that ended before `now`.
///
/// # Errors
/// Where the contract has no such period.
pub fn statement_period(held: &Held, named: Option<&str>, now: Timestamp) -> Result<Period> {
    let zone = &held.agreement.latest().terms.contract.time_zone;
    match named {
        None => held
            .agreement
            .statement_periods(now)
            .into_iter()
            .rfind(|period| period.end.at <= now)
            .ok_or_else(|| {
                let contract = held.agreement.id.clone();
                Absent::EndedPeriod { contract }.into()
            }),
        Some(text) => {
            let first = month(text)?;
            let until = first
                .checked_add(jiff::Span::new().months(14))
                .ok()
                .and_then(|date| date.to_zoned(zone.clone()).ok())
                .map_or(now, |zoned| zoned.timestamp());
            let periods = held.agreement.statement_periods(until);
            let begins = |period: &Period| {
                period
                    .start
                    .at
                    .to_zoned(zone.clone())
                    .date()
                    .first_of_month()
                    == first
            };
            match periods.into_iter().find(begins) {
                Some(period) => Ok(period),
                None => {
                    let starts = held.agreement.schedule.start.at.to_zoned(zone.clone());
                    Err(Absent::Period {
                        contract: held.agreement.id.clone(),
                        month: text.to_owned(),
                        first: Box::new(starts),
                    }
                    .into())
                }
            }
        }
    }
}
