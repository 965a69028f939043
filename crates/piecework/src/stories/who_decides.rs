//! *Who decides*: the same 50 conversations, counted by a language model, by the database, and by the
//! database without hand-offs.

use std::path::Path;

use anyhow::{Context as _, Result};
use book::Book;
use book::config::{Config, FILE_NAME};
use book::margins::{Costs, Scope, Sold};
use book::reports::{Asked, report};
use book::views::margin::percent;
use book::views::statement::share_of;
use intake::{Import, Input, Map, Options};
use jiff::civil::date;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal};
use pages::view;
use pricing::margin::CostEntry;
use work::body::CostLine;

use crate::append::Appender;
use crate::context::Context;
use crate::output::{money, table};
use crate::random;

/// The run that the story is about: gpt-4o on 50 airline conversations.
const CUSTOMER: &str = "sierra-azure";
/// The judge that the bill would rest on, as an agent; its calls are on the line `infra`, those of the
/// agent that did the work on the line `model`.
const JUDGE: &str = "quick_triage_v1";

const MAP: &str = include_str!("../../../../examples/tau2-support-agents/map.toml");
const PLAN: &str = include_str!("../../../../examples/tau2-support-agents/plan.toml");
const DECIDERS: [(&str, &str, &str); 3] = [
    (
        "LLM judge quick_triage_v1",
        "a language model reads the finished conversation",
        include_str!("../../../../examples/tau2-support-agents/decided-by-judge.toml"),
    ),
    (
        "the database",
        "the end state of the airline's database matches the goal",
        include_str!("../../../../examples/tau2-support-agents/decided-by-database.toml"),
    ),
    (
        "the database, without hand-off",
        "the same, and nobody was handed over to a person",
        include_str!("../../../../examples/tau2-support-agents/decided-without-hand-off.toml"),
    ),
];

/// Tells the story on the data sets in `data`; the page's view model.
///
/// # Errors
/// Where the data set is not there.
pub fn tell(context: &Context, data: &Path) -> Result<view::Report> {
    let data = data.join("tau2-support-agents");
    let directory = tempfile::tempdir().context("cannot make a throw-away book")?;
    let file = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text)
            .with_context(|| format!("cannot write {name} of the throw-away book"))
    };
    file("plan.toml", PLAN)?;
    for (index, (_, _, definition)) in DECIDERS.iter().enumerate() {
        file(&format!("{index}.toml"), definition)?;
    }
    let config_of = |index: usize| -> Result<Config> {
        file(
            FILE_NAME,
            &format!(
                "vendor = \"The agent's vendor\"\n[documents]\ndefinitions = [\"{index}.toml\"]\nplan = \"plan.toml\"\n"
            ),
        )?;
        Ok(Config::read(&directory.path().join(FILE_NAME))?)
    };
    let mut book = Book::create(config_of(0)?, random::source(), context.now)?;
    import(context, &book, &data, directory.path())?;
    let as_of = date(2026, 1, 1).to_zoned(TimeZone::UTC)?.timestamp();
    let price: Amount = "0.99 USD".parse()?;
    let mut deciders = Vec::new();
    let mut aside = None;
    for (index, (name, rule, _)) in DECIDERS.into_iter().enumerate() {
        book = book.reconfigured(config_of(index)?)?;
        let scope = Scope {
            customer: Some(CUSTOMER.to_owned()),
            month: None,
            as_of,
            costs: Costs::default(),
        };
        let sold = Sold::read(&book, scope)?;
        let units = sold.units();
        let (counted, charged) = sold.margin(&units, |margin| {
            let total = margin.total()?;
            Ok((total.counted, total.revenue))
        })?;
        let cost = cost_of_work(&sold)?;
        aside = Some(judge_cost(&sold)?);
        let margin = charged.minus(cost)?;
        deciders.push(view::Decider {
            name: name.to_owned(),
            rule: rule.to_owned(),
            counted,
            charged,
            cost,
            margin,
            margin_share: Some(share_of(margin, charged)?),
        });
    }
    let works = Decimal::from_int(50);
    let story = view::WhoDecides {
        title: "Who decides that a conversation was resolved?".to_owned(),
        setting: "50 airline conversations handled by gpt-4o (tau2-bench, MIT), at one price"
            .to_owned(),
        price,
        works,
        deciders,
        aside: aside.map(|amount| {
            format!(
                "The judge's own calls cost {}; they are in none of the margins.",
                money(amount)
            )
        }),
        moral: "Half of what the judge would bill did not happen in the database. Agree on who \
                decides before the price."
            .to_owned(),
        command: "piecework demo --data DIR".to_owned(),
    };
    print(context, &story)?;
    book = book.reconfigured(config_of(1)?)?;
    let mut view = report(
        &book,
        &Asked {
            customer: Some(CUSTOMER.to_owned()),
            month: date(2025, 12, 1),
            as_of,
            title: "Who decides?".to_owned(),
            command: "piecework demo --data DIR".to_owned(),
        },
    )?;
    view.stories.push(story);
    Ok(view)
}

fn import(context: &Context, book: &Book, data: &Path, refused_to: &Path) -> Result<()> {
    let map = Map::parse(MAP).context("the map of the example")?;
    let inputs: Vec<Input> = ["simulations.csv", "messages.csv", "llm_judge_verdicts.csv"]
        .iter()
        .map(|name| Input::new(data.join(name)))
        .collect();
    let mut appender = Appender::new(book, context.now, refused_to);
    for delivery in Import::open(&map, &inputs, Options::default())? {
        appender.take(delivery, None)?;
    }
    let tally = appender.finish()?;
    context.out.line(format!(
        "imported {} events of {} customers from {}",
        tally.accepted,
        tally.customers.len(),
        data.display()
    ))
}

/// What the agent that did the work cost.
fn cost_of_work(sold: &Sold) -> Result<Amount> {
    sum(sold, |entry| entry.line == CostLine::Model)
}

/// What the judge cost that the bill would rest on.
fn judge_cost(sold: &Sold) -> Result<Amount> {
    sum(sold, |entry| entry.agent.as_deref() == Some(JUDGE))
}

fn sum(sold: &Sold, of: impl Fn(&CostEntry) -> bool) -> Result<Amount> {
    let entries = sold.ledger().entries.iter().filter(|entry| of(entry));
    Ok(Amount::sum(
        Currency::USD,
        entries.filter_map(CostEntry::amount),
    )?)
}

fn print(context: &Context, story: &view::WhoDecides) -> Result<()> {
    context
        .out
        .line(format!("\n{}\n{}", story.title, story.setting))?;
    context.out.line(table(
        &[
            "who decides",
            ">counted",
            ">charged",
            ">cost",
            ">margin",
            ">share",
        ],
        story.deciders.iter().map(|decider| {
            vec![
                decider.name.clone(),
                decider.counted.to_string(),
                money(decider.charged),
                money(decider.cost),
                money(decider.margin),
                percent(decider.margin_share),
            ]
        }),
    ))?;
    if let Some(aside) = &story.aside {
        context.out.line(aside)?;
    }
    context.out.line(&story.moral)
}
