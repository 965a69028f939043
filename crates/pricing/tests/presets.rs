//! The presets under `presets/`: every document reads, every story ends as it is told.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::work;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Decimal, Quantity};
use piecework_pricing::cell::Part;
use piecework_pricing::plan::Terms;
use piecework_pricing::plan::check::check;
use piecework_pricing::statement::{Statement, draw_up};
use piecework_pricing::{Contract, Plan};
use serde::Deserialize;
use work::body::Body;
use work::effective::Content;
use work::{Definition, Event, Header, Span};

#[path = "../../work/tests/shorthand/mod.rs"]
mod shorthand;

/// A preset as its directory holds it.
struct Preset {
    name: String,
    definition: Definition,
    plan: Plan,
    directory: PathBuf,
}

impl Preset {
    fn month(&self) -> Month {
        toml::from_str(&self.text("month.toml"))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn text(&self, file: &str) -> String {
        let path = self.directory.join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

fn presets() -> Vec<Preset> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../presets");
    let mut presets = Vec::new();
    for name in std::fs::read_dir(root).unwrap() {
        let name = name.unwrap().path();
        if !name.is_dir() {
            continue;
        }
        for version in std::fs::read_dir(&name).unwrap() {
            let directory = version.unwrap().path();
            let read = |file: &str| std::fs::read_to_string(directory.join(file)).unwrap();
            let at = directory.display();
            let definition = Definition::parse(&read("definition.toml"))
                .unwrap_or_else(|error| panic!("{at}: {error:#?}"));
            let plan =
                Plan::parse(&read("plan.toml")).unwrap_or_else(|error| panic!("{at}: {error:#?}"));
            let name = format!(
                "{}@{}",
                name.file_name().unwrap().to_str().unwrap(),
                directory.file_name().unwrap().to_str().unwrap()
            );
            presets.push(Preset {
                name,
                definition,
                plan,
                directory,
            });
        }
    }
    presets.sort_by(|a, b| a.name.cmp(&b.name));
    presets
}

/// The seven jobs of the trade and the commercial presets are there.
#[test]
fn every_job_of_the_trade_has_its_preset() {
    let names: Vec<String> = presets().into_iter().map(|preset| preset.name).collect();
    assert_eq!(
        names,
        [
            "catch-the-risk@1",
            "draft-the-filing@1",
            "fin-style@1",
            "find-the-exception@1",
            "full-hybrid@1",
            "merged-pull-request@1",
            "platform-plus-overage@1",
            "qualified-lead@1",
            "qualify-the-lead@1",
            "resolve-the-ticket@1",
            "summarise-the-call@1",
            "validated-document@1",
            "write-the-code@1",
            "zendesk-style@1",
        ]
    );
}

/// A plan and its definition fit: every class has a price, no reversal raises a bill.
#[test]
fn every_plan_fits_its_definition() {
    for preset in presets() {
        let faults = check(&preset.plan.components, &[&preset.definition]);
        assert!(faults.is_empty(), "{}: {faults:#?}", preset.name);
    }
}

/// What polished output without evidence, owner, cost line or rollback path would leave out.
#[test]
fn every_definition_says_who_decides_and_how_it_is_undone() {
    for preset in presets() {
        let definition = &preset.definition;
        assert!(definition.attribution.is_some(), "{}", preset.name);
        assert!(!definition.cost_lines.is_empty(), "{}", preset.name);
        assert!(
            definition.value != work::definition::WorkValue::Unstated,
            "{}",
            preset.name
        );
        assert!(
            preset.text("definition.toml").contains("\n[dispute]\n"),
            "{}: nothing said of disputes",
            preset.name
        );
    }
}

#[test]
fn every_story_ends_as_it_is_told() {
    let mut wrong = String::new();
    for preset in presets() {
        let text = preset.text("stories.toml");
        let stories: shorthand::Stories = toml::from_str(&text).unwrap();
        assert!(stories.story.len() >= 4, "{}", preset.name);
        wrong += &shorthand::faults(&preset.name, &preset.definition, &text);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A small month with its statement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Month {
    works: Vec<Works>,
    account: Option<Account>,
    statement: Stated,
}

/// Works that are all alike, one after another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Works {
    /// The works are called `<name>-1`, `<name>-2`, ...
    name: String,
    count: u32,
    /// When the first one begins.
    first: String,
    /// How much later each further one begins.
    every: String,
    /// One event a line, its time as a span after the beginning: `+1m answered answer`.
    events: String,
}

/// What belongs to no work: seats, usage reported in sums, shared costs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    events: String,
}

/// What the month amounts to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    /// Where the month ends.
    cut: String,
    /// One line of the statement a line: component, group, quantity, amount.
    lines: String,
    total: String,
    cost: String,
    gross_margin: String,
}

/// The events of a month, in the order of time.
fn events(preset: &Preset, month: &Month) -> Vec<Event> {
    let mut lines: Vec<String> = Vec::new();
    for works in &month.works {
        for number in 1..=works.count {
            let name = format!("{}-{number}", works.name);
            let mut begins = shorthand::instant(&works.first, &TimeZone::UTC);
            for _ in 1..number {
                begins = after(begins, &works.every);
            }
            for line in shorthand::tidy(&works.events) {
                let (offset, rest) = line.strip_prefix('+').unwrap().split_once(' ').unwrap();
                let at = after(begins, offset)
                    .to_zoned(TimeZone::UTC)
                    .strftime("%F %H:%M");
                let mut line = format!("{at} {rest} work={name}");
                for header in &preset.definition.one_per.key {
                    if *header != Header::Work {
                        line += &format!(" {}={name}", header.name());
                    }
                }
                lines.push(line);
            }
        }
    }
    if let Some(account) = &month.account {
        lines.extend(shorthand::tidy(&account.events));
    }
    let mut events: Vec<Event> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            shorthand::event(
                &shorthand::words(line),
                index,
                &preset.definition,
                &TimeZone::UTC,
            )
        })
        .collect();
    events.sort_by_key(|event| event.time);
    events
}

fn after(instant: Timestamp, span: &str) -> Timestamp {
    span.parse::<Span>()
        .unwrap()
        .after(instant, &TimeZone::UTC)
        .unwrap()
}

/// The lines of a statement: component and group, quantity, amount.
fn lines(month: &Month) -> Vec<(String, String, String)> {
    let split = |line: String| {
        let (rest, amount) = line.rsplit_once(' ').unwrap();
        let (name, quantity) = rest.rsplit_once(' ').unwrap();
        (name.to_owned(), quantity.to_owned(), amount.to_owned())
    };
    shorthand::tidy(&month.statement.lines)
        .into_iter()
        .map(split)
        .collect()
}

/// The works of each month count as its statement says, class by class.
#[test]
fn every_month_counts_what_its_statement_says() {
    for preset in presets() {
        let month = preset.month();
        let cut = shorthand::instant(&month.statement.cut, &TimeZone::UTC);
        let events = events(&preset, &month);
        let units = shorthand::settled(&preset.definition, &events, &TimeZone::UTC, cut);
        let mut counted: BTreeMap<String, Quantity> = BTreeMap::new();
        for movement in units.iter().flat_map(|unit| &unit.movements) {
            let outcome = preset
                .plan
                .components
                .iter()
                .find_map(|own| match &own.terms {
                    Terms::Outcome(outcome) => Some((own, outcome)),
                    _ => None,
                });
            let (component, outcome) = outcome.unwrap();
            let group = &outcome.groups[outcome.group_of(&movement.class).unwrap()];
            let sum = counted
                .entry(format!("{} {}", component.id, group.label()))
                .or_default();
            *sum = sum.plus(movement.quantity).unwrap();
        }
        for (name, quantity) in counted {
            let said = lines(&month).into_iter().find(|line| line.0 == name);
            assert_eq!(
                said.map(|line| line.1),
                Some(quantity.to_string()),
                "{} {name}",
                preset.name
            );
        }
    }
}

/// What a month states adds up, and its margin is its total less its costs.
#[test]
fn every_month_adds_up() {
    for preset in presets() {
        let month = preset.month();
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let stated = lines(&month)
            .iter()
            .try_fold(Decimal::ZERO, |sum, line| sum.plus(number(&line.2)));
        assert_eq!(
            stated.unwrap(),
            number(&month.statement.total),
            "{}",
            preset.name
        );
        let mut cost = Decimal::ZERO;
        for event in events(&preset, &month) {
            if let Body::Cost(own) = &event.body {
                cost = cost.plus(own.amount.unwrap().value()).unwrap();
            }
        }
        assert_eq!(cost, number(&month.statement.cost), "{}", preset.name);
        let margin = number(&month.statement.total).minus(cost).unwrap();
        assert_eq!(
            margin,
            number(&month.statement.gross_margin),
            "{}",
            preset.name
        );
    }
}

/// The statement as the months write it: tiers of a group in one line, what the allowance covers
/// with what it does not, and no line for a band that changes nothing.
fn stated(preset: &Preset, statement: &Statement) -> Vec<(String, String, String)> {
    let mut lines: Vec<(String, Quantity, Decimal)> = Vec::new();
    for line in &statement.lines {
        let id = &line.cell.component;
        let name = match &line.cell.part {
            Part::Class(label, _) => format!("{id} {label}"),
            Part::Included(label) => match preset.plan.component(id).map(|own| &own.terms) {
                Some(Terms::Outcome(_)) => format!("{id} {label}"),
                _ => id.clone(),
            },
            Part::Band(..) if line.amount.is_zero() => continue,
            Part::Band(band, _) => format!("{id} {band}"),
            Part::Fee | Part::Seats(_) | Part::Usage(_) | Part::Premium(_) => id.clone(),
            other => format!("{id} {other:?}"),
        };
        let amount = line.amount.value();
        match lines.iter_mut().find(|own| own.0 == name) {
            Some(own) => {
                own.1 = own.1.plus(line.quantity).unwrap();
                own.2 = own.2.plus(amount).unwrap();
            }
            None => lines.push((name, line.quantity, amount)),
        }
    }
    let print = |(name, quantity, amount): (String, Quantity, Decimal)| {
        (name, quantity.to_string(), amount.with_digits(2))
    };
    let mut lines: Vec<_> = lines.into_iter().map(print).collect();
    lines.sort();
    lines
}

/// Each month, rated: the lines and the total that were derived by hand.
#[test]
fn every_month_is_stated_as_derived_by_hand() {
    let mut wrong = String::new();
    for preset in presets() {
        let month = preset.month();
        let text = format!(
            "id = \"month\"\ncustomer = \"customer\"\nplan = \"{}\"\ndefinitions = [\"{}\"]\n\
             starts = \"2026-01-01\"\ntime_zone = \"UTC\"\ncurrency = \"USD\"\n",
            preset.plan.digest, preset.definition.digest
        );
        let contract = Contract::parse(&text).unwrap();
        let draft = contract
            .resolve(&preset.plan, &[&preset.definition])
            .unwrap();
        let contents: Vec<Content> = (0..)
            .zip(events(&preset, &month))
            .map(|(entry, event)| Content { entry, event })
            .collect();
        let cut = shorthand::instant(&month.statement.cut, &TimeZone::UTC);
        let statement = draw_up("customer", &contents, Some(draft), "month", cut).unwrap();
        let found = stated(&preset, &statement);
        let mut said = lines(&month);
        said.sort();
        if found != said {
            wrong += &format!("\n{}\n  said:  {said:?}\n  found: {found:?}\n", preset.name);
        }
        assert_eq!(
            statement.total.number(),
            month.statement.total,
            "{}",
            preset.name
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}
