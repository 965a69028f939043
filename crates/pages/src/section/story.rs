//! Who decides: the same works, counted by different deciders.

use maud::{Markup, html};

use crate::format::{
    clean, coins, command, foreign, money, money_with_currency, number, percent, prose, quantity,
    share,
};
use crate::geometry::money_length;
use crate::svg::{Figure, Layer, StackedRow, stacked};
use crate::view::WhoDecides;

/// The section.
pub(crate) fn story(model: &WhoDecides, id: &str) -> Markup {
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            header {
                h2 id=(format!("{id}-title")) { (foreign(&model.title)) }
                p {
                    (foreign(&model.setting)) " \u{b7} " (money_with_currency(model.price))
                    " for each that counts"
                }
            }
            (chart(model, id))
            div.scroll tabindex="0" role="group" aria-label=(clean(&model.title)) { (table(model)) }
            @if let Some(aside) = &model.aside { p.quiet.small { (prose(aside)) } }
            p.lead { strong { (prose(&model.moral)) } }
            (command(&model.command))
        }
    }
}

/// What the buyer pays, as cost and margin; a loss is the part of the costs beyond the mark.
fn chart(model: &WhoDecides, id: &str) -> Markup {
    let rows: Vec<StackedRow> = model
        .deciders
        .iter()
        .map(|decider| {
            let mut layers = vec![Layer {
                tone: "price",
                length: money_length(decider.cost),
            }];
            if !decider.margin.is_negative() {
                layers.push(Layer {
                    tone: "margin",
                    length: money_length(decider.margin),
                });
            }
            StackedRow {
                name: clean(&decider.name),
                layers,
                mark: Some(money_length(decider.charged)),
                text: decider
                    .margin_share
                    .map_or_else(|| coins(decider.margin), percent),
                alarm: decider.margin.is_negative(),
            }
        })
        .collect();
    let currency = model
        .deciders
        .first()
        .map_or("", |decider| decider.charged.currency().code());
    let figure_id = format!("{id}-chart");
    let figure = Figure {
        id: &figure_id,
        title: clean(&model.title),
        summary: model
            .deciders
            .iter()
            .map(|decider| {
                format!(
                    "{}: {} counted, {} charged, margin {}",
                    clean(&decider.name),
                    quantity(decider.counted),
                    coins(decider.charged),
                    decider
                        .margin_share
                        .map_or_else(|| coins(decider.margin), percent)
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
        table: Markup::default(),
    };
    let key = html! {
        ul.key {
            li { span.swatch.t-price {} "cost of all works" }
            li { span.swatch.t-margin {} "margin" }
        }
    };
    figure.bare(&key, |layout| stacked(&rows, currency, layout))
}

fn table(model: &WhoDecides) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Decided by" }
                    th.right scope="col" { "Counted of " (quantity(model.works)) }
                    th.right scope="col" { "Charged, " (model.price.currency()) }
                    th.right scope="col" { "Cost" }
                    th.right scope="col" { "Margin" }
                    th.right scope="col" { "Share" }
                }
            }
            tbody {
                @for decider in &model.deciders {
                    tr {
                        th scope="row" { (foreign(&decider.name)) span.hint { (foreign(&decider.rule)) } }
                        td.right { (number(decider.counted)) }
                        td.right { (money(decider.charged)) }
                        td.right { (money(decider.cost)) }
                        td.right { (money(decider.margin)) }
                        td.right { (share(decider.margin_share)) }
                    }
                }
            }
        }
    }
}
