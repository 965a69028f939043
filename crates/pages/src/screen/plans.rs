//! Plans: those in force, one of them with what it sells and whether it fits, and what another text would bill.

use maud::{Markup, html};

use super::at;
use super::contracts::{previewed, terms};
use super::form::{Form, Line};
use super::frame::framed;
use super::quotes::text;
use crate::format::{foreign, id, prose};
use crate::view::{ChangePreview, Entry, Frame, PlanRow, PlanSheet};

/// The plans.
#[must_use]
pub fn plans(frame: &Frame, rows: &[PlanRow]) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "No plan governs here." }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Plans" {
                        table {
                            thead { tr {
                                th scope="col" { "Plan" }
                                th.right scope="col" { "Version" }
                                th scope="col" { "Currency" }
                                th scope="col" { "Sells" }
                            } }
                            tbody { @for own in rows { tr {
                                th scope="row" { a href=(at::plan(&own.address)) { (id(&own.id)) } }
                                td.right { (own.version) }
                                td { (own.currency) }
                                td { (foreign(&own.components.join(", "))) }
                            } } }
                        }
                    }
                }
            }
        },
    )
}

/// A plan, and what the bills of a customer would be by another text, once one was entered.
#[must_use]
pub fn plan(
    frame: &Frame,
    model: &PlanSheet,
    entry: &Entry,
    preview: Option<&ChangePreview>,
) -> String {
    let own = &model.row;
    // In the order of the surfaces, which is that of a statement.
    let surfaces = ["access", "usage", "outcome", "risk"];
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "Version" } dd { (own.version) } }
                div { dt { "Currency" } dd { (own.currency) } }
                div { dt { "What models cost is of" } dd {
                    @match model.model_costs {
                        Some(day) => time datetime=(day) { (day) },
                        None => span.none { "unknown" },
                    }
                } }
            }
            @if let Some(preview) = preview { (previewed(preview)) }
            (checks(model))
            (super::checks::rows("price", &model.checks, None))
            section.sheet aria-labelledby="sells" {
                h2 id="sells" { "What it sells" }
                @for surface in surfaces {
                    @let of = model.components.iter().filter(|own| own.surface == surface).cloned().collect::<Vec<_>>();
                    @if !of.is_empty() { (terms(&of)) }
                }
            }
            section.sheet aria-labelledby="another" {
                h2 id="another" { "What another text would bill" }
                p { "On a customer\u{2019}s own facts, for the period that runs and for closed ones. Nothing is written." }
                (another(model, entry))
            }
            section.sheet aria-labelledby="text" {
                h2 id="text" { "The text" }
                (text("The plan", &model.text))
                p.small.quiet { "SHA-256 of this text, by which contracts name it: " (id(&own.digest)) }
            }
        },
    )
}

fn checks(model: &PlanSheet) -> Markup {
    html! {
        section.sheet aria-labelledby="checks" {
            h2 id="checks" { "Checks" }
            @if model.faults.is_empty() {
                p { span.verdict.ok { "It fits" } " the definitions in force: every class has a price, and no lost dispute raises a bill." }
            } @else {
                ul { @for own in &model.faults { li { span.verdict.bad { (prose(own)) } } } }
            }
            @if !model.needs.is_empty() {
                p { "Documents are published to it before periods have a price:" }
                ul { @for own in &model.needs { li { (prose(own)) } } }
            }
        }
    }
}

fn another(model: &PlanSheet, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("compare", "See what it would do")]);
    let line = |label| Line {
        label,
        ..Line::default()
    };
    form.whole(&at::plan(&model.row.address), &html! {
        (form.line("customer", line("Customer, by id")))
        (form.line("contract", Line { label: "Contract, where it has several", may_be_empty: true, ..Line::default() }))
        (form.day("from", line("The first day on which the text would govern")))
        (form.line("periods", Line { label: "How many closed periods to look back at", begins: "1", ..Line::default() }))
        (form.text("document", 18, Line { label: "The text of the plan (TOML)", begins: &model.text, ..Line::default() }))
    })
}
