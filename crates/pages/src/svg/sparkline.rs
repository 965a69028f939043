//! A small line without axes: the shape of a month.

use maud::{Markup, html};

use super::Scale;
use crate::geometry::at;

/// The values as a line in the box `(x, y, width, height)`, its last point marked. Fewer than two
/// values are no line and give nothing.
pub(super) fn sparkline(values: &[f64], place: (f64, f64, f64, f64), tone: &str) -> Markup {
    let (x, y, width, height) = place;
    if values.len() < 2 {
        return Markup::default();
    }
    let high = values.iter().copied().fold(0.0, f64::max);
    let low = values.iter().copied().fold(0.0, f64::min);
    let up = Scale::new((low, high), (y + height, y));
    let step = width / f64::from(u32::try_from(values.len() - 1).unwrap_or(u32::MAX));
    let mut points = String::new();
    let mut right = (x, up.place(0.0));
    let mut across = x;
    for value in values {
        right = (across, up.place(*value));
        if !points.is_empty() {
            points.push(' ');
        }
        points.push_str(&format!("{},{}", at(right.0), at(right.1)));
        across += step;
    }
    html! {
        polyline class=(format!("spark t-{tone}")) points=(points) {}
        circle class=(format!("fill t-{tone}")) cx=(at(right.0)) cy=(at(right.1)) r="2" {}
    }
}
