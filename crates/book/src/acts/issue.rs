//! Issuing a statement: what later statements differ from.

use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::account::Held;
use pricing::statement::{self, Statement};
use serde::{Serialize, Serializer};
use work::body::{Control, StatedCell};
use work::event::Authorship;

use super::Acted;
use crate::Result;
use crate::accounts;
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;
use crate::error::{Refused, Unsigned};
use crate::periods::statement_period;
use crate::statements::Known;
use crate::views::statement::{by_signature, sign_command};

/// Which statement is issued.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// Of which period.
    pub due: Due<'a>,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of the number where absent.
    pub id: Option<&'a str>,
}

/// Of which statement period; months are those in which a period begins, e.g. `2026-01`.
#[derive(Debug, Clone, Copy)]
pub enum Due<'a> {
    /// The last that has ended.
    Last,
    /// That of this month.
    Period(&'a str),
    /// The first that is not stated, up to that of this month.
    Through(&'a str),
    /// That which ends at this instant.
    Cut(Timestamp),
}

/// A statement that was issued.
#[derive(Debug, Clone, Serialize)]
pub struct Issued {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The printed number.
    pub number: String,
    /// The instant until which it states.
    pub cut: Timestamp,
    /// What it charges.
    #[serde(serialize_with = "view::json::amount")]
    pub total: Amount,
    /// Whose facts decided the total.
    pub authorship: Vec<Decided>,
    /// The rest of it: agreed, and decided by no fact.
    #[serde(serialize_with = "view::json::amount_option")]
    pub agreed: Option<Amount>,
    /// SHA-256 of its replayable body.
    pub digest: String,
}

/// What one author's facts decided.
#[derive(Debug, Clone, Serialize)]
pub struct Decided {
    /// Who.
    #[serde(serialize_with = "word")]
    pub authorship: Authorship,
    /// How much.
    #[serde(serialize_with = "view::json::amount")]
    pub amount: Amount,
    /// What of the buyer's part its signature stands behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_signature: Option<view::BySignature>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it so
fn word<S: Serializer>(authorship: &Authorship, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(authorship.word())
}

impl Book {
    /// Issues the statement of one contract. Its proof file is made by [`Book::keep_proof_file`].
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer, contract or period; [`Refused`] where
    /// the statement is issued already, the period is not over or the contract is a draft, where a check of
    /// the price fails ([`Refused::Checked`]), and where a second person has to approve it.
    pub fn issue(&self, act: &Issue<'_>, now: Timestamp) -> Result<Acted<Issued>> {
        self.issue_under(act, &Leave::Asked, now)
    }

    pub(crate) fn issue_under(
        &self,
        act: &Issue<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<Issued>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        if let Some(before) = self.issued_before(act, now)? {
            return Ok(Acted::before(before));
        }
        let known = Known::of(self, act.customer)?;
        let held = accounts::contract(&known.account, act.contract)?;
        let cut = cut(act, held, now)?;
        self.require_checked(&known.account, held, cut, now)?;
        let statement = known.draw(self, held, cut)?;
        let mut entries = self.leave(leave, &act.effect(&statement), now)?;
        let number = known.account.next_number(held);
        let coverage = known.account.coverage;
        entries.extend(statement.issue(&statement::Issue {
            number: &number,
            coverage,
            carry: self.carry(&known.account, cut)?.digest_on(self.threads),
            at: now,
            by: act.by,
        })?);
        if let (Some(id), Some(last)) = (act.id, entries.last_mut()) {
            last.id = id.into();
        }
        self.write(&entries, now)?;
        drop(known);
        self.note_issued(act.customer, coverage)?;
        Ok(Acted::now(issued(act.customer, number, &statement)))
    }

    /// The statement that the act's id issued before.
    fn issued_before(&self, act: &Issue<'_>, now: Timestamp) -> Result<Option<Issued>> {
        let before = self.done_before(act.customer, act.id, |_, said| match said {
            Control::StatementIssued {
                contract,
                cut,
                number,
                coverage,
                by,
                ..
            } if by == act.by && act.contract.is_none_or(|own| own == contract) => {
                Some((contract.clone(), *cut, number.clone(), *coverage))
            }
            _ => None,
        })?;
        let Some((contract, cut, number, coverage)) = before else {
            return Ok(None);
        };
        let known = Known::until(self, act.customer, coverage)?;
        let held = accounts::contract(&known.account, Some(&contract))?;
        let is_other = match act.due {
            Due::Period(month) => statement_period(held, Some(month), now)?.end.at != cut,
            Due::Cut(own) => own != cut,
            Due::Last | Due::Through(_) => false,
        };
        if is_other {
            let id = act.id.unwrap_or_default().to_owned();
            return Err(Refused::OtherAct { id }.into());
        }
        let statement = known.draw(self, held, cut)?;
        Ok(Some(issued(act.customer, number, &statement)))
    }
}

impl Issue<'_> {
    /// What issuing a statement does, for whoever has to approve it.
    pub(crate) fn effect(&self, statement: &Statement) -> Effect<'_> {
        let (contract, cut, total) = (&statement.contract, statement.cut, statement.total);
        Effect {
            customer: self.customer,
            act: LimitedAct::Issue,
            amount: total,
            what: format!("issue the statement of {contract} to {cut}: {total}"),
            before: None,
            after: Some(total.to_string()),
            parts: vec![
                contract.clone(),
                cut.to_string(),
                total.to_string(),
                StatedCell::digest(&statement.cells).to_string(),
            ],
            request: Request::Issue {
                contract: contract.clone(),
                cut,
                id: self.id.map(str::to_owned),
            },
            by: self.by,
            key: self.key,
        }
    }
}

/// The cut to issue, where it may be.
fn cut(act: &Issue<'_>, held: &Held, now: Timestamp) -> Result<Timestamp> {
    let is_stated = |cut: Timestamp| held.standing().any(|own| own.cut == cut);
    let due = match act.due {
        Due::Last | Due::Period(_) => {
            let named = match act.due {
                Due::Period(month) => Some(month),
                _ => None,
            };
            let end = statement_period(held, named, now)?.end.at;
            (!is_stated(end)).then_some(end)
        }
        Due::Through(month) => {
            let end = statement_period(held, Some(month), now)?.end.at;
            let stated = held.last_cut();
            let mut cuts = held.cuts(end).into_iter();
            cuts.find(|cut| stated.is_none_or(|stated| *cut > stated))
        }
        Due::Cut(cut) => (held.cuts(cut).last() == Some(&cut) && !is_stated(cut)).then_some(cut),
    };
    let cut = due.ok_or(Refused::NothingDue)?;
    may_issue(act.customer, held, cut, now)?;
    Ok(cut)
}

/// Refuses the statement of a cut that may not be issued yet: its period or the days of grace are not over, or nobody
/// signed the contract.
pub(crate) fn may_issue(customer: &str, held: &Held, cut: Timestamp, now: Timestamp) -> Result<()> {
    let customer = || customer.to_owned();
    if cut > now {
        let customer = customer();
        return Err(Refused::NotOver { customer, cut }.into());
    }
    if held.agreement.is_draft {
        return Err(Unsigned::Issue {
            command: sign_command(&customer(), held),
            customer: customer(),
        }
        .into());
    }
    let from = (held.agreement.latest().terms.contract).issuable_from(cut);
    if from > now {
        let customer = customer();
        return Err(Refused::InGrace {
            customer,
            cut,
            from,
        }
        .into());
    }
    Ok(())
}

fn issued(customer: &str, number: String, statement: &Statement) -> Issued {
    let decided = statement.authorship.iter();
    let decided = decided.filter_map(|(author, amount)| Some(((*author)?, *amount)));
    let decided = decided.map(|(authorship, amount)| Decided {
        authorship,
        amount,
        by_signature: (authorship == Authorship::Buyer)
            .then(|| by_signature(statement.by_signature)),
    });
    Issued {
        customer: customer.to_owned(),
        contract: statement.contract.clone(),
        number,
        cut: statement.cut,
        total: statement.total,
        authorship: decided.collect(),
        agreed: statement.authorship.get(&None).copied(),
        digest: statement.digest().to_string(),
    }
}
