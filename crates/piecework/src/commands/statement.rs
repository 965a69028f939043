//! `piecework statement`: preview, issue, explain, void, list, replay.

use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::account::{Account, Held};
use pricing::period::Period;
use pricing::statement::{LineKind, Statement, draw};
use serde::Serialize;
use work::settle::FactRef;
use work::{Digest, LogKind};

use crate::Done;
use crate::accounts;
use crate::cli::{ByNumber, Cut, Explain, Issue, OneCustomer, StatementCommand, Void};
use crate::commands::contract::{SOURCE, control, write};
use crate::context::{Book, Context};
use crate::output::table;
use crate::periods::statement_period;
use crate::views::facts::Facts;
use crate::views::reconciliation;
use crate::views::statement::Drawn;

/// Runs the command.
pub fn run(context: &Context, command: &StatementCommand) -> Result<Done> {
    match command {
        StatementCommand::Preview(args) => preview(context, args),
        StatementCommand::Issue(args) => issue(context, args),
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
        Ok(Known { account: book.account(customer, None)? })
    }

    /// What the book knew of a customer when its log had so many entries.
    fn until(book: &Book, customer: &str, coverage: u64) -> Result<Known> {
        Ok(Known { account: book.account(customer, Some(coverage))? })
    }

    /// The facts of the log.
    fn facts(&self, book: &Book) -> Result<Facts> {
        let (customer, coverage) = (&self.account.customer, self.account.coverage);
        Ok(Facts::of(&book.contents(customer, LogKind::Shared, Some(coverage))?))
    }

    /// The view of a contract's statement for a cut: as it was issued, from what was known then, or
    /// as it would be.
    pub fn view(&self, book: &Book, held: &Held, cut: Timestamp) -> Result<view::Statement> {
        let Some(issued) = held.standing().find(|issued| issued.cut == cut) else {
            return self.view_as(book, held, cut, None);
        };
        let entry = FactRef {
            source: SOURCE.to_owned(),
            id: format!("statement/{}", issued.number),
        };
        let at = self.facts(book)?.named(&[entry], 1).first().map_or(cut, |fact| fact.time);
        let status = view::Status::Issued { number: issued.number.clone(), issued: at };
        let known = Known::until(book, &self.account.customer, issued.coverage)?;
        let earlier = accounts::contract(&known.account, Some(&held.agreement.id))?;
        known.view_as(book, earlier, cut, Some(status))
    }

    fn view_as(
        &self,
        book: &Book,
        held: &Held,
        cut: Timestamp,
        status: Option<view::Status>,
    ) -> Result<view::Statement> {
        let facts = self.facts(book)?;
        let statement = self.draw(book, held, cut)?;
        let drawn = Drawn::new(book, held, &statement, &facts, status)?;
        drawn.view(reconciliation::view(book, &self.account, &statement)?)
    }

    /// The statement of a contract for a cut.
    ///
    /// Where it adjusts what was stated, the account is folded again up to what the last statement
    /// knew, so that the works and facts that moved can be named.
    pub fn draw(&self, book: &Book, held: &Held, cut: Timestamp) -> Result<Statement> {
        let contract = &held.agreement.id;
        let statement = draw(&self.account, None, contract, cut)?;
        let adjusts = statement.lines.iter().any(|line| line.kind == LineKind::Adjustment);
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
    for customer in book.chosen(args.customer.as_deref())? {
        let known = Known::of(&book, &customer)?;
        for held in contracts(&known.account, args)? {
            let period = statement_period(held, args.period.as_deref(), context.now)?;
            views.push(known.view(&book, held, period.end.at)?);
        }
    }
    context.out.value(&views, |views| views.iter().flat_map(lines).collect())?;
    Ok(Done::Well)
}

/// The contracts that a command is about: the one named, or all of a customer.
fn contracts<'a>(account: &'a Account, args: &Cut) -> Result<Vec<&'a Held>> {
    match &args.contract {
        Some(id) => Ok(vec![accounts::contract(account, Some(id))?]),
        None => Ok(account.contracts.iter().collect()),
    }
}

/// A statement for people.
pub fn lines(statement: &view::Statement) -> Vec<String> {
    let (title, note) = match &statement.status {
        view::Status::Draft { blocked_by } => ("DRAFT".to_owned(), blocked_by.clone()),
        view::Status::Issued { number, .. } => (number.clone(), None),
        view::Status::Void { number, reason } => (format!("{number} VOID"), Some(reason.clone())),
    };
    let mut lines = vec![format!(
        "Billing statement, before tax: {}, {} ({}), contract {}",
        statement.customer.name,
        statement.period.label(),
        title,
        statement.contract
    )];
    lines.extend(note);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for surface in &statement.surfaces {
        for line in &surface.lines {
            let quantity = line.quantity.map_or(String::new(), |quantity| {
                format!("{quantity} {}", line.noun.as_deref().unwrap_or_default())
            });
            let service = line.service.as_ref().map_or(String::new(), view::Period::label);
            rows.push(vec![
                surface.surface.word().to_owned(),
                line.description.clone(),
                service,
                quantity,
                line.amount.number(),
            ]);
            if line.cells.len() > 1 {
                rows.extend(line.cells.iter().map(|cell| {
                    let quantity = cell.quantity.map_or(String::new(), |q| q.to_string());
                    vec![
                        String::new(),
                        format!("  {}", cell.cell.part),
                        String::new(),
                        quantity,
                        format!("({})", cell.amount.number()),
                    ]
                }));
            }
        }
    }
    for adjustment in &statement.adjustments {
        let quantity = match (adjustment.old_quantity, adjustment.new_quantity) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            _ => String::new(),
        };
        rows.push(vec![
            "adjustment".to_owned(),
            format!("{}, {}", adjustment.description, adjustment.cell.part),
            adjustment.cell.period.label(),
            quantity,
            adjustment.difference.number(),
        ]);
    }
    for effect in &statement.tier_effects {
        rows.push(vec![
            "tier effect".to_owned(),
            format!("{}: {}", effect.cell.part, effect.explanation),
            effect.cell.period.label(),
            String::new(),
            effect.amount.number(),
        ]);
    }
    let total = vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        format!("{} {}", statement.total.number(), statement.currency),
    ];
    rows.push(total);
    lines.push(table(&["surface", "what", "for", ">quantity", ">amount"], rows));
    for waived in &statement.waived {
        lines.push(format!(
            "waived {} of {} {}: {}",
            waived.amount, waived.cell.component, waived.cell.part, waived.reason
        ));
    }
    for absorbed in &statement.absorbed {
        lines.push(format!("absorbed {} by the {}", absorbed.amount, absorbed.by));
    }
    if !statement.authorship.is_empty() {
        let shares: Vec<String> = statement
            .authorship
            .iter()
            .map(|share| format!("{} {}", share.authorship.word().replace('_', " "), share.amount))
            .collect();
        lines.push(format!("decided by facts of: {}", shares.join(", ")));
    }
    let pending: Vec<String> = statement
        .reconciliation
        .works
        .pending
        .iter()
        .map(|reason| format!("{} {}", reason.count, reason.reason))
        .collect();
    if !pending.is_empty() {
        lines.push(format!("works pending: {}", pending.join(", ")));
    }
    lines.push(String::new());
    lines
}

#[derive(Serialize)]
struct Issued {
    customer: String,
    contract: String,
    number: String,
    cut: Timestamp,
    #[serde(serialize_with = "view::json::amount")]
    total: Amount,
    digest: String,
}

fn issue(context: &Context, args: &Issue) -> Result<Done> {
    let book = context.book()?;
    let mut issued = Vec::new();
    for customer in book.chosen(args.cut.customer.as_deref())? {
        // Each statement changes what the next one differs from.
        while let Some(event) = next_issue(context, &book, &customer, args, &mut issued)? {
            write(&book, std::slice::from_ref(&event), context.now)?;
            if args.through.is_none() {
                break;
            }
            book.note_issued(event)?;
        }
    }
    if issued.is_empty() {
        bail!("nothing to issue: every statement due by then is issued already");
    }
    context.out.value(&issued, |issued| {
        vec![table(
            &["customer", "contract", "number", "cut", ">total", "digest"],
            issued.iter().map(|row| {
                vec![
                    row.customer.clone(),
                    row.contract.clone(),
                    row.number.clone(),
                    row.cut.to_string(),
                    row.total.to_string(),
                    row.digest[..12].to_owned(),
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}

/// The entry that issues the next statement that the command asks for, or `None` where all are.
fn next_issue(
    context: &Context,
    book: &Book,
    customer: &str,
    args: &Issue,
    issued: &mut Vec<Issued>,
) -> Result<Option<work::Event>> {
    let known = Known::of(book, customer)?;
    for held in contracts(&known.account, &args.cut)? {
        let Some(cut) = next_cut(context, held, args)? else { continue };
        let statement = known.draw(book, held, cut)?;
        if cut > context.now {
            bail!("the period of {customer} ends at {cut}, which is not over yet");
        }
        let number = known.account.next_number(held);
        let coverage = known.account.coverage;
        let entry = statement.issue(&number, coverage, &args.by)?;
        issued.push(Issued {
            customer: customer.to_owned(),
            contract: held.agreement.id.clone(),
            number: number.clone(),
            cut,
            total: statement.total,
            digest: statement.digest().to_string(),
        });
        return Ok(Some(control(customer, format!("statement/{number}"), context.now, entry)));
    }
    Ok(None)
}

/// The cut to issue: the one named where it is not issued yet, or with `--through` the first due.
fn next_cut(context: &Context, held: &Held, args: &Issue) -> Result<Option<Timestamp>> {
    let is_issued = |cut: Timestamp| held.standing().any(|issued| issued.cut == cut);
    match &args.through {
        None => {
            let period = statement_period(held, args.cut.period.as_deref(), context.now)?;
            Ok((!is_issued(period.end.at)).then_some(period.end.at))
        }
        Some(text) => {
            let last = statement_period(held, Some(text), context.now)?;
            let periods: Vec<Period> = held.agreement.statement_periods(last.end.at);
            let stated = held.last_cut();
            Ok(periods
                .into_iter()
                .map(|period| period.end.at)
                .find(|cut| *cut <= last.end.at && stated.is_none_or(|stated| *cut > stated)))
        }
    }
}

fn explain(context: &Context, args: &Explain) -> Result<Done> {
    let book = context.book()?;
    let customers = book.chosen(args.cut.customer.as_deref())?;
    let [customer] = customers.as_slice() else {
        bail!("name one customer with --customer: {}", customers.join(", "));
    };
    let known = Known::of(&book, customer)?;
    let held = accounts::contract(&known.account, args.cut.contract.as_deref())?;
    let period = statement_period(held, args.cut.period.as_deref(), context.now)?;
    let mut view = known.view(&book, held, period.end.at)?;
    let components: Vec<String> = view
        .surfaces
        .iter()
        .flat_map(|surface| &surface.lines)
        .map(|line| line.component.clone())
        .chain(view.adjustments.iter().map(|adjustment| adjustment.cell.component.clone()))
        .collect();
    if let Some(line) = &args.line {
        for surface in &mut view.surfaces {
            surface.lines.retain(|own| own.component == *line);
        }
        view.surfaces.retain(|surface| !surface.lines.is_empty());
        view.adjustments.retain(|adjustment| adjustment.cell.component == *line);
        if view.surfaces.is_empty() && view.adjustments.is_empty() {
            bail!("the statement has no line `{line}`; it has {}", components.join(", "));
        }
    }
    if let Some(work) = &args.work {
        for line in view.surfaces.iter_mut().flat_map(|surface| &mut surface.lines) {
            line.works.shown.retain(|own| own.id.contains(work.as_str()));
        }
    }
    context.out.value(&view, |view| explained(view, args.list))?;
    Ok(Done::Well)
}

/// The lines of a statement down to works and facts, for people.
pub fn explained(statement: &view::Statement, list: usize) -> Vec<String> {
    let zone = &statement.period.zone;
    let at = |instant: Timestamp| {
        instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let fact = |fact: &view::Fact| {
        format!(
            "        {}  {:<20} {}  ({} {}, entry {}, by {})",
            at(fact.time),
            fact.kind,
            fact.says,
            fact.source,
            fact.id,
            fact.index,
            fact.authorship.word().replace('_', " ")
        )
    };
    let mut lines = Vec::new();
    for line in statement.surfaces.iter().flat_map(|surface| &surface.lines) {
        let service = line.service.as_ref().map_or(String::new(), |own| format!(", {}", own.label()));
        lines.push(format!("{}{service} = {}", line.description, line.amount));
        for cell in &line.cells {
            let quantity = cell.quantity.map_or(String::new(), |q| format!("{q} × "));
            lines.push(format!(
                "    {quantity}{}, price version {}: {}",
                cell.cell.part, cell.cell.version, cell.amount
            ));
        }
        for work in line.works.shown.iter().take(list) {
            lines.push(format!(
                "    {}  {} {} at {}: {}",
                work.id,
                work.quantity,
                work.class,
                at(work.settled),
                work.share
            ));
            lines.extend(work.facts.iter().map(fact));
        }
        let shown = line.works.shown.len().min(list) as u64;
        if line.works.total > shown {
            lines.push(format!("    and {} more works", line.works.total - shown));
        }
        lines.extend(line.entries.iter().take(list).map(fact));
        let shown = line.entries.len().min(list) as u64;
        if line.entries_total > shown {
            lines.push(format!("    and {} more entries", line.entries_total - shown));
        }
    }
    for adjustment in &statement.adjustments {
        lines.push(format!(
            "adjustment of {} {} for {}: {} → {} = {}{}",
            adjustment.cell.component,
            adjustment.cell.part,
            adjustment.cell.period.label(),
            adjustment.old_amount,
            adjustment.new_amount,
            adjustment.difference,
            adjustment.origin.as_ref().map_or(String::new(), |number| format!(", stated in {number}"))
        ));
        lines.extend(adjustment.works.iter().take(list).map(|work| format!("    {work}")));
        lines.extend(adjustment.causes.iter().take(list).map(fact));
    }
    lines
}

fn void(context: &Context, args: &Void) -> Result<Done> {
    let book = context.book()?;
    let account = book.account(&args.which.customer, None)?;
    account.may_void(&args.which.number)?;
    let entry = work::body::Control::StatementVoided {
        number: args.which.number.clone(),
        reason: args.reason.clone(),
        by: args.by.clone(),
    };
    let id = format!("statement/{}/void", args.which.number);
    write(&book, &[control(&args.which.customer, id, context.now, entry)], context.now)?;
    context.out.line(format!("voided {}; its cells are unstated again", args.which.number))?;
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
    coverage: u64,
    digest: String,
    state: &'static str,
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let mut rows = Vec::new();
    for held in &account.contracts {
        let currency = held.agreement.latest().terms.contract.currency;
        for issued in &held.issued {
            let charged = issued.cells.iter().filter(|cell| cell.waived.is_none());
            rows.push(Row {
                number: issued.number.clone(),
                contract: held.agreement.id.clone(),
                cut: issued.cut,
                revision: issued.revision,
                total: Amount::sum(currency, charged.map(|cell| cell.amount))?,
                coverage: issued.coverage,
                digest: issued.body.to_string(),
                state: match (issued.is_voided, issued.is_paid) {
                    (true, _) => "void",
                    (false, true) => "paid",
                    (false, false) => "issued",
                },
            });
        }
    }
    context.out.value(&rows, |rows| {
        vec![table(
            &["number", "contract", "cut", ">revision", ">total", ">entries", "digest", "state"],
            rows.iter().map(|row| {
                vec![
                    row.number.clone(),
                    row.contract.clone(),
                    row.cut.to_string(),
                    row.revision.to_string(),
                    row.total.to_string(),
                    row.coverage.to_string(),
                    row.digest[..12].to_owned(),
                    row.state.to_owned(),
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
    let found = account
        .contracts
        .iter()
        .find_map(|held| Some((held, held.issued.iter().find(|own| own.number == args.number)?)));
    let Some((held, issued)) = found else {
        bail!("{} has no statement `{}`", args.customer, args.number);
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
            format!("{} from the first {} entries of the log", outcome.number, outcome.coverage),
            format!("stated    {}", outcome.stated),
            format!("replayed  {}", outcome.replayed),
            if outcome.equal { "equal, byte for byte".to_owned() } else { "DIFFERENT".to_owned() },
        ]
    })?;
    Ok(if outcome.equal { Done::Well } else { Done::Failed })
}
