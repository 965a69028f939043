//! `piecework credit`: goodwill by hand or what of a statement is not to be paid, which the next statement states; and
//! prepaid credits, which pay it.

use anyhow::{Context as _, Result, bail};
use book::acts::{self, CreditAct};
use book::error::Absent;
use jiff::Timestamp;
use money::Amount;
use pages::view::GrantRow;
use work::body::{Grant, GrantAmended, GrantScope};

use crate::Done;
use crate::cli::{AmendCredit, Credit, CreditCommand, GiveCredit, GrantCredit, ShowCredit};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, args: &Credit) -> Result<Done> {
    match (&args.command, &args.give) {
        (Some(CreditCommand::Grant(args)), _) => grant(context, args),
        (Some(CreditCommand::Amend(args)), _) => amend(context, args),
        (Some(CreditCommand::Void(args)), _) => {
            let act = CreditAct::Void {
                grant: args.grant.clone(),
                reason: args.reason.clone(),
                by: args.by.clone(),
            };
            done(context, &args.customer, &act, "voided")
        }
        (Some(CreditCommand::List(args)), _) => {
            let rows = context.book()?.grants(&args.customer)?;
            shown(context, &rows)
        }
        (Some(CreditCommand::Show(args)), _) => show(context, args),
        (None, Some(args)) => give(context, args),
        (None, None) => bail!("say what is given: `piecework credit --help`"),
    }
}

fn amount(flag: &str, text: &str) -> Result<Amount> {
    text.parse()
        .with_context(|| format!("{flag} `{text}` is not an amount such as `5.00 USD`"))
}

fn instant(flag: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    let read = |text: &str| {
        text.parse().with_context(|| {
            format!("{flag} `{text}` is not an instant such as 2026-06-01T00:00:00Z")
        })
    };
    text.map(read).transpose()
}

fn give(context: &Context, args: &GiveCredit) -> Result<Done> {
    match (&args.statement, &args.amount) {
        (Some(number), _) => of_statement(context, args, number),
        (None, amount) => goodwill(context, args, amount.as_deref().unwrap_or_default()),
    }
}

fn goodwill(context: &Context, args: &GiveCredit, given: &str) -> Result<Done> {
    let amount = amount("--amount", given)?;
    let act = acts::Credit {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        amount,
        reason: &args.reason,
        by: &args.by,
        key: None,
        id: None,
    };
    let given = context.book()?.credit(&act, context.now)?.what;
    context.out.value(&given, |given| {
        vec![format!(
            "gave {} on {}: {}; approved by {}; the next statement states it on a line of its own",
            given.amount, given.contract, given.reason, given.by
        )]
    })?;
    Ok(Done::Well)
}

fn of_statement(context: &Context, args: &GiveCredit, number: &str) -> Result<Done> {
    let act = acts::CreditStatement {
        customer: &args.customer,
        number,
        line: args.line.as_deref(),
        reason: &args.reason,
        by: &args.by,
        key: None,
        id: None,
    };
    let credited = context.book()?.credit_statement(&act, context.now)?.what;
    context.out.value(&credited, |own| {
        let what = match &own.lines[..] {
            [] => own.statement.clone(),
            lines => format!("{} of {}", lines.join(", "), own.statement),
        };
        vec![format!(
            "credited {what}, which charged {}: {}; approved by {}; the next statement gives back what of it is \
             still charged, with a credit note",
            own.charged, own.reason, own.by
        )]
    })?;
    Ok(Done::Well)
}

fn grant(context: &Context, args: &GrantCredit) -> Result<Done> {
    let paid = args.paid.as_deref();
    let act = CreditAct::Grant(Grant {
        grant: args.grant.clone(),
        contract: args.contract.clone(),
        amount: amount("--amount", &args.amount)?,
        paid: paid.map(|text| amount("--paid", text)).transpose()?,
        priority: args.priority,
        starts: instant("--starts", args.starts.as_deref())?,
        expires: instant("--expires", args.expires.as_deref())?,
        scope: GrantScope {
            surfaces: args.surface.clone(),
            components: args.component.clone(),
        },
        restore_days: args.restore_days,
        by: args.by.clone(),
    });
    done(context, &args.customer, &act, "granted")
}

fn amend(context: &Context, args: &AmendCredit) -> Result<Done> {
    let given = args.amount.as_deref();
    let act = CreditAct::Amend(GrantAmended {
        grant: args.grant.clone(),
        amount: given.map(|text| amount("--amount", text)).transpose()?,
        priority: args.priority,
        expires: instant("--expires", args.expires.as_deref())?,
        reason: args.reason.clone(),
        by: args.by.clone(),
    });
    done(context, &args.customer, &act, "amended")
}

fn done(context: &Context, customer: &str, act: &CreditAct, verb: &str) -> Result<Done> {
    let acted = context
        .book()?
        .credits_act(customer, act, (None, None), context.now)?;
    context.out.value(&acted.what, |own| {
        let until = own.expires.map_or("it does not expire".to_owned(), |at| {
            format!("it expires at {at}")
        });
        vec![format!(
            "{verb} {}: {} of prepaid credits, {until}; statements draw on it from now on",
            own.grant, own.amount
        )]
    })?;
    Ok(Done::Well)
}

fn show(context: &Context, args: &ShowCredit) -> Result<Done> {
    let mut rows = context.book()?.grants(&args.customer)?;
    rows.retain(|row| row.grant == args.grant);
    if rows.is_empty() {
        return Err(book::Error::from(Absent::Grant {
            customer: args.customer.clone(),
            grant: args.grant.clone(),
        })
        .into());
    }
    shown(context, &rows)
}

fn shown(context: &Context, rows: &[GrantRow]) -> Result<Done> {
    context.out.value(&rows, |rows| {
        let instant = |at: Option<Timestamp>| at.map_or("never".to_owned(), |at| at.to_string());
        let rows = rows.iter().map(|row| {
            let covers = match row.covers.is_empty() {
                true => "everything".to_owned(),
                false => row.covers.join(", "),
            };
            vec![
                row.grant.clone(),
                row.contract.clone().unwrap_or_else(|| "all".to_owned()),
                covers,
                row.priority.to_string(),
                instant(row.expires),
                row.amount.to_string(),
                row.drawn.number(),
                row.restored.number(),
                row.expired.number(),
                if row.voided {
                    "void".to_owned()
                } else {
                    row.balance.number()
                },
            ]
        });
        let titles = [
            "grant",
            "contract",
            "pays",
            ">priority",
            "expires",
            ">granted",
            ">drawn",
            ">restored",
            ">expired",
            ">balance",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}
