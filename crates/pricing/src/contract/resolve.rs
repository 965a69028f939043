//! A contract put over its plan: the terms that one version of it has in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use work::definition::Fault;
use work::{Definition, Digest};

use super::Contract;
use crate::document::{DocumentError, Faults, Table, parse};
use crate::plan::{Component, PeriodTotals, Plan, Terms, fit_together, read_component};

/// The terms that one version of a contract has in force.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The contract.
    pub contract: Contract,
    /// Digest of the plan.
    pub plan: Digest,
    /// The plan's id and version, for people.
    pub plan_name: String,
    /// The components, overrides applied, in the plan's order.
    pub components: Vec<Component>,
    /// Discounts, cap and minimum of a period.
    pub totals: PeriodTotals,
    /// The definitions by id, the contract's dispute default applied.
    pub definitions: BTreeMap<String, Arc<Definition>>,
}

impl Contract {
    /// Puts the contract over its plan and definitions.
    ///
    /// # Errors
    /// [`DocumentError`] where a document is not the one named, an override names no component or
    /// makes no sense, or a unit that is sold has no definition.
    pub fn resolve(
        &self,
        plan: &Plan,
        definitions: &[&Definition],
    ) -> Result<InForce, DocumentError> {
        let error = |faults| DocumentError {
            document: "contract",
            faults,
        };
        let root = parse(&self.text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let table = Table::new(root.get_ref(), root.span(), &faults);
        if plan.digest != self.plan {
            table.fault(
                "plan",
                format!("the plan given has the digest {}", plan.digest),
                None,
            );
        }
        if plan.currency != self.currency {
            table.fault(
                "currency",
                format!(
                    "the plan is in {}, the contract in {}",
                    plan.currency, self.currency
                ),
                Some("publish a plan in the contract's currency"),
            );
        }
        let mut components = plan.components.clone();
        self.apply_overrides(plan, root.get_ref(), &mut components, &faults);
        if faults.is_empty() {
            self.check_fit(plan, &components, &table);
        }
        if let Some(holdback) = &self.holdback {
            holdback.check(&table, &components);
        }
        if let Some(retier) = self.retier_on_reversal {
            for component in &mut components {
                if let Terms::Outcome(outcome) = &mut component.terms {
                    outcome.retier = retier;
                }
            }
        }
        let in_force = InForce {
            contract: self.clone(),
            plan: plan.digest,
            plan_name: format!("{}@{}", plan.id, plan.version),
            totals: self.totals.over(plan.totals.clone()),
            definitions: self.pinned(definitions, &table),
            components,
        };
        for component in &in_force.components {
            if let Terms::Outcome(outcome) = &component.terms
                && !in_force.definitions.contains_key(&outcome.unit)
            {
                table.fault(
                    "definitions",
                    format!(
                        "`{}` sells `{}`, whose definition is not among these",
                        component.id, outcome.unit
                    ),
                    Some("add the digest of its published text"),
                );
            }
        }
        if faults.is_empty() {
            Ok(in_force)
        } else {
            Err(error(faults.into_sorted()))
        }
    }

    /// Whether the components still go together: an override may give one another rating period
    /// than that of what modifies it.
    fn check_fit(&self, plan: &Plan, components: &[Component], table: &Table<'_>) {
        let overridden = Plan {
            components: components.to_vec(),
            ..plan.clone()
        };
        let inner = Faults::default();
        let place = Table::new(table.map(), table.span(), &inner);
        fit_together(&place, &overridden);
        // The plan alone fits together, so the fault is of the overrides.
        let moved: Vec<Fault> = inner
            .all()
            .iter()
            .map(|fault| Fault {
                span: table.span_of("override"),
                ..fault.clone()
            })
            .collect();
        table.faults.extend(moved);
    }

    /// The definitions that the contract names, by id.
    fn pinned(
        &self,
        given: &[&Definition],
        table: &Table<'_>,
    ) -> BTreeMap<String, Arc<Definition>> {
        let mut pinned = BTreeMap::new();
        for digest in &self.definitions {
            let Some(definition) = given.iter().find(|definition| definition.digest == *digest)
            else {
                table.fault(
                    "definitions",
                    format!("no definition with the digest {digest} is published"),
                    None,
                );
                continue;
            };
            let mut definition = (*definition).clone();
            if let Some(verdict) = self.dispute_default {
                definition.dispute.default = verdict;
            }
            let id = definition.id.clone();
            if pinned.insert(id.clone(), Arc::new(definition)).is_some() {
                table.fault(
                    "definitions",
                    format!("two definitions of `{id}` are named"),
                    None,
                );
            }
        }
        pinned
    }

    fn apply_overrides(
        &self,
        plan: &Plan,
        own: &DeTable<'_>,
        components: &mut [Component],
        faults: &Faults,
    ) {
        let Some(plan_root) = parse(&plan.text).ok() else {
            return;
        };
        for over in tables(own, "override") {
            let Some(id) = string(over.get_ref(), "component") else {
                continue;
            };
            let base = tables(plan_root.get_ref(), "component")
                .into_iter()
                .find(|table| string(table.get_ref(), "id") == Some(id));
            let place = components.iter_mut().find(|component| component.id == id);
            let (Some(base), Some(place)) = (base, place) else {
                faults.add(
                    over.span(),
                    format!("the plan has no component `{id}` to override"),
                    None,
                );
                continue;
            };
            let replaced = |name: &str| {
                // One price replaces the other, whichever way each was written.
                has(over.get_ref(), name)
                    || (name == "class" && has(over.get_ref(), "price"))
                    || (name == "price" && has(over.get_ref(), "class"))
            };
            let mut merged = DeTable::new();
            let kept = base
                .get_ref()
                .iter()
                .filter(|(name, _)| !replaced(name.get_ref()));
            let own = over
                .get_ref()
                .iter()
                .filter(|(name, _)| name.get_ref() != "component");
            for (name, value) in kept.chain(own) {
                merged.insert(name.clone(), value.clone());
            }
            let inner = Faults::default();
            let component =
                read_component(&Table::new(&merged, over.span(), &inner), plan.currency);
            // The plan alone was read without a fault, so what is wrong came with the override.
            let moved: Vec<Fault> = inner
                .all()
                .iter()
                .map(|fault| Fault {
                    span: over.span(),
                    ..fault.clone()
                })
                .collect();
            faults.extend(moved);
            if let Some(component) = component {
                *place = component;
            }
        }
    }
}

fn tables<'t>(root: &'t DeTable<'t>, key: &str) -> Vec<Spanned<&'t DeTable<'t>>> {
    let found = root
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value.get_ref());
    let Some(DeValue::Array(items)) = found else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| match item.get_ref() {
            DeValue::Table(table) => Some(Spanned::new(item.span(), table)),
            _ => None,
        })
        .collect()
}

fn has(table: &DeTable<'_>, key: &str) -> bool {
    table.iter().any(|(name, _)| name.get_ref() == key)
}

fn string<'t>(table: &'t DeTable<'t>, key: &str) -> Option<&'t str> {
    let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    value.get_ref().as_str()
}
