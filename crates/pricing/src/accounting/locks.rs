//! Which months of the books are closed, and what was known when they were.
//!
//! A month that is locked keeps what was known when it was locked, while it stays so; what is learnt later is posted in the
//! first month that was open then. Locks reach from the beginning of time through the last day of a month, so that a
//! month before a locked one is locked. Invariant: of two locked months the earlier was locked at the same time or before.

use jiff::Timestamp;
use jiff::civil::Date;

/// The months that are closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks {
    stages: Vec<Stage>,
}

/// Months that were closed at once: those behind the stage before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The last day that is closed.
    pub until: Date,
    /// When it was closed: what arrived later is not known in these months.
    pub known: Timestamp,
}

impl Locks {
    /// Closes everything through a day; what is closed already keeps what was known then.
    pub fn lock(&mut self, until: Date, now: Timestamp) {
        if self.until().is_none_or(|own| own < until) {
            self.stages.push(Stage { until, known: now });
        }
    }

    /// Opens everything behind a day; everything, where there is none.
    pub fn unlock(&mut self, until: Option<Date>) {
        let Some(until) = until else {
            self.stages.clear();
            return;
        };
        let mut before: Option<Date> = None;
        self.stages.retain_mut(|own| {
            let stays = before.is_none_or(|before| before < until);
            before = Some(own.until);
            own.until = own.until.min(until);
            stays
        });
    }

    /// The last day that is closed.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        self.stages.last().map(|own| own.until)
    }

    /// The stages, ascending in both.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Where among the stages a day is; none, where it is open.
    #[must_use]
    pub fn stage_of(&self, day: Date) -> Option<usize> {
        self.stages.iter().position(|own| day <= own.until)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(day: i8) -> Timestamp {
        let midnight = date(2026, 6, day).to_zoned(jiff::tz::TimeZone::UTC);
        midnight.unwrap().timestamp()
    }

    fn stages(locks: &Locks) -> Vec<(Date, Timestamp)> {
        let own = locks.stages().iter();
        own.map(|own| (own.until, own.known)).collect()
    }

    #[test]
    fn a_month_keeps_when_it_was_locked_while_it_is() {
        let [january, february, march] = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)];
        let mut locks = Locks::default();
        assert_eq!((locks.until(), locks.stage_of(january)), (None, None));
        locks.lock(january, at(1));
        locks.lock(march, at(2));
        locks.lock(february, at(3)); // is locked already
        assert_eq!(stages(&locks), [(january, at(1)), (march, at(2))]);
        assert_eq!(locks.stage_of(date(2025, 5, 5)), Some(0));
        assert_eq!(locks.stage_of(date(2026, 2, 1)), Some(1));
        assert_eq!(locks.stage_of(date(2026, 4, 1)), None);
        locks.unlock(Some(february));
        assert_eq!(stages(&locks), [(january, at(1)), (february, at(2))]);
        locks.unlock(Some(january));
        assert_eq!(stages(&locks), [(january, at(1))]);
        locks.lock(march, at(5));
        assert_eq!(stages(&locks), [(january, at(1)), (march, at(5))]);
        locks.unlock(None);
        locks.lock(january, at(6));
        assert_eq!(stages(&locks), [(january, at(6))]);
    }
}
