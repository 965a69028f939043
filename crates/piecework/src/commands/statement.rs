//! `piecework statement`: preview, issue, explain, void, list, replay.

use anyhow::Result;
use book::acts;
use book::statements::{Explained, Previewed};
use jiff::Timestamp;
use money::Amount;
use pages::view;
use serde::Serialize;

use crate::Done;
use crate::cli::{ByNumber, Cut, Explain, OneCustomer, StatementCommand, Void};
use crate::commands::issue;
use crate::context::Context;
use crate::output::table;
use crate::printed::{explained, lines};

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

fn preview(context: &Context, args: &Cut) -> Result<Done> {
    let previews = context.book()?.preview(&Previewed {
        customer: args.customer.as_deref(),
        contract: args.contract.as_deref(),
        period: args.period.as_deref(),
        now: context.now,
    })?;
    let (views, hints): (Vec<_>, Vec<_>) = previews
        .into_iter()
        .map(|own| (own.statement, own.hints))
        .unzip();
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

fn explain(context: &Context, args: &Explain) -> Result<Done> {
    let view = context.book()?.explain(&Explained {
        statement: Previewed {
            customer: args.cut.customer.as_deref(),
            contract: args.cut.contract.as_deref(),
            period: args.cut.period.as_deref(),
            now: context.now,
        },
        line: args.line.as_deref(),
        work: args.work.as_deref(),
    })?;
    context
        .out
        .value(&view, |view| explained(view, args.list))?;
    Ok(Done::Well)
}

fn void(context: &Context, args: &Void) -> Result<Done> {
    let book = context.book()?;
    let act = acts::Void {
        customer: &args.which.customer,
        number: &args.which.number,
        reason: &args.reason,
        by: &args.by,
        id: None,
    };
    let voided = book.void(&act, context.now)?.what;
    context.out.line(format!(
        "voided {}; what it stated is owed again, and `piecework statement issue` states it under a \
         new number",
        voided.number
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
    if issued.is_voided() {
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
                balance: (!issued.is_voided()).then_some(balance),
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

fn replay(context: &Context, args: &ByNumber) -> Result<Done> {
    let outcome = context.book()?.replay(&args.customer, &args.number)?;
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
