//! Bringing what was signed elsewhere: events of the buyer, one a line.

use maud::{Markup, html};

use super::at;
use crate::format::{clean, count, foreign, id};
use crate::screen::frame::framed;
use crate::view::{Brought, Frame};

/// Where signed events are brought, and what became of those that were brought last.
#[must_use]
pub fn signed(frame: &Frame, customer: &str, origin: &str, became: &[Brought]) -> String {
    framed(
        frame,
        &html! {
            @if !became.is_empty() { (told(became)) }
            section.sheet aria-labelledby="bring" {
                h2 id="bring" { "Bring signed events" }
                p.lead {
                    "What " code { "piecework sign" } " prints: one event a line, each under your own key. The disputes that "
                    code { "piecework reconcile --disputes" } " writes are signed the same way, all at once."
                }
                (upload(customer))
                p.quiet.small { "They are signed for this log: " (id(origin)) }
            }
        },
    )
}

/// The form that takes them.
pub(super) fn upload(customer: &str) -> Markup {
    html! {
        form.act method="post" enctype="multipart/form-data" action=(at::of(at::SIGNED, customer)) {
            div.field { label { span { "Signed events, as a file" } input type="file" name="file" accept=".jsonl,.json,.txt"; } }
            div.field { label { span { "or pasted" } textarea name="text" rows="4" spellcheck="false" {} } }
            p.does { button { "Bring them" } }
        }
    }
}

fn told(became: &[Brought]) -> Markup {
    html! {
        section.sheet aria-labelledby="became" {
            h2 id="became" { "What became of them" }
            div.scroll tabindex="0" role="group" aria-label="What became of them" { table {
                thead { tr { th.right scope="col" { "Line" } th scope="col" { "Outcome" } th scope="col" { "Why" } } }
                tbody { @for (line, own) in (1_u64..).zip(became) { tr {
                    th.right scope="row" { (count(line)) }
                    td { @if own.is_there { "in the log" } @else { strong { "not taken" } } }
                    td { (foreign(&clean(&own.detail))) }
                } } }
            } }
        }
    }
}
