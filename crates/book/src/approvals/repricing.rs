//! What re-pricing changes of closed periods, for whoever has to approve it.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use work::Digest;

use super::{Effect, LimitedAct, Request};
use crate::Result;
use crate::acts::ContractText;
use crate::book::Book;
use crate::limits::PREVIEW_PERIODS_MAX;
use crate::previews::Change;

/// What a change of contract makes of closed periods.
pub(crate) struct Repriced {
    contract: String,
    from: Date,
    document: Digest,
    /// By how much closed periods change, whatever the sign.
    change: Amount,
    before: Amount,
    after: Amount,
    periods: Vec<String>,
}

impl Book {
    /// What a contract document would make of the closed periods of a customer.
    pub(crate) fn repriced(
        &self,
        (customer, contract): (&str, &str),
        from: Date,
        text: &str,
        now: Timestamp,
    ) -> Result<Repriced> {
        let name = format!("the contract {contract}");
        let change = Change {
            customer,
            contract: Some(contract),
            document: Some(ContractText { name: &name, text }),
            plan: None,
            from,
            periods: PREVIEW_PERIODS_MAX,
        };
        let (preview, currency) = self.preview_terms(&change, now)?;
        let zero = Amount::zero(currency);
        let (mut sum, mut before, mut after) = (zero, zero, zero);
        let mut periods = Vec::new();
        for bill in &preview.closed {
            let own = bill.after.minus(bill.before)?;
            sum = sum.plus(if own.is_negative() {
                own.negated()
            } else {
                own
            })?;
            before = before.plus(bill.before)?;
            after = after.plus(bill.after)?;
            periods.push(format!("{} {} {}", bill.from, bill.before, bill.after));
        }
        Ok(Repriced {
            contract: contract.to_owned(),
            from,
            document: Digest::of(text.as_bytes()),
            change: sum,
            before,
            after,
            periods,
        })
    }
}

impl Repriced {
    pub(crate) fn effect<'a>(
        &self,
        customer: &'a str,
        request: Request,
        (by, key): (&'a str, Option<&'a str>),
    ) -> Effect<'a> {
        let mut parts = vec![
            self.contract.clone(),
            self.from.to_string(),
            self.document.to_string(),
        ];
        parts.extend(self.periods.iter().cloned());
        Effect {
            customer,
            act: LimitedAct::Reprice,
            amount: self.change,
            what: format!(
                "price {} again from {}: closed periods change by {}",
                self.contract, self.from, self.change
            ),
            before: Some(self.before.to_string()),
            after: Some(self.after.to_string()),
            parts,
            request,
            by,
            key,
        }
    }
}
