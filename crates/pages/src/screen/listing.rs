//! What listings share: instants in a column, by what they are narrowed, and the way to the next page.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::format::{clean, foreign};
use crate::view::Narrowing;

/// An instant in a column: to the minute, whole in the machine-readable value.
pub(super) fn instant(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(at) { (at.strftime("%Y-%m-%d %H:%M")) }
    }
}

/// The day on which something begins, where a contract is; with the time where that is not a midnight.
pub(super) fn first_day(at: Timestamp, zone: &str) -> Markup {
    let local = at.to_zoned(zone_named(zone));
    let is_midnight = local.time() == jiff::civil::Time::midnight();
    let shown = local.strftime(if is_midnight {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M"
    });
    html! { time datetime=(at) title=(at) { (shown) } }
}

/// The last day of what ends at an instant, where a contract is.
pub(super) fn last_day(end: Timestamp, zone: &str) -> Markup {
    let last = end
        .saturating_sub(SignedDuration::from_nanos(1))
        .unwrap_or(end);
    html! { time datetime=(end) title={ "until " (end) } { (last.to_zoned(zone_named(zone)).date()) } }
}

/// A zone that a contract names; an unknown one cannot be in force.
fn zone_named(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
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
