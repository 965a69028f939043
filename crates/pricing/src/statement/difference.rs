//! What was stated, and the difference to what is owed.

use std::collections::BTreeMap;

use money::{Amount, MoneyError, Quantity};

use super::StatementError;
use crate::account::Held;
use crate::cell::CellKey;

/// What the standing statements of a contract say of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The quantity.
    pub quantity: Quantity,
    /// What was charged.
    pub charged: Amount,
    /// What was waived, by reason.
    pub waived: BTreeMap<String, Amount>,
}

impl Stated {
    /// Nothing, in the currency of `like`.
    pub(super) fn nothing(like: Amount) -> Stated {
        Stated {
            quantity: Quantity::ZERO,
            charged: Amount::zero(like.currency()),
            waived: BTreeMap::new(),
        }
    }

    /// Charged and waived together.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn amount(&self) -> Result<Amount, MoneyError> {
        self.waived
            .values()
            .try_fold(self.charged, |sum, waived| sum.plus(*waived))
    }
}

/// Sums what the statements issued and not voided state, whatever their cut (semantics.md D7), beside what was billed
/// before the contract began (P6).
///
/// # Errors
/// [`StatementError::Cell`], [`StatementError::Money`].
pub fn stated(held: &Held) -> Result<BTreeMap<CellKey, Stated>, StatementError> {
    let mut sums: BTreeMap<CellKey, Stated> = BTreeMap::new();
    let money = |source| StatementError::Money {
        contract: held.agreement.id.clone(),
        source,
    };
    for (key, quantity, charged) in held.stated_before() {
        let stated = Stated {
            quantity,
            charged,
            waived: BTreeMap::new(),
        };
        sums.insert(key, stated);
    }
    for issued in held.standing() {
        // What credits paid is no part of what was charged (D9).
        for cell in issued.cells.iter().filter(|cell| cell.credit.is_none()) {
            let key: CellKey = cell.cell.parse().map_err(|source| StatementError::Cell {
                number: issued.number.clone(),
                source,
            })?;
            let sum = sums
                .entry(key)
                .or_insert_with(|| Stated::nothing(cell.amount));
            sum.quantity = sum.quantity.plus(cell.quantity).map_err(money)?;
            let amount = match &cell.waived {
                None => &mut sum.charged,
                Some(reason) => sum
                    .waived
                    .entry(reason.clone())
                    .or_insert(Amount::zero(cell.amount.currency())),
            };
            *amount = amount.plus(cell.amount).map_err(money)?;
        }
    }
    Ok(sums)
}
