//! What the template is told: the texts of a sheet as JSON.

use serde_json::{Value, json};

use super::PdfError;
use crate::limits::UNBROKEN_CHARS_MAX;
use crate::sheet::{Align, RowKind, Section, Sheet, Side, Table};
use crate::spelled::is_digest;
use pages::view::{LogoKind, SheetSize};

/// The sheet as the bytes of a JSON file.
pub(super) fn of(sheet: &Sheet) -> Vec<u8> {
    let logo = sheet.logo.as_ref().map(|logo| match logo.kind {
        LogoKind::Png => "png",
        LogoKind::Svg => "svg",
    });
    let value = json!({
        "title": sheet.title,
        "under_title": sheet.under_title,
        "number": sheet.number,
        "mark": sheet.mark,
        "notice": sheet.notice.as_deref().map(runs),
        "paper": match sheet.size { SheetSize::A4 => "a4", SheetSize::Letter => "us-letter" },
        "logo": logo,
        "date": [sheet.date.year(), sheet.date.month(), sheet.date.day()],
        "sides": [side(&sheet.seller), side(&sheet.buyer)],
        "facts": facts(&sheet.facts),
        "headline": {
            "label": sheet.headline.label,
            "amount": sheet.headline.amount,
            "note": sheet.headline.note,
        },
        "summary": table(&sheet.summary),
        "asides": sheet.asides.iter().map(section).collect::<Vec<_>>(),
        "details": sheet.details.iter().map(section).collect::<Vec<_>>(),
        "proof": section(&sheet.proof),
    });
    value.to_string().into_bytes()
}

/// Refuses a sheet with a character that no font has: it would be a hole in the page.
pub(super) fn check_glyphs(sheet: &Sheet, has: &dyn Fn(char) -> bool) -> Result<(), PdfError> {
    let value = serde_json::from_slice(&of(sheet)).unwrap_or_default();
    check(&value, has)
}

fn check(value: &Value, has: &dyn Fn(char) -> bool) -> Result<(), PdfError> {
    match value {
        Value::String(text) => match text.chars().find(|c| *c != BREAK && !has(*c)) {
            Some(character) => Err(PdfError::NoGlyph {
                character,
                text: text.replace(BREAK, ""),
            }),
            None => Ok(()),
        },
        Value::Array(values) => values.iter().try_for_each(|value| check(value, has)),
        Value::Object(values) => values.values().try_for_each(|value| check(value, has)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn side(side: &Side) -> Value {
    let lines: Vec<String> = side.lines.iter().map(|line| breakable(line)).collect();
    json!({ "role": side.role, "name": breakable(&side.name), "lines": lines })
}

fn facts(facts: &[(String, String)]) -> Value {
    let fact = |(name, told): &(String, String)| match is_digest(told) {
        true => json!([breakable(name), told, true]),
        false => json!([breakable(name), breakable(told), false]),
    };
    Value::Array(facts.iter().map(fact).collect())
}

fn section(section: &Section) -> Value {
    json!({
        "title": section.title,
        "text": section.text.iter().map(|text| runs(text)).collect::<Vec<_>>(),
        "facts": facts(&section.facts),
        "table": section.table.as_ref().filter(|table| !table.rows.is_empty()).map(table),
    })
}

fn table(table: &Table) -> Value {
    let columns = table.columns.iter().map(|own| {
        let align = match own.align {
            Align::Text => "text",
            Align::Days => "days",
            Align::Number => "number",
        };
        json!({ "title": own.title, "align": align })
    });
    let rows = table.rows.iter().map(|row| {
        let kind = match row.kind {
            RowKind::Group => "group",
            RowKind::Plain => "plain",
            RowKind::Part => "part",
            RowKind::Subtotal => "subtotal",
            RowKind::Total => "total",
        };
        let cells = row.cells.iter().zip(&table.columns);
        let cells = cells.map(|(cell, column)| match column.align {
            Align::Text => breakable(cell),
            // Neither is ever broken.
            Align::Days | Align::Number => cell.clone(),
        });
        let cells: Vec<String> = cells.collect();
        json!({ "kind": kind, "cells": cells, "note": row.note.as_deref().map(breakable) })
    });
    json!({
        "columns": columns.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "omitted": table.omitted.as_deref().map(runs),
    })
}

/// Prose in parts of which every second one is code.
fn runs(text: &str) -> Vec<String> {
    text.split('`').map(breakable).collect()
}

/// Where a line may be broken and no glyph is.
const BREAK: char = '\u{200b}';

/// Gives words that are longer than a column places where they may be broken.
fn breakable(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut unbroken = 0;
    for c in text.chars() {
        if unbroken == UNBROKEN_CHARS_MAX {
            broken.push(BREAK);
            unbroken = 0;
        }
        broken.push(c);
        unbroken = if c.is_whitespace() || c == '-' {
            0
        } else {
            unbroken + 1
        };
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_word_can_be_broken_and_a_sentence_stays_as_it_is() {
        let sentence = "a sentence of ordinary words";
        assert_eq!(breakable(sentence), sentence);
        let digest = "0".repeat(64);
        assert_eq!(breakable(&digest).matches(BREAK).count(), 3);
        assert_eq!(breakable(&digest).replace(BREAK, ""), digest);
    }
}
