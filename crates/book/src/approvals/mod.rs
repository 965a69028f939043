//! Who approved, signed and published what, out of the log itself; and what waits for a second person.
//!
//! Every act names who approves it, and the log has it ([`Approval`]). Above a limit of `[approvals]` one person is
//! not enough ([`limits`](Approvals)): the act is proposed, and done once somebody else approves it. Not here: who may
//! call ([`crate`] takes names and keys as they are given), and the acts themselves.

mod changes;
mod limits;
mod proposals;
mod repricing;

use jiff::Timestamp;
use serde::Serialize;
use work::LogKind;
use work::body::{
    Balance, Body, Control, CoverEntry, Grant, GrantAmended, OnAccount, Per, QuoteEntry,
};
use work::effective::Content;

use crate::Result;
use crate::book::Book;

pub use changes::{Between, csv};
pub use limits::{Approvals, LimitedAct};
pub use proposals::{Approved, Deciding};
pub(crate) use proposals::{Effect, Leave, Request, UNNAMED, naming_what_is_done};

/// One thing that somebody answered for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Its position in the customer log.
    pub entry: u64,
    /// When.
    pub time: Timestamp,
    /// What was done, in words.
    pub what: String,
    /// Who (a role).
    pub by: String,
    /// Why; empty where no reason is asked for.
    pub reason: String,
}

impl Book {
    /// Everything that somebody approved, signed or published for a customer, in the order of the log.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn approvals(&self, customer: &str) -> Result<Vec<Approval>> {
        self.chosen(Some(customer))?;
        let contents = self.contents(customer, LogKind::Shared, None)?;
        Ok(contents.iter().filter_map(approval).collect())
    }
}

fn approval(content: &Content) -> Option<Approval> {
    let Body::Control(control) = &content.event.body else {
        return None;
    };
    let (what, by, reason) = match control {
        Control::DocumentPublished { document, by, .. } => (
            format!("published a {}", document.word().replace('_', " ")),
            by,
            None,
        ),
        Control::ContractSigned { contract, by, .. } => (format!("signed {contract}"), by, None),
        Control::ContractAmended {
            contract,
            effective,
            reprice,
            by,
            ..
        } => {
            let reprice = reprice
                .as_ref()
                .map(|role| format!("re-pricing approved by {role}"));
            (format!("amended {contract} from {effective}"), by, reprice)
        }
        Control::ContractEnded {
            contract,
            effective,
            by,
        } => (format!("ended {contract} at {effective}"), by, None),
        Control::ContractOpened { contract, by, .. } => (
            format!("opened {contract} where another system stopped"),
            by,
            None,
        ),
        Control::Quote(entry) => {
            let (what, reason) = quote_step(entry);
            let by = entry.by().to_owned();
            return Some(Approval {
                entry: content.entry,
                time: content.event.time,
                what,
                by,
                reason: reason.unwrap_or_default(),
            });
        }
        Control::StatementIssued { number, by, .. } => (format!("issued {number}"), by, None),
        Control::StatementVoided { number, reason, by } => {
            (format!("voided {number}"), by, Some(reason.clone()))
        }
        Control::Cover(CoverEntry::Chosen { per, from, by }) => {
            let what = match per {
                Per::Customer => format!("chose one cover for all statements from {from} on"),
                Per::Contract => format!("chose each statement for itself from {from} on"),
            };
            (what, by, None)
        }
        Control::Cover(CoverEntry::Issued {
            number,
            payable,
            by,
            ..
        }) => (format!("issued the cover {number} of {payable}"), by, None),
        Control::Cover(CoverEntry::Voided { number, reason, by }) => (
            format!("voided the cover {number}"),
            by,
            Some(reason.clone()),
        ),
        Control::CreditIssued {
            contract,
            amount,
            reason,
            by,
        } => (
            format!("gave {amount} on {contract}"),
            by,
            Some(reason.clone()),
        ),
        Control::CreditGranted(Grant {
            grant, amount, by, ..
        }) => (
            format!("granted {amount} of prepaid credits as {grant}"),
            by,
            None,
        ),
        Control::CreditAmended(GrantAmended {
            grant, reason, by, ..
        }) => (
            format!("amended the grant {grant}"),
            by,
            Some(reason.clone()),
        ),
        Control::CreditVoided { grant, reason, by } => (
            format!("voided the grant {grant}"),
            by,
            Some(reason.clone()),
        ),
        Control::StatementCredited {
            number,
            line,
            reason,
            by,
        } => {
            let what = match line {
                Some(line) => format!("credited {line} of {number}"),
                None => format!("credited {number}"),
            };
            (what, by, Some(reason.clone()))
        }
        Control::DataRedacted {
            target_source,
            target_id,
            reason,
            by,
            ..
        } => (
            format!("redacted {target_source} {target_id}"),
            by,
            Some(reason.clone()),
        ),
        Control::PaymentAllocated(own) => (
            format!("allocated money of {}", named(&own.from)),
            &own.by,
            None,
        ),
        Control::PaymentRefunded(own) => (
            format!("refunded {} of {}", own.amount, named(&own.from)),
            &own.by,
            Some(own.reason.clone()),
        ),
        Control::PaymentVoided(own) => (
            format!("voided {}", own.entry),
            &own.by,
            Some(own.reason.clone()),
        ),
        Control::BalanceWrittenOff(own) => {
            let of = match &own.of {
                Balance::Statement(number) => number.clone(),
                Balance::OnAccount(from) => named(from).to_owned(),
            };
            (
                format!("wrote off {} of {of}", own.amount),
                &own.by,
                Some(own.reason.clone()),
            )
        }
        Control::BooksLocked(own) | Control::BooksUnlocked(own) => {
            let what = match own.until {
                Some(until) => format!("locked the books through {until}"),
                None => "unlocked the books".to_owned(),
            };
            (what, &own.by, Some(own.reason.clone()))
        }
        Control::CheckWaived(own) => (
            format!(
                "waived the check `{}` of {} until {}",
                own.check.word(),
                own.contract,
                own.until
            ),
            &own.by,
            Some(own.reason.clone()),
        ),
        // What is proposed and decided is of the seller-only log.
        Control::StatementStated { .. }
        | Control::PaymentRecorded(_)
        | Control::ApprovalProposed(_)
        | Control::ApprovalDecided(_)
        | Control::CloseRecorded(_) => return None,
    };
    Some(Approval {
        entry: content.entry,
        time: content.event.time,
        what,
        by: by.clone(),
        reason: reason.unwrap_or_default(),
    })
}

/// A payment by its id, a credit by its number.
fn named(from: &OnAccount) -> &str {
    match from {
        OnAccount::Payment(id) | OnAccount::Credit(id) => id,
    }
}

/// What a step of a quote is, and what was said to it.
fn quote_step(entry: &QuoteEntry) -> (String, Option<String>) {
    let number = entry.number();
    match entry {
        QuoteEntry::Drafted { .. } => (format!("drafted the quote {number}"), None),
        QuoteEntry::Sent { .. } => (format!("sent the quote {number}"), None),
        QuoteEntry::Accepted { how, .. } => (format!("accepted the quote {number}"), how.clone()),
        QuoteEntry::Declined { reason, .. } => {
            (format!("declined the quote {number}"), Some(reason.clone()))
        }
        QuoteEntry::Withdrawn { reason, .. } => {
            (format!("withdrew the quote {number}"), Some(reason.clone()))
        }
    }
}
