//! What listings share: instants in a column, and the way to the next page.

use jiff::Timestamp;
use maud::{Markup, html};

/// An instant in a column: to the minute, whole in the machine-readable value.
pub(super) fn instant(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(at) { (at.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// The way to the next page of a listing.
pub(super) fn older(next: Option<&str>) -> Markup {
    html! {
        @if let Some(next) = next {
            p.more { a href=(next) rel="next" { "Next page" } }
        }
    }
}
