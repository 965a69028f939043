//! A work that a buyer contests, or may: where it stands, and the forms that raise a dispute and decide it.

use maud::{Markup, html};

use super::at;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::instant;
use super::works::standing;
use crate::format::{foreign, id};
use crate::view::{DisputeRow, Entry, Frame, WorkStory};

/// What the reader may do about a work.
#[derive(Debug, Clone, Copy)]
pub struct MayDispute {
    /// Raise a dispute for the buyer.
    pub raise: bool,
    /// Decide one.
    pub decide: bool,
}

/// The disputes about a work.
#[must_use]
pub fn dispute(
    frame: &Frame,
    (customer, work): (&str, &str),
    stories: &[WorkStory],
    entry: Option<(&Entry, MayDispute)>,
) -> String {
    let disputes = || stories.iter().flat_map(|own| &own.disputes);
    let is_open = disputes().any(|own| own.is_open);
    framed(
        frame,
        &html! {
            nav.papers aria-label="Of this work" {
                a href=(at::work(customer, work)) { "The work and its facts" }
                a href=(at::disputes(customer, None)) { "All disputes of this customer" }
            }
            section.sheet aria-labelledby="disputes" {
                h2 id="disputes" { "Disputes" }
                @if disputes().next().is_none() {
                    p.empty { "Nobody contests this work." }
                } @else {
                    ul { @for own in disputes() { li { (told(own)) } } }
                }
                @for own in stories { p { (id(&own.row.unit)) ": " (standing(&own.row.standing)) } }
            }
            @if let Some((entry, may)) = entry {
                @if may.decide && is_open { (decide(&at::dispute(customer, work), entry)) }
                @if may.raise && !is_open { (raise(&at::dispute(customer, work), entry)) }
            }
        },
    )
}

fn told(own: &DisputeRow) -> Markup {
    html! {
        "Raised on " (instant(own.raised)) " UTC by the fact " (id(&own.cause.id)) " from " (foreign(&own.cause.source)) ". "
        @match (own.is_open, own.decided, &own.verdict) {
            (true, Some(at), Some(verdict)) => { strong { "Open" } ": " (foreign(verdict)) " by default on " (instant(at)) " UTC, where nobody decides before." }
            (true, ..) => { strong { "Open" } ", without a deadline." }
            (false, Some(at), Some(verdict)) => { "Decided on " (instant(at)) " UTC: " (foreign(verdict)) "." }
            (false, ..) => "Decided.",
        }
    }
}

fn decide(address: &str, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("decide", "Decide it")]);
    let verdicts = [
        (
            "credited",
            "credited: the buyer is right, and does not pay for it",
        ),
        ("stands", "stands: it is charged as it was"),
    ];
    html! {
        section.sheet aria-labelledby="decide" {
            h2 id="decide" { "Decide" }
            p { "What was stated of it is given back by the next statement, with a credit note." }
            (form.whole(address, &html! {
                (form.choice("verdict", Line { label: "Verdict", ..Line::default() }, &verdicts))
                (form.line("source", Line { label: "Who decides: the source of the fact", begins: "piecework/record", ..Line::default() }))
            }))
        }
    }
}

fn raise(address: &str, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("raise", "Record the dispute")]);
    html! {
        section.sheet aria-labelledby="raise" {
            h2 id="raise" { "Raise a dispute for the buyer" }
            p { "While it is open the work is not stated. A buyer with a key of its own sends it signed." }
            (form.whole(address, &html! {
                (form.line("reason", Line { label: "Why the buyer contests it", ..Line::default() }))
                (form.line("source", Line { label: "Who says so: the source of the fact", begins: "piecework/record", ..Line::default() }))
            }))
        }
    }
}
