//! `piecework revenue`: what was performed, month by month, against what was stated.

use anyhow::Result;
use book::accounting::Scope;
use book::periods::month;
use pages::view::{RevenueMonth, RevenueSchedule};

use crate::Done;
use crate::cli::{Revenue, Through};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, args: &Revenue) -> Result<Done> {
    let book = context.book()?;
    let schedules = book.revenue(&scope(context, &args.through)?)?;
    context.out.value(&schedules, |own| told(own))?;
    Ok(Done::Well)
}

/// What is asked for.
pub(super) fn scope(context: &Context, asked: &Through) -> Result<Scope> {
    Ok(Scope {
        customer: asked.customer.clone(),
        through: asked.through.as_deref().map(month).transpose()?,
        now: context.now,
    })
}

fn told(schedules: &[RevenueSchedule]) -> Vec<String> {
    let mut lines = Vec::new();
    for own in schedules {
        lines.push(format!("{} · {}", own.customer, own.contract));
        let titles = [
            "month",
            ">revenue",
            "of which",
            ">stated",
            ">contract asset",
            ">deferred",
            ">refunds",
        ];
        lines.push(table(&titles, own.months.iter().map(row)));
        if let Some(last) = own.months.last() {
            lines.extend(last.contestable.iter().filter(|own| own.works > 0).map(|own| {
                format!(
                    "{}: {} works for {} may still be taken back; {} of it is not revenue yet. Of {} that cannot \
                     any more, {} were.",
                    own.unit, own.works, own.amount, own.constrained, own.past_works, own.past_taken_back
                )
            }));
        }
        if own.right_to_invoice {
            lines.push("Right to invoice: nothing in the prices stands against it.".to_owned());
        } else {
            lines.push("Right to invoice (ASC 606-10-55-18): no, because".to_owned());
            let obstacles = own.obstacles.iter();
            lines.extend(obstacles.map(|own| format!("  {}: {}", own.place, own.why)));
        }
        lines.push(String::new());
    }
    if schedules.is_empty() {
        lines.push("No contract is signed, so there is no revenue.".to_owned());
    }
    lines
}

fn row(own: &RevenueMonth) -> Vec<String> {
    let of_which: Vec<String> = own
        .revenue
        .iter()
        .map(|part| format!("{} {}", part.stream, part.amount.number()))
        .collect();
    vec![
        own.month.strftime("%Y-%m").to_string(),
        own.recognised.to_string(),
        of_which.join(", "),
        own.stated.to_string(),
        own.contract_asset.to_string(),
        own.deferred.to_string(),
        own.refund_liability.to_string(),
    ]
}
