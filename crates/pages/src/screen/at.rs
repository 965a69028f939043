//! The addresses of screens: one place, so that a link and its route cannot disagree.

use std::fmt::Write as _;

/// The first page.
pub const HOME: &str = "/";

/// The first page, of a month and around a work unit; of the month that runs and the unit counted most where one is empty.
#[must_use]
pub fn home(month: &str, unit: &str) -> String {
    asking(HOME, &[("month", month), ("unit", unit)])
}

/// All customers.
pub const CUSTOMERS: &str = "/customers";

/// The customers' shared logs.
pub const LOGS: &str = "/logs";

/// What arrived and stands in no log: refused events, costs of nobody.
pub const EVENTS: &str = "/events";

/// A refused event.
pub const REFUSED_EVENT: &str = "/events/{id}";

/// A refused event, by what it is known by.
#[must_use]
pub fn refused_event(id: &str) -> String {
    REFUSED_EVENT.replace("{id}", &segment(id))
}

/// Costs that name nobody.
pub const UNASSIGNED_COSTS: &str = "/costs/unassigned";

/// The page that checks proof files, for anybody.
pub const VERIFY: &str = "/verify";

/// A customer.
#[must_use]
pub fn customer(customer: &str) -> String {
    format!("{CUSTOMERS}/{}", segment(customer))
}

/// From price to margin.
pub const MARGIN: &str = "/margin";

/// The margin of a customer in a month; of all, or of everything so far, where one is empty.
#[must_use]
pub fn margin(customer: &str, month: &str) -> String {
    asking(MARGIN, &[("customer", customer), ("month", month)])
}

/// An address that asks for what is not empty.
fn asking(address: &str, fields: &[(&str, &str)]) -> String {
    let asked = fields.iter().filter(|(_, value)| !value.is_empty());
    let fields = asked.map(|(name, value)| format!("{name}={}", segment(value)));
    let query = fields.collect::<Vec<_>>().join("&");
    match query.is_empty() {
        true => address.to_owned(),
        false => format!("{address}?{query}"),
    }
}

/// The works of a customer, or of all where it is empty, that are so.
#[must_use]
pub fn works_narrowed(customer: &str, fields: &[(&str, &str)]) -> String {
    asking(WORKS, &[&[("customer", customer)], fields].concat())
}

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

/// Statements of a customer as they would be if they were issued now.
pub const DRAFTS: &str = "/customers/{customer}/statements/preview";

/// Statements of a customer as they would be if they were issued now.
#[must_use]
pub fn drafts(customer: &str) -> String {
    DRAFTS.replace("{customer}", &segment(customer))
}

/// The disputes about a work.
pub const DISPUTE: &str = "/customers/{customer}/works/{work}/dispute";

/// The disputes about a work.
#[must_use]
pub fn dispute(customer: &str, work: &str) -> String {
    format!("{}/dispute", self::work(customer, work))
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

/// The contracts that were signed.
pub const CONTRACTS: &str = "/contracts";

/// A contract.
pub const CONTRACT: &str = "/customers/{customer}/contracts/{contract}";

/// What a change of a contract would do.
pub const CHANGE: &str = "/customers/{customer}/contracts/{contract}/change";

/// The checks of a contract's price.
pub const CHECKS: &str = "/customers/{customer}/contracts/{contract}/checks";

/// The checks of a contract's price.
#[must_use]
pub fn checks(customer: &str, contract: &str) -> String {
    of_contract(CHECKS, customer, contract)
}

/// A contract of a customer.
#[must_use]
pub fn contract(customer: &str, contract: &str) -> String {
    of_contract(CONTRACT, customer, contract)
}

/// What a change of a contract would do.
#[must_use]
pub fn change(customer: &str, contract: &str) -> String {
    of_contract(CHANGE, customer, contract)
}

fn of_contract(path: &str, customer: &str, contract: &str) -> String {
    path.replace("{customer}", &segment(customer))
        .replace("{contract}", &segment(contract))
}

/// The plans by which work is priced.
pub const PLANS: &str = "/plans";

/// A plan.
pub const PLAN: &str = "/plans/{id}";

/// A plan, by its id, or by its digest where several are of that id.
#[must_use]
pub fn plan(id: &str) -> String {
    PLAN.replace("{id}", &segment(id))
}

/// What another text of a definition would count.
pub const COMPARE: &str = "/definitions/{id}/compare";

/// What another text of a definition would count.
#[must_use]
pub fn compare(id: &str) -> String {
    COMPARE.replace("{id}", &segment(id))
}

/// What a contract brought so far.
pub const RENEWAL: &str = "/customers/{customer}/renewal";

/// What the contract of a customer that began last brought so far.
#[must_use]
pub fn renewal(customer: &str) -> String {
    RENEWAL.replace("{customer}", &segment(customer))
}

/// What a contract of a customer brought so far.
#[must_use]
pub fn renewal_of(customer: &str, contract: &str) -> String {
    format!("{}?contract={}", renewal(customer), segment(contract))
}

/// From price to margin, of a customer.
#[must_use]
pub fn margin_of(customer: &str) -> String {
    format!("{MARGIN}?customer={}", segment(customer))
}

/// Quotes, once a customer is named.
pub const QUOTES: &str = "/quotes";

/// The quotes to a customer, where one more is drafted.
pub const QUOTES_TO: &str = "/customers/{customer}/quotes";

/// A quote.
pub const QUOTE: &str = "/customers/{customer}/quotes/{quote}";

/// The quotes of a customer.
#[must_use]
pub fn quotes_of(customer: &str) -> String {
    format!("{QUOTES}?customer={}", segment(customer))
}

/// The quotes to a customer, where one more is drafted.
#[must_use]
pub fn quotes_to(customer: &str) -> String {
    QUOTES_TO.replace("{customer}", &segment(customer))
}

/// A quote to a customer.
#[must_use]
pub fn quote(customer: &str, quote: &str) -> String {
    QUOTE
        .replace("{customer}", &segment(customer))
        .replace("{quote}", &segment(quote))
}

/// The document of a quote, as the API gives it, in a form.
#[must_use]
pub fn document_of_quote(customer: &str, quote: &str, form: &str) -> String {
    format!("/v1{}/document?format={form}", self::quote(customer, quote))
}

/// What waits for a second person.
pub const APPROVALS: &str = "/approvals";

/// One act that waits for a second person, or did.
pub const APPROVAL: &str = "/customers/{customer}/approvals/{proposal}";

/// One act that waits for a second person, or did.
#[must_use]
pub fn approval(customer: &str, proposal: &str) -> String {
    APPROVAL
        .replace("{customer}", &segment(customer))
        .replace("{proposal}", &segment(proposal))
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

/// What the box at the top of each screen asks: the id of a customer or a work, wherever it is.
pub const FIND: &str = "/find";

/// The works of everybody that are called so.
#[must_use]
pub fn works_called(work: &str) -> String {
    format!("{WORKS}?work={}", segment(work))
}

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
