//! Double entry as CSV, a line a posting: what general ledgers import.

use pricing::accounting::Entry;

use crate::names;

/// The columns.
pub const COLUMNS: [&str; 9] = [
    "date",
    "account",
    "debit",
    "credit",
    "currency",
    "memo",
    "ref",
    "tax_category",
    "cover",
];

/// The entries as CSV with a head line.
///
/// # Errors
/// [`csv::Error`], which writing to memory does not give.
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for entry in entries {
        for own in &entry.postings {
            let (debit, credit) = match own.amount.is_negative() {
                false => (own.amount.number(), String::new()),
                true => (String::new(), own.amount.negated().number()),
            };
            out.write_record([
                &entry.date.to_string(),
                &names::account(&own.account),
                &debit,
                &credit,
                own.amount.currency().code(),
                &entry.narration,
                &entry.link,
                own.tax_category.as_deref().unwrap_or_default(),
                entry.cover.as_deref().unwrap_or_default(),
            ])?;
        }
    }
    out.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}
