//! From differences to lines.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Quantity};
use work::body::StatedCell;
use work::event::Authorship;
use work::settle::{FactRef, Unit};

use super::difference::Stated;
use super::shares::{divide, shares};
use super::{Line, LineKind};
use crate::account::Held;
use crate::cell::{Cell, CellKey, Contribution, Facts, Owed, Part, Source};
use crate::limits::NAMES_PER_LINE_MAX;

/// A statement being drawn.
pub(super) struct Drawing<'a> {
    held: &'a Held,
    owed: &'a Owed,
    stated: &'a BTreeMap<CellKey, Stated>,
    cut: Timestamp,
    last_cut: Option<Timestamp>,
    back: Option<Back<'a>>,
}

/// What the last statement knew.
struct Back<'a> {
    held: &'a Held,
    owed: &'a Owed,
    seen: Timestamp,
}

/// What moved in a cell.
#[derive(Default)]
struct Moved {
    works: Vec<String>,
    causes: Vec<FactRef>,
    omitted: u64,
    /// The change of the shares of those that moved; `None` where it cannot be known.
    own: Option<Amount>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(
        held: &'a Held,
        owed: &'a Owed,
        stated: &'a BTreeMap<CellKey, Stated>,
        cut: Timestamp,
    ) -> Drawing<'a> {
        Drawing { held, owed, stated, cut, last_cut: held.last_cut(), back: None }
    }

    pub(super) fn look_back(&mut self, held: &'a Held, owed: &'a Owed, seen: Timestamp) {
        self.back = Some(Back { held, owed, seen });
    }

    /// The lines and what they state.
    pub(super) fn draw(&self) -> Result<(Vec<Line>, Vec<StatedCell>), MoneyError> {
        let mut lines = Vec::new();
        let mut cells = Vec::new();
        let mut group: Vec<&CellKey> = Vec::new();
        for key in self.keys() {
            if group.first().is_some_and(|first| first.group() != key.group()) {
                self.group(&group, &mut lines, &mut cells)?;
                group.clear();
            }
            group.push(key);
        }
        self.group(&group, &mut lines, &mut cells)?;
        Ok((lines, cells))
    }

    /// The lines of one price group: those of its tiers, then what adjustments of it do to works
    /// that did not move.
    fn group(
        &self,
        keys: &[&CellKey],
        lines: &mut Vec<Line>,
        cells: &mut Vec<StatedCell>,
    ) -> Result<(), MoneyError> {
        let first = lines.len();
        for key in keys {
            self.cell(key, lines, cells)?;
        }
        let adjustments: Vec<usize> = (first..lines.len())
            .filter(|index| lines[*index].kind == LineKind::Adjustment)
            .collect();
        let Some(last) = adjustments.last().copied() else { return Ok(()) };
        let moved = self.moved(&keys[0].group())?;
        for index in &adjustments {
            lines[*index].works.clone_from(&moved.works);
            lines[*index].causes.clone_from(&moved.causes);
            lines[*index].omitted = moved.omitted;
        }
        let Some(own) = moved.own else { return Ok(()) };
        let zero = Amount::zero(own.currency());
        let whole = Amount::sum(own.currency(), adjustments.iter().map(|index| lines[*index].amount))?;
        let effect = whole.minus(own)?;
        if effect.is_zero() {
            return Ok(());
        }
        lines[last].amount = lines[last].amount.minus(effect)?;
        let line = Line {
            kind: LineKind::TierEffect,
            quantity: Quantity::ZERO,
            amount: effect,
            works: Vec::new(),
            causes: Vec::new(),
            omitted: 0,
            ..lines[last].clone()
        };
        if lines[last].amount == zero && lines[last].quantity.is_zero() {
            lines[last] = line;
        } else {
            lines.insert(last + 1, line);
        }
        Ok(())
    }

    /// The cells due by the cut, in the order of the plan's components, then of keys.
    fn keys(&self) -> Vec<&'a CellKey> {
        let owed = self.owed.cells.iter().filter(|(_, cell)| cell.due <= self.cut).map(|(key, _)| key);
        let gone = self.stated.keys().filter(|key| {
            !self.owed.cells.contains_key(*key) && key.period < self.cut
        });
        let mut keys: Vec<&CellKey> = owed.chain(gone).collect();
        let order = self.held.agreement.component_ids();
        let place = |key: &CellKey| order.iter().position(|(id, _)| *id == key.component).unwrap_or(usize::MAX);
        keys.sort_by(|a, b| (place(a), a).cmp(&(place(b), b)));
        keys
    }

    fn cell(
        &self,
        key: &CellKey,
        lines: &mut Vec<Line>,
        cells: &mut Vec<StatedCell>,
    ) -> Result<(), MoneyError> {
        let currency = self.held.agreement.latest().terms.contract.currency;
        let zero = Amount::zero(currency);
        let now = self.owed.cells.get(key);
        let nothing = Stated::nothing(zero);
        let stated = self.stated.get(key).unwrap_or(&nothing);
        let quantity_now = now.map_or(Quantity::ZERO, |cell| cell.quantity);
        let charged_now = now.map_or(Ok(zero), Cell::charged)?;
        let quantity = quantity_now.minus(stated.quantity)?;
        let amount = charged_now.minus(stated.charged)?;
        let mut reasons: BTreeMap<&str, Amount> = BTreeMap::new();
        for (reason, waived) in &stated.waived {
            reasons.insert(reason, waived.negated());
        }
        for (waiver, waived) in now.iter().flat_map(|cell| &cell.waived) {
            let change = reasons.entry(waiver.word()).or_insert(zero);
            *change = change.plus(*waived)?;
        }
        reasons.retain(|_, change| !change.is_zero());
        if quantity.is_zero() && amount.is_zero() && reasons.is_empty() {
            return Ok(());
        }
        let service = now.map_or((key.period, key.period), |cell| cell.service);
        let adjusts = self.adjusts(key, now);
        let kind = match &key.part {
            Part::Goodwill(..) => LineKind::Goodwill,
            Part::Cap | Part::Minimum if adjusts => LineKind::Absorbed,
            _ if adjusts => LineKind::Adjustment,
            _ => LineKind::Charge,
        };
        let line = |kind, quantity, amount, waived| Line {
            kind,
            cell: key.clone(),
            surface: self.surface(key),
            service,
            before: adjusts.then_some((stated.quantity, stated.charged)),
            after: adjusts.then_some((quantity_now, charged_now)),
            quantity,
            amount,
            waived,
            works: Vec::new(),
            causes: Vec::new(),
            omitted: 0,
            note: self.note(key),
        };
        if !quantity.is_zero() || !amount.is_zero() {
            lines.push(line(kind, quantity, amount, None));
            cells.push(StatedCell { cell: key.to_string(), amount, quantity, waived: None });
        }
        for (reason, change) in reasons {
            let waived = Some((reason.to_owned(), change));
            lines.push(line(LineKind::Waived, Quantity::ZERO, zero, waived));
            cells.push(StatedCell {
                cell: key.to_string(),
                amount: change,
                quantity: Quantity::ZERO,
                waived: Some(reason.to_owned()),
            });
        }
        Ok(())
    }

    /// Whether a change of the cell changes what a closed period was stated to owe: a period that is
    /// still open only goes on.
    fn adjusts(&self, key: &CellKey, now: Option<&Cell>) -> bool {
        let Some(last_cut) = self.last_cut else { return false };
        match now {
            Some(cell) => {
                let is_fee = key.part == Part::Fee;
                cell.due <= last_cut && (is_fee || cell.service.1 <= last_cut)
            }
            None => true,
        }
    }

    fn surface(&self, key: &CellKey) -> Option<crate::plan::Surface> {
        let versions = self.held.agreement.versions.iter().rev();
        versions.filter_map(|version| version.component(&key.component)).map(crate::plan::Component::surface).next()
    }

    fn note(&self, key: &CellKey) -> Option<String> {
        let Part::Goodwill(source, id) = &key.part else { return None };
        let own = |credit: &&crate::cell::Credit| credit.fact.source == *source && credit.fact.id == *id;
        self.held.credits.iter().find(own).map(|credit| credit.reason.clone())
    }

    /// The works and usages of a price group that moved since the last statement, and why.
    fn moved(&self, group: &CellKey) -> Result<Moved, MoneyError> {
        let Some(back) = &self.back else { return Ok(Moved::default()) };
        let now = Members::of(self.owed, group, &self.held.facts())?;
        let then = Members::of(back.owed, group, &back.held.facts())?;
        let zero = Amount::zero(self.held.agreement.latest().terms.contract.currency);
        let nothing = (Quantity::ZERO, zero);
        let mut moved = Moved::default();
        let mut own = zero;
        let names: BTreeSet<&Name> = now.shares.keys().chain(then.shares.keys()).collect();
        for name in names {
            let (weight_now, share_now) = now.shares.get(name).copied().unwrap_or(nothing);
            let (weight_then, share_then) = then.shares.get(name).copied().unwrap_or(nothing);
            if weight_now == weight_then {
                continue;
            }
            own = own.plus(share_now)?.minus(share_then)?;
            moved.name(name, &self.causes(back, name));
        }
        // Only where the last statement left the group as it was owed then can shares be compared.
        let stated = self.stated.iter().filter(|(key, _)| key.group() == *group);
        let stated = Amount::sum(zero.currency(), stated.map(|(_, stated)| stated.charged))?;
        let charged = then.charged.unwrap_or(zero);
        let anything = !moved.works.is_empty() || !moved.causes.is_empty();
        moved.own = (charged == stated && anything).then_some(own);
        Ok(moved)
    }

    /// The facts that moved a work: new movements, and facts that came or went.
    fn causes(&self, back: &Back<'a>, name: &Name) -> Vec<FactRef> {
        let key = match name {
            Name::Usage(fact) => return vec![fact.clone()],
            Name::Unit(key) => key,
        };
        let find = |units: &'a [Unit]| -> Option<&'a Unit> {
            units.binary_search_by(|unit| unit.key.cmp(key)).ok().map(|index| &units[index])
        };
        let (now, then) = (find(&self.held.units), find(&back.held.units));
        let none: (&[_], &[_]) = (&[], &[]);
        let (now_facts, now_movements) =
            now.map_or(none, |unit| (unit.facts.as_slice(), unit.movements.as_slice()));
        let (then_facts, then_movements) =
            then.map_or(none, |unit| (unit.facts.as_slice(), unit.movements.as_slice()));
        let mut causes: Vec<FactRef> = now_movements
            .iter()
            .filter(|own| own.instant < self.cut)
            .filter(|own| own.instant >= back.seen || !then_movements.contains(own))
            .flat_map(|own| own.causes.iter().cloned())
            .collect();
        causes.extend(now_facts.iter().filter(|fact| !then_facts.contains(fact)).cloned());
        causes.extend(then_facts.iter().filter(|fact| !now_facts.contains(fact)).cloned());
        causes.sort_unstable();
        causes.dedup();
        causes
    }

    /// The money of the lines by who authored the facts behind them.
    pub(super) fn authorship(
        &self,
        lines: &[Line],
    ) -> Result<BTreeMap<Option<Authorship>, Amount>, MoneyError> {
        let mut sums: BTreeMap<Option<Authorship>, Amount> = BTreeMap::new();
        let mut add = |author: Option<Authorship>, amount: Amount| -> Result<(), MoneyError> {
            let sum = sums.entry(author).or_insert(Amount::zero(amount.currency()));
            *sum = sum.plus(amount)?;
            Ok(())
        };
        for line in lines.iter().filter(|line| !line.amount.is_zero()) {
            let then = self.back.as_ref().and_then(|back| back.owed.cells.get(&line.cell));
            let known = self.owed.cells.get(&line.cell).into_iter().chain(then);
            let weighted = known.map(|cell| by_author(&cell.contributions)).find(|authors| {
                authors.as_ref().is_ok_and(|authors| !authors.is_empty())
            });
            let Some(authors) = weighted.transpose()? else {
                add(None, line.amount)?;
                continue;
            };
            let weights: Vec<Decimal> = authors.values().copied().collect();
            for (author, share) in authors.keys().zip(divide(line.amount, &weights)?) {
                add(Some(*author), share)?;
            }
        }
        Ok(sums)
    }
}

/// Weights by author, of those who have any.
fn by_author(contributions: &[Contribution]) -> Result<BTreeMap<Authorship, Decimal>, MoneyError> {
    let mut sums: BTreeMap<Authorship, Decimal> = BTreeMap::new();
    for own in contributions.iter().filter(|own| !own.weight.is_zero()) {
        let sum = sums.entry(own.authorship).or_default();
        *sum = sum.plus(own.weight.magnitude())?;
    }
    Ok(sums)
}

/// A contributor by its own name, comparable between two folds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Unit(work::settle::UnitKey),
    Usage(FactRef),
}

/// The members of a price group at one time.
#[derive(Default)]
struct Members {
    /// Weight and share of each.
    shares: BTreeMap<Name, (Decimal, Amount)>,
    /// What the group charges.
    charged: Option<Amount>,
}

impl Members {
    fn of(owed: &Owed, group: &CellKey, facts: &Facts<'_>) -> Result<Members, MoneyError> {
        let cells = owed.cells.range(group..).take_while(|(key, _)| key.group() == *group);
        let cells: Vec<&Cell> = cells.map(|(_, cell)| cell).collect();
        let Some(first) = cells.first() else { return Ok(Members::default()) };
        let zero = Amount::zero(first.amount.currency());
        let charged = cells.iter().try_fold(zero, |sum, cell| sum.plus(cell.charged()?))?;
        let without_late = cells.iter().any(|cell| cell.waives_late());
        // The tiers of a group share one list of contributions.
        let amounts = shares(charged, &first.contributions, without_late)?;
        let mut by_name: BTreeMap<Name, (Decimal, Amount)> = BTreeMap::new();
        for (own, amount) in first.contributions.iter().zip(amounts) {
            if without_late && own.is_late {
                continue;
            }
            let (weight, sum) = by_name.entry(Name::of(own.source, facts)).or_insert((Decimal::ZERO, zero));
            *weight = weight.plus(own.weight)?;
            *sum = sum.plus(amount)?;
        }
        Ok(Members { shares: by_name, charged: Some(charged) })
    }
}

impl Name {
    fn of(source: Source, facts: &Facts<'_>) -> Name {
        match source {
            Source::Unit(unit, _) => Name::Unit(facts.units[unit].key.clone()),
            Source::Usage(usage) => Name::Usage(facts.usage[usage].fact.clone()),
        }
    }
}

impl Moved {
    fn name(&mut self, name: &Name, causes: &[FactRef]) {
        let mut add = |is_full: bool| {
            if is_full {
                self.omitted += 1;
            }
            !is_full
        };
        if let Name::Unit(key) = name
            && add(self.works.len() >= NAMES_PER_LINE_MAX)
        {
            self.works.push(super::explain::unit_name(key));
        }
        for cause in causes {
            if !self.causes.contains(cause) && add(self.causes.len() >= NAMES_PER_LINE_MAX) {
                self.causes.push(cause.clone());
            }
        }
    }
}
