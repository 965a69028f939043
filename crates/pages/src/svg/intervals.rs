//! Estimates with their intervals, one a row, on one scale.

use maud::html;

use super::stacked::axis;
use super::{Drawing, Layout, Scale, bar, fit, label, line};
use crate::geometry::at;
use crate::limits::CHART_ROWS_MAX;

/// One row: an estimate, and from where to where it may lie.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalRow {
    /// Its name.
    pub name: String,
    /// The estimate.
    pub value: f64,
    /// The ends of its interval, where it has one.
    pub interval: Option<(f64, f64)>,
    /// The colour, by name.
    pub tone: &'static str,
    /// What is written at its right end.
    pub text: String,
}

/// Rows of estimates with their intervals. `zero` is where nothing differs; `against` is held against all rows.
/// At most [`CHART_ROWS_MAX`] rows are drawn; a last line says how many are not.
#[must_use]
pub fn intervals(
    rows: &[IntervalRow],
    zero: f64,
    against: Option<f64>,
    unit: &str,
    layout: Layout,
) -> Drawing {
    let (total, name_room, text_room, size) = match layout {
        Layout::Wide => (760.0, 270.0, 90.0, 13.0),
        Layout::Narrow => (340.0, 0.0, 74.0, 12.0),
    };
    let (left, right) = (name_room + 6.0, total - text_room);
    let shown = &rows[..rows.len().min(CHART_ROWS_MAX)];
    let ends = shown.iter().flat_map(|row| {
        let (low, high) = row.interval.unwrap_or((row.value, row.value));
        [low, high, row.value]
    });
    let ends = ends.chain(against).filter(|end| end.is_finite());
    let (low, high) = ends.fold((zero, zero), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    let scale = Scale::new((low, high), (left, right));
    let row_height = if name_room > 0.0 { 28.0 } else { 42.0 };
    let top = 6.0;
    let mut y = top;
    let mut body = Vec::new();
    for row in shown {
        let middle = if name_room > 0.0 {
            y + row_height / 2.0
        } else {
            y + 30.0
        };
        let baseline = middle + size * 0.36;
        body.push(if name_room > 0.0 {
            label(
                0.0,
                baseline,
                "label",
                &fit(&row.name, size, name_room - 12.0),
            )
        } else {
            label(
                left + 4.0,
                y + 15.0,
                "label",
                &fit(&row.name, size, total - left - 4.0),
            )
        });
        if let Some((low, high)) = row.interval {
            let (start, end) = (scale.place(low), scale.place(high));
            let class = format!("fill t-{}", row.tone);
            body.push(bar(
                start,
                middle - 1.0,
                (end - start).max(1.0),
                2.0,
                &class,
            ));
            body.push(bar(start, middle - 4.0, 1.5, 8.0, &class));
            body.push(bar(end - 1.5, middle - 4.0, 1.5, 8.0, &class));
        }
        let class = format!("fill t-{}", row.tone);
        body.push(html! {
            circle class=(class) cx=(at(scale.place(row.value))) cy=(at(middle)) r="4" {}
        });
        body.push(label(
            total,
            baseline,
            "value end",
            &fit(&row.text, size, text_room - 8.0),
        ));
        y += row_height;
    }
    if let Some(against) = against {
        let x = scale.place(against);
        body.push(line((x, top - 4.0), (x, y + 2.0), "mark"));
    }
    let axis = axis(scale, scale.place(zero), (top, y), unit, layout);
    let hidden = rows.len() - shown.len();
    if hidden > 0 {
        let more = format!("and {hidden} more, in the table below");
        body.push(label(left, y + 34.0, "note", &more));
    }
    Drawing {
        width: total,
        height: y + if hidden > 0 { 42.0 } else { 24.0 },
        body: html! { (axis) @for shape in body { (shape) } },
    }
}
