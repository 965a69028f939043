//! The comparison: the same cut with and without the buyer's facts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use money::{Amount, MoneyError};
use pricing::account::{Account, Held};
use pricing::cell::{Owed, owed};
use pricing::statement::{LineKind, Statement, StatementError, draw, explain, unit_name};
use work::effective::Content;
use work::settle::{State, Unit};
use work::{Definition, Header};

use super::facts::{Located, Place, located, own_facts, places_of, unreported};
use super::{Billed, InQuestion, Mine, NotBilled, Reconciliation, WhyNot};
use crate::verify;

/// Compares a statement with the buyer's records.
pub(super) fn compare(
    which: &verify::Which,
    log: &[Content],
    mine: Mine,
) -> Result<Reconciliation, StatementError> {
    let covered = |content: &&Content| content.entry < which.coverage;
    let stated: Vec<Content> = log.iter().filter(covered).cloned().collect();
    let account = Account::fold(&which.customer, stated.clone(), None);
    let statement = draw(&account, None, &which.contract, which.cut)?;
    let held = contract(&account, &which.contract)?;
    let received = mine.events.len();
    let mut own = own_facts(log, mine.events, &which.customer);
    let others = (received - own.len()) as u64;
    let known = located(log, &mut own, &definitions(held));
    let unreported = unreported(&known, &own, mine.tolerance);

    let with_mine = unreported.iter().zip(which.coverage..);
    let with_mine = with_mine.map(|(fact, entry)| Content {
        entry,
        event: fact.event.clone(),
    });
    let after = stated.into_iter().chain(with_mine).collect();
    let after = Account::fold(&which.customer, after, None);
    let money = |source| StatementError::Money {
        contract: which.contract.clone(),
        source,
    };
    let owed_now = owed(&held.agreement, &held.facts(), statement.as_of)?;
    let mut comparing = Comparing {
        statement: &statement,
        held,
        mine: own.iter().flat_map(|fact| &fact.places).collect(),
        explained: HashSet::new(),
        outcome: Reconciliation {
            matched: Vec::new(),
            not_mine: Vec::new(),
            not_billed: Vec::new(),
            in_question: Vec::new(),
            amount: Amount::zero(statement.currency),
            unreported: unreported.iter().map(|own| own.event.clone()).collect(),
            others,
        },
    };
    comparing.works(billed(held, &statement, &owed_now).map_err(money)?);
    let held_after = contract(&after, &which.contract)?;
    let owed_after = owed(&held_after.agreement, &held_after.facts(), statement.as_of)?;
    let charged = charges(held, &owed_now).map_err(money)?;
    let left = charges(held_after, &owed_after).map_err(money)?;
    comparing
        .money(&charged, &left, &unreported)
        .map_err(money)?;
    comparing.unheard(&own, &known);
    Ok(comparing.outcome)
}

struct Comparing<'a> {
    statement: &'a Statement,
    held: &'a Held,
    /// Where the buyer's records meet works.
    mine: HashSet<&'a Place>,
    /// Places of units of which something is said.
    explained: HashSet<Place>,
    outcome: Reconciliation,
}

impl Comparing<'_> {
    /// Sorts the units: billed and the buyer's, billed and not, the buyer's and not billed.
    fn works(&mut self, mut billed: BTreeMap<String, Billed>) {
        let at = last_before(self.statement.as_of);
        for unit in self.held.units.iter() {
            let places = places_of(unit);
            let is_mine = places.iter().any(|place| self.mine.contains(place));
            match billed.remove(&unit_name(&unit.key)) {
                Some(own) => {
                    let own = Billed {
                        work: told(unit),
                        ..own
                    };
                    if is_mine {
                        self.outcome.matched.push(own);
                    } else {
                        self.outcome.not_mine.push(own);
                    }
                }
                None if is_mine => {
                    let work = told(unit);
                    let why = why_not(unit.state_at(at));
                    self.outcome.not_billed.push(NotBilled { work, why });
                }
                None => continue,
            }
            self.explained.extend(places);
        }
    }

    /// The works whose charge falls once the buyer's facts are known.
    fn money(
        &mut self,
        charged: &BTreeMap<String, Amount>,
        left: &BTreeMap<String, Amount>,
        unreported: &[Located],
    ) -> Result<(), MoneyError> {
        let nothing = Amount::zero(self.statement.currency);
        for unit in self.held.units.iter() {
            let name = unit_name(&unit.key);
            let Some(now) = charged.get(&name).copied() else {
                continue;
            };
            let then = left.get(&name).copied().unwrap_or(nothing);
            if then.value() >= now.value() {
                continue;
            }
            let falls = now.minus(then)?;
            self.outcome.amount = self.outcome.amount.plus(falls)?;
            let places = places_of(unit);
            let about = unreported
                .iter()
                .filter(|own| own.places.iter().any(|place| places.contains(place)));
            let facts = about.map(|own| (own.event.body.tag(), own.event.time));
            let id = unit.works.first().cloned();
            let mut headers = unit.headers.clone();
            if let Some(work) = &id {
                headers.set(Header::Work, work.clone());
            }
            self.outcome.in_question.push(InQuestion {
                name,
                work: told(unit),
                charged: now,
                would_be: then,
                falls,
                facts: facts.collect(),
                id,
                headers,
            });
        }
        Ok(())
    }

    /// The buyer's works of which no unit was made.
    fn unheard(&mut self, own: &[Located], known: &[Located]) {
        let in_log: HashSet<&Place> = known.iter().flat_map(|fact| &fact.places).collect();
        let mut told_already = BTreeSet::new();
        for fact in own {
            let is_explained = |place: &Place| self.explained.contains(place);
            let Some(place) = fact.places.first() else {
                continue;
            };
            if fact.places.iter().any(is_explained) || !told_already.insert(place) {
                continue;
            }
            let why = if fact.places.iter().any(|place| in_log.contains(place)) {
                WhyNot::NoUnit
            } else {
                WhyNot::NotInLog
            };
            let work = place.told();
            self.outcome.not_billed.push(NotBilled { work, why });
        }
    }
}

fn why_not(state: &State) -> WhyNot {
    match state {
        State::Pending => WhyNot::Pending,
        State::Reversed => WhyNot::Reversed,
        State::NotCounted(reason) => WhyNot::NotCounted(reason.name()),
        State::Counted(_) => WhyNot::Elsewhere,
    }
}

/// The works that the statement charges, by name.
fn billed(
    held: &Held,
    statement: &Statement,
    owed: &Owed,
) -> Result<BTreeMap<String, Billed>, MoneyError> {
    let charges = statement
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::Charge);
    let cells: BTreeSet<_> = charges.map(|line| &line.cell).collect();
    let mut billed: BTreeMap<String, Billed> = BTreeMap::new();
    for cell in cells {
        let explained = explain(held, owed, cell)?;
        for share in explained.into_iter().flat_map(|own| own.shares) {
            let Some(class) = share.class else { continue };
            if let Some(known) = billed.get_mut(&share.name) {
                known.amount = known.amount.plus(share.amount)?;
                continue;
            }
            let own = Billed {
                name: share.name.clone(),
                work: String::new(), // told with its unit
                class: class.to_owned(),
                amount: share.amount,
            };
            billed.insert(share.name, own);
        }
    }
    Ok(billed)
}

fn contract<'a>(account: &'a Account, id: &str) -> Result<&'a Held, StatementError> {
    let held = account.contract(id);
    held.ok_or_else(|| StatementError::NoContract(id.to_owned()))
}

/// The last instant before a cut.
fn last_before(cut: Timestamp) -> Timestamp {
    cut.checked_sub(SignedDuration::from_nanos(1))
        .unwrap_or(cut)
}

/// Every definition that a version of the contract names.
fn definitions(held: &Held) -> Vec<&Definition> {
    let versions = held.agreement.versions.iter();
    let named = versions.flat_map(|version| version.terms.definitions.values());
    named.map(AsRef::as_ref).collect()
}

/// The work as its people call it.
fn told(unit: &Unit) -> String {
    match unit.works.as_slice() {
        [] => unit.key.scope.join(","),
        works => works.join(","),
    }
}

/// What each unit is charged, over all cells.
fn charges(held: &Held, owed: &Owed) -> Result<BTreeMap<String, Amount>, MoneyError> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for key in owed.cells.keys() {
        let explained = explain(held, owed, key)?;
        for share in explained.into_iter().flat_map(|own| own.shares) {
            if share.class.is_none() {
                continue;
            }
            let zero = Amount::zero(share.amount.currency());
            let sum = sums.entry(share.name).or_insert(zero);
            *sum = sum.plus(share.amount)?;
        }
    }
    Ok(sums)
}
