//! The one place where an exact number becomes a binary float: for the length of a shape.

use money::{Amount, Decimal};

/// A number as a length. Never to be printed as an amount.
pub(crate) fn length(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(0.0)
}

/// An amount as a length.
pub(crate) fn money_length(amount: Amount) -> f64 {
    length(amount.value())
}

/// A coordinate: at most two digits after the point, so that snapshots are stable and files small.
pub(crate) fn at(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
