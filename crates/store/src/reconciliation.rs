//! [`Reconciliation`]: where everything is that was delivered (semantics.md section 5), in counts.
//!
//! Counts are kept as commits are applied, so that a question costs what its answer has, never the log. Days
//! are those of UTC: of arrival for deliveries, of opening for units. Not here: which class an entry has and
//! what is owed, which prices decide (`pricing::reconcile`). Invariants: `received = accepted + duplicate +
//! conflicting + refused` for every customer, day and source; units opened are pending, counted, reversed or
//! not counted, each exactly one; unknown is pending.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::{Deliveries, StoreError};

/// The upper ends of the buckets of ages, with their names; what is older is in one more.
pub const AGES: [(&str, SignedDuration); 4] = [
    ("1d", SignedDuration::from_hours(24)),
    ("3d", SignedDuration::from_hours(3 * 24)),
    ("7d", SignedDuration::from_hours(7 * 24)),
    ("30d", SignedDuration::from_hours(30 * 24)),
];

/// How many there are, by how old they are: in the order of [`AGES`], then older.
pub type Ages = [u64; AGES.len() + 1];

/// The bucket of what began at an instant.
#[must_use]
pub fn bucket(since: Timestamp, now: Timestamp) -> usize {
    let age = now.duration_since(since);
    let bucket = AGES.iter().position(|(_, end)| age < *end);
    bucket.unwrap_or(AGES.len())
}

/// Deliveries of one source that arrived on one day for one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDay {
    /// The day of arrival in UTC.
    pub day: Date,
    /// The source; nothing where it could not be read.
    pub source: Option<String>,
    /// What became of them.
    pub deliveries: Deliveries,
}

/// Units of one customer that were opened on one day, by how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitDay {
    /// The day of opening in UTC.
    pub day: Date,
    /// All of them.
    pub opened: u64,
    /// Not decided yet.
    pub pending: u64,
    /// They count.
    pub counted: u64,
    /// They counted, and were taken back.
    pub reversed: u64,
    /// They do not count.
    pub not_counted: u64,
}

impl UnitDay {
    /// A day without units.
    #[must_use]
    pub fn none(day: Date) -> UnitDay {
        UnitDay {
            day,
            opened: 0,
            pending: 0,
            counted: 0,
            reversed: 0,
            not_counted: 0,
        }
    }

    /// Adds units in a state; one that is not known is pending.
    pub(crate) fn add(&mut self, state: Option<&str>, units: u64) {
        self.opened += units;
        *match state {
            Some("counted") => &mut self.counted,
            Some("reversed") => &mut self.reversed,
            Some("not_counted") => &mut self.not_counted,
            _ => &mut self.pending,
        } += units;
    }
}

/// What waits for somebody or for time to pass, by how long it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Units that are pending, since they became so.
    pub pending: Ages,
    /// Costs of nobody yet, since they arose.
    pub unassigned: Ages,
    /// Costs of a customer that belong to no work, since they arose.
    pub without_work: Ages,
}

/// Counts of what was delivered and what became of it.
///
/// Every query waits until everything acknowledged before it is counted.
pub trait Reconciliation: Send + Sync {
    /// The deliveries that name a customer, by day and source; those that name none under the empty name.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] beyond [`crate::limits::DELIVERY_ROWS_MAX`] days and sources;
    /// [`StoreError::Behind`].
    fn delivery_days(
        &self,
        customer: &str,
        days: &Range<Date>,
    ) -> Result<Vec<DeliveryDay>, StoreError>;

    /// The deliveries of each customer that has any, in the order of their names (the empty name first),
    /// after `after`, at most `rows` (and [`crate::limits::PAGE_ROWS_MAX`]).
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn delivery_customers(
        &self,
        days: &Range<Date>,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Vec<(String, Deliveries)>, StoreError>;

    /// The deliveries of a customer, or of all together. Over all days it is what
    /// [`crate::Store::deliveries`] counts, but for duplicates and refusals of before the book told where
    /// those came from.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn delivery_totals(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
    ) -> Result<Deliveries, StoreError>;

    /// The deliveries of a source that arrived on a day, for a customer or for all together.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn source_deliveries(
        &self,
        source: &str,
        day: Date,
        customer: Option<&str>,
    ) -> Result<Deliveries, StoreError>;

    /// The units of a customer by the day of their opening, as they stand at an instant; days without any
    /// are not there.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn unit_days(
        &self,
        customer: &str,
        days: &Range<Date>,
        as_of: Timestamp,
    ) -> Result<Vec<UnitDay>, StoreError>;

    /// What waits at an instant, of a customer or of all together.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    fn waiting(&self, customer: Option<&str>, as_of: Timestamp) -> Result<Waiting, StoreError>;
}
