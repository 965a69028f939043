//! Works and facts under a number: the last step of every drill-down.

use maud::{Markup, html};

use crate::format::{author, counted, foreign, id, instant, money, number};
use crate::limits::{FACTS_PER_WORK_MAX, WORKS_PER_LINE_MAX};
use crate::view::{Fact, Period, Work, WorkList};
use ::work::event::Authorship;

/// Entries as a table: time, what happened, where it is written, who says so.
pub(super) fn facts(facts: &[Fact], shown_max: usize, name: &str, period: &Period) -> Markup {
    let shown = &facts[..facts.len().min(shown_max)];
    html! {
        div.scroll tabindex="0" role="group" aria-label=(name) {
            table.evidence {
                thead {
                    tr {
                        th scope="col" { "Time" }
                        th scope="col" { "Fact" }
                        th scope="col" { "Source and id" }
                        th.right scope="col" { "Entry" }
                        th scope="col" { "Author" }
                    }
                }
                tbody {
                    @for fact in shown {
                        tr {
                            td { (instant(fact.time, period)) }
                            td {
                                (foreign(&fact.kind))
                                @if !fact.says.is_empty() { ": " (foreign(&fact.says)) }
                            }
                            td { (id(&fact.source)) " " (id(&fact.id)) }
                            td.right { (fact.index) }
                            td { (tag(fact.authorship)) @if fact.authorship == Authorship::Buyer && !fact.is_signed { span.hint { "relayed by the seller, not signed" } } }
                        }
                    }
                }
            }
        }
        (rest(shown.len(), facts.len() as u64, "entry", "entries"))
    }
}

/// Works as a list, each of which opens to its facts.
pub(super) fn works(list: &WorkList, period: &Period) -> Markup {
    let shown = &list.shown[..list.shown.len().min(WORKS_PER_LINE_MAX)];
    html! {
        ul.works { @for work in shown { li { (one(work, period)) } } }
        (rest(shown.len(), list.total, "work", "works"))
    }
}

fn one(work: &Work, period: &Period) -> Markup {
    let whole = work.quantity == money::Decimal::ONE;
    html! {
        details {
            summary {
                span.name { (id(&work.id)) }
                span.class {
                    (foreign(&work.class))
                    @if !whole { " \u{d7} " (number(work.quantity)) }
                }
                span.by { (tag(work.decided_by)) }
                span.share { (money(work.share)) }
            }
            div.inner {
                p.small.quiet { "Settled " (instant(work.settled, period)) }
                (facts(&work.facts, FACTS_PER_WORK_MAX, "Facts of the work", period))
            }
        }
    }
}

/// Who authored a fact, as a tag.
pub(super) fn tag(authorship: ::work::event::Authorship) -> Markup {
    html! { span class=(format!("tag {}", authorship.word())) { (author(authorship)) } }
}

/// What is not shown.
pub(super) fn rest(shown: usize, total: u64, one: &str, many: &str) -> Markup {
    let hidden = total.saturating_sub(shown as u64);
    html! {
        @if hidden > 0 {
            p.small.quiet { "and " (counted(hidden, one, many)) " more; the command below lists all" }
        }
    }
}
