//! Periods: from a time zone and an anchor day to half-open instants, without a gap.
//!
//! A boundary is an instant together with the local date that it is called by. A period starts
//! where the last one ended; a change of zone, anchor day or interval applies at the next boundary
//! and makes a stub there (semantics.md P3). Days are counted between the boundaries' dates, so
//! that a change of zone neither loses nor charges a day. Invariant: every instant from the start
//! of a schedule on lies in exactly one of its periods.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::limits::PERIODS_MAX;

/// A length of period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Interval {
    /// One month.
    #[default]
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

impl Interval {
    /// The words of documents.
    pub const WORDS: [(&'static str, Interval); 3] = [
        ("month", Interval::Month),
        ("quarter", Interval::Quarter),
        ("year", Interval::Year),
    ];

    /// The word of documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// Months in the interval.
    #[must_use]
    pub const fn months(self) -> i32 {
        match self {
            Interval::Month => 1,
            Interval::Quarter => 3,
            Interval::Year => 12,
        }
    }
}

/// An instant that ends one period and starts the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Boundary {
    /// The instant.
    pub at: Timestamp,
    /// The local date that it is called by: of the day that begins there.
    pub date: Date,
}

/// A half-open period `[start, end)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Where it starts.
    pub start: Boundary,
    /// Where it ends.
    pub end: Boundary,
    /// Days of the whole period that it is, or is a stub of.
    pub whole_days: i64,
    /// The zone that its days are counted in.
    pub zone: TimeZone,
    /// Whether it lies after the end of the term: only tails are rated in it (P1).
    pub is_tail: bool,
}

impl Period {
    /// Days in the period.
    #[must_use]
    pub fn days(&self) -> i64 {
        days_between(self.start.date, self.end.date)
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub fn holds(&self, instant: Timestamp) -> bool {
        self.start.at <= instant && instant < self.end.at
    }

    /// The instant at which the day of that number (from 0) begins.
    #[must_use]
    pub fn day_start(&self, day: i64) -> Timestamp {
        if day <= 0 {
            return self.start.at;
        }
        let begins = self
            .start
            .date
            .checked_add(day.days())
            .ok()
            .and_then(|d| midnight(d, &self.zone));
        begins
            .unwrap_or(self.end.at)
            .clamp(self.start.at, self.end.at)
    }

    /// The number of the first day that begins at or after an instant, within the period.
    #[must_use]
    pub fn first_day_from(&self, instant: Timestamp) -> i64 {
        if instant <= self.start.at {
            return 0;
        }
        if instant >= self.end.at {
            return self.days();
        }
        let local = boundary_from(instant, &self.zone);
        days_between(self.start.date, local.date).clamp(0, self.days())
    }
}

/// How periods are cut from a date on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// From when; the first rule's is the start of the schedule.
    pub from: Timestamp,
    /// The zone.
    pub zone: TimeZone,
    /// The day of the month on which periods start; the last day where the month is shorter.
    pub anchor_day: i8,
    /// The length.
    pub interval: Interval,
}

/// The periods of a contract, at one interval or another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The start of the term.
    pub start: Boundary,
    /// The end of the term, if it has one; tails go on behind it.
    pub end: Option<Boundary>,
    /// At least one rule, ascending.
    pub rules: Vec<Rule>,
}

impl Schedule {
    /// The periods that begin before or at `until`, at most [`PERIODS_MAX`].
    ///
    /// With an `interval` the rules' own is replaced by it: rating periods share the statement's
    /// zone and anchor day, not its length.
    #[must_use]
    pub fn periods(&self, until: Timestamp, interval: Option<Interval>) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut start = self.start;
        while start.at <= until && periods.len() < PERIODS_MAX {
            let Some(period) = self.period_from(start, interval) else {
                break;
            };
            start = period.end;
            periods.push(period);
        }
        periods
    }

    fn period_from(&self, start: Boundary, interval: Option<Interval>) -> Option<Period> {
        let rule = self.rule_at(start);
        let months = interval.unwrap_or(rule.interval).months();
        let phase = self.phase(rule);
        let mut index = month_index(start.date);
        // The next month of the interval whose anchor lies after the start: at most a year ahead.
        let next = loop {
            let candidate = anchor(index, rule.anchor_day)?;
            if candidate > start.date && (index - phase).rem_euclid(months) == 0 {
                break candidate;
            }
            index += 1;
        };
        let previous = anchor(index - months, rule.anchor_day)?;
        let mut end = Boundary {
            at: midnight(next, &rule.zone)?,
            date: next,
        };
        if end.at <= start.at {
            return None;
        }
        let mut is_tail = false;
        if let Some(term) = self.end {
            if term.at <= start.at {
                is_tail = true;
            } else if term.at < end.at {
                end = term;
            }
        }
        Some(Period {
            start,
            end,
            whole_days: days_between(previous, next),
            zone: rule.zone.clone(),
            is_tail,
        })
    }

    /// The rule in force at a boundary: the last whose own local date has come.
    fn rule_at(&self, boundary: Boundary) -> &Rule {
        let in_force = |rule: &&Rule| rule.from.to_zoned(rule.zone.clone()).date() <= boundary.date;
        self.rules
            .iter()
            .rev()
            .find(in_force)
            .unwrap_or(&self.rules[0])
    }

    /// The month in which the first whole period of the term begins: longer intervals are counted
    /// from it.
    fn phase(&self, rule: &Rule) -> i32 {
        let index = month_index(self.start.date);
        match anchor(index, rule.anchor_day) {
            Some(first) if first >= self.start.date => index,
            _ => index + 1,
        }
    }
}

/// The period that holds an instant, by binary search.
#[must_use]
pub fn holding(periods: &[Period], instant: Timestamp) -> Option<usize> {
    let after = periods.partition_point(|period| period.start.at <= instant);
    let index = after.checked_sub(1)?;
    periods[index].holds(instant).then_some(index)
}

/// The boundary at local midnight of a date.
#[must_use]
pub fn boundary_of(date: Date, zone: &TimeZone) -> Option<Boundary> {
    Some(Boundary {
        at: midnight(date, zone)?,
        date,
    })
}

/// The boundary at an instant: called by its own date at midnight, else by the next (a begun day
/// belongs to what came before).
#[must_use]
pub fn boundary_from(at: Timestamp, zone: &TimeZone) -> Boundary {
    let local = at.to_zoned(zone.clone()).date();
    let date = match midnight(local, zone) {
        Some(begin) if begin == at => local,
        _ => local.tomorrow().unwrap_or(local),
    };
    Boundary { at, date }
}

fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    // Where a day begins later than 00:00 because of a change of time, jiff gives that instant.
    date.to_zoned(zone.clone())
        .ok()
        .map(|zoned| zoned.timestamp())
}

fn month_index(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// The anchor day of a month, or the month's last day where it is shorter.
fn anchor(index: i32, day: i8) -> Option<Date> {
    let year = i16::try_from(index.div_euclid(12)).ok()?;
    let month = i8::try_from(index.rem_euclid(12) + 1).ok()?;
    let first = date(year, month, 1);
    first
        .with()
        .day(day.clamp(1, first.days_in_month()))
        .build()
        .ok()
}

fn days_between(from: Date, to: Date) -> i64 {
    // Both dates lie within years -9999 to 9999, so the span in days exists.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}
