//! The definitions by which work counts: all in force or published, and one with what it says in plain English.

use maud::{Markup, html};

use super::at;
use super::checks::rows;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::written;
use crate::format::{counted, foreign, id, prose};
use crate::section;
use crate::view::{CheckRow, Comparison, Definition, DefinitionRow, Entry, Frame};

/// The definitions in force for whoever signed no contract, and those that were published; `more` where there are others
/// that are not shown.
#[must_use]
pub fn definitions(frame: &Frame, rows: &[DefinitionRow], more: bool) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "No definition is in force. One is a text beside the plan, or is published with a contract." }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Definitions" {
                        table {
                            thead { tr {
                                th scope="col" { "Definition" }
                                th scope="col" { "What is asked of the work" }
                                th scope="col" { "Who answers for it" }
                                th scope="col" { "Counts as" }
                                th scope="col" { "For whom" }
                            } }
                            tbody { @for row in rows { (listed(row)) } }
                        }
                    }
                    @if more {
                        p.notice { "There are more than are shown. Of one customer all are told to a key of that customer." }
                    }
                }
            }
        },
    )
}

/// One definition: the checks of its price, the annex that both sides sign, and the text that it is made of.
#[must_use]
pub fn definition(frame: &Frame, model: &Definition, checks: &[CheckRow]) -> String {
    framed(
        frame,
        &html! {
            nav.papers aria-label="Of this definition" { a href=(at::compare(&model.row.address)) { "What another text would count" } }
            (rows("price", checks, None))
            (annex(model))
        },
    )
}

/// What both sides sign, and the text that it is made of.
pub(super) fn annex(model: &Definition) -> Markup {
    html! {
        section.sheet.exhibit aria-labelledby="english" {
            h2 id="english" { "In plain English" }
            p.quiet { (prose(&model.row.question)) " \u{b7} answered for by " (foreign(&model.row.owner)) }
            @for section in &model.sections {
                h3 { (foreign(&section.heading)) }
                @for sentence in &section.sentences { p { (prose(sentence)) } }
            }
            h3 { "Edge cases, answered by the rules themselves" }
            ol {
                @for (question, answer) in &model.cases {
                    li { (prose(question)) br; (prose(answer)) }
                }
            }
            p.small.quiet { "SHA-256 of this text, which a buyer acknowledges: " (id(&model.english_digest)) }
        }
        section.sheet aria-labelledby="text" {
            h2 id="text" { "The text" }
            pre tabindex="0" role="group" aria-label="The text" { code { (written(&model.text)) } }
            p.small.quiet { "SHA-256 of this text, by which contracts name it: " (id(&model.row.digest)) }
        }
    }
}

/// What another text of a definition would count of a customer's facts, and what it would cost, once one was entered;
/// `by` is what the definition is asked for by.
#[must_use]
pub fn compare(
    frame: &Frame,
    (by, text): (&str, &str),
    entry: &Entry,
    comparison: Option<&Comparison>,
) -> String {
    let form = Form::of(entry, &[("compare", "Compare them")]);
    let line = |label| Line {
        label,
        ..Line::default()
    };
    framed(
        frame,
        &html! {
            @if let Some(own) = comparison { (section::comparison(own, "compare")) }
            section.sheet aria-labelledby="another" {
                h2 id="another" { "Another text" }
                p { "Change the definition, and see which works count under it and not under the one in force, and the other way "
                    "round, each with its money by the plan in force. Nothing is written." }
                (form.whole(&at::compare(by), &html! {
                    (form.line("customer", line("Customer, by id")))
                    (form.line("month", Line {
                        label: "Month in which works opened, as 2026-01",
                        may_be_empty: true,
                        ..Line::default()
                    }))
                    (form.text("document", 22, Line { label: "The definition (TOML)", begins: text, ..Line::default() }))
                }))
            }
        },
    )
}

fn listed(row: &DefinitionRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::definition(&row.address)) { (id(&row.id)) } }
            td { (prose(&row.question)) }
            td { (foreign(&row.owner)) }
            td {
                @for (index, class) in row.classes.iter().enumerate() {
                    @if index > 0 { ", " }
                    (foreign(class))
                }
            }
            td {
                @if row.is_default { "whoever signed no contract" }
                @if row.customers > 0 {
                    span.hint[row.is_default] { "published to " (counted(row.customers, "customer", "customers")) }
                }
            }
        }
    }
}
