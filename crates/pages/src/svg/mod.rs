//! Charts as SVG, drawn on the server: waterfall, stacked bars, intervals, sparkline, meter, flow.
//!
//! A chart is drawn from labels, lengths and ready texts. Each is drawn twice, for a wide and for a
//! narrow place, and the style sheet shows the one that fits, so that type is never scaled to
//! illegibility. Colours are style-sheet variables: dark mode and print come for free. A
//! [`Figure`] carries a title and a summary in words for those who do not see it, and a table of
//! its numbers.

mod flow;
mod intervals;
mod scale;
mod sparkline;
mod stacked;
mod text;
mod waterfall;

use maud::{Markup, html};

pub(crate) use flow::{Centre, End, Flow, FlowMeter, flow};
pub use intervals::{IntervalRow, intervals};
pub use scale::{Scale, nice_ticks};
use sparkline::sparkline;
pub use stacked::{Layer, StackedRow, shares, stacked};
use text::fit_fixed;
pub use text::{fit, width, wrap};
pub use waterfall::{Step, StepKind, waterfall};

use crate::geometry::at;

/// The place that a chart is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// From about 640 pixels, and on paper.
    Wide,
    /// Below.
    Narrow,
}

impl Layout {
    /// Both, in the order in which they are written.
    pub const BOTH: [Layout; 2] = [Layout::Wide, Layout::Narrow];

    const fn class(self) -> &'static str {
        match self {
            Layout::Wide => "chart wide",
            Layout::Narrow => "chart narrow",
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Layout::Wide => "w",
            Layout::Narrow => "n",
        }
    }
}

/// A drawn chart without its frame.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Width in user units, which are pixels at natural size.
    pub width: f64,
    /// Height in user units.
    pub height: f64,
    /// The shapes.
    pub body: Markup,
}

/// A chart with its words.
#[derive(Debug, Clone)]
pub struct Figure<'a> {
    /// Unique on the page, made of letters, digits and hyphens.
    pub id: &'a str,
    /// What is shown.
    pub title: String,
    /// What there is to see, from the data.
    pub summary: String,
    /// The numbers, as a table.
    pub table: Markup,
}

impl Figure<'_> {
    /// The figure, with the chart drawn for both places, its key, and its table.
    #[must_use]
    pub fn render(&self, key: &Markup, draw: impl Fn(Layout) -> Drawing) -> Markup {
        html! {
            figure.chart {
                @for layout in Layout::BOTH { (self.svg(layout, &draw(layout))) }
                (key)
                details.numbers {
                    summary { "The numbers of this figure" }
                    div.scroll tabindex="0" role="group" aria-label=(self.title) { (self.table) }
                }
            }
        }
    }

    /// The figure without its table, where the page shows that table anyway.
    pub(crate) fn bare(&self, key: &Markup, draw: impl Fn(Layout) -> Drawing) -> Markup {
        html! {
            figure.chart {
                @for layout in Layout::BOTH { (self.svg(layout, &draw(layout))) }
                (key)
            }
        }
    }

    /// One drawing as a file of its own, on its own ground.
    pub(crate) fn alone(&self, drawing: &Drawing, sheet: &str) -> Markup {
        const EDGE: f64 = 24.0;
        let (width, height) = (drawing.width + 2.0 * EDGE, drawing.height + 2.0 * EDGE);
        html! {
            svg xmlns="http://www.w3.org/2000/svg" class="chart" width=(at(width)) height=(at(height))
                viewBox=(format!("{0} {0} {1} {2}", at(-EDGE), at(width), at(height)))
                role="img" aria-labelledby="title desc" {
                title id="title" { (self.title) }
                desc id="desc" { (self.summary) }
                style { (maud::PreEscaped(sheet.replace(['<', '&'], ""))) }
                rect class="ground" x=(at(-EDGE)) y=(at(-EDGE)) width=(at(width)) height=(at(height)) {}
                (drawing.body)
            }
        }
    }

    /// One drawing as an `svg` element that names itself.
    #[must_use]
    pub fn svg(&self, layout: Layout, drawing: &Drawing) -> Markup {
        let title = format!("{}-{}-title", self.id, layout.suffix());
        let desc = format!("{}-{}-desc", self.id, layout.suffix());
        html! {
            svg xmlns="http://www.w3.org/2000/svg" class=(layout.class())
                viewBox=(format!("0 0 {} {}", at(drawing.width), at(drawing.height)))
                role="img" aria-labelledby=(format!("{title} {desc}")) {
                title id=(title) { (self.title) }
                desc id=(desc) { (self.summary) }
                (drawing.body)
            }
        }
    }
}

/// The hatching that marks cost spent on work that does not count. Once per page.
#[must_use]
pub fn patterns() -> Markup {
    html! {
        svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)" {
                    line class="hatch-line" x1="0" y1="0" x2="0" y2="5" {}
                }
            }
        }
    }
}

/// A line of text at a point.
fn label(x: f64, y: f64, class: &str, text: &str) -> Markup {
    html! { text class=(class) x=(at(x)) y=(at(y)) { (text) } }
}

/// A rectangle with nothing but a class.
fn bar(x: f64, y: f64, width: f64, height: f64, class: &str) -> Markup {
    html! {
        rect class=(class) x=(at(x)) y=(at(y)) width=(at(width.max(0.0))) height=(at(height)) {}
    }
}

/// A straight line.
fn line(from: (f64, f64), to: (f64, f64), class: &str) -> Markup {
    html! {
        line class=(class) x1=(at(from.0)) y1=(at(from.1)) x2=(at(to.0)) y2=(at(to.1)) {}
    }
}
