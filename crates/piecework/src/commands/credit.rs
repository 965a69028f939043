//! `piecework credit`: goodwill by hand, or what of a statement is not to be paid; the next statement states it.

use anyhow::{Context as _, Result};
use book::acts;
use money::Amount;

use crate::Done;
use crate::cli::Credit;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Credit) -> Result<Done> {
    match (&args.statement, &args.amount) {
        (Some(number), _) => of_statement(context, args, number),
        (None, amount) => goodwill(context, args, amount.as_deref().unwrap_or_default()),
    }
}

fn goodwill(context: &Context, args: &Credit, amount: &str) -> Result<Done> {
    let amount: Amount = amount
        .parse()
        .with_context(|| format!("--amount `{amount}` is not an amount such as `5.00 USD`"))?;
    let act = acts::Credit {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        amount,
        reason: &args.reason,
        by: &args.by,
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

fn of_statement(context: &Context, args: &Credit, number: &str) -> Result<Done> {
    let act = acts::CreditStatement {
        customer: &args.customer,
        number,
        line: args.line.as_deref(),
        reason: &args.reason,
        by: &args.by,
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
