//! `piecework customer approvals`: who approved, signed and published what, out of the log itself.

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;
use work::LogKind;
use work::body::{Body, Control};
use work::effective::Content;

use crate::Done;
use crate::cli::OneCustomer;
use crate::context::Context;
use crate::output::table;

#[derive(Serialize)]
struct Row {
    entry: u64,
    time: Timestamp,
    what: String,
    by: String,
    reason: String,
}

/// Runs the command.
pub fn run(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let contents = book.contents(&args.customer, LogKind::Shared, None)?;
    let rows: Vec<Row> = contents.iter().filter_map(row).collect();
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

fn row(content: &Content) -> Option<Row> {
    let Body::Control(control) = &content.event.body else {
        return None;
    };
    let (what, by, reason) = match control {
        Control::DocumentPublished { document, by, .. } => (
            format!("published a {}", document.word().replace('_', " ")),
            by,
            None,
        ),
        Control::ContractSigned { contract, by, .. } => (format!("signed {contract}"), by, None),
        Control::ContractAmended {
            contract,
            effective,
            reprice,
            by,
            ..
        } => {
            let reprice = reprice
                .as_ref()
                .map(|role| format!("re-pricing approved by {role}"));
            (format!("amended {contract} from {effective}"), by, reprice)
        }
        Control::ContractEnded {
            contract,
            effective,
            by,
        } => (format!("ended {contract} at {effective}"), by, None),
        Control::StatementIssued { number, by, .. } => (format!("issued {number}"), by, None),
        Control::StatementVoided { number, reason, by } => {
            (format!("voided {number}"), by, Some(reason.clone()))
        }
        Control::CreditIssued {
            contract,
            amount,
            reason,
            by,
        } => (
            format!("gave {amount} on {contract}"),
            by,
            Some(reason.clone()),
        ),
        Control::DataRedacted {
            target_source,
            target_id,
            reason,
            by,
        } => (
            format!("redacted {target_source} {target_id}"),
            by,
            Some(reason.clone()),
        ),
        Control::StatementStated { .. } | Control::PaymentRecorded { .. } => return None,
    };
    Some(Row {
        entry: content.entry,
        time: content.event.time,
        what,
        by: by.clone(),
        reason: reason.unwrap_or_default(),
    })
}
