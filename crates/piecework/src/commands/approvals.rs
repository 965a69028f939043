//! `piecework customer approvals`: who approved, signed and published what, out of the log itself.

use anyhow::Result;

use crate::Done;
use crate::cli::OneCustomer;
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, args: &OneCustomer) -> Result<Done> {
    let rows = context.book()?.approvals(&args.customer)?;
    context.out.value(&rows, |rows| {
        vec![table(
            &[">entry", "time", "what", "by", "reason"],
            rows.iter().map(|row| {
                vec![
                    row.entry.to_string(),
                    row.time.to_string(),
                    row.what.clone(),
                    row.by.clone(),
                    row.reason.clone(),
                ]
            }),
        )]
    })?;
    Ok(Done::Well)
}
