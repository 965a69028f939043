//! Credit notes of a customer, as documents: what statements took back of earlier ones (semantics.md D14).

use jiff::Timestamp;
use pages::view;
use pricing::account::notes::CreditNote;
use pricing::account::{Account, Held};
use pricing::cell::{CellKey, Part};

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::views::statement::part;

impl Book {
    /// The credit notes of a customer, in the order of their issue.
    ///
    /// # Errors
    /// Where there is no such customer, or an amount does not fit.
    pub fn credit_notes(&self, customer: &str) -> Result<Vec<view::CreditNote>> {
        self.chosen(Some(customer))?;
        notes_of(&*self.account(customer, None)?)
    }

    /// One of them, by its number.
    ///
    /// # Errors
    /// [`Absent`] where there is none.
    pub fn credit_note(&self, customer: &str, number: &str) -> Result<view::CreditNote> {
        let mut notes = self.credit_notes(customer)?.into_iter();
        let found = notes.find(|own| own.number == number);
        found.ok_or_else(|| {
            Absent::CreditNote {
                customer: customer.to_owned(),
                number: number.to_owned(),
            }
            .into()
        })
    }
}

/// The credit notes of an account, in the order of their issue.
pub(crate) fn notes_of(account: &Account) -> Result<Vec<view::CreditNote>> {
    let notes = account.credit_notes()?.notes.into_iter();
    let shown = notes.filter_map(|note| {
        let held = account.contract(&note.contract)?;
        Some(shown(&account.customer, held, note))
    });
    Ok(shown.collect())
}

fn shown(customer: &str, held: &Held, note: CreditNote) -> view::CreditNote {
    let line = |(key, amount): (CellKey, money::Amount)| {
        let reason = decision(held, &key);
        // What a decision credits is of the cell that it names, and of its period.
        let of = match &key.part {
            Part::Credited(_, _, cell) => cell.parse().unwrap_or_else(|_| key.clone()),
            _ => key.clone(),
        };
        let (from, until) = service(held, &of, note.cut);
        view::CreditNoteLine {
            component: of.component.clone(),
            part: part(&of.part),
            from,
            until,
            cell: key.to_string(),
            tax_category: held.tax_category(&key).map(str::to_owned),
            amount,
            reason,
        }
    };
    view::CreditNote {
        number: note.number,
        customer: customer.to_owned(),
        contract: note.contract,
        origin: note.origin,
        statement: note.statement,
        cut: note.cut,
        state: if note.is_voided { "void" } else { "issued" }.to_owned(),
        amount: note.amount,
        on_account: note.on_account,
        lines: note.lines.into_iter().map(line).collect(),
    }
}

fn decision(held: &Held, key: &CellKey) -> Option<String> {
    let Part::Credited(source, id, _) = &key.part else {
        return None;
    };
    let mut decisions = held.decisions.iter();
    let own = decisions.find(|own| own.fact.source == *source && own.fact.id == *id);
    own.map(|own| own.reason.clone())
}

/// The rating period that a cell is for; its end is the cut where the period is not known any more.
pub(crate) fn service(held: &Held, key: &CellKey, cut: Timestamp) -> (Timestamp, Timestamp) {
    let components = held.agreement.component_ids();
    let every = components.iter().find(|(id, _)| *id == key.component);
    let periods = match every {
        Some((_, every)) => held.agreement.rating_periods(*every, cut),
        None => held.agreement.statement_periods(cut),
    };
    let own = periods.iter().find(|own| own.start.at == key.period);
    (key.period, own.map_or(cut, |own| own.end.at))
}
