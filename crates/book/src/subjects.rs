//! [`Subject`]: what a further fact about a work carries, so that it is of the same unit.

use store::UnitsOf;
use work::settle::Unit;
use work::{Header, Headers, SmolStr};

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::works::{is_called, units};

/// What a further fact about a work carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The work id.
    pub work: SmolStr,
    /// The shared headers, the work's own among them.
    pub headers: Headers,
}

impl Book {
    /// What a further fact carries that is about the work which people call so. Read from the work's own units; from
    /// the whole account only where it is called by what it is counted by.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or work.
    pub fn subject(&self, customer: &str, work: &str) -> Result<Subject> {
        self.chosen(Some(customer))?;
        if let Some(settled) = self.store.units(customer, UnitsOf::Work(work))?.next() {
            return Ok(of(&settled?.unit, work));
        }
        let account = self.account(customer, None)?;
        let found = units(&account).find(|(_, unit)| is_called(unit, work));
        let (_, unit) = found.ok_or_else(|| Absent::Work {
            customer: customer.to_owned(),
            work: work.to_owned(),
            unit: None,
        })?;
        Ok(of(unit, work))
    }
}

fn of(unit: &Unit, called: &str) -> Subject {
    let is_own = unit.works.iter().find(|own| *own == called);
    let work = is_own.or(unit.works.first());
    let work = work.map_or_else(|| called.into(), SmolStr::clone);
    let mut headers = unit.headers.clone();
    headers.set(Header::Work, work.clone());
    Subject { work, headers }
}
