//! What cells are computed from: units, usage, seats and credits of one contract.

use std::collections::HashMap;

use jiff::Timestamp;
use money::{Amount, Quantity};
use work::body::{Body, Control};
use work::effective::Fact;
use work::event::Authorship;
use work::settle::{FactRef, Unit};
use work::{Headers, SmolStr};

use super::CellKey;
use crate::contract::{Agreement, Late};
use crate::published::Published;

/// The facts of one contract.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// Settled units that opened in the term, sorted by key; their `version` is the contract's.
    pub units: &'a [Unit],
    /// Usage in the term, sorted by time, source and id.
    pub usage: &'a [Usage],
    /// Seats assigned and released, in any order.
    pub seats: &'a [SeatChange],
    /// Credits given by hand.
    pub credits: &'a [Credit],
    /// What of statements was decided not to be paid.
    pub decisions: &'a [Decision],
    /// Published documents whose numbers enter rating, by kind and subject, then as they were published.
    pub published: &'a [Published],
    /// When facts arrived beside the statements issued; `None` where nothing can be late.
    pub arrivals: Option<&'a Arrivals>,
}

/// One `usage.recorded`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Source and id.
    pub fact: FactRef,
    /// When.
    pub time: Timestamp,
    /// The meter.
    pub meter: String,
    /// By how much.
    pub quantity: Quantity,
    /// The money that it is about.
    pub amount: Option<Amount>,
    /// What was used, where different ones are counted.
    pub item: Option<SmolStr>,
    /// The work that it was used for.
    pub work: Option<SmolStr>,
    /// Shared headers.
    pub headers: Headers,
    /// Who authored it.
    pub authorship: Authorship,
}

impl Usage {
    /// The usage that a fact records, if it records one.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<Usage> {
        let Body::Usage {
            meter,
            quantity,
            amount,
            item,
        } = &fact.event.body
        else {
            return None;
        };
        Some(Usage {
            fact: fact.reference(),
            time: fact.event.time,
            meter: meter.clone(),
            quantity: *quantity,
            amount: *amount,
            item: item.clone(),
            work: fact.event.work.clone(),
            headers: fact.event.headers.clone(),
            authorship: fact.event.authorship,
        })
    }
}

/// One `seat.assigned` or `seat.released`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChange {
    /// Source and id.
    pub fact: FactRef,
    /// When.
    pub time: Timestamp,
    /// The seat.
    pub seat: String,
    /// Whether it was assigned, not released.
    pub assigned: bool,
}

impl SeatChange {
    /// The change that a fact records, if it records one.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<SeatChange> {
        let (seat, assigned) = match &fact.event.body {
            Body::SeatAssigned { seat } => (seat, true),
            Body::SeatReleased { seat } => (seat, false),
            _ => return None,
        };
        Some(SeatChange {
            fact: fact.reference(),
            time: fact.event.time,
            seat: seat.clone(),
            assigned,
        })
    }
}

/// One `credit.issued`: goodwill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Source and id.
    pub fact: FactRef,
    /// When.
    pub time: Timestamp,
    /// How much is given.
    pub amount: Amount,
    /// Why.
    pub reason: String,
}

impl Credit {
    /// The contract and the credit that a fact gives, if it gives one.
    #[must_use]
    pub fn of(fact: &Fact) -> Option<(&str, Credit)> {
        let Body::Control(Control::CreditIssued {
            contract,
            amount,
            reason,
            ..
        }) = &fact.event.body
        else {
            return None;
        };
        let credit = Credit {
            fact: fact.reference(),
            time: fact.event.time,
            amount: *amount,
            reason: reason.clone(),
        };
        Some((contract, credit))
    }
}

/// One `statement.credited`: what a statement charges, or a line of it, is not to be paid (semantics.md D6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Source and id.
    pub fact: FactRef,
    /// When.
    pub time: Timestamp,
    /// The printed number of the statement.
    pub statement: String,
    /// What it charged of each cell that is credited, by key.
    pub stated: Vec<(CellKey, Amount)>,
    /// Why.
    pub reason: String,
}

/// When facts arrived, told by the statements that could already state them (semantics.md D8).
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    /// Cut and coverage of the statements issued and not voided, ascending by coverage.
    pub statements: Vec<(Timestamp, u64)>,
    /// The entry by which each fact, as it stands, was known.
    pub entries: HashMap<FactRef, u64>,
}

impl Arrivals {
    /// Whether the contract's late policy waives what these causes made happen at `instant`, in a
    /// rating period that ended at `period_end`.
    pub(super) fn waives(
        &self,
        agreement: &Agreement,
        causes: &[FactRef],
        instant: Timestamp,
        period_end: Timestamp,
        cut: Timestamp,
    ) -> bool {
        let Some(entry) = causes
            .iter()
            .filter_map(|cause| self.entries.get(cause))
            .max()
        else {
            return false;
        };
        // The first statement that should have had it, had it been there.
        let Some((_, expected)) = self.statements.iter().find(|(at, _)| *at > instant) else {
            return false;
        };
        if entry < expected {
            return false;
        }
        let stating = self
            .statements
            .iter()
            .find(|(_, coverage)| coverage > entry);
        let stated_at = stating.map_or(cut, |(at, _)| *at);
        let governing = agreement
            .versions
            .iter()
            .rev()
            .find(|version| version.from < stated_at);
        let version = governing.or(agreement.versions.first());
        let Some(contract) = version.map(|version| &version.terms.contract) else {
            return false;
        };
        match contract.late {
            Late::Bill => false,
            Late::WaiveAfter(span) => span
                .after(period_end, &contract.time_zone)
                .is_some_and(|end| end < stated_at),
        }
    }
}
