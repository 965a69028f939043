//! Quotes: those of a customer, one of them, and the forms that draft it, send it and record the answer.

use maud::{Markup, html};

use super::at;
use super::contracts::{documents, terms};
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::{instant, narrowed, older};
use crate::format::{foreign, id, money_with_currency, prose};
use crate::view::{Entry, ExpectedBill, Frame, Narrowing, Quote, QuoteRow, QuoteStep};

/// Whose quotes a listing has.
#[derive(Debug, Clone, Copy)]
pub enum QuotesOf<'a> {
    /// Everybody's.
    Everybody(&'a [QuoteRow]),
    /// Those of a customer, by its id.
    Customer(&'a str, &'a [Quote]),
}

/// The quotes of everybody or of a customer, and of a customer the form that drafts another where the reader may;
/// `next` is the address of the page after it.
#[must_use]
pub fn quotes(
    frame: &Frame,
    narrowing: &[Narrowing],
    found: QuotesOf<'_>,
    next: Option<&str>,
    entry: Option<&Entry>,
) -> String {
    framed(
        frame,
        &html! {
            (narrowed(at::QUOTES, narrowing))
            @match found {
                QuotesOf::Everybody(rows) => {
                    (all(rows, next))
                    @if entry.is_some() { section.sheet { p.empty { "Name a customer to draft a quote to it. It need not be in the book yet." } } }
                },
                QuotesOf::Customer(customer, rows) => {
                    (listed(rows, next))
                    @if let Some(entry) = entry { section.sheet { (draft(customer, entry)) } }
                }
            }
        },
    )
}

/// A quote: what it offers, what became of it, and what can be done with it now.
#[must_use]
pub fn quote(frame: &Frame, own: &Quote, entry: Option<&Entry>) -> String {
    let document = |form: &str| at::document_of_quote(&own.customer, &own.quote, form);
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (state(&own.state)) @if own.is_signed { small { "its contract is signed" } } } }
                div { dt { "Can be accepted until" } dd { (day(&own.valid_until)) } }
                div { dt { "The contract begins" } dd { (day(&own.starts)) @if let Some(ends) = &own.ends { small { "its last day is " (day(ends)) } } } }
                div { dt { "Stated every" } dd { (own.billing) small { (own.currency) ", days of " (own.time_zone) } } }
                @if let Some(expected) = &own.expected { (would_be(expected)) }
            }
            nav.papers aria-label="Of this quote" {
                a href=(document("html")) { "Document to print" }
                a href=(document("pdf")) { "Document as PDF" }
                @if own.is_signed { a href=(at::contract(&own.customer, &own.contract)) { "The contract" } }
            }
            @if let Some(entry) = entry { (steps(own, entry)) }
            section.sheet aria-labelledby="offer" {
                h2 id="offer" { "What is offered" }
                p.quiet { "Plan " (id(&own.plan)) ", contract " (id(&own.contract)) }
                @if let Some(words) = &own.words { p.lead { (prose(words)) } }
                (terms(&own.components))
            }
            section.sheet aria-labelledby="became" {
                h2 id="became" { "What became of it" }
                (history(own))
            }
            section.sheet aria-labelledby="texts" {
                h2 id="texts" { "The texts" }
                p.quiet { "What is accepted is the first, by its digest; it names the others." }
                (documents(&own.documents))
                (text("The quote", &own.text))
                (text("The contract that acceptance signs", &own.contract_text))
            }
        },
    )
}

fn all(rows: &[QuoteRow], next: Option<&str>) -> Markup {
    html! {
        section.sheet {
            @if rows.is_empty() {
                p.empty { "Nothing was offered to anybody here yet." }
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Quotes" {
                    table {
                        thead { tr {
                            th scope="col" { "Quote" }
                            th scope="col" { "Customer" }
                            th scope="col" { "State" }
                            th scope="col" { "Contract" }
                            th scope="col" { "Begins" }
                            th scope="col" { "Can be accepted until" }
                        } }
                        tbody { @for own in rows { tr {
                            th scope="row" { a href=(at::quote(&own.customer, &own.quote)) { (id(&own.quote)) } }
                            td { a href=(at::quotes_of(&own.customer)) { (foreign(&own.name)) } }
                            td { (state(&own.state)) }
                            td { (id(&own.contract)) }
                            td { (day(&own.starts)) }
                            td { (day(&own.valid_until)) }
                        } } }
                    }
                }
            }
            (older(next))
        }
    }
}

fn listed(rows: &[Quote], next: Option<&str>) -> Markup {
    html! {
        section.sheet {
            @if rows.is_empty() {
                p.empty { "Nothing was offered to this customer yet." }
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Quotes" {
                    table {
                        thead { tr {
                            th scope="col" { "Quote" }
                            th scope="col" { "State" }
                            th scope="col" { "Contract" }
                            th scope="col" { "Plan" }
                            th scope="col" { "Begins" }
                            th scope="col" { "Can be accepted until" }
                        } }
                        tbody { @for own in rows { tr {
                            th scope="row" { a href=(at::quote(&own.customer, &own.quote)) { (id(&own.quote)) } }
                            td { (state(&own.state)) }
                            td { (id(&own.contract)) }
                            td { (id(&own.plan)) }
                            td { (day(&own.starts)) }
                            td { (day(&own.valid_until)) }
                        } } }
                    }
                }
            }
            (older(next))
        }
    }
}

fn draft(customer: &str, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("draft", "Draft it")]);
    let line = |label, hint| Line {
        label,
        hint,
        ..Line::default()
    };
    form.folded(&at::quotes_to(customer), "Draft a quote", &html! {
        (form.day("from", line("First day of the contract", "")))
        (form.day("valid_until", line("The last day on which it can be accepted", "")))
        (form.text("words", 3, Line { label: "What you say to it", may_be_empty: true, ..Line::default() }))
        (form.text("document", 12, Line {
            label: "The contract document (TOML)",
            hint: "Made of piecework.toml, over the plan and the definitions in force, where it is left empty.",
            may_be_empty: true,
            ..Line::default()
        }))
        (form.line("by", line("Who drafts it, a role", "")))
    })
}

/// What can be done with a quote as it stands.
fn steps(own: &Quote, entry: &Entry) -> Markup {
    let address = at::quote(&own.customer, &own.quote);
    let by = |label| Line {
        label,
        ..Line::default()
    };
    let send = Form::of(entry, &[("send", "Send it to the buyer")]);
    let accept = Form::of(entry, &[("accept", "Record it, and sign the contract")]);
    let decline = Form::of(entry, &[("decline", "Record it")]);
    let withdraw = Form::of(entry, &[("withdraw", "Take it back")]);
    html! {
        @if matches!(own.state.as_str(), "draft" | "sent") {
            section.sheet aria-labelledby="next" {
                h2 id="next" { "What is next" }
                @if own.state == "draft" {
                    p { "The buyer may accept it once it is sent." }
                    (send.whole(&address, &send.line("by", by("Who sends it, a role"))))
                } @else {
                    p { "A buyer with a key of its own answers by itself, signed. Otherwise, record what it said." }
                    (accept.folded(&address, "The buyer accepts it", &html! {
                        (accept.line("how", by("How the buyer said so")))
                        (accept.line("by", by("Who accepted it for the buyer, a role")))
                    }))
                    (decline.folded(&address, "The buyer declines it", &html! {
                        (decline.line("reason", by("Why")))
                        (decline.line("by", by("Who said so for the buyer, a role")))
                    }))
                }
                (withdraw.folded(&address, "Take it back", &html! {
                    (withdraw.line("reason", by("Why")))
                    (withdraw.line("by", by("Who takes it back, a role")))
                }))
            }
        }
    }
}

fn would_be(expected: &ExpectedBill) -> Markup {
    let periods = if expected.periods == 1 {
        "period"
    } else {
        "periods"
    };
    html! {
        div {
            dt { "A bill would have been" }
            dd {
                (money_with_currency(expected.lowest))
                @if expected.highest != expected.lowest { " to " (money_with_currency(expected.highest)) }
                small { "by the last " (expected.periods) " " (periods) ", until " (day(&expected.until)) }
            }
        }
    }
}

fn history(own: &Quote) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Steps" {
            table {
                thead { tr {
                    th scope="col" { "Step" } th scope="col" { "When" } th scope="col" { "Who" }
                    th scope="col" { "In words" } th.right scope="col" { "Entry" }
                } }
                tbody { @for step in &own.steps { (stepped(&own.customer, step)) } }
            }
        }
    }
}

fn stepped(customer: &str, step: &QuoteStep) -> Markup {
    html! {
        tr {
            th scope="row" { (step.step) }
            td { (instant(step.at)) }
            td {
                (foreign(&step.by)) " "
                span class=(format!("tag {}", step.authorship.word())) { (step.authorship.word().replace('_', " ")) @if step.is_signed { ", signed" } }
            }
            td { @match &step.words { Some(words) => (prose(words)), None => span.none { "\u{2014}" } } }
            td.right { a href=(at::entry_receipt(customer, step.entry)) { (step.entry) } }
        }
    }
}

fn state(word: &str) -> Markup {
    html! { @if word == "sent" { strong { "sent" } } @else { (word) } }
}

fn day(day: &str) -> Markup {
    html! { time datetime=(day) { (day) } }
}

/// A text, folded.
pub(super) fn text(name: &str, text: &str) -> Markup {
    html! {
        details.text {
            summary { (name) }
            pre tabindex="0" role="group" aria-label=(name) { code { (super::listing::written(text)) } }
        }
    }
}
