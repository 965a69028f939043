//! Who is told what happens: the endpoints, and one of them with what was sent to it.

use maud::{Markup, html};

use super::at;
use crate::format::{count, foreign, id, prose};
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::screen::listing::{instant, older};
use crate::view::{Entry, Frame, WebhookDeliveryRow, WebhookRow};

/// The endpoints, and the types of messages that there are.
#[must_use]
pub fn webhooks(
    frame: &Frame,
    rows: &[WebhookRow],
    types: &[(&str, &str)],
    entry: &Entry,
) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="endpoints" {
                h2 id="endpoints" { "Endpoints" }
                @if rows.is_empty() { p.empty { "Nobody is told anything yet." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="Endpoints" { table {
                        thead { tr { th scope="col" { "Endpoint" } th scope="col" { "Hears of" } th scope="col" { "Types" } th scope="col" { "State" } } }
                        tbody { @for row in rows { tr {
                            th scope="row" { a href=(at::webhook(&row.id)) { (foreign(&row.url)) } span.hint { (foreign(&row.description)) } }
                            td { @match &row.customer { Some(customer) => (foreign(customer)), None => span.none { "everybody" } } }
                            td { (takes(row)) }
                            td { (state(row)) }
                        } } }
                    } }
                }
                (create(types, entry))
            }
        },
    )
}

fn takes(row: &WebhookRow) -> Markup {
    html! { @if row.types.is_empty() { span.none { "all" } } @for (place, own) in row.types.iter().enumerate() { @if place > 0 { ", " } (id(own)) } }
}

fn state(row: &WebhookRow) -> Markup {
    html! {
        @match &row.disabled { Some(why) => { strong { "off" } span.hint { (foreign(why)) } }, None => "on" }
        @if let Some(at) = row.failing_since { span.hint { "every attempt has failed since " (instant(at)) } }
    }
}

fn create(types: &[(&str, &str)], entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("create", "Make it")]);
    let line = |label, hint, may_be_empty| Line {
        label,
        hint,
        may_be_empty,
        ..Line::default()
    };
    let fields = html! {
        (form.line("url", line("Address", "https, in the open internet, without credentials", false)))
        (form.line("description", line("What it is for", "", true)))
        (form.line("customer", line("Only this customer", "It hears of everybody where left empty.", true)))
        (form.line("types", line("Types, with commas between", "All where left empty.", true)))
        details { summary { "The types" } dl { @for (word, about) in types { dt { (id(word)) } dd { (prose(about)) } } } }
    };
    form.folded(at::WEBHOOKS, "Make an endpoint", &fields)
}

/// One endpoint; `next` is the address of the page of deliveries after this one.
#[must_use]
pub fn webhook(
    frame: &Frame,
    own: &WebhookRow,
    rows: &[WebhookDeliveryRow],
    next: Option<&str>,
    entry: &Entry,
) -> String {
    let address = at::webhook(&own.id);
    let rotate = Form::of(entry, &[("rotate", "Make the next one")]);
    let hours = Line {
        label: "Hours for which the earlier secrets still sign beside it",
        begins: "24",
        ..Line::default()
    };
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="own" {
                h2 id="own" { "The endpoint" }
                dl.headline {
                    div { dt { "State" } dd { small { (state(own)) } } }
                    div { dt { "Hears of" } dd { small { @match &own.customer { Some(customer) => (foreign(customer)), None => "everybody" } } } }
                    div { dt { "Types" } dd { small { (takes(own)) } } }
                }
                @let acts: &[(&str, &str)] = if own.disabled.is_none() {
                    &[("test", "Send a test"), ("disable", "Switch it off")]
                } else {
                    &[("enable", "Switch it on: what waited is sent")]
                };
                (Form::of(entry, acts).whole(&address, &html! {}))
                (rotate.folded(&address, "Make a further secret", &rotate.line("overlap_hours", hours)))
                (Form::of(entry, &[("delete", "Delete it")]).folded(&address, "Delete it", &html! { p { "Nothing is told to it any more, and what was sent is forgotten." } }))
            }
            section.sheet aria-labelledby="deliveries" {
                h2 id="deliveries" { "What was sent" }
                @if rows.is_empty() { p.empty { "Nothing in the last 30 days." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="What was sent" { table {
                        thead { tr { th scope="col" { "Made" } th scope="col" { "Message" } th scope="col" { "State" } th.right scope="col" { "Attempts" } th scope="col" { "Last" } th scope="col" { "Again" } } }
                        tbody { @for row in rows { tr {
                            th scope="row" { (instant(row.created)) }
                            td { (id(&row.kind)) span.hint { (foreign(&row.message)) } }
                            td { (row.state) @if let Some(at) = row.next_attempt { span.hint { "next " (instant(at)) } } }
                            td.right { (count(u64::from(row.attempts))) }
                            td { @match &row.last { Some(last) => (foreign(last)), None => span.none { "no attempt" } } }
                            td { (again(&address, &row.message, entry)) }
                        } } }
                    } }
                    (older(next))
                }
            }
        },
    )
}

fn again(address: &str, message: &str, entry: &Entry) -> Markup {
    html! {
        form method="post" action=(address) {
            (Form::hidden("act", "redeliver")) (Form::hidden("once", &entry.once)) (Form::hidden("message", message))
            button aria-label=(format!("Send {message} again")) { "Send again" }
        }
    }
}
