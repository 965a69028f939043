//! A credit note as a sheet.

use pages::view::{CreditNoteLine, CreditNotePaper};

use crate::limits::TABLE_ROWS_MAX;
use crate::sheet::{Headline, RowKind, Section, Sheet, Table};
use crate::spelled::{amount, money, period, span, text, zone};
use crate::statement::{basis_facts, side};

/// The sheet of a credit note.
#[must_use]
pub fn credit_note(paper: &CreditNotePaper) -> Sheet {
    let note = &paper.note;
    let is_void = note.state == "void";
    let (number, origin) = (text(&note.number), text(&note.origin));
    let currency = note.amount.currency();
    let mut summary = Table::of(&["", "", &format!(">{currency}")]);
    let against = format!("against statement {origin}");
    summary.row(
        RowKind::Plain,
        ["Credited".to_owned(), against, amount(note.amount)],
    );
    if !note.on_account.is_zero() {
        let why = format!("more than was left of {origin}");
        summary.row(
            RowKind::Plain,
            ["On your account".to_owned(), why, amount(note.on_account)],
        );
    }
    let whole = note.amount.plus(note.on_account).unwrap_or(note.amount);
    summary.row(
        RowKind::Total,
        [
            "In your favour, before tax".to_owned(),
            String::new(),
            amount(whole),
        ],
    );
    let mut facts = vec![
        ("Number".to_owned(), number.clone()),
        ("Issued".to_owned(), paper.issued.to_string()),
        ("Against".to_owned(), origin.clone()),
        ("Its period".to_owned(), period(&paper.period)),
        ("Days in".to_owned(), zone(&paper.period)),
        ("Stated by".to_owned(), text(&note.statement)),
        ("Contract".to_owned(), text(&note.contract)),
        ("Customer".to_owned(), text(&note.customer)),
    ];
    if let Some(order) = &paper.po_number {
        facts.push(("Order".to_owned(), text(order)));
    }
    Sheet {
        title: "Credit note".to_owned(),
        under_title: format!("before tax \u{b7} against statement {origin}"),
        mark: is_void.then(|| "VOID".to_owned()),
        notice: is_void.then(|| {
            format!(
                "This credit note is void with {}, the statement that stated it.",
                text(&note.statement)
            )
        }),
        size: paper.stationery.size,
        logo: paper.stationery.logo.clone(),
        date: paper.issued,
        seller: side("From", &paper.vendor),
        buyer: side("To", &paper.customer),
        facts,
        headline: headline(paper, is_void),
        summary,
        asides: vec![Section {
            title: "What it changes".to_owned(),
            text: vec![format!(
                "It lowers what is open of {origin}, at the tax and in the service period of that \
                 statement. The amount is in the total of {} already: do not deduct it a second time there.",
                text(&note.statement)
            )],
            ..Section::default()
        }],
        details: vec![lines(paper)],
        proof: Section {
            title: "Proof".to_owned(),
            text: vec![format!(
                "The proof file of {} proves this credit note: it states the lines above. `piecework \
                 verify` recomputes them without a network.",
                text(&note.statement)
            )],
            facts: basis_facts(&paper.basis),
            table: None,
        },
        number,
    }
}

fn headline(paper: &CreditNotePaper, is_void: bool) -> Headline {
    let note = &paper.note;
    Headline {
        label: if is_void {
            "Void"
        } else {
            "Credited, before tax"
        }
        .to_owned(),
        amount: money(note.amount),
        note: if is_void {
            "nothing is credited by this number".to_owned()
        } else {
            format!("against statement {}", text(&note.origin))
        },
    }
}

fn lines(paper: &CreditNotePaper) -> Section {
    let note = &paper.note;
    let currency = note.amount.currency();
    let mut table = Table::of(&["What", "|Service", &format!(">{currency}")]);
    let mut row = |own: &CreditNoteLine| {
        let what = match own.part.as_str() {
            "" => text(&own.component),
            part => format!("{}, {}", text(&own.component), text(part)),
        };
        let service = span(own.from, own.until, &paper.period);
        table.row(RowKind::Plain, [what, service, amount(own.amount)]);
        let category = own.tax_category.iter();
        let category = category.map(|own| format!("tax category {}", text(own)));
        let reason = own.reason.as_deref().map(text).into_iter();
        table.note(reason.chain(category).collect::<Vec<_>>().join(" \u{b7} "));
    };
    note.lines.iter().for_each(&mut row);
    let total = note.amount.plus(note.on_account).unwrap_or(note.amount);
    table.row(
        RowKind::Total,
        [
            "Taken back, before tax".to_owned(),
            String::new(),
            amount(total.negated()),
        ],
    );
    let rest = format!(
        "`piecework credit-note show {} --customer {}` has all",
        note.number, note.customer
    );
    table.cut(TABLE_ROWS_MAX, &rest);
    Section {
        title: format!("Lines of {}", text(&note.number)),
        table: Some(table),
        ..Section::default()
    }
}
