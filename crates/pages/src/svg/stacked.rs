//! Stacked bars, and the meter: a stacked bar of one whole.

use maud::{Markup, html};

use super::scale::tick_text;
use super::{Drawing, Layout, Scale, bar, fit, label, line};
use crate::geometry::at;
use crate::limits::CHART_ROWS_MAX;

/// One row: layers from zero to the right, and a mark to hold them against.
#[derive(Debug, Clone, PartialEq)]
pub struct StackedRow {
    /// Its name.
    pub name: String,
    /// The layers, in order; negative ones are drawn to the left of zero.
    pub layers: Vec<Layer>,
    /// A mark across the bar, e.g. the price above the costs.
    pub mark: Option<f64>,
    /// What is written at its right end.
    pub text: String,
    /// Whether that text is bad news.
    pub alarm: bool,
}

/// One layer of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The colour, by name.
    pub tone: &'static str,
    /// Its length.
    pub length: f64,
}

/// Rows of stacked bars on one scale. At most [`CHART_ROWS_MAX`] rows are drawn; a last line says how
/// many are not.
#[must_use]
pub fn stacked(rows: &[StackedRow], unit: &str, layout: Layout) -> Drawing {
    let (total, name_room, text_room, size) = match layout {
        Layout::Wide => (760.0, 170.0, 110.0, 13.0),
        Layout::Narrow => (340.0, 0.0, 84.0, 12.0),
    };
    let (left, right) = (name_room + 1.0, total - text_room);
    let shown = &rows[..rows.len().min(CHART_ROWS_MAX)];
    let reach = |sign: f64| {
        shown
            .iter()
            .map(|row| {
                let layers = row
                    .layers
                    .iter()
                    .map(|l| (l.length * sign).max(0.0))
                    .sum::<f64>();
                layers.max(row.mark.unwrap_or(0.0) * sign)
            })
            .fold(0.0, f64::max)
    };
    let scale = Scale::new((-reach(-1.0), reach(1.0)), (left, right));
    let zero = scale.place(0.0);
    let (row_height, thick) = if name_room > 0.0 {
        (34.0, 16.0)
    } else {
        (46.0, 16.0)
    };
    let top = 6.0;
    let mut y = top;
    let mut body = Vec::new();
    for row in shown {
        let bar_y = if name_room > 0.0 {
            y + (row_height - thick) / 2.0
        } else {
            y + 22.0
        };
        let middle = bar_y + thick / 2.0 + size * 0.36;
        body.push(if name_room > 0.0 {
            label(
                0.0,
                middle,
                "label",
                &fit(&row.name, size, name_room - 12.0),
            )
        } else {
            label(0.0, y + 15.0, "label", &fit(&row.name, size, total))
        });
        let (mut up, mut down) = (0.0, 0.0);
        for layer in &row.layers {
            let from = if layer.length < 0.0 {
                &mut down
            } else {
                &mut up
            };
            let (start, end) = (scale.place(*from), scale.place(*from + layer.length));
            *from += layer.length;
            let (low, high) = (start.min(end), start.max(end));
            // A hairline of ground between layers, where there is room for one.
            let gap = if high - low > 3.0 { 1.0 } else { 0.0 };
            body.push(bar(
                low,
                bar_y,
                high - low - gap,
                thick,
                &format!("fill t-{}", layer.tone),
            ));
        }
        if let Some(mark) = row.mark {
            let x = scale.place(mark);
            body.push(line((x, bar_y - 4.0), (x, bar_y + thick + 4.0), "mark"));
        }
        let class = if row.alarm {
            "value end t-alarm"
        } else {
            "value end"
        };
        body.push(label(
            total,
            middle,
            class,
            &fit(&row.text, size, text_room - 8.0),
        ));
        y += row_height;
    }
    let axis = axis(scale, zero, (top, y), unit, layout);
    let hidden = rows.len() - shown.len();
    if hidden > 0 {
        let more = format!("and {hidden} more, in the table below");
        body.push(label(left, y + 34.0, "note", &more));
    }
    let height = y + if hidden > 0 { 42.0 } else { 24.0 };
    Drawing {
        width: total,
        height,
        body: html! { (axis) @for shape in body { (shape) } },
    }
}

/// Hairlines at round values, the zero line, and their numbers below.
pub(super) fn axis(
    scale: Scale,
    zero: f64,
    span: (f64, f64),
    unit: &str,
    layout: Layout,
) -> Markup {
    let ticks = scale.ticks(if layout == Layout::Wide { 5 } else { 3 });
    let step = if ticks.len() > 1 {
        ticks[1] - ticks[0]
    } else {
        1.0
    };
    html! {
        // The unit stands once, at the last tick.
        @for (index, tick) in ticks.iter().copied().enumerate() {
            @let text = tick_text(tick, step);
            @let text = if index + 1 == ticks.len() { format!("{text}\u{a0}{unit}") } else { text };
            @let x = scale.place(tick);
            @if (x - zero).abs() > 0.5 { (line((x, span.0), (x, span.1), "grid")) }
            (label(x, span.1 + 14.0, "tick middle", &text))
        }
        (line((zero, span.0 - 4.0), (zero, span.1 + 2.0), "zero"))
    }
}

/// One whole in parts, as a bar of its own: shares with the names of their colours.
#[must_use]
pub fn shares(parts: &[(f64, &'static str)], layout: Layout) -> Drawing {
    let width = if layout == Layout::Wide { 760.0 } else { 340.0 };
    let parts: Vec<(f64, String)> = parts
        .iter()
        .map(|(share, tone)| (*share, format!("fill t-{tone}")))
        .collect();
    Drawing {
        width,
        height: 16.0,
        body: meter(&parts, (0.0, 2.0, width, 12.0)),
    }
}

/// One whole in parts, as a thin bar; what the parts leave is track. A part without length is not
/// drawn.
pub(super) fn meter(parts: &[(f64, String)], place: (f64, f64, f64, f64)) -> Markup {
    let (x, y, width, height) = place;
    let mut from = 0.0_f64;
    let mut shapes = Vec::new();
    for (share, class) in parts {
        let start = from.clamp(0.0, 1.0);
        let end = (from + share.max(0.0)).clamp(0.0, 1.0);
        from += share.max(0.0);
        let long = (end - start) * width;
        if long > 0.0 {
            // The smallest part is still a pixel and a half, unless it is the end of the bar.
            let shown = long.max(1.5).min(width * (1.0 - start));
            let gap = if shown > 3.0 && end < 1.0 { 1.0 } else { 0.0 };
            shapes.push(bar(x + start * width, y, shown - gap, height, class));
        }
    }
    html! {
        rect class="track" x=(at(x)) y=(at(y)) width=(at(width)) height=(at(height)) {}
        @for shape in shapes { (shape) }
    }
}
