//! What listings share: instants in a column, by what they are narrowed, and the way to the next page.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::format::{clean, foreign};
use crate::view::Narrowing;

/// An instant in a column: to the minute, whole in the machine-readable value.
pub(super) fn instant(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(at) { (at.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// By what a listing is narrowed: a form that asks for the same address again.
pub(super) fn narrowed(address: &str, narrowing: &[Narrowing]) -> Markup {
    html! {
        form.narrowing method="get" action=(address) {
            @for own in narrowing {
                label {
                    span { (own.label) }
                    input name=(own.name) value=(clean(&own.value)) placeholder=(own.placeholder) autocomplete="off";
                }
            }
            button { "Show" }
        }
    }
}

/// A text line by line, each kept from turning its neighbours around.
pub(super) fn written(text: &str) -> Markup {
    html! { @for line in text.lines() { (foreign(line)) "\n" } }
}

/// The way to the next page of a listing.
pub(super) fn older(next: Option<&str>) -> Markup {
    html! {
        @if let Some(next) = next {
            p.more { a href=(next) rel="next" { "Next page" } }
        }
    }
}
