//! The works that the buyer contests.

use maud::{Markup, html};

use super::at;
use crate::format::{foreign, id};
use crate::screen::frame::framed;
use crate::screen::listing::{instant, older};
use crate::view::{DisputeRow, DisputesOf, Frame};

/// Which of them are shown: the parameter, and what that is called.
const SHOWN: [(Option<bool>, &str, &str); 3] = [
    (None, "", "All"),
    (Some(true), "?open=true", "Open"),
    (Some(false), "?open=false", "Decided"),
];

/// A page of the disputes; `next` is the address of the page after it.
#[must_use]
pub fn disputes(frame: &Frame, found: &DisputesOf, next: Option<&str>) -> String {
    let own = at::of(at::DISPUTES, &found.customer);
    framed(
        frame,
        &html! {
            nav.papers aria-label="Which disputes" {
                @for (open, query, name) in SHOWN {
                    a href=(format!("{own}{query}")) aria-current=[(open == found.open).then_some("page")] { (name) }
                }
            }
            section.sheet {
                @if found.rows.is_empty() {
                    p.empty {
                        @if next.is_some() { "None among these works; the next page looks at more." }
                        @else { "There is none. A work is disputed on its own page: find it by its id." }
                    }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Disputes" { table {
                        thead { tr {
                            th scope="col" { "Work" } th scope="col" { "Raised" } th scope="col" { "By the fact" }
                            th scope="col" { "State" } th scope="col" { "Decided on" }
                        } }
                        tbody { @for row in &found.rows { (listed(&found.customer, row)) } }
                    } }
                }
                (older(next))
                p.more { a href=(at::of(at::WORKS, &found.customer)) { "Find a work to dispute" } }
            }
        },
    )
}

fn listed(customer: &str, row: &DisputeRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::work(at::WORK, customer, &row.work)) { (foreign(&row.work)) } span.hint { (id(&row.unit)) } }
            td { (instant(row.raised)) }
            td { (id(&row.cause.id)) span.hint { "from " (foreign(&row.cause.source)) } }
            td { @if row.is_open { strong { "open" } } @else { "decided" } }
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
