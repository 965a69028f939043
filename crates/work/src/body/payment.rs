//! Money on a customer's account: what was paid, what it is for, what went back, what nobody will pay any more.
//!
//! Every entry says its amounts, but for one form: a payment that names one statement is for as much of it as is
//! open. Not here: what is open (`pricing` says that). Invariant: what can be read moves something above zero, names a
//! statement once, and a payment's parts are never more than the payment.

use money::Amount;

use super::wire::{amount, maybe_text, need_text, positive, text};
use crate::SmolStr;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::ALLOCATIONS_MAX;

/// `payment.recorded`: what a customer paid. Its id is the id of its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// How much, above zero.
    pub amount: Amount,
    /// The printed number of the one statement that it is for, as far as that is open; the rest is on account.
    pub statement: Option<String>,
    /// The statements that it is for, by amounts; the rest is on account.
    pub allocations: Vec<Allocation>,
    /// The payer's or the bank's reference.
    pub reference: Option<String>,
}

/// So much of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The printed number of the statement.
    pub statement: String,
    /// How much, above zero.
    pub amount: Amount,
}

/// Where money on account comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OnAccount {
    /// A payment, by the id of its event.
    Payment(String),
    /// A credit note, or a statement that comes to less than nothing, by its printed number.
    Credit(String),
}

/// `payment.allocated`: money on account is for these statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocated {
    /// Whose rest it is.
    pub from: OnAccount,
    /// One statement at least.
    pub allocations: Vec<Allocation>,
    /// Who decided it (a role).
    pub by: String,
}

/// `payment.refunded`: money on account went back to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Whose rest it was.
    pub from: OnAccount,
    /// How much, above zero.
    pub amount: Amount,
    /// The bank's reference.
    pub reference: Option<String>,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

/// `payment.voided`: an entry about money was wrong: a payment with all that names it, an allocation, a refund, a
/// write-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentVoided {
    /// The id of its event.
    pub entry: String,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

/// `balance.written_off`: so much is not asked for any more, or not owed back any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOff {
    /// What balance.
    pub of: Balance,
    /// How much, above zero.
    pub amount: Amount,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

/// A balance that may be written off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Balance {
    /// What is open of a statement, by its printed number.
    Statement(String),
    /// What is on account.
    OnAccount(OnAccount),
}

impl Payment {
    /// A payment that is for one statement.
    #[must_use]
    pub fn on(statement: &str, amount: Amount) -> Payment {
        Payment {
            amount,
            statement: Some(statement.to_owned()),
            allocations: Vec::new(),
            reference: None,
        }
    }

    /// The statements that it names.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        let parts = self.allocations.iter().map(|own| own.statement.as_str());
        self.statement.as_deref().into_iter().chain(parts)
    }

    pub(super) fn read(data: &mut Fields<'_>) -> Result<Payment, EventError> {
        let payment = Payment {
            amount: positive(data, "a payment")?,
            statement: data.id("statement")?,
            allocations: allocations(data)?.unwrap_or_default(),
            reference: data.id("reference")?,
        };
        if payment.allocations.is_empty() {
            return Ok(payment);
        }
        if payment.statement.is_some() {
            let problem = "a payment is for one `statement`, or for several by `allocations`";
            return Err(data.fault("statement", problem));
        }
        let parts = payment.allocations.iter().map(|own| own.amount);
        let sum = Amount::sum(payment.amount.currency(), parts)
            .map_err(|error| data.fault("allocations", error.to_string()))?;
        if sum.value() > payment.amount.value() {
            let problem = format!("its parts come to {sum}, and {} was paid", payment.amount);
            return Err(data.fault("allocations", problem));
        }
        Ok(payment)
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("statement", maybe_text(self.statement.as_ref())),
            ("amount", amount(self.amount)),
            ("allocations", parts(&self.allocations)),
            ("reference", maybe_text(self.reference.as_ref())),
        ])
    }
}

impl OnAccount {
    /// Its two members: `payment`, `credit`.
    fn members(&self) -> (Option<&String>, Option<&String>) {
        match self {
            OnAccount::Payment(id) => (Some(id), None),
            OnAccount::Credit(number) => (None, Some(number)),
        }
    }

    fn read(data: &mut Fields<'_>) -> Result<Option<OnAccount>, EventError> {
        match (data.id("payment")?, data.id("credit")?) {
            (None, None) => Ok(None),
            (Some(id), None) => Ok(Some(OnAccount::Payment(id))),
            (None, Some(number)) => Ok(Some(OnAccount::Credit(number))),
            (Some(_), Some(_)) => Err(data.fault("credit", ONE_SOURCE)),
        }
    }
}

/// What an entry about money on account has to say.
const ONE_SOURCE: &str = "name one: a `payment`, by the id of its entry, or a `credit`, by the number of the credit \
                          note or statement";

impl Allocated {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Allocated, EventError> {
        let from = OnAccount::read(data)?.ok_or_else(|| data.fault("payment", ONE_SOURCE))?;
        let parts = allocations(data)?;
        Ok(Allocated {
            from,
            allocations: parts
                .ok_or_else(|| data.fault("allocations", "this member is required"))?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        let (payment, credit) = self.from.members();
        Json::object([
            ("payment", maybe_text(payment)),
            ("credit", maybe_text(credit)),
            ("allocations", parts(&self.allocations)),
            ("by", text(&self.by)),
        ])
    }
}

impl Refund {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Refund, EventError> {
        let from = OnAccount::read(data)?.ok_or_else(|| data.fault("payment", ONE_SOURCE))?;
        Ok(Refund {
            from,
            amount: positive(data, "a refund")?,
            reference: data.id("reference")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        let (payment, credit) = self.from.members();
        Json::object([
            ("payment", maybe_text(payment)),
            ("credit", maybe_text(credit)),
            ("amount", amount(self.amount)),
            ("reference", maybe_text(self.reference.as_ref())),
            ("reason", text(&self.reason)),
            ("by", text(&self.by)),
        ])
    }
}

impl PaymentVoided {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<PaymentVoided, EventError> {
        Ok(PaymentVoided {
            entry: data.need_id("entry")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("entry", text(&self.entry)),
            ("reason", text(&self.reason)),
            ("by", text(&self.by)),
        ])
    }
}

impl WriteOff {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<WriteOff, EventError> {
        let statement: Option<String> = data.id("statement")?;
        let of = match (statement, OnAccount::read(data)?) {
            (Some(number), None) => Balance::Statement(number),
            (None, Some(from)) => Balance::OnAccount(from),
            _ => {
                let problem = "name one: a `statement`, a `payment` or a `credit`";
                return Err(data.fault("statement", problem));
            }
        };
        Ok(WriteOff {
            of,
            amount: positive(data, "a write-off")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        let (statement, (payment, credit)) = match &self.of {
            Balance::Statement(number) => (Some(number), (None, None)),
            Balance::OnAccount(from) => (None, from.members()),
        };
        Json::object([
            ("statement", maybe_text(statement)),
            ("payment", maybe_text(payment)),
            ("credit", maybe_text(credit)),
            ("amount", amount(self.amount)),
            ("reason", text(&self.reason)),
            ("by", text(&self.by)),
        ])
    }
}

/// Parts of one sum, each statement once, all in one currency (which is not compared with anything here).
fn allocations(data: &mut Fields<'_>) -> Result<Option<Vec<Allocation>>, EventError> {
    let items = match data.take("allocations") {
        None => return Ok(None),
        Some(Json::Array(items)) if (1..=ALLOCATIONS_MAX).contains(&items.len()) => items,
        Some(_) => {
            let problem = format!(
                "expected an array of 1 to {ALLOCATIONS_MAX} parts, each with a `statement` and an `amount`"
            );
            return Err(data.fault("allocations", problem));
        }
    };
    let mut parts: Vec<Allocation> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut own = Fields::of(item, &format!("{}/{index}", data.at("allocations")))?;
        let statement: SmolStr = own.need_id("statement")?;
        let part = Allocation {
            statement: statement.to_string(),
            amount: positive(&mut own, "a part")?,
        };
        if parts.iter().any(|known| known.statement == part.statement) {
            let problem = format!("`{}` stands in it twice", part.statement);
            return Err(own.fault("statement", problem));
        }
        if (parts.iter()).any(|known| known.amount.currency() != part.amount.currency()) {
            return Err(own.fault("amount", "all parts are in one currency"));
        }
        own.finish()?;
        parts.push(part);
    }
    Ok(Some(parts))
}

fn parts(allocations: &[Allocation]) -> Option<Json> {
    let part = |own: &Allocation| {
        Json::object([
            ("statement", text(&own.statement)),
            ("amount", amount(own.amount)),
        ])
    };
    (!allocations.is_empty()).then(|| Json::Array(allocations.iter().map(part).collect()))
}
