//! Money on a customer's account: what came, what it is for, what is open and for how long.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// Something that was done with money: a payment, an allocation, a refund, a write-off, or the void of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoneyAct {
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// The id of its entry, by which it is voided; of a payment, also by which it is allocated and refunded.
    #[schema(example = "payment/B-1")]
    pub entry: String,
    /// `payment`, `allocation`, `refund`, `write_off` or `void`.
    #[schema(example = "payment")]
    pub act: String,
    /// How much it moves; of a void, nothing is said.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub amount: Option<Amount>,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The bank's or the payer's reference.
    #[schema(example = "B-1")]
    pub reference: Option<String>,
    /// The statements that it is about, as they stand now.
    pub statements: Vec<StatementStands>,
    /// The payment or credit that it is about, as it stands now.
    pub source: Option<SourceRow>,
}

/// How a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatementStands {
    /// The printed number.
    #[schema(example = "acme-0001")]
    pub statement: String,
    /// What was to be paid of it: what it charges, without what prepaid credits pay.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub due: Amount,
    /// What payments paid of it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub paid: Amount,
    /// What credits gave of it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub credited: Amount,
    /// What is not asked for any more.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub written_off: Amount,
    /// What is left.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub open: Amount,
}

/// A payment or a credit, and what became of it: allocated, refunded, written off, or on account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceRow {
    /// The id of the payment; not there for a credit.
    #[schema(example = "payment/B-1")]
    pub payment: Option<String>,
    /// The number of the credit note, or of the statement that comes to less than nothing; not there for a payment.
    pub credit: Option<String>,
    /// When it came.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What of it is for statements.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub allocated: Amount,
    /// What went back.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub refunded: Amount,
    /// What is not owed back any more.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub written_off: Amount,
    /// What is left.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub on_account: Amount,
    /// The bank's or the payer's reference.
    pub reference: Option<String>,
    /// Whether the payment was voided: then it is nothing, and none of it is anywhere.
    pub voided: bool,
    /// What of it is for which statement.
    pub allocations: Vec<AllocationRow>,
}

/// So much for one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AllocationRow {
    /// The printed number of the statement.
    #[schema(example = "acme-0001")]
    pub statement: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// What is open as of an instant, by how long it has been due. For the seller alone where it is of several customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ageing {
    /// As of when: what is later is not seen.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// A row for each customer and currency with something open or on account, by customer, then currency.
    pub customers: Vec<AgeingRow>,
    /// Their sums, by currency.
    pub totals: Vec<AgeingRow>,
}

/// What is open in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgeingRow {
    /// The customer's id; not there in a sum over customers.
    #[schema(example = "acme")]
    pub customer: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Not due yet, or due on the day.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub not_due: Amount,
    /// Due for 1 to 30 days.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub days_1_30: Amount,
    /// Due for 31 to 60 days.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub days_31_60: Amount,
    /// Due for 61 to 90 days.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub days_61_90: Amount,
    /// Due for more than 90 days.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub days_over_90: Amount,
    /// The sum of the five.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub open: Amount,
    /// Payments and credits that are for no statement yet; they lower none of the sums before.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub on_account: Amount,
    /// The open statements and covers, those that were due first first; none in a sum.
    pub items: Vec<OpenItem>,
}

/// A statement that is paid for itself, or a cover, of which something is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenItem {
    /// The printed number of the statement or cover.
    #[schema(example = "acme-0001")]
    pub statement: String,
    /// The contract's id; not there for a cover.
    pub contract: Option<String>,
    /// The day of its issue, in the zone of its contract.
    #[schema(value_type = String, format = Date)]
    pub issued_on: Date,
    /// The day by which it is to be paid.
    #[schema(value_type = String, format = Date)]
    pub due_on: Date,
    /// Days since then; below zero, until then.
    pub days_overdue: i32,
    /// What was to be paid of it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub due: Amount,
    /// What is left of it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub open: Amount,
}

/// What a seller asks a buyer to confirm: its open items as of a day. A document; `digest` is of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BalanceConfirmation {
    /// Who sells.
    pub seller: Option<String>,
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// Its name.
    pub name: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// The end of the day: what is later is not seen.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// What is open and on account, by currency.
    pub balances: Vec<AgeingRow>,
    /// The payments and credits of which something is on account.
    pub on_account: Vec<SourceRow>,
    /// Entries of the customer log that it was computed from.
    pub log_size: u64,
    /// The root of the log's tree over these entries, in base64.
    pub log_root: String,
    /// The text, line by line.
    pub text: String,
    /// SHA-256 of the text: what the buyer acknowledges with its own key.
    pub digest: String,
    /// Whether the buyer has acknowledged it, and when it said so.
    #[serde(serialize_with = "json::instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged: Option<Timestamp>,
}

/// Everything that moved what a customer owes, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountStatement {
    /// The customer's id.
    #[schema(example = "acme")]
    pub customer: String,
    /// Its name.
    pub name: String,
    /// From this day on; from the first movement where absent.
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    /// Before this instant.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// What was owed before the first line; below zero, what is on account.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub opening: Amount,
    /// The movements, by time.
    pub lines: Vec<AccountLine>,
    /// What is owed after the last: what is open less what is on account.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub closing: Amount,
}

/// A movement on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountLine {
    /// The day, in the zone of the customer's contract.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// When.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
    /// `opening` (what a former system left unpaid), `statement`, `prepaid_credits`, `payment`, `refund`, `write_off` or `write_off_on_account`.
    #[schema(example = "statement")]
    pub kind: String,
    /// Whether it takes an earlier one back.
    pub is_void: bool,
    /// The number of a statement, or the id of an entry about money.
    #[schema(example = "acme-0001")]
    pub name: String,
    /// The statement, payment or credit that it is about, where that is another name.
    pub about: Option<String>,
    /// The bank's or the payer's reference.
    pub reference: Option<String>,
    /// How much more is owed; below zero, less.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What is owed after it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub balance: Amount,
}
