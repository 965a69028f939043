//! The reconciliation box: where every entry, work and coin of a customer went. Not here: deliveries, which are the
//! whole book's and no buyer's business.

use maud::{Markup, html};

use crate::format::{clean, command, count, foreign, instant, money};
use crate::view::{Classes, Reason, Reconciliation, Statement};

/// The box of a statement.
pub(super) fn reconciliation(model: &Reconciliation, statement: &Statement) -> Markup {
    // What is not stated before is what the statement states, unless something waits for another.
    let rest = if model.unstated == statement.total {
        "on this statement"
    } else {
        "unstated"
    };
    html! {
        div.box {
            h3 { "Reconciliation" }
            dl {
                (classes("Entries", &model.entries))
                (classes("Works", &model.works))
                div.equation {
                    dt { "Money" }
                    dd {
                        (term(&money(model.owed), "owed")) (op("="))
                        (term(&money(model.stated), "stated before")) (op("+"))
                        (term(&money(model.waived), "waived")) (op("+"))
                        (term(&money(model.unstated), rest))
                        span.quiet { (model.owed.currency()) }
                    }
                }
            }
            p.small {
                @if model.balanced {
                    span.verdict.ok { "Everything is accounted for. " }
                } @else {
                    span.verdict.bad { "The equations do not hold: do not issue this statement. " }
                    "Run " code { "piecework doctor" } ". "
                }
                span.quiet {
                    (count(model.log_length)) " entries of the shared log, as of "
                    (instant(model.as_of, &statement.period)) "."
                }
            }
            (command(&model.command))
        }
    }
}

fn classes(name: &str, classes: &Classes) -> Markup {
    html! {
        div.equation {
            dt { (name) }
            dd {
                (term(&count(classes.total), "in all")) (op("="))
                (term(&count(classes.rated), "rated"))
                @for reason in &classes.pending { (op("+")) (because("pending", reason)) }
                @for reason in &classes.not_billable { (op("+")) (because("not billable", reason)) }
            }
        }
    }
}

fn because(class: &str, reason: &Reason) -> Markup {
    term(
        &count(reason.count),
        &format!("{class}: {}", clean(&reason.reason).replace('_', " ")),
    )
}

fn term(number: &Markup, name: &str) -> Markup {
    html! { span.term { (number) " " small { (foreign(name)) } } }
}

fn op(sign: &str) -> Markup {
    html! { span.op { (sign) } }
}
