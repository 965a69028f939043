//! What was agreed: each contract with its terms in force, the definitions by which work counts, its history.

use maud::{Markup, html};

use super::at;
use crate::format::{clean, foreign, id, prose};
use crate::screen::definitions::annex;
use crate::screen::frame::framed;
use crate::screen::listing::{first_day, instant, last_day};
use crate::view::{Agreement, Definition, Frame, QuotedComponent};

/// The contracts of a customer.
#[must_use]
pub fn contracts(frame: &Frame, customer: &str, shown: &[Agreement]) -> String {
    framed(
        frame,
        &html! {
            @if shown.is_empty() {
                section.sheet { p.empty { "Nothing was agreed yet." } }
            }
            @for (place, own) in shown.iter().enumerate() { (agreement(customer, place, own)) }
        },
    )
}

/// A definition that was agreed.
#[must_use]
pub fn definition(frame: &Frame, model: &Definition) -> String {
    framed(frame, &annex(model))
}

fn agreement(customer: &str, place: usize, own: &Agreement) -> Markup {
    let contract = &own.contract;
    let name = format!("contract-{place}");
    let latest = contract.versions.last();
    let zone = latest.map_or("UTC", |version| version.time_zone.as_str());
    html! {
        section.sheet aria-labelledby=(name) {
            header {
                h2 id=(name) { "Contract " (id(&contract.contract)) }
                p {
                    @if contract.is_draft { "A draft: nobody signed it, and nothing is owed by it. " }
                    "From " (first_day(contract.starts, zone))
                    @match contract.ends { Some(end) => { ", the last day " (last_day(end, zone)) }, None => ", without an end" }
                    ", days of " (foreign(zone)) "."
                }
            }
            @if let Some(latest) = latest {
                dl.headline {
                    div { dt { "Version" } dd { (latest.version) small { "from " (first_day(latest.from, zone)) } } }
                    div { dt { "Plan" } dd { (foreign(&latest.plan)) } }
                    div { dt { "Stated every" } dd { (foreign(&latest.billing)) small { "in " (foreign(&latest.currency)) } } }
                    div { dt { "Days are counted in" } dd { (foreign(&latest.time_zone)) } }
                }
            }
            @if let Some(latest) = latest {
                section { h3 { "What is sold, and at which terms" } (components(&latest.terms)) }
            }
            section {
                h3 { "By which definitions work counts" }
                @if own.definitions.is_empty() { p.quiet { "It counts no work." } } @else {
                    ul { @for definition in &own.definitions { li {
                        a href=(at::definition(customer, &definition.digest)) { (foreign(&definition.id)) }
                        ": " (prose(&definition.question))
                    } } }
                }
            }
            section {
                h3 { "How it came to be so" }
                div.scroll tabindex="0" role="group" aria-label="Versions" { table {
                    thead { tr {
                        th scope="col" { "Version" } th scope="col" { "Governs what opens from" } th scope="col" { "Agreed by" } th scope="col" { "Changed" }
                    } }
                    tbody { @for told in &contract.history { tr {
                        th scope="row" { (told.version) " " (foreign(&told.step)) @if !told.governs { span.hint { "does not govern" } } }
                        td { (instant(told.from)) }
                        td { @match &told.by { Some(by) => (foreign(by)), None => span.none { "nobody" } } @if let Some(at) = told.at { span.hint { (instant(at)) } } }
                        td { @if told.changes.is_empty() { span.none { "nothing" } } @for change in &told.changes { (prose(change)) br; } }
                    } } }
                } }
            }
            @if let Some(latest) = latest {
                section {
                    h3 { "The documents" }
                    ul { @for document in &latest.documents { li { (foreign(&document.name)) span.hint { "SHA-256 " (id(&document.digest)) } } } }
                    details { summary { "The text of the contract" } pre tabindex="0" role="group" aria-label="The text" { code { (lines(&latest.text)) } } }
                }
            }
        }
    }
}

/// What is sold, in the order of the plan.
pub(super) fn components(terms: &[QuotedComponent]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Terms" { table {
            thead { tr { th scope="col" { "Component" } th scope="col" { "Surface" } th scope="col" { "Terms" } } }
            tbody { @for own in terms { tr {
                th scope="row" { (foreign(&own.component)) }
                td { (foreign(&own.surface)) }
                td { @for term in &own.terms { (foreign(&term.term)) ": " (prose(&term.says)) br; } }
            } } }
        } }
    }
}

/// A document as it is written, line by line.
pub(super) fn lines(text: &str) -> String {
    text.lines().map(|line| clean(line) + "\n").collect()
}
