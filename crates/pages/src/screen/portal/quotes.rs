//! What is offered to a buyer, and how it answers: under its own signature.

use maud::{Markup, html};

use super::at;
use super::contract::{components, lines};
use crate::format::{author, clean, count, foreign, id, money_with_currency, prose};
use crate::screen::at::segment;
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::screen::listing::instant;
use crate::view::{Entry, Frame, Quote};

/// The quotes of a customer.
#[must_use]
pub fn quotes(frame: &Frame, customer: &str, rows: &[Quote]) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() { p.empty { "Nothing is offered." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="Quotes" { table {
                        thead { tr {
                            th scope="col" { "Quote" } th scope="col" { "State" } th scope="col" { "Can be accepted until" } th scope="col" { "Plan" } th scope="col" { "Begins" }
                        } }
                        tbody { @for row in rows { tr {
                            th scope="row" { a href=(at::quote(customer, &row.quote)) { (id(&row.quote)) } }
                            td { (foreign(&row.state)) }
                            td { (foreign(&row.valid_until)) }
                            td { (foreign(&row.plan)) }
                            td { (foreign(&row.starts)) }
                        } } }
                    } }
                }
            }
        },
    )
}

/// One quote: its terms, its text, and how to answer it where the reader may bring an answer.
#[must_use]
pub fn quote(frame: &Frame, origin: &str, own: &Quote, entry: Option<&Entry>) -> String {
    let customer = &own.customer;
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (foreign(&own.state)) small { "until " (foreign(&own.valid_until)) } } }
                div { dt { "Plan" } dd { (foreign(&own.plan)) } }
                div { dt { "Begins" } dd { (foreign(&own.starts)) @if let Some(end) = &own.ends { small { "ends " (foreign(end)) } } } }
                div { dt { "Your past would have come to" } dd {
                    @match &own.expected {
                        Some(bill) => { (money_with_currency(bill.lowest)) " to " (money_with_currency(bill.highest)) small { "a period, over " (bill.periods) } }
                        None => span.none { "unknown" },
                    }
                } }
            }
            section.sheet aria-labelledby="terms" {
                h2 id="terms" { "What is offered" }
                @if let Some(words) = &own.words { p.lead { (prose(words)) } }
                (components(&own.components))
                p {
                    a href=(document(customer, &own.quote)) { "The quote as a document" }
                    @if own.is_signed { ". The contract is signed, by this quote\u{2019}s very text." }
                }
                details { summary { "The text that is accepted" } pre tabindex="0" role="group" aria-label="The text" { code { (lines(&own.text)) } } }
            }
            @if let Some(entry) = entry.filter(|_| own.state == "sent") { (answer(entry, origin, own)) }
            section.sheet aria-labelledby="steps" {
                h2 id="steps" { "What was done" }
                div.scroll tabindex="0" role="group" aria-label="Steps" { table {
                    thead { tr { th scope="col" { "When" } th scope="col" { "Step" } th scope="col" { "By" } th scope="col" { "Whose word" } th.right scope="col" { "Entry" } } }
                    tbody { @for step in &own.steps { tr {
                        th scope="row" { (instant(step.at)) }
                        td { (foreign(&step.step)) @if let Some(words) = &step.words { span.hint { (prose(words)) } } }
                        td { (foreign(&step.by)) }
                        td { (author(step.authorship)) span.hint { @if step.is_signed { "signed" } @else { "not signed" } } }
                        td.right { (count(step.entry)) }
                    } } }
                } }
            }
        },
    )
}

fn document(customer: &str, quote: &str) -> String {
    format!(
        "/v1/customers/{}/quotes/{}/document",
        segment(customer),
        segment(quote)
    )
}

fn answer(entry: &Entry, origin: &str, own: &Quote) -> Markup {
    let customer = &own.customer;
    let text = format!(
        "/v1/customers/{}/quotes/{}",
        segment(customer),
        segment(&own.quote)
    );
    let form = Form::of(entry, &[("answer", "Answer the quote")]);
    let event = Line {
        label: "The signed answer",
        ..Line::default()
    };
    html! {
        section.sheet aria-labelledby="answer" {
            h2 id="answer" { "Answer it" }
            p.lead { "An acceptance signs the contract, so it is taken under your own signature alone; no link gives one." }
            ol {
                li { "Keep the text above as " code { "quote.toml" } ", byte for byte: it is " code { "text" } " of " a href=(text) { "the quote as JSON" } "." }
                li { "Sign it on your own machine:" pre tabindex="0" role="group" aria-label="The command" { code {
                    "piecework sign quote.toml --acknowledge quote --customer " (clean(customer)) " --by procurement --origin " (clean(origin)) " --key buyer.key"
                } } }
                li {
                    "Bring the line that it prints:"
                    (form.whole(&at::quote(customer, &own.quote), &form.text("event", 4, event)))
                }
            }
        }
    }
}
