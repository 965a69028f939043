//! `piecework reconcile`: where every delivery, entry, work and coin went.

use anyhow::Result;
use pages::view;

use crate::Done;
use crate::cli::OneCustomer;
use crate::context::Context;
use crate::output::table;
use crate::views::reconciliation::of_account;

/// Runs the command.
pub fn run(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let account = book.account(&args.customer, None)?;
    let currency = account
        .contracts
        .first()
        .map_or(money::Currency::USD, |held| {
            held.agreement.latest().terms.contract.currency
        });
    let view = of_account(&book, &account, context.now, currency, None)?;
    context.out.value(&view, lines)?;
    Ok(if view.balanced {
        Done::Well
    } else {
        Done::Failed
    })
}

fn lines(view: &view::Reconciliation) -> Vec<String> {
    let deliveries = &view.deliveries;
    let mut lines = vec![format!(
        "deliveries to the book: {} received = {} accepted + {} duplicate + {} conflicting + {} refused",
        deliveries.received,
        deliveries.accepted,
        deliveries.duplicate,
        deliveries.conflicting,
        deliveries.refused
    )];
    let reasons = |reasons: &[view::Reason]| {
        let list: Vec<String> = reasons
            .iter()
            .map(|reason| format!("{} {}", reason.count, reason.reason))
            .collect();
        if list.is_empty() {
            "–".to_owned()
        } else {
            list.join(", ")
        }
    };
    let row = |name: &str, classes: &view::Classes| {
        vec![
            name.to_owned(),
            classes.total.to_string(),
            classes.rated.to_string(),
            reasons(&classes.pending),
            reasons(&classes.not_billable),
        ]
    };
    lines.push(table(
        &["", ">total", ">rated", "pending", "not billable"],
        [row("entries", &view.entries), row("works", &view.works)],
    ));
    lines.push(format!(
        "owed {} = stated {} + waived {} + unstated {}",
        view.owed, view.stated, view.waived, view.unstated
    ));
    lines.push(if view.balanced {
        "balanced".to_owned()
    } else {
        "NOT BALANCED".to_owned()
    });
    lines
}
