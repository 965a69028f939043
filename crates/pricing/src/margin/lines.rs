//! [`Margin`]: revenue and cost of every work as lines that only need adding up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal, MoneyError, Quantity, split};
use work::body::CostLine;
use work::event::UNASSIGNED;
use work::settle::State;

use super::share::{Weights, is_usable};
use super::{CostLedger, Placed, Placer, Sharing, SoldUnit};

/// Money that is owed, and what of it each work earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earning {
    /// The customer.
    pub customer: String,
    /// The plan.
    pub plan: Option<String>,
    /// The cell or line that it is owed by, for people.
    pub what: String,
    /// The day on which its rating period begins, in the zone of its contract: its month is that of this day.
    pub begins: Date,
    /// What is charged, after waivers; negative for discounts and credits.
    pub amount: Amount,
    /// Positions of the units that earned it, with the share of each. What the shares leave is
    /// unallocated: platform fees, minimum, cap, discount and goodwill, which no work earns alone.
    pub shares: Vec<(usize, Amount)>,
}

impl Earning {
    /// Divides the amount over works by weight (their quantity), by largest remainder. Without a
    /// usable weight it stays unallocated.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn shared_by(mut self, works: &[(usize, Decimal)]) -> Result<Earning, MoneyError> {
        let weights: Vec<Decimal> = works.iter().map(|(_, weight)| *weight).collect();
        self.shares = if is_usable(&weights) {
            let shares = split(self.amount, &weights)?;
            works.iter().map(|(work, _)| *work).zip(shares).collect()
        } else {
            Vec::new()
        };
        Ok(self)
    }
}

/// How a margin is put together.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
    /// Where months begin.
    pub zone: TimeZone,
    /// The currency.
    pub currency: Currency,
    /// What is done with revenue that no work earned alone.
    pub unallocated: Sharing,
    /// What is done with costs that belong to no work.
    pub unassigned: Sharing,
}

impl Settings {
    /// The usual rules: fees, minimum, cap and discounts go to works by their revenue; unassigned
    /// costs are kept apart.
    #[must_use]
    pub const fn usual(as_of: Timestamp, zone: TimeZone, currency: Currency) -> Settings {
        Settings {
            as_of,
            zone,
            currency,
            unallocated: Sharing::ByRevenue,
            unassigned: Sharing::Keep,
        }
    }
}

/// The margin of a book or a part of it.
#[derive(Debug)]
pub struct Margin<'a> {
    pub(super) units: &'a [SoldUnit<'a>],
    pub(super) currency: Currency,
    pub(super) works: Vec<WorkMargin<'a>>,
    pub(super) lines: Vec<Line<'a>>,
    placed: Vec<(usize, Placed)>,
    unassigned: Amount,
    unassigned_entries: u64,
    unallocated: Amount,
}

/// What a work is grouped by, beside its customer and plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkMargin<'a> {
    /// Its class while it counts; `pending`, `reversed` or `not counted` otherwise.
    pub class: &'a str,
    /// Units counted, net of what was taken back.
    pub counted: Quantity,
    /// The model on which most was spent in it; a work is of one model, whole.
    pub model: Option<&'a str>,
    /// The agent on which most was spent in it.
    pub agent: Option<&'a str>,
    /// That agent's version.
    pub agent_version: Option<&'a str>,
}

/// One thing to add up.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) work: Option<usize>,
    pub(super) customer: &'a str,
    pub(super) plan: Option<&'a str>,
    pub(super) month: Month,
    pub(super) item: Item,
}

/// Year and month.
pub(super) type Month = (i16, i8);

#[derive(Debug, Clone, Copy)]
pub(super) enum Item {
    Work,
    Counted(Quantity),
    Revenue {
        amount: Amount,
        shared: bool,
    },
    Cost {
        line: CostLine,
        amount: Amount,
        shared: bool,
    },
    Unpriced,
    Unconverted,
}

/// What was spent in each work on each name.
type Spent<K> = BTreeMap<(usize, K), Amount>;

/// Costs that belong to no work, by customer, month and line.
type CostPots<'a> = BTreeMap<(&'a str, Month, CostLine), Amount>;

/// Whose: customer, plan, month.
pub(super) type Whose<'a> = (&'a str, Option<&'a str>, Month);

impl<'a> Margin<'a> {
    /// Puts revenue and cost of `units` side by side.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] where an earning is in another currency;
    /// [`MoneyError::Overflow`].
    pub fn of(
        units: &'a [SoldUnit<'a>],
        ledger: &'a CostLedger,
        earnings: &'a [Earning],
        settings: &Settings,
    ) -> Result<Margin<'a>, MoneyError> {
        let mut margin = Margin {
            units,
            currency: settings.currency,
            works: Vec::with_capacity(units.len()),
            lines: Vec::new(),
            placed: Vec::new(),
            unassigned: Amount::zero(settings.currency),
            unassigned_entries: 0,
            unallocated: Amount::zero(settings.currency),
        };
        margin.count(settings)?;
        let costs = margin.spend(ledger, settings)?;
        let revenue = margin.earn(earnings, settings)?;
        margin.share_revenue(revenue, settings.unallocated)?;
        margin.share_costs(costs, settings.unassigned)?;
        Ok(margin)
    }

    /// The margin of one month alone: of the rating periods that begin in it, and of its costs.
    #[must_use]
    pub fn of_month(mut self, year: i16, month: i8) -> Margin<'a> {
        self.lines.retain(|line| line.month == (year, month));
        self
    }

    /// What each unit is grouped by, in the order of the units.
    #[must_use]
    pub fn works(&self) -> &[WorkMargin<'a>] {
        &self.works
    }

    /// Where each entry of the ledger went: its position in the ledger and its place.
    #[must_use]
    pub fn placed(&self) -> &[(usize, Placed)] {
        &self.placed
    }

    /// Entries that belong to no work, and what they cost, before any sharing.
    #[must_use]
    pub const fn unassigned(&self) -> (u64, Amount) {
        (self.unassigned_entries, self.unassigned)
    }

    /// Revenue that no work earned alone, before any sharing.
    #[must_use]
    pub const fn unallocated(&self) -> Amount {
        self.unallocated
    }

    fn push(&mut self, work: Option<usize>, (customer, plan, month): Whose<'a>, item: Item) {
        self.lines.push(Line {
            work,
            customer,
            plan,
            month,
            item,
        });
    }

    fn of_work(&self, work: usize, month: Month) -> Whose<'a> {
        (self.units[work].customer, self.units[work].plan, month)
    }

    /// Works and what counts of them.
    fn count(&mut self, settings: &Settings) -> Result<(), MoneyError> {
        for (index, sold) in self.units.iter().enumerate() {
            let class = match sold.unit.state_at(settings.as_of) {
                State::Pending => "pending",
                State::Counted(class) => class.as_str(),
                State::Reversed => "reversed",
                State::NotCounted(_) => "not counted",
            };
            let counted = sold.unit.net_at(settings.as_of)?;
            self.works.push(WorkMargin {
                class,
                counted,
                model: None,
                agent: None,
                agent_version: None,
            });
            if sold.unit.opened <= settings.as_of {
                let opened = settings.month(sold.unit.opened, sold.zone);
                self.push(Some(index), self.of_work(index, opened), Item::Work);
            }
            for movement in &sold.unit.movements {
                if movement.instant <= settings.as_of && !movement.quantity.is_zero() {
                    let counted_in = settings.month(movement.counted_at, sold.zone);
                    let item = Item::Counted(movement.quantity);
                    self.push(Some(index), self.of_work(index, counted_in), item);
                }
            }
        }
        Ok(())
    }

    /// Costs, each to its work; returns those that belong to none.
    fn spend(
        &mut self,
        ledger: &'a CostLedger,
        settings: &Settings,
    ) -> Result<CostPots<'a>, MoneyError> {
        let placer = Placer::new(self.units);
        let zero = Amount::zero(settings.currency);
        let mut models: Spent<&'a str> = BTreeMap::new();
        let mut agents: Spent<(&'a str, Option<&'a str>)> = BTreeMap::new();
        let mut pots = CostPots::new();
        let seen = ledger
            .entries
            .iter()
            .enumerate()
            .filter(|(_, e)| e.time <= settings.as_of);
        for (position, entry) in seen {
            let place = placer.place(entry);
            self.placed.push((position, place));
            let amount = entry.amount();
            let when = settings.month(entry.time, None);
            let item = match amount {
                Some(amount) => Item::Cost {
                    line: entry.line,
                    amount,
                    shared: false,
                },
                None if entry.unconverted().is_some() => Item::Unconverted,
                None => Item::Unpriced,
            };
            if let Some(work) = place.unit() {
                self.push(Some(work), self.of_work(work, when), item);
                let amount = amount.unwrap_or(zero);
                if let Some(model) = entry.model.as_deref() {
                    let spent = models.entry((work, model)).or_insert(zero);
                    *spent = spent.plus(amount)?;
                }
                if let Some(agent) = entry.agent.as_deref() {
                    let version = entry.agent_version.as_deref();
                    let spent = agents.entry((work, (agent, version))).or_insert(zero);
                    *spent = spent.plus(amount)?;
                }
                continue;
            }
            self.unassigned_entries += 1;
            if let Some(amount) = amount {
                self.unassigned = self.unassigned.plus(amount)?;
                let pot = pots
                    .entry((&entry.customer, when, entry.line))
                    .or_insert(zero);
                *pot = pot.plus(amount)?;
            } else {
                self.push(None, (&entry.customer, None, when), item);
            }
        }
        for (work, model) in most(models) {
            self.works[work].model = Some(model);
        }
        for (work, (agent, version)) in most(agents) {
            self.works[work].agent = Some(agent);
            self.works[work].agent_version = version;
        }
        Ok(pots)
    }

    /// Revenue, each earning to its works; returns what no work earned alone.
    fn earn(
        &mut self,
        earnings: &'a [Earning],
        settings: &Settings,
    ) -> Result<BTreeMap<Whose<'a>, Amount>, MoneyError> {
        let mut pots = BTreeMap::new();
        for earning in earnings {
            let whose = (
                earning.customer.as_str(),
                earning.plan.as_deref(),
                (earning.begins.year(), earning.begins.month()),
            );
            let mut left = earning.amount;
            for (work, amount) in &earning.shares {
                left = left.minus(*amount)?;
                let item = Item::Revenue {
                    amount: *amount,
                    shared: false,
                };
                self.push(Some(*work), whose, item);
            }
            if !left.is_zero() {
                self.unallocated = self.unallocated.plus(left)?;
                let pot = pots.entry(whose).or_insert(Amount::zero(settings.currency));
                *pot = pot.plus(left)?;
            }
        }
        Ok(pots)
    }

    fn share_revenue(
        &mut self,
        pots: BTreeMap<Whose<'a>, Amount>,
        rule: Sharing,
    ) -> Result<(), MoneyError> {
        let weights = Weights::of(&self.lines)?;
        for (whose, amount) in pots {
            let works = weights.works(|own| *own == whose)?;
            match works.shares(rule, amount)? {
                None => self.push(
                    None,
                    whose,
                    Item::Revenue {
                        amount,
                        shared: false,
                    },
                ),
                Some(shares) => {
                    for (work, amount) in shares {
                        self.push(
                            Some(work),
                            whose,
                            Item::Revenue {
                                amount,
                                shared: true,
                            },
                        );
                    }
                }
            }
        }
        Ok(())
    }

    fn share_costs(&mut self, pots: CostPots<'a>, rule: Sharing) -> Result<(), MoneyError> {
        let weights = Weights::of(&self.lines)?;
        for ((customer, when, line), amount) in pots {
            // What is recorded under nobody is everybody's.
            let concerns = |own: &str| own == customer || customer == UNASSIGNED;
            let works = weights.works(|(own, _, month)| *month == when && concerns(own))?;
            let item = |amount, shared| Item::Cost {
                line,
                amount,
                shared,
            };
            match works.shares(rule, amount)? {
                None => self.push(None, (customer, None, when), item(amount, false)),
                Some(shares) => {
                    for (work, amount) in shares {
                        self.push(Some(work), self.of_work(work, when), item(amount, true));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Settings {
    /// The month of an instant in a contract's zone; in that of the settings where there is none.
    fn month(&self, instant: Timestamp, zone: Option<&TimeZone>) -> Month {
        let local = instant.to_zoned(zone.unwrap_or(&self.zone).clone());
        (local.year(), local.month())
    }
}

/// Of each work the name on which most was spent; of equals the first in order.
fn most<K: Ord + Copy>(spent: Spent<K>) -> BTreeMap<usize, K> {
    let mut best: BTreeMap<usize, (K, Amount)> = BTreeMap::new();
    for ((work, name), amount) in spent {
        let more = best
            .get(&work)
            .is_none_or(|(_, most)| amount.value() > most.value());
        if more {
            best.insert(work, (name, amount));
        }
    }
    best.into_iter()
        .map(|(work, (name, _))| (work, name))
        .collect()
}
