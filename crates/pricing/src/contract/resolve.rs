//! A contract put over its plan: the terms that one version of it has in force.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use work::definition::Fault;
use work::{Definition, Digest};

use super::changes::table_in_words;
use super::phase::Free;
use super::{Contract, Step};
use crate::document::{DocumentError, Faults, Table, parse};
use crate::period::boundary_of;
use crate::plan::{
    Component, PeriodTotals, Plan, Terms, check_scopes, fit_together, read_component,
};

/// The terms that one version of a contract has in force, and those that the same document puts in
/// their place later.
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
    /// Which component is paid for a work that several price: the first in this order.
    pub precedence: Vec<String>,
    /// The definitions by id, the contract's dispute default applied.
    pub definitions: BTreeMap<String, Arc<Definition>>,
    /// What is written of each component, in the plan's order: its keys, each in words.
    pub written: Vec<(String, BTreeMap<String, String>)>,
    /// What costs nothing.
    pub free: Free,
    /// Which step of the document these terms are.
    pub step: Step,
    /// The further steps of the document, ascending by the day from which they govern.
    pub later: Vec<(Date, Arc<InForce>)>,
}

impl InForce {
    /// Whether a component costs nothing.
    #[must_use]
    pub fn is_free(&self, component: &str) -> bool {
        self.free.holds(component)
    }

    /// Whether the minimum, where both have one, is for as many periods and billed at the same time: what is
    /// counted together cannot change while it is counted.
    pub(crate) fn keeps_the_minimum_of(&self, other: &InForce) -> bool {
        let terms = |own: &InForce| {
            let minimum = own.totals.totals.minimum.as_ref();
            minimum.map(|own| (own.periods, own.bill))
        };
        let pair = terms(self).zip(terms(other));
        pair.is_none_or(|(own, other)| own == other)
    }

    /// These terms and all further steps.
    pub fn steps(&self) -> impl Iterator<Item = &InForce> {
        std::iter::once(self).chain(self.later.iter().map(|(_, terms)| &**terms))
    }

    /// What governs from an instant on by this document alone: the terms then, and when which others
    /// take their place.
    #[must_use]
    pub(super) fn from(&self, effective: Timestamp) -> Vec<(Timestamp, Arc<InForce>)> {
        let mut first = Arc::new(self.clone());
        let mut after = Vec::new();
        for (day, terms) in &self.later {
            match boundary_of(*day, &self.contract.time_zone).map(|own| own.at) {
                Some(at) if at > effective => after.push((at, Arc::clone(terms))),
                _ => first = Arc::clone(terms),
            }
        }
        after.insert(0, (effective, first));
        after
    }
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
        let plan_root = parse(&plan.text).map_err(|fault| error(vec![fault]))?;
        let mut layers = Layers::of(plan, plan_root.get_ref());
        for over in tables(root.get_ref(), "override") {
            layers.put(&over, &faults);
        }
        if faults.is_empty() {
            self.check_fit(plan, &layers.components, &table);
        }
        if let Some(holdback) = &self.holdback {
            holdback.check(&table, &layers.components);
        }
        let totals = self.totals.over(plan.totals.clone());
        let base = InForce {
            contract: self.clone(),
            plan: plan.digest,
            plan_name: format!("{}@{}", plan.id, plan.version),
            totals: totals.clone(),
            precedence: plan.precedence.clone(),
            definitions: self.pinned(definitions, &table),
            components: self.retiered(&layers.components),
            written: layers.in_words(),
            free: Free::Nothing,
            step: Step::Base,
            later: Vec::new(),
        };
        let mut phases = Vec::new();
        for (phase, own) in self.phases.iter().zip(tables(root.get_ref(), "phase")) {
            let mut layers = layers.above();
            for over in tables(own.get_ref(), "override") {
                layers.put(&over, &faults);
            }
            if faults.is_empty() {
                self.check_fit(plan, &layers.components, &table);
            }
            phases.push(InForce {
                totals: phase.totals.over(totals.clone()),
                components: self.retiered(&layers.components),
                written: layers.in_words(),
                free: phase.free.clone(),
                step: Step::Phase,
                ..base.clone()
            });
        }
        for terms in std::iter::once(&base).chain(&phases) {
            check_scopes(&table, &terms.totals.totals, &plan.components);
            if !terms.keeps_the_minimum_of(&base) {
                table.fault(
                    "phase",
                    "the minimum of a phase is for as many periods, and billed as, the contract's own",
                    Some("its `amount` may differ; write `periods` and `bill` as they stand above"),
                );
            }
        }
        for (key, id) in self.names_of_free() {
            if plan.component(id).is_none() {
                table.fault(key, format!("the plan has no component `{id}`"), None);
            }
        }
        let in_force = self.stepped(&base, &phases);
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

    /// The components, `retier_on_reversal` of the contract applied.
    fn retiered(&self, components: &[Component]) -> Vec<Component> {
        let mut components = components.to_vec();
        if let Some(retier) = self.retier_on_reversal {
            for component in &mut components {
                if let Terms::Outcome(outcome) = &mut component.terms {
                    outcome.retier = retier;
                }
            }
        }
        components
    }

    /// The ids that the document says are free, or are not, with the key that names them.
    fn names_of_free(&self) -> Vec<(&'static str, &str)> {
        let trial = self.trial.iter().flat_map(|trial| &trial.charges);
        let mut names: Vec<(&'static str, &str)> =
            trial.map(|id| ("trial_charges", id.as_str())).collect();
        for phase in &self.phases {
            if let Free::These(ids) = &phase.free {
                names.extend(ids.iter().map(|id| ("phase", id.as_str())));
            }
        }
        names
    }

    /// The steps of the document: the trial, the contract's own terms, its phases.
    fn stepped(&self, base: &InForce, phases: &[InForce]) -> InForce {
        let trial_end = self.trial_end();
        let mut days: Vec<Date> = self.phases.iter().map(|phase| phase.from).collect();
        days.extend(trial_end);
        days.sort_unstable();
        days.dedup();
        let terms_on = |day: Date| {
            let begun = self.phases.iter().filter(|phase| phase.from <= day).count();
            let mut terms = begun
                .checked_sub(1)
                .map_or_else(|| base.clone(), |last| phases[last].clone());
            if let Some(trial) = &self.trial
                && trial_end.is_some_and(|end| day < end)
            {
                terms.free = Free::AllBut(trial.charges.clone());
                terms.step = Step::Trial;
            }
            terms
        };
        let mut first = terms_on(self.starts);
        first.later = days
            .into_iter()
            .map(|day| (day, Arc::new(terms_on(day))))
            .collect();
        first
    }
}

/// What is written of each component of a plan, in the order of its file: its keys, each in words.
#[must_use]
pub fn written(plan: &Plan) -> Vec<(String, BTreeMap<String, String>)> {
    // What the plan was read from can be read again.
    parse(&plan.text).map_or_else(
        |_| Vec::new(),
        |root| Layers::of(plan, root.get_ref()).in_words(),
    )
}

/// The components of a plan under overrides, and the tables that they were read from.
///
/// Every override of one list starts from what was below the list.
#[derive(Clone)]
struct Layers<'t> {
    plan: &'t Plan,
    below: Vec<DeTable<'t>>,
    tables: Vec<DeTable<'t>>,
    components: Vec<Component>,
}

impl<'t> Layers<'t> {
    fn of(plan: &'t Plan, root: &'t DeTable<'t>) -> Layers<'t> {
        let tables: Vec<DeTable<'t>> = tables(root, "component")
            .into_iter()
            .map(|table| (*table.get_ref()).clone())
            .collect();
        Layers {
            plan,
            below: tables.clone(),
            tables,
            components: plan.components.clone(),
        }
    }

    /// The same, for a further list of overrides over it.
    fn above(&self) -> Layers<'t> {
        Layers {
            below: self.tables.clone(),
            ..self.clone()
        }
    }

    /// The keys of each component, in words.
    fn in_words(&self) -> Vec<(String, BTreeMap<String, String>)> {
        let ids = self.components.iter().map(|own| own.id.clone());
        ids.zip(self.tables.iter().map(table_in_words)).collect()
    }

    /// Puts an override over the component that it names.
    fn put(&mut self, over: &Spanned<&DeTable<'t>>, faults: &Faults) {
        let own = *over.get_ref();
        let Some(id) = string(own, "component") else {
            return;
        };
        let Some(place) = self.components.iter().position(|own| own.id == id) else {
            faults.add(
                over.span(),
                format!("the plan has no component `{id}` to override"),
                None,
            );
            return;
        };
        let replaced = |name: &str| {
            // One price replaces the other, whichever way each was written.
            has(own, name)
                || (name == "class" && has(own, "price"))
                || (name == "price" && has(own, "class"))
        };
        let mut merged = DeTable::new();
        let kept = self.below[place]
            .iter()
            .filter(|(name, _)| !replaced(name.get_ref()));
        let given = own.iter().filter(|(name, _)| name.get_ref() != "component");
        for (name, value) in kept.chain(given) {
            merged.insert(name.clone(), value.clone());
        }
        let inner = Faults::default();
        let component = read_component(
            &Table::new(&merged, over.span(), &inner),
            self.plan.currency,
        );
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
            self.components[place] = component;
            self.tables[place] = merged;
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
