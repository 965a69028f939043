//! Works that a buyer contests, and by when each is decided.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::{instant, narrowed, older};
use crate::format::{foreign, id};
use crate::view::{DisputeRow, DisputesOf, Frame, Narrowing};

/// Which of them are shown, and what that is called.
const SHOWN: [(Option<bool>, &str); 3] = [
    (None, "All"),
    (Some(true), "Open"),
    (Some(false), "Decided"),
];

/// The disputes of a customer; of nobody before one is named. `next` is the address of the page after it.
#[must_use]
pub fn disputes(
    frame: &Frame,
    narrowing: &[Narrowing],
    found: Option<&DisputesOf>,
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            (narrowed(at::DISPUTES, narrowing))
            @match found {
                Some(found) => (of_customer(found, next)),
                None => section.sheet { p.empty { "Name a customer: disputes are listed customer by customer." } },
            }
        },
    )
}

fn of_customer(found: &DisputesOf, next: Option<&str>) -> Markup {
    html! {
        nav.papers aria-label="Which disputes" {
            @for (open, name) in SHOWN {
                a href=(at::disputes(&found.customer, open)) aria-current=[(open == found.open).then_some("page")] {
                    (name)
                }
            }
        }
        section.sheet {
            @if found.rows.is_empty() {
                p.empty {
                    @if next.is_some() { "None among these works; the next page looks at more." }
                    @else { "There is none. A dispute is raised by the buyer, by a signed event, or for the buyer by the seller." }
                }
            } @else {
                div.scroll tabindex="0" role="group" aria-label="Disputes" {
                    table {
                        thead { tr {
                            th scope="col" { "Work" }
                            th scope="col" { "Counted by" }
                            th scope="col" { "Raised" }
                            th scope="col" { "By the fact" }
                            th scope="col" { "State" }
                            th scope="col" { "Decided on" }
                        } }
                        tbody { @for row in &found.rows { (listed(&found.customer, row)) } }
                    }
                }
            }
            (older(next))
        }
    }
}

fn listed(customer: &str, row: &DisputeRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::work(customer, &row.work)) { (foreign(&row.work)) } }
            td { (id(&row.unit)) }
            td { (instant(row.raised)) }
            td { (id(&row.cause.id)) span.hint { "from " (foreign(&row.cause.source)) } }
            td {
                @if row.is_open { strong { "open" } } @else { "decided" }
                a.hint href=(at::dispute(customer, &row.work)) { @if row.is_open { "decide it" } @else { "look" } }
            }
            td {
                @match row.decided {
                    Some(at) => {
                        (instant(at))
                        @if let Some(verdict) = &row.verdict {
                            span.hint { @if row.is_open { "by default, where nobody decides before: " } (foreign(verdict)) }
                        }
                    }
                    None => span.none { "no deadline" },
                }
            }
        }
    }
}
