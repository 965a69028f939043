//! [`Debt`]: what another system billed before a contract began, and is not paid (semantics.md P6).
//!
//! It is asked for from the opening on, under the number that it had there, and is paid, allocated and written off as a
//! statement is. Not here: anything that it was billed for, which no statement of this book knows. Invariant: its number
//! is no number that this book gives.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::{Account, Held};
use crate::contract::UnpaidBefore;

/// A document of another system of which something was open.
#[derive(Debug, Clone, Copy)]
pub struct Debt<'a> {
    /// The contract whose opening says so.
    pub held: &'a Held,
    /// When that was put in force.
    pub at: Timestamp,
    /// What it says.
    pub unpaid: &'a UnpaidBefore,
}

impl Account {
    /// What the openings of a customer's contracts say is unpaid.
    pub fn debts(&self) -> impl Iterator<Item = Debt<'_>> {
        self.contracts.iter().flat_map(|held| {
            let opening = held.agreement.opening.iter();
            let at = held.agreement.opened.unwrap_or(Timestamp::MAX); // an opening was put in force
            opening.flat_map(move |own| {
                let unpaid = own.unpaid.iter();
                unpaid.map(move |unpaid| Debt { held, at, unpaid })
            })
        })
    }

    /// The one of that number.
    #[must_use]
    pub fn debt(&self, number: &str) -> Option<Debt<'_>> {
        self.debts().find(|own| own.unpaid.number == number)
    }
}

impl Debt<'_> {
    /// The day on which it was taken over, and the one by which it is to be paid, in the zone of its contract: the same
    /// where the opening names none.
    #[must_use]
    pub fn days(&self) -> (Date, Date) {
        let zone = &self.held.agreement.versions[0].terms.contract.time_zone; // an agreement has a version
        let on = self.at.to_zoned(zone.clone()).date();
        (on, self.unpaid.due.unwrap_or(on))
    }
}

/// Whether a number could be one that this book gives under a name: of a statement, or with a letter of a cover, a
/// credit note or a quote.
#[must_use]
pub fn could_be_ours(number: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        let rest = number.strip_prefix(name);
        let rest = rest.and_then(|rest| rest.strip_prefix('-'));
        let digits = rest.map(|rest| {
            rest.strip_prefix(|c: char| c.is_ascii_uppercase())
                .unwrap_or(rest)
        });
        digits.is_some_and(|own| !own.is_empty() && own.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
