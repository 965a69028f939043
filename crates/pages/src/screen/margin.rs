//! From price to margin, of everybody or of one customer.

use maud::html;

use super::frame::framed;
use super::listing::narrowed;
use crate::section;
use crate::view::{Frame, MarginBridge, Narrowing};

/// The margin, and by what it is narrowed.
#[must_use]
pub fn margin(frame: &Frame, narrowing: &[Narrowing], model: &MarginBridge) -> String {
    framed(
        frame,
        &html! {
            (narrowed(super::at::MARGIN, narrowing))
            (section::margin(model, "margin"))
        },
    )
}
