//! A sheet as one HTML file that prints as it should: no script, no font, no network, no second file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use pages::view::{Logo, LogoKind, SheetSize};

use crate::sheet::{Align, Row, RowKind, Section, Sheet, Side, Table};

/// What the page forbids itself: everything but its own inline style and its own inline picture.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("sheet.css");

/// The page of a sheet.
#[must_use]
pub fn html(sheet: &Sheet) -> String {
    let size = match sheet.size {
        SheetSize::A4 => "A4",
        SheetSize::Letter => "letter",
    };
    let title = format!("{} {}", sheet.title, sheet.number);
    markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style {
                    (PreEscaped(STYLE))
                    (PreEscaped(format!(
                        "@page{{size:{size};@bottom-left{{content:{}}}}}",
                        quoted(&format!("{} \u{b7} {title}", sheet.seller.name))
                    )))
                }
            }
            body {
                main.sheet {
                    @if let Some(mark) = &sheet.mark { p.mark aria-hidden="true" { (mark) } }
                    (first_page(sheet))
                    @for section in &sheet.details { (part(section, "detail")) }
                    (part(&sheet.proof, "detail proof"))
                }
            }
        }
    }
    .into_string()
}

fn first_page(sheet: &Sheet) -> Markup {
    markup! {
        header {
            div {
                h1 { (sheet.title) }
                p.quiet { (sheet.under_title) }
            }
            @if let Some(logo) = &sheet.logo { (picture(logo, &sheet.seller.name)) }
        }
        @if let Some(notice) = &sheet.notice { p.notice { (prose(notice)) } }
        div.sides {
            (side(&sheet.seller))
            (side(&sheet.buyer))
            dl.facts { @for (name, told) in &sheet.facts { (fact(name, told)) } }
        }
        div.headline {
            p.label { (sheet.headline.label) }
            p.amount { (sheet.headline.amount) }
            p.quiet { (sheet.headline.note) }
        }
        (table(&sheet.summary, "summary"))
        @for section in &sheet.asides { (part(section, "aside")) }
    }
}

fn picture(logo: &Logo, name: &str) -> Markup {
    let kind = match logo.kind {
        LogoKind::Png => "image/png",
        LogoKind::Svg => "image/svg+xml",
    };
    let source = format!("data:{kind};base64,{}", STANDARD.encode(&logo.bytes));
    markup! { img.logo src=(source) alt=(name); }
}

fn side(side: &Side) -> Markup {
    markup! {
        div {
            h2 { (side.role) }
            p.name { bdi { (side.name) } }
            @for line in &side.lines { p { bdi { (line) } } }
        }
    }
}

fn fact(name: &str, told: &str) -> Markup {
    let is_digest = crate::spelled::is_digest(told);
    markup! {
        div { dt { (name) } dd { @if is_digest { code { (told) } } @else { bdi { (told) } } } }
    }
}

fn part(section: &Section, class: &str) -> Markup {
    markup! {
        section class=(class) {
            h2 { (section.title) }
            @for paragraph in &section.text { p { (prose(paragraph)) } }
            @if !section.facts.is_empty() {
                dl.facts { @for (name, told) in &section.facts { (fact(name, told)) } }
            }
            @if let Some(own) = &section.table { (table(own, "lines")) }
        }
    }
}

fn table(table: &Table, class: &str) -> Markup {
    let has_head = table.columns.iter().any(|own| !own.title.is_empty());
    markup! {
        @if !table.rows.is_empty() {
            table class=(class) {
                @if has_head {
                    thead {
                        tr {
                            @for column in &table.columns {
                                th scope="col" class=(align(column.align)) { (column.title) }
                            }
                        }
                    }
                }
                @for body in bodies(&table.rows) {
                    tbody { @for own in body { (row(own, table)) } }
                }
            }
            @if let Some(omitted) = &table.omitted { p.quiet { (prose(omitted)) } }
        }
    }
}

/// The rows in parts that a page may break between: a group's head stays with what follows it.
fn bodies(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let followers = rest.iter().skip(1);
        let own = match first.kind {
            RowKind::Group => 2.min(rest.len()),
            _ => {
                1 + followers
                    .take_while(|row| row.kind == RowKind::Part)
                    .count()
            }
        };
        let (own, after) = rest.split_at(own);
        rest = after;
        Some(own)
    })
}

fn row(row: &Row, table: &Table) -> Markup {
    let kind = match row.kind {
        RowKind::Group => "group",
        RowKind::Plain => "plain",
        RowKind::Part => "part",
        RowKind::Subtotal => "subtotal",
        RowKind::Total => "total",
    };
    let span = (row.kind == RowKind::Group).then_some(table.columns.len());
    markup! {
        tr class=(kind) {
            @for (index, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
                @if index == 0 {
                    th scope=(if span.is_some() { "rowgroup" } else { "row" }) colspan=[span] class=(align(column.align)) {
                        bdi { (cell) }
                        @if let Some(note) = &row.note { span.note { bdi { (note) } } }
                    }
                } @else {
                    td class=(align(column.align)) { bdi { (cell) } }
                }
            }
        }
    }
}

const fn align(align: Align) -> &'static str {
    match align {
        Align::Text => "text",
        Align::Days => "days",
        Align::Number => "number",
    }
}

/// Prose, in which `` `this` `` is code.
fn prose(text: &str) -> Markup {
    markup! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A text as a string of CSS, inside of a style element.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            // Nothing that could end the string, the rule or the element.
            '"' | '\\' | '<' | '>' | '&' | '\n' | '\r' | '\u{c}' => {
                quoted.push_str(&format!("\\{:x} ", c as u32));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_string() {
        assert_eq!(quoted("a</style>\"b\\"), "\"a\\3c /style\\3e \\22 b\\5c \"");
    }

    #[test]
    fn a_groups_head_stays_with_its_first_row_and_parts_with_theirs() {
        let row = |kind| Row {
            kind,
            cells: Vec::new(),
            note: None,
        };
        use RowKind::{Group, Part, Plain, Subtotal};
        let rows: Vec<Row> = [Group, Plain, Plain, Part, Part, Subtotal].map(row).into();
        let parts: Vec<usize> = bodies(&rows).map(<[Row]>::len).collect();
        assert_eq!(parts, [2, 3, 1]);
    }
}
