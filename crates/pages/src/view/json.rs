//! How the types of other crates are written in the JSON of view models.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Amount;
use serde::ser::{SerializeStruct, Serializer};
use utoipa::ToSchema;
use work::body::CostLine;
use work::event::Authorship;

/// How money is written, for the description of an API.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"amount": "2.50", "currency": "USD"}))]
pub struct Money {
    /// A decimal number, never with an exponent.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// Money as `{"amount":"2.50","currency":"USD"}`.
///
/// # Errors
/// The serializer's own.
pub fn amount<S: Serializer>(amount: &Amount, to: S) -> Result<S::Ok, S::Error> {
    let mut object = to.serialize_struct("Amount", 2)?;
    object.serialize_field("amount", &amount.number())?;
    object.serialize_field("currency", amount.currency().code())?;
    object.end()
}

/// The same, or `null`.
///
/// # Errors
/// The serializer's own.
pub fn amount_option<S: Serializer>(value: &Option<Amount>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => amount(value, to),
        None => to.serialize_none(),
    }
}

pub(super) fn instant<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(instant)
}

pub(super) fn instant_option<S: Serializer>(
    instant: &Option<Timestamp>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => to.collect_str(instant),
        None => to.serialize_none(),
    }
}

pub(super) fn zone<S: Serializer>(zone: &TimeZone, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.iana_name().unwrap_or("UTC"))
}

pub(super) fn authorship<S: Serializer>(authorship: &Authorship, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(authorship.word())
}

pub(super) fn authorship_option<S: Serializer>(
    value: &Option<Authorship>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => authorship(value, to),
        None => to.serialize_none(),
    }
}

pub(super) fn cost_line<S: Serializer>(line: &CostLine, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(line.word())
}
