//! What a settlement moves: the count, what takes it back whole or in part, and its value.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};

use super::{Run, Settled};
use crate::SmolStr;
use crate::definition::{After, Then};
use crate::effective::Fact;
use crate::event::Authorship;
use crate::settle::{Basis, FactRef, Movement, MovementKind, State};

impl Run<'_> {
    /// The unit counts in a class, or leaves the class that it counted in for it.
    pub(super) fn count(&mut self, class: usize, at: Timestamp, mut causes: Vec<FactRef>) {
        causes.sort_unstable();
        causes.dedup();
        // The latest cause in the sweep decided.
        let mut authors = self.authors.iter().rev();
        let decider = authors.find(|(fact, _)| causes.contains(fact)).cloned();
        let decided_by = decider
            .as_ref()
            .map_or(Authorship::Seller, |(_, author)| *author);
        // What counts was attempted, whichever act it rests on.
        self.act = self.act.take().or(decider);
        let basis = Arc::new(Basis {
            confidence: self.confidence,
            review: self.review.clone(),
            headers: self.unit.headers.clone(),
            decided_by,
        });
        let mut net = Quantity::ONE;
        if let Some(old) = self.settled.take() {
            net = old.net;
            self.take_back(&old, MovementKind::Upgraded, at, &causes);
        }
        let name = self.class_name(class);
        self.unit.movements.push(Movement {
            instant: at,
            kind: MovementKind::Counted,
            class: name.clone(),
            quantity: net,
            value: None,
            counted_at: at,
            causes,
            basis: Arc::clone(&basis),
        });
        self.settled = Some(Settled {
            at,
            class,
            net,
            basis,
        });
        self.enter(at, State::Counted(name));
        if let Some(value) = self.value.take() {
            self.move_value(value, at, Vec::new());
        }
    }

    /// Applies an `[[after]]` rule to the settled unit (S10).
    pub(super) fn apply(&mut self, rule: &After, fact: &Fact) {
        let at = fact.event.time;
        match rule.then {
            // A new unit began before the fact came here.
            Then::Ignore | Then::NewUnit => {
                self.unit.listed.push(fact.reference());
                self.seen.add(fact);
            }
            Then::Partial(share) => {
                self.reduce(share, at, fact.reference());
                self.seen.add(fact);
            }
            Then::Reverse => {
                self.reverse(at, &[fact.reference()], State::Reversed);
                if rule.again {
                    self.seen.begin_episode();
                } else {
                    self.over = true;
                }
                self.seen.add(fact);
            }
        }
    }

    fn class_name(&self, class: usize) -> SmolStr {
        SmolStr::new(&self.definition.counts[class].name)
    }

    fn reduce(&mut self, share: Decimal, at: Timestamp, cause: FactRef) {
        let Some(settled) = &mut self.settled else {
            return;
        };
        let Ok(change) = share.minus(settled.net) else {
            return;
        };
        if !change.is_negative() {
            self.unit.listed.push(cause);
            return;
        }
        settled.net = share;
        self.unit.movements.push(Movement {
            instant: at,
            kind: MovementKind::Reduced,
            class: SmolStr::new(&self.definition.counts[settled.class].name),
            quantity: change,
            value: None,
            counted_at: settled.at,
            causes: vec![cause],
            basis: Arc::clone(&settled.basis),
        });
    }

    pub(super) fn reverse(&mut self, at: Timestamp, causes: &[FactRef], state: State) {
        let Some(settled) = self.settled.take() else {
            return;
        };
        self.take_back(&settled, MovementKind::Reversed, at, causes);
        self.enter(at, state);
    }

    /// Takes back a count and the value that came with it; the value waits for the next count.
    ///
    /// Each increment of value leaves the period that it came into.
    fn take_back(
        &mut self,
        settled: &Settled,
        kind: MovementKind,
        at: Timestamp,
        causes: &[FactRef],
    ) {
        let back = Movement {
            instant: at,
            kind,
            class: self.class_name(settled.class),
            quantity: settled.net.negated(),
            value: None,
            counted_at: settled.at,
            causes: causes.to_vec(),
            basis: Arc::clone(&settled.basis),
        };
        let values: Vec<Movement> = self
            .unit
            .movements
            .iter()
            .filter(|movement| {
                movement.kind == MovementKind::Valued
                    && Arc::ptr_eq(&movement.basis, &settled.basis)
            })
            .cloned()
            .collect();
        self.unit.movements.push(back);
        for movement in values {
            if let Some(amount) = movement.value {
                self.value = self.value.map_or(Ok(amount), |sum| sum.plus(amount)).ok();
            }
            self.unit.movements.push(Movement {
                instant: at,
                value: movement.value.map(Amount::negated),
                causes: causes.to_vec(),
                ..movement
            });
        }
    }

    /// Takes an increment of measured value: moved at once where the unit counts, kept until then.
    pub(super) fn add_value(&mut self, amount: Amount, fact: &Fact) {
        // The first increment fixes the unit's currency; another cannot be added and is listed.
        let currency = *self.currency.get_or_insert(amount.currency());
        if amount.currency() != currency {
            self.unit.listed.push(fact.reference());
        } else if self.settled.is_some() {
            self.move_value(amount, fact.event.time, vec![fact.reference()]);
        } else if let Ok(sum) = self.value.map_or(Ok(amount), |value| value.plus(amount)) {
            self.value = Some(sum);
        } else {
            self.unit.listed.push(fact.reference());
        }
    }

    fn move_value(&mut self, amount: Amount, at: Timestamp, causes: Vec<FactRef>) {
        let Some(settled) = &self.settled else { return };
        if amount.is_zero() {
            return;
        }
        self.unit.movements.push(Movement {
            instant: at,
            kind: MovementKind::Valued,
            class: self.class_name(settled.class),
            quantity: Quantity::ZERO,
            value: Some(amount),
            counted_at: at,
            causes,
            basis: Arc::clone(&settled.basis),
        });
    }
}
