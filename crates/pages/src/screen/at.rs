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

/// From price to margin.
pub const MARGIN: &str = "/margin";

/// The statements of a customer.
pub const STATEMENTS: &str = "/customers/{customer}/statements";

/// A statement that was issued.
pub const STATEMENT: &str = "/customers/{customer}/statements/{number}";

/// From the last statement to this one.
pub const BRIDGE: &str = "/customers/{customer}/statements/{number}/bridge";

/// The statements of a customer.
#[must_use]
pub fn statements(customer: &str) -> String {
    STATEMENTS.replace("{customer}", &segment(customer))
}

/// A statement of a customer.
#[must_use]
pub fn statement(customer: &str, number: &str) -> String {
    of_statement(STATEMENT, customer, number)
}

/// Why the total of a statement is another than that of the last.
#[must_use]
pub fn bridge(customer: &str, number: &str) -> String {
    of_statement(BRIDGE, customer, number)
}

/// What the API answers of a statement: its document, its proof file, its proof report.
#[must_use]
pub fn of_api(customer: &str, number: &str, what: &str) -> String {
    let statement = "/v1/customers/{customer}/statements/{number}/";
    of_statement(statement, customer, number) + what
}

/// The document of a cover, as the API gives it to print.
#[must_use]
pub fn cover_document(customer: &str, number: &str) -> String {
    let document = "/v1/customers/{customer}/covers/{number}/document?format=html";
    of_statement(document, customer, number)
}

/// A segment holds no brace, so that none is taken for the other.
fn of_statement(path: &str, customer: &str, number: &str) -> String {
    path.replace("{customer}", &segment(customer))
        .replace("{number}", &segment(number))
}

/// The disputes of a customer.
pub const DISPUTES: &str = "/disputes";

/// The disputes of a customer: all, those open, or those decided.
#[must_use]
pub fn disputes(customer: &str, open: Option<bool>) -> String {
    let mut address = format!("{DISPUTES}?customer={}", segment(customer));
    if let Some(open) = open {
        let _ = write!(address, "&open={open}"); // writing to a String cannot fail
    }
    address
}

/// The definitions by which work counts.
pub const DEFINITIONS: &str = "/definitions";

/// A definition.
pub const DEFINITION: &str = "/definitions/{id}";

/// A definition, by its id, or by its digest where several are of that id.
#[must_use]
pub fn definition(id: &str) -> String {
    DEFINITION.replace("{id}", &segment(id))
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
