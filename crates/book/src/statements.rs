//! Statements out of the book: previews, what was issued, and what stands behind each line.

use std::sync::Arc;

use jiff::Timestamp;
use pages::view;
use pricing::account::{Account, Held, Issued, Rated};
use pricing::statement::{self, LineKind, Statement, draw_apart};

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::error::{Absent, Invalid};
use crate::periods::statement_period;
use crate::views::statement::{Drawn, work_name};
use crate::views::{reconciliation, unclaimed};

/// A customer's account at one length of its log.
#[derive(Debug)]
pub struct Known {
    /// The account.
    pub account: Arc<Account>,
}

impl Known {
    /// Everything that the book knows of a customer.
    pub fn of(book: &Book, customer: &str) -> Result<Known> {
        Ok(Known {
            account: book.account(customer, None)?,
        })
    }

    /// What the book knew of a customer when its log had so many entries.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn until(book: &Book, customer: &str, coverage: u64) -> Result<Known> {
        Ok(Known {
            account: book.account(customer, Some(coverage))?,
        })
    }

    /// The view of a contract's statement for a cut: as it was issued, from what was known then, or
    /// as it would be once the periods before it are issued.
    pub fn view(&self, book: &Book, held: &Held, cut: Timestamp) -> Result<view::Statement> {
        self.view_about(book, held, cut, None)
    }

    /// The same, where under each line only the works are listed whose scope is `work`.
    fn view_about(
        &self,
        book: &Book,
        held: &Held,
        cut: Timestamp,
        work: Option<&str>,
    ) -> Result<view::Statement> {
        match held.standing().find(|issued| issued.cut == cut) {
            None => self.view_as(book, held, (cut, work), None),
            Some(issued) => self.view_issued(book, held, issued, work),
        }
    }

    /// The view of a statement as it was issued, from what was known then.
    pub(crate) fn view_issued(
        &self,
        book: &Book,
        held: &Held,
        issued: &Issued,
        work: Option<&str>,
    ) -> Result<view::Statement> {
        let status = view::Status::Issued {
            number: issued.number.clone(),
            issued: issued.at,
        };
        let known = Known::until(book, &self.account.customer, issued.coverage)?;
        let earlier = accounts::contract(&known.account, Some(&held.agreement.id))?;
        known.view_as(book, earlier, (issued.cut, work), Some(status))
    }

    fn view_as(
        &self,
        book: &Book,
        held: &Held,
        (cut, work): (Timestamp, Option<&str>),
        status: Option<view::Status>,
    ) -> Result<view::Statement> {
        let rated = Rated::new(&self.account);
        // What was issued is shown whole; a draft apart from earlier periods, which would drown it.
        let apart = match status {
            None => draw_apart(&rated, &held.agreement.id, cut)?,
            Some(_) => None,
        };
        let (statement, earlier) = match apart {
            None => (draw_rated(book, &rated, held, cut)?, None),
            Some(apart) => {
                let earlier = (apart.earlier, (apart.from, apart.until));
                (apart.statement, Some(earlier))
            }
        };
        let mut drawn = Drawn::new(book, (&rated, held), &statement, status)?.about(work);
        if let Some((amount, periods)) = earlier {
            drawn = drawn.beside(amount, periods);
        }
        drawn.view(reconciliation::view(book, &rated, &statement)?)
    }

    /// The statement of a contract for a cut.
    ///
    /// Where it adjusts what was stated, the account is folded again up to what the last statement
    /// knew, so that the works and facts that moved can be named.
    pub fn draw(&self, book: &Book, held: &Held, cut: Timestamp) -> Result<Statement> {
        draw_rated(book, &Rated::new(&self.account), held, cut)
    }
}

/// The same from an account that is rated.
fn draw_rated(book: &Book, rated: &Rated<'_>, held: &Held, cut: Timestamp) -> Result<Statement> {
    let contract = &held.agreement.id;
    let statement = statement::draw_rated(rated, None, contract, cut)?;
    let adjusts = statement
        .lines
        .iter()
        .any(|line| line.kind == LineKind::Adjustment);
    match held.last_statement().filter(|_| adjusts) {
        None => Ok(statement),
        Some(last) => {
            let before = book.account(&rated.account.customer, Some(last.coverage))?;
            let before = Rated::new(&before);
            let statement = statement::draw_rated(rated, Some(&before), contract, cut);
            Ok(statement?)
        }
    }
}

/// Which statements are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Previewed<'a> {
    /// Only this customer's; everybody's where absent.
    pub customer: Option<&'a str>,
    /// Only this contract's; all of a customer where absent.
    pub contract: Option<&'a str>,
    /// The period, by the month in which it begins; the last that has ended where absent.
    pub period: Option<&'a str>,
    /// The instant that counts as now.
    pub now: Timestamp,
}

/// A statement as it is or would be.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The statement.
    pub statement: view::Statement,
    /// What keeps facts from being counted, and how to mend it.
    pub hints: Vec<String>,
}

/// What of one statement is explained.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'a> {
    /// The statement, of one customer and one contract.
    pub statement: Previewed<'a>,
    /// Only this component's lines.
    pub line: Option<&'a str>,
    /// Only what is about this work.
    pub work: Option<&'a str>,
}

impl Book {
    /// Statements as they are, or would be if they were issued now.
    ///
    /// # Errors
    /// Where there is no such customer, contract or period.
    pub fn preview(&self, asked: &Previewed<'_>) -> Result<Vec<Preview>> {
        let mut previews = Vec::new();
        for customer in self.chosen(asked.customer)? {
            let known = Known::of(self, &customer)?;
            for held in accounts::contracts(&known.account, asked.contract)? {
                let period = statement_period(held, asked.period, asked.now)?;
                previews.push(Preview {
                    statement: known.view(self, held, period.end.at)?,
                    hints: unclaimed::hints(&known.account, held),
                });
            }
        }
        Ok(previews)
    }

    /// The statements of the periods that run, of each contract of a customer: as they would be if nothing further
    /// happened before they end.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn so_far(&self, customer: &str, now: Timestamp) -> Result<Vec<view::Statement>> {
        self.chosen(Some(customer))?;
        let known = Known::of(self, customer)?;
        let mut drafts = Vec::new();
        for held in &known.account.contracts {
            let periods = held.agreement.statement_periods(now).into_iter();
            if let Some(running) = periods.rev().find(|period| period.holds(now)) {
                drafts.push(known.view(self, held, running.end.at)?);
            }
        }
        Ok(drafts)
    }

    /// One statement with only the lines that are asked about.
    ///
    /// # Errors
    /// Where there is no such statement, or no such line or work on it.
    pub fn explain(&self, asked: &Explained<'_>) -> Result<view::Statement> {
        let customers = self.chosen(asked.statement.customer)?;
        let [customer] = customers.as_slice() else {
            return Err(Invalid::SeveralCustomers { known: customers }.into());
        };
        let known = Known::of(self, customer)?;
        let held = accounts::contract(&known.account, asked.statement.contract)?;
        let period = statement_period(held, asked.statement.period, asked.statement.now)?;
        let mut view = known.view_about(self, held, period.end.at, asked.work)?;
        if let Some(line) = asked.line {
            keep_line(&mut view, line)?;
        }
        if let Some(work) = asked.work {
            keep_work(&mut view, customer, work)?;
        }
        Ok(view)
    }
}

/// Keeps the lines of one component.
pub(crate) fn keep_line(view: &mut view::Statement, line: &str) -> Result<()> {
    let lines = view.surfaces.iter().flat_map(|surface| &surface.lines);
    let lines = lines.map(|own| own.component.clone());
    let adjusted = view.adjustments.iter();
    let components: Vec<String> = lines
        .chain(adjusted.map(|own| own.cell.component.clone()))
        .collect();
    for surface in &mut view.surfaces {
        surface.lines.retain(|own| own.component == line);
    }
    view.surfaces.retain(|surface| !surface.lines.is_empty());
    view.adjustments.retain(|own| own.cell.component == line);
    if view.surfaces.is_empty() && view.adjustments.is_empty() {
        return Err(Absent::Line {
            line: line.to_owned(),
            known: components,
        }
        .into());
    }
    Ok(())
}

/// Keeps the lines about one work.
pub(crate) fn keep_work(view: &mut view::Statement, customer: &str, work: &str) -> Result<()> {
    for surface in &mut view.surfaces {
        surface.lines.retain(|line| !line.works.shown.is_empty());
    }
    view.surfaces.retain(|surface| !surface.lines.is_empty());
    view.adjustments
        .retain(|own| own.works.iter().any(|name| work_name(name) == work));
    if view.surfaces.is_empty() && view.adjustments.is_empty() {
        return Err(Absent::OnStatement {
            customer: customer.to_owned(),
            work: work.to_owned(),
        }
        .into());
    }
    Ok(())
}
