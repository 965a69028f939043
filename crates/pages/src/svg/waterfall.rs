//! The waterfall: from a total, through what is taken away, to what is left.

use maud::html;

use super::stacked::axis;
use super::{Drawing, Layout, Scale, bar, fit, label, line};

/// One step of a waterfall.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// A second, quieter line under the name.
    pub note: String,
    /// What kind of step.
    pub kind: StepKind,
    /// What is written beside the bar.
    pub text: String,
    /// The colour, by name.
    pub tone: &'static str,
    /// The part of the length that is hatched.
    pub hatched: f64,
}

/// Whether a step stands on zero or hangs on the one before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepKind {
    /// Stands on zero, and is this long.
    Total(f64),
    /// Adds this to where the step before it ended; negative takes away.
    Change(f64),
}

/// A waterfall of rows from top to bottom. Totals and running values below zero lie to the left of
/// the zero line.
#[must_use]
pub fn waterfall(steps: &[Step], unit: &str, layout: Layout) -> Drawing {
    let (total, name_room, text_room, size, row) = match layout {
        Layout::Wide => (760.0, 170.0, 120.0, 13.0, 42.0),
        Layout::Narrow => (340.0, 104.0, 74.0, 12.0, 42.0),
    };
    let mut reached = 0.0_f64;
    let mut spans = Vec::with_capacity(steps.len());
    for step in steps {
        let (from, to) = match step.kind {
            StepKind::Total(value) => (0.0, value),
            StepKind::Change(by) => (reached, reached + by),
        };
        reached = to;
        spans.push((from, to));
    }
    let low = spans.iter().fold(0.0_f64, |low, s| low.min(s.0).min(s.1));
    let high = spans.iter().fold(0.0_f64, |high, s| high.max(s.0).max(s.1));
    let scale = Scale::new((low, high), (name_room, total - text_room));
    let zero = scale.place(0.0);
    let (top, thick) = (6.0, 20.0);
    let mut y = top;
    let mut body = Vec::new();
    for (index, (step, (from, to))) in steps.iter().zip(&spans).enumerate() {
        let bar_y = y + (row - thick) / 2.0;
        let (start, end) = (scale.place(*from), scale.place(*to));
        let (left, right) = (start.min(end), start.max(end));
        if index + 1 < steps.len() {
            // A step of nothing has no bar: the thread runs on through its row.
            let start_y = if from == to { bar_y } else { bar_y + thick };
            body.push(line((end, start_y), (end, bar_y + row), "bridge"));
        }
        let long = (right - left).max(if from == to { 0.0 } else { 1.5 });
        body.push(bar(
            left,
            bar_y,
            long,
            thick,
            &format!("fill t-{}", step.tone),
        ));
        if step.hatched > 0.0 && from != to {
            let share = (step.hatched / (to - from).abs()).min(1.0);
            body.push(bar(left, bar_y, (right - left) * share, thick, "hatch"));
        }
        let middle = y + row / 2.0;
        let room = name_room - 12.0;
        if step.note.is_empty() {
            body.push(label(
                0.0,
                middle + size * 0.36,
                "label",
                &fit(&step.name, size, room),
            ));
        } else {
            body.push(label(
                0.0,
                middle - 2.0,
                "label",
                &fit(&step.name, size, room),
            ));
            body.push(label(
                0.0,
                middle + 13.0,
                "note",
                &fit(&step.note, 12.5, room),
            ));
        }
        let below = matches!(step.kind, StepKind::Total(value) if value < 0.0);
        let class = match (step.kind, below) {
            (_, true) => "value end strong t-alarm",
            (StepKind::Total(_), false) => "value end strong",
            (StepKind::Change(_), _) => "value end",
        };
        let text = fit(&step.text, size, text_room - 6.0);
        body.push(label(total, middle + size * 0.36, class, &text));
        y += row;
    }
    Drawing {
        width: total,
        height: y + 24.0,
        body: html! {
            (axis(scale, zero, (top, y), unit, layout))
            @for shape in body { (shape) }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(kind: StepKind) -> Step {
        let (name, note, text) = (String::new(), String::new(), String::new());
        Step {
            name,
            note,
            kind,
            text,
            tone: "price",
            hatched: 0.0,
        }
    }

    /// Left edge and width of every bar.
    fn bars(steps: &[StepKind]) -> Vec<(f64, f64)> {
        let steps: Vec<Step> = steps.iter().copied().map(step).collect();
        let drawn = waterfall(&steps, "USD", Layout::Wide).body.into_string();
        let number = |rect: &str, key: &str| -> f64 {
            let after = &rect[rect.find(&format!(" {key}=\"")).unwrap() + key.len() + 3..];
            after[..after.find('"').unwrap()].parse().unwrap()
        };
        let rects = drawn.match_indices("<rect").map(|(at, _)| &drawn[at..]);
        rects
            .map(|rect| (number(rect, "x"), number(rect, "width")))
            .collect()
    }

    #[test]
    fn a_step_hangs_on_the_one_before_and_the_total_ends_where_it_ends() {
        let bars = bars(&[
            StepKind::Total(100.0),
            StepKind::Change(-30.0),
            StepKind::Total(70.0),
        ]);
        let [price, cost, margin] = bars[..] else {
            panic!("{bars:?}")
        };
        assert!((price.0 + price.1 - (cost.0 + cost.1)).abs() < 0.02);
        assert!((margin.0 + margin.1 - cost.0).abs() < 0.02);
        assert!((cost.1 / price.1 - 0.3).abs() < 0.001);
    }

    #[test]
    fn a_loss_lies_on_the_other_side_of_zero() {
        let bars = bars(&[
            StepKind::Total(100.0),
            StepKind::Change(-150.0),
            StepKind::Total(-50.0),
        ]);
        let [price, _, margin] = bars[..] else {
            panic!("{bars:?}")
        };
        assert!(
            (margin.0 + margin.1 - price.0).abs() < 0.02,
            "the loss ends where the price begins"
        );
        assert!((margin.1 / price.1 - 0.5).abs() < 0.001);
    }

    #[test]
    fn nothing_is_drawn_as_nothing() {
        let bars = bars(&[
            StepKind::Total(0.0),
            StepKind::Change(0.0),
            StepKind::Total(0.0),
        ]);
        assert!(
            bars.iter()
                .all(|bar| bar.1.abs() < 0.01 && bar.0.is_finite()),
            "{bars:?}"
        );
    }
}
