//! What is owed for the works of one scope, out of running totals: how long it takes does not grow with the works of the
//! customer once the totals are kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::Currency;
use pricing::account::claim;
use pricing::cell::{Running, UnitShare};
use store::{ScopeId, SettledUnit, UnitsOf};
use work::settle::Unit;

use super::Kept;
use super::kept::contract_of;
use crate::Result;
use crate::book::Book;

/// The works of one scope and what is owed for them.
pub(crate) struct WorkOwed {
    /// The works.
    pub(crate) units: Vec<SettledUnit>,
    /// Their shares of what is owed; nothing where running totals do not tell works apart.
    pub(crate) shares: Option<Vec<UnitShare>>,
    /// The currency of the contract that claims each work.
    pub(crate) currencies: Vec<Option<Currency>>,
}

impl Book {
    /// The works of some scopes of a customer, and what is owed for them at an instant.
    pub(crate) fn owed_for_scopes(
        &self,
        customer: &str,
        scopes: &[ScopeId],
        now: Timestamp,
    ) -> Result<Vec<WorkOwed>> {
        self.with_totals(customer, now, |kept| {
            let of = |scope: &ScopeId| self.owed_for_scope(customer, kept, *scope);
            scopes.iter().map(of).collect()
        })
    }

    fn owed_for_scope(&self, customer: &str, kept: &mut Kept, scope: ScopeId) -> Result<WorkOwed> {
        let units = self.store.units(customer, UnitsOf::Scope(scope))?;
        let units = units.collect::<std::result::Result<Vec<SettledUnit>, _>>()?;
        let mut currencies = Vec::with_capacity(units.len());
        let mut by_contract: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
        for settled in &units {
            let agreements = kept.contracts.iter().map(Running::agreement);
            let claimed = claim::of_unit(agreements, &settled.unit).ok();
            let claimed = claimed.filter(|(index, _)| {
                let own = kept.contracts[*index].agreement();
                settled.contract.as_deref() == contract_of(own)
            });
            currencies.push(claimed.map(|(index, _)| {
                let latest = kept.contracts[index].agreement().latest();
                latest.terms.contract.currency
            }));
            if let Some((index, version)) = claimed {
                let mut unit = settled.unit.clone();
                unit.version = version;
                by_contract.entry(index).or_default().push(unit);
            }
        }
        let mut shares = Some(Vec::new());
        for (index, units) in by_contract {
            let own = kept.contracts[index].shares_of(&scope, &units)?;
            shares = shares.zip(own).map(|(mut all, own)| {
                all.extend(own);
                all
            });
        }
        Ok(WorkOwed {
            units,
            shares,
            currencies,
        })
    }

    /// The scopes whose works people call so, as the contracts of a customer key them: a listing shows the values of a
    /// key with commas between.
    pub(crate) fn scopes_called(
        &self,
        customer: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<Vec<ScopeId>> {
        self.with_totals(customer, now, |kept| {
            let mut found = Vec::new();
            for running in &kept.contracts {
                let agreement = running.agreement();
                let versions = agreement.versions.iter();
                for definition in versions.flat_map(|own| own.terms.definitions.values()) {
                    let parts = definition.one_per.key.len();
                    for between in [", ", ","] {
                        let values: Vec<work::SmolStr> = match parts {
                            1 => vec![name.into()],
                            _ => name.split(between).map(work::SmolStr::new).collect(),
                        };
                        if values.len() == parts {
                            let contract = contract_of(agreement);
                            found.push(ScopeId::of(contract, definition, &values));
                        }
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            Ok(found)
        })
    }
}
