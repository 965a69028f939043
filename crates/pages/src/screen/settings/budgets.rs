//! What customers mean to spend, and the form that says so for one.

use maud::{Markup, html};

use super::at;
use crate::format::{foreign, money_with_currency};
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::screen::listing::{instant, older};
use crate::view::{BudgetRow, Entry, Frame};

/// A page of the budgets, by customer; `next` is the address of the page after it. The form is there for who may set
/// one.
#[must_use]
pub fn budgets(
    frame: &Frame,
    rows: &[BudgetRow],
    next: Option<&str>,
    entry: Option<&Entry>,
) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="budgets" {
                h2 id="budgets" { "Budgets" }
                @if rows.is_empty() { p.empty { "Nobody has set one." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="Budgets" { table {
                        thead { tr { th scope="col" { "Customer" } th.right scope="col" { "At most, in a period" } th scope="col" { "Beyond it" } th scope="col" { "Told at" } th scope="col" { "Set" } } }
                        tbody { @for row in rows { (listed(row)) } }
                    } }
                    (older(next))
                }
                @if let Some(entry) = entry { (set(entry)) }
            }
        },
    )
}

fn listed(row: &BudgetRow) -> Markup {
    let budget = &row.budget;
    html! {
        tr {
            th scope="row" { a href=(crate::screen::at::customer(&row.customer)) { (foreign(&row.customer)) } }
            td.right { (money_with_currency(budget.amount)) }
            td { @if budget.stops { "nothing more may be spent" } @else { "it is told, and nothing stops" } }
            td {
                @if budget.thresholds_percent.is_empty() { span.none { "nothing" } }
                @for (place, percent) in budget.thresholds_percent.iter().enumerate() { @if place > 0 { ", " } (percent) "\u{a0}%" }
            }
            td { (instant(budget.set_at)) span.hint { "version " (budget.version) " by the key " (foreign(&budget.set_by)) } }
        }
    }
}

fn set(entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("set", "Set it")]);
    let line = |label, hint, may_be_empty| Line {
        label,
        hint,
        may_be_empty,
        ..Line::default()
    };
    let fields = html! {
        (form.line("customer", line("Customer, by id", "", false)))
        (form.line("amount", line("At most, in a statement period", "An amount with its currency, such as 5000.00 USD; empty to take the budget away.", true)))
        (form.line("thresholds", line("Told at, in per cent", "Ascending, with commas between, such as 50, 80, 100.", true)))
        p { label { input type="checkbox" name="stops" value="true"; " Nothing more may be spent beyond it" } }
    };
    form.folded(at::BUDGETS, "Set a budget", &fields)
}
