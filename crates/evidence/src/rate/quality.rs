//! The rates that every report shows, from one set of counts, so that no two reports mean different
//! things by one word. Each rate has its own denominator, and overrides have two.
//!
//! Acceptance, edits and overrides are judged by reviews, so they come with bounds for what nobody
//! reviewed; confirmed, assumed and verified are shares of the counted works and never added together
//! here. Which work is which is the definition's business.

use super::{Bounds, Share};
use crate::error::Error;
use crate::interval::{Confidence, Interval};

/// Counts of works of one unit in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Works {
    /// Works in which the software decided something.
    pub decided: u64,
    /// Of those, reviewed by a person.
    pub reviewed: u64,
    /// Of those reviewed, accepted without a change.
    pub accepted: u64,
    /// Of those reviewed, accepted after a change.
    pub edited: u64,
    /// Of those reviewed, reversed by the person.
    pub overridden: u64,
    /// Of those decided, handed to a person.
    pub escalated: u64,
    /// Works counted for billing whose reopening window is over.
    pub settled: u64,
    /// Of those, reopened within the window.
    pub reopened: u64,
    /// Works counted for billing because somebody confirmed the outcome.
    pub confirmed: u64,
    /// Works counted because nobody objected in time.
    pub assumed: u64,
    /// Works counted because a check was run.
    pub verified: u64,
    /// Of those counted, disputed.
    pub disputed: u64,
}

/// What a rate is of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// reviewed / decided.
    Reviewed,
    /// accepted without a change / reviewed.
    Acceptance,
    /// accepted after a change / reviewed.
    Edit,
    /// reversed / reviewed.
    OverrideOfReviewed,
    /// reversed / decided: low where little is reviewed, so never shown alone.
    OverrideOfDecided,
    /// handed to a person / decided.
    Escalation,
    /// reopened / counted works whose window is over.
    Reopen,
    /// disputed / counted.
    Dispute,
    /// confirmed / counted.
    Confirmed,
    /// assumed / counted.
    Assumed,
    /// verified / counted.
    Verified,
}

impl Kind {
    /// Every rate, in the order of the table.
    pub const ALL: [Kind; 11] = [
        Kind::Reviewed,
        Kind::Acceptance,
        Kind::Edit,
        Kind::OverrideOfReviewed,
        Kind::OverrideOfDecided,
        Kind::Escalation,
        Kind::Reopen,
        Kind::Dispute,
        Kind::Confirmed,
        Kind::Assumed,
        Kind::Verified,
    ];

    /// The name for people, with what it is of.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Reviewed => "reviewed, of decided",
            Kind::Acceptance => "accepted unchanged, of reviewed",
            Kind::Edit => "edited, of reviewed",
            Kind::OverrideOfReviewed => "overridden, of reviewed",
            Kind::OverrideOfDecided => "overridden, of decided",
            Kind::Escalation => "escalated, of decided",
            Kind::Reopen => "reopened, of those whose window is over",
            Kind::Dispute => "disputed, of counted",
            Kind::Confirmed => "confirmed, of counted",
            Kind::Assumed => "assumed, of counted",
            Kind::Verified => "verified, of counted",
        }
    }
}

/// One rate of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Which rate.
    pub kind: Kind,
    /// The count; `None` where there is nothing to take a rate of.
    pub share: Option<Share>,
    /// Wilson's interval of it.
    pub interval: Option<Interval>,
    /// Where reviews judge: the bounds over all decided works, unreviewed ones unknown.
    pub bounds: Option<Bounds>,
}

/// The table of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    rows: [Row; 11],
}

impl Quality {
    /// The table of such counts.
    ///
    /// # Errors
    /// A part greater than its whole: the counts contradict each other.
    pub fn of(works: &Works, confidence: Confidence) -> Result<Quality, Error> {
        works.consistent()?;
        let mut rows = Kind::ALL.map(|kind| Row {
            kind,
            share: None,
            interval: None,
            bounds: None,
        });
        for row in &mut rows {
            let (hits, trials) = works.share(row.kind);
            if trials > 0 {
                let share = Share::new(hits, trials)?;
                row.share = Some(share);
                row.interval = Some(share.wilson(confidence));
            }
            let by_review = matches!(
                row.kind,
                Kind::Acceptance | Kind::Edit | Kind::OverrideOfReviewed
            );
            if by_review && works.decided > 0 {
                let unreviewed = works.decided - works.reviewed;
                row.bounds = Some(Bounds::of(hits, trials, unreviewed, confidence)?);
            }
        }
        Ok(Quality { rows })
    }

    /// The rows, in the order of [`Kind::ALL`].
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a rate.
    #[must_use]
    pub fn row(&self, kind: Kind) -> &Row {
        &self.rows[kind as usize]
    }
}

impl Works {
    /// Works counted for billing.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.confirmed
            .saturating_add(self.assumed)
            .saturating_add(self.verified)
    }

    fn share(&self, kind: Kind) -> (u64, u64) {
        match kind {
            Kind::Reviewed => (self.reviewed, self.decided),
            Kind::Acceptance => (self.accepted, self.reviewed),
            Kind::Edit => (self.edited, self.reviewed),
            Kind::OverrideOfReviewed => (self.overridden, self.reviewed),
            Kind::OverrideOfDecided => (self.overridden, self.decided),
            Kind::Escalation => (self.escalated, self.decided),
            Kind::Reopen => (self.reopened, self.settled),
            Kind::Dispute => (self.disputed, self.counted()),
            Kind::Confirmed => (self.confirmed, self.counted()),
            Kind::Assumed => (self.assumed, self.counted()),
            Kind::Verified => (self.verified, self.counted()),
        }
    }

    fn consistent(&self) -> Result<(), Error> {
        let judged = self
            .accepted
            .saturating_add(self.edited)
            .saturating_add(self.overridden);
        for (what, is, of) in [
            ("reviewed", self.reviewed, self.decided),
            ("accepted, edited and overridden", judged, self.reviewed),
            ("escalated", self.escalated, self.decided),
            ("reopened", self.reopened, self.settled),
            ("settled", self.settled, self.counted()),
            ("disputed", self.disputed, self.counted()),
        ] {
            if is > of {
                return Err(Error::More { what, is, of });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKS: Works = Works {
        decided: 1_000,
        reviewed: 200,
        accepted: 150,
        edited: 30,
        overridden: 20,
        escalated: 100,
        settled: 800,
        reopened: 40,
        confirmed: 300,
        assumed: 500,
        verified: 50,
        disputed: 17,
    };

    #[test]
    fn one_table() {
        let table = Quality::of(&WORKS, Confidence::P95).unwrap();
        let rate = |kind| table.row(kind).share.unwrap().rate();
        assert_eq!(rate(Kind::Reviewed), 0.2);
        assert_eq!(rate(Kind::Acceptance), 0.75);
        assert_eq!(rate(Kind::Edit), 0.15);
        assert_eq!(rate(Kind::OverrideOfReviewed), 0.1);
        assert_eq!(rate(Kind::OverrideOfDecided), 0.02);
        assert_eq!(rate(Kind::Escalation), 0.1);
        assert_eq!(rate(Kind::Reopen), 0.05);
        assert_eq!(rate(Kind::Dispute), 0.02);
        let of_counted = [Kind::Confirmed, Kind::Assumed, Kind::Verified].map(rate);
        assert!((of_counted.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        // 150 accepted, 800 unreviewed: anything between 15 % and 95 %.
        let bounds = table.row(Kind::Acceptance).bounds.unwrap();
        assert_eq!((bounds.worst, bounds.best), (0.15, 0.95));
        for (row, kind) in table.rows().iter().zip(Kind::ALL) {
            assert_eq!(row.kind, kind);
            assert!(
                row.interval.unwrap().holds(row.share.unwrap().rate()),
                "{}",
                kind.name()
            );
        }
    }

    #[test]
    fn nothing_seen_is_no_rate() {
        let table = Quality::of(&Works::default(), Confidence::P95).unwrap();
        assert!(
            table
                .rows()
                .iter()
                .all(|row| row.share.is_none() && row.bounds.is_none())
        );
        let unreviewed = Works {
            decided: 10,
            ..Works::default()
        };
        let table = Quality::of(&unreviewed, Confidence::P95).unwrap();
        assert_eq!(table.row(Kind::Acceptance).share, None);
        assert_eq!(table.row(Kind::Acceptance).bounds.unwrap().best, 1.0);
    }

    #[test]
    fn counts_that_contradict_each_other() {
        let works = Works {
            overridden: 21,
            ..WORKS
        };
        assert_eq!(
            Quality::of(&works, Confidence::P95)
                .unwrap_err()
                .to_string(),
            "accepted, edited and overridden: 201, more than the 200 it is part of"
        );
        assert!(
            Quality::of(
                &Works {
                    disputed: 851,
                    ..WORKS
                },
                Confidence::P95
            )
            .is_err()
        );
        assert!(
            Quality::of(
                &Works {
                    reviewed: 1_001,
                    ..WORKS
                },
                Confidence::P95
            )
            .is_err()
        );
    }
}
