//! One customer: what it has spent so far beside its budget, its contracts, some of its works, its log.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::instant;
use super::works::table;
use crate::format::{count, foreign, id, money_with_currency, zone};
use crate::view::{CustomerOverview, Frame, Spending};

/// A customer.
#[must_use]
pub fn customer(frame: &Frame, shown: &CustomerOverview) -> String {
    let name = &shown.row.customer;
    framed(
        frame,
        &html! {
            (spent(&shown.spending, |contract| at::contract(name, contract)))
            @if !shown.problems.is_empty() {
                section.sheet {
                    h2 { "What keeps a contract from governing" }
                    ul { @for own in &shown.problems { li { (foreign(&own.contract)) ": " (foreign(&own.problem)) } } }
                }
            }
            section.sheet {
                h2 { "The latest works" }
                @if shown.works.is_empty() {
                    p.empty { "No work yet. One begins with its first event." }
                } @else {
                    (table(name, shown.works.iter()))
                }
                p.more {
                    a href=(at::works_of(name)) { "Look through all works of this customer" } " \u{b7} "
                    a href=(at::statements(name)) { "All its statements" } " \u{b7} "
                    a href=(at::quotes_of(name)) { "Its quotes" } " \u{b7} "
                    a href=(at::renewal(name)) { "Its renewal" } " \u{b7} "
                    a href=(at::disputes(name, None)) { "Its disputes" }
                }
            }
            (log(shown))
        },
    )
}

/// The period so far; `contract` gives the address of one of its contracts.
pub(super) fn spent(spending: &Spending, contract: impl Fn(&str) -> String) -> Markup {
    html! {
        section.sheet {
            header {
                h2 { "The period so far" }
                p { "As of " (instant(spending.as_of)) " UTC, with " (count(spending.entries)) " entries of its log." }
            }
            dl.headline {
                div { dt { "Spent" } dd { (known(spending.spent)) } }
                div { dt { "Budget" } dd {
                    @match &spending.budget {
                        Some(budget) => {
                            (money_with_currency(budget.amount))
                            small { @if budget.stops { "stops what goes beyond" } @else { "tells, and stops nothing" } }
                        }
                        None => span.none { "none is set" },
                    }
                } }
                @if let Some(remaining) = spending.remaining {
                    div { dt { "Left of the budget" } dd { (money_with_currency(remaining)) } }
                }
                @for own in &spending.credits {
                    div { dt { "Prepaid credits left" } dd { (money_with_currency(own.balance)) } }
                }
            }
            p { @if spending.allowed { "More may be spent: " } @else { "More may not be spent: " } (foreign(&spending.reason)) "." }
            @if spending.contracts.is_empty() {
                p.quiet { "It has no contract, so nothing is owed." }
            } @else {
                div.scroll { table {
                    caption { "By contract, after discounts and caps, before minimums and credits" }
                    thead { tr {
                        th scope="col" { "Contract" } th scope="col" { "Period" }
                        th.right scope="col" { "Spent" } th.right scope="col" { "Of the minimum to spend" }
                        th.right scope="col" { "Left of the cap" }
                    } }
                    tbody { @for own in &spending.contracts { tr {
                        th scope="row" { a href=(contract(&own.contract)) { (foreign(&own.contract)) } @if own.is_draft { span.hint { "a draft: nobody signed it" } } }
                        td { (own.period().label()) span.hint { (zone(&own.period())) } }
                        td.right { (money_with_currency(own.spent)) }
                        td.right { @match own.remaining_minimum {
                            Some(amount) => (money_with_currency(amount)),
                            None => span.none { "no minimum" },
                        } }
                        td.right { @match &own.cap {
                            Some(cap) => (money_with_currency(cap.remaining)),
                            None => span.none { "no cap" },
                        } }
                    } } }
                } }
            }
        }
    }
}

fn known(amount: Option<money::Amount>) -> Markup {
    html! { @match amount { Some(amount) => (money_with_currency(amount)), None => span.none { "unknown" } } }
}

fn log(shown: &CustomerOverview) -> Markup {
    let log = &shown.log;
    html! {
        section.sheet {
            h2 { "Proof" }
            dl.headline {
                div { dt { "Entries of the shared log" } dd { (count(log.size)) } }
                div { dt { "Under the last signed head" } dd {
                    @match log.signed {
                        Some(own) => {
                            (count(own.size))
                            small { @if own.acknowledged { "acknowledged" } @else { "signed by the seller alone" } }
                        }
                        None => span.none { "no head was signed yet" },
                    }
                } }
                @if let Some(own) = &shown.row.seller {
                    div { dt { "Entries of the seller\u{2019}s own log" } dd { (count(own.seller_entries)) } }
                }
            }
            p { "The log\u{2019}s name, which its heads and keys carry: " (id(&log.origin)) }
        }
    }
}
