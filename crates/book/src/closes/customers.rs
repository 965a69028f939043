//! What is open of a month at single customers, each looked at by itself, so that memory does not grow with them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pricing::account::{Account, Held};
use pricing::cover::Covering;
use work::LogKind;
use work::body::Kind;

use crate::Result;
use crate::acts::may_issue;
use crate::book::Book;
use crate::error::Error;
use crate::limits::HEADS_LOOKED_AT_MAX;
use crate::margins::{Costs, Scope};
use crate::periods::{month, statement_period};
use crate::side_by_side;

/// What was found, in words.
#[derive(Default)]
pub(super) struct Found {
    pub(super) unstated: Vec<String>,
    pub(super) drafts: Vec<String>,
    pub(super) disputes: Vec<String>,
    pub(super) heads: Vec<String>,
    pub(super) unpriced: Vec<String>,
}

impl Found {
    /// What was found at a further customer comes behind it.
    fn add(&mut self, further: Found) {
        let Found {
            unstated,
            drafts,
            disputes,
            heads,
            unpriced,
        } = further;
        self.unstated.extend(unstated);
        self.drafts.extend(drafts);
        self.disputes.extend(disputes);
        self.heads.extend(heads);
        self.unpriced.extend(unpriced);
    }
}

impl Book {
    /// What is open at every customer.
    pub(super) fn found_of_customers(&self, text: &str, now: Timestamp) -> Result<Found> {
        let customers = self.customers()?.into_iter().map(|own| own.customer);
        let customers: Vec<String> = customers.collect();
        let of_each = side_by_side::each(self.threads, &customers, |customer| {
            let mut found = Found::default();
            let account = self.account(customer, None)?;
            for held in &account.contracts {
                self.found_of_contract((&account, held), text, now, &mut found)?;
            }
            found.unpriced.extend(self.unpriced(customer, text, now)?);
            self.forget_accounts(customer);
            Ok(found)
        })?;
        let mut found = Found::default();
        for own in of_each {
            found.add(own);
        }
        Ok(found)
    }

    /// The costs of a customer's month that have no price, in words.
    fn unpriced(&self, customer: &str, text: &str, now: Timestamp) -> Result<Option<String>> {
        let scope = Scope {
            customer: Some(customer.to_owned()),
            month: Some(month(text)?),
            as_of: now,
            costs: Costs::default(),
        };
        match self.margin(&scope, &[]) {
            Ok(margin) => {
                let unpriced = margin.unpriced;
                let models = unpriced.models.join(", ");
                let told = format!("{customer}: {} costs ({models})", unpriced.entries);
                Ok((unpriced.entries > 0).then_some(told))
            }
            // A margin over two currencies has no sum, and is looked at by hand.
            Err(Error::Refused(error)) => Ok(Some(format!("{customer}: {error}"))),
            Err(Error::Absent(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn found_of_contract(
        &self,
        (account, held): (&Account, &Held),
        text: &str,
        now: Timestamp,
        found: &mut Found,
    ) -> Result<()> {
        let (customer, contract) = (&account.customer, &held.agreement.id);
        if held.agreement.is_draft {
            let until = month(text)?.last_of_month().tomorrow()?;
            let until = until.to_zoned(TimeZone::UTC)?.timestamp();
            let works = held.units.iter().filter(|unit| unit.opened < until).count();
            let usage = held.usage.iter().filter(|usage| usage.time < until).count();
            if works + usage > 0 {
                let told = format!("{customer}: {works} works, {usage} usages");
                found.drafts.push(told);
            }
            return Ok(());
        }
        // A contract without a period that begins in the month has nothing to state of it.
        let Ok(period) = statement_period(held, Some(text), now) else {
            return Ok(());
        };
        let cut = period.end.at;
        let stated = held.standing().find(|own| own.cut == cut);
        let Some(issued) = stated else {
            let is_covered = held.last_cut().is_some_and(|last| last > cut);
            if !is_covered {
                let why = match may_issue(customer, held, cut, now) {
                    Ok(()) => "not issued".to_owned(),
                    Err(error) => error.to_string(),
                };
                found.unstated.push(format!("{customer} {contract}: {why}"));
            }
            return Ok(());
        };
        if account.covering(held, issued) == Covering::Awaited {
            let told = format!("{customer} {contract}: {} waits for a cover", issued.number);
            found.unstated.push(told);
        }
        let disputed = held.units.iter().filter(|unit| {
            let counted = unit.movements.iter().any(|own| own.instant < cut);
            counted && unit.disputes.iter().any(|own| own.is_open_at(now))
        });
        let disputed = disputed.map(|unit| format!("{customer} {}", unit.key.scope.join(",")));
        found.disputes.extend(disputed);
        let has_key = account
            .entries
            .iter()
            .any(|entry| entry.kind == Kind::KeyPublished);
        if has_key && !self.is_acknowledged(customer, issued.coverage)? {
            found.heads.push(format!("{customer} {}", issued.number));
        }
        Ok(())
    }

    /// Whether the buyer cosigned a head that covers so many entries. Only what was verified is kept, so a line that
    /// is not the log's own is the buyer's.
    fn is_acknowledged(&self, customer: &str, coverage: u64) -> Result<bool> {
        let origin = self.origin(customer)?;
        let mut at_most = u64::MAX;
        for _ in 0..HEADS_LOOKED_AT_MAX {
            let Some(note) = self.signed_head(customer, LogKind::Shared, at_most)? else {
                return Ok(false);
            };
            let head: tlog::Checkpoint = note.text().parse()?;
            if head.size() < coverage {
                return Ok(false);
            }
            if note
                .signatures()
                .iter()
                .any(|line| line.name().as_str() != origin)
            {
                return Ok(true);
            }
            let Some(before) = head.size().checked_sub(1) else {
                return Ok(false);
            };
            at_most = before;
        }
        Ok(false)
    }
}
