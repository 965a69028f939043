//! Sorting: which component, rating period, version and price group a fact of a contract falls into.
//!
//! A count goes into the rating period of its instant, and what takes it back leaves the same one
//! (semantics.md D1). A unit that was disputed before the statement period of its count was over
//! waits outside until the dispute is decided (D11). Not here: adding up ([`super::bucket`] keeps every
//! fact, [`super::running`] keeps sums) and prices.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity};
use work::settle::{FactRef, Movement, MovementKind, NotCounted, State, Unit};
use work::{Header, SmolStr};

use super::together::{Reading, looks_at_all};
use super::{Arrivals, Contribution, Pending, Source, Usage};
use crate::contract::{Agreement, Version};
use crate::period::{Interval, Period, holding};
use crate::plan::check::payer;
use crate::plan::{Aggregate, Component, Metered, Outcome, Terms};
use crate::rating::{Measure, Price};
use crate::statement::last_before;

/// Where a fact stands: component, rating period, version, price group.
pub(super) type Place = (usize, usize, u32, usize);

/// Where a fact, or a part of it, falls.
#[derive(Clone, Copy)]
pub(super) enum Sorted<'a> {
    /// Under a price.
    Priced {
        place: Place,
        contribution: Contribution,
        /// Quantities taken back, by instant: for prices whose total may fall (D4).
        taken_back: &'a [(Timestamp, Quantity)],
    },
    /// Under a price that another includes, that of the work that was used for: the place of its price, and
    /// whether only what is late says so.
    WithWork(Place, Contribution, bool),
    /// Under a price that looks at all usage of a period together: component, rating period.
    Together(usize, usize, Reading),
    /// Under none, and why.
    Waits(Source, Pending),
}

/// Sorts the facts of a contract as they stand at a cut.
pub(super) struct Sorter<'a> {
    agreement: &'a Agreement,
    arrivals: Option<&'a Arrivals>,
    cut: Timestamp,
    /// The components, as the first index of a [`Place`].
    components: Vec<(&'a str, Interval)>,
    /// What each version sells by work and by meter.
    sold: Vec<Sold<'a>>,
    /// Rating periods by component.
    periods: Vec<Vec<Period>>,
    /// By component, whether its usage is looked at together.
    together: Vec<bool>,
    statement_periods: Vec<Period>,
    /// When what is held back of each component's rating period is released, where something is.
    releases: Vec<Vec<Option<Timestamp>>>,
}

/// The components of a version that facts fall under, each with its place among all components, in their order: of
/// many components few are about a fact, and a customer has many facts.
struct Sold<'a> {
    version: &'a Version,
    outcomes: Vec<(usize, &'a Component, &'a Outcome)>,
    meters: Vec<(usize, &'a Metered)>,
}

impl<'a> Sold<'a> {
    fn of(version: &'a Version, components: &[(&str, Interval)]) -> Sold<'a> {
        let mut sold = Sold {
            version,
            outcomes: Vec::new(),
            meters: Vec::new(),
        };
        for (place, (id, _)) in components.iter().enumerate() {
            let Some(component) = version.component(id) else {
                continue;
            };
            match &component.terms {
                Terms::Outcome(outcome) => sold.outcomes.push((place, component, outcome)),
                Terms::Metered(metered) => sold.meters.push((place, metered)),
                _ => {}
            }
        }
        sold
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
    /// The value on which it was billed before the contract, where it was: the count is none of ours, and only
    /// value beyond is (P6).
    billed_on: Option<Decimal>,
}

/// Group of usage that the price of its work includes, beside that of the price itself.
pub(super) const WITH_WORK_GROUP: usize = 1;

/// Whether the usage of a component is included in the price of its work, and if, whether only what is late
/// says so.
pub(super) type IsIncluded<'i> = &'i dyn Fn(usize) -> Option<bool>;

impl<'a> Sorter<'a> {
    pub(super) fn new(
        agreement: &'a Agreement,
        arrivals: Option<&'a Arrivals>,
        cut: Timestamp,
    ) -> Sorter<'a> {
        let components = agreement.component_ids();
        let periods: Vec<Vec<Period>> = components
            .iter()
            .map(|(_, every)| agreement.rating_periods(*every, cut))
            .collect();
        let together = components.iter().map(|(id, _)| looks_at_all(agreement, id));
        let together: Vec<bool> = together.collect();
        let releases = components.iter().zip(&periods).map(|((id, _), periods)| {
            let holds = periods.iter().map(|period| agreement.hold(id, period));
            holds.map(|hold| hold.map(|hold| hold.release)).collect()
        });
        let releases = releases.collect();
        Sorter {
            agreement,
            arrivals,
            cut,
            together,
            sold: (agreement.versions.iter())
                .map(|version| Sold::of(version, &components))
                .collect(),
            components,
            periods,
            statement_periods: agreement.statement_periods(cut),
            releases,
        }
    }

    /// Ids of the components, as the first index of a [`Place`].
    pub(super) fn ids(&self) -> Vec<String> {
        let ids = self.components.iter().map(|(id, _)| (*id).to_owned());
        ids.collect()
    }

    /// Sorts a unit; `index` is what its contributions name as their source.
    pub(super) fn unit(
        &self,
        index: usize,
        unit: &Unit,
        take: &mut impl FnMut(Sorted<'_>) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        let mut versions = self.sold.iter();
        let Some(sold) = versions.find(|own| own.version.number == unit.version) else {
            return Ok(());
        };
        if is_test(unit.headers.get(Header::Environment)) {
            return Ok(());
        }
        let mut episodes = episodes(unit, self.cut)?;
        let billed = self.billed_before(unit);
        if let Some((place, on)) = billed
            && !episodes.is_empty()
        {
            let mut first = episodes.remove(0);
            self.opened((index, place), &first, take)?;
            if on.is_some() {
                first.billed_on = on;
                episodes.insert(0, first);
            }
        }
        for (place, component, outcome) in &sold.outcomes {
            if outcome.unit == unit.key.unit {
                if billed.is_none() {
                    self.attempt(*place, (sold.version, *outcome), (index, unit), take)?;
                }
                for episode in &episodes {
                    let terms = (sold.version, *component, *outcome);
                    self.episode(*place, terms, (index, unit), episode, take)?;
                }
            }
        }
        Ok(())
    }

    /// The place in the opening of a work that was billed before the contract began, and the value on which it was
    /// (P6).
    fn billed_before(&self, unit: &Unit) -> Option<(usize, Option<Decimal>)> {
        let opening = self.agreement.opening.as_deref()?;
        let place = opening.work(unit)?;
        let work = &opening.works[place];
        let is_before = unit.opened < self.agreement.schedule.start.at;
        work.billed.filter(|_| is_before)?;
        Some((place, work.value.map(Amount::value)))
    }

    /// The first count of a work that was billed before the contract began is none of a component: what is left of
    /// it is what of that bill stands (P6).
    fn opened(
        &self,
        (index, place): (usize, usize),
        first: &Episode<'_>,
        take: &mut impl FnMut(Sorted<'_>) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        take(Sorted::Priced {
            place: (self.components.len(), 0, 0, place),
            contribution: Contribution {
                source: Source::Unit(index, first.movement),
                quantity: first.net,
                weight: first.net,
                authorship: first.count.basis.decided_by,
                is_late: false,
                is_disputed: false,
            },
            taken_back: &[],
        })
    }

    /// The components whose usage is included in the price of a unit's works, by the plan's precedence, each with
    /// whether all that counts of the unit is late (semantics.md P5).
    pub(super) fn includes(&self, unit: &Unit) -> Result<BTreeMap<usize, bool>, MoneyError> {
        let mut included = BTreeMap::new();
        let Some(version) = self.agreement.version(unit.version) else {
            return Ok(included);
        };
        let order = &version.terms.precedence;
        if order.is_empty() || is_test(unit.headers.get(Header::Environment)) {
            return Ok(included);
        }
        for episode in episodes(unit, self.cut)? {
            if episode.net.is_zero() || episode.net.is_negative() {
                continue;
            }
            for (component, (id, _)) in self.components.iter().enumerate() {
                let Some(own) = version.component(id) else {
                    continue;
                };
                let is_paid = matches!(&own.terms, Terms::Outcome(own) if own.unit == unit.key.unit)
                    && payer(&version.terms.components, own, &episode.count.class)
                        .is_some_and(|payer| payer.id == own.id);
                if !is_paid || !order.contains(&own.id) {
                    continue;
                }
                let count = episode.count;
                let is_late = self.is_late(component, &count.causes, count.counted_at);
                for (usage, (id, _)) in self.components.iter().enumerate() {
                    let terms = version.component(id).map(|own| &own.terms);
                    let is_usage = matches!(terms, Some(Terms::Metered(_)));
                    if is_usage && order.iter().any(|own| own == id) {
                        let known = included.entry(usage).or_insert(true);
                        *known &= is_late;
                    }
                }
            }
        }
        Ok(included)
    }

    /// The attempt that a unit was: one, at the instant at which it was first resolved, whatever follows; none
    /// where it is given back and the success was.
    fn attempt(
        &self,
        component: usize,
        (version, outcome): (&Version, &Outcome),
        (index, unit): (usize, &Unit),
        take: &mut impl FnMut(Sorted<'_>) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        let (Some(price), Some(attempt)) = (&outcome.attempt, &unit.attempt) else {
            return Ok(());
        };
        if attempt.at >= self.cut {
            return Ok(());
        }
        let source = Source::Attempt(index);
        if price.refund && self.is_disputed(unit, attempt.at) {
            return take(Sorted::Waits(source, Pending::Disputed));
        }
        let Some(period) = holding(&self.periods[component], attempt.at) else {
            return Ok(());
        };
        let is_refunded = price.refund && is_taken_back(unit, self.cut);
        let quantity = if is_refunded {
            Quantity::ZERO
        } else {
            Quantity::ONE
        };
        let causes = std::slice::from_ref(&attempt.act);
        take(Sorted::Priced {
            place: (component, period, version.number, outcome.groups.len()),
            contribution: Contribution {
                source,
                quantity,
                weight: quantity,
                authorship: attempt.by,
                is_late: self.is_late(component, causes, attempt.at),
                is_disputed: false,
            },
            taken_back: &[],
        })
    }

    fn episode(
        &self,
        component: usize,
        (version, own, outcome): (&Version, &Component, &Outcome),
        (index, unit): (usize, &Unit),
        episode: &Episode<'_>,
        take: &mut impl FnMut(Sorted<'_>) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        let source = Source::Unit(index, episode.movement);
        let class = &episode.count.class;
        let payer = payer(&version.terms.components, own, class);
        let Some(group) = outcome.group_of(class) else {
            return match payer {
                None if outcome.instead_of.is_none() && episode.billed_on.is_none() => {
                    take(Sorted::Waits(source, Pending::NoPrice))
                }
                _ => Ok(()), // another component is paid for it, or waits for a price
            };
        };
        // One work is paid once, where another stands in place of this component.
        if payer.is_some_and(|payer| payer.id != own.id) {
            return Ok(());
        }
        let price = &outcome.groups[group].price;
        let is_of_units = price.measure() == Measure::Quantity;
        if episode.billed_on.is_some() && (is_of_units || episode.values.is_empty()) {
            return Ok(()); // it was paid before the contract
        }
        if self.is_disputed(unit, episode.count.counted_at) {
            return take(Sorted::Waits(source, Pending::Disputed));
        }
        let own = |at: Timestamp, quantity: Quantity, weight: Decimal| {
            let contribution = Contribution {
                source,
                quantity,
                weight,
                authorship: episode.count.basis.decided_by,
                is_late: self.is_late(component, &episode.count.causes, at),
                is_disputed: false,
            };
            (at, contribution)
        };
        let mut parts: Vec<(Timestamp, Contribution)> = Vec::new();
        match price.measure() {
            Measure::Quantity => {
                let at = episode.count.counted_at;
                parts.push(own(at, episode.net, episode.net));
            }
            Measure::Money | Measure::MoneyOfEach => {
                if episode.net.is_zero() {
                    return Ok(());
                }
                if episode.values.is_empty() {
                    take(Sorted::Waits(source, Pending::Provisional))?;
                }
                let quantity = match episode.billed_on {
                    Some(_) => Quantity::ZERO,
                    None => episode.net,
                };
                for (at, weight) in weights(price, episode)? {
                    parts.push(own(at, quantity, weight.times(episode.net)?));
                }
            }
        }
        let taken_back: &[(Timestamp, Quantity)] = match price.may_be_cut() {
            true => &[],
            false => &episode.taken_back,
        };
        let mut last_period = None;
        for (at, mut contribution) in parts {
            let Some(period) = holding(&self.periods[component], at) else {
                continue;
            };
            contribution.is_disputed = self.releases[component][period]
                .is_some_and(|release| self.has_open_dispute(unit, release));
            // A work with several increments of value in one period is one work.
            if last_period.replace(period) == Some(period) {
                contribution.quantity = Quantity::ZERO;
            }
            take(Sorted::Priced {
                place: (component, period, version.number, group),
                contribution,
                taken_back,
            })?;
        }
        Ok(())
    }

    /// Sorts a usage; `index` is what its contributions name as their source.
    pub(super) fn usage(
        &self,
        (index, usage): (usize, &Usage),
        is_included: IsIncluded<'_>,
        take: &mut impl FnMut(Sorted<'_>) -> Result<(), MoneyError>,
    ) -> Result<(), MoneyError> {
        if usage.time >= self.cut || is_test(usage.headers.get(Header::Environment)) {
            return Ok(());
        }
        let source = Source::Usage(index);
        let Some(version) = self.agreement.in_force_at(usage.time) else {
            return take(Sorted::Waits(source, Pending::NoContract));
        };
        let mut is_priced = false;
        let sold = self.sold.iter();
        let sold = sold.filter(|own| own.version.number == version.number);
        for (component, metered) in sold.flat_map(|own| &own.meters) {
            let component = *component;
            if metered.meter != usage.meter {
                continue;
            }
            let money = usage
                .amount
                .filter(|own| own.currency() == version.terms.contract.currency);
            let together = self.together[component];
            let quantity = match metered.aggregate {
                Aggregate::Count => Quantity::ONE,
                Aggregate::Unique if usage.item.is_none() => continue,
                _ => usage.quantity,
            };
            let weight = match (&metered.price, money) {
                (Price::Percentage(percentage), Some(money)) if !together => {
                    percentage.fee(money.value())?
                }
                (Price::Percentage(_) | Price::GraduatedPercentage(_), Some(money)) => {
                    money.value()
                }
                (Price::Percentage(_) | Price::GraduatedPercentage(_), None) => continue,
                _ => quantity,
            };
            let Some(period) = holding(&self.periods[component], usage.time) else {
                continue;
            };
            is_priced = true;
            let causes = std::slice::from_ref(&usage.fact);
            let contribution = Contribution {
                source,
                quantity,
                weight,
                authorship: usage.authorship,
                is_late: self.is_late(component, causes, usage.time),
                is_disputed: false,
            };
            if together {
                let reading = Reading {
                    at: usage.time,
                    version: version.number,
                    is_carried: false,
                    contribution,
                };
                take(Sorted::Together(component, period, reading))?;
                continue;
            }
            let place = (component, period, version.number, 0);
            take(match is_included(component) {
                Some(only_late) => Sorted::WithWork(place, contribution, only_late),
                None => Sorted::Priced {
                    place,
                    contribution,
                    taken_back: &[],
                },
            })?;
        }
        if !is_priced {
            take(Sorted::Waits(source, Pending::NoPrice))?;
        }
        Ok(())
    }

    /// The id of a component.
    pub(super) fn id(&self, component: usize) -> &'a str {
        self.components[component].0
    }

    /// The rating periods of a component.
    pub(super) fn periods_of(&self, component: usize) -> &[Period] {
        &self.periods[component]
    }

    /// Whether the late policy waives what these facts made happen at an instant.
    pub(super) fn is_late(&self, component: usize, causes: &[FactRef], at: Timestamp) -> bool {
        let Some(arrivals) = self.arrivals else {
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
        let Some(period) = holding(&self.statement_periods, counted_at) else {
            return false;
        };
        self.has_open_dispute(unit, self.statement_periods[period].end.at)
    }

    /// Whether a dispute that was raised before an instant is undecided at the cut.
    fn has_open_dispute(&self, unit: &Unit, before: Timestamp) -> bool {
        unit.disputes.iter().any(|dispute| {
            dispute.raised < before
                && dispute.raised < self.cut
                && dispute
                    .decided
                    .is_none_or(|(decided, _)| decided >= self.cut)
        })
    }
}

/// The first instant from `cut` on at which a unit sorts otherwise than at `cut`, if there is one.
///
/// Something that happens at an instant is seen by cuts after it; that a dispute is decided, likewise.
pub(super) fn changes_at(unit: &Unit, cut: Timestamp) -> Option<Timestamp> {
    let movements = unit.movements.iter().map(|own| own.instant);
    let raised = unit.disputes.iter().map(|own| own.raised);
    let decided = unit.disputes.iter().filter_map(|own| own.decided);
    let decided = decided.map(|(instant, _)| instant);
    let attempted = unit.attempt.iter().map(|own| own.at);
    let instants = movements.chain(raised).chain(decided).chain(attempted);
    instants.filter(|instant| *instant >= cut).min()
}

/// Whether at a cut a unit does not count that did, or was credited before it could.
fn is_taken_back(unit: &Unit, cut: Timestamp) -> bool {
    let mut before = unit.movements.iter().take_while(|own| own.instant < cut);
    match unit.state_at(last_before(cut)) {
        State::Counted(_) => false,
        State::NotCounted(NotCounted::Credited) => true,
        _ => before.any(|own| own.kind == MovementKind::Reversed),
    }
}

/// A test never costs anything, and is counted all the same.
pub(crate) fn is_test(environment: Option<&SmolStr>) -> bool {
    environment.is_some_and(|own| own == "test")
}

/// What each increment of value weighs: itself, or its step of a fee whose floor and cap act on the
/// value of the work so far (D10). What was billed before the contract was on the first of the value, and is not
/// given back where the value falls below it (P6).
fn weights(price: &Price, episode: &Episode<'_>) -> Result<Vec<(Timestamp, Decimal)>, MoneyError> {
    let fee = |value: Decimal| match price {
        Price::Percentage(percentage) => percentage.fee(value),
        _ => Ok(value),
    };
    let mut steps = Vec::with_capacity(episode.values.len());
    let mut value = Decimal::ZERO;
    let mut before = match episode.billed_on {
        Some(billed) => fee(billed)?,
        None => Decimal::ZERO,
    };
    for (at, increment) in &episode.values {
        value = value.plus(*increment)?;
        let now = fee(episode.billed_on.map_or(value, |billed| value.max(billed)))?;
        steps.push((*at, now.minus(before)?));
        before = now;
    }
    Ok(steps)
}

/// The counts of a unit before a cut, each with what belongs to it.
fn episodes(unit: &Unit, cut: Timestamp) -> Result<Vec<Episode<'_>>, MoneyError> {
    let mut episodes: Vec<Episode<'_>> = Vec::with_capacity(1); // most units count once
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
                billed_on: None,
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
