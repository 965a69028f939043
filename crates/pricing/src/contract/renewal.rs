//! Renewal: a term that goes on unless somebody gives notice.
//!
//! With `renews` the last day of the document is the last day of the first term, and not the end: the
//! contract ends where an entry ends it. Nothing here moves money; it says when a term is over, and by
//! when notice is to be given. Invariant: terms follow one another without a gap.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use work::Span;

use super::Contract;
use crate::document::{Table, parse};
use crate::limits::RENEWALS_MAX;

/// How a contract goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// Months of each further term.
    pub months: u32,
    /// Days before the end of a term by which notice is given.
    pub notice_days: i64,
}

/// One term of a contract that renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// The last day on which notice ends the contract with this term.
    pub notice_by: Date,
}

impl Contract {
    /// The term that holds a day; none where the contract does not renew, or the day is before it.
    #[must_use]
    pub fn term_on(&self, day: Date) -> Option<Term> {
        let renewal = self.renews?;
        let ends = self.ends?;
        if day < self.starts {
            return None;
        }
        let mut first = self.starts;
        // Counted from the first end, so that a month with fewer days does not move the later ones.
        let begins = ends.tomorrow().ok()?;
        for terms in 0..RENEWALS_MAX {
            let months = i32::try_from(renewal.months.checked_mul(terms)?).ok()?;
            let next = begins.checked_add(months.months()).ok()?;
            if day < next {
                return Some(Term {
                    first,
                    last: next.yesterday().ok()?,
                    notice_by: next
                        .checked_sub(renewal.notice_days.days())
                        .ok()?
                        .yesterday()
                        .ok()?,
                });
            }
            first = next;
        }
        None
    }

    /// The document with another last day, every other byte as it is; nothing where it has no last day.
    #[must_use]
    pub fn text_until(&self, day: Date) -> Option<String> {
        let root = parse(&self.text).ok()?;
        let mut members = root.get_ref().iter();
        let (_, ends) = members.find(|(name, _)| name.get_ref().as_ref() == "ends")?;
        let span = ends.span();
        let (before, after) = (self.text.get(..span.start)?, self.text.get(span.end..)?);
        Some(format!("{before}{day}{after}"))
    }

    /// Whether notice given at an instant ends a contract that renews from a day on; where not, the
    /// term that it can end with.
    ///
    /// # Errors
    /// The first term that the notice is in time for.
    pub fn notice(&self, given: Timestamp, ends_from: Date) -> Result<(), Term> {
        let given = given.to_zoned(self.time_zone.clone()).date();
        let Some(mut term) = self.term_on(given.max(self.starts)) else {
            return Ok(());
        };
        if given > term.notice_by
            && let Some(next) = term.last.tomorrow().ok().and_then(|day| self.term_on(day))
        {
            term = next;
        }
        // The end of any later term is as good.
        let own = ends_from.yesterday().ok().and_then(|day| self.term_on(day));
        match own {
            Some(own) if own.last.tomorrow().ok() == Some(ends_from) && own.last >= term.last => {
                Ok(())
            }
            _ => Err(term),
        }
    }
}

/// Reads `renews`.
pub(super) fn read_renewal(root: &Table<'_>, ends: Option<Date>) -> Option<Renewal> {
    let table = root.table("renews")?;
    let term = table.need("for", table.text("for"));
    let notice = table.need("notice", table.text("notice"));
    table.finish();
    let months = term.and_then(|text| {
        let (count, unit) = text.split_once(' ')?;
        let count: u32 = count.parse().ok()?;
        let months = match unit {
            "month" | "months" => count,
            "year" | "years" => count.checked_mul(12)?,
            _ => return None,
        };
        (1..=120).contains(&months).then_some(months)
    });
    if months.is_none() && table.has("for") {
        table.fault(
            "for",
            "`for` is a number of months or years, such as \"12 months\", at most ten years",
            None,
        );
    }
    let notice_days = notice.and_then(|text| match text.parse() {
        Ok(Span::Days(days)) => Some(days),
        _ => None,
    });
    if notice_days.is_none() && table.has("notice") {
        table.fault(
            "notice",
            "`notice` is a number of days, such as \"60d\"",
            None,
        );
    }
    if ends.is_none() && !root.has("ends") {
        root.fault(
            "renews",
            "a contract without `ends` has no term that could renew",
            Some("say the last day of the first term with `ends`"),
        );
    }
    Some(Renewal {
        months: months?,
        notice_days: notice_days?,
    })
}
