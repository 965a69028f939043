//! One work: where it stands and why, the facts it stands on, what is owed for it and what it cost.

use maud::{Markup, html};
use money::Amount;

use super::at;
use super::frame::framed;
use super::listing::instant;
use super::works::{coming, standing};
use crate::format::{
    clean, count, counted, foreign, id, money, money_or_unknown, money_with_currency, quantity,
    word_of,
};
use crate::view::{Frame, Named, OwedShare, WorkCosts, WorkStory};

/// The units of one work of a customer.
#[must_use]
pub fn work(frame: &Frame, customer: &str, work: &str, stories: &[WorkStory]) -> String {
    framed(
        frame,
        &html! {
            @for story in stories { (unit(customer, story)) }
            section.sheet {
                h2 { "Proof" }
                p {
                    "Each fact above leads to its receipt, the entry with the proof that it is in the log under a \
                     signed head, and to that proof alone. "
                    a href=(at::work_receipt(customer, work)) { "The receipt of the whole work" }
                    " may be shown to the buyer; " code { "piecework receipt check" } " checks it without a network."
                }
            }
        },
    )
}

/// One unit of a work; with what it cost where the story has that.
pub(super) fn unit(customer: &str, story: &WorkStory) -> Markup {
    let row = &story.row;
    html! {
        section.sheet {
            header {
                h2 { "Decided by " (id(&row.unit)) }
                p {
                    @match &row.contract {
                        Some(contract) => { "Under the contract " (foreign(contract)) },
                        None => "Under no signed contract: by the documents in force",
                    }
                    ". Times in UTC."
                }
            }
            dl.headline {
                div { dt { "State" } dd { (standing(&row.standing)) small { "since " (instant(row.standing.since)) } } }
                div { dt { "Decided by a fact of" } dd { @match story.decided_by {
                    Some(own) => (word_of(own, story.is_decision_signed)),
                    None => span.none { "nobody: it does not count" },
                } } }
                div { dt { "What comes next" } dd { small { (coming(row)) } } }
                div { dt { "Owed" } dd {
                    @if !story.is_owed_told { span.none { "on its statement" } }
                    @else if story.owed.is_empty() { span.none { "nothing" } }
                    @for share in &story.owed {
                        small { (share_of(share)) " " (foreign(&share.component)) }
                    }
                } }
            }
            (settlement(story))
            (disputes(story))
            (facts(customer, story))
            (owed(story))
            @if let Some(costs) = &story.costs { (costs_of(costs)) }
        }
    }
}

fn settlement(story: &WorkStory) -> Markup {
    html! {
        section {
            h3 { "How it came to stand so" }
            ol {
                li { "Opened " (instant(story.row.opened)) }
                @for own in &story.states { li { (standing(own)) " since " (instant(own.since)) } }
            }
            @if !story.movements.is_empty() {
                div.scroll { table {
                    caption { "What counted and what was taken back" }
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Class" }
                        th.right scope="col" { "Units" } th scope="col" { "Because of" }
                    } }
                    tbody { @for own in &story.movements { tr {
                        th scope="row" { (instant(own.at)) }
                        td.number { (clean(&own.kind)) }
                        td { (foreign(&own.class)) }
                        td.right.number { (quantity(own.quantity)) }
                        td { (names(&own.causes)) }
                    } } }
                } }
            }
            @if !story.changed_nothing.is_empty() {
                p.quiet.small { "Came too late, or no rule asks for it, and changed nothing: " (names(&story.changed_nothing)) }
            }
        }
    }
}

fn names(facts: &[Named]) -> Markup {
    html! {
        @if facts.is_empty() { span.none { "a deadline" } }
        @for (position, fact) in facts.iter().enumerate() {
            @if position > 0 { ", " }
            (id(&fact.id)) " of " (foreign(&fact.source))
        }
    }
}

fn disputes(story: &WorkStory) -> Markup {
    html! {
        @if !story.disputes.is_empty() {
            section {
                h3 { "Disputes" }
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "Raised" } th scope="col" { "By the fact" }
                        th scope="col" { "Decided" } th scope="col" { "Verdict" }
                    } }
                    tbody { @for own in &story.disputes { tr {
                        th scope="row" { (instant(own.raised)) }
                        td { (id(&own.cause.id)) " of " (foreign(&own.cause.source)) }
                        td {
                            @if own.is_open { "open" }
                            @if let Some(at) = own.decided { @if own.is_open { ", by default at " } (instant(at)) }
                        }
                        td { @match &own.verdict {
                            Some(verdict) => (clean(verdict)),
                            None => span.none { "none" },
                        } }
                    } } }
                } }
            }
        }
    }
}

fn facts(customer: &str, story: &WorkStory) -> Markup {
    let shown = story.facts.len() as u64;
    html! {
        section {
            h3 { "Facts" }
            div.scroll { table.evidence {
                caption { "In the order of settlement" }
                thead { tr {
                    th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Says" }
                    th scope="col" { "Whose word" } th scope="col" { "Event" }
                    th.right scope="col" { "Entry" } th scope="col" { "Proof" }
                } }
                tbody { @for fact in &story.facts { tr {
                    th scope="row" { (instant(fact.time)) }
                    td.number { (clean(&fact.kind)) }
                    td { (foreign(&fact.says)) }
                    td { (word_of(fact.authorship, fact.is_signed)) }
                    td { (id(&fact.id)) " of " (foreign(&fact.source)) }
                    td.right.number { (count(fact.index)) }
                    td {
                        a href=(at::entry_receipt(customer, fact.index)) aria-label={ "receipt of entry " (fact.index) } { "receipt" }
                        " \u{b7} "
                        a href=(at::inclusion(customer, fact.index)) aria-label={ "inclusion of entry " (fact.index) } { "inclusion" }
                    }
                } } }
            } }
            @if shown < story.facts_total {
                p.quiet.small { "These are the first of " (counted(story.facts_total, "fact", "facts")) "." }
            }
        }
    }
}

fn owed(story: &WorkStory) -> Markup {
    html! {
        section {
            h3 { "What is owed for it" }
            @if !story.is_owed_told {
                p.quiet { "It follows values that rise and fall, so that only its statement tells what of it each work has." }
            } @else if story.owed.is_empty() {
                p.quiet { "Nothing: it does not count, or nothing has a price for it." }
            } @else {
                div.scroll { table {
                    thead { tr { th scope="col" { "Component" } th scope="col" { "Class" } th.right scope="col" { "Amount" } } }
                    tbody { @for share in &story.owed { tr {
                        th scope="row" { (foreign(&share.component)) }
                        td { (foreign(&share.part)) }
                        td.right { (share_of(share)) }
                    } } }
                } }
                @if story.owed.iter().any(|own| own.with_coin.is_some()) {
                    p.quiet.small { "The works of a line share its amount to the coin. Whose the last coin is, the statement tells." }
                }
            }
        }
    }
}

/// A share, or the two of which it is one.
fn share_of(own: &OwedShare) -> Markup {
    html! {
        (money_with_currency(own.amount))
        @if let Some(other) = own.with_coin { " or " (money(other)) }
    }
}

fn costs_of(costs: &WorkCosts) -> Markup {
    html! {
        section {
            h3 { "What it cost" }
            p.quiet.small { "Of the seller\u{2019}s own log: no buyer is shown it." }
            @if costs.entries.is_empty() {
                p.quiet { "No cost is recorded, so its margin is unknown." }
            } @else {
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "When" } th scope="col" { "Cost line" } th scope="col" { "Model" }
                        th.right scope="col" { "Amount, " (costs.cost.currency()) }
                    } }
                    tbody { @for own in &costs.entries { tr {
                        th scope="row" { (instant(own.time)) }
                        td { (own.line.word()) }
                        td { @if let Some(model) = &own.model { (foreign(model)) } }
                        td.right { (cost(own.amount, own.unconverted)) }
                    } } }
                    tfoot {
                        tr { th scope="row" colspan="3" { "Sum" } td.right { (money(costs.cost)) } }
                        tr {
                            th scope="row" colspan="3" {
                                "Margin: owed less cost" @if costs.not_in_sum > 0 { ", at most" }
                            }
                            td.right { (money_or_unknown(costs.margin)) }
                        }
                    }
                } }
                @if costs.not_in_sum > 0 {
                    p.notice {
                        (counted(costs.not_in_sum, "cost is", "costs are"))
                        " not in the sum: no price is known, or no conversion."
                    }
                }
            }
        }
    }
}

fn cost(amount: Option<Amount>, unconverted: Option<Amount>) -> Markup {
    html! {
        @match unconverted {
            Some(other) => { (money_with_currency(other)) span.hint { "not converted" } }
            None => (money_or_unknown(amount)),
        }
    }
}
