//! The flow: four meters around the work unit, and what comes out of it.
//!
//! The money of each meter is a ribbon into the middle, as thick as its share of what was charged.
//! A meter that takes money away has a dashed ribbon, one that charges nothing a dotted thread. From
//! the middle, what was charged goes to the vendor's margin, which the token cost feeds too, and the
//! resolved work goes to the buyer's value.

use maud::{Markup, html};

use super::stacked::meter;
use super::{Drawing, Layout, fit, fit_fixed, label, line, sparkline, text, wrap};
use crate::geometry::at;

/// What the flow shows, spelled out.
pub(crate) struct Flow {
    /// Access, usage, outcome, risk.
    pub(crate) meters: [FlowMeter; 4],
    /// The work unit.
    pub(crate) centre: Centre,
    /// Token cost, vendor margin, resolved work, buyer value.
    pub(crate) ends: [End; 4],
    /// What goes to the margin: `9,412.00 USD charged`.
    pub(crate) charged: String,
    /// What of it no meter charged; empty where there is nothing.
    pub(crate) terms: String,
}

/// One meter.
pub(crate) struct FlowMeter {
    pub(crate) name: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) amount: String,
    pub(crate) currency: &'static str,
    pub(crate) length: f64,
    pub(crate) quantity: String,
    pub(crate) danger: String,
    pub(crate) reading: String,
    /// `calm`, `watch`, `alarm`; empty where it is not known.
    pub(crate) level: &'static str,
    pub(crate) parts: Vec<(f64, String)>,
    pub(crate) legend: String,
}

/// The middle.
pub(crate) struct Centre {
    pub(crate) counted: String,
    pub(crate) caption: String,
    pub(crate) flowing: String,
    pub(crate) unit: String,
    /// Shares of all works with the class of their arc.
    pub(crate) ring: Vec<(f64, &'static str)>,
    pub(crate) daily: Vec<f64>,
}

/// One end of the flow.
pub(crate) struct End {
    pub(crate) name: &'static str,
    pub(crate) figure: String,
    /// Empty where the figure is no amount.
    pub(crate) currency: &'static str,
    pub(crate) note: String,
    pub(crate) tone: &'static str,
}

/// Where things stand in one layout.
struct Plan {
    width: f64,
    height: f64,
    /// Top left corner of each meter.
    cards: [(f64, f64); 4],
    card_width: f64,
    amount_size: f64,
    small: f64,
    /// Size of the fixed-width face.
    fixed: f64,
    centre: (f64, f64),
    radius: f64,
    /// Thickness of a ribbon that carries everything.
    ribbon: f64,
    ends: [(f64, f64); 4],
    end_width: f64,
}

const WIDE: Plan = Plan {
    width: 900.0,
    height: 566.0,
    cards: [(0.0, 6.0), (0.0, 228.0), (664.0, 6.0), (664.0, 228.0)],
    card_width: 236.0,
    amount_size: 28.0,
    small: 13.5,
    fixed: 10.5,
    centre: (450.0, 182.0),
    radius: 92.0,
    ribbon: 92.0,
    ends: [(0.0, 462.0), (240.0, 462.0), (476.0, 462.0), (700.0, 462.0)],
    end_width: 190.0,
};

const NARROW: Plan = Plan {
    width: 340.0,
    height: 770.0,
    cards: [(0.0, 4.0), (0.0, 408.0), (178.0, 4.0), (178.0, 408.0)],
    card_width: 162.0,
    amount_size: 21.0,
    small: 11.5,
    fixed: 9.5,
    centre: (170.0, 288.0),
    radius: 68.0,
    ribbon: 56.0,
    ends: [(0.0, 598.0), (178.0, 598.0), (0.0, 694.0), (178.0, 694.0)],
    end_width: 150.0,
};

/// The drawing for a place.
pub(crate) fn flow(flow: &Flow, layout: Layout) -> Drawing {
    let plan = if layout == Layout::Wide {
        &WIDE
    } else {
        &NARROW
    };
    let all: f64 = flow.meters.iter().map(|m| m.length.abs()).sum();
    let thick: Vec<f64> = flow
        .meters
        .iter()
        .map(|m| {
            if all > 0.0 {
                m.length.abs() / all * plan.ribbon
            } else {
                0.0
            }
        })
        .collect();
    let body = html! {
        @for (index, meter) in flow.meters.iter().enumerate() {
            (ribbon(plan, layout, meter, index, &thick))
        }
        (stems(plan, layout, flow))
        (centre(plan, &flow.centre))
        @for (meter, place) in flow.meters.iter().zip(plan.cards) { (card(plan, meter, place)) }
        @for (end, place) in flow.ends.iter().zip(plan.ends) { (block(plan, end, place)) }
    };
    Drawing {
        width: plan.width,
        height: plan.height,
        body,
    }
}

/// The ribbon from a meter to the middle. Its inner end lies under the circle.
fn ribbon(plan: &Plan, layout: Layout, meter: &FlowMeter, index: usize, thick: &[f64]) -> Markup {
    let (x, y) = plan.cards[index];
    let (left, upper) = (index < 2, index.is_multiple_of(2));
    let side = if left { -1.0 } else { 1.0 };
    let width = thick[index];
    // The two ribbons that arrive on one side lie one above the other with a gap between them.
    let apart = (if upper { -1.0 } else { 1.0 }) * (width / 2.0 + 6.0);
    let (cx, cy) = plan.centre;
    let (path, edge) = match layout {
        Layout::Wide => {
            let from = (
                if left {
                    plan.card_width + 10.0
                } else {
                    x - 10.0
                },
                y + 40.0,
            );
            let to = (cx + side * plan.radius * 0.5, cy + apart);
            let bend = cx + side * (plan.radius + 64.0);
            let path = format!(
                "M{},{} C{},{} {},{} {},{}",
                at(from.0),
                at(from.1),
                at(bend),
                at(from.1),
                at(bend),
                at(to.1),
                at(to.0),
                at(to.1)
            );
            let high = width.max(3.0);
            let edge_x = from.0 - if left { 3.0 } else { 0.0 };
            (path, (edge_x, from.1 - high / 2.0, 3.0, high))
        }
        Layout::Narrow => {
            let from = (
                x + plan.card_width / 2.0,
                y + if upper { 172.0 } else { -10.0 },
            );
            let to = (
                cx + side * (width / 2.0 + 8.0),
                cy + plan.radius * if upper { -0.5 } else { 0.5 },
            );
            let bend = (from.1 + to.1) / 2.0;
            let path = format!(
                "M{},{} C{},{} {},{} {},{}",
                at(from.0),
                at(from.1),
                at(from.0),
                at(bend),
                at(to.0),
                at(bend),
                at(to.0),
                at(to.1)
            );
            let wide = width.max(3.0);
            let edge_y = from.1 - if upper { 3.0 } else { 0.0 };
            (path, (from.0 - wide / 2.0, edge_y, wide, 3.0))
        }
    };
    let kind = match meter.length {
        l if l > 0.0 => "ribbon",
        l if l < 0.0 => "ribbon out",
        _ => "ribbon none",
    };
    html! {
        path class=(format!("{kind} t-{}", meter.tone)) d=(path) stroke-width=(at(width.max(1.5))) {}
        rect class=(format!("fill t-{}", meter.tone)) x=(at(edge.0)) y=(at(edge.1))
            width=(at(edge.2)) height=(at(edge.3)) {}
    }
}

/// From the middle to the margin and to the resolved work.
fn stems(plan: &Plan, layout: Layout, flow: &Flow) -> Markup {
    let (cx, cy) = plan.centre;
    let start = cy + plan.radius;
    let arrow = |x: f64, y: f64| {
        html! { path class="arrow" d=(format!("M{},{} l-4,-7 h8 z", at(x), at(y))) {} }
    };
    let across = |from: (f64, f64), to: f64| {
        html! {
            (line(from, (to - 6.0, from.1), "stem"))
            path class="arrow" d=(format!("M{},{} l-7,-4 v8 z", at(to), at(from.1))) {}
        }
    };
    match layout {
        Layout::Wide => {
            let foot = plan.ends[1].1 - 8.0;
            let (margin, work) = (plan.ends[1].0 + 96.0, plan.ends[2].0 + 88.0);
            let curve = |from: f64, to: f64| {
                format!(
                    "M{},{} C{},{} {},{} {},{}",
                    at(from),
                    at(start),
                    at(from),
                    at(start + 90.0),
                    at(to),
                    at(start + 60.0),
                    at(to),
                    at(foot - 6.0)
                )
            };
            let row = plan.ends[0].1 + 35.0;
            html! {
                path class="stem" d=(curve(cx - 14.0, margin)) {}
                (arrow(margin, foot))
                path class="stem" d=(curve(cx + 14.0, work)) {}
                (arrow(work, foot))
                @if flow.terms.is_empty() {
                    (label(margin - 12.0, foot - 10.0, "note end", &flow.charged))
                } @else {
                    (label(margin - 12.0, foot - 25.0, "note end", &flow.charged))
                    (label(margin - 12.0, foot - 10.0, "note end", &flow.terms))
                }
                (label(work + 12.0, foot - 10.0, "note", &flow.centre.flowing))
                (across((plan.end_width, row), plan.ends[1].0 - 10.0))
                (across((plan.ends[2].0 + 176.0, row), plan.ends[3].0 - 10.0))
            }
        }
        Layout::Narrow => {
            let foot = plan.ends[0].1 - 18.0;
            let rows = [plan.ends[0].1 + 35.0, plan.ends[2].1 + 35.0];
            html! {
                (line((cx, start), (cx, foot), "stem"))
                (arrow(cx, foot + 6.0))
                @for row in rows { (across((plan.end_width, row), plan.ends[1].0 - 6.0)) }
            }
        }
    }
}

/// The work unit: what counts, and a ring of where all works stand.
fn centre(plan: &Plan, centre: &Centre) -> Markup {
    let (cx, cy) = plan.centre;
    let radius = plan.radius;
    let ring = radius - 5.0;
    let round = 2.0 * std::f64::consts::PI * ring;
    let mut from = 0.0;
    let mut arcs = Vec::new();
    for (share, class) in &centre.ring {
        let long = share.clamp(0.0, 1.0) * round;
        if long > 0.0 {
            let gap = if long < round - 1.0 {
                1.5_f64.min(long / 2.0)
            } else {
                0.0
            };
            arcs.push(html! {
                circle class=(class) cx=(at(cx)) cy=(at(cy)) r=(at(ring))
                    stroke-dasharray=(format!("{} {}", at(long - gap), at(round - long + gap)))
                    stroke-dashoffset=(at(-from))
                    transform=(format!("rotate(-90 {} {})", at(cx), at(cy))) {}
            });
        }
        from += long;
    }
    let room = radius * 1.5;
    let size = shrink(&centre.counted, radius * 0.42, room * 0.95);
    html! {
        circle class="disc" cx=(at(cx)) cy=(at(cy)) r=(at(radius)) {}
        circle class="ring" cx=(at(cx)) cy=(at(cy)) r=(at(ring)) {}
        @for arc in arcs { (arc) }
        (label(cx, cy - radius * 0.42, "eyebrow middle", "WORK UNIT"))
        text class="figure middle" x=(at(cx)) y=(at(cy + radius * 0.04)) font-size=(at(size)) {
            (centre.counted)
        }
        (label(cx, cy + radius * 0.26, "note middle", &fit(&centre.caption, plan.small, room)))
        (label(cx, cy + radius * 0.46, "unit middle", &fit_fixed(&centre.unit, plan.fixed, room)))
        (sparkline(&centre.daily, (cx - radius * 0.36, cy + radius * 0.56, radius * 0.72, radius * 0.2), "muted"))
    }
}

/// A meter's words and its bar.
fn card(plan: &Plan, card: &FlowMeter, (x, y): (f64, f64)) -> Markup {
    let (room, small) = (plan.card_width, plan.small);
    let narrow = room < 200.0;
    let currency_room = text::width(card.currency, 12.0) + 6.0;
    let size = shrink(&card.amount, plan.amount_size, room - currency_room);
    let step = small + 3.5;
    let bar_y = y + if narrow { 62.0 } else { 80.0 };
    let reading_room = text::width(&card.reading, small) * 1.08 + 8.0;
    let one_line = text::width(&card.danger, small) + reading_room <= room;
    let mut next = bar_y + 6.0 + step + 2.0;
    let reading = if card.level.is_empty() {
        "note"
    } else {
        "value"
    };
    let tone = if card.level.is_empty() {
        String::new()
    } else {
        format!(" t-{}", card.level)
    };
    let mut lines = Vec::new();
    if one_line {
        lines.push(label(x, next, "small", &card.danger));
        lines.push(label(
            x + room,
            next,
            &format!("{reading} small end{tone}"),
            &card.reading,
        ));
    } else {
        lines.push(label(x, next, "small", &fit(&card.danger, small, room)));
        for part in wrap(&card.reading, small, room, 3) {
            next += step;
            lines.push(label(x, next, &format!("{reading} small{tone}"), &part));
        }
    }
    for part in wrap(&card.legend, small, room, if narrow { 3 } else { 2 }) {
        next += step;
        let part = part
            .trim_start_matches("\u{b7} ")
            .trim_end_matches(" \u{b7}");
        lines.push(label(x, next, "note small", part));
    }
    html! {
        (label(x, y + 12.0, &format!("eyebrow t-{}", card.tone), &card.name.to_uppercase()))
        text class="figure" x=(at(x)) y=(at(y + if narrow { 36.0 } else { 46.0 })) font-size=(at(size)) {
            (card.amount) tspan class="currency" dx="5" { (card.currency) }
        }
        (label(x, y + if narrow { 53.0 } else { 67.0 }, "note small", &fit(&card.quantity, small, room)))
        (meter(&card.parts, (x, bar_y, room, 6.0)))
        @for line in lines { (line) }
    }
}

/// One end of the flow: a name, a figure, a note.
fn block(plan: &Plan, end: &End, (x, y): (f64, f64)) -> Markup {
    let room = plan.end_width;
    let currency_room = if end.currency.is_empty() {
        0.0
    } else {
        text::width(end.currency, 12.0) + 6.0
    };
    let size = shrink(&end.figure, 23.0, room - currency_room);
    html! {
        (line((x, y), (x + room, y), &format!("rule t-{}", end.tone)))
        (label(x, y + 20.0, "eyebrow", &end.name.to_uppercase()))
        text class=(format!("figure t-{}", end.tone)) x=(at(x)) y=(at(y + 44.0)) font-size=(at(size)) {
            (end.figure)
            @if !end.currency.is_empty() { tspan class="currency" dx="5" { (end.currency) } }
        }
        @for (index, part) in wrap(&end.note, plan.small, room, 3).iter().enumerate() {
            (label(x, y + 63.0 + [0.0, 15.0, 30.0][index.min(2)], "note small", part))
        }
    }
}

/// The font size at which a figure fits, at most `size`.
fn shrink(figure: &str, size: f64, room: f64) -> f64 {
    (size * room / text::width(figure, size).max(1.0)).min(size)
}
