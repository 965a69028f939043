//! Making a carry: which works are settled for good, as far as what is known goes.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use pricing::account::{Account, CarriedUnit, Held, Standing};
use tlog::{Frontier, Hash};
use work::body::Kind;
use work::settle::{FactRef, State, Unit};
use work::threads;

use super::{Carry, Group, LogEntry, Resumed, group_digest, touch};

/// The carry of a log, from its entries or from an earlier carry and what came since.
///
/// `account` and `frontier` are of all its entries. Works are sealed that are settled before `cut`, or
/// the latest cut of any statement, undisputed and uncorrected, with everything that is about them.
#[must_use]
pub fn seal(log: &Resumed, account: &Account, frontier: Frontier, cut: Timestamp) -> Carry {
    let cut = latest_cut(account, cut);
    let leaves: HashMap<u64, Hash> = log
        .entries
        .iter()
        .map(|entry| (entry.index, entry.leaf()))
        .collect();
    let mut groups = log.groups.clone();
    groups.extend(new_groups(
        account,
        |index| leaves.get(&index).copied(),
        cut,
        1,
    ));
    // What remains at hand may still touch a group: its entries then stay at hand as well.
    loop {
        let sealed: BTreeSet<u64> = groups
            .iter()
            .flat_map(|group| group.entries.iter().copied())
            .collect();
        let kept: Vec<LogEntry> = log
            .entries
            .iter()
            .filter(|entry| !sealed.contains(&entry.index))
            .cloned()
            .collect();
        let touched = touch::touched(&log.customer, &groups, &kept);
        if touched.is_empty() {
            groups.sort_by(|a, b| a.entries.cmp(&b.entries));
            return Carry {
                customer: log.customer.clone(),
                frontier,
                cut,
                groups,
                kept,
            };
        }
        let mut number = 0..;
        groups.retain(|_| number.next().is_some_and(|own| !touched.contains(&own)));
    }
}

/// The carry of a whole log whose leaf hashes are known: the same as [`seal`] from genesis, but only
/// the entries that no group holds are asked for, by their positions. Those are few where most works
/// are settled. Groups are made on so many `threads`.
///
/// # Errors
/// Whatever `fetch` says.
pub fn seal_whole<E>(
    account: &Account,
    leaf: impl Fn(u64) -> Option<Hash> + Sync,
    mut fetch: impl FnMut(&BTreeSet<u64>) -> Result<Vec<LogEntry>, E>,
    frontier: Frontier,
    cut: Timestamp,
    threads: usize,
) -> Result<Carry, E> {
    let cut = latest_cut(account, cut);
    let mut groups = new_groups(account, leaf, cut, threads);
    let mut sealed: Vec<u64> = groups
        .iter()
        .flat_map(|group| &group.entries)
        .copied()
        .collect();
    sealed.sort_unstable();
    let mut sealed = sealed.into_iter().peekable();
    let mut wanted: BTreeSet<u64> = (0..frontier.size())
        .filter(|index| sealed.next_if_eq(index).is_none())
        .collect();
    let mut kept: Vec<LogEntry> = Vec::new();
    loop {
        kept.extend(fetch(&wanted)?);
        kept.sort_by_key(|entry| entry.index);
        let touched = touch::touched(&account.customer, &groups, &kept);
        if touched.is_empty() {
            groups.sort_by(|a, b| a.entries.cmp(&b.entries));
            return Ok(Carry {
                customer: account.customer.clone(),
                frontier,
                cut,
                groups,
                kept,
            });
        }
        // The entries of a group that is touched stay at hand as well.
        let of_touched = |number: &usize| groups[*number].entries.iter().copied();
        wanted = touched.iter().flat_map(of_touched).collect();
        let mut number = 0..;
        groups.retain(|_| number.next().is_some_and(|own| !touched.contains(&own)));
    }
}

/// The latest cut of any statement, or this one.
fn latest_cut(account: &Account, cut: Timestamp) -> Timestamp {
    let issued = account.contracts.iter().flat_map(|held| &held.issued);
    issued.map(|own| own.cut).fold(cut, Timestamp::max)
}

/// A fact that nothing disputes or corrects.
struct Plain {
    /// Where it stands in the log.
    entry: u64,
    /// The first of the units that it helped to settle.
    unit: Option<usize>,
}

fn plain_facts(account: &Account) -> HashMap<&FactRef, Plain> {
    let mut plain: HashMap<&FactRef, Plain> = account
        .entries
        .iter()
        .filter(|meta| matches!(meta.standing, Standing::Fact(_)) && meta.kind != Kind::Corrected)
        .map(|meta| {
            let entry = meta.entry;
            (&meta.fact, Plain { entry, unit: None })
        })
        .collect();
    let concerned = account
        .entries
        .iter()
        .filter_map(|meta| meta.target.as_deref());
    for fact in concerned
        .chain(account.corrected.keys())
        .chain(&account.conflicts)
    {
        plain.remove(fact);
    }
    plain
}

/// Groups of units that were not carried before and are settled by the cut.
fn new_groups(
    account: &Account,
    leaf: impl Fn(u64) -> Option<Hash> + Sync,
    cut: Timestamp,
    threads: usize,
) -> Vec<Group> {
    let mut plain = plain_facts(account);
    let mut links = Links::default();
    let mut units: Vec<(Option<&str>, &Unit)> = Vec::new();
    let held = account.contracts.iter().flat_map(|held| {
        let id = held.agreement.id.as_str();
        held.units.iter().map(move |unit| (Some(id), unit))
    });
    let loose = account.loose_units.iter().map(|(unit, _)| (None, unit));
    for (contract, unit) in held.chain(loose) {
        // A carried unit's facts are no entries at hand; it is in its group already.
        let number = units.len();
        units.push((contract, unit));
        links.add(number, unit, &mut plain);
    }
    let members = links.groups(units.len());
    let groups = threads::map(threads, &members, |members| {
        let members: Vec<_> = members.iter().map(|own| units[*own]).collect();
        group(account, &members, &plain, &leaf, cut)
    });
    groups.into_iter().flatten().collect()
}

/// The group of these units, where every one of them is settled for good.
fn group(
    account: &Account,
    members: &[(Option<&str>, &Unit)],
    plain: &HashMap<&FactRef, Plain>,
    leaf: &impl Fn(u64) -> Option<Hash>,
    cut: Timestamp,
) -> Option<Group> {
    let mut entries: Vec<(u64, Hash)> = Vec::new();
    let mut units = Vec::with_capacity(members.len());
    for (contract, unit) in members {
        if !is_settled(unit, cut) {
            return None;
        }
        let mut positions = Vec::with_capacity(unit.facts.len());
        for fact in &unit.facts {
            let index = plain.get(fact)?.entry;
            entries.push((index, leaf(index)?));
            positions.push(index);
        }
        units.push(CarriedUnit {
            contract: (*contract)?.to_owned(),
            unit: essential(unit, account.contract((*contract)?)),
            entries: positions,
        });
    }
    units.sort_by(|a, b| (&a.contract, &a.unit.key).cmp(&(&b.contract, &b.unit.key)));
    entries.sort_unstable();
    entries.dedup();
    Some(Group {
        digest: group_digest(entries.iter().copied()),
        entries: entries.into_iter().map(|(index, _)| index).collect(),
        units,
    })
}

/// Settled before the cut: no deadline is running, nothing is disputed, and what moved it is known.
fn is_settled(unit: &Unit, cut: Timestamp) -> bool {
    let Some((since, state)) = unit.states.last() else {
        return false;
    };
    let causes = unit.movements.iter().flat_map(|own| &own.causes);
    *state != State::Pending
        && *since < cut
        && unit.movements.iter().all(|own| own.instant < cut)
        && unit.disputes.is_empty()
        && unit.facts.contains(&unit.key.opened_by)
        && causes.into_iter().all(|cause| unit.facts.contains(cause))
}

/// What statements look at of a settled unit.
fn essential(unit: &Unit, held: Option<&Held>) -> Unit {
    let versions = held.iter().flat_map(|held| &held.agreement.versions);
    let prices_attempts = versions
        .flat_map(|version| &version.terms.components)
        .any(|component| component.prices_attempts_of(&unit.key.unit));
    let last = unit.states.last().cloned();
    let opening = (unit.opened, State::Pending);
    Unit {
        attempt: unit.attempt.clone().filter(|_| prices_attempts),
        states: [opening].into_iter().chain(last).collect(),
        human_touches: Vec::new(),
        listed: Vec::new(),
        traces: Vec::new(),
        evidence: Vec::new(),
        ..unit.clone()
    }
}

/// Units joined by shared facts and works. A fact that is not plain joins nothing, and need not: no group holds a
/// unit that has one.
#[derive(Default)]
struct Links<'u> {
    parents: Vec<usize>,
    works: HashMap<&'u str, usize>,
}

impl<'u> Links<'u> {
    fn add(&mut self, number: usize, unit: &'u Unit, plain: &mut HashMap<&FactRef, Plain>) {
        self.parents.push(number);
        for fact in &unit.facts {
            if let Some(plain) = plain.get_mut(fact) {
                let other = *plain.unit.get_or_insert(number);
                self.join(number, other);
            }
        }
        for work in &unit.works {
            let other = *self.works.entry(work).or_insert(number);
            self.join(number, other);
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b);
    }

    fn root(&mut self, mut number: usize) -> usize {
        while self.parents[number] != number {
            self.parents[number] = self.parents[self.parents[number]];
            number = self.parents[number];
        }
        number
    }

    fn groups(mut self, count: usize) -> Vec<Vec<usize>> {
        // The root of a set is its least member, and so comes first.
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut places = vec![0; count];
        for number in 0..count {
            let root = self.root(number);
            if root == number {
                places[root] = groups.len();
                groups.push(Vec::new());
            }
            groups[places[root]].push(number);
        }
        groups
    }
}
