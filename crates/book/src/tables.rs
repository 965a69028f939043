//! Statements, lines and works of a book, one after another: for tables that leave it.
//!
//! Nothing is gathered: a row is told and forgotten, so that a table of a million works takes the memory of a page of
//! them. Not here: how a row is written.

use std::collections::HashMap;

use jiff::Timestamp;
use pages::view;
use pricing::account::{Account, Held, Issued};
use pricing::cell::CellKey;
use pricing::cover::Covering;
use pricing::plan::Component;
use pricing::statement::StatementError;
use work::body::StatedCell;

use crate::Result;
use crate::book::Book;
use crate::credit_notes::service;
use crate::error::Damaged;
use crate::limits::TABLE_PAGE_ROWS;
use crate::listings::WorksAsked;
use crate::views::statement::{part, surface};

impl Book {
    /// Tells every statement that was issued, by customer and in the order of issue; only this customer's where one
    /// is named.
    ///
    /// # Errors
    /// Where there is no such customer; what `tell` says.
    pub fn each_statement<E: From<crate::Error>>(
        &self,
        customer: Option<&str>,
        tell: &mut dyn FnMut(&str, &view::StatementRow) -> Result<(), E>,
    ) -> Result<(), E> {
        for customer in self.chosen(customer)? {
            for row in self.statements(&customer)? {
                tell(&customer, &row)?;
            }
        }
        Ok(())
    }

    /// Tells every cell that a statement states. Those that charge sum to the statement's total.
    ///
    /// # Errors
    /// As [`Book::each_statement`].
    pub fn each_line<E: From<crate::Error>>(
        &self,
        customer: Option<&str>,
        tell: &mut dyn FnMut(&str, &view::StatedLine) -> Result<(), E>,
    ) -> Result<(), E> {
        for customer in self.chosen(customer)? {
            let account = self.account(&customer, None)?;
            let origins = origins(&account)?;
            for held in &account.contracts {
                for issued in &held.issued {
                    let cover = match account.covering(held, issued) {
                        Covering::Under(cover) => Some(&cover.number),
                        Covering::Apart | Covering::Awaited => None,
                    };
                    for cell in &issued.cells {
                        let mut own = line(held, issued, cell)?;
                        own.cover = cover.cloned();
                        if cell.is_charge() {
                            let key = (own.statement.clone(), own.cell.clone());
                            own.origin = origins.get(&key).cloned();
                        }
                        tell(&customer, &own)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells every work that was opened by `now`, as it stands.
    ///
    /// # Errors
    /// As [`Book::each_statement`].
    pub fn each_work<E: From<crate::Error>>(
        &self,
        customer: Option<&str>,
        now: Timestamp,
        tell: &mut dyn FnMut(&str, &view::WorkRow) -> Result<(), E>,
    ) -> Result<(), E> {
        for customer in self.chosen(customer)? {
            let mut from = None;
            loop {
                let asked = WorksAsked::default();
                let page = self.works(&customer, &asked, (from, TABLE_PAGE_ROWS), now)?;
                for row in &page.rows {
                    tell(&customer, row)?;
                }
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The statements that lines take back of, by the statement and cell that do.
fn origins(account: &Account) -> Result<HashMap<(String, String), String>> {
    let mut origins = HashMap::new();
    for note in account.credit_notes()?.notes {
        for (key, _) in &note.lines {
            let line = (note.statement.clone(), key.to_string());
            origins.insert(line, note.origin.clone());
        }
    }
    Ok(origins)
}

fn line(held: &Held, issued: &Issued, cell: &StatedCell) -> Result<view::StatedLine> {
    let key: CellKey = cell.cell.parse().map_err(|source| {
        let number = issued.number.clone();
        Damaged::Statement(Box::new(StatementError::Cell { number, source }))
    })?;
    let (from, until) = service(held, &key, issued.cut);
    let mut versions = held.agreement.versions.iter().rev();
    let component = versions.find_map(|version| version.component(&key.component));
    Ok(view::StatedLine {
        statement: issued.number.clone(),
        contract: held.agreement.id.clone(),
        state: if issued.is_voided() { "void" } else { "issued" },
        surface: surface(component.map(Component::surface)),
        component: key.component.clone(),
        part: part(&key.part),
        from,
        until,
        quantity: cell.quantity,
        amount: cell.amount,
        what: if cell.credit.is_some() {
            "paid_by_credit"
        } else if cell.waived.is_some() {
            "waived"
        } else {
            "charge"
        },
        credit: cell.credit.clone(),
        cell: cell.cell.clone(),
        tax_category: held.tax_category(&key).map(str::to_owned),
        origin: None,
        cover: None,
    })
}
