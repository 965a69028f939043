//! What keeps a statement from being issued.
//!
//! Only what can fail is asked, and nothing that takes reading a log: a customer with a million works is issued as
//! quickly as before. The margin is asked where the configuration names a least one.

use jiff::Timestamp;
use pages::view::{BlockingCheck, CheckReason, CheckVerdict};
use pricing::account::{Account, Held};
use work::body::PriceCheck;

use super::{Found, Priced, in_force};
use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::error::Refused;

/// The refusal of a statement, in words: the check, why, and both ways on.
pub(crate) fn in_words(blocked: &BlockingCheck) -> String {
    let BlockingCheck {
        customer,
        contract,
        check,
        reason,
        remedy,
    } = blocked;
    format!(
        "no statement of {contract} is issued, because the check `{check}` fails: {reason}. To mend it, {remedy}. Or somebody \
         answers for it: `piecework check waive {check} --customer {customer} --contract {contract} --by ROLE --reason TEXT \
         --until DATE`"
    )
}

impl Book {
    /// What keeps statements of a contract from being issued; up to a cut, or now.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer or contract; where the book cannot be read.
    pub fn blocking_check(
        &self,
        customer: &str,
        contract: &str,
        cut: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<BlockingCheck>> {
        self.require_customer(customer)?;
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, Some(contract))?;
        self.blocked(&account, held, cut.unwrap_or(now), now)
    }

    /// What keeps statements of a contract up to a cut from being issued; the terms are those in force just before it.
    ///
    /// # Errors
    /// Where the book cannot be read.
    pub(crate) fn blocked(
        &self,
        account: &Account,
        held: &Held,
        cut: Timestamp,
        now: Timestamp,
    ) -> Result<Option<BlockingCheck>> {
        let terms = &in_force(held, before(cut)).terms;
        let priced = Priced::by(terms);
        let mut checks = vec![
            PriceCheck::Order,
            PriceCheck::Attribution,
            PriceCheck::Proof,
        ];
        if self.config.checks.margin_at_least().is_some() {
            checks.push(PriceCheck::Margin);
        }
        if priced.outcomes().next().is_none() && priced.over_a_baseline().next().is_none() {
            checks.retain(|check| *check == PriceCheck::Margin);
        }
        for check in checks {
            let found = self.check_under(account, held, terms, check, now)?;
            if found.verdict() == CheckVerdict::Fail
                && self.waived(&account.customer, held, check, now)?.is_none()
            {
                return Ok(Some(blocked(account, held, check, &found)));
            }
        }
        Ok(None)
    }

    /// Refuses a statement that a check keeps from being issued.
    ///
    /// # Errors
    /// [`Refused::Checked`].
    pub(crate) fn require_checked(
        &self,
        account: &Account,
        held: &Held,
        cut: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        match self.blocked(account, held, cut, now)? {
            None => Ok(()),
            Some(blocked) => Err(Refused::Checked(Box::new(blocked)).into()),
        }
    }
}

fn blocked(account: &Account, held: &Held, check: PriceCheck, found: &Found) -> BlockingCheck {
    let fails = |own: &&CheckReason| own.verdict == CheckVerdict::Fail;
    let reason = found.reasons.iter().find(fails);
    BlockingCheck {
        customer: account.customer.clone(),
        contract: held.agreement.id.clone(),
        check: check.word().to_owned(),
        reason: reason.map_or(String::new(), |own| own.says.clone()),
        remedy: found.remedy.unwrap_or_default().to_owned(),
    }
}

/// The last instant before another.
fn before(instant: Timestamp) -> Timestamp {
    let step = jiff::SignedDuration::from_nanos(1);
    instant.checked_sub(step).unwrap_or(instant)
}
