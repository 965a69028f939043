//! How much of an amount is performed: all of it, or the days that have passed of the days that it is for.

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Ratio, Rounding};

use crate::cell::{CellKey, Part};
use crate::contract::{Agreement, Version};
use crate::plan::{SeatCount, Terms};

/// Days that have passed, of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Progress {
    days: i64,
    of: i64,
}

impl Progress {
    /// Performed at once.
    pub(super) const WHOLE: Progress = Progress { days: 1, of: 1 };

    /// What of an amount is performed. Rounded once over all the days that have passed, never a day at a time: on the
    /// last day it is the amount.
    pub(super) fn of(self, amount: Amount, rounding: Rounding) -> Result<Amount, MoneyError> {
        if self.days >= self.of {
            return Ok(amount);
        }
        let by_days = amount.value().times(Decimal::from_int(self.days))?;
        let exact = Ratio::new(by_days, i128::from(self.of))?;
        Amount::from_ratio(exact, amount.currency(), rounding)
    }
}

/// How much of a cell is performed before an instant.
pub(super) fn progress(agreement: &Agreement, key: &CellKey, until: Timestamp) -> Progress {
    let Some(version) = agreement.version(key.version) else {
        return Progress::WHOLE;
    };
    if key.part == Part::Minimum || !is_by_day(version, &key.component) {
        return Progress::WHOLE;
    }
    let Some(component) = version.component(&key.component) else {
        return Progress::WHOLE;
    };
    let periods = agreement.rating_periods(component.every, key.period);
    let Some(period) = periods.iter().find(|own| own.start.at == key.period) else {
        return Progress::WHOLE;
    };
    let days = match is_of_version(&key.part) {
        true => agreement
            .days_in_force(period)
            .into_iter()
            .find(|(own, _)| own.number == version.number)
            .map_or(0..period.days(), |(_, days)| days),
        false => 0..period.days(),
    };
    let of = days.end - days.start;
    let passed = period.first_day_from(until) - days.start;
    Progress {
        days: passed.clamp(0, of),
        of,
    }
}

/// Whether the part is charged for the days of its own version: what is done to the sum of a line is for the
/// whole period.
fn is_of_version(part: &Part) -> bool {
    matches!(part, Part::Fee | Part::Seats(_) | Part::Band(..))
}

/// Whether a component charges whole what is performed day by day. Seats by the day are charged by the day.
fn is_by_day(version: &Version, component: &str) -> bool {
    match version.component(component).map(|own| &own.terms) {
        Some(Terms::Platform(_)) => true,
        Some(Terms::Seats(seats)) => seats.count == SeatCount::HighWater,
        Some(Terms::Risk(risk)) => is_by_day(version, &risk.modifies),
        _ => false,
    }
}
