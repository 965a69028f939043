//! `piecework statement`: preview, issue, explain, void, list, replay.

use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::account::{Account, Held};
use pricing::statement::{LineKind, Statement, draw, draw_apart, issue_id};
use serde::Serialize;
use work::effective::Content;
use work::event::PIECEWORK;
use work::settle::FactRef;
use work::{Digest, LogKind};

use crate::Done;
use crate::accounts;
use crate::cli::{ByNumber, Cut, Explain, OneCustomer, StatementCommand, Void};
use crate::commands::contract::{control, write};
use crate::commands::issue;
use crate::context::{Book, Context};
use crate::output::table;
use crate::periods::statement_period;
use crate::views::facts::Facts;
use crate::views::printed::work_name;
pub use crate::views::printed::{explained, lines};
use crate::views::reconciliation;
use crate::views::statement::Drawn;
use crate::views::unclaimed;

/// Runs the command.
pub fn run(context: &Context, command: &StatementCommand) -> Result<Done> {
    match command {
        StatementCommand::Preview(args) => preview(context, args),
        StatementCommand::Issue(args) => issue::run(context, args),
        StatementCommand::Explain(args) => explain(context, args),
        StatementCommand::Void(args) => void(context, args),
        StatementCommand::List(args) => list(context, args),
        StatementCommand::Replay(args) => replay(context, args),
    }
}

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
    fn until(book: &Book, customer: &str, coverage: u64) -> Result<Known> {
        Ok(Known {
            account: book.account(customer, Some(coverage))?,
        })
    }

    /// The contents of the log that the account was folded from.
    fn contents(&self, book: &Book) -> Result<Vec<Content>> {
        let (customer, coverage) = (&self.account.customer, self.account.coverage);
        book.contents(customer, LogKind::Shared, Some(coverage))
    }

    /// The facts of the log.
    fn facts(&self, book: &Book) -> Result<Facts> {
        Ok(Facts::of(&self.contents(book)?))
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
        let Some(issued) = held.standing().find(|issued| issued.cut == cut) else {
            return self.view_as(book, held, cut, None, work);
        };
        let entry = FactRef {
            source: PIECEWORK.into(),
            id: issue_id(&issued.number).into(),
        };
        let at = self
            .facts(book)?
            .named(&[entry], 1)
            .first()
            .map_or(cut, |fact| fact.time);
        let status = view::Status::Issued {
            number: issued.number.clone(),
            issued: at,
        };
        let known = Known::until(book, &self.account.customer, issued.coverage)?;
        let earlier = accounts::contract(&known.account, Some(&held.agreement.id))?;
        known.view_as(book, earlier, cut, Some(status), work)
    }

    fn view_as(
        &self,
        book: &Book,
        held: &Held,
        cut: Timestamp,
        status: Option<view::Status>,
        work: Option<&str>,
    ) -> Result<view::Statement> {
        let facts = self.facts(book)?;
        // What was issued is shown whole; a draft apart from earlier periods, which would drown it.
        let apart = match status {
            None => draw_apart(&self.account, &held.agreement.id, cut)?,
            Some(_) => None,
        };
        let (statement, earlier) = match apart {
            None => (self.draw(book, held, cut)?, None),
            Some(apart) => {
                let earlier = (apart.earlier, (apart.from, apart.until));
                (apart.statement, Some(earlier))
            }
        };
        let mut drawn = Drawn::new(book, held, &statement, &facts, status)?.about(work);
        if let Some((amount, periods)) = earlier {
            drawn = drawn.beside(amount, periods);
        }
        drawn.view(reconciliation::view(book, &self.account, &statement)?)
    }

    /// The statement of a contract for a cut.
    ///
    /// Where it adjusts what was stated, the account is folded again up to what the last statement
    /// knew, so that the works and facts that moved can be named.
    pub fn draw(&self, book: &Book, held: &Held, cut: Timestamp) -> Result<Statement> {
        let contract = &held.agreement.id;
        let statement = draw(&self.account, None, contract, cut)?;
        let adjusts = statement
            .lines
            .iter()
            .any(|line| line.kind == LineKind::Adjustment);
        match held.last_statement().filter(|_| adjusts) {
            None => Ok(statement),
            Some(last) => {
                let before = book.account(&self.account.customer, Some(last.coverage))?;
                Ok(draw(&self.account, Some(&before), contract, cut)?)
            }
        }
    }
}

fn preview(context: &Context, args: &Cut) -> Result<Done> {
    let book = context.book()?;
    let mut views = Vec::new();
    let mut hints = Vec::new();
    for customer in book.chosen(args.customer.as_deref())? {
        let known = Known::of(&book, &customer)?;
        let contents = known.contents(&book)?;
        for held in contracts(&known.account, args)? {
            let period = statement_period(held, args.period.as_deref(), context.now)?;
            views.push(known.view(&book, held, period.end.at)?);
            hints.push(unclaimed::hints(&contents, held));
        }
    }
    context.out.value(&views, |views| {
        let mut all = Vec::new();
        for (view, hints) in views.iter().zip(&hints) {
            if !all.is_empty() {
                all.push(String::new());
            }
            all.extend(lines(view));
            all.extend(hints.iter().cloned());
        }
        all
    })?;
    Ok(Done::Well)
}

/// The contracts that a command is about: the one named, or all of a customer.
pub fn contracts<'a>(account: &'a Account, args: &Cut) -> Result<Vec<&'a Held>> {
    match &args.contract {
        Some(id) => Ok(vec![accounts::contract(account, Some(id))?]),
        None => Ok(account.contracts.iter().collect()),
    }
}

fn explain(context: &Context, args: &Explain) -> Result<Done> {
    let book = context.book()?;
    let customers = book.chosen(args.cut.customer.as_deref())?;
    let [customer] = customers.as_slice() else {
        bail!(
            "name one customer with --customer: {}",
            customers.join(", ")
        );
    };
    let known = Known::of(&book, customer)?;
    let held = accounts::contract(&known.account, args.cut.contract.as_deref())?;
    let period = statement_period(held, args.cut.period.as_deref(), context.now)?;
    let mut view = known.view_about(&book, held, period.end.at, args.work.as_deref())?;
    let components: Vec<String> = view
        .surfaces
        .iter()
        .flat_map(|surface| &surface.lines)
        .map(|line| line.component.clone())
        .chain(
            view.adjustments
                .iter()
                .map(|adjustment| adjustment.cell.component.clone()),
        )
        .collect();
    if let Some(line) = &args.line {
        for surface in &mut view.surfaces {
            surface.lines.retain(|own| own.component == *line);
        }
        view.surfaces.retain(|surface| !surface.lines.is_empty());
        view.adjustments
            .retain(|adjustment| adjustment.cell.component == *line);
        if view.surfaces.is_empty() && view.adjustments.is_empty() {
            let known = match components.as_slice() {
                [] => "no lines at all".to_owned(),
                components => components.join(", "),
            };
            bail!("the statement has no line `{line}`; it has {known}");
        }
    }
    if let Some(work) = &args.work {
        for surface in &mut view.surfaces {
            surface.lines.retain(|line| !line.works.shown.is_empty());
        }
        view.surfaces.retain(|surface| !surface.lines.is_empty());
        view.adjustments
            .retain(|own| own.works.iter().any(|name| work_name(name) == work));
        if view.surfaces.is_empty() && view.adjustments.is_empty() {
            bail!(
                "no line of this statement is about the work `{work}`; \
                 `piecework work show {work} --customer {customer}` tells what became of it"
            );
        }
    }
    context
        .out
        .value(&view, |view| explained(view, args.list))?;
    Ok(Done::Well)
}

fn void(context: &Context, args: &Void) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.which.customer))?;
    let account = book.account(&args.which.customer, None)?;
    account.may_void(&args.which.number)?;
    let entry = work::body::Control::StatementVoided {
        number: args.which.number.clone(),
        reason: args.reason.clone(),
        by: args.by.clone(),
    };
    let id = format!("{}/void", issue_id(&args.which.number));
    write(
        &book,
        &[control(&args.which.customer, id, context.now, entry)],
        context.now,
    )?;
    context.out.line(format!(
        "voided {}; what it stated is owed again, and `piecework statement issue` states it under a \
         new number",
        args.which.number
    ))?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Row {
    number: String,
    contract: String,
    cut: Timestamp,
    revision: u32,
    #[serde(serialize_with = "view::json::amount")]
    total: Amount,
    /// What is still to be paid; nothing is to be paid of a void one.
    #[serde(serialize_with = "view::json::amount_option")]
    balance: Option<Amount>,
    coverage: u64,
    digest: String,
    state: &'static str,
}

/// Where a statement stands between issued and paid.
fn state(issued: &pricing::account::Issued, balance: Amount) -> &'static str {
    if issued.is_voided {
        "void"
    } else if balance.is_zero() && issued.payments.is_empty() {
        "nothing_due"
    } else if issued.payments.is_empty() {
        "open"
    } else if balance.is_zero() || balance.is_negative() {
        "paid"
    } else {
        "partly_paid"
    }
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let mut rows = Vec::new();
    for held in &account.contracts {
        let currency = held.agreement.latest().terms.contract.currency;
        for issued in &held.issued {
            let (total, balance) = (issued.total(currency)?, issued.balance(currency)?);
            rows.push(Row {
                number: issued.number.clone(),
                contract: held.agreement.id.clone(),
                cut: issued.cut,
                revision: issued.revision,
                total,
                balance: (!issued.is_voided).then_some(balance),
                coverage: issued.coverage,
                digest: issued.body.to_string(),
                state: state(issued, balance),
            });
        }
    }
    context.out.value(&rows, |rows| {
        vec![table(
            &[
                "number",
                "contract",
                "cut",
                ">revision",
                ">total",
                ">balance",
                ">entries",
                "digest",
                "state",
            ],
            rows.iter().map(|row| {
                vec![
                    row.number.clone(),
                    row.contract.clone(),
                    row.cut.to_string(),
                    row.revision.to_string(),
                    row.total.to_string(),
                    row.balance.map_or(String::new(), |own| own.to_string()),
                    row.coverage.to_string(),
                    row.digest[..12].to_owned(),
                    row.state.replace('_', " "),
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Replayed {
    number: String,
    coverage: u64,
    stated: String,
    replayed: String,
    equal: bool,
    body: String,
}

fn replay(context: &Context, args: &ByNumber) -> Result<Done> {
    let book = context.book()?;
    let account = book.account(&args.customer, None)?;
    let found = account.contracts.iter().find_map(|held| {
        Some((
            held,
            held.issued.iter().find(|own| own.number == args.number)?,
        ))
    });
    let Some((held, issued)) = found else {
        bail!(
            "{} has no statement `{}`; `piecework statement list --customer {}` shows those it has",
            args.customer,
            args.number,
            args.customer
        );
    };
    let known = Known::until(&book, &args.customer, issued.coverage)?;
    let earlier = accounts::contract(&known.account, Some(&held.agreement.id))?;
    let statement = known.draw(&book, earlier, issued.cut)?;
    let body = statement.body();
    let replayed = Digest::of(body.as_bytes());
    let outcome = Replayed {
        number: issued.number.clone(),
        coverage: issued.coverage,
        stated: issued.body.to_string(),
        replayed: replayed.to_string(),
        equal: replayed == issued.body,
        body,
    };
    context.out.value(&outcome, |outcome| {
        vec![
            format!(
                "{} from the first {} entries of the log",
                outcome.number, outcome.coverage
            ),
            format!("stated    {}", outcome.stated),
            format!("replayed  {}", outcome.replayed),
            if outcome.equal {
                "equal, byte for byte".to_owned()
            } else {
                "DIFFERENT".to_owned()
            },
        ]
    })?;
    Ok(if outcome.equal {
        Done::Well
    } else {
        Done::Failed
    })
}
