//! The cost of goods sold in the columns of FOCUS, the FinOps Open Cost and Usage Specification.
//!
//! A row a cost. What FOCUS has no column for (work, cost line, agent, customer) stands in columns beginning with `x_`, as
//! the specification has it. Not here: reading FOCUS (`intake`).

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::Amount;
use pricing::margin::{CostEntry, CostLedger, Uncosted, What};

/// The columns.
pub const COLUMNS: [&str; 26] = [
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "InvoiceIssuerName",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "ResourceId",
    "SubAccountId",
    "x_WorkId",
    "x_CostLine",
    "x_Agent",
    "x_AgentVersion",
];

/// The costs of a ledger as CSV with a head line. What has no price is left out: FOCUS has no word for unknown, and nothing
/// is not zero.
///
/// # Errors
/// [`csv::Error`], which writing to memory does not give.
pub fn write(seller: &str, ledger: &CostLedger) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for own in &ledger.entries {
        if let Some(amount) = amount(own) {
            out.write_record(row(seller, own, amount))?;
        }
    }
    out.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn amount(own: &CostEntry) -> Option<Amount> {
    match &own.counts {
        What::Claimed(amount) | What::Computed(amount) => Some(*amount),
        What::Converted(own) => Some(own.told),
        What::Uncosted(Uncosted::OtherCurrency(amount)) => Some(*amount),
        What::Uncosted(_) => None,
    }
}

fn row(seller: &str, own: &CostEntry, amount: Amount) -> [String; 26] {
    let cost = amount.number();
    let (month, next_month) = month_of(own.time);
    let provider = own.provider.clone().unwrap_or_default();
    let line = own.line.word();
    let category = match own.line {
        work::body::CostLine::Model => "AI and Machine Learning",
        work::body::CostLine::Infra => "Compute",
        work::body::CostLine::HumanReview | work::body::CostLine::Support => "Other",
    };
    let second = own.time.checked_add(1.second()).unwrap_or(own.time);
    [
        seller.to_owned(),
        seller.to_owned(),
        amount.currency().code().to_owned(),
        month,
        next_month,
        instant(own.time),
        instant(second),
        // A credit of the provider's is a cost below zero.
        if amount.is_negative() {
            "Credit"
        } else {
            "Usage"
        }
        .to_owned(),
        String::new(),
        format!("{} cost", line.replace('_', " ")),
        cost.clone(),
        cost.clone(),
        cost.clone(),
        cost,
        provider.clone(),
        provider.clone(),
        provider,
        category.to_owned(),
        own.model.clone().unwrap_or_else(|| line.to_owned()),
        own.model.clone().unwrap_or_default(),
        format!("{}/{}", own.fact.source, own.fact.id),
        own.customer.clone(),
        own.work.clone().unwrap_or_default(),
        line.to_owned(),
        own.agent.clone().unwrap_or_default(),
        own.agent_version.clone().unwrap_or_default(),
    ]
}

/// The first instants of the month of an instant and of the next.
fn month_of(time: Timestamp) -> (String, String) {
    let date = time.to_zoned(TimeZone::UTC).date().first_of_month();
    let next = date.checked_add(1.month()).unwrap_or(date);
    let midnight = |date: jiff::civil::Date| format!("{date}T00:00:00Z");
    (midnight(date), midnight(next))
}

/// FOCUS has whole seconds.
fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
