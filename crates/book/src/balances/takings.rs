//! Takings: what everybody is charged, by month and surface, kept in sums.
//!
//! Summing a book over its customers at every look would read each of them. So what running totals say of a customer is
//! kept, and said again once its log grew or an hour has passed, a few customers at a time: by whoever looks, where that
//! is quickly done, and by whoever keeps the book company. Invariants: a sum is over what was said last of each customer,
//! and tells how many of them are to be asked again; nothing is waited for while others look.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use money::{Amount, Currency, MoneyError, Quantity};
use pricing::cell::{Cell, CellKey, Part, Running};
use pricing::contract::Agreement;
use pricing::plan::{Component, Surface, Terms};
use work::LogKind;
use work::event::UNASSIGNED;

use crate::Result;
use crate::book::Book;
use crate::limits::{
    TAKINGS_AT_ONCE_ENTRIES_MAX, TAKINGS_COMMITS_MAX, TAKINGS_FRESH_MINUTES, TAKINGS_LOOKED_AT_MAX,
};

/// What was charged in one month, by surface: what is owed, and what of the periods that run has accrued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Fees and seats.
    pub access: Amount,
    /// Metered use.
    pub usage: Amount,
    /// Counted work.
    pub outcome: Amount,
    /// What bands, premiums and service levels add and take away.
    pub risk: Amount,
    /// Minimums, caps, discounts and credits of contracts.
    pub terms: Amount,
    /// Days of seats.
    pub seat_days: Quantity,
    /// What was used, by meter.
    pub used: BTreeMap<String, Quantity>,
    /// Works whose price a band or a premium changed.
    pub banded: Quantity,
}

/// What was charged in one month in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenMonth {
    /// The month in which the rating periods begin, where the contract is, by its first day.
    pub month: Date,
    /// What was charged.
    pub taken: Taken,
}

/// What everybody is charged, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Takings {
    /// By month, then currency.
    pub months: Vec<TakenMonth>,
    /// Customers in the sums.
    pub customers: usize,
    /// Customers that are to be asked again, or have not been asked yet: the sums have of them what they said last.
    pub behind: usize,
    /// Customers whose totals cannot be computed, which are in no sum.
    pub failed: usize,
}

impl Taken {
    /// Nothing.
    #[must_use]
    pub fn nothing(currency: Currency) -> Taken {
        let zero = Amount::zero(currency);
        Taken {
            access: zero,
            usage: zero,
            outcome: zero,
            risk: zero,
            terms: zero,
            seat_days: Quantity::ZERO,
            used: BTreeMap::new(),
            banded: Quantity::ZERO,
        }
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.access.currency()
    }

    /// Everything together.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self) -> Result<Amount, MoneyError> {
        let surfaces = [self.access, self.usage, self.outcome, self.risk];
        Amount::sum(self.currency(), surfaces.into_iter().chain([self.terms]))
    }

    fn add(&mut self, other: &Taken) -> Result<(), MoneyError> {
        self.access = self.access.plus(other.access)?;
        self.usage = self.usage.plus(other.usage)?;
        self.outcome = self.outcome.plus(other.outcome)?;
        self.risk = self.risk.plus(other.risk)?;
        self.terms = self.terms.plus(other.terms)?;
        self.seat_days = self.seat_days.plus(other.seat_days)?;
        self.banded = self.banded.plus(other.banded)?;
        for (meter, quantity) in &other.used {
            self.use_of(meter, *quantity)?;
        }
        Ok(())
    }

    fn use_of(&mut self, meter: &str, quantity: Quantity) -> Result<(), MoneyError> {
        let used = self.used.entry(meter.to_owned()).or_default();
        *used = used.plus(quantity)?;
        Ok(())
    }

    fn add_cell(&mut self, component: Option<&Component>, own: (&CellKey, &Cell)) -> Result<()> {
        let (key, cell) = own;
        let sum = match component.map(Component::surface) {
            Some(Surface::Access) => &mut self.access,
            Some(Surface::Usage) => &mut self.usage,
            Some(Surface::Outcome) => &mut self.outcome,
            Some(Surface::Risk) => &mut self.risk,
            None => &mut self.terms,
        };
        *sum = sum.plus(cell.charged()?)?;
        match (&key.part, component.map(|own| &own.terms)) {
            (Part::Seats(_) | Part::Overage(_), Some(Terms::Seats(_))) => {
                self.seat_days = self.seat_days.plus(cell.quantity)?;
            }
            (Part::Usage(_) | Part::Included(_), Some(Terms::Metered(metered))) => {
                self.use_of(&metered.meter, cell.quantity)?;
            }
            (Part::Band(..) | Part::Premium(_), _) => {
                self.banded = self.banded.plus(cell.quantity)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// By month, then code of the currency.
type Months = BTreeMap<(Date, &'static str), Taken>;

fn add_cells(
    months: &mut Months,
    agreement: &Agreement,
    cells: &BTreeMap<CellKey, Cell>,
) -> Result<()> {
    let contract = &agreement.latest().terms.contract;
    for (key, cell) in cells {
        let begins = key.period.to_zoned(contract.time_zone.clone()).date();
        let place = (begins.first_of_month(), contract.currency.code());
        let taken = months
            .entry(place)
            .or_insert_with(|| Taken::nothing(contract.currency));
        taken.add_cell(component(agreement, key), (key, cell))?;
    }
    Ok(())
}

/// The component of a cell: of the version that priced it, or of the last that has one of that id.
fn component<'a>(agreement: &'a Agreement, key: &CellKey) -> Option<&'a Component> {
    let own = agreement.version(key.version);
    let own = own.and_then(|version| version.component(&key.component));
    let mut others = agreement.versions.iter().rev();
    own.or_else(|| others.find_map(|version| version.component(&key.component)))
}

fn told(months: &Months) -> Vec<TakenMonth> {
    let rows = months.iter().map(|((month, _), taken)| TakenMonth {
        month: *month,
        taken: taken.clone(),
    });
    rows.collect()
}

/// What was said of each customer.
#[derive(Default)]
pub(crate) struct TakingsKept(Mutex<State>);

#[derive(Default)]
struct State {
    /// Commits of the journal whose customers are to be asked, or were; nothing before all were listed.
    committed: Option<u64>,
    waiting: BTreeSet<String>,
    /// Who is being asked: in no sum yet, or in it with what it said last.
    asked: BTreeSet<String>,
    /// When a customer is to be asked again although its log did not grow.
    due: BTreeSet<(Timestamp, String)>,
    known: HashMap<String, Known>,
}

/// What one customer said last.
struct Known {
    /// When it is to be asked again.
    again: Timestamp,
    /// Nothing where it cannot be computed.
    months: Option<Months>,
}

impl State {
    /// Notes that a customer is being asked.
    fn begin(&mut self, customer: &str) {
        self.waiting.remove(customer);
        self.asked.insert(customer.to_owned());
    }

    /// Customers of whom the sums do not have what is known now.
    fn behind(&self) -> usize {
        self.waiting.union(&self.asked).count()
    }

    /// Notes what was said of a customer; nothing where it cannot be computed.
    fn note(&mut self, customer: String, months: Option<Months>, now: Timestamp) {
        self.asked.remove(&customer);
        let fresh = SignedDuration::from_mins(TAKINGS_FRESH_MINUTES);
        let again = now.saturating_add(fresh).unwrap_or(Timestamp::MAX);
        self.due.insert((again, customer.clone()));
        let before = self.known.insert(customer.clone(), Known { again, months });
        if let Some(before) = before.filter(|before| before.again != again) {
            self.due.remove(&(before.again, customer));
        }
    }

    /// Has those asked again whose time has come.
    fn wake(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.due.first() {
            if now < *at {
                return;
            }
            if let Some((_, customer)) = self.due.pop_first() {
                self.waiting.insert(customer);
            }
        }
    }
}

impl Book {
    /// What everybody is charged, as it is kept; first asks again whomever it takes no time to ask, at most so many.
    ///
    /// # Errors
    /// Where the journal cannot be read, or a sum does not fit.
    pub fn takings(&self, ask: usize, now: Timestamp) -> Result<Takings> {
        self.note_who_waits(now)?;
        let mut quick = Vec::new();
        for customer in self.first_waiting() {
            if quick.len() == ask {
                break;
            }
            let is_quick = self.balances.is_kept(&customer)
                || self.store.head(&customer, LogKind::Shared)? <= TAKINGS_AT_ONCE_ENTRIES_MAX;
            if is_quick {
                quick.push(customer);
            }
        }
        for customer in quick {
            self.ask_again(customer, now);
        }
        let kept = self.takings_kept();
        let mut months = Months::new();
        let mut takings = Takings {
            behind: kept.behind(),
            ..Takings::default()
        };
        for known in kept.known.values() {
            let Some(known) = &known.months else {
                takings.failed += 1;
                continue;
            };
            takings.customers += 1;
            for (place, own) in known {
                let sum = months
                    .entry(*place)
                    .or_insert_with(|| Taken::nothing(own.currency()));
                sum.add(own)?;
            }
        }
        takings.months = told(&months);
        Ok(takings)
    }

    /// Asks customers again that are to be, at most so many; how many are left.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub fn follow_takings(&self, customers: usize, now: Timestamp) -> Result<usize> {
        self.note_who_waits(now)?;
        for _ in 0..customers {
            let next = self.takings_kept().waiting.first().cloned();
            let Some(next) = next else { break };
            self.ask_again(next, now);
        }
        Ok(self.takings_kept().waiting.len())
    }

    /// What one customer is charged, by month and currency, current with everything acknowledged before the call.
    ///
    /// # Errors
    /// As [`Book::balance`].
    pub fn takings_of(&self, customer: &str, now: Timestamp) -> Result<Vec<TakenMonth>> {
        Ok(told(&self.months_of(customer, now)?))
    }

    /// The customers that are charged most in a month, in one currency, as it is kept: at most so many.
    ///
    /// # Errors
    /// Where a sum does not fit.
    pub fn largest_takings(
        &self,
        month: Date,
        currency: Currency,
        rows: usize,
    ) -> Result<Vec<(String, Taken)>> {
        let kept = self.takings_kept();
        let place = (month, currency.code());
        let mut found = Vec::new();
        for (customer, known) in &kept.known {
            if let Some(taken) = known.months.as_ref().and_then(|own| own.get(&place)) {
                found.push((taken.total()?, customer, taken));
            }
        }
        found.sort_by(|a, b| (b.0.value(), a.1).cmp(&(a.0.value(), b.1)));
        let largest = found.into_iter().take(rows);
        Ok(largest
            .map(|(_, customer, taken)| (customer.clone(), taken.clone()))
            .collect())
    }

    fn months_of(&self, customer: &str, now: Timestamp) -> Result<Months> {
        self.with_totals(customer, now, |kept| {
            let mut months = Months::new();
            for running in &kept.contracts {
                add_cells(
                    &mut months,
                    Running::agreement(running),
                    &running.accrued()?,
                )?;
            }
            Ok(months)
        })
    }

    fn ask_again(&self, customer: String, now: Timestamp) {
        // Taken off before it is asked: what is appended meanwhile puts it on again.
        self.takings_kept().begin(&customer);
        let months = self.months_of(&customer, now).ok();
        self.takings_kept().note(customer, months, now);
    }

    /// Has those asked whose logs grew since it was looked last, and those whose time has come.
    fn note_who_waits(&self, now: Timestamp) -> Result<()> {
        let committed = self.store.position().committed;
        let seen = {
            let mut kept = self.takings_kept();
            kept.wake(now);
            kept.committed
        };
        if seen == Some(committed) {
            return Ok(());
        }
        let touched = match seen {
            Some(seen) => self.store.appended(seen, TAKINGS_COMMITS_MAX)?,
            None => Vec::new(),
        };
        let is_all = seen.is_none() || touched.len() == TAKINGS_COMMITS_MAX;
        let names: Vec<String> = match is_all {
            true => {
                let all = self.customers()?.into_iter();
                all.map(|own| own.customer).collect()
            }
            false => {
                let ranges = touched.into_iter().flat_map(|own| own.ranges);
                let shared = ranges.filter(|(_, log, _)| *log == LogKind::Shared);
                shared.map(|(customer, ..)| customer).collect()
            }
        };
        let mut kept = self.takings_kept();
        let names = names.into_iter().filter(|own| own != UNASSIGNED);
        kept.waiting.extend(names);
        kept.committed = Some(committed);
        Ok(())
    }

    fn first_waiting(&self) -> Vec<String> {
        let kept = self.takings_kept();
        let waiting = kept.waiting.iter().take(TAKINGS_LOOKED_AT_MAX);
        waiting.cloned().collect()
    }

    fn takings_kept(&self) -> MutexGuard<'_, State> {
        self.takings
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_being_asked_is_behind_until_it_has_answered() {
        let now: Timestamp = "2026-02-03T09:00:00Z".parse().unwrap();
        let mut state = State::default();
        state.waiting.insert("large".to_owned());
        assert_eq!(state.behind(), 1);
        state.begin("large");
        assert_eq!(state.behind(), 1);
        // Its log grows meanwhile: it is one customer all the same.
        state.waiting.insert("large".to_owned());
        assert_eq!(state.behind(), 1);
        state.note("large".to_owned(), Some(Months::new()), now);
        assert_eq!(state.behind(), 1);
        state.begin("large");
        state.note("large".to_owned(), Some(Months::new()), now);
        assert_eq!(state.behind(), 0);
    }
}
