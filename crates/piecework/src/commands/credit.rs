//! `piecework credit`: goodwill by hand, as an entry that the next statement states.

use anyhow::{Context as _, Result};
use book::acts;
use money::Amount;

use crate::Done;
use crate::cli::Credit;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Credit) -> Result<Done> {
    let amount: Amount = args.amount.parse().with_context(|| {
        format!(
            "--amount `{}` is not an amount such as `5.00 USD`",
            args.amount
        )
    })?;
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
