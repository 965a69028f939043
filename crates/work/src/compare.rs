//! Two definitions over the same facts: which works count under one and not under the other.
//!
//! Definitions may cut the same facts into different units, so units are matched by the facts that
//! they hold: a [`Row`] is a set of units of either side that hang together by shared facts, and no
//! smaller set does. Nothing is lost and nothing stands twice: every unit of either side is in exactly
//! one row. Money is not here; `pricing` prices both sides.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use money::{Amount, MoneyError, Quantity};

use crate::SmolStr;
use crate::definition::Timeline;
use crate::effective::Fact;
use crate::settle::{FactRef, Unit, UnitKey, scopes, settle};

/// What two definitions make of the same facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The rows, by the first opening in them.
    pub rows: Vec<Row>,
    /// Net units per class on the left.
    pub left: BTreeMap<SmolStr, Quantity>,
    /// Net units per class on the right.
    pub right: BTreeMap<SmolStr, Quantity>,
}

impl Comparison {
    /// The rows of which the two sides make different things.
    pub fn differences(&self) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(|row| row.difference() != Difference::None)
    }
}

/// Units of both sides that are about the same facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Every `workid` in it, sorted.
    pub works: Vec<SmolStr>,
    /// What the left definition makes of it.
    pub left: Side,
    /// What the right definition makes of it.
    pub right: Side,
}

/// What one definition makes of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    /// Its units, by their opening.
    pub units: Vec<UnitKey>,
    /// Net units per class; classes that were wholly taken back are absent.
    pub counted: BTreeMap<SmolStr, Quantity>,
    /// Net measured value per class.
    pub value: BTreeMap<SmolStr, Amount>,
}

/// How the two sides of a row differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Difference {
    /// They do not.
    None,
    /// It counts on the left alone.
    OnlyLeft,
    /// It counts on the right alone.
    OnlyRight,
    /// It counts on both, in other classes.
    Class,
    /// It counts on both, in the same classes, with other quantities or values.
    Quantity,
}

impl Row {
    /// How the two sides differ.
    #[must_use]
    pub fn difference(&self) -> Difference {
        let (left, right) = (&self.left, &self.right);
        match (left.counted.is_empty(), right.counted.is_empty()) {
            (true, true) => Difference::None,
            (false, true) => Difference::OnlyLeft,
            (true, false) => Difference::OnlyRight,
            (false, false) if !left.counted.keys().eq(right.counted.keys()) => Difference::Class,
            (false, false) if left.counted != right.counted || left.value != right.value => {
                Difference::Quantity
            }
            (false, false) => Difference::None,
        }
    }
}

/// Settles the facts of one customer under two definitions and compares what counts at `as_of`.
///
/// Facts must have [inherited](crate::settle::inherit_headers) their headers.
///
/// # Errors
/// [`MoneyError`] where a sum overflows or a class is valued in two currencies.
pub fn compare(
    left: &Timeline<'_>,
    right: &Timeline<'_>,
    facts: &[Fact],
    as_of: Timestamp,
) -> Result<Comparison, MoneyError> {
    compare_units(
        &settled(left, facts, as_of),
        &settled(right, facts, as_of),
        as_of,
    )
}

fn settled(timeline: &Timeline<'_>, facts: &[Fact], as_of: Timestamp) -> Vec<Unit> {
    // The key headers are those of the version in force at the end: a scope that changes its key is
    // another definition.
    let (_, definition) = timeline.at(as_of);
    scopes(definition, facts)
        .iter()
        .flat_map(|(scope, facts)| settle(timeline, scope, facts, as_of))
        .collect()
}

/// Compares settled units of one customer at an instant.
///
/// # Errors
/// [`MoneyError`] where a sum overflows or a class is valued in two currencies.
pub fn compare_units(
    left: &[Unit],
    right: &[Unit],
    as_of: Timestamp,
) -> Result<Comparison, MoneyError> {
    let units: Vec<&Unit> = left.iter().chain(right).collect();
    let mut groups = Groups::of(units.len());
    let mut holder: HashMap<&FactRef, usize> = HashMap::new();
    for (index, unit) in units.iter().enumerate() {
        for fact in &unit.facts {
            match holder.get(fact) {
                Some(other) => groups.join(index, *other),
                None => {
                    holder.insert(fact, index);
                }
            }
        }
    }
    let mut rows: BTreeMap<usize, Row> = BTreeMap::new();
    let mut opened: BTreeMap<usize, (Timestamp, UnitKey)> = BTreeMap::new();
    for (index, unit) in units.iter().enumerate() {
        let root = groups.root(index);
        let row = rows.entry(root).or_insert_with(|| Row {
            works: Vec::new(),
            left: Side::default(),
            right: Side::default(),
        });
        row.works.extend(unit.works.iter().cloned());
        let side = if index < left.len() {
            &mut row.left
        } else {
            &mut row.right
        };
        side.add(unit, as_of)?;
        let first = (unit.opened, unit.key.clone());
        let known = opened.entry(root).or_insert_with(|| first.clone());
        if first < *known {
            *known = first;
        }
    }
    let mut comparison = Comparison {
        rows: Vec::new(),
        left: BTreeMap::new(),
        right: BTreeMap::new(),
    };
    let mut order: Vec<usize> = rows.keys().copied().collect();
    order.sort_by(|a, b| opened[a].cmp(&opened[b]));
    for root in order {
        let Some(mut row) = rows.remove(&root) else {
            continue;
        };
        row.works.sort_unstable();
        row.works.dedup();
        for (total, side) in [
            (&mut comparison.left, &mut row.left),
            (&mut comparison.right, &mut row.right),
        ] {
            side.counted.retain(|_, quantity| !quantity.is_zero());
            side.value.retain(|_, value| !value.is_zero());
            for (class, quantity) in &side.counted {
                let sum = total.entry(class.clone()).or_default();
                *sum = sum.plus(*quantity)?;
            }
        }
        comparison.rows.push(row);
    }
    Ok(comparison)
}

impl Side {
    fn add(&mut self, unit: &Unit, as_of: Timestamp) -> Result<(), MoneyError> {
        self.units.push(unit.key.clone());
        for movement in unit
            .movements
            .iter()
            .filter(|movement| movement.instant <= as_of)
        {
            let sum = self.counted.entry(movement.class.clone()).or_default();
            *sum = sum.plus(movement.quantity)?;
            if let Some(value) = movement.value {
                let sum = match self.value.get(&movement.class) {
                    Some(sum) => sum.plus(value)?,
                    None => value,
                };
                self.value.insert(movement.class.clone(), sum);
            }
        }
        Ok(())
    }
}

/// Disjoint sets of units.
struct Groups(Vec<usize>);

impl Groups {
    fn of(units: usize) -> Groups {
        Groups((0..units).collect())
    }

    fn root(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]]; // halve the path
            index = self.0[index];
        }
        index
    }

    /// Joins two sets; the smaller index leads, so that the outcome does not depend on the order.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
