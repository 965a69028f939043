//! What is set up, in words.

use maud::html;

use crate::format::foreign;
use crate::screen::frame::framed;
use crate::view::{Frame, Settings};

/// What is set up, and where more can be.
#[must_use]
pub fn overview(frame: &Frame, shown: &Settings) -> String {
    framed(
        frame,
        &html! {
            @if !shown.further.is_empty() {
                section.sheet aria-labelledby="further" {
                    h2 id="further" { "To set up here" }
                    ul { @for (name, address, what) in &shown.further { li { a href=(address) { (name) } ": " (what) } } }
                }
            }
            @for (place, group) in shown.groups.iter().enumerate() {
                section.sheet aria-labelledby=(format!("group-{place}")) {
                    h2 id=(format!("group-{place}")) { (group.heading) }
                    div.scroll tabindex="0" role="group" aria-label=(group.heading) { table {
                        tbody { @for (name, value) in &group.rows { tr { th scope="row" { (name) } td { (foreign(value)) } } } }
                    } }
                }
            }
            p.quiet.small { "These stand in " code { "piecework.toml" } ", which is read when the server starts." }
        },
    )
}
