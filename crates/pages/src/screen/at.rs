//! The addresses of screens: one place, so that a link and its route cannot disagree.

use std::fmt::Write as _;

/// All customers.
pub const CUSTOMERS: &str = "/customers";

/// A customer.
#[must_use]
pub fn customer(customer: &str) -> String {
    format!("{CUSTOMERS}/{}", segment(customer))
}

/// From price to margin.
pub const MARGIN: &str = "/margin";

/// A foreign text as one segment of a path: what is not unreserved (RFC 3986, section 2.3) is written in percent.
#[must_use]
pub fn segment(text: &str) -> String {
    text.bytes().fold(String::new(), |mut segment, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(segment, "%{byte:02X}");
        }
        segment
    })
}
