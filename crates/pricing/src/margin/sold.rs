//! [`Sold`]: the accounts of a book as units and earnings, ready for a [`super::Margin`].
//!
//! Revenue is what the cells charge at a cut, so that it equals what the statements up to the cut
//! say and what they do not say yet ([`Sold::not_due`]). A cell is divided over its works exactly as
//! the statement divides it; usage belongs to a work where its `workid` or its headers name one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Currency, MoneyError};
use work::settle::Unit;
use work::{Header, SmolStr};

use super::{Earning, Placer, SoldUnit};
use crate::account::{Account, Held};
use crate::cell::{Cell, Facts, Part, PricingError, Source, owed};
use crate::contract::Version;
use crate::statement::shares;

/// The units of some accounts and what they earned.
#[derive(Debug)]
pub struct Sold<'a> {
    /// The units: see [`Sold::units_of`].
    pub units: Vec<SoldUnit<'a>>,
    /// What the cells charge, in the currency asked for.
    pub earnings: Vec<Earning>,
    /// The part of it that no statement of the cut can state yet: a volume whose period runs, what is
    /// held back.
    pub not_due: Amount,
    /// What is charged in other currencies, by code; this margin does not show it.
    pub other_currencies: BTreeMap<&'static str, Amount>,
}

impl<'a> Sold<'a> {
    /// The units of the accounts, account by account: those of each contract, then those that no
    /// contract claims.
    #[must_use]
    pub fn units_of(accounts: impl IntoIterator<Item = &'a Account>) -> Vec<SoldUnit<'a>> {
        accounts
            .into_iter()
            .flat_map(|account| {
                let held = account.contracts.iter().flat_map(move |held| {
                    held.units
                        .iter()
                        .map(move |unit| sold_unit(account, Some(held), unit))
                });
                let loose = account.loose_units.iter();
                held.chain(loose.map(move |(unit, _)| sold_unit(account, None, unit)))
            })
            .collect()
    }

    /// What the accounts sold before `cut`.
    ///
    /// # Errors
    /// [`PricingError`] where an amount does not fit.
    pub fn of(
        accounts: impl IntoIterator<Item = &'a Account> + Clone,
        cut: Timestamp,
        currency: Currency,
    ) -> Result<Sold<'a>, PricingError> {
        let units = Sold::units_of(accounts.clone());
        let mut earnings = Vec::new();
        let mut not_due = Amount::zero(currency);
        let mut other_currencies = BTreeMap::new();
        let placer = Placer::new(&units);
        let mut first = 0;
        for account in accounts {
            for held in &account.contracts {
                let place = Place {
                    facts: held.facts(),
                    first,
                    placer: &placer,
                    account,
                };
                for (key, cell) in &owed(&held.agreement, &held.facts(), cut)?.cells {
                    let error = |source| PricingError {
                        contract: held.agreement.id.clone(),
                        place: key.to_string(),
                        source,
                    };
                    let amount = cell.charged().map_err(error)?;
                    if amount.currency() != currency {
                        let other = other_currencies
                            .entry(amount.currency().code())
                            .or_insert(Amount::zero(amount.currency()));
                        *other = other.plus(amount).map_err(error)?;
                        continue;
                    }
                    // Work has earned what is held back of it: only the paying waits.
                    if matches!(key.part, Part::Holdback | Part::Release) {
                        not_due = not_due.minus(amount).map_err(error)?;
                        continue;
                    }
                    if cell.due > cut {
                        not_due = not_due.plus(amount).map_err(error)?;
                    }
                    earnings.push(Earning {
                        customer: account.customer.clone(),
                        plan: Some(plan(held, key.version).to_owned()),
                        what: key.to_string(),
                        begins: key.period.to_zoned(zone(held, key.version).clone()).date(),
                        amount,
                        shares: place.shares(cell, amount).map_err(error)?,
                    });
                }
                first += held.units.len();
            }
            first += account.loose_units.len();
        }
        Ok(Sold {
            units,
            earnings,
            not_due,
            other_currencies,
        })
    }
}

/// Where the contributions of one contract's cells are in the list of units.
struct Place<'p, 'a> {
    facts: Facts<'p>,
    /// Position of the contract's first unit.
    first: usize,
    placer: &'p Placer<'a>,
    account: &'p Account,
}

impl Place<'_, '_> {
    /// The shares of a cell's works.
    fn shares(&self, cell: &Cell, amount: Amount) -> Result<Vec<(usize, Amount)>, MoneyError> {
        let shares = shares(amount, &cell.contributions, cell.waives_late())?;
        let sources = cell.contributions.iter().map(|own| own.source);
        Ok(sources
            .zip(shares)
            .filter_map(|(source, share)| Some((self.unit(source)?, share)))
            .collect())
    }

    fn unit(&self, source: Source) -> Option<usize> {
        match source {
            Source::Unit(unit, _) | Source::Attempt(unit) => Some(self.first + unit),
            Source::Usage(usage) => {
                let usage = &self.facts.usage[usage]; // a cell's sources are of its own facts
                let work = usage.headers.get(Header::Work);
                self.placer
                    .find(
                        &self.account.customer,
                        work.map(SmolStr::as_str),
                        None,
                        &usage.headers,
                        usage.time,
                    )
                    .unit()
            }
        }
    }
}

fn sold_unit<'a>(account: &'a Account, held: Option<&'a Held>, unit: &'a Unit) -> SoldUnit<'a> {
    let version = held.and_then(|held| held.agreement.version(unit.version));
    let definition =
        version.and_then(|version| version.terms.definitions.get(unit.key.unit.as_str()));
    SoldUnit {
        customer: &account.customer,
        plan: held.map(|held| plan(held, unit.version)),
        key: definition.map_or(&[][..], |definition| &definition.one_per.key),
        zone: held.map(|held| zone(held, unit.version)),
        unit,
    }
}

/// The plan of one version of a contract.
fn plan(held: &Held, version: u32) -> &str {
    &of_version(held, version).terms.plan_name
}

/// Where days and months of one version of a contract are counted.
fn zone(held: &Held, version: u32) -> &TimeZone {
    &of_version(held, version).terms.contract.time_zone
}

fn of_version(held: &Held, version: u32) -> &Version {
    let known = held.agreement.version(version);
    known.unwrap_or_else(|| held.agreement.latest())
}
