//! Statements that were issued, by their number.

use pages::view;
use store::{FactKind, FactsOf};
use work::body::{Body, Control};

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::statements::{Known, keep_line, keep_work};

impl Book {
    /// A statement as it was issued, from what was known then, also where it was voided since.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or statement.
    pub fn issued(&self, customer: &str, number: &str) -> Result<view::Statement> {
        self.issued_about(customer, number, None)
    }

    /// The same with only the lines of one component, or only what is about one work.
    ///
    /// # Errors
    /// As [`Book::issued`]; [`Absent`] where it has no such line, or nothing about the work.
    pub fn explain_issued(
        &self,
        customer: &str,
        number: &str,
        (line, work): (Option<&str>, Option<&str>),
    ) -> Result<view::Statement> {
        let mut view = self.issued_about(customer, number, work)?;
        if let Some(line) = line {
            keep_line(&mut view, line)?;
        }
        if let Some(work) = work {
            keep_work(&mut view, customer, work)?;
        }
        Ok(view)
    }

    fn issued_about(
        &self,
        customer: &str,
        number: &str,
        work: Option<&str>,
    ) -> Result<view::Statement> {
        self.chosen(Some(customer))?;
        let known = Known::of(self, customer)?;
        let found = known.account.statement(number);
        let (held, issued) = found.ok_or_else(|| Absent::Statement {
            customer: customer.to_owned(),
            number: number.to_owned(),
        })?;
        let mut view = known.view_issued(self, held, issued, work)?;
        if issued.is_voided() {
            view.status = view::Status::Void {
                number: number.to_owned(),
                reason: self.void_reason(customer, number)?.unwrap_or_default(),
            };
        }
        Ok(view)
    }

    /// Why a statement was voided.
    fn void_reason(&self, customer: &str, voided: &str) -> Result<Option<String>> {
        for fact in self
            .store
            .facts(customer, FactKind::Void, FactsOf::Customer)?
        {
            if let Body::Control(Control::StatementVoided { number, reason, .. }) = fact?.event.body
                && number == voided
            {
                return Ok(Some(reason));
            }
        }
        Ok(None)
    }
}
