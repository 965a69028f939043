//! Money as entries: payments, refunds, write-offs, what took them back, and what another system left unpaid.
//!
//! All of it goes through the customer's receivable, which is so what its statements ask for less what it paid, whatever
//! that is for: allocation is no entry. What is voided stays where it was posted, and is posted back on the day of the void.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Entry, GlAccount};
use crate::account::Account;
use crate::receivable::{Movement, MovementKind};

/// The entries of a customer's payments, refunds and write-offs before an instant, and of what was unpaid when its
/// contracts began, by day.
#[must_use]
pub fn of_payments(account: &Account, until: Timestamp, zone: &TimeZone) -> Vec<Entry> {
    let debts = account.debts().map(|own| own.movement());
    let debts = debts.filter(|own| own.at < until);
    let movements = debts.chain(account.money_movements(until));
    let entries = movements.filter_map(|own| entry(&account.customer, &own, zone));
    entries.collect()
}

fn entry(customer: &str, own: &Movement, zone: &TimeZone) -> Option<Entry> {
    let customer = customer.to_owned();
    let other = match own.kind {
        MovementKind::Payment | MovementKind::Refund => GlAccount::Cash,
        MovementKind::WriteOff => GlAccount::WriteOffs {
            customer: customer.clone(),
        },
        MovementKind::WriteOffOnAccount => GlAccount::Overpayments {
            customer: customer.clone(),
        },
        MovementKind::Opening => GlAccount::OpeningBalances {
            customer: customer.clone(),
        },
        MovementKind::Statement | MovementKind::PrepaidCredits => return None,
    };
    let about = own.about.as_deref();
    let what = match (own.kind, about) {
        (MovementKind::Opening, _) => format!("{} of the former system, unpaid", own.name),
        (MovementKind::Payment, Some(number)) => format!("payment on statement {number}"),
        (MovementKind::Payment, None) => "payment".to_owned(),
        (MovementKind::Refund, about) => format!("refund of {}", about.unwrap_or_default()),
        (_, about) => format!("write-off of {}", about.unwrap_or_default()),
    };
    let narration = if own.is_void {
        format!("{what} voided")
    } else {
        what
    };
    let receivable = GlAccount::Receivable { customer };
    Entry::of(
        own.at.to_zoned(zone.clone()).date(),
        narration,
        about.unwrap_or(&own.name),
        (receivable, other),
        own.amount,
    )
}
