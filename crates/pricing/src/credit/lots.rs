//! What is left of grants after the statements that stand.
//!
//! A lot is a grant, or what was restored to it after its expiry by statements of one cut, which may
//! be drawn for the grant's `restore_days` from that cut. Nothing here depends on the order of
//! statements: what expired is what is left of a lot when it is closed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use money::{Amount, MoneyError};

use super::{Grant, LotName};
use crate::account::{Account, Held};

/// Something to draw on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot<'a> {
    /// Its name.
    pub name: LotName,
    /// The grant.
    pub grant: &'a Grant,
    /// From when it pays.
    pub from: Timestamp,
    /// From when it does not pay any more.
    pub until: Option<Timestamp>,
    /// What was granted; of a restored lot nothing.
    pub granted: Amount,
    /// What was restored to it.
    pub restored: Amount,
    /// What was drawn on it.
    pub drawn: Amount,
    /// What is left.
    pub left: Amount,
}

/// The lots of an account, in the order in which they are drawn: by priority, then expiry, then
/// creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lots<'a> {
    /// The lots.
    pub lots: Vec<Lot<'a>>,
}

impl Lot<'_> {
    /// Whether it pays for what happened at an instant.
    #[must_use]
    pub fn pays_at(&self, instant: Timestamp) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }

    /// Whether it is closed for a contract's statement of this cut: a statement of the period in
    /// which it expired stands.
    #[must_use]
    pub fn is_closed(&self, held: &Held, cut: Timestamp) -> bool {
        self.until.is_some_and(|until| {
            let mut cuts = held.standing().map(|issued| issued.cut);
            cuts.any(|own| until <= own && own <= cut)
        })
    }

    /// Whether no contract that it is for can draw on it any more: what is left has expired.
    #[must_use]
    pub fn has_expired(&self, account: &Account) -> bool {
        let Some(until) = self.until else {
            return false;
        };
        let currency = self.grant.amount.currency();
        let mut contracts = account.contracts.iter().filter(|held| {
            let agreement = &held.agreement;
            self.grant.is_for(&agreement.id)
                && agreement.latest().terms.contract.currency == currency
                && agreement.schedule.start.at < until
        });
        contracts.all(|held| {
            let last = held
                .agreement
                .schedule
                .end
                .map_or(until, |end| end.at.min(until));
            held.last_cut().is_some_and(|cut| last <= cut)
        })
    }
}

impl<'a> Lots<'a> {
    /// The lots of an account, without what a statement of this number did, if it names one.
    ///
    /// # Errors
    /// [`MoneyError`] where an amount does not fit.
    pub fn of(account: &'a Account, without: Option<&str>) -> Result<Lots<'a>, MoneyError> {
        let mut lots: BTreeMap<LotName, Lot<'a>> = BTreeMap::new();
        for grant in account.grants.iter().filter(|own| !own.is_voided) {
            let name = LotName {
                grant: grant.id.clone(),
                restored: None,
            };
            lots.insert(name.clone(), Lot::new(name, grant));
        }
        for (cut, name, amount) in stated(account, without) {
            let Some(grant) = account.grants.iter().find(|own| own.id == name.grant) else {
                continue; // a statement that names no grant is refused by whoever recomputes it
            };
            if !amount.is_negative() {
                let lot = lots
                    .entry(name.clone())
                    .or_insert_with(|| Lot::new(name, grant));
                lot.drawn = lot.drawn.plus(amount)?;
                continue;
            }
            let lives = until(grant, &name).is_none_or(|until| cut < until);
            let name = LotName {
                restored: if lives { name.restored } else { Some(cut) },
                ..name
            };
            let lot = lots
                .entry(name.clone())
                .or_insert_with(|| Lot::new(name, grant));
            lot.restored = lot.restored.minus(amount)?;
        }
        let mut lots: Vec<Lot<'a>> = lots.into_values().collect();
        for lot in &mut lots {
            lot.left = lot.granted.plus(lot.restored)?.minus(lot.drawn)?;
        }
        lots.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(Lots { lots })
    }

    /// The first lot of which more is drawn than it has.
    #[must_use]
    pub fn overdrawn(&self) -> Option<&Lot<'a>> {
        self.lots.iter().find(|lot| lot.left.is_negative())
    }

    /// The place of a lot in the order in which they are drawn.
    pub(super) fn place(&self, name: &LotName) -> Option<usize> {
        self.lots.iter().position(|lot| lot.name == *name)
    }
}

impl<'a> Lot<'a> {
    fn new(name: LotName, grant: &'a Grant) -> Lot<'a> {
        let zero = Amount::zero(grant.amount.currency());
        Lot {
            from: name.restored.unwrap_or(grant.starts),
            until: until(grant, &name),
            granted: name.restored.map_or(grant.amount, |_| zero),
            restored: zero,
            drawn: zero,
            left: zero,
            name,
            grant,
        }
    }

    /// By priority, then expiry (what never expires last), then creation.
    fn order(&self) -> impl Ord + '_ {
        (
            self.grant.priority,
            self.until.is_none(),
            self.until,
            self.grant.granted,
            &self.grant.fact,
            self.name.restored,
        )
    }
}

/// From when a lot does not pay any more.
fn until(grant: &Grant, name: &LotName) -> Option<Timestamp> {
    match name.restored {
        None => grant.expires,
        Some(cut) => {
            let days = SignedDuration::from_hours(24 * i64::from(grant.restore_days));
            Some(cut.checked_add(days).unwrap_or(Timestamp::MAX))
        }
    }
}

/// Cut, lot and amount of every draw (above zero) and restoring (below) that stands.
fn stated<'a>(
    account: &'a Account,
    without: Option<&'a str>,
) -> impl Iterator<Item = (Timestamp, LotName, Amount)> + 'a {
    let standing = account.contracts.iter().flat_map(Held::standing);
    let standing = standing.filter(move |issued| without != Some(issued.number.as_str()));
    standing.flat_map(|issued| {
        issued.cells.iter().filter_map(|cell| {
            let name = cell.credit.as_deref()?.parse().ok()?;
            Some((issued.cut, name, cell.amount))
        })
    })
}
