//! The same facts under two definitions.

use maud::{Markup, html};
use money::Amount;

use super::evidence::rest;
use crate::format::{
    change, command, counted, foreign, id as code, money, money_with_currency, number, prose,
};
use crate::limits::DIFFERING_WORKS_MAX;
use crate::page::heading;
use crate::view::{Comparison, DifferingWork, Side};

/// The section.
pub(crate) fn comparison(model: &Comparison, id: &str) -> Markup {
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            (heading(id, "The same month under two definitions", &model.scope, &model.period.label()))
            div.versus { (side(&model.left)) (side(&model.right)) }
            p.lead { (verdict(model)) }
            @if !model.works.is_empty() { (works(model)) }
            (command(&model.command))
        }
    }
}

fn side(side: &Side) -> Markup {
    html! {
        article {
            h3 { (foreign(&side.name)) }
            p { (prose(&side.rule)) }
            p.big { (money_with_currency(side.charged)) }
            p.quiet { (number(side.counted)) " counted" }
            p.quiet.small { (code(short(&side.digest))) }
        }
    }
}

/// The first twelve digits, for people; the full digest is in the JSON.
fn short(digest: &str) -> &str {
    digest
        .char_indices()
        .nth(12)
        .map_or(digest, |(end, _)| &digest[..end])
}

fn verdict(model: &Comparison) -> Markup {
    let direction = |amount: Amount| if amount.is_negative() { "less" } else { "more" };
    html! {
        (number(model.both)) " count under both, " (number(model.left_only)) " only under \u{201c}"
        (foreign(&model.left.name)) "\u{201d}, " (number(model.right_only)) " only under \u{201c}"
        (foreign(&model.right.name)) "\u{201d}. "
        @if model.difference.is_zero() {
            "The buyer pays the same."
        } @else {
            "Under \u{201c}" (foreign(&model.right.name)) "\u{201d} the buyer pays "
            strong { (money_with_currency(magnitude(model.difference))) " " (direction(model.difference)) }
            "."
        }
    }
}

fn magnitude(amount: Amount) -> Amount {
    if amount.is_negative() {
        amount.negated()
    } else {
        amount
    }
}

fn works(model: &Comparison) -> Markup {
    let shown = &model.works[..model.works.len().min(DIFFERING_WORKS_MAX)];
    html! {
        section {
            h3 { (counted(model.works_total, "work differs", "works differ")) }
            div.scroll tabindex="0" role="group" aria-label="Works that differ" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Work" }
                            th scope="col" { (foreign(&model.left.name)) }
                            th scope="col" { (foreign(&model.right.name)) }
                            th scope="col" { "Because" }
                            th.right scope="col" { "Difference, " (model.difference.currency()) }
                        }
                    }
                    tbody { @for work in shown { (row(work)) } }
                }
            }
            (rest(shown.len(), model.works_total, "work", "works"))
        }
    }
}

fn row(work: &DifferingWork) -> Markup {
    html! {
        tr {
            th scope="row" { (code(&work.work)) span.hint { (foreign(&work.customer)) } }
            td { (foreign(&work.left.state)) span.hint { (money(work.left.amount)) } }
            td { (foreign(&work.right.state)) span.hint { (money(work.right.amount)) } }
            td { (foreign(&work.difference.because)) }
            td.right { (change(work.difference.amount)) }
        }
    }
}
