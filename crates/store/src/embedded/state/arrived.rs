//! [`Arrived`]: what became of deliveries, by customer, day of arrival and source.
//!
//! Accepted and conflicting ones are entries; duplicates and refused ones are told by the commits, which is
//! why the table can be made again. Invariant: the table holds the sum over all commits that were applied,
//! however they were cut into transactions.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::rows::sql_index;
use crate::Entry;
use crate::embedded::journal::record::{Origin, Traceless, day};

/// What became of deliveries of one origin.
#[derive(Default)]
struct Counts {
    accepted: u64,
    duplicate: u64,
    conflicting: u64,
    refused: u64,
}

/// What the commits of one transaction add.
#[derive(Default)]
pub(super) struct Arrived(BTreeMap<Origin, Counts>);

impl Arrived {
    /// Adds an entry.
    pub(super) fn add(&mut self, entry: &Entry) {
        let origin = Origin {
            customer: entry.event.customer.clone(),
            source: entry.event.source.clone(),
            day: day(entry.received_at),
        };
        let counts = self.0.entry(origin).or_default();
        match entry.conflict {
            true => counts.conflicting += 1,
            false => counts.accepted += 1,
        }
    }

    /// Adds deliveries that left no entry.
    pub(super) fn add_traceless(&mut self, origin: Origin, traceless: Traceless) {
        let counts = self.0.entry(origin).or_default();
        counts.duplicate += traceless.duplicate;
        counts.refused += traceless.refused;
    }

    /// Adds everything to the table.
    pub(super) fn write(self, connection: &Connection) -> rusqlite::Result<()> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO deliveries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
                 accepted = accepted + excluded.accepted,
                 duplicate = duplicate + excluded.duplicate,
                 conflicting = conflicting + excluded.conflicting,
                 refused = refused + excluded.refused",
        )?;
        for (origin, counts) in self.0 {
            let Origin {
                customer,
                source,
                day,
            } = origin;
            insert.execute(params![
                customer.as_str(),
                date(day),
                source.as_str(),
                sql_index(counts.accepted),
                sql_index(counts.duplicate),
                sql_index(counts.conflicting),
                sql_index(counts.refused),
            ])?;
        }
        Ok(())
    }
}

/// A day as the table keeps it: `2026-02-01`, so that text sorts as days do.
fn date(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let date = epoch.saturating_add(SignedDuration::from_hours(24 * i64::from(day)));
    date.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_utc() {
        for (instant, expected) in [
            ("1970-01-01T00:00:00Z", "1970-01-01"),
            ("1969-12-31T23:59:59.999999999Z", "1969-12-31"),
            ("2024-02-29T23:59:59+00:00", "2024-02-29"),
            ("2026-02-01T00:30:00+02:00", "2026-01-31"),
        ] {
            assert_eq!(date(day(instant.parse().unwrap())), expected);
        }
    }
}
