//! The works that were done for a buyer, and one of them: its facts, what is owed, what the buyer says to it.

use maud::{Markup, html};

use super::at;
use crate::format::{clean, foreign, id};
use crate::screen::at::work_receipt;
use crate::screen::frame::framed;
use crate::screen::listing::{instant, older};
use crate::screen::work::unit;
use crate::screen::works::{coming, standing};
use crate::view::{Frame, OwnWorks, Sayable, WorkRow, WorkStory};

/// Which works are shown: the parameter, and what that is called.
const SHOWN: [(&str, &str); 6] = [
    ("", "All"),
    ("?state=pending", "Pending"),
    ("?state=counted", "Counted"),
    ("?state=not_counted", "Not counted"),
    ("?state=reversed", "Reversed"),
    ("?disputed=true", "Disputed"),
];

/// A page of the works; `next` is the address of the page after it.
#[must_use]
pub fn works(frame: &Frame, search: &OwnWorks, rows: &[WorkRow], next: Option<&str>) -> String {
    let own = at::of(at::WORKS, &search.customer);
    let asked = match (search.state.as_str(), search.disputed.as_str()) {
        ("", "") => String::new(),
        ("", disputed) => format!("?disputed={disputed}"),
        (state, _) => format!("?state={state}"),
    };
    framed(
        frame,
        &html! {
            form.narrowing method="get" action=(own) role="search" {
                div.field { label { span { "Work id" } input name="work" value=(clean(&search.work)) placeholder="T-1" autocomplete="off"; } }
                button { "Find" }
            }
            nav.papers aria-label="Which works" {
                @for (query, name) in SHOWN {
                    a href=(format!("{own}{query}")) aria-current=[(query == asked && search.work.is_empty()).then_some("page")] { (name) }
                }
            }
            section.sheet {
                @if rows.is_empty() {
                    p.empty {
                        @if next.is_some() { "None among these works; there are more on the next page." }
                        @else { "No work is so. A work begins with its first event." }
                    }
                } @else {
                    (table(&search.customer, rows))
                }
                (older(next))
            }
        },
    )
}

/// Works as a table, each leading to its own screen.
pub(super) fn table(customer: &str, rows: &[WorkRow]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Works" { table {
            caption { "Times in UTC" }
            thead { tr {
                th scope="col" { "Work" }
                th scope="col" { "State" }
                th scope="col" { "Since" }
                th scope="col" { "What comes next" }
                th scope="col" { "Opened" }
            } }
            tbody { @for row in rows { tr {
                th scope="row" {
                    a href=(at::work(at::WORK, customer, &row.work)) { (foreign(&row.work)) }
                    span.hint { (id(&row.unit)) }
                }
                td.state { (standing(&row.standing)) @if row.is_disputed { span.hint { "disputed" } } }
                td { (instant(row.standing.since)) }
                td { (coming(row)) }
                td { (instant(row.opened)) }
            } } }
        } }
    }
}

/// The units of one work, and what the reader can say to it: nothing where it may say nothing.
#[must_use]
pub fn work(
    frame: &Frame,
    customer: &str,
    work: &str,
    stories: &[WorkStory],
    sayable: &[Sayable],
) -> String {
    framed(
        frame,
        &html! {
            @for story in stories { (unit(customer, story)) }
            @if !sayable.is_empty() { (say(customer, work, sayable)) }
            section.sheet aria-labelledby="proof" {
                h2 id="proof" { "Proof" }
                p {
                    "Each fact above leads to its receipt: the entry, with the proof that it is in the log under a signed head. "
                    a href=(work_receipt(customer, work)) { "The receipt of the whole work" } "; "
                    code { "piecework receipt check" } " checks it without a network."
                }
            }
        },
    )
}

fn say(customer: &str, work: &str, sayable: &[Sayable]) -> Markup {
    html! {
        section.sheet aria-labelledby="say" {
            h2 id="say" { "Say something to it" }
            p.lead { "A dispute keeps the work off the next statement until it is decided. Whatever you say becomes an entry of the shared log, which nobody can take out again." }
            form.act method="get" action=(at::work(at::SAYING, customer, work)) {
                fieldset {
                    legend { "What do you say?" }
                    @for (place, own) in sayable.iter().enumerate() {
                        label {
                            input type="radio" name="kind" value=(own.kind) required checked[place == 0];
                            " " (own.words)
                            @if own.is_signed_only { span.hint { "under your own signature: it may raise the bill" } }
                        }
                    }
                }
                div.field { label { span { "Why, in words (of a dispute or rejection)" } textarea name="reason" rows="3" maxlength="1000" dir="auto" {} } }
                div.field { label { span { "Score (of a rating), on the scale of the definition" } input name="score" inputmode="decimal" autocomplete="off"; } }
                p.does { button { "Look at it before it is sent" } }
            }
        }
    }
}
