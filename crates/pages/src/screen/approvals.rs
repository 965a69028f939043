//! What waits for a second person: the list, and one act with the decision about it.

use maud::{Markup, html};

use super::at;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::{instant, narrowed, older};
use crate::format::{id, money_with_currency, prose};
use crate::view::{Entry, Frame, Narrowing, Proposal};

/// A page of the acts that wait, or of all that ever did; `next` is the address of the page after it.
#[must_use]
pub fn approvals(
    frame: &Frame,
    narrowing: &[Narrowing],
    (rows, is_open): (&[Proposal], bool),
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            (narrowed(at::APPROVALS, narrowing))
            section.sheet {
                @if rows.is_empty() {
                    p.empty {
                        @if is_open { "Nothing waits for a second person." } @else { "Nothing ever waited for a second person." }
                        " An act above a limit of " code { "[approvals]" } " does."
                    }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Acts" {
                        table {
                            thead { tr {
                                th scope="col" { "Act" }
                                th scope="col" { "Customer" }
                                th scope="col" { "Proposed" }
                                th scope="col" { "Until" }
                                th scope="col" { "State" }
                                th.right scope="col" { "About" }
                            } }
                            tbody { @for row in rows { (listed(row)) } }
                        }
                    }
                }
                (older(next))
            }
        },
    )
}

/// One act, and the forms that approve and decline it where the reader may and it is open.
#[must_use]
pub fn approval(frame: &Frame, own: &Proposal, entry: Option<&Entry>) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                p.lead { (prose(&own.what)) }
                dl.headline {
                    div { dt { "About" } dd { (money_with_currency(own.amount)) } }
                    @if let Some(before) = &own.before { div { dt { "Before" } dd { (prose(before)) } } }
                    @if let Some(after) = &own.after { div { dt { "Then" } dd { (prose(after)) } } }
                    div { dt { "State" } dd { (state(own)) } }
                }
                p { "Proposed by " (prose(&own.by)) (with_key(own.key.as_deref())) " on " (instant(own.at)) " UTC, to be approved until "
                    (instant(own.expires)) "." }
                @if let (Some(by), Some(at)) = (&own.decided_by, own.decided_at) {
                    p { "Decided by " (prose(by)) (with_key(own.decided_key.as_deref())) " on " (instant(at)) " UTC"
                        @if let Some(reason) = &own.reason { ": " (prose(reason)) } "." }
                }
                @if let Some(entry) = entry.filter(|_| own.state == "open") { (decision(own, entry)) }
            }
        },
    )
}

fn decision(own: &Proposal, entry: &Entry) -> Markup {
    let address = at::approval(&own.customer, &own.proposal);
    let by = Line {
        label: "Who decides, a role or a name",
        hint: "Somebody else than who proposed it, signed in with another key. Whoever proposed it may decline it.",
        ..Line::default()
    };
    let why = |may_be_empty| Line {
        label: "Why",
        may_be_empty,
        ..Line::default()
    };
    let approve = Form::of(entry, &[("approve", "Approve, and do it")]);
    let decline = Form::of(entry, &[("decline", "Decline it")]);
    html! {
        h2 { "Decide" }
        (approve.whole(&address, &html! {
            (approve.line("by", by)) (approve.line("reason", why(true)))
        }))
        (decline.folded(&address, "Or decline it", &html! {
            (decline.line("by", by)) (decline.line("reason", why(false)))
        }))
    }
}

fn listed(own: &Proposal) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(at::approval(&own.customer, &own.proposal)) { (prose(&own.what)) }
                span.hint { (id(&own.proposal)) }
            }
            td { a href=(at::customer(&own.customer)) { (id(&own.customer)) } }
            td { (instant(own.at)) span.hint { "by " (prose(&own.by)) } }
            td { (instant(own.expires)) }
            td { (state(own)) }
            td.right { (money_with_currency(own.amount)) }
        }
    }
}

fn state(own: &Proposal) -> Markup {
    html! { @if own.state == "open" { strong { "open" } } @else { (own.state) } }
}

fn with_key(key: Option<&str>) -> Markup {
    html! { @if let Some(key) = key { " with the key " (id(key)) } }
}
