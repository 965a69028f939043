//! [`Running`]: what is owed under a contract, kept current while works and usage come in.
//!
//! A statement rates every fact; a balance that is asked for at every request cannot. This keeps sums
//! instead of facts: what each scope of works adds to each price group, by band, so that a scope that
//! changed is taken out and put in again, and rates the sums with the very code that rates facts. It is
//! advanced in time, because a work may count, or a dispute end, without any new fact.
//!
//! Not here: which units changed (the caller settles them), which works and usages are behind a cell, and
//! the late policy: what it would waive is not taken off. Invariant: [`Running::owed`] has the cells of
//! [`super::owed`] over the same facts at the same cut.

mod alone;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Decimal, MoneyError, Quantity};
use work::SmolStr;
use work::event::Authorship;
use work::settle::{Unit, UnitKey};

use super::bands::{band_of_unit, band_of_usage};
use super::bucket::{Bucket, Buckets};
use super::looked_at::{self, Order, Read, Together, keeps};
use super::sort::{Place, Sorted, Sorter, WITH_WORK_GROUP, changes_at};
use super::together::{Reading, metered};
use super::{
    Cell, CellKey, Contribution, Credit, Decision, Facts, Mode, PricingError, SeatChange, Source,
    Usage, rate,
};
use crate::account::Held;
use crate::contract::Agreement;
use crate::plan::{Aggregate, Risk, Terms};
use crate::published::Published;
use alone::Alone;

pub use alone::UnitShare;

/// What is owed under a contract, kept current; `S` names the works that are settled together.
#[derive(Debug, Clone)]
pub struct Running<S> {
    agreement: Agreement,
    seats: Vec<SeatChange>,
    credits: Vec<Credit>,
    decisions: Vec<Decision>,
    published: Arc<[Published]>,
    cut: Timestamp,
    sums: Sums,
    /// What each scope put into the sums.
    scopes: HashMap<S, Vec<Addend>>,
    /// Whose usage the works of each scope include, where they do.
    including: HashMap<S, Vec<(usize, SmolStr)>>,
    /// Scopes with a unit that sorts otherwise after an instant, with their units.
    open: HashMap<S, (Timestamp, Vec<Unit>)>,
    /// The same by instant.
    due: BTreeSet<(Timestamp, S)>,
    /// Usage that has not happened at the cut.
    ahead: BTreeMap<Timestamp, Vec<Usage>>,
}

/// The sums by price group, and by kind in it.
#[derive(Debug, Clone, Default)]
struct Sums {
    /// Numbers of the kinds seen so far.
    kinds: HashMap<Kind, usize>,
    /// A unit of each kind, with the movement that counted it alone.
    units: Vec<Unit>,
    /// A usage of each kind.
    usage: Vec<Usage>,
    groups: BTreeMap<Place, Group>,
    /// What is known of usage that is looked at together, by component and rating period.
    together: BTreeMap<(usize, usize), Together>,
    /// What gauges were read at, by component.
    gauges: BTreeMap<usize, BTreeMap<Order, Read>>,
    /// Usage of each component by the work that it was used for, where the plan has a precedence.
    for_works: HashMap<(usize, SmolStr), ForWork>,
}

/// Usage that was for one work.
#[derive(Debug, Clone, Default)]
struct ForWork {
    /// Units that count and include it.
    includes: usize,
    /// Where each stands while none does.
    usage: Vec<(Place, Contribution)>,
}

/// What prices tell apart within a price group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    is_unit: bool,
    is_disputed: bool,
    /// The band under each risk component of each version.
    bands: Vec<String>,
    /// Set where it is one contribution alone, for as long as it is looked at.
    alone: Option<Alone>,
}

/// The sums of one price group of one period and version.
#[derive(Debug, Clone, Default)]
struct Group {
    by_kind: BTreeMap<Source, Sum>,
    taken_back: BTreeMap<Back, Quantity>,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    is_disputed: bool,
    addends: u64,
    /// Those of a weight below zero.
    negative: u64,
    quantity: Quantity,
    weight: Decimal,
}

/// When a quantity was taken back, and of which count: the order in which reversals are looked at (D4).
type Back = (Timestamp, Arc<UnitKey>, usize, usize);

/// What a unit put into one price group.
#[derive(Debug, Clone)]
struct Addend {
    place: Place,
    contribution: Contribution,
    taken_back: Vec<(Back, Quantity)>,
}

impl<S: Clone + Ord + Hash> Running<S> {
    /// Nothing yet of what a contract claims, at a cut. Seats, credits, decisions and published documents are few,
    /// and rated whole; a further decision or document makes the totals begin again.
    #[must_use]
    pub fn new(held: &Held, cut: Timestamp) -> Running<S> {
        Running {
            agreement: held.agreement.clone(),
            seats: Vec::new(),
            credits: Vec::new(),
            decisions: held.decisions.clone(),
            published: Arc::clone(&held.published),
            cut,
            sums: Sums::default(),
            scopes: HashMap::new(),
            including: HashMap::new(),
            open: HashMap::new(),
            due: BTreeSet::new(),
            ahead: BTreeMap::new(),
        }
    }

    /// The contract.
    #[must_use]
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// The instant that it stands at.
    #[must_use]
    pub fn cut(&self) -> Timestamp {
        self.cut
    }

    /// Scopes that are remembered: the measure of its size.
    #[must_use]
    pub fn scopes(&self) -> usize {
        self.scopes.len()
    }

    /// One more seat assigned or released.
    pub fn add_seat(&mut self, change: SeatChange) {
        self.seats.push(change);
    }

    /// One more credit.
    pub fn add_credit(&mut self, credit: Credit) {
        self.credits.push(credit);
    }

    /// One more usage.
    ///
    /// # Errors
    /// [`PricingError`] where a sum does not fit.
    pub fn add_usage(&mut self, usage: Usage) -> Result<(), PricingError> {
        if usage.time >= self.cut {
            self.ahead.entry(usage.time).or_default().push(usage);
            return Ok(());
        }
        let sorter = Sorter::new(&self.agreement, None, self.cut);
        take_usage(&self.agreement, &sorter, &mut self.sums, &usage)
    }

    /// Puts the units of a scope, as they are settled now, in place of what was known of it.
    ///
    /// # Errors
    /// [`PricingError`] where a sum does not fit.
    pub fn replace(&mut self, scope: &S, units: Vec<Unit>) -> Result<(), PricingError> {
        let sorter = Sorter::new(&self.agreement, None, self.cut);
        let fault = fault(&self.agreement, "works");
        for addend in self.scopes.remove(scope).unwrap_or_default() {
            self.sums.take_out(&addend).map_err(&fault)?;
        }
        for work in self.including.remove(scope).unwrap_or_default() {
            self.sums.include(work, false).map_err(&fault)?;
        }
        let mut including = Vec::new();
        if let Some((instant, _)) = self.open.remove(scope) {
            self.due.remove(&(instant, scope.clone()));
        }
        let mut addends = Vec::new();
        for unit in &units {
            self.sums
                .put_in(
                    (&self.agreement, &self.published),
                    &sorter,
                    (unit, None),
                    &mut addends,
                )
                .map_err(&fault)?;
            for (component, _) in sorter.includes(unit).map_err(&fault)? {
                including.extend(unit.works.iter().map(|work| (component, work.clone())));
            }
        }
        for work in &including {
            self.sums.include(work.clone(), true).map_err(&fault)?;
        }
        if !including.is_empty() {
            self.including.insert(scope.clone(), including);
        }
        if !addends.is_empty() {
            addends.shrink_to_fit();
            self.scopes.insert(scope.clone(), addends);
        }
        let changes = units.iter().filter_map(|unit| changes_at(unit, self.cut));
        if let Some(instant) = changes.min() {
            self.due.insert((instant, scope.clone()));
            self.open.insert(scope.clone(), (instant, units));
        }
        Ok(())
    }

    /// Goes on to a later cut; an earlier one changes nothing.
    ///
    /// # Errors
    /// [`PricingError`] where a sum does not fit.
    pub fn advance(&mut self, cut: Timestamp) -> Result<(), PricingError> {
        if cut <= self.cut {
            return Ok(());
        }
        self.cut = cut;
        let later = self.ahead.split_off(&cut);
        for usage in mem::replace(&mut self.ahead, later).into_values().flatten() {
            self.add_usage(usage)?;
        }
        while let Some((instant, scope)) = self.due.first().cloned() {
            if instant >= cut {
                break;
            }
            let units = self.open.get_mut(&scope).map(|(_, units)| mem::take(units));
            self.replace(&scope, units.unwrap_or_default())?;
        }
        Ok(())
    }

    /// What is owed at the cut: the cells of a statement of that cut, without the works behind them.
    ///
    /// # Errors
    /// [`PricingError`] where an amount does not fit.
    pub fn owed(&self) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
        self.rate(Mode::Owed)
    }

    /// What is owed at the cut, and what of the periods that run will be owed if nothing more happens in
    /// them: volumes by the tier reached so far, high-water seats by the most held so far, fees in arrears
    /// whole. Minimums are not in it before their period is over.
    ///
    /// # Errors
    /// [`PricingError`] where an amount does not fit.
    pub fn accrued(&self) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
        self.rate(Mode::Accrued)
    }

    fn rate(&self, mode: Mode) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
        let mut cells = self.rate_whole(mode)?;
        for cell in cells.values_mut() {
            cell.contributions = Arc::default();
        }
        Ok(cells)
    }

    /// Cells with their contributions, which are sums by kind.
    fn rate_whole(&self, mode: Mode) -> Result<BTreeMap<CellKey, Cell>, PricingError> {
        let sorter = Sorter::new(&self.agreement, None, self.cut);
        let mut buckets = Buckets::new(sorter.ids());
        for (place, group) in &self.sums.groups {
            buckets.put(*place, group.bucket());
        }
        // What a gauge was last read at it keeps until the end of every period that is known.
        for (component, readings) in &self.sums.gauges {
            if let Some(last) = readings.values().next_back() {
                let kept = keeps(&self.agreement, &sorter, *component, last, None);
                for (place, part) in kept.map_err(fault(&self.agreement, "usage"))? {
                    buckets.add(place, part);
                }
            }
        }
        let facts = Facts {
            units: &self.sums.units,
            usage: &self.sums.usage,
            seats: &self.seats,
            credits: &self.credits,
            decisions: &self.decisions,
            published: &self.published,
            arrivals: None,
        };
        rate(&self.agreement, &facts, &buckets, self.cut, mode)
    }
}

fn fault<'a>(agreement: &'a Agreement, place: &'a str) -> impl Fn(MoneyError) -> PricingError + 'a {
    move |source| PricingError {
        contract: agreement.id.clone(),
        place: place.to_owned(),
        source,
    }
}

fn take_usage(
    agreement: &Agreement,
    sorter: &Sorter<'_>,
    sums: &mut Sums,
    usage: &Usage,
) -> Result<(), PricingError> {
    let kind = sums.kind_of_usage(agreement, usage);
    // Whether it is included is asked of the sums, which know the works.
    let taken = sorter.usage((kind, usage), &|_| None, &mut |sorted| match sorted {
        Sorted::Waits(..) | Sorted::WithWork(..) => Ok(()),
        Sorted::Together(component, period, reading) => {
            sums.look(agreement, sorter, (component, period), (usage, reading))
        }
        Sorted::Priced {
            place,
            contribution,
            ..
        } => {
            let by_work = usage.work.as_ref().filter(|_| has_precedence(agreement));
            let place = match by_work {
                Some(work) => sums.used_for(work, place, contribution),
                None => place,
            };
            let group = sums.groups.entry(place).or_default();
            group.add(&contribution)
        }
    });
    taken.map_err(fault(agreement, "usage"))
}

/// Whether some version says which component is paid for a work.
fn has_precedence(agreement: &Agreement) -> bool {
    let mut versions = agreement.versions.iter();
    versions.any(|version| !version.terms.precedence.is_empty())
}

/// Where usage stands whose price that of its work includes.
const fn with_work(place: Place) -> Place {
    (place.0, place.1, place.2, WITH_WORK_GROUP)
}

impl Sums {
    /// Notes usage that was for a work, and says where it stands.
    fn used_for(&mut self, work: &SmolStr, place: Place, own: Contribution) -> Place {
        let known = self.for_works.entry((place.0, work.clone())).or_default();
        known.usage.push((place, own));
        match known.includes {
            0 => place,
            _ => with_work(place),
        }
    }

    /// One unit more, or one fewer, includes the usage that was for a work.
    fn include(&mut self, work: (usize, SmolStr), more: bool) -> Result<(), MoneyError> {
        let known = self.for_works.entry(work).or_default();
        let before = known.includes;
        known.includes = match more {
            true => before + 1,
            false => before.saturating_sub(1), // what was added is there
        };
        if (before == 0) == (known.includes == 0) {
            return Ok(());
        }
        for (place, own) in &known.usage {
            let (from, to) = match more {
                true => (*place, with_work(*place)),
                false => (with_work(*place), *place),
            };
            if let Some(group) = self.groups.get_mut(&from) {
                group.subtract(own)?;
                if group.by_kind.is_empty() {
                    self.groups.remove(&from);
                }
            }
            self.groups.entry(to).or_default().add(own)?;
        }
        Ok(())
    }

    /// Takes a usage that is looked at together with the others of its period.
    fn look(
        &mut self,
        agreement: &Agreement,
        sorter: &Sorter<'_>,
        (component, period): (usize, usize),
        (usage, reading): (&Usage, Reading),
    ) -> Result<(), MoneyError> {
        let place = (component, period, reading.version, 0);
        let nothing = reading.units(Quantity::ZERO);
        self.groups.entry(place).or_default().add(&nothing)?; // it is there, whatever its part
        let is_gauge = metered(agreement, sorter.id(component))
            .is_some_and(|terms| terms.aggregate == Aggregate::WeightedSum);
        let at = (agreement, sorter);
        let change = if is_gauge {
            let readings = self.gauges.entry(component).or_default();
            looked_at::read(readings, at, component, (usage, reading))?
        } else {
            looked_at::look(
                &mut self.together,
                at,
                (component, period),
                (usage, reading),
            )?
        };
        for (place, part) in &change.taken_out {
            if let Some(group) = self.groups.get_mut(place) {
                group.subtract(part)?;
            }
        }
        for (place, part) in &change.put_in {
            self.groups.entry(*place).or_default().add(part)?;
        }
        Ok(())
    }

    /// Adds what a unit is worth, and notes it in `addends`; under kinds of its own where it is the so manieth of those
    /// that are looked at alone.
    fn put_in(
        &mut self,
        terms: (&Agreement, &[Published]),
        sorter: &Sorter<'_>,
        (unit, alone): (&Unit, Option<usize>),
        addends: &mut Vec<Addend>,
    ) -> Result<(), MoneyError> {
        let key = Arc::new(unit.key.clone());
        sorter.unit(0, unit, &mut |sorted| {
            let Sorted::Priced {
                place,
                contribution,
                taken_back,
            } = sorted
            else {
                return Ok(());
            };
            let Source::Unit(_, movement) = contribution.source else {
                // Nothing tells attempts apart.
                let source = Source::Attempt(alone.map_or(0, |place| place + 1));
                let addend = Addend {
                    place,
                    contribution: Contribution {
                        source,
                        ..contribution
                    },
                    taken_back: Vec::new(),
                };
                let group = self.groups.entry(place).or_default();
                group.add(&addend.contribution)?;
                addends.push(addend);
                return Ok(());
            };
            let kind = self.kind_of_unit(
                terms,
                unit,
                (movement, contribution.is_disputed),
                alone.map(|place| (place, Some(movement))),
            );
            let back = taken_back.iter().enumerate();
            let back = back.map(|(nth, (instant, quantity))| {
                ((*instant, Arc::clone(&key), movement, nth), *quantity)
            });
            let addend = Addend {
                place,
                contribution: Contribution {
                    source: Source::Unit(kind, 0),
                    ..contribution
                },
                taken_back: back.collect(),
            };
            let group = self.groups.entry(place).or_default();
            group.add(&addend.contribution)?;
            group.taken_back.extend(addend.taken_back.iter().cloned());
            addends.push(addend);
            Ok(())
        })
    }

    /// Adds what was taken out.
    fn put_back(&mut self, addend: &Addend) -> Result<(), MoneyError> {
        let group = self.groups.entry(addend.place).or_default();
        group.add(&addend.contribution)?;
        group.taken_back.extend(addend.taken_back.iter().cloned());
        Ok(())
    }

    /// Forgets the kinds of units from a number on; which contributions they were alone.
    fn forget_kinds(&mut self, from: usize) -> Vec<Alone> {
        let mut alone = vec![(0, None); self.units.len() - from];
        self.kinds.retain(|kind, number| {
            let is_kept = !kind.is_unit || *number < from;
            if let (false, Some(own)) = (is_kept, kind.alone) {
                alone[*number - from] = own;
            }
            is_kept
        });
        self.units.truncate(from);
        alone
    }

    /// Whether something of a weight below zero is in a price group.
    fn is_mixed(&self, place: Place) -> bool {
        let group = self.groups.get(&place);
        group.is_some_and(|group| group.by_kind.values().any(|own| own.negative > 0))
    }

    fn take_out(&mut self, addend: &Addend) -> Result<(), MoneyError> {
        let Some(group) = self.groups.get_mut(&addend.place) else {
            return Ok(()); // what was added is there
        };
        group.subtract(&addend.contribution)?;
        for (back, _) in &addend.taken_back {
            group.taken_back.remove(back);
        }
        if group.by_kind.is_empty() {
            self.groups.remove(&addend.place);
        }
        Ok(())
    }

    fn kind_of_unit(
        &mut self,
        (agreement, published): (&Agreement, &[Published]),
        unit: &Unit,
        (movement, is_disputed): (usize, bool),
        alone: Option<Alone>,
    ) -> usize {
        let count = &unit.movements[movement];
        let bands = risks(agreement).map(|risk| band_of_unit(risk, count, published).0);
        let kind = Kind {
            is_unit: true,
            is_disputed,
            bands: bands.collect(),
            alone,
        };
        let units = &mut self.units;
        *self.kinds.entry(kind).or_insert_with(|| {
            units.push(Unit {
                movements: vec![count.clone()],
                states: Vec::new(),
                disputes: Vec::new(),
                human_touches: Vec::new(),
                listed: Vec::new(),
                facts: Vec::new(),
                works: Vec::new(),
                traces: Vec::new(),
                evidence: Vec::new(),
                ..unit.clone()
            });
            units.len() - 1
        })
    }

    fn kind_of_usage(&mut self, agreement: &Agreement, usage: &Usage) -> usize {
        let bands = risks(agreement).map(|risk| band_of_usage(risk, usage).0);
        let kind = Kind {
            is_unit: false,
            is_disputed: false,
            bands: bands.collect(),
            alone: None,
        };
        let seen = &mut self.usage;
        *self.kinds.entry(kind).or_insert_with(|| {
            seen.push(usage.clone());
            seen.len() - 1
        })
    }
}

/// The risk components of every version.
fn risks(agreement: &Agreement) -> impl Iterator<Item = &Risk> {
    let components = agreement
        .versions
        .iter()
        .flat_map(|version| &version.terms.components);
    components.filter_map(|component| match &component.terms {
        Terms::Risk(risk) => Some(risk),
        _ => None,
    })
}

impl Group {
    fn add(&mut self, own: &Contribution) -> Result<(), MoneyError> {
        let sum = self.by_kind.entry(own.source).or_default();
        sum.is_disputed = own.is_disputed; // one kind is disputed or not
        sum.addends += 1;
        sum.negative += u64::from(own.weight.is_negative());
        sum.quantity = sum.quantity.plus(own.quantity)?;
        sum.weight = sum.weight.plus(own.weight)?;
        Ok(())
    }

    fn subtract(&mut self, own: &Contribution) -> Result<(), MoneyError> {
        let Some(sum) = self.by_kind.get_mut(&own.source) else {
            return Ok(()); // what was added is there
        };
        sum.addends -= 1;
        sum.negative -= u64::from(own.weight.is_negative());
        sum.quantity = sum.quantity.minus(own.quantity)?;
        sum.weight = sum.weight.minus(own.weight)?;
        if sum.addends == 0 {
            self.by_kind.remove(&own.source);
        }
        Ok(())
    }

    fn bucket(&self) -> Bucket {
        let sums = self.by_kind.iter();
        let contributions = sums.map(|(source, sum)| Contribution {
            source: *source,
            quantity: sum.quantity,
            weight: sum.weight,
            authorship: Authorship::Seller, // nothing that is rated looks at it
            is_late: false,
            is_disputed: sum.is_disputed,
        });
        let back = self.taken_back.iter().enumerate();
        let back = back.map(|(rank, ((instant, ..), quantity))| {
            (*instant, Source::Unit(rank, 0), *quantity, false)
        });
        Bucket {
            contributions: Arc::new(contributions.collect()),
            taken_back: back.collect(),
        }
    }
}
