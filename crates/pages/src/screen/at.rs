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

/// Works, looked for.
pub const WORKS: &str = "/works";

/// The works of a customer.
#[must_use]
pub fn works_of(customer: &str) -> String {
    format!("{WORKS}?customer={}", segment(customer))
}

/// A work of a customer, by what it is called or by a work id that its facts carry.
#[must_use]
pub fn work(customer: &str, work: &str) -> String {
    format!("{}/works/{}", self::customer(customer), segment(work))
}

/// The receipt of an entry of a customer's shared log, as the API gives it.
#[must_use]
pub fn entry_receipt(customer: &str, entry: u64) -> String {
    format!(
        "/v1/customers/{}/entries/{entry}/receipt",
        segment(customer)
    )
}

/// The proof that an entry is in a customer's shared log, as the API gives it.
#[must_use]
pub fn inclusion(customer: &str, entry: u64) -> String {
    format!(
        "/v1/customers/{}/proofs/inclusion?entry={entry}",
        segment(customer)
    )
}

/// The receipt of a work, as the API gives it.
#[must_use]
pub fn work_receipt(customer: &str, work: &str) -> String {
    format!(
        "/v1/customers/{}/works/{}/receipt",
        segment(customer),
        segment(work)
    )
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
