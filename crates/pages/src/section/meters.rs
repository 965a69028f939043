//! Four meters around the work unit.

use maud::{Markup, html};
use money::Amount;

use crate::format::{
    at_most, clean, coins, coins_with_currency, command, foreign, margin_share, money,
    money_or_unknown, number, percent, prose, quantity,
};
use crate::geometry::{length, money_length};
use crate::page::heading;
use crate::svg::{self, Figure, Layout};
use crate::view::{Danger, FourMeters, Level, Meter, Surface};

/// The arcs of the ring: classes in the definition's order, then what is not (yet) counted. Works
/// that are not counted have no arc.
const CLASS_ARCS: [&str; 3] = ["arc t-outcome", "arc half t-outcome", "arc third t-outcome"];
const PENDING_ARC: &str = "arc half t-muted";
const REVERSED_ARC: &str = "arc t-alarm";

/// Why a margin is not known.
const NO_COSTS: &str = "no costs are recorded";

/// The section.
pub(crate) fn meters(model: &FourMeters, id: &str) -> Markup {
    let figure = figure(model, id);
    let flow = flow(model);
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            (heading(id, "Four meters", &model.scope, &model.period.label()))
            @if let Some(question) = &model.work.question {
                p.lead { "The work unit: \u{201c}" (foreign(question)) "\u{201d}" }
            }
            (figure.render(&ring_key(model), |layout| svg::flow(&flow, layout)))
            @if model.unpriced > 0 {
                p.notice {
                    strong { (quantity_of(model.unpriced, "cost entry has", "cost entries have")) " no price. " }
                    "The costs above leave them out, so the margin is too good by what they cost."
                }
            }
            @if model.unconverted > 0 {
                p.notice {
                    strong { (quantity_of(model.unconverted, "cost entry is", "cost entries are")) " in another currency. " }
                    "No conversion is published, so the costs above leave them out, too."
                }
            }
            (command(&model.command))
        }
    }
}

/// The figure alone, as a file of its own.
pub(crate) fn meters_drawing(model: &FourMeters, sheet: &str) -> String {
    let figure = figure(model, "meters");
    let drawing = svg::flow(&flow(model), Layout::Wide);
    figure.alone(&drawing, sheet).into_string()
}

fn quantity_of(count: u64, one: &str, many: &str) -> String {
    crate::format::counted(count, one, many)
}

fn each(model: &FourMeters) -> [(Surface, &Meter); 4] {
    [
        (Surface::Access, &model.access),
        (Surface::Usage, &model.usage),
        (Surface::Outcome, &model.outcome),
        (Surface::Risk, &model.risk),
    ]
}

fn figure<'a>(model: &FourMeters, id: &'a str) -> Figure<'a> {
    let surfaces = each(model)
        .iter()
        .map(|(surface, meter)| format!("{} {}", surface.word(), coins(meter.charged)))
        .collect::<Vec<_>>()
        .join(", ");
    let summary = format!(
        "{} charged for {} counted of {} works: {surfaces}. Models cost {}, everything together {}; \
         the margin is {}.",
        coins_with_currency(model.charged),
        quantity(model.work.counted),
        quantity(model.work.total),
        coins(model.token_cost),
        coins(model.cost),
        margin_text(model),
    );
    Figure {
        id,
        title: format!(
            "Four meters, {}, {}",
            clean(&model.scope),
            model.period.label()
        ),
        summary,
        table: table(model),
    }
}

fn flow(model: &FourMeters) -> svg::Flow {
    let work = &model.work;
    let all = length(work.total).max(f64::MIN_POSITIVE);
    let mut ring: Vec<(f64, &'static str)> = work
        .classes
        .iter()
        .enumerate()
        .map(|(index, class)| {
            let arc = CLASS_ARCS[index.min(CLASS_ARCS.len() - 1)];
            (length(class.quantity) / all, arc)
        })
        .collect();
    ring.push((length(work.pending) / all, PENDING_ARC));
    ring.push((length(work.reversed) / all, REVERSED_ARC));
    svg::Flow {
        meters: each(model).map(|(surface, meter)| dial(surface, meter)),
        centre: svg::Centre {
            counted: quantity(work.counted),
            caption: format!("counted of {}", quantity(work.total)),
            flowing: format!("{} counted", quantity(work.counted)),
            unit: clean(&work.unit),
            ring,
            daily: work.daily.iter().map(|day| length(*day)).collect(),
        },
        ends: [
            token_cost(model),
            vendor_margin(model),
            svg::End {
                name: "Resolved work",
                figure: quantity(work.counted),
                currency: "",
                note: classes(model),
                tone: "outcome",
            },
            svg::End {
                name: "Buyer value",
                figure: model
                    .value
                    .amount
                    .map_or_else(|| "not stated".to_owned(), coins),
                currency: model
                    .value
                    .amount
                    .map_or("", |amount| amount.currency().code()),
                note: clean(&model.value.basis),
                tone: "access",
            },
        ],
        charged: format!("{} charged", coins_with_currency(model.charged)),
        terms: model
            .terms
            .filter(|terms| !terms.is_zero())
            .map_or_else(String::new, |terms| {
                format!("{} of it contract terms", coins(terms))
            }),
    }
}

fn token_cost(model: &FourMeters) -> svg::End {
    let is_known = model.margin.is_some();
    svg::End {
        name: "Token cost",
        figure: if is_known {
            coins(model.token_cost)
        } else {
            "unknown".to_owned()
        },
        currency: if is_known {
            model.token_cost.currency().code()
        } else {
            ""
        },
        note: if model.unconverted > 0 {
            let left_out = model.unpriced + model.unconverted;
            format!("and {} left out", quantity_of(left_out, "entry", "entries"))
        } else if model.unpriced > 0 {
            let entries = quantity_of(model.unpriced, "unpriced entry", "unpriced entries");
            format!("and {entries}")
        } else if is_known {
            "paid for models".to_owned()
        } else {
            NO_COSTS.to_owned()
        },
        tone: "model",
    }
}

fn vendor_margin(model: &FourMeters) -> svg::End {
    let share = model.margin_share;
    svg::End {
        name: "Vendor margin",
        figure: match (share, model.margin) {
            (Some(share), _) => at_most(share, model.unpriced > 0),
            (None, Some(margin)) => coins(margin),
            (None, None) => "unknown".to_owned(),
        },
        currency: match (share, model.margin) {
            (None, Some(margin)) => margin.currency().code(),
            _ => "",
        },
        note: model.margin.map_or_else(
            || NO_COSTS.to_owned(),
            |margin| {
                format!(
                    "{} after {} of all costs",
                    coins_with_currency(margin),
                    coins(model.cost)
                )
            },
        ),
        tone: if model.margin.is_some_and(Amount::is_negative) {
            "alarm"
        } else {
            "margin"
        },
    }
}

/// The margin in a sentence.
fn margin_text(model: &FourMeters) -> String {
    match (model.margin_share, model.margin) {
        (Some(share), _) => at_most(share, model.unpriced > 0),
        (None, Some(margin)) => coins_with_currency(margin),
        (None, None) => format!("unknown: {NO_COSTS}"),
    }
}

/// What the arcs of the ring mean.
fn ring_key(model: &FourMeters) -> Markup {
    let work = &model.work;
    let classes = work.classes.iter().enumerate().map(|(index, class)| {
        (
            CLASS_ARCS[index.min(CLASS_ARCS.len() - 1)],
            clean(&class.class),
            class.quantity,
        )
    });
    let others = [
        (PENDING_ARC, "pending".to_owned(), work.pending),
        (REVERSED_ARC, "reversed".to_owned(), work.reversed),
        ("ring", "not counted".to_owned(), work.not_counted),
    ];
    html! {
        ul.key {
            @for (arc, name, many) in classes.chain(others).filter(|(.., many)| !many.is_zero()) {
                li { span class=(format!("swatch {arc}")) {} (number(many)) " " (foreign(&name)) }
            }
        }
    }
}

fn classes(model: &FourMeters) -> String {
    let classes = model
        .work
        .classes
        .iter()
        .map(|class| format!("{} {}", quantity(class.quantity), clean(&class.class)))
        .collect::<Vec<_>>();
    if classes.is_empty() {
        "nothing counted yet".to_owned()
    } else {
        classes.join(", ")
    }
}

fn dial(surface: Surface, meter: &Meter) -> svg::FlowMeter {
    let tone = surface.word();
    let (danger, reading, level, parts, legend) = match &meter.danger {
        Danger::Known {
            name,
            reading,
            level,
            parts,
        } => {
            let alone = parts.len() == 1 && *level != Level::Calm;
            let shades = ["fill", "soft", "faint"];
            let shapes = parts
                .iter()
                .enumerate()
                .map(|(index, part)| {
                    let shade = shades[index % shades.len()];
                    let tone = if alone { level.word() } else { tone };
                    (length(part.share), format!("{shade} t-{tone}"))
                })
                .collect();
            let legend = if parts.len() > 1 {
                parts
                    .iter()
                    .map(|part| format!("{} {}", clean(&part.name), percent(part.share)))
                    .collect::<Vec<_>>()
                    .join(" \u{b7} ")
            } else {
                // A single part that is the surface itself says nothing.
                let named = parts.iter().filter(|part| part.name != surface.name());
                named.map(|part| clean(&part.name)).collect()
            };
            (clean(name), clean(reading), level.word(), shapes, legend)
        }
        Danger::Unknown { name, reason } => (
            clean(name),
            "not known".to_owned(),
            "",
            Vec::new(),
            clean(reason),
        ),
    };
    svg::FlowMeter {
        name: surface.name(),
        tone,
        amount: coins(meter.charged),
        currency: meter.charged.currency().code(),
        length: money_length(meter.charged),
        quantity: meter.quantity.as_ref().map_or_else(String::new, |measure| {
            format!("{} {}", quantity(measure.value), clean(&measure.noun))
        }),
        danger,
        reading,
        level,
        parts,
        legend,
    }
}

fn table(model: &FourMeters) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Meter" }
                    th.right scope="col" { "Charged, " (model.charged.currency()) }
                    th scope="col" { "Quantity" }
                    th scope="col" { "Danger" }
                }
            }
            tbody {
                @for (surface, meter) in each(model) {
                    tr {
                        th scope="row" { (surface.name()) }
                        td.right { (money(meter.charged)) }
                        td {
                            @if let Some(measure) = &meter.quantity {
                                (number(measure.value)) " " (foreign(&measure.noun))
                            }
                        }
                        td { (danger(surface, &meter.danger)) }
                    }
                }
                @if let Some(terms) = model.terms {
                    tr {
                        th scope="row" { (Surface::Terms.name()) }
                        td.right { (money(terms)) }
                        td {}
                        td {}
                    }
                }
                tr.sum {
                    th scope="row" { "Charged" }
                    td.right { (money(model.charged)) }
                    td { (number(model.work.counted)) " counted: " (foreign(&classes(model))) }
                    td {
                        (number(model.work.pending)) " pending, " (number(model.work.not_counted))
                        " not counted, " (number(model.work.reversed)) " reversed"
                    }
                }
                tr {
                    th scope="row" { "Token cost" }
                    td.right { (money_or_unknown(model.margin.map(|_| model.token_cost))) }
                    td {}
                    td {}
                }
                tr {
                    th scope="row" { "All costs" }
                    td.right { (money_or_unknown(model.margin.map(|_| model.cost))) }
                    td {}
                    td {
                        @if model.unpriced > 0 { (quantity_of(model.unpriced, "entry", "entries")) " unpriced" }
                        @if model.unpriced > 0 && model.unconverted > 0 { ", " }
                        @if model.unconverted > 0 { (quantity_of(model.unconverted, "entry", "entries")) " in another currency" }
                    }
                }
                tr {
                    th scope="row" { "Vendor margin" }
                    td.right { (money_or_unknown(model.margin)) }
                    td { (margin_share(model.margin_share, model.unpriced > 0)) }
                    td {}
                }
                tr {
                    th scope="row" { "Buyer value" }
                    td.right {
                        @match model.value.amount {
                            Some(value) => (money(value)),
                            None => span.none { "not stated" },
                        }
                    }
                    td { (foreign(&model.value.basis)) }
                    td {}
                }
            }
        }
    }
}

fn danger(surface: Surface, danger: &Danger) -> Markup {
    html! {
        @match danger {
            Danger::Known { name, reading, level, parts } => {
                (foreign(name)) ": " (foreign(reading)) " (" (level.word()) ")"
                @for part in parts.iter().filter(|part| part.name != surface.name()) { ", " (foreign(&part.name)) " " (percent(part.share)) }
            }
            Danger::Unknown { name, reason } => { (foreign(name)) ": not known. " (prose(reason)) }
        }
    }
}
