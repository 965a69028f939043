//! The addresses of screens: one place, so that a link and its route cannot disagree.

use std::fmt::Write as _;

/// All customers.
pub const CUSTOMERS: &str = "/customers";

/// The customers' shared logs.
pub const LOGS: &str = "/logs";

/// What arrived and stands in no log: refused events, costs of nobody.
pub const EVENTS: &str = "/events";

/// The page that checks proof files, for anybody.
pub const VERIFY: &str = "/verify";

/// A customer.
#[must_use]
pub fn customer(customer: &str) -> String {
    format!("{CUSTOMERS}/{}", segment(customer))
}

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
