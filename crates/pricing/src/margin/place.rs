//! [`Placer`]: which unit a cost was for.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use work::event::UNASSIGNED;
use work::settle::{ScopeKey, Unit};
use work::{Header, Headers, SmolStr};

use super::CostEntry;

/// A settled unit of a customer, with what its definition and contract say of it.
#[derive(Debug, Clone, Copy)]
pub struct SoldUnit<'a> {
    /// The customer.
    pub customer: &'a str,
    /// The plan that it is sold under; `None` where no contract covers it.
    pub plan: Option<&'a str>,
    /// The headers of the definition's scope key.
    pub key: &'a [Header],
    /// Where its months begin: the zone of its contract; `None` where no contract covers it.
    pub zone: Option<&'a TimeZone>,
    /// The unit.
    pub unit: &'a Unit,
}

/// Where a cost belongs; positions in the list of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Placed {
    /// To a unit one of whose facts carried the cost's `workid`.
    ByWork(usize),
    /// To a unit of whose facts one happened in the cost's trace.
    ByTrace(usize),
    /// To a unit whose scope key the cost's headers name.
    ByHeaders(usize),
    /// To none that is known. It is kept and shown.
    Unassigned,
}

impl Placed {
    /// The unit.
    #[must_use]
    pub const fn unit(self) -> Option<usize> {
        match self {
            Placed::ByWork(unit) | Placed::ByTrace(unit) | Placed::ByHeaders(unit) => Some(unit),
            Placed::Unassigned => None,
        }
    }
}

/// Finds the unit of a cost.
///
/// By `workid`: of the customer's units whose facts carried it, the last one opened at or before the
/// cost, else the first. A cost without `workid` the same by its trace; where several units share the
/// trace, among those that its headers name too, if any. Else the same by the headers of a
/// definition's scope key. Else unassigned.
/// A cost that names a `unit` (the definition) goes only to units of it; of several definitions over
/// the same work the unit opened last has the cost, whole. A cost recorded under no customer finds
/// its unit by `workid` or trace where only one customer has that work or trace.
#[derive(Debug)]
pub struct Placer<'a> {
    units: &'a [SoldUnit<'a>],
    /// Customer and `workid` to units by opening.
    works: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// Customer and trace to units by opening.
    traces: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// `workid` to the customers that have it.
    customers: HashMap<&'a str, Vec<&'a str>>,
    /// Trace to the customers that have it.
    trace_customers: HashMap<&'a str, Vec<&'a str>>,
    /// Customer to the key headers of its definitions.
    keys: HashMap<&'a str, Vec<(&'a str, &'a [Header])>>,
    /// Customer, definition and scope to units by opening.
    scopes: HashMap<(&'a str, &'a str, &'a [SmolStr]), Vec<usize>>,
}

impl<'a> Placer<'a> {
    /// A placer over these units.
    #[must_use]
    pub fn new(units: &'a [SoldUnit<'a>]) -> Placer<'a> {
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_by_key(|index| {
            (
                units[*index].unit.opened,
                units[*index].customer,
                &units[*index].unit.key,
            )
        });
        let mut placer = Placer {
            units,
            works: HashMap::new(),
            traces: HashMap::new(),
            customers: HashMap::new(),
            trace_customers: HashMap::new(),
            keys: HashMap::new(),
            scopes: HashMap::new(),
        };
        for index in order {
            let SoldUnit {
                customer,
                key,
                unit,
                ..
            } = units[index];
            for (names, units, customers) in [
                (&unit.works, &mut placer.works, &mut placer.customers),
                (
                    &unit.traces,
                    &mut placer.traces,
                    &mut placer.trace_customers,
                ),
            ] {
                for name in names {
                    units.entry((customer, name)).or_default().push(index);
                    let customers = customers.entry(name).or_default();
                    if !customers.contains(&customer) {
                        customers.push(customer);
                    }
                }
            }
            let definition = unit.key.unit.as_str();
            let keys = placer.keys.entry(customer).or_default();
            if !keys.contains(&(definition, key)) {
                keys.push((definition, key));
                keys.sort_unstable();
            }
            placer
                .scopes
                .entry((customer, definition, &unit.key.scope))
                .or_default()
                .push(index);
        }
        placer
    }

    /// Where the cost belongs.
    #[must_use]
    pub fn place(&self, cost: &CostEntry) -> Placed {
        self.find(
            &cost.customer,
            cost.work.as_deref(),
            cost.trace.as_deref(),
            &cost.headers,
            cost.time,
        )
    }

    /// Where anything belongs that happened at `time` to `work`, in `trace`, and carries `headers`.
    #[must_use]
    pub fn find(
        &self,
        customer: &str,
        work: Option<&str>,
        trace: Option<&str>,
        headers: &Headers,
        time: Timestamp,
    ) -> Placed {
        let named = headers.get(Header::Unit);
        let wanted =
            |index: &&usize| named.is_none_or(|named| self.units[**index].unit.key.unit == *named);
        if let Some(work) = work {
            let owner = owner(&self.customers, customer, work);
            let units = self.works.get(&(owner, work)).into_iter().flatten();
            if let Some(index) = self.at(units.filter(wanted), time) {
                return Placed::ByWork(index);
            }
        }
        if let (None, Some(trace)) = (work, trace) {
            let owner = owner(&self.trace_customers, customer, trace);
            let units = self.traces.get(&(owner, trace)).into_iter().flatten();
            let units: Vec<&usize> = units.filter(wanted).collect();
            let by_headers = self.by_headers(owner, headers, wanted);
            let both = units
                .iter()
                .copied()
                .filter(|index| by_headers.contains(index));
            if let Some(index) = self
                .at(both, time)
                .or_else(|| self.at(units.into_iter(), time))
            {
                return Placed::ByTrace(index);
            }
        }
        self.at(self.by_headers(customer, headers, wanted).iter(), time)
            .map_or(Placed::Unassigned, Placed::ByHeaders)
    }

    /// The customer's units whose scope key the headers name, by opening.
    fn by_headers(
        &self,
        customer: &str,
        headers: &Headers,
        wanted: impl Fn(&&usize) -> bool,
    ) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (definition, key) in self.keys.get(customer).into_iter().flatten() {
            let scope: Option<ScopeKey> = key
                .iter()
                .map(|header| headers.get(*header).cloned())
                .collect();
            let Some(scope) = scope.filter(|scope| !scope.is_empty()) else {
                continue;
            };
            let units = self.scopes.get(&(customer, *definition, scope.as_slice()));
            found.extend(units.into_iter().flatten().filter(|index| wanted(index)));
        }
        found.sort_by_key(|index| (self.units[*index].unit.opened, &self.units[*index].unit.key));
        found
    }

    /// Of units by opening, the last opened at or before an instant, else the first.
    fn at<'i>(&self, units: impl Iterator<Item = &'i usize>, time: Timestamp) -> Option<usize> {
        let mut first = None;
        let mut last = None;
        for index in units {
            first.get_or_insert(*index);
            if self.units[*index].unit.opened <= time {
                last = Some(*index);
            }
        }
        last.or(first)
    }
}

/// Whose work or trace a name is: the customer's own, or of a cost recorded under no customer the
/// only customer's that has it.
fn owner<'o>(customers: &HashMap<&'o str, Vec<&'o str>>, customer: &'o str, name: &str) -> &'o str {
    match customers.get(name).map(Vec::as_slice) {
        Some([only]) if customer == UNASSIGNED => only,
        _ => customer,
    }
}
