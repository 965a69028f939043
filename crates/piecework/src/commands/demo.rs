//! `piecework demo`: a throw-away book of a realistic month, or a story on real data.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use book::Book;
use book::acts::{self, Due};
use book::comparisons::Compared;
use book::config::{Config, FILE_NAME};
use book::documents;
use book::reports::{Asked, report};
use book::statements::Known;
use book::views::margin::percent;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use pages::view;
use toml::{Table, Value};
use work::Event;

use crate::Done;
use crate::cli::Demo;
use crate::commands::margin::bounded;
use crate::commands::{compare, margin};
use crate::context::Context;
use crate::demo::{self, Month};
use crate::output::{Output, money, table};
use crate::stories::who_decides;
use crate::{printed, random};

mod february;
mod served;
mod six_things;

/// Where the page goes unless told otherwise.
const PAGE: &str = "piecework-demo.html";
/// The title of the page.
const TITLE: &str = "A month of sold work";
/// When the book is looked at: a month after the demonstration's month was stated.
const SERVED_AT: &str = "2026-02-03T09:00:00Z";
/// Events appended in one call.
const BATCH_EVENTS: usize = 5_000;
/// The greatest credit that one person may give.
const CREDIT_OF_ONE: &str = "200 USD";
/// Works and facts shown of the line that is explained.
const WORKS_SHOWN: usize = 2;
/// Works listed on which two definitions differ.
const DIFFERENCES_SHOWN: usize = 3;

/// Runs the command.
pub fn run(context: &Context, args: &Demo) -> Result<Done> {
    let html = args.html.clone().unwrap_or_else(|| PathBuf::from(PAGE));
    let thrown_away = tempfile::tempdir().context("cannot make a throw-away book")?;
    let directory = match &args.keep {
        Some(directory) => {
            std::fs::create_dir(directory)
                .with_context(|| format!("cannot keep the book in {}", directory.display()))?;
            directory.as_path()
        }
        None => thrown_away.path(),
    };
    let is_looked_at = args.serve || args.keep.is_some();
    let view = match &args.data {
        Some(data) => who_decides::tell(context, data)?,
        None => month(context, directory, (args.seed, is_looked_at))?,
    };
    std::fs::write(&html, pages::report_page(&view))
        .with_context(|| format!("cannot write {}", html.display()))?;
    context.out.value(&view, |_| {
        let at = std::fs::canonicalize(&html).unwrap_or(html.clone());
        vec![format!("the page: {}", at.display())]
    })?;
    if args.serve {
        return served::serve(context, (directory, args.listen), SERVED_AT.parse()?);
    }
    Ok(Done::Well)
}

/// The generated month, told on the way; the page's view model. A book that is looked at has the days after it, too.
fn month(
    context: &Context,
    directory: &Path,
    (seed, is_looked_at): (u64, bool),
) -> Result<view::Report> {
    let out = context.out;
    let made = demo::month(seed);
    let book = set_up(directory, &made, context.now)?;
    let first = date(2025, 12, 1);
    heading(
        out,
        "1. A month of support automation at Brightdesk, three customers, one hybrid plan",
    )?;
    let opening = made.events.first().map_or(made.close, |event| event.time);
    for customer in &made.customers {
        sign(&book, customer.id, first, opening)?;
    }
    append(&book, &made.events, made.close)?;
    append(&book, &made.redelivered, made.close)?;
    let deliveries = book.store.deliveries()?;
    out.line(format!(
        "{} deliveries: {} accepted, {} were sent twice and count once",
        deliveries.received, deliveries.accepted, deliveries.duplicate
    ))?;
    let asked = |title: &str, as_of: Timestamp| Asked {
        customer: None,
        month: first,
        as_of,
        title: title.to_owned(),
        command: format!("piecework demo --seed {seed}"),
    };
    let at_close = report(&book, &asked(TITLE, made.close))?;
    heading(out, "2. The four meters of December")?;
    for figure in &at_close.meters {
        out.line(meters(figure))?;
    }
    heading(
        out,
        "3. A statement, and one line of it explained down to its entries",
    )?;
    for customer in &made.customers {
        issue(&book, customer.id, made.close)?;
    }
    let middle = made
        .customers
        .get(1)
        .or(made.customers.first())
        .context("a demo has customers")?;
    let known = Known::of(&book, middle.id)?;
    let held = known
        .account
        .contracts
        .first()
        .context("a contract was signed")?;
    let cut = held
        .cuts(made.close)
        .last()
        .copied()
        .context("December has ended")?;
    let shown = known.view(&book, held, cut)?;
    for line in printed::lines(&shown) {
        out.line(line)?;
    }
    let mut explained = shown.clone();
    explained
        .surfaces
        .retain(|surface| surface.surface == view::Surface::Outcome);
    for line in printed::explained(&explained, WORKS_SHOWN) {
        out.line(line)?;
    }
    heading(
        out,
        "4. What arrived after the close: January's statement adjusts December",
    )?;
    append(&book, &made.late, made.next_close)?;
    let known = Known::of(&book, middle.id)?;
    let held = known
        .account
        .contracts
        .first()
        .context("a contract was signed")?;
    let cut = held
        .cuts(made.next_close)
        .last()
        .copied()
        .context("January has ended")?;
    let january = known.view(&book, held, cut)?;
    for line in printed::lines(&january) {
        out.line(line)?;
    }
    heading(
        out,
        "5. The margin of December, as known a month later, with what failures cost",
    )?;
    let mut view = report(&book, &asked(TITLE, made.next_close))?;
    for bridge in &view.margins {
        for line in margin::lines(bridge) {
            out.line(line)?;
        }
    }
    heading(out, "6. The same month under a stricter definition")?;
    let comparison = compared(&book, made.next_close)?;
    for line in compare::lines(&comparison) {
        out.line(line)?;
    }
    heading(
        out,
        "7. Six things on one bill: access, usage, workflow volume, resolutions, premium automation, human review",
    )?;
    let apart = tempfile::tempdir().context("cannot make a throw-away book")?;
    let hybrid = six_things::statement(apart.path(), made.next_close)?;
    for line in printed::lines(&hybrid) {
        out.line(line)?;
    }
    view.statements.push(january);
    view.comparisons.push(comparison);
    if is_looked_at {
        february::play(&book, SERVED_AT.parse()?)?;
    }
    Ok(view)
}

/// A book with the demonstration's documents and the customers' terms.
fn set_up(directory: &Path, made: &Month, now: Timestamp) -> Result<Book> {
    let write = |name: &str, text: &str| {
        std::fs::write(directory.join(name), text)
            .with_context(|| format!("cannot write {name} of the book"))
    };
    write("definition.toml", demo::DEFINITION)?;
    write("plan.toml", demo::PLAN)?;
    let mut customers = Table::new();
    for customer in &made.customers {
        let terms: Table = customer
            .terms
            .parse()
            .context("the demonstration's terms")?;
        let mut own = Table::new();
        own.insert("name".into(), customer.name.into());
        own.insert("contract".into(), Value::Table(terms));
        customers.insert(customer.id.into(), Value::Table(own));
    }
    let mut documents = Table::new();
    documents.insert(
        "definitions".into(),
        Value::Array(vec!["definition.toml".into()]),
    );
    documents.insert("plan".into(), "plan.toml".into());
    let mut file = Table::new();
    file.insert("vendor".into(), "Brightdesk".into());
    file.insert("documents".into(), Value::Table(documents));
    file.insert("customer".into(), Value::Table(customers));
    let mut approvals = Table::new();
    approvals.insert("credit".into(), CREDIT_OF_ONE.into());
    file.insert("approvals".into(), Value::Table(approvals));
    write(FILE_NAME, &toml::to_string(&file)?)?;
    let config = Config::read(&directory.join(FILE_NAME))?;
    Ok(Book::create(config, random::source(), now)?)
}

fn append(book: &Book, events: &[Event], received_at: Timestamp) -> Result<()> {
    for batch in events.chunks(BATCH_EVENTS) {
        book.store.append(batch, received_at)?;
    }
    Ok(())
}

/// Signs the contract of a customer over the documents of the demo.
fn sign(book: &Book, customer: &str, from: Date, now: Timestamp) -> Result<()> {
    let sign = acts::Sign {
        customer,
        from,
        document: None,
        by: "procurement",
        id: None,
    };
    book.sign(&sign, now)?;
    Ok(())
}

/// Issues the statement of the last period that has ended.
fn issue(book: &Book, customer: &str, now: Timestamp) -> Result<()> {
    let issue = acts::Issue {
        customer,
        contract: None,
        due: Due::Last,
        by: "finance",
        key: None,
        id: None,
    };
    book.issue(&issue, now)?;
    Ok(())
}

/// December's works under the definition in force and under the stricter one.
fn compared(book: &Book, as_of: Timestamp) -> Result<view::Comparison> {
    let left = documents::definition("the definition in force", demo::DEFINITION)?;
    let right = documents::definition("the stricter definition", demo::STRICT_DEFINITION)?;
    let plan = book.documents()?.plan;
    Ok(book.compare(
        &plan,
        &Compared {
            left: &left,
            right: &right,
            names: ["in force".to_owned(), "two weeks without rework".to_owned()],
            customer: None,
            month: Some(date(2025, 12, 1)),
            flat: None,
            as_of,
            list: DIFFERENCES_SHOWN,
        },
    )?)
}

/// The four meters as a table.
fn meters(figure: &view::FourMeters) -> String {
    let rows = [
        ("access", &figure.access),
        ("usage", &figure.usage),
        ("outcome", &figure.outcome),
        ("risk", &figure.risk),
    ]
    .map(|(name, meter)| {
        let quantity = meter.quantity.as_ref().map_or(String::new(), |measure| {
            format!("{} {}", measure.value, measure.noun)
        });
        let danger = match &meter.danger {
            view::Danger::Known { name, reading, .. } => format!("{name}: {reading}"),
            view::Danger::Unknown { name, reason } => format!("{name}: unknown, {reason}"),
        };
        vec![name.to_owned(), money(meter.charged), quantity, danger]
    });
    let value = figure.value.amount.map_or("not stated".to_owned(), money);
    format!(
        "{}\ncharged {}, token cost {}, cost {}, margin {} ({}); worth to the buyers {} ({})",
        table(&["surface", ">charged", ">quantity", "danger"], rows),
        money(figure.charged),
        money(figure.token_cost),
        money(figure.cost),
        figure.margin.map_or("unknown".to_owned(), money),
        bounded("≤", percent(figure.margin_share), figure.unpriced),
        value,
        figure.value.basis
    )
}

fn heading(out: Output, text: &str) -> Result<()> {
    out.line(format!("\n{text}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that panics is a test that fails
mod leaks;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that panics is a test that fails

    use super::*;

    /// `PIECEWORK_UPDATE=1` draws it anew.
    #[test]
    fn slow_the_picture_of_the_readme_shows_what_the_demo_charges_and_its_book_has_what_screens_show()
     {
        let context = Context {
            config_path: PathBuf::from(FILE_NAME),
            out: Output { json: true },
            now: "2026-02-03T09:00:00Z".parse().unwrap(),
        };
        let directory = tempfile::tempdir().unwrap();
        let report = month(&context, directory.path(), (demo::SEED, true)).unwrap();
        // What happens after it changes nothing that the months came to.
        picture(&report);
        let config = Config::read(&directory.path().join(FILE_NAME)).unwrap();
        february::tests::something_is_on_every_screen(&context.open(&config).unwrap());
    }

    fn picture(report: &view::Report) {
        let figure = &report.meters[0];

        // The works counted are those on the statements of the month, not one more.
        let december = report
            .statements
            .iter()
            .filter(|own| own.period.label() == "December 2025");
        let lines = december.flat_map(|own| &own.surfaces);
        let charged = lines
            .filter(|own| own.surface == view::Surface::Outcome)
            .flat_map(|own| &own.lines)
            .filter_map(|line| line.quantity)
            .try_fold(money::Quantity::ZERO, money::Decimal::plus)
            .unwrap();
        assert_eq!(figure.work.counted, charged);
        let outcome = figure.outcome.quantity.as_ref().unwrap();
        assert_eq!(outcome.value, charged);

        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/four-meters.svg");
        let drawn = format!("{}\n", pages::meters_svg(figure));
        if std::env::var_os("PIECEWORK_UPDATE").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(
            kept == drawn,
            "docs/four-meters.svg is not what the demo draws; PIECEWORK_UPDATE=1 draws it anew"
        );
    }
}
