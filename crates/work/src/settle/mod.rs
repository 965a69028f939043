//! Settlement: facts of one scope key in, movements out.
//!
//! [`settle`] is total, pure, and independent of the order in which facts arrived: it sweeps the
//! effective facts in the published order (time, rank, source, id) together with the deadlines that
//! they create (semantics.md S1 to S12). It is causal in time: the movements up to an instant do not
//! depend on facts after it, so movements settled once without a horizon can be read at any `as_of`
//! by their instants.

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};

/// Identity of a unit: its scope key and the event that opened it (S7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitKey {
    /// Id of the work-unit definition.
    pub unit: String,
    /// The values of the definition's key headers, in its order.
    pub scope: Vec<String>,
    /// Source and id of the opening event.
    pub opened_by: FactRef,
}

/// An event, by source and id (the customer is known from the log).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactRef {
    /// The source.
    pub source: String,
    /// The id.
    pub id: String,
}

/// What a movement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MovementKind {
    /// The unit counts.
    Counted,
    /// A count is taken back, whole.
    Reversed,
    /// A count is taken back in part.
    Reduced,
    /// The unit leaves one class for another (paired with a `Counted` of the new class).
    Upgraded,
    /// The measured value changes.
    Valued,
}

/// One movement of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When, in world time.
    pub instant: Timestamp,
    /// What it does.
    pub kind: MovementKind,
    /// The class it concerns, by name.
    pub class: String,
    /// Units: +1 for a count, negative for what takes it back, 0 for a value.
    pub quantity: Quantity,
    /// Change of the measured value, if any.
    pub value: Option<Amount>,
    /// Instant of the count that it belongs to; a count's own instant for itself. A reversal leaves
    /// the rating period in which the unit was counted (D1).
    pub counted_at: Timestamp,
    /// The facts that caused it.
    pub causes: Vec<FactRef>,
}

/// Why a unit is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotCounted {
    /// Nothing settled it before `abandon_after`.
    Abandoned,
    /// The definition's `only` excludes it.
    Excluded,
    /// A dispute was decided for the buyer.
    Credited,
}

/// Where a unit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Open: no class holds yet.
    Pending,
    /// Counted in this class.
    Counted(String),
    /// Was counted, is no longer.
    Reversed,
    /// Does not count.
    NotCounted(NotCounted),
}

/// A dispute of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    /// When it was raised.
    pub raised: Timestamp,
    /// When and how it is decided: by a fact, or by default at the deadline.
    pub decided: Option<(Timestamp, crate::body::Verdict)>,
    /// The disputing fact.
    pub cause: FactRef,
}

/// One settled unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Identity.
    pub key: UnitKey,
    /// Opening instant: decides the contract version that governs it for life (S12).
    pub opened: Timestamp,
    /// The contract version in force then.
    pub version: u32,
    /// Movements, ascending by instant.
    pub movements: Vec<Movement>,
    /// State after the last movement.
    pub state: State,
    /// Disputes, ascending.
    pub disputes: Vec<Disputed>,
    /// Confidence of the last visible answer at or before settlement (S11).
    pub confidence: Option<Decimal>,
    /// Review level of that answer.
    pub review: Option<String>,
    /// Shared headers of the unit: the latest value of each at or before settlement.
    pub headers: crate::Headers,
    /// Who authored the fact that decided the unit.
    pub decided_by: crate::event::Authorship,
    /// Whether a person touched the work.
    pub human_touched: bool,
    /// Minutes of people recorded on it.
    pub human_minutes: Decimal,
    /// Facts that changed nothing: after settlement, beyond reach.
    pub listed: Vec<FactRef>,
    /// Every fact of the unit, in sweep order.
    pub facts: Vec<FactRef>,
    /// Every `workid` the unit's facts carried.
    pub works: Vec<String>,
    /// Names of evidence attached.
    pub evidence: Vec<String>,
}
