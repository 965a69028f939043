//! Closing months of the seller's books, and opening them again.

use jiff::Timestamp;
use jiff::civil::Date;
use work::body::{Control, Lock};
use work::event::UNASSIGNED;

use super::{Acted, control};
use crate::Result;
use crate::book::Book;
use crate::error::{Invalid, Refused};
use crate::locks::LockAct;

/// That months are closed, or open again.
#[derive(Debug, Clone, Copy)]
pub struct LockBooks<'a> {
    /// The last day that is closed after it, the last of a month; `None` opens everything.
    pub until: Option<Date>,
    /// Whether it opens months.
    pub unlocks: bool,
    /// Why.
    pub reason: &'a str,
    /// Who decides it (a role).
    pub by: &'a str,
    /// The id of the entry; made of its content where absent.
    pub id: Option<&'a str>,
}

impl Book {
    /// Locks or unlocks the books.
    ///
    /// # Errors
    /// [`Invalid`] where the day is not the last of a month, or is missing where months are closed; [`Refused`] where the
    /// month is not over, or nothing would change.
    pub fn lock_books(&self, act: &LockBooks<'_>, now: Timestamp) -> Result<Acted<LockAct>> {
        let _turn = self.turns.take(UNASSIGNED);
        let lock = Lock {
            until: act.until,
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        if let Some(until) = act.until.filter(|day| day.last_of_month() != *day) {
            return Err(Invalid::NotLastOfMonth(until).into());
        }
        let entry = match (act.unlocks, act.until) {
            (true, _) => Control::BooksUnlocked(lock),
            (false, Some(_)) => Control::BooksLocked(lock),
            (false, None) => return Err(Invalid::LockWithoutDay.into()),
        };
        let told = |index: u64, at: Timestamp| LockAct {
            entry: index,
            time: at,
            act: if act.unlocks { "unlocked" } else { "locked" }.to_owned(),
            until: act.until,
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        let before = self.done_before(UNASSIGNED, act.id, |known, said| {
            (*said == entry).then(|| told(known.index, known.event.time))
        })?;
        if let Some(before) = before {
            return Ok(Acted::before(before));
        }
        let locked = self.locks()?.until();
        let today = now.to_zoned(self.books_zone()?).date();
        match (act.unlocks, act.until) {
            (false, Some(until)) if today <= until => {
                return Err(Refused::MonthNotOver { until }.into());
            }
            (false, until) if locked >= until => {
                return Err(Refused::LockedAlready { until: locked }.into());
            }
            (true, until) if locked <= until => {
                return Err(Refused::LockedAlready { until: locked }.into());
            }
            _ => {}
        }
        let mut event = control(UNASSIGNED, String::new(), now, entry);
        let id = act.id.map_or_else(
            || format!("books/{}", event.digest().short()),
            str::to_owned,
        );
        event.id = id.as_str().into();
        self.write(std::slice::from_ref(&event), now)?;
        let written = self.entry_under(UNASSIGNED, work::event::PIECEWORK, &id)?;
        let index = written.map_or(0, |own| own.index);
        Ok(Acted::now(told(index, now)))
    }
}
