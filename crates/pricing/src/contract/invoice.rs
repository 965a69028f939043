//! `[invoice]`: what the buyer's accounts payable needs to see on a statement of this contract.
//!
//! Whose order it is, who pays and who is paid, when, from which cost centres, and what the order may
//! not exceed. Nothing here changes an amount that is owed: a total is split, shown and held against a
//! limit. Invariant: the parts of a split sum to the total.

use jiff::ToSpan as _;
use jiff::civil::Date;
use money::{Amount, Currency, Decimal, MoneyError, split};

use crate::document::Table;
use crate::limits::{ADDRESS_LINES_MAX, COST_CENTRES_MAX, DUE_DAYS_MAX, LINE_BYTES_MAX};

/// What the invoice of a statement says beside its lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invoice {
    /// The buyer's purchase order.
    pub po_number: Option<String>,
    /// Days from the issue of a statement until it is to be paid.
    pub due_days: Option<u32>,
    /// The most that all statements of the contract may come to.
    pub not_to_exceed: Option<Amount>,
    /// Who bears which share of a total; empty, or shares that sum to one.
    pub cost_centres: Vec<CostCentre>,
    /// Who sells.
    pub seller: Option<Party>,
    /// Who buys.
    pub buyer: Option<Party>,
}

/// A cost centre of the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostCentre {
    /// Its name in the buyer's books.
    pub name: String,
    /// Its share of a total, of one.
    pub share: Decimal,
}

/// One side of the contract, as documents name it. Roles, not persons: the text is published for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The legal name.
    pub name: String,
    /// The address, line by line.
    pub address: Vec<String>,
    /// The role that documents go to, such as `Accounts payable`.
    pub attention: Option<String>,
    /// The number that its tax office knows it by.
    pub tax_id: Option<String>,
}

impl Invoice {
    /// The day by which what is issued on a day is to be paid.
    #[must_use]
    pub fn due(&self, issued: Date) -> Option<Date> {
        issued.checked_add(i64::from(self.due_days?).days()).ok()
    }

    /// A total by cost centre, in the order of the document; empty where there are none.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn by_cost_centre(&self, total: Amount) -> Result<Vec<(&str, Amount)>, MoneyError> {
        if self.cost_centres.is_empty() {
            return Ok(Vec::new());
        }
        let shares: Vec<Decimal> = self.cost_centres.iter().map(|own| own.share).collect();
        let names = self.cost_centres.iter().map(|own| own.name.as_str());
        Ok(names.zip(split(total, &shares)?).collect())
    }

    /// By how much a statement of `total` would exceed the order, with `before` stated under the
    /// contract already.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::CurrencyMismatch`].
    pub fn exceeded_by(&self, before: Amount, total: Amount) -> Result<Option<Amount>, MoneyError> {
        let Some(most) = self.not_to_exceed else {
            return Ok(None);
        };
        let over = before.plus(total)?.minus(most)?;
        Ok((!over.is_zero() && !over.is_negative()).then_some(over))
    }
}

/// Reads `[invoice]`.
pub(super) fn read_invoice(root: &Table<'_>, currency: Option<Currency>) -> Invoice {
    let Some(table) = root.table("invoice") else {
        return Invoice::default();
    };
    let not_to_exceed = match currency {
        Some(currency) => table.amount("not_to_exceed", currency),
        // The currency has its own fault.
        None => {
            table.take("not_to_exceed");
            None
        }
    };
    let due_days = table.count("due_days", 0);
    if due_days.is_some_and(|days| days > DUE_DAYS_MAX) {
        table.fault(
            "due_days",
            format!("at most {DUE_DAYS_MAX} days"),
            Some("days from the issue of a statement until it is to be paid, such as 30"),
        );
    }
    let invoice = Invoice {
        po_number: line(&table, "po_number"),
        due_days,
        not_to_exceed,
        cost_centres: cost_centres(&table),
        seller: party(&table, "seller"),
        buyer: party(&table, "buyer"),
    };
    table.finish();
    invoice
}

fn cost_centres(table: &Table<'_>) -> Vec<CostCentre> {
    let mut centres: Vec<CostCentre> = Vec::new();
    let mut sum = Some(Decimal::ZERO);
    for own in table.tables("cost_centre", COST_CENTRES_MAX) {
        let name = own.need("name", line(&own, "name"));
        let share = own.need("percent", own.share_of_percent("percent"));
        own.finish();
        if let (Some(name), Some(share)) = (name, share) {
            if centres.iter().any(|other| other.name == name) {
                own.fault(
                    "name",
                    format!("the cost centre `{name}` is there twice"),
                    None,
                );
            }
            sum = sum.and_then(|sum| sum.plus(share).ok());
            centres.push(CostCentre { name, share });
        }
    }
    if table.has("cost_centre") && table.faults.is_empty() && sum != Some(Decimal::from_int(1)) {
        let percent = sum.and_then(|sum| sum.times(Decimal::from_int(100)).ok());
        let percent = percent.map_or_else(|| "too much".to_owned(), |own| format!("{own} %"));
        table.fault(
            "cost_centre",
            format!("the shares come to {percent}, not to 100 %"),
            Some("a total is split between all of them and nobody else"),
        );
    }
    centres
}

fn party(table: &Table<'_>, key: &'static str) -> Option<Party> {
    let own = table.table(key)?;
    let name = own.need("name", line(&own, "name"));
    let address = own.texts("address", ADDRESS_LINES_MAX);
    if address.iter().any(|text| !is_line(text)) {
        own.fault("address", LINE_FAULT, None);
    }
    let attention = line(&own, "attention");
    let tax_id = line(&own, "tax_id");
    own.finish();
    Some(Party {
        name: name?,
        address,
        attention,
        tax_id,
    })
}

const LINE_FAULT: &str = "one line of 1 to 200 bytes, without control characters";

/// A text that fits one printed line.
pub(super) fn line(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    if is_line(&text) {
        return Some(text);
    }
    table.fault(key, LINE_FAULT, None);
    None
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && text.len() <= LINE_BYTES_MAX && !text.chars().any(char::is_control)
}
