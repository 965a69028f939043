//! Settlement: facts of one scope key in, movements out.
//!
//! [`settle`] is total, pure, and independent of the order in which facts arrived: it sweeps the
//! effective facts in the published order (time, rank, source, id) together with the deadlines that
//! they create (semantics.md S1 to S12). It is causal in time: the movements up to an instant do not
//! depend on facts after it, so movements settled once without a horizon can be read at any `as_of`
//! by their instants.

mod holds;
mod scope;
mod sweep;

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};

use crate::body::Verdict;
use crate::event::Authorship;
use crate::{Headers, SmolStr};

pub use scope::{ScopeKey, inherit_headers, scopes};
pub use sweep::settle;

/// Identity of a unit: its scope key and the event that opened it (S7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitKey {
    /// Id of the work-unit definition.
    pub unit: SmolStr,
    /// The values of the definition's key headers, in its order.
    pub scope: ScopeKey,
    /// Source and id of the opening event.
    pub opened_by: FactRef,
}

/// An event, by source and id (the customer is known from the log).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactRef {
    /// The source.
    pub source: SmolStr,
    /// The id.
    pub id: SmolStr,
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

impl MovementKind {
    /// The words of the kinds.
    pub const WORDS: [(&'static str, MovementKind); 5] = [
        ("counted", MovementKind::Counted),
        ("reversed", MovementKind::Reversed),
        ("reduced", MovementKind::Reduced),
        ("upgraded", MovementKind::Upgraded),
        ("valued", MovementKind::Valued),
    ];

    /// The kind's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// One movement of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// When, in world time.
    pub instant: Timestamp,
    /// What it does.
    pub kind: MovementKind,
    /// The class it concerns, by name.
    pub class: SmolStr,
    /// Units: +1 for a count, negative for what takes it back, 0 for a value.
    pub quantity: Quantity,
    /// Change of the measured value, if any.
    pub value: Option<Amount>,
    /// Instant of the count that it belongs to; a count's own instant for itself. A reversal leaves
    /// the rating period in which the unit was counted (D1).
    pub counted_at: Timestamp,
    /// The facts that caused it.
    pub causes: Vec<FactRef>,
    /// What the count that it belongs to was made on.
    pub basis: Arc<Basis>,
}

/// What a count was made on: the facts at or before its instant that prices may vary by (S11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Confidence of the last visible answer; missing is a band of its own.
    pub confidence: Option<Decimal>,
    /// Review level of that answer.
    pub review: Option<String>,
    /// Shared headers: the latest value of each.
    pub headers: Headers,
    /// Who authored the fact that decided the count.
    pub decided_by: Authorship,
}

/// Why a unit is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotCounted {
    /// Nothing settled it before `abandon_after`, or before a reopening split it off.
    Abandoned,
    /// The definition's `only` excludes it.
    Excluded,
    /// A dispute was decided for the buyer before it counted.
    Credited,
}

impl NotCounted {
    /// Every reason.
    pub const ALL: [NotCounted; 3] = [
        NotCounted::Abandoned,
        NotCounted::Excluded,
        NotCounted::Credited,
    ];

    /// The reason's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            NotCounted::Abandoned => "abandoned",
            NotCounted::Excluded => "excluded",
            NotCounted::Credited => "credited",
        }
    }
}

/// Where a unit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Open: no class holds yet.
    Pending,
    /// Counted in this class.
    Counted(SmolStr),
    /// Was counted, is no longer.
    Reversed,
    /// Does not count.
    NotCounted(NotCounted),
}

/// `pending`, `counted: assumed`, `reversed`, `not counted: abandoned`: the words that every surface
/// has for it.
impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            State::Pending => f.write_str("pending"),
            State::Counted(class) => write!(f, "counted: {class}"),
            State::Reversed => f.write_str("reversed"),
            State::NotCounted(reason) => write!(f, "not counted: {}", reason.name()),
        }
    }
}

/// A dispute of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    /// When it was raised.
    pub raised: Timestamp,
    /// When and how it is decided: by a fact, or by default at the deadline (D11).
    pub decided: Option<(Timestamp, Verdict)>,
    /// The disputing fact.
    pub cause: FactRef,
}

impl Disputed {
    /// Whether the dispute is raised and undecided at an instant.
    #[must_use]
    pub fn is_open_at(&self, instant: Timestamp) -> bool {
        self.raised <= instant && self.decided.is_none_or(|(decided, _)| decided > instant)
    }
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
    /// States with the instant from which they hold, ascending; the first is the opening.
    pub states: Vec<(Timestamp, State)>,
    /// Disputes, ascending.
    pub disputes: Vec<Disputed>,
    /// The attempt that the unit was, once it was resolved one way or the other.
    pub attempt: Option<Attempt>,
    /// Shared headers of the unit: the latest value of each.
    pub headers: Headers,
    /// Instants at which people touched the work, with the minutes recorded.
    pub human_touches: Vec<(Timestamp, Decimal)>,
    /// Facts that changed nothing: after settlement and without a rule, or beyond its reach.
    pub listed: Vec<FactRef>,
    /// Every fact of the unit, in sweep order.
    pub facts: Vec<FactRef>,
    /// Every `workid` that the unit's facts carried, sorted.
    pub works: Vec<SmolStr>,
    /// Every trace that the unit's facts happened in, sorted.
    pub traces: Vec<SmolStr>,
    /// Names of evidence attached, with the instant.
    pub evidence: Vec<(Timestamp, String)>,
}

/// Work that was attempted: an act was seen, and the unit then counted or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was first resolved; what becomes of the unit later does not move it.
    pub at: Timestamp,
    /// The first act.
    pub act: FactRef,
    /// Who authored the act.
    pub by: Authorship,
}

impl Unit {
    /// Gives back the room that lists grew by: of a customer's works there are many, and each has few of everything.
    fn shrink(&mut self) {
        self.movements.shrink_to_fit();
        for movement in &mut self.movements {
            movement.causes.shrink_to_fit();
        }
        self.states.shrink_to_fit();
        self.facts.shrink_to_fit();
        self.works.shrink_to_fit();
        self.listed.shrink_to_fit();
    }

    /// The state at an instant; pending before the opening.
    #[must_use]
    pub fn state_at(&self, instant: Timestamp) -> &State {
        self.states
            .iter()
            .rev()
            .find(|(from, _)| *from <= instant)
            .map_or(&State::Pending, |(_, state)| state)
    }

    /// The fact that decided a count: the latest of its causes in the order of settlement.
    #[must_use]
    pub fn decided_by(&self, count: &Movement) -> Option<&FactRef> {
        let mut facts = self.facts.iter().rev();
        facts.find(|fact| count.causes.contains(fact))
    }

    /// Units counted, net of what was taken back, at an instant.
    ///
    /// # Errors
    /// [`money::MoneyError::Overflow`], which counts cannot reach.
    pub fn net_at(&self, instant: Timestamp) -> Result<Quantity, money::MoneyError> {
        self.movements
            .iter()
            .filter(|movement| movement.instant <= instant)
            .try_fold(Quantity::ZERO, |sum, movement| sum.plus(movement.quantity))
    }
}
