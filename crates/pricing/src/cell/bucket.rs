//! Buckets: the facts of a contract, sorted into component, rating period, version and price group.
//!
//! A count goes into the rating period of its instant, and what takes it back leaves the same one
//! (semantics.md D1). A unit that was disputed before the statement period of its count was over
//! waits outside until the dispute is decided (D11).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use money::{Decimal, MoneyError, Quantity};
use work::settle::{Movement, MovementKind, Unit};
use work::{Header, SmolStr};

use super::{Contribution, Facts, PricingError, Source, Usage};
use crate::contract::{Agreement, Version};
use crate::period::{Period, holding};
use crate::plan::{Outcome, Terms};
use crate::rating::{Measure, Price};

/// Where a bucket stands: component, rating period, version, price group.
pub(super) type Place = (usize, usize, u32, usize);

/// The facts of a contract, sorted.
pub(super) struct Buckets {
    /// Ids of the components, as the first index of a [`Place`].
    ids: Vec<String>,
    map: BTreeMap<Place, Bucket>,
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

/// One count of a unit with what was taken back of it and the value that came with it.
struct Episode<'u> {
    movement: usize,
    count: &'u Movement,
    net: Quantity,
    taken_back: Vec<(Timestamp, Quantity)>,
    /// Increments of value that stand, by the instant that they belong to.
    values: BTreeMap<Timestamp, Decimal>,
}

impl Buckets {
    pub(super) fn gather(
        agreement: &Agreement,
        facts: &Facts<'_>,
        cut: Timestamp,
    ) -> Result<Buckets, PricingError> {
        let components = agreement.component_ids();
        let statement_periods = agreement.statement_periods(cut);
        let mut buckets = Buckets {
            ids: components.iter().map(|(id, _)| (*id).to_owned()).collect(),
            map: BTreeMap::new(),
            unrated: Vec::new(),
        };
        let periods: Vec<Vec<Period>> = components
            .iter()
            .map(|(_, every)| agreement.rating_periods(*every, cut))
            .collect();
        let context = Context {
            agreement,
            facts,
            cut,
            periods: &periods,
            statement_periods: &statement_periods,
        };
        let error = |source: Source| {
            move |money: MoneyError| PricingError {
                contract: agreement.id.clone(),
                place: match source {
                    Source::Unit(index, _) => format!("unit {:?}", facts.units[index].key),
                    Source::Usage(index) => format!("usage {:?}", facts.usage[index].fact),
                },
                source: money,
            }
        };
        for (index, unit) in facts.units.iter().enumerate() {
            buckets
                .unit(&context, index, unit)
                .map_err(error(Source::Unit(index, 0)))?;
        }
        for (index, usage) in facts.usage.iter().enumerate() {
            buckets
                .usage(&context, index, usage)
                .map_err(error(Source::Usage(index)))?;
        }
        Ok(buckets)
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

    fn wait(&mut self, source: Source, pending: Pending) {
        self.unrated.push(Unrated { source, pending });
    }

    fn unit(&mut self, context: &Context<'_>, index: usize, unit: &Unit) -> Result<(), MoneyError> {
        let Some(version) = context.agreement.version(unit.version) else {
            return Ok(());
        };
        if is_test(unit.headers.get(Header::Environment)) {
            return Ok(());
        }
        let episodes = episodes(unit, context.cut)?;
        for component in 0..self.ids.len() {
            let Some(Terms::Outcome(outcome)) = version
                .component(&self.ids[component])
                .map(|own| &own.terms)
            else {
                continue;
            };
            if outcome.unit == unit.key.unit {
                for episode in &episodes {
                    self.episode(context, component, version, outcome, (index, unit), episode)?;
                }
            }
        }
        Ok(())
    }

    fn episode(
        &mut self,
        context: &Context<'_>,
        component: usize,
        version: &Version,
        outcome: &Outcome,
        (index, unit): (usize, &Unit),
        episode: &Episode<'_>,
    ) -> Result<(), MoneyError> {
        let source = Source::Unit(index, episode.movement);
        let Some(group) = outcome.group_of(&episode.count.class) else {
            self.wait(source, Pending::NoPrice);
            return Ok(());
        };
        if context.is_disputed(unit, episode.count.counted_at) {
            self.wait(source, Pending::Disputed);
            return Ok(());
        }
        let price = &outcome.groups[group].price;
        let own = |at: Timestamp, quantity: Quantity, weight: Decimal, is_late: bool| {
            (
                at,
                Contribution {
                    source,
                    quantity,
                    weight,
                    authorship: episode.count.basis.decided_by,
                    is_late,
                },
            )
        };
        let mut parts: Vec<(Timestamp, Contribution)> = Vec::new();
        let is_late = |at: Timestamp| context.is_late(component, &episode.count.causes, at);
        match price.measure() {
            Measure::Quantity => {
                let at = episode.count.counted_at;
                parts.push(own(at, episode.net, episode.net, is_late(at)));
            }
            Measure::Money | Measure::MoneyOfEach => {
                if episode.net.is_zero() {
                    return Ok(());
                }
                if episode.values.is_empty() {
                    self.wait(source, Pending::Provisional);
                }
                let mut value = Decimal::ZERO;
                let mut fee = Decimal::ZERO;
                for (at, increment) in &episode.values {
                    value = value.plus(*increment)?;
                    let weight = if let Price::Percentage(percentage) = price {
                        // Floor and cap act on the value of the work so far (D10).
                        let now = percentage.fee(value)?;
                        let step = now.minus(fee)?;
                        fee = now;
                        step
                    } else {
                        *increment
                    };
                    parts.push(own(
                        *at,
                        episode.net,
                        weight.times(episode.net)?,
                        is_late(*at),
                    ));
                }
            }
        }
        let mut last_period = None;
        for (at, mut contribution) in parts {
            let Some(period) = holding(&context.periods[component], at) else {
                continue;
            };
            // A work with several increments of value in one period is one work.
            if last_period.replace(period) == Some(period) {
                contribution.quantity = Quantity::ZERO;
            }
            let bucket = self
                .map
                .entry((component, period, version.number, group))
                .or_default();
            Arc::make_mut(&mut bucket.contributions).push(contribution);
            if !price.may_be_cut() {
                let back = episode.taken_back.iter();
                bucket.taken_back.extend(back.map(|(instant, quantity)| {
                    (*instant, source, *quantity, contribution.is_late)
                }));
            }
        }
        Ok(())
    }

    fn usage(
        &mut self,
        context: &Context<'_>,
        index: usize,
        usage: &Usage,
    ) -> Result<(), MoneyError> {
        if usage.time >= context.cut || is_test(usage.headers.get(Header::Environment)) {
            return Ok(());
        }
        let source = Source::Usage(index);
        let Some(version) = context.agreement.in_force_at(usage.time) else {
            self.wait(source, Pending::NoContract);
            return Ok(());
        };
        let mut is_priced = false;
        for component in 0..self.ids.len() {
            let Some(Terms::Metered(metered)) = version
                .component(&self.ids[component])
                .map(|own| &own.terms)
            else {
                continue;
            };
            if metered.meter != usage.meter {
                continue;
            }
            let money = usage
                .amount
                .filter(|own| own.currency() == version.terms.contract.currency);
            let weight = match (&metered.price, money) {
                (Price::Percentage(percentage), Some(money)) => percentage.fee(money.value())?,
                (Price::GraduatedPercentage(_), Some(money)) => money.value(),
                (Price::Percentage(_) | Price::GraduatedPercentage(_), None) => continue,
                _ => usage.quantity,
            };
            let Some(period) = holding(&context.periods[component], usage.time) else {
                continue;
            };
            is_priced = true;
            let contribution = Contribution {
                source,
                quantity: usage.quantity,
                weight,
                authorship: usage.authorship,
                is_late: context.is_late(component, std::slice::from_ref(&usage.fact), usage.time),
            };
            let place = (component, period, version.number, 0);
            let bucket = self.map.entry(place).or_default();
            Arc::make_mut(&mut bucket.contributions).push(contribution);
        }
        if !is_priced {
            self.wait(source, Pending::NoPrice);
        }
        Ok(())
    }
}

/// A test never costs anything, and is counted all the same.
pub(crate) fn is_test(environment: Option<&SmolStr>) -> bool {
    environment.is_some_and(|own| own == "test")
}

struct Context<'a> {
    agreement: &'a Agreement,
    facts: &'a Facts<'a>,
    cut: Timestamp,
    periods: &'a [Vec<Period>],
    statement_periods: &'a [Period],
}

impl Context<'_> {
    fn is_late(&self, component: usize, causes: &[work::settle::FactRef], at: Timestamp) -> bool {
        let Some(arrivals) = self.facts.arrivals else {
            return false;
        };
        let Some(period) = holding(&self.periods[component], at) else {
            return false;
        };
        let end = self.periods[component][period].end.at;
        arrivals.waives(self.agreement, causes, at, end, self.cut)
    }

    /// Disputed before the statement period of the count was over, and undecided at the cut (D11).
    fn is_disputed(&self, unit: &Unit, counted_at: Timestamp) -> bool {
        let Some(period) = holding(self.statement_periods, counted_at) else {
            return false;
        };
        let close = self.statement_periods[period].end.at;
        unit.disputes.iter().any(|dispute| {
            dispute.raised < close
                && dispute.raised < self.cut
                && dispute
                    .decided
                    .is_none_or(|(decided, _)| decided >= self.cut)
        })
    }
}

/// The counts of a unit before a cut, each with what belongs to it.
fn episodes(unit: &Unit, cut: Timestamp) -> Result<Vec<Episode<'_>>, MoneyError> {
    let mut episodes: Vec<Episode<'_>> = Vec::new();
    for (movement, own) in unit.movements.iter().enumerate() {
        if own.instant >= cut {
            break;
        }
        if own.kind == MovementKind::Counted {
            episodes.push(Episode {
                movement,
                count: own,
                net: own.quantity,
                taken_back: Vec::new(),
                values: BTreeMap::new(),
            });
            continue;
        }
        // What is not a count follows the count that it belongs to.
        let Some(episode) = episodes.last_mut() else {
            continue;
        };
        if let Some(value) = own.value {
            let sum = episode.values.entry(own.counted_at).or_default();
            *sum = sum.plus(value.value())?;
        }
        if !own.quantity.is_zero() {
            episode.net = episode.net.plus(own.quantity)?;
            episode
                .taken_back
                .push((own.instant, own.quantity.negated()));
        }
    }
    Ok(episodes)
}
