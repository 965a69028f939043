//! [`Kept`]: running totals of one contract, followed as a server does, from what changed alone.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use piecework_pricing::CellKey;
use piecework_pricing::account::Account;
use piecework_pricing::cell::{Cell, Running};
use work::SmolStr;
use work::settle::{ScopeKey, Unit};

type Scope = (SmolStr, ScopeKey);

/// The totals of one contract.
pub struct Kept {
    contract: String,
    pub running: Running<Scope>,
    units: BTreeMap<Scope, Vec<Unit>>,
    usage: BTreeSet<String>,
    seats: usize,
    credits: usize,
    decisions: usize,
    published: usize,
}

impl Kept {
    pub fn new(account: &Account, contract: &str, cut: Timestamp) -> Kept {
        let held = account.contract(contract).unwrap();
        Kept {
            contract: contract.to_owned(),
            decisions: held.decisions.len(),
            published: held.published.len(),
            running: Running::new(held, cut),
            units: BTreeMap::new(),
            usage: BTreeSet::new(),
            seats: 0,
            credits: 0,
        }
    }

    pub fn follow(&mut self, account: &Account) {
        let held = account.contract(&self.contract).unwrap();
        let mut units: BTreeMap<Scope, Vec<Unit>> = BTreeMap::new();
        for unit in held.units.iter() {
            let scope = (unit.key.unit.clone(), unit.key.scope.clone());
            units.entry(scope).or_default().push(unit.clone());
        }
        let scopes: BTreeSet<&Scope> = units.keys().chain(self.units.keys()).collect();
        for scope in scopes {
            if units.get(scope) != self.units.get(scope) {
                let now = units.get(scope).cloned().unwrap_or_default();
                self.running.replace(scope, now).unwrap();
            }
        }
        for usage in held.usage.iter() {
            if self.usage.insert(format!("{usage:?}")) {
                self.running.add_usage(usage.clone()).unwrap();
            }
        }
        for seat in &held.seats[self.seats..] {
            self.running.add_seat(seat.clone());
        }
        self.seats = held.seats.len();
        for credit in &held.credits[self.credits..] {
            self.running.add_credit(credit.clone());
        }
        self.credits = held.credits.len();
        self.units = units;
    }

    /// Whether what it followed is still there: usage and seats are only added; other terms are another
    /// contract, and a further decision or document makes the totals begin again.
    pub fn goes_on(&self, account: &Account) -> bool {
        let held = account.contract(&self.contract).unwrap();
        let usage: BTreeSet<String> = held.usage.iter().map(|own| format!("{own:?}")).collect();
        self.usage.is_subset(&usage)
            && self.seats <= held.seats.len()
            && self.decisions == held.decisions.len()
            && self.published == held.published.len()
            && format!("{:?}", self.running.agreement()) == format!("{:?}", held.agreement)
    }
}

/// What of cells is money.
pub fn shown(cells: &BTreeMap<CellKey, Cell>) -> Vec<String> {
    let lines = cells.iter().map(|(key, cell)| {
        let (quantity, amount, due) = (cell.quantity, cell.amount, cell.due);
        format!("{key} {quantity} {amount} {:?} {due}", cell.waived)
    });
    lines.collect()
}
