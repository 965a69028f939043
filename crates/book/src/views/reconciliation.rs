//! Where every delivery, entry, work and coin went (semantics.md section 5).

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency};
use pages::view;
use pricing::account::Rated;
use pricing::reconcile::{Class, reconcile, reconcile_rated};
use pricing::statement::Statement;

use crate::Result;
use crate::book::Book;

/// The reconciliation of one contract's customer at its statement. A buyer reads it, so it says nothing of what was
/// delivered for others, nor to the seller-only log.
pub fn view(book: &Book, rated: &Rated<'_>, statement: &Statement) -> Result<view::Reconciliation> {
    let whole = of_account(
        book,
        rated,
        statement.as_of,
        statement.currency,
        Some(&statement.contract),
    )?;
    Ok(view::Reconciliation {
        deliveries: None,
        ..whole
    })
}

/// The reconciliation of an account at a cut; the money of one contract, or of all.
pub fn of_account(
    book: &Book,
    rated: &Rated<'_>,
    cut: Timestamp,
    currency: Currency,
    contract: Option<&str>,
) -> Result<view::Reconciliation> {
    let account = rated.account;
    let found = reconcile_rated(rated, cut)?;
    let deliveries = book.store.deliveries()?;
    let money: Vec<_> = found
        .contracts
        .iter()
        .filter(|money| contract.is_none_or(|contract| contract == money.contract))
        .collect();
    let sum = |of: fn(&pricing::reconcile::Money) -> Amount| {
        Amount::sum(currency, money.iter().map(|own| of(own)))
    };
    let (owed, stated, waived, unstated) = (
        sum(|m| m.owed)?,
        sum(|m| m.stated)?,
        sum(|m| m.waived)?,
        sum(|m| m.unstated)?,
    );
    let entries = classes(&found.counts());
    let works = classes(&found.works);
    let balanced = owed == stated.plus(waived)?.plus(unstated)?
        && deliveries.received
            == deliveries.accepted
                + deliveries.duplicate
                + deliveries.conflicting
                + deliveries.refused
        && found.entries.len() as u64 + found.control == account.entries.len() as u64;
    Ok(view::Reconciliation {
        as_of: cut,
        log_length: account.coverage,
        deliveries: Some(view::Deliveries {
            received: deliveries.received,
            accepted: deliveries.accepted,
            duplicate: deliveries.duplicate,
            conflicting: deliveries.conflicting,
            refused: deliveries.refused,
        }),
        entries,
        works,
        owed,
        stated,
        waived,
        unstated,
        balanced,
        command: format!("piecework reconcile --customer {}", account.customer),
    })
}

impl Book {
    /// What every contract of a customer makes of what happened before `cut`, and where it went.
    ///
    /// # Errors
    /// Where there is no such customer, or an amount does not fit.
    pub fn money(&self, customer: &str, cut: Timestamp) -> Result<Vec<view::ContractMoney>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let found = reconcile(&account, cut)?;
        let rows = found.contracts.into_iter().zip(&account.contracts);
        rows.map(|(own, held)| {
            let parts = own.stated.plus(own.waived)?.plus(own.unstated)?;
            Ok(view::ContractMoney {
                agrees: own.owed == parts,
                contract: own.contract,
                is_draft: held.agreement.is_draft,
                owed: own.owed,
                stated: own.stated,
                waived: own.waived,
                unstated: own.unstated,
            })
        })
        .collect()
    }
}

fn classes(counts: &BTreeMap<Class, u64>) -> view::Classes {
    let mut classes = view::Classes::default();
    for (class, count) in counts {
        classes.total += count;
        let reason = |word: &str| view::Reason {
            reason: word.to_owned(),
            count: *count,
        };
        match class {
            Class::Rated => classes.rated += count,
            Class::Pending(pending) => classes.pending.push(reason(pending.word())),
            Class::NotBillable(why) => classes.not_billable.push(reason(why.word())),
        }
    }
    classes
}
