//! The portal's first page: the period so far beside the budget, what was done last, what there is to do.

use maud::{Markup, html};

use super::at;
use super::works::table;
use crate::format::{count, money_with_currency};
use crate::screen::at::VERIFY;
use crate::screen::customer::spent;
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::view::{Budget, CustomerOverview, Entry, Frame};

/// The portal of a customer, with what the form of its budget begins with where the reader may set one.
#[must_use]
pub fn overview(frame: &Frame, shown: &CustomerOverview, entry: Option<&Entry>) -> String {
    let customer = &shown.row.customer;
    framed(
        frame,
        &html! {
            (spent(&shown.spending, |_| at::of(at::CONTRACTS, customer)))
            section.sheet aria-labelledby="budget" {
                h2 id="budget" { "Budget" }
                @match &shown.spending.budget {
                    Some(budget) => (set(budget)),
                    None => p.quiet { "None is set: whatever is done is owed by the contract, up to its cap where it has one." },
                }
                @if let Some(entry) = entry { (budget_form(entry, customer, shown.spending.budget.as_ref())) } @else {
                    p.quiet.small { "A link reads a budget and sets none. The buyer\u{2019}s own key sets it, here or by " code { "PUT /v1/customers/{customer}/budget" } "." }
                }
            }
            section.sheet aria-labelledby="works" {
                h2 id="works" { "The latest works" }
                @if shown.works.is_empty() {
                    p.empty { "No work yet. One begins with its first event." }
                } @else {
                    (table(customer, &shown.works))
                }
                p.more { a href=(at::of(at::WORKS, customer)) { "Look through all works" } }
            }
            (to_do(customer, shown))
        },
    )
}

fn set(budget: &Budget) -> Markup {
    html! {
        p {
            (money_with_currency(budget.amount)) " in a statement period; "
            @if budget.stops { "beyond it nothing more may be spent." } @else { "beyond it the seller is told, and nothing stops." }
            @if !budget.thresholds_percent.is_empty() {
                " Told at "
                @for (place, percent) in budget.thresholds_percent.iter().enumerate() {
                    @if place > 0 { ", " } (percent) "\u{a0}%"
                }
                "."
            }
        }
    }
}

fn budget_form(entry: &Entry, customer: &str, known: Option<&Budget>) -> Markup {
    let form = Form::of(entry, &[("budget", "Set it")]);
    let begins = known.map_or_else(String::new, |own| own.amount.to_string());
    let amount = Line {
        label: "At most, in a statement period",
        begins: &begins,
        hint: "An amount with its currency, such as 5000.00 USD",
        ..Line::default()
    };
    let fields = html! {
        (Form::hidden("version", &known.map_or(0, |own| own.version).to_string()))
        (form.line("amount", amount))
        p { label { input type="checkbox" name="stops" value="true" checked[known.is_some_and(|own| own.stops)]; " Nothing more may be spent beyond it" } }
    };
    form.folded(&at::of(at::BUDGET, customer), "Set the budget", &fields)
}

fn to_do(customer: &str, shown: &CustomerOverview) -> Markup {
    html! {
        section.sheet aria-labelledby="more" {
            h2 id="more" { "Check it yourself" }
            ul {
                li { a href=(at::of(at::STATEMENTS, customer)) { "Statements" } ", each with its proof file" }
                li { a href=(VERIFY) { "Check a proof file" } " in this browser: nothing is sent. Take the page from elsewhere where you doubt this server" }
                li { a href=(at::of(at::RECONCILE, customer)) { "Compare a statement with your own records" } }
                li { a href=(at::of(at::PROOF, customer)) { "The log that all of it stands on" } ": " (count(shown.log.size)) " entries" }
            }
        }
    }
}
