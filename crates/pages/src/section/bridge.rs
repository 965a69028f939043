//! The bridge from the last statement to this one, as a table that sums.

use maud::{Markup, html};

use crate::format::{change, foreign, id as code, money};
use crate::view::{Bridge, BridgeEnd, BridgePart};

/// The section.
pub(crate) fn bridge(model: &Bridge, id: &str) -> Markup {
    let currency = model.this.total.currency();
    let did = model.parts.iter().filter(|part| !part.amount.is_zero());
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            h2 id=(format!("{id}-title")) { "From the last statement to this one" }
            p.quiet { "before tax \u{b7} " (foreign(&model.customer)) " \u{b7} contract " (code(&model.contract)) }
            table {
                thead {
                    tr {
                        th scope="col" { "What changed the total" }
                        th.right scope="col" { "Amount, " (currency) }
                    }
                }
                tbody {
                    @match &model.last {
                        Some(last) => (end("Last statement", last)),
                        None => tr { th scope="row" { "There was none before" } td.right { "0" } }
                    }
                    @for part in did { (row(part)) }
                    (end("This statement", &model.this))
                }
            }
        }
    }
}

fn end(name: &str, end: &BridgeEnd) -> Markup {
    html! {
        tr.total {
            th scope="row" { (name) " " (code(&end.number)) }
            td.right { (money(end.total)) }
        }
    }
}

fn row(part: &BridgePart) -> Markup {
    html! {
        tr {
            td {
                (part.part.replace('_', " "))
                span.hint { (part.words) }
                @if part.components.len() > 1 {
                    @for own in &part.components {
                        span.hint { (code(&own.component)) " " (change(own.amount)) }
                    }
                }
            }
            td.right { (change(part.amount)) }
        }
    }
}
