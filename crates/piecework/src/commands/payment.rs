//! `piecework payment` and `write-off`: what a customer paid, what it is for, what went back, what nobody will pay.
//!
//! Piecework collects nothing and dunns nobody; it keeps what was paid beside what was stated, so that
//! a statement that is paid is credited, not voided (semantics.md D7).

use anyhow::{Context as _, Result, bail};
use book::acts::{self, For};
use money::Amount;
use pages::view::{MoneyAct, SourceRow};
use serde::Serialize;
use work::body::{Allocation, Balance, OnAccount};

use crate::Done;
use crate::cli::{
    AllocateMoney, ForStatements, FromAccount, OneCustomer, PaymentCommand, RecordPayment,
    RefundMoney, VoidMoney, WriteOff,
};
use crate::context::Context;
use crate::output::table;

/// Runs `payment`.
pub fn run(context: &Context, command: &PaymentCommand) -> Result<Done> {
    match command {
        PaymentCommand::Record(args) => record(context, args),
        PaymentCommand::Allocate(args) => allocate(context, args),
        PaymentCommand::Refund(args) => refund(context, args),
        PaymentCommand::Void(args) => void(context, args),
        PaymentCommand::List(args) => list(context, args),
    }
}

/// Runs `write-off`.
pub fn write_off(context: &Context, args: &WriteOff) -> Result<Done> {
    let of = match (&args.statement, &args.payment, &args.credit) {
        (Some(number), _, _) => Balance::Statement(number.clone()),
        (_, payment, credit) => Balance::OnAccount(source(payment.as_ref(), credit.as_ref())?),
    };
    let act = acts::GiveUp {
        customer: &args.customer,
        of: &of,
        amount: amount(args.amount.as_deref())?,
        reason: &args.reason,
        by: &args.by,
        key: None,
        id: None,
    };
    told(context, context.book()?.write_off(&act, context.now)?)
}

#[derive(Serialize)]
struct Recorded {
    #[serde(flatten)]
    act: MoneyAct,
    known_already: bool,
}

fn record(context: &Context, args: &RecordPayment) -> Result<Done> {
    let Some(amount) = amount(Some(&args.amount))? else {
        bail!("--amount is needed");
    };
    let parts = parts(&args.of)?;
    let act = acts::Payment {
        customer: &args.customer,
        amount,
        of: of(&args.of, &parts),
        at: args.at.as_deref().map(str::parse).transpose()?,
        reference: args.reference.as_deref(),
        id: None,
    };
    told(context, context.book()?.pay(&act, context.now)?)
}

fn allocate(context: &Context, args: &AllocateMoney) -> Result<Done> {
    let from = from(&args.from)?;
    let parts = parts(&args.of)?;
    let of = match of(&args.of, &parts) {
        For::OnAccount => {
            bail!("say what it is for: --statement, --allocate NUMBER=AMOUNT or --oldest-first")
        }
        of => of,
    };
    let act = acts::Allocate {
        customer: &args.customer,
        from: &from,
        of,
        by: &args.by,
        id: None,
    };
    told(context, context.book()?.allocate(&act, context.now)?)
}

fn refund(context: &Context, args: &RefundMoney) -> Result<Done> {
    let from = from(&args.from)?;
    let act = acts::GiveBack {
        customer: &args.customer,
        from: &from,
        amount: amount(args.amount.as_deref())?,
        at: args.at.as_deref().map(str::parse).transpose()?,
        reference: args.reference.as_deref(),
        reason: &args.reason,
        by: &args.by,
        key: None,
        id: None,
    };
    told(context, context.book()?.refund(&act, context.now)?)
}

fn void(context: &Context, args: &VoidMoney) -> Result<Done> {
    let act = acts::VoidMoney {
        customer: &args.customer,
        entry: &args.entry,
        reason: &args.reason,
        by: &args.by,
        id: None,
    };
    told(context, context.book()?.void_money(&act, context.now)?)
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let rows = context.book()?.payments(&args.customer)?;
    context.out.value(&rows, |rows| {
        let titles = [
            "payment or credit",
            "time",
            ">amount",
            ">allocated",
            ">refunded",
            ">written off",
            ">on account",
            "for",
            "reference",
        ];
        vec![table(&titles, rows.iter().map(row))]
    })?;
    Ok(Done::Well)
}

fn row(own: &SourceRow) -> Vec<String> {
    let name = own.payment.as_ref().or(own.credit.as_ref());
    let parts: Vec<String> = own
        .allocations
        .iter()
        .map(|part| format!("{} {}", part.statement, part.amount.number()))
        .collect();
    vec![
        name.cloned().unwrap_or_default(),
        own.time.to_string(),
        own.amount.to_string(),
        own.allocated.number(),
        own.refunded.number(),
        own.written_off.number(),
        own.on_account.number(),
        if own.voided {
            "void".to_owned()
        } else {
            parts.join(", ")
        },
        own.reference.clone().unwrap_or_default(),
    ]
}

/// An amount of an argument.
fn amount(text: Option<&str>) -> Result<Option<Amount>> {
    let parse = |text: &str| {
        text.parse()
            .with_context(|| format!("--amount `{text}` is not an amount such as `120.00 USD`"))
    };
    text.map(parse).transpose()
}

/// What money is for, part by part.
fn parts(args: &ForStatements) -> Result<Vec<Allocation>> {
    let part = |text: &String| {
        let what = || {
            format!(
                "--allocate `{text}` is not a statement and an amount such as `acme-0001=120.00 USD`"
            )
        };
        let (statement, amount) = text.rsplit_once('=').with_context(what)?;
        Ok(Allocation {
            statement: statement.to_owned(),
            amount: amount.parse().with_context(what)?,
        })
    };
    args.allocate.iter().map(part).collect()
}

fn of<'a>(args: &'a ForStatements, parts: &'a [Allocation]) -> For<'a> {
    match (&args.statement, args.oldest_first) {
        (Some(number), _) => For::Statement(number),
        (None, true) => For::OldestDueFirst,
        (None, false) if parts.is_empty() => For::OnAccount,
        (None, false) => For::Parts(parts),
    }
}

fn from(args: &FromAccount) -> Result<OnAccount> {
    source(args.payment.as_ref(), args.credit.as_ref())
}

fn source(payment: Option<&String>, credit: Option<&String>) -> Result<OnAccount> {
    match (payment, credit) {
        (Some(id), _) => Ok(OnAccount::Payment(id.clone())),
        (None, Some(number)) => Ok(OnAccount::Credit(number.clone())),
        (None, None) => bail!("name one: --payment ID or --credit NUMBER"),
    }
}

fn told(context: &Context, acted: acts::Acted<MoneyAct>) -> Result<Done> {
    let recorded = Recorded {
        act: acted.what,
        known_already: acted.is_known,
    };
    context.out.value(&recorded, Recorded::lines)?;
    Ok(Done::Well)
}

impl Recorded {
    fn lines(&self) -> Vec<String> {
        let own = &self.act;
        let amount = own.amount.map_or(String::new(), |own| own.to_string());
        let known = if self.known_already {
            "known already, and nothing was changed: "
        } else {
            ""
        };
        let MoneyAct { entry, at, .. } = own;
        let mut lines = vec![match own.act.as_str() {
            "payment" => format!("{known}{amount} paid at {at}, as `{entry}`"),
            "allocation" => format!("{known}{amount} allocated, as `{entry}`"),
            "refund" => format!("{known}{amount} refunded at {at}, as `{entry}`"),
            "write_off" => format!("{known}{amount} written off, as `{entry}`"),
            _ => format!("{known}voided, as `{entry}`"),
        }];
        lines.extend(own.statements.iter().map(|own| {
            if own.open.is_zero() {
                format!("  {}: nothing of {} is open", own.statement, own.due)
            } else {
                format!("  {}: {} of {} is open", own.statement, own.open, own.due)
            }
        }));
        if let Some(source) = &own.source
            && !source.on_account.is_zero()
        {
            let name = match (&source.payment, &source.credit) {
                (Some(id), _) => format!("--payment {id:?}"),
                (_, credit) => format!("--credit {:?}", credit.as_deref().unwrap_or_default()),
            };
            lines.push(format!(
                "  {} is on account: `piecework payment allocate` or `refund` with {name}",
                source.on_account
            ));
        }
        lines
    }
}
