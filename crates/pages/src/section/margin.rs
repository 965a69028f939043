//! The margin bridge: from the price to the margin, and who earns it.

use maud::{Markup, html};
use money::Amount;
use work::body::CostLine;

use crate::format::{
    at_most, clean, coins, coins_with_currency, command, counted, day, foreign, margin_share,
    money, money_or_unknown, money_with_currency, number, quantity, rate,
};
use crate::geometry::money_length;
use crate::limits::MARGIN_ROWS_MAX;
use crate::page::heading;
use crate::svg::{Figure, Layer, StackedRow, Step, StepKind, stacked, waterfall};
use crate::view::{CostShare, MarginBridge, MarginRow, MarginTable};

const LINES: [CostLine; 4] = [
    CostLine::Model,
    CostLine::Infra,
    CostLine::HumanReview,
    CostLine::Support,
];

/// Bars longer than this many per cent of the price are cut, and the figure says so.
const BAR_PERCENT_MAX: f64 = 250.0;

/// Where a row of a cut leads, by the cut and the row's name: nowhere on a page that stands alone.
pub(crate) type Leads<'a> = &'a dyn Fn(&str, &str) -> Option<String>;

/// The section.
pub(crate) fn margin(model: &MarginBridge, id: &str) -> Markup {
    margin_leading(model, id, &|_, _| None)
}

/// The section, whose rows lead on.
pub(crate) fn margin_leading(model: &MarginBridge, id: &str, leads: Leads<'_>) -> Markup {
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            (heading(id, "From price to margin", &model.scope, &model.period.label()))
            p.quiet.small {
                "As known on " (day(model.as_of, &model.period)) ": what was reversed or corrected by then is out."
            }
            (headline(model))
            (bridge(model, id))
            (left_out(model))
            @for (index, table) in model.tables.iter().enumerate() {
                @let place = (format!("{id}-{}", index + 1), index == 0);
                section { (cut(table, model, (&place.0, place.1), leads)) }
            }
            (command(&model.command))
        }
    }
}

/// Whether costs are missing, so that the margin is at most what it seems.
fn is_bound(model: &MarginBridge) -> bool {
    model.unpriced.entries > 0
}

/// What the hatching means.
fn hatching(model: &MarginBridge) -> Markup {
    html! {
        @if !model.failures.is_zero() {
            ul.key {
                li {
                    svg.swatch-hatch width="14" height="10" aria-hidden="true" focusable="false" {
                        rect.solid width="14" height="10" {}
                        rect.lines width="14" height="10" fill="url(#hatch)" {}
                    }
                    "hatched: spent on work that does not count, "
                    (money_with_currency(model.failures))
                }
            }
        }
    }
}

/// The four numbers that a founder is asked for.
fn headline(model: &MarginBridge) -> Markup {
    html! {
        dl.headline {
            div {
                dt { "Gross margin" }
                @match model.margin {
                    Some(margin) => {
                        dd.below[margin.is_negative()] {
                            (margin_share(model.margin_share, is_bound(model)))
                            small { (money_with_currency(margin)) " of " (money(model.price)) }
                        }
                    }
                    None => dd { "unknown" small { "no costs are recorded" } },
                }
            }
            div {
                dt { "Price of a counted unit, " (model.price.currency()) }
                dd {
                    @match model.price_per_counted {
                        Some(price) => (rate(price)),
                        None => span.none { "\u{2014}" },
                    }
                    small { (quantity(model.counted)) " counted" }
                }
            }
            div {
                dt { "Cost of a counted unit, " (model.price.currency()) }
                dd {
                    @match model.cost_per_counted {
                        Some(cost) => (rate(cost)),
                        None => span.none { "\u{2014}" },
                    }
                    small { "with the failures it carries" }
                }
            }
            div {
                dt { "Cost of failures, " (model.price.currency()) }
                dd {
                    (money(model.failures))
                    small { "of " (money(model.cost)) " of all costs" }
                }
            }
        }
    }
}

fn bridge(model: &MarginBridge, id: &str) -> Markup {
    let mut steps = vec![Step {
        name: "Price".to_owned(),
        note: String::new(),
        kind: StepKind::Total(money_length(model.price)),
        text: coins(model.price),
        tone: "price",
        hatched: 0.0,
    }];
    steps.extend(model.costs.iter().map(|cost| Step {
        name: line_name(cost.line).to_owned(),
        note: String::new(),
        kind: StepKind::Change(-money_length(cost.amount)),
        text: coins(cost.amount.negated()),
        tone: cost.line.word(),
        hatched: money_length(cost.failures),
    }));
    steps.extend(model.margin.map(|margin| {
        Step {
            name: "Margin".to_owned(),
            note: model
                .margin_share
                .map_or_else(String::new, |share| at_most(share, is_bound(model))),
            kind: StepKind::Total(money_length(margin)),
            text: coins(margin),
            tone: if margin.is_negative() {
                "alarm"
            } else {
                "margin"
            },
            hatched: 0.0,
        }
    }));
    let figure_id = format!("{id}-bridge");
    let figure = Figure {
        id: &figure_id,
        title: format!(
            "From price to margin, {}, in {}",
            clean(&model.scope),
            model.price.currency()
        ),
        summary: bridge_summary(model),
        table: bridge_table(model),
    };
    figure.render(&hatching(model), |layout| {
        waterfall(&steps, model.price.currency().code(), layout)
    })
}

fn bridge_summary(model: &MarginBridge) -> String {
    let costs = model
        .costs
        .iter()
        .map(|cost| {
            format!(
                "{} {}",
                line_name(cost.line).to_lowercase(),
                coins(cost.amount)
            )
        })
        .collect::<Vec<_>>()
        .join(", ");
    let Some(margin) = model.margin else {
        return format!(
            "Price {}; no costs are recorded, so the margin is not known.",
            coins_with_currency(model.price)
        );
    };
    format!(
        "Price {}, less {costs}, leaves {}{}.",
        coins_with_currency(model.price),
        coins(margin),
        model.margin_share.map_or_else(String::new, |share| format!(
            ", {}",
            at_most(share, is_bound(model))
        )),
    )
}

fn bridge_table(model: &MarginBridge) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Step" }
                    th.right scope="col" { (model.price.currency()) }
                    th.right scope="col" { "of it on failures" }
                }
            }
            tbody {
                tr { th scope="row" { "Price" } td.right { (money(model.price)) } td {} }
                @for cost in &model.costs {
                    tr {
                        th scope="row" { (line_name(cost.line)) }
                        td.right.plain { (money(cost.amount.negated())) }
                        td.right { (money(cost.failures)) }
                    }
                }
                tr.sum {
                    th scope="row" { "Margin" }
                    td.right { (money_or_unknown(model.margin)) }
                    td.right { (margin_share(model.margin_share, is_bound(model))) }
                }
            }
        }
    }
}

/// Unpriced and unassigned costs.
fn left_out(model: &MarginBridge) -> Markup {
    let (unpriced, unassigned) = (&model.unpriced, &model.unassigned);
    html! {
        @if model.margin.is_none() {
            p.notice {
                strong { "No costs are recorded" }
                ", so the margin is not known. Cost entries come with the work, or from "
                code { "piecework record cost" } "."
            }
        }
        @if unpriced.entries > 0 {
            p.notice {
                strong { (counted(unpriced.entries, "cost entry", "cost entries")) " without a price" }
                ", on " (counted(unpriced.works, "work", "works"))
                @if !unpriced.models.is_empty() {
                    ": "
                    @for (index, name) in unpriced.models.iter().take(12).enumerate() {
                        @if index > 0 { ", " }
                        (crate::format::id(name))
                    }
                    @if unpriced.models.len() > 12 { " and more" }
                }
                ". They are not in the costs above, so the true margin is lower; a model cost for them shows by how much."
            }
        }
        @if model.unconverted.entries > 0 {
            p.notice {
                strong { (counted(model.unconverted.entries, "cost entry", "cost entries")) " in another currency" }
                ", on " (counted(model.unconverted.works, "work", "works")) ": "
                @for (index, own) in model.unconverted.currencies.iter().enumerate() {
                    @if index > 0 { ", " }
                    (money_with_currency(own.amount))
                }
                ". No rate of exchange is published, so they are not in the costs above, and the true margin is lower."
            }
        }
        @for own in &model.converted {
            p.notice {
                strong { (money_with_currency(own.told)) " converted" }
                ": " (counted(own.entries, "cost entry", "cost entries")) " at " (own.rate) " are "
                (money_with_currency(own.amount)) "; " (foreign(&own.source)) ", document "
                (crate::format::id(&own.document[..own.document.len().min(12)])) "."
            }
        }
        @if unassigned.entries > 0 {
            p.notice {
                strong { (money_with_currency(unassigned.amount)) " unassigned" }
                ": " (counted(unassigned.entries, "cost entry", "cost entries")) " of no work yet, "
                @match &unassigned.rule {
                    Some(rule) => { "shared out by the rule \u{201c}" (foreign(rule)) "\u{201d}." },
                    None => "in the sum, in no row of a work.",
                }
            }
        }
    }
}

/// One cut: a chart of costs under the price for the first, a table for each.
fn cut(
    table: &MarginTable,
    model: &MarginBridge,
    (id, drawn): (&str, bool),
    leads: Leads<'_>,
) -> Markup {
    let shown = &table.rows[..table.rows.len().min(MARGIN_ROWS_MAX)];
    let lines: Vec<CostLine> = LINES
        .into_iter()
        .filter(|line| shown.iter().any(|row| cost_of(row, *line).is_some()))
        .collect();
    let rows = html! {
        table {
            thead {
                tr {
                    th scope="col" { (foreign(&capital(&table.by))) }
                    th.right scope="col" { "Counted" }
                    th.right scope="col" { "Price, " (model.price.currency()) }
                    @for line in &lines { th.right scope="col" { (line_name(*line)) } }
                    th.right scope="col" { "Margin" }
                    th.right scope="col" { "Share" }
                    th.right scope="col" { "Cost each" }
                }
            }
            tbody { @for row in shown { (margin_row(row, &lines, leads(&table.by, &row.name).as_deref())) } }
        }
    };
    let hidden = table.rows.len() - shown.len();
    html! {
        h3 { "By " (foreign(&table.by)) }
        @if drawn && shown.iter().any(|row| !row.price.is_zero()) { (layers(shown, table, id, &lines)) }
        div.scroll tabindex="0" role="group" aria-label=(format!("Margin by {}", clean(&table.by))) { (rows) }
        @if hidden > 0 {
            p.small.quiet { "and " (counted(hidden as u64, "row", "rows")) " more; the command below lists all" }
        }
    }
}

fn margin_row(row: &MarginRow, lines: &[CostLine], leads: Option<&str>) -> Markup {
    html! {
        tr {
            th scope="row" {
                @match leads {
                    Some(address) => a href=(address) { (foreign(&row.name)) },
                    None => (foreign(&row.name)),
                }
            }
            td.right { (number(row.counted)) }
            td.right { (money(row.price)) }
            @for line in lines {
                td.right {
                    @match cost_of(row, *line) {
                        Some(cost) => (money(cost.amount)),
                        None => span.none { "\u{2014}" },
                    }
                }
            }
            td.right { (money_or_unknown(row.margin)) }
            td.right { (margin_share(row.margin_share, row.unpriced_works > 0)) }
            td.right {
                @match row.cost_per_counted {
                    Some(cost) => (rate(cost)),
                    None => span.none { "\u{2014}" },
                }
            }
        }
    }
}

/// Costs in per cent of the price, row by row, so that small customers are seen beside large ones.
fn layers(rows: &[MarginRow], table: &MarginTable, id: &str, lines: &[CostLine]) -> Markup {
    let mut cut_off = false;
    let drawn: Vec<StackedRow> = rows
        .iter()
        .filter(|row| !row.price.is_zero() && !row.price.is_negative())
        .map(|row| {
            let price = money_length(row.price);
            let mut room = BAR_PERCENT_MAX;
            let layers = lines
                .iter()
                .filter_map(|line| cost_of(row, *line))
                .map(|cost| {
                    let wanted = money_length(cost.amount) / price * 100.0;
                    let length = wanted.min(room);
                    cut_off |= wanted > room;
                    room -= length;
                    Layer {
                        tone: cost.line.word(),
                        length,
                    }
                })
                .collect();
            StackedRow {
                name: clean(&row.name),
                layers,
                mark: Some(100.0),
                text: row
                    .margin_share
                    .map_or_else(String::new, |share| at_most(share, row.unpriced_works > 0)),
                alarm: row.margin.is_some_and(Amount::is_negative),
            }
        })
        .collect();
    let mut summary = drawn
        .iter()
        .take(12)
        .map(|row| format!("{}: margin {}", row.name, row.text))
        .collect::<Vec<_>>()
        .join("; ");
    if cut_off {
        summary.push_str("; bars end at two and a half times the price");
    }
    let figure = Figure {
        id,
        title: format!("Costs in per cent of the price, by {}", clean(&table.by)),
        summary,
        table: Markup::default(),
    };
    let key = html! {
        ul.key {
            @for line in lines {
                li { span class=(format!("swatch t-{}", line.word())) {} (line_name(*line)) }
            }
        }
    };
    html! {
        p.quiet.small {
            "Costs in per cent of the price; the upright mark is the price, what is left of it is margin."
            @if cut_off { " Bars end at two and a half times the price." }
        }
        (figure.bare(&key, |layout| stacked(&drawn, "%", layout)))
    }
}

fn cost_of(row: &MarginRow, line: CostLine) -> Option<&CostShare> {
    row.costs.iter().find(|cost| cost.line == line)
}

const fn line_name(line: CostLine) -> &'static str {
    match line {
        CostLine::Model => "Model",
        CostLine::Infra => "Infra",
        CostLine::HumanReview => "Human review",
        CostLine::Support => "Support",
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + characters.as_str()
    })
}
