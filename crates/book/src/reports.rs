//! The report of a period: four meters, statements, margin, out of one book.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pages::view;
use pricing::margin::Dimension;
use work::Definition;
use work::settle::{MovementKind, Unit};

use crate::Result;
use crate::book::Book;
use crate::margins::{Costs, Scope};
use crate::periods::statement_period;
use crate::statements::Known;
use crate::views::meters::{Sources, UnitOf, meters};

/// What a report is about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Only this customer; all where absent.
    pub customer: Option<String>,
    /// The month.
    pub month: Date,
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
    /// The title.
    pub title: String,
    /// The command that makes the page again.
    pub command: String,
}

/// The report.
///
/// # Errors
/// Where there is no such customer, or the book cannot be read.
pub fn report(book: &Book, asked: &Asked) -> Result<view::Report> {
    let zone = TimeZone::UTC;
    let next = asked.month.last_of_month().tomorrow()?;
    let period = view::Period {
        from: asked.month.to_zoned(zone.clone())?.timestamp(),
        until: next.to_zoned(zone.clone())?.timestamp(),
        zone,
    };
    let month = asked.month.strftime("%Y-%m").to_string();
    let mut statements = Vec::new();
    let mut definitions: BTreeMap<String, Definition> = BTreeMap::new();
    let mut units: BTreeMap<String, Vec<(Unit, Timestamp, Timestamp)>> = BTreeMap::new();
    let (mut shared_entries, mut seller_entries) = (0, 0);
    for customer in book.chosen(asked.customer.as_deref())? {
        let known = Known::of(book, &customer)?;
        shared_entries += known.account.coverage;
        seller_entries += book.store.head(&customer, work::LogKind::Seller)?;
        for held in &known.account.contracts {
            let Ok(own) = statement_period(held, Some(&month), asked.as_of) else {
                continue;
            };
            statements.push(known.view(book, held, own.end.at)?);
            for (id, definition) in &held.agreement.latest().terms.definitions {
                definitions
                    .entry(id.clone())
                    .or_insert_with(|| (**definition).clone());
            }
            let (from, until) = (own.start.at, own.end.at);
            // Works are counted on what their statement knew, so that the counts are those charged.
            let issued = held.standing().find(|issued| issued.cut == until);
            let known_then = issued
                .map(|issued| book.account(&customer, Some(issued.coverage)))
                .transpose()?;
            let then = known_then
                .as_ref()
                .and_then(|account| account.contract(&held.agreement.id))
                .unwrap_or(held);
            for unit in then.units.iter().filter(|unit| is_of(unit, from, until)) {
                units.entry(unit.key.unit.to_string()).or_default().push((
                    unit.clone(),
                    from,
                    until,
                ));
            }
        }
    }
    let scope = Scope {
        customer: asked.customer.clone(),
        month: Some(asked.month),
        as_of: asked.as_of,
        costs: Costs::default(),
    };
    let dimensions = [Dimension::Customer, Dimension::Class, Dimension::Model];
    let bridge = book.margin(&scope, &dimensions)?;
    let name = bridge.scope.clone();
    let figures = definitions
        .iter()
        .map(|(id, definition)| {
            meters(&Sources {
                scope: name.clone(),
                period: period.clone(),
                as_of: asked.as_of,
                definition,
                units: units
                    .get(id)
                    .into_iter()
                    .flatten()
                    .map(|(unit, from, until)| UnitOf {
                        unit,
                        from: *from,
                        until: *until,
                    })
                    .collect(),
                statements: &statements,
                bridge: &bridge,
                command: asked.command.clone(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(view::Report {
        vendor: book
            .config
            .vendor
            .clone()
            .unwrap_or_else(|| "The seller".to_owned()),
        title: asked.title.clone(),
        period,
        meters: figures,
        statements,
        margins: vec![bridge],
        comparisons: Vec::new(),
        stories: Vec::new(),
        provenance: view::Provenance {
            as_of: asked.as_of,
            shared_entries,
            seller_entries,
            software: format!("piecework {}", env!("CARGO_PKG_VERSION")),
            command: asked.command.clone(),
        },
    })
}

/// Whether a unit opened or counted in a period.
fn is_of(unit: &Unit, from: Timestamp, until: Timestamp) -> bool {
    let holds = |instant: Timestamp| from <= instant && instant < until;
    holds(unit.opened)
        || unit
            .movements
            .iter()
            .any(|own| own.kind == MovementKind::Counted && holds(own.instant))
}
