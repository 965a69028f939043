//! What is left of credits at an instant, before anything more is stated.
//!
//! The same draws as of a statement that were drawn up now, over what has accrued: provisional, and
//! current with every fact. Invariant: nothing is stated by it, and nothing left is below zero.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::Amount;
use work::Digest;
use work::body::StatedCell;

use super::{Adding, LotName, Lots, apply};
use crate::account::{Account, Held, Issued};
use crate::cell::{Cell, CellKey};
use crate::statement::{StatementError, paid, stated};

/// What is left of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveLot {
    /// The lot.
    pub lot: LotName,
    /// What is left after what is stated.
    pub stated: Amount,
    /// What is left if what has accrued were stated now.
    pub left: Amount,
    /// From when it pays.
    pub from: Timestamp,
    /// From when it does not pay any more.
    pub until: Option<Timestamp>,
}

impl LiveLot {
    /// Whether it pays for what happens at an instant.
    #[must_use]
    pub fn pays_at(&self, instant: Timestamp) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }
}

/// The lots of an account at `now`, with what each of its contracts owes or has accrued, in the order
/// in which they are drawn.
///
/// # Errors
/// [`StatementError`] where an amount does not fit or a stated cell cannot be read.
pub fn live(
    account: &Account,
    contracts: &[(&Held, &BTreeMap<CellKey, Cell>)],
    now: Timestamp,
) -> Result<Vec<LiveLot>, StatementError> {
    let customer = |source| StatementError::Money {
        contract: account.customer.clone(),
        source,
    };
    let mut then = account.stated_alone();
    for (held, owed) in contracts {
        let id = &held.agreement.id;
        let money = |source| StatementError::Money {
            contract: id.clone(),
            source,
        };
        let stated = stated(held)?;
        let mut keys: Vec<&CellKey> = owed.keys().collect();
        keys.extend(stated.keys().filter(|key| !owed.contains_key(*key)));
        let order = held.agreement.component_ids();
        let place = |key: &CellKey| order.iter().position(|(own, _)| *own == key.component);
        keys.sort_by_cached_key(|key| (place(key).unwrap_or(usize::MAX), (*key).clone()));
        let zero = Amount::zero(held.agreement.latest().terms.contract.currency);
        let mut differences = Vec::with_capacity(keys.len());
        for key in keys {
            let charged = owed.get(key).map_or(Ok(zero), Cell::charged);
            let before = stated.get(key).map_or(zero, |own| own.charged);
            let difference = charged.and_then(|own| own.minus(before)).map_err(money)?;
            if !difference.is_zero() {
                differences.push((key.clone(), difference));
            }
        }
        let adding = Adding {
            held,
            cut: now,
            as_of: held.last_cut().map_or(now, |last| last.max(now)),
            stated: &stated,
            owed,
            differences: &differences,
        };
        let applied = apply(&then, &adding).map_err(money)?;
        let cells: Vec<StatedCell> = applied.draws.iter().map(paid).collect();
        then.state(id, provisional(now, cells));
    }
    let before = Lots::of(account, None).map_err(customer)?;
    let after = Lots::of(&then, None).map_err(customer)?;
    let stated = |name: &LotName, zero: Amount| {
        let lot = before.lots.iter().find(|lot| lot.name == *name);
        lot.map_or(zero, |lot| lot.left)
    };
    let lots = after.lots.iter().map(|lot| LiveLot {
        lot: lot.name.clone(),
        stated: stated(&lot.name, Amount::zero(lot.left.currency())),
        left: lot.left,
        from: lot.from,
        until: lot.until,
    });
    Ok(lots.collect())
}

/// What would be issued now, as far as credits look at it.
fn provisional(cut: Timestamp, cells: Vec<StatedCell>) -> Issued {
    Issued {
        number: String::new(), // it is never issued, and nothing names it
        cut,
        revision: 1,
        coverage: u64::MAX,
        body: Digest::of(b""),
        carry: Digest::of(b""),
        cells,
        at: cut,
        voided: None,
        voided_by: None,
        is_credited: false,
    }
}
