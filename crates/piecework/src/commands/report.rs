//! `piecework report`: the pages of a period, as one self-contained HTML file.

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;

use crate::Done;
use crate::cli::Report;
use crate::context::Context;
use crate::periods::month;
use crate::reports::{Asked, report};

/// Runs the command.
pub fn run(context: &Context, args: &Report) -> Result<Done> {
    let book = context.book()?;
    let month = match &args.cut.period {
        Some(text) => month(text)?,
        // The last month that has ended.
        None => context
            .now
            .to_zoned(TimeZone::UTC)
            .date()
            .first_of_month()
            .yesterday()?
            .first_of_month(),
    };
    let customer = args.cut.customer.clone();
    let mut command = format!("piecework report --period {}", month.strftime("%Y-%m"));
    if let Some(customer) = &customer {
        command.push_str(&format!(" --customer {customer}"));
    }
    let asked = Asked {
        title: customer
            .as_ref()
            .map_or("Report".to_owned(), |id| book.customer_name(id)),
        customer,
        month,
        as_of: context.now,
        command,
    };
    let view = report(&book, &asked)?;
    let html = if args.for_buyer {
        let pages: Vec<String> = view.statements.iter().map(pages::statement_page).collect();
        match pages.as_slice() {
            [one] => one.clone(),
            several => anyhow::bail!(
                "a buyer's copy is of one statement, and there are {}; name a customer and a contract",
                several.len()
            ),
        }
    } else {
        pages::report_page(&view)
    };
    std::fs::write(&args.html, html)
        .with_context(|| format!("cannot write {}", args.html.display()))?;
    context
        .out
        .value(&view, |_| vec![format!("wrote {}", args.html.display())])?;
    Ok(Done::Well)
}
