//! A draft by itself: what a period states once the periods before it are stated.
//!
//! A statement covers everything due and unstated (semantics.md D2), so the draft of a customer to
//! whom nothing was issued holds every period since the first. [`draw_apart`] tells the asked period
//! from what earlier ones add. It is for looking: what is issued is [`super::draw`]'s, whole.
//! Invariant: the statement's total and what earlier periods add come to the total of the whole.

use jiff::Timestamp;
use money::Amount;

use super::{Statement, StatementError, draw_rated};
use crate::account::{Issued, Rated};

/// The draft of one period, and what earlier periods that are not stated would add to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The statement as it will be once the earlier periods are issued.
    pub statement: Statement,
    /// Where the first of the earlier periods begins.
    pub from: Timestamp,
    /// Where the last of them ends.
    pub until: Timestamp,
    /// What they add to a statement that is issued without them.
    pub earlier: Amount,
}

/// Draws up the statement of a cut apart from earlier periods; `None` where no earlier period that
/// has anything to state is unstated.
///
/// # Errors
/// [`StatementError`].
pub fn draw_apart(
    now: &Rated<'_>,
    contract: &str,
    cut: Timestamp,
) -> Result<Option<Apart>, StatementError> {
    let held = (now.account)
        .contract(contract)
        .ok_or_else(|| StatementError::NoContract(contract.to_owned()))?;
    let stated = held.last_cut();
    let is_unstated = |end: Timestamp| end < cut && stated.is_none_or(|stated| stated < end);
    let mut periods = held.agreement.statement_periods(cut);
    periods.retain(|period| is_unstated(period.end.at));
    let [first, ..] = periods.as_slice() else {
        return Ok(None);
    };
    let from = first.start.at;
    let until = periods.last().unwrap_or(first).end.at;
    let before = draw_rated(now, None, contract, until)?;
    if before.lines.is_empty() {
        return Ok(None);
    }
    let stated = Issued {
        number: String::new(), // it was never issued, and no line may name it
        cut: before.cut,
        revision: before.revision,
        coverage: now.account.coverage,
        body: before.digest(),
        carry: before.digest(), // as little a name of anything as the number
        cells: before.cells,
        at: before.cut,
        voided: None,
        voided_by: None,
        is_credited: false,
    };
    let whole = draw_rated(now, None, contract, cut)?;
    let then = now.account.as_if_issued(held, stated);
    let then = now.restated(&then, contract);
    let statement = draw_rated(&then, Some(now), contract, cut)?;
    let earlier = whole
        .total
        .minus(statement.total)
        .map_err(|source| StatementError::Money {
            contract: contract.to_owned(),
            source,
        })?;
    Ok(Some(Apart {
        statement,
        from,
        until,
        earlier,
    }))
}
