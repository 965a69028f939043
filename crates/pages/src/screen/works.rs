//! Works, looked for.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::{instant, older};
use crate::format::{clean, foreign, id};
use crate::view::{Frame, Standing, WorkOf, WorkRow, WorkSearch};

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

/// The form of a search, and the page of works that it found. `next` is the address of the page after it.
#[must_use]
pub fn works(frame: &Frame, search: &WorkSearch, rows: &[WorkOf], next: Option<&str>) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                (form(search))
                @if rows.is_empty() {
                    p.empty {
                        @if next.is_some() { "None among these works; there are more on the next page." }
                        @else { "No work is so. A work begins with its first event." }
                    }
                } @else if search.customer.is_empty() {
                    (of_all(rows))
                } @else {
                    (table(&search.customer, rows.iter().map(|own| &own.row)))
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

/// Works of everybody.
fn of_all(rows: &[WorkOf]) -> Markup {
    html! {
        div.scroll {
            table {
                caption { "Works, customer by customer, times in UTC" }
                thead { tr { th scope="col" { "Customer" } (columns()) } }
                tbody { @for own in rows { tr {
                    td { a href=(at::customer(&own.customer)) { (foreign(&own.name)) } }
                    (cells(&own.customer, &own.row))
                } } }
            }
        }
    }
}

fn columns() -> Markup {
    html! {
        th scope="col" { "Work" }
        th scope="col" { "State" }
        th scope="col" { "Since" }
        th scope="col" { "What comes next" }
        th scope="col" { "Opened" }
    }
}

fn cells(customer: &str, row: &WorkRow) -> Markup {
    html! {
        th scope="row" {
            a href=(at::work(customer, &row.work)) { (foreign(&row.work)) }
            span.hint { (id(&row.unit)) }
        }
        td.state { (standing(&row.standing)) @if row.is_disputed { span.hint { "disputed" } } }
        td { (instant(row.standing.since)) }
        td { (coming(row)) }
        td { (instant(row.opened)) }
    }
}

/// Works of one customer as a table, each leading to its own screen.
pub(super) fn table<'a>(customer: &str, rows: impl Iterator<Item = &'a WorkRow>) -> Markup {
    html! {
        div.scroll {
            table {
                caption { "Works of " (foreign(customer)) ", times in UTC" }
                thead { tr { (columns()) } }
                tbody { @for row in rows { tr { (cells(customer, row)) } } }
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
