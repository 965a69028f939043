//! [`Population`]: the works that a sample of a statement may draw, with what each is charged.
//!
//! `docs/reference/proof-file.md` section 7. Who draws and who checks a draw ask the same population,
//! so what is drawn verifies. Not here: the seed ([`crate::sample`]) and the nonces
//! ([`crate::draws`]). Invariant: it follows from the entries that the statement covers and nothing
//! else, so nobody changes it afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use money::Amount;
use pricing::account::Held;
use pricing::cell::{Source as Cause, owed};
use pricing::statement::{LineKind, shares};
use work::body::SampleMethod;
use work::settle::{FactRef, Unit};
use work::{Event, Header, SmolStr};

use crate::recompute::Recomputed;
use crate::sample::{Seed, Weight};

/// The works that a statement charges, by the entry that opened them.
#[derive(Debug)]
pub struct Population<'a> {
    items: BTreeMap<u64, Item<'a>>,
}

/// One work of a population: what one entry opened.
#[derive(Debug)]
pub struct Item<'a> {
    /// What the statement charges for it.
    pub charge: Amount,
    /// The units that the entry opened and the statement charges, one nearly always.
    pub units: Vec<ChargedUnit<'a>>,
}

/// A unit that a statement charges.
#[derive(Debug, Clone, Copy)]
pub struct ChargedUnit<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// The class that it is charged in.
    pub class: &'a str,
    /// The headers that its scope has values of, in their order.
    pub keyed_by: &'a [Header],
}

impl ChargedUnit<'_> {
    /// Whether an event says that it is about this unit: it names one of its works, and names no
    /// other scope; without a work it names the whole scope.
    #[must_use]
    pub fn is_named_by(&self, event: &Event) -> bool {
        let is_work = |work: &SmolStr| self.unit.works.contains(work);
        let mut scope = self.keyed_by.iter().zip(&self.unit.key.scope);
        let named = event.headers.get(Header::Unit);
        named.is_none_or(|unit| self.unit.key.unit == *unit)
            && event.work.as_ref().is_none_or(is_work)
            && scope.all(|(header, value)| match event.headers.get(*header) {
                Some(said) => said == value,
                None => event.work.is_some(),
            })
    }
}

impl Item<'_> {
    /// The work as its people call it: its work ids, or the values that it is counted by.
    #[must_use]
    pub fn name(&self) -> String {
        let names = self
            .units
            .iter()
            .flat_map(|own| match own.unit.works.as_slice() {
                [] => own.unit.key.scope.clone(),
                works => works.to_vec(),
            });
        let names: BTreeSet<SmolStr> = names.collect();
        names.into_iter().collect::<Vec<_>>().join(",")
    }
}

impl<'a> Population<'a> {
    /// The works of a stratum, `all` or `unit:<id>`, that a statement charges.
    ///
    /// # Errors
    /// Where an amount does not fit.
    pub fn of(
        statement: &'a Recomputed,
        stratum: &str,
    ) -> Result<Population<'a>, pricing::PricingError> {
        let mut items: BTreeMap<u64, Item<'a>> = BTreeMap::new();
        let Recomputed {
            account,
            statement,
            carried,
        } = statement;
        let Some(held) = account.contract(&statement.contract) else {
            return Ok(Population { items });
        };
        let money = |source| pricing::PricingError {
            contract: statement.contract.clone(),
            place: "the shares of works".to_owned(),
            source,
        };
        let owed = owed(&held.agreement, &held.facts(), statement.as_of)?;
        let mut opened: HashMap<&FactRef, u64> = HashMap::new();
        for (fact, entry) in carried {
            opened.insert(fact, *entry);
        }
        for meta in account.entries.iter().rev() {
            opened.insert(&meta.fact, meta.entry);
        }
        let unit_id = stratum.strip_prefix("unit:");
        let charges = statement
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Charge);
        for line in charges {
            let Some(cell) = owed.cells.get(&line.cell) else {
                continue;
            };
            let without_late = cell.waives_late();
            let amounts = shares(line.amount, &cell.contributions, without_late).map_err(money)?;
            for (own, amount) in cell.contributions.iter().zip(amounts) {
                let Cause::Unit(unit, movement) = own.source else {
                    continue;
                };
                let unit = &held.units[unit];
                if (without_late && own.is_late) || unit_id.is_some_and(|id| id != unit.key.unit) {
                    continue;
                }
                let Some(entry) = opened.get(&unit.key.opened_by) else {
                    continue;
                };
                let item = items.entry(*entry).or_insert_with(|| Item {
                    charge: Amount::zero(amount.currency()),
                    units: Vec::new(),
                });
                item.charge = item.charge.plus(amount).map_err(money)?;
                let class = unit.movements[movement].class.as_str();
                let known = item.units.iter_mut().find(|own| own.unit.key == unit.key);
                match known {
                    // Of a unit that changed its class, the one that it has now.
                    Some(known) if !own.quantity.is_negative() => known.class = class,
                    Some(_) => {}
                    None => item.units.push(ChargedUnit {
                        unit,
                        class,
                        keyed_by: keyed_by(held, unit),
                    }),
                }
            }
        }
        Ok(Population { items })
    }

    /// How many works there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.items.len() as u64
    }

    /// The work that an entry opened.
    #[must_use]
    pub fn item(&self, entry: u64) -> Option<&Item<'a>> {
        self.items.get(&entry)
    }

    /// Those of some items one of whose units holds for `is`.
    #[must_use]
    pub fn those(&self, items: &[u64], is: impl Fn(&ChargedUnit<'_>) -> bool) -> Vec<u64> {
        let has = |item: &&u64| {
            let mut units = self.items.get(item).into_iter().flat_map(|own| &own.units);
            units.any(&is)
        };
        items.iter().filter(has).copied().collect()
    }

    /// Draws so many works, by the entries that opened them.
    #[must_use]
    pub fn draw(&self, seed: &Seed, method: SampleMethod, size: u32) -> Vec<u64> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        match method {
            SampleMethod::BottomK => seed.bottom_k(self.items.keys().copied(), size),
            SampleMethod::Money => {
                let weigh = |(entry, item): (&u64, &Item<'_>)| (*entry, millionths(item.charge));
                let weights: Vec<(u64, Weight)> = self.items.iter().map(weigh).collect();
                seed.by_money(&weights, size)
            }
        }
    }
}

/// The headers that a unit's definition counts by.
fn keyed_by<'a>(held: &'a Held, unit: &Unit) -> &'a [Header] {
    let version = held.agreement.version(unit.version);
    let definition = version.and_then(|own| own.terms.definitions.get(unit.key.unit.as_str()));
    definition.map_or(&[], |own| &own.one_per.key)
}

/// An amount in millionths of the currency's unit, what is below cut off; nothing where it is
/// negative.
fn millionths(amount: Amount) -> Weight {
    let value = amount.value();
    let mantissa = Weight::try_from(value.mantissa()).unwrap_or(0);
    let scale = u32::from(value.scale());
    match scale.checked_sub(6) {
        Some(more) => mantissa / 10u128.pow(more),
        None => mantissa.saturating_mul(10u128.pow(6 - scale)),
    }
}
