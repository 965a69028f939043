//! Buckets: the facts of a contract, each kept in the component, rating period, version and price group
//! that it falls into.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use money::{MoneyError, Quantity};

use super::sort::{Place, Sorted, Sorter, WITH_WORK_GROUP};
use super::together::{self, Reading, carry_gauge, metered};
use super::{Contribution, Facts, PricingError, Source};
use crate::contract::Agreement;
use crate::plan::Aggregate;

/// The facts of a contract, sorted.
pub(super) struct Buckets {
    /// Ids of the components, as the first index of a [`Place`].
    ids: Vec<String>,
    map: BTreeMap<Place, Bucket>,
    /// Usage that is looked at together, by component and period, in order.
    together: BTreeMap<(usize, usize), Vec<Reading>>,
    /// Usage that only what is late includes in the price of its work, with the place of its own price.
    with_late_work: Vec<(Place, Contribution)>,
    pub(super) unrated: Vec<Unrated>,
}

/// One price group of one period and version.
#[derive(Default)]
pub(super) struct Bucket {
    pub(super) contributions: Arc<Vec<Contribution>>,
    /// Quantities taken back, by instant and source: for prices whose total may fall (D4).
    pub(super) taken_back: Vec<(Timestamp, Source, Quantity, bool)>,
}

/// A unit or usage that is not rated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrated {
    /// Which.
    pub source: Source,
    /// Why.
    pub pending: Pending,
}

/// Why a fact waits: unknown is pending, never not billable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pending {
    /// The work is not settled.
    Open,
    /// Settled, not yet due or not yet valued.
    Provisional,
    /// Disputed and undecided.
    Disputed,
    /// It happened after the cut.
    Unstated,
    /// A correction whose target is not there.
    Target,
    /// Two contracts claim it.
    Ambiguous,
    /// No contract covers it.
    NoContract,
    /// The contract has no price for it.
    NoPrice,
}

impl Pending {
    /// The reason's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Pending::Open => "open",
            Pending::Provisional => "provisional",
            Pending::Disputed => "disputed",
            Pending::Unstated => "unstated",
            Pending::Target => "target",
            Pending::Ambiguous => "ambiguous",
            Pending::NoContract => "no_contract",
            Pending::NoPrice => "no_price",
        }
    }
}

impl Buckets {
    pub(super) fn gather(
        agreement: &Agreement,
        facts: &Facts<'_>,
        cut: Timestamp,
    ) -> Result<Buckets, PricingError> {
        let sorter = Sorter::new(agreement, facts.arrivals, cut);
        let mut buckets = Buckets::new(sorter.ids());
        let error = |place: String, source: MoneyError| PricingError {
            contract: agreement.id.clone(),
            place,
            source,
        };
        let mut included: HashMap<(usize, &str), bool> = HashMap::new();
        for (index, unit) in facts.units.iter().enumerate() {
            let fault = |source| error(format!("unit {:?}", unit.key), source);
            sorter
                .unit(index, unit, &mut |sorted| buckets.keep(sorted))
                .map_err(fault)?;
            for (component, is_late) in sorter.includes(unit).map_err(fault)? {
                for work in &unit.works {
                    let known = included.entry((component, work)).or_insert(true);
                    *known &= is_late;
                }
            }
        }
        for (index, usage) in facts.usage.iter().enumerate() {
            let work = usage.work.as_deref();
            let is_included = |component| included.get(&(component, work?)).copied();
            sorter
                .usage((index, usage), &is_included, &mut |sorted| {
                    buckets.keep(sorted)
                })
                .map_err(|source| error(format!("usage {:?}", usage.fact), source))?;
        }
        for (component, id) in sorter.ids().iter().enumerate() {
            let is_gauge = metered(agreement, id)
                .is_some_and(|metered| metered.aggregate == Aggregate::WeightedSum);
            if is_gauge {
                let carried = carry_gauge(&sorter, component, facts, |period| {
                    let own = buckets.together.remove(&(component, period));
                    own.unwrap_or_default()
                });
                let placed = carried.into_iter();
                let placed = placed.map(|(period, readings)| ((component, period), readings));
                buckets.together.extend(placed);
            }
        }
        Ok(buckets)
    }

    /// Empty ones for these components.
    pub(super) fn new(ids: Vec<String>) -> Buckets {
        Buckets {
            ids,
            map: BTreeMap::new(),
            together: BTreeMap::new(),
            with_late_work: Vec::new(),
            unrated: Vec::new(),
        }
    }

    /// Puts a bucket in its place.
    pub(super) fn put(&mut self, place: Place, bucket: Bucket) {
        self.map.insert(place, bucket);
    }

    /// Gives usage that is looked at together its parts, with or without what is late.
    pub(super) fn assign(
        &mut self,
        agreement: &Agreement,
        facts: &Facts<'_>,
        cut: Timestamp,
        with_late: bool,
    ) -> Result<(), PricingError> {
        if !with_late {
            self.leave_late_works();
        }
        let ids = agreement.component_ids();
        for (component, (id, every)) in ids.iter().enumerate() {
            let span = (component, 0)..(component + 1, 0);
            if self.together.range(span.clone()).next().is_none() {
                continue;
            }
            // Under such a component there is nothing else.
            self.map.retain(|place, _| place.0 != component);
            let periods = agreement.rating_periods(*every, cut);
            for ((_, number), readings) in self.together.range(span) {
                let period = &periods[*number]; // it was sorted into it
                let parts =
                    together::assign(agreement, (id, *number), period, readings, facts, with_late);
                let parts = parts.map_err(|source| PricingError {
                    contract: agreement.id.clone(),
                    place: (*id).to_owned(),
                    source,
                })?;
                for (version, part) in parts {
                    let bucket = self.map.entry((component, *number, version, 0));
                    Arc::make_mut(&mut bucket.or_default().contributions).push(part);
                }
            }
        }
        Ok(())
    }

    /// Puts usage that only late works include under its own price again.
    fn leave_late_works(&mut self) {
        for (place, contribution) in std::mem::take(&mut self.with_late_work) {
            let included = (place.0, place.1, place.2, WITH_WORK_GROUP);
            if let Some(bucket) = self.map.get_mut(&included) {
                Arc::make_mut(&mut bucket.contributions)
                    .retain(|own| own.source != contribution.source);
            }
            let bucket = self.map.entry(place).or_default();
            let contributions = Arc::make_mut(&mut bucket.contributions);
            contributions.push(contribution);
            contributions.sort_by_key(|own| own.source);
        }
    }

    /// One more contribution.
    pub(super) fn add(&mut self, place: Place, contribution: Contribution) {
        let bucket = self.map.entry(place).or_default();
        Arc::make_mut(&mut bucket.contributions).push(contribution);
    }

    fn keep(&mut self, sorted: Sorted<'_>) -> Result<(), MoneyError> {
        match sorted {
            Sorted::Together(component, period, reading) => {
                let readings = self.together.entry((component, period)).or_default();
                readings.push(reading);
            }
            Sorted::WithWork(place, contribution, only_late) => {
                self.add((place.0, place.1, place.2, WITH_WORK_GROUP), contribution);
                if only_late {
                    self.with_late_work.push((place, contribution));
                }
            }
            Sorted::Waits(source, pending) => self.unrated.push(Unrated { source, pending }),
            Sorted::Priced {
                place,
                contribution,
                taken_back,
            } => {
                let bucket = self.map.entry(place).or_default();
                Arc::make_mut(&mut bucket.contributions).push(contribution);
                let (source, is_late) = (contribution.source, contribution.is_late);
                let back = taken_back.iter();
                let back = back.map(|(instant, quantity)| (*instant, source, *quantity, is_late));
                bucket.taken_back.extend(back);
            }
        }
        Ok(())
    }

    pub(super) fn any_late(&self) -> bool {
        self.map
            .values()
            .any(|bucket| bucket.contributions.iter().any(|own| own.is_late))
    }

    pub(super) fn index_of(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|own| own == id)
    }

    pub(super) fn get(&self, place: Place) -> Option<&Bucket> {
        self.map.get(&place)
    }

    /// The versions that have something in a component's period.
    pub(super) fn versions(&self, component: usize, period: usize) -> Vec<u32> {
        let range = (component, period, 0, 0)..(component, period + 1, 0, 0);
        let mut versions: Vec<u32> = self.map.range(range).map(|(place, _)| place.2).collect();
        versions.dedup();
        versions
    }
}
