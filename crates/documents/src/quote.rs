//! A quote as a sheet: what is offered, until when, and what the customer's own past would have come to.

use pages::view::QuotePaper;

use crate::limits::TABLE_ROWS_MAX;
use crate::sheet::{Headline, RowKind, Section, Sheet, Table};
use crate::spelled::{amount, money, text};
use crate::statement::side;

/// The sheet of a quote.
#[must_use]
pub fn quote(paper: &QuotePaper) -> Sheet {
    let own = &paper.quote;
    let number = text(&own.quote);
    let (mark, notice) = match own.state.as_str() {
        "draft" => (
            Some("DRAFT"),
            "This quote was not sent: it cannot be accepted.".to_owned(),
        ),
        "withdrawn" => (
            Some("WITHDRAWN"),
            "This quote was withdrawn: it cannot be accepted.".to_owned(),
        ),
        _ => (None, String::new()),
    };
    let ends = own.ends.as_deref().unwrap_or("open");
    let facts = [
        ("Number", number.as_str()),
        ("Valid until", &own.valid_until),
        ("Contract", &own.contract),
        ("Starts", &own.starts),
        ("Ends", ends),
        ("Billed", &own.billing),
        ("Days in", &own.time_zone),
        ("Plan", &own.plan),
        ("Customer", &own.customer),
    ];
    let facts = facts.map(|(name, told)| (name.to_owned(), text(told)));
    Sheet {
        title: "Quote".to_owned(),
        under_title: format!("before tax \u{b7} valid until {}", text(&own.valid_until)),
        mark: mark.map(str::to_owned),
        notice: Some(notice).filter(|notice| !notice.is_empty()),
        size: paper.stationery.size,
        logo: paper.stationery.logo.clone(),
        date: paper.date,
        seller: side("From", &paper.vendor),
        buyer: side("To", &paper.customer),
        facts: facts.into(),
        headline: headline(paper),
        summary: summary(paper),
        asides: own.words.iter().map(|words| Section {
            title: "To you".to_owned(),
            text: vec![text(words)],
            ..Section::default()
        }).collect(),
        details: vec![terms(paper)],
        proof: Section {
            title: "What is accepted".to_owned(),
            text: vec![
                "Acceptance signs the very texts below, each named by the SHA-256 of its bytes. `piecework quote show` \
                 prints them, and `piecework sign --acknowledge quote` accepts them under the buyer's own key."
                    .to_owned(),
            ],
            facts: own
                .documents
                .iter()
                .map(|own| (text(&own.name), text(&own.digest)))
                .collect(),
            table: None,
        },
        number,
    }
}

fn headline(paper: &QuotePaper) -> Headline {
    let own = &paper.quote;
    match &own.expected {
        Some(expected) if expected.lowest == expected.highest => Headline {
            label: format!("Expected each {}, before tax", text(&own.billing)),
            amount: money(expected.lowest),
            note: past(paper),
        },
        Some(expected) => Headline {
            label: format!("Expected each {}, before tax", text(&own.billing)),
            amount: format!(
                "{} \u{2013} {}",
                amount(expected.lowest),
                money(expected.highest)
            ),
            note: past(paper),
        },
        None => Headline {
            label: "Prices below, before tax".to_owned(),
            amount: text(&own.currency),
            note: "there is no closed period to compare with".to_owned(),
        },
    }
}

fn past(paper: &QuotePaper) -> String {
    match &paper.quote.expected {
        Some(own) => format!(
            "from {} closed periods of your own, from {} until {}; no promise",
            own.periods,
            text(&own.from),
            text(&own.until)
        ),
        None => String::new(),
    }
}

/// What is offered, by component.
fn summary(paper: &QuotePaper) -> Table {
    let mut table = Table::of(&["What", "Surface"]);
    for own in &paper.quote.components {
        table.row(RowKind::Plain, [text(&own.component), text(&own.surface)]);
    }
    table
}

/// Every term of every component.
fn terms(paper: &QuotePaper) -> Section {
    let mut table = Table::of(&["Term", "What is agreed"]);
    for own in &paper.quote.components {
        let head = format!("{} \u{b7} {}", text(&own.component), text(&own.surface));
        table.row(RowKind::Group, [head]);
        for term in &own.terms {
            table.row(RowKind::Plain, [text(&term.term), text(&term.says)]);
        }
    }
    table.cut(TABLE_ROWS_MAX, "`piecework quote show` has all");
    Section {
        title: format!("Terms of {}", text(&paper.quote.quote)),
        text: vec![format!("Prices in {}.", text(&paper.quote.currency))],
        table: Some(table),
        ..Section::default()
    }
}
