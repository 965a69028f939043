//! Waivers: somebody answers by name for statements that are issued although a check fails, until a day.
//!
//! What the buyer relies on is waived in the shared log, and the margin in the seller's own (semantics.md L2). Not
//! here: what a check finds. Invariant: of one contract and check the latest waiver is the one in force, and none is in
//! force for longer than [`WAIVED_DAYS_MAX`].

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use money::Amount;
use pages::view::{CheckVerdict, WaivedCheck};
use pricing::account::Held;
use store::Entry;
use work::Digest;
use work::body::{Body, CheckWaived, Control, PriceCheck};
use work::event::PIECEWORK;

use crate::Result;
use crate::accounts;
use crate::acts::{Acted, control};
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;
use crate::error::{Invalid, Refused};
use crate::limits::{CONTRACT_IN_ID_BYTES_MAX, WAIVED_DAYS_MAX, WAIVERS_OF_CHECK_MAX};
use crate::statements::Known;

/// Which check is waived, by whom and why.
#[derive(Debug, Clone, Copy)]
pub struct Waive<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// Which check.
    pub check: PriceCheck,
    /// Why.
    pub reason: &'a str,
    /// The last day on which it is waived, in the contract's zone.
    pub until: Date,
    /// Who waives it (a role or a name).
    pub by: &'a str,
    /// Id of the API key; nothing where it is no key.
    pub key: Option<&'a str>,
}

impl Book {
    /// Waives a check that fails: statements of the contract are issued until the day.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer or contract; [`Invalid::WaivedUntil`];
    /// [`Refused`] where the check does not fail, where nobody signed the contract, and where a second person has to
    /// approve it.
    pub fn waive(&self, act: &Waive<'_>, now: Timestamp) -> Result<Acted<WaivedCheck>> {
        self.waive_under(act, &Leave::Asked, now)
    }

    pub(crate) fn waive_under(
        &self,
        act: &Waive<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<WaivedCheck>> {
        let customer = act.customer;
        self.chosen(Some(customer))?;
        let _turn = self.turns.take(customer);
        let known = Known::of(self, customer)?;
        let held = accounts::contract(&known.account, act.contract)?;
        let contract = &held.agreement.id;
        let today = today(held, now);
        let last = today.checked_add(WAIVED_DAYS_MAX.days())?;
        if act.until < today || act.until > last {
            return Err(Invalid::WaivedUntil { today, last }.into());
        }
        let entry = CheckWaived {
            contract: contract.clone(),
            check: act.check,
            reason: act.reason.to_owned(),
            until: act.until,
            by: act.by.to_owned(),
        };
        let waivers = self.waivers(customer, contract, act.check)?;
        if matches!(leave, Leave::Asked)
            && let Some((before, same)) = waivers.last()
            && *same == entry
        {
            return Ok(Acted::before(told(before, same)));
        }
        let number = waivers.len() + 1;
        if number > WAIVERS_OF_CHECK_MAX {
            return Err(Refused::WaivedTooOften.into());
        }
        let found = self.check_one(&known.account, held, act.check, now)?;
        if found.verdict() != CheckVerdict::Fail {
            let check = act.check.word();
            return Err(Refused::NothingToWaive {
                check,
                verdict: found.verdict().word(),
            }
            .into());
        }
        let effect = act.effect(&entry, at_stake(self, &known, held, now)?);
        let mut entries = self.leave(leave, &effect, now)?;
        let id = waiver_id(contract, act.check, number);
        entries.push(control(customer, id, now, Control::CheckWaived(entry)));
        self.write(&entries, now)?;
        let waivers = self.waivers(customer, contract, act.check)?;
        let (entry, waived) = waivers.last().ok_or(crate::error::Damaged::Missing(
            "a waiver that was just recorded",
        ))?;
        Ok(Acted::now(told(entry, waived)))
    }

    /// The waiver of a check that is in force on the day of an instant.
    pub(crate) fn waived(
        &self,
        customer: &str,
        held: &Held,
        check: PriceCheck,
        now: Timestamp,
    ) -> Result<Option<WaivedCheck>> {
        let waivers = self.waivers(customer, &held.agreement.id, check)?;
        let latest = waivers
            .last()
            .filter(|(_, own)| own.until >= today(held, now));
        Ok(latest.map(|(entry, own)| told(entry, own)))
    }

    /// All waivers of a check of a contract, the earliest first.
    pub(crate) fn waivers(
        &self,
        customer: &str,
        contract: &str,
        check: PriceCheck,
    ) -> Result<Vec<(Entry, CheckWaived)>> {
        let mut waivers = Vec::new();
        for number in 1..=WAIVERS_OF_CHECK_MAX {
            let id = waiver_id(contract, check, number);
            let Some(entry) = self.entry_under(customer, PIECEWORK, &id)? else {
                break;
            };
            if let Body::Control(Control::CheckWaived(own)) = &entry.event.body {
                let own = own.clone();
                waivers.push((entry, own));
            }
        }
        Ok(waivers)
    }
}

impl Waive<'_> {
    /// What the waiver lets pass, for whoever has to approve it.
    fn effect(&self, entry: &CheckWaived, at_stake: Amount) -> Effect<'_> {
        let (contract, check) = (&entry.contract, entry.check.word());
        let until = entry.until;
        Effect {
            customer: self.customer,
            act: LimitedAct::Waive,
            amount: at_stake,
            what: format!(
                "waive the check `{check}` of {contract} until {until}: {}",
                self.reason
            ),
            before: Some("statements are not issued".to_owned()),
            after: Some(format!("statements are issued until {until}")),
            parts: vec![
                contract.clone(),
                check.to_owned(),
                until.to_string(),
                self.reason.to_owned(),
            ],
            request: Request::Waive {
                contract: contract.clone(),
                check: check.to_owned(),
                reason: self.reason.to_owned(),
                until,
            },
            by: self.by,
            key: self.key,
        }
    }
}

/// What a statement that is let pass is about: the greater of the last one that stands and of what the period that runs,
/// or ended last, would be stated with.
fn at_stake(book: &Book, known: &Known, held: &Held, now: Timestamp) -> Result<Amount> {
    let currency = held.agreement.latest().terms.contract.currency;
    let last = held.last_statement().map(|own| own.total(currency));
    let last = last.transpose()?.unwrap_or(Amount::zero(currency));
    let Some(period) = held.agreement.statement_periods(now).pop() else {
        return Ok(last);
    };
    let next = known.draw(book, held, period.end.at)?.total;
    let is_more = next.value().magnitude() > last.value().magnitude();
    Ok(if is_more { next } else { last })
}

/// The day of an instant in the contract's zone.
fn today(held: &Held, now: Timestamp) -> Date {
    let zone = &held.agreement.latest().terms.contract.time_zone;
    now.to_zoned(zone.clone()).date()
}

/// The id of a waiver. A contract with a long id gives its digest.
fn waiver_id(contract: &str, check: PriceCheck, number: usize) -> String {
    let check = check.word();
    if contract.len() > CONTRACT_IN_ID_BYTES_MAX {
        let digest = Digest::of(contract.as_bytes());
        return format!("check/{}/{check}/waived/{number}", digest.short());
    }
    format!("check/{contract}/{check}/waived/{number}")
}

pub(crate) fn told(entry: &Entry, own: &CheckWaived) -> WaivedCheck {
    WaivedCheck {
        customer: entry.event.customer.to_string(),
        contract: own.contract.clone(),
        check: own.check.word().to_owned(),
        reason: own.reason.clone(),
        until: own.until.to_string(),
        by: own.by.clone(),
        at: entry.event.time,
        log: entry.log.name().to_owned(),
        entry: entry.index,
    }
}
