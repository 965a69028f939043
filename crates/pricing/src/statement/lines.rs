//! From differences to lines.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, MoneyError, Quantity};
use work::body::StatedCell;

use super::difference::Stated;
use super::moved::Back;
use super::{Line, LineKind};
use crate::account::Held;
use crate::cell::{Cell, CellKey, Owed, Part};

/// A statement being drawn.
pub(super) struct Drawing<'a> {
    pub(super) held: &'a Held,
    pub(super) owed: &'a Owed,
    pub(super) stated: &'a BTreeMap<CellKey, Stated>,
    pub(super) cut: Timestamp,
    last_cut: Option<Timestamp>,
    pub(super) back: Option<Back<'a>>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(
        held: &'a Held,
        owed: &'a Owed,
        stated: &'a BTreeMap<CellKey, Stated>,
        cut: Timestamp,
    ) -> Drawing<'a> {
        Drawing {
            held,
            owed,
            stated,
            cut,
            last_cut: held.last_cut(),
            back: None,
        }
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
            if group
                .first()
                .is_some_and(|first| first.group() != key.group())
            {
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
        let Some(last) = adjustments.last().copied() else {
            return Ok(());
        };
        let moved = self.moved(&keys[0].group())?;
        for index in &adjustments {
            lines[*index].works.clone_from(&moved.works);
            lines[*index].causes.clone_from(&moved.causes);
            lines[*index].omitted = moved.omitted;
        }
        let Some(own) = moved.own else { return Ok(()) };
        lines[adjustments[0]].taken_back = moved.taken_back; // `last` is one of them
        let zero = Amount::zero(own.currency());
        let whole = Amount::sum(
            own.currency(),
            adjustments.iter().map(|index| lines[*index].amount),
        )?;
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
            taken_back: None,
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
        let owed = self
            .owed
            .cells
            .iter()
            .filter(|(_, cell)| cell.due <= self.cut)
            .map(|(key, _)| key);
        let gone = self
            .stated
            .keys()
            .filter(|key| !self.owed.cells.contains_key(*key) && key.period < self.cut);
        let mut keys: Vec<&CellKey> = owed.chain(gone).collect();
        let order = self.held.agreement.component_ids();
        let place = |key: &CellKey| {
            order
                .iter()
                .position(|(id, _)| *id == key.component)
                .unwrap_or(usize::MAX)
        };
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
            Part::Credited(..) | Part::Opened(_) => LineKind::Credit,
            // A part of a minimum that was billed in advance is a price, as a fee is.
            Part::Minimum if now.is_some_and(|own| own.due == own.service.0) && adjusts => {
                LineKind::Adjustment
            }
            Part::Cap | Part::Minimum | Part::Drawn if adjusts => LineKind::Absorbed,
            _ if adjusts => LineKind::Adjustment,
            _ => LineKind::Charge,
        };
        let note = self.note(key)?;
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
            taken_back: None,
            note: note.clone(),
        };
        if !quantity.is_zero() || !amount.is_zero() {
            lines.push(line(kind, quantity, amount, None));
            cells.push(StatedCell {
                cell: key.to_string(),
                amount,
                quantity,
                waived: None,
                credit: None,
            });
        }
        for (reason, change) in reasons {
            let waived = Some((reason.to_owned(), change));
            lines.push(line(LineKind::Waived, Quantity::ZERO, zero, waived));
            cells.push(StatedCell {
                cell: key.to_string(),
                amount: change,
                quantity: Quantity::ZERO,
                waived: Some(reason.to_owned()),
                credit: None,
            });
        }
        Ok(())
    }

    /// What happened before this instant is seen.
    pub(super) fn as_of(&self) -> Timestamp {
        self.last_cut.map_or(self.cut, |last| last.max(self.cut))
    }

    /// Whether a change of the cell changes what a closed period was stated to owe: a period that is
    /// still open only goes on.
    fn adjusts(&self, key: &CellKey, now: Option<&Cell>) -> bool {
        let Some(last_cut) = self.last_cut else {
            return false;
        };
        match now {
            Some(cell) => {
                // Seats that were committed to, and a minimum, may be charged in advance, as a fee is.
                let may_be_ahead = matches!(key.part, Part::Seats(_) | Part::Minimum);
                let is_ahead = may_be_ahead && cell.due == cell.service.0;
                let is_fee = key.part == Part::Fee || is_ahead;
                cell.due <= last_cut && (is_fee || cell.service.1 <= last_cut)
            }
            None => true,
        }
    }

    fn surface(&self, key: &CellKey) -> Option<crate::plan::Surface> {
        let versions = self.held.agreement.versions.iter().rev();
        versions
            .filter_map(|version| version.component(&key.component))
            .map(crate::plan::Component::surface)
            .next()
    }
}
