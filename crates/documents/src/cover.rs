//! A cover as a sheet: one page that says what is to be paid by when and for which statements, then each of them.

use pages::view::{CoverPaper, CoverPart, StatementPaper};

use crate::limits::TABLE_ROWS_MAX;
use crate::sheet::{Headline, RowKind, Section, Sheet, Table};
use crate::spelled::{amount, counted, money, period, text};
use crate::statement::{basis_facts, pay_to, side, statement};

/// The sheet of a cover.
#[must_use]
pub fn cover(paper: &CoverPaper) -> Sheet {
    let own = &paper.cover;
    let number = text(&own.number);
    let is_void = own.state == "void";
    let mut facts = vec![
        ("Number".to_owned(), number.clone()),
        ("Issued".to_owned(), own.issued_on.to_string()),
        ("Due".to_owned(), own.due_on.to_string()),
        ("Through".to_owned(), own.through.to_string()),
        ("Statements".to_owned(), own.parts.len().to_string()),
        ("Customer".to_owned(), text(&own.customer)),
    ];
    let mut orders: Vec<String> = (paper.statements.iter())
        .filter_map(|own| own.po_number.as_deref().map(text))
        .collect();
    orders.dedup();
    if !orders.is_empty() {
        facts.push(("Order".to_owned(), orders.join(", ")));
    }
    Sheet {
        title: "Cover statement".to_owned(),
        under_title: format!("before tax \u{b7} through {}", own.through),
        mark: is_void.then(|| "VOID".to_owned()),
        notice: is_void.then(|| {
            let why = own.void_reason.as_deref().unwrap_or_default();
            text(&format!(
                "This cover is void, and nothing is to be paid on this number; its statements stand: {why}"
            ))
        }),
        size: paper.stationery.size,
        logo: paper.stationery.logo.clone(),
        date: own.issued_on,
        seller: side("From", &paper.vendor),
        buyer: side("To", &paper.customer),
        facts,
        headline: headline(paper, is_void),
        summary: summary(paper),
        asides: asides(paper),
        details: paper.statements.iter().flat_map(details).collect(),
        proof: Section {
            title: "Proof".to_owned(),
            text: vec![format!(
                "Each statement above has a proof file of its own, which also shows this cover: `piecework prove --cover \
                 {number} --customer {}` writes them, `piecework verify` computes the statement again and checks that the \
                 cover is their sum, without a network.",
                text(&own.customer)
            )],
            facts: basis_facts(&paper.basis),
            table: None,
        },
        number,
    }
}

fn headline(paper: &CoverPaper, is_void: bool) -> Headline {
    let own = &paper.cover;
    let (label, note) = if is_void {
        ("Void", "nothing is to be paid on this number".to_owned())
    } else if own.payable.is_zero() {
        ("Nothing to pay", "kept for your records".to_owned())
    } else if own.payable.is_negative() {
        (
            "In your favour, before tax",
            "it lowers what is open, or stays on your account".to_owned(),
        )
    } else {
        ("To pay, before tax", format!("by {}", own.due_on))
    };
    Headline {
        label: label.to_owned(),
        amount: money(own.payable),
        note,
    }
}

/// Its statements, with what each comes to.
fn summary(paper: &CoverPaper) -> Table {
    let own = &paper.cover;
    let currency = own.total.currency();
    let mut table = Table::of(&["Statement", "Contract", &format!(">{currency}")]);
    let row = |table: &mut Table, part: &CoverPart| {
        let cells = [
            text(&part.statement),
            text(&part.contract),
            amount(part.total),
        ];
        table.row(RowKind::Plain, cells);
        if part.payable != part.total {
            table.note(format!(
                "prepaid credits pay {}",
                part.total
                    .minus(part.payable)
                    .map_or_else(|_| String::new(), amount)
            ));
        }
    };
    for part in &own.parts {
        row(&mut table, part);
    }
    let total = |table: &mut Table, what: &str, sum| {
        table.row(
            RowKind::Total,
            [what.to_owned(), String::new(), amount(sum)],
        );
    };
    total(&mut table, "Total, before tax", own.total);
    if own.payable != own.total {
        total(&mut table, "Payable, before tax", own.payable);
    }
    table
}

fn asides(paper: &CoverPaper) -> Vec<Section> {
    let own = &paper.cover;
    vec![Section {
        title: "How to pay".to_owned(),
        text: vec![format!(
            "This number pays {}: their sum, without rounding. None of them is to be paid beside it.",
            counted(own.parts.len() as u64, "one statement", "statements")
        )],
        facts: pay_to(&paper.stationery, text(&own.number)),
        table: None,
    }]
}

/// One of its statements: how it comes about, then its lines.
fn details(paper: &StatementPaper) -> Vec<Section> {
    let sheet = statement(paper);
    let of = |title: &str| format!("{} \u{b7} {title}", sheet.number);
    let mut summary = sheet.summary;
    summary.cut(TABLE_ROWS_MAX, "the statement has all");
    let first = Section {
        title: format!("Statement {}", sheet.number),
        text: vec![format!(
            "Contract {}, {}",
            text(&paper.statement.contract),
            period(&paper.statement.period)
        )],
        facts: Vec::new(),
        table: Some(summary),
    };
    let lines = sheet.details.iter().map(|section| Section {
        title: of(&section.title),
        ..section.clone()
    });
    [first].into_iter().chain(lines).collect()
}
