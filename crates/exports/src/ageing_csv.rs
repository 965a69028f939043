//! Ageing as CSV, a row a customer and currency.

use money::Amount;

/// The columns.
pub const COLUMNS: [&str; 10] = [
    "customer",
    "name",
    "currency",
    "not_due",
    "days_1_30",
    "days_31_60",
    "days_61_90",
    "days_over_90",
    "open",
    "on_account",
];

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The columns from `not_due` on, in one currency.
    pub amounts: [Amount; 7],
}

/// The rows as CSV with a head line. What a spreadsheet would take for a formula begins with an apostrophe.
///
/// # Errors
/// [`csv::Error`], which writing to memory does not give.
pub fn write<'a>(rows: impl Iterator<Item = Row<'a>>) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for own in rows {
        let mut fields = vec![
            as_text(own.customer),
            as_text(own.name),
            own.amounts[0].currency().code().to_owned(),
        ];
        fields.extend(own.amounts.map(Amount::number));
        out.write_record(fields)?;
    }
    out.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn as_text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        let amounts = ["1.00 USD"; 7].map(|own| own.parse().unwrap());
        let row = Row {
            customer: "=cmd()",
            name: "Acme, Inc.",
            amounts,
        };
        let text = String::from_utf8(write([row].into_iter()).unwrap()).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert_eq!(
            line,
            "'=cmd(),\"Acme, Inc.\",USD,1.00,1.00,1.00,1.00,1.00,1.00,1.00"
        );
    }
}
