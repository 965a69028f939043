//! Contract documents made of `piecework.toml`, for a customer and a first day.

use std::borrow::Cow;

use jiff::civil::Date;
use pricing::Contract;
use toml::{Table, Value};
use work::Digest;

use crate::Result;
use crate::config::Config;
use crate::documents::{Documents, faulty};
use crate::error::Damaged;
use crate::limits::CUSTOMER_IN_ID_BYTES_MAX;

/// The text of a contract over the documents in force.
///
/// Terms come from the file's `[contract]`, then from the customer's own; what neither says is
/// UTC, monthly from the first day, half to even.
///
/// # Errors
/// Where the terms do not make a contract; the faults are shown at their places.
pub fn text(
    config: &Config,
    documents: &Documents,
    customer: &str,
    id: &str,
    starts: Date,
) -> Result<String> {
    let mut table = Table::new();
    table.insert("time_zone".into(), "UTC".into());
    table.insert("anchor_day".into(), Value::Integer(1));
    table.extend(config.contract.clone());
    if let Some(own) = config.customer.get(customer) {
        table.extend(own.contract.clone());
    }
    table.insert("id".into(), id.into());
    table.insert("customer".into(), customer.into());
    table.insert("plan".into(), documents.plan.digest.to_string().into());
    let definitions: Vec<Value> = documents
        .definitions
        .iter()
        .map(|d| d.digest.to_string().into())
        .collect();
    table.insert("definitions".into(), Value::Array(definitions));
    table.insert("currency".into(), documents.plan.currency.code().into());
    table.insert("starts".into(), starts.to_string().into());
    let text = toml::to_string(&table).map_err(|source| Damaged::Document {
        what: "a contract document",
        source,
    })?;
    read(
        &format!("the contract of {customer}, made of piecework.toml"),
        &text,
    )?;
    Ok(text)
}

/// The customer's part of the id of a contract that nobody named: the customer's own id where every character
/// may stand in one, its digest's first twelve digits where not, or where it is too long.
pub(crate) fn part_of_id(customer: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if customer.len() <= CUSTOMER_IN_ID_BYTES_MAX && customer.chars().all(plain) {
        return Cow::Borrowed(customer);
    }
    Cow::Owned(Digest::of(customer.as_bytes()).short())
}

/// Reads a contract document; `name` is where it came from.
///
/// # Errors
/// The document's faults, shown at their places.
pub fn read(name: &str, text: &str) -> Result<Contract> {
    Contract::parse(text).map_err(|error| faulty(name, text, error.faults))
}
