//! The style sheet: the palette's colours in front of `style.css`.

use std::fmt::Write as _;

use crate::palette::COLOURS;

const RULES: &str = include_str!("style.css");
const CHART_RULES: &str = include_str!("chart.css");

/// The whole sheet, for a page.
pub(crate) fn sheet() -> String {
    let mut sheet = tokens();
    sheet.push_str(RULES);
    sheet.push_str(CHART_RULES);
    sheet
}

/// The part of it that a drawing alone needs.
pub(crate) fn chart_sheet() -> String {
    let mut sheet = tokens();
    sheet.push_str(CHART_RULES);
    sheet
}

/// The colours as variables: light, dark where the reader asks for it, light again on paper.
fn tokens() -> String {
    let values = |dark: bool| {
        COLOURS.iter().fold(String::new(), |mut list, colour| {
            let value = if dark { colour.dark } else { colour.light };
            // Writing to a String cannot fail.
            let _ = write!(list, "--{}:{value};", colour.name);
            list
        })
    };
    let (light, dark) = (values(false), values(true));
    let tones = COLOURS.iter().fold(String::new(), |mut list, colour| {
        let _ = write!(list, ".t-{0}{{--tone:var(--{0})}}", colour.name);
        list
    });
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         :root[data-theme=light]{{color-scheme:light;{light}}}\n\
         :root[data-theme=dark]{{color-scheme:dark;{dark}}}\n\
         @media print{{:root,:root[data-theme]{{color-scheme:light;{light}}}}}\n{tones}\n"
    )
}
