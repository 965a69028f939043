//! Works, looked for.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::{instant, older};
use crate::format::{clean, foreign, id};
use crate::view::{Frame, Standing, WorkRow, WorkSearch};

/// States of works, and what people call them.
const STATES: [(&str, &str); 5] = [
    ("", "Any"),
    ("pending", "Pending"),
    ("counted", "Counted"),
    ("reversed", "Reversed"),
    ("not_counted", "Not counted"),
];
/// Whether a dispute is open, and what people call it.
const DISPUTED: [(&str, &str); 3] = [("", "Any"), ("true", "Disputed"), ("false", "Not disputed")];

/// The form of a search, and the page of works that it found; nothing where no customer was named. `next` is the
/// address of the page after it.
#[must_use]
pub fn works(
    frame: &Frame,
    search: &WorkSearch,
    rows: Option<&[WorkRow]>,
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                (form(search))
                @match rows {
                    None => p.empty { "Works are kept by customer: name one to see its works." },
                    Some([]) => p.empty {
                        @if next.is_some() { "None among these works; there are more on the next page." }
                        @else { "No work is so. A work begins with its first event." }
                    },
                    Some(rows) => (table(&search.customer, rows)),
                }
                (older(next))
            }
        },
    )
}

fn form(search: &WorkSearch) -> Markup {
    html! {
        form.search method="get" action=(at::WORKS) role="search" {
            (text("customer", "Customer", &search.customer))
            (text("work", "Work id", &search.work))
            (choice("state", "State", &search.state, &STATES))
            (text("class", "Class", &search.class))
            (text("unit", "Definition", &search.unit))
            (day("from", "Opened from", &search.from))
            (day("until", "Opened before", &search.until))
            (choice("disputed", "Dispute", &search.disputed, &DISPUTED))
            button { "Search" }
        }
    }
}

fn text(name: &str, label: &str, value: &str) -> Markup {
    html! { label { span { (label) } input name=(name) value=(clean(value)) dir="auto" autocomplete="off"; } }
}

fn day(name: &str, label: &str, value: &str) -> Markup {
    html! { label { span { (label) } input type="date" name=(name) value=(clean(value)); } }
}

fn choice(name: &str, label: &str, value: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        label {
            span { (label) }
            select name=(name) {
                @for (own, words) in choices { option value=(own) selected[*own == value] { (words) } }
            }
        }
    }
}

/// Works as a table, each leading to its own screen.
pub(super) fn table(customer: &str, rows: &[WorkRow]) -> Markup {
    html! {
        div.scroll {
            table {
                caption { "Works of " (foreign(customer)) ", times in UTC" }
                thead { tr {
                    th scope="col" { "Work" }
                    th scope="col" { "State" }
                    th scope="col" { "Since" }
                    th scope="col" { "What comes next" }
                    th scope="col" { "Opened" }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" {
                        a href=(at::work(customer, &row.work)) { (foreign(&row.work)) }
                        span.hint { (id(&row.unit)) }
                    }
                    td { (standing(&row.standing)) @if row.is_disputed { span.hint { "disputed" } } }
                    td { (instant(row.standing.since)) }
                    td { (coming(row)) }
                    td { (instant(row.opened)) }
                } } }
            }
        }
    }
}

/// A state in words: `counted: confirmed`.
pub(super) fn standing(standing: &Standing) -> Markup {
    html! {
        (clean(&standing.state.replace('_', " ")))
        @if let Some(which) = standing.class.as_ref().or(standing.reason.as_ref()) {
            ": " (foreign(which))
        }
    }
}

/// What the deadlines that run will make of a work.
pub(super) fn coming(row: &WorkRow) -> Markup {
    html! {
        @if let Some(decision) = &row.decision {
            "dispute " (clean(&decision.verdict)) " at " (instant(decision.at))
        } @else if let Some(next) = &row.next {
            (standing(next)) " at " (instant(next.since))
        } @else {
            span.none { "no deadline runs" }
        }
    }
}
