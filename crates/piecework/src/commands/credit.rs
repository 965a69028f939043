//! `piecework credit`: goodwill by hand, as an entry that the next statement states.

use anyhow::{Context as _, Result, bail};
use book::accounts;
use money::Amount;
use serde::Serialize;
use work::Digest;
use work::body::Control;

use crate::Done;
use crate::cli::Credit;
use crate::commands::contract::{control, write};
use crate::context::Context;

#[derive(Serialize)]
struct Given {
    customer: String,
    contract: String,
    amount: Amount,
    reason: String,
    by: String,
}

/// Runs the command.
pub fn run(context: &Context, args: &Credit) -> Result<Done> {
    let amount: Amount = args.amount.parse().with_context(|| {
        format!(
            "--amount `{}` is not an amount such as `5.00 USD`",
            args.amount
        )
    })?;
    if amount.is_zero() || amount.is_negative() {
        bail!("--amount {amount} gives nothing; a credit is above zero, e.g. `5.00 USD`");
    }
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let held = accounts::contract(&account, args.contract.as_deref())?;
    if held.agreement.is_draft {
        bail!(
            "{} has no signed contract to give a credit on; `piecework contract sign --customer {}` \
             makes one",
            args.customer,
            args.customer
        );
    }
    let currency = held.agreement.latest().terms.contract.currency;
    if amount.currency() != currency {
        bail!(
            "--amount {amount} is in another currency than `{}`, which is in {currency}; give the \
             credit in {currency}",
            held.agreement.id
        );
    }
    let given = Given {
        customer: args.customer.clone(),
        contract: held.agreement.id.clone(),
        amount,
        reason: args.reason.clone(),
        by: args.by.clone(),
    };
    let entry = Control::CreditIssued {
        contract: given.contract.clone(),
        amount,
        reason: given.reason.clone(),
        by: given.by.clone(),
    };
    // The same credit at the same instant is the same credit.
    let content = format!(
        "{}/{amount}/{}/{}/{}",
        given.contract, given.reason, given.by, context.now
    );
    let id = format!("credit/{}", Digest::of(content.as_bytes()).short());
    write(
        &book,
        &[control(&given.customer, id, context.now, entry)],
        context.now,
    )?;
    context.out.value(&given, |given| {
        vec![format!(
            "gave {} on {}: {}; approved by {}; the next statement states it on a line of its own",
            given.amount, given.contract, given.reason, given.by
        )]
    })?;
    Ok(Done::Well)
}
