//! Proposals: acts above a limit of `[approvals]`, which wait for a second person.
//!
//! An act that is above its limit is not done: what it was asked for is kept in the seller-only log, with a digest of
//! what it would do. Somebody else approves it, and it is done exactly as it was asked for, in one commit with the
//! approval; or declines it. Invariants: whoever proposed does not approve, neither by name nor by key; an act that
//! would do something else than when it was proposed is refused; of a proposal there is one decision.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use money::Amount;
use pages::view;
use serde::{Deserialize, Serialize};
use store::{FactKind, FactsOf};
use work::body::{Answer, Body, Control, Decided, PriceCheck, Proposed};
use work::effective::Fact;
use work::event::PIECEWORK;
use work::limits::APPROVED_ENTRIES_MAX;
use work::{Digest, Event};

use super::{LimitedAct, changes};
use crate::acts::{self, Acted, ContractText, CreditAct, Due, control};
use crate::book::Book;
use crate::checks::Waive;
use crate::error::{Absent, Refused};
use crate::limits::PROPOSED_AGAIN_MAX;
use crate::{Error, Result};

/// An act as it was asked for: what is done once it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Request {
    Issue {
        contract: String,
        cut: Timestamp,
        id: Option<String>,
    },
    Credit {
        contract: String,
        amount: String,
        reason: String,
        id: Option<String>,
    },
    /// The entry that grants, as it would be appended.
    Grant { entry: String },
    /// The entry that refunds or writes off; of the epoch where it is of whenever it is done.
    Money { entry: String },
    CreditStatement {
        number: String,
        line: Option<String>,
        reason: String,
        id: Option<String>,
    },
    Void {
        number: String,
        reason: String,
        id: Option<String>,
    },
    Amend {
        contract: String,
        from: Date,
        document: String,
        reprice: String,
        id: Option<String>,
    },
    RollBack {
        contract: String,
        from: Date,
        to_version: u32,
        reprice: String,
        id: Option<String>,
    },
    Waive {
        contract: String,
        check: String,
        reason: String,
        until: Date,
    },
}

/// The id of an entry as it was asked for, where the book gives it one.
pub(crate) const UNNAMED: &str = "unnamed";

/// How an act comes to be done.
#[derive(Debug, Clone)]
pub(crate) enum Leave {
    /// Somebody asks for it.
    Asked,
    /// A second person approved what was proposed.
    Given(Box<Given>),
}

/// The approval that an act is done under.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    proposal: String,
    effect: Digest,
    decided: Event,
}

/// What an act would do, for whoever has to approve it.
pub(crate) struct Effect<'a> {
    pub(crate) customer: &'a str,
    pub(crate) act: LimitedAct,
    pub(crate) amount: Amount,
    /// In words.
    pub(crate) what: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// Everything that makes it this effect and no other.
    pub(crate) parts: Vec<String>,
    pub(crate) request: Request,
    pub(crate) by: &'a str,
    pub(crate) key: Option<&'a str>,
}

/// Who decides about a proposal.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The proposal's id.
    pub proposal: &'a str,
    /// Who (a role or a name).
    pub by: &'a str,
    /// Id of the API key; nothing where it is no key.
    pub key: Option<&'a str>,
    /// Why; needed to decline.
    pub reason: Option<&'a str>,
}

/// A proposal that was approved, and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approved {
    /// The proposal.
    #[serde(flatten)]
    pub proposal: view::Proposal,
    /// The number of the statement that it issued.
    pub statement: Option<String>,
}

fn entry_id(proposal: &str) -> String {
    format!("approval/{proposal}")
}

fn decided_id(proposal: &str) -> String {
    format!("approval/{proposal}/decided")
}

impl Book {
    /// Whether an act may be done: the entries that are appended with it, none where it is within its limit. To be
    /// asked within the turn of the act.
    ///
    /// # Errors
    /// [`Refused::Proposed`] where a second person has to approve it: it is proposed. [`Refused::EffectChanged`],
    /// [`Refused::AlreadyDecided`].
    pub(crate) fn leave(
        &self,
        leave: &Leave,
        effect: &Effect<'_>,
        now: Timestamp,
    ) -> Result<Vec<Event>> {
        let digest = Digest::of(effect.parts.join("\n").as_bytes());
        match leave {
            Leave::Given(given) => {
                let proposal = || given.proposal.clone();
                if given.effect != digest {
                    let proposal = proposal();
                    return Err(Refused::EffectChanged { proposal }.into());
                }
                if self.decision(effect.customer, &given.proposal)?.is_some() {
                    let proposal = proposal();
                    return Err(Refused::AlreadyDecided { proposal }.into());
                }
                Ok(vec![given.decided.clone()])
            }
            Leave::Asked if self.config.approvals.asks_for(effect.act, effect.amount) => {
                let proposal = self.propose(effect, digest, now)?;
                Err(Refused::Proposed(Box::new(proposal)).into())
            }
            Leave::Asked => Ok(Vec::new()),
        }
    }

    /// Keeps a proposal; the one that is open where the same was proposed before.
    fn propose(
        &self,
        effect: &Effect<'_>,
        digest: Digest,
        now: Timestamp,
    ) -> Result<view::Proposal> {
        let customer = effect.customer;
        let request = serde_json::to_string(&effect.request).unwrap_or_default(); // texts and numbers alone
        let content = format!("{customer}\n{request}\n{digest}\n{}", effect.by);
        let stem = format!("p-{}", &Digest::of(content.as_bytes()).short()[..8]);
        for again in 1..=PROPOSED_AGAIN_MAX {
            let id = match again {
                1 => stem.clone(),
                again => format!("{stem}-{again}"),
            };
            if let Some(known) = self.proposed(customer, &id)? {
                if known.is_open(now) {
                    return Ok(known.view(customer, now));
                }
                continue;
            }
            let days = i64::from(self.config.approvals.expires_days());
            let proposed = Proposed {
                proposal: id.clone(),
                act: effect.act.word().to_owned(),
                request,
                effect: digest,
                amount: effect.amount,
                what: effect.what.clone(),
                before: effect.before.clone(),
                after: effect.after.clone(),
                expires: now.checked_add(SignedDuration::from_hours(24 * days))?,
                by: effect.by.to_owned(),
                key: effect.key.map(str::to_owned),
            };
            let known = Known {
                proposed: proposed.clone(),
                at: now,
                decided: None,
            };
            let entry = Control::ApprovalProposed(Box::new(proposed));
            self.write(&[control(customer, entry_id(&id), now, entry)], now)?;
            return Ok(known.view(customer, now));
        }
        Err(Refused::ProposedTooOften.into())
    }

    /// Proposals, the oldest first: of one customer, or of everybody; only those that are open, or all.
    ///
    /// # Errors
    /// Where there is no such customer, or the state cannot be read.
    pub fn proposals(
        &self,
        customer: Option<&str>,
        is_open: bool,
        now: Timestamp,
    ) -> Result<Vec<view::Proposal>> {
        let customers = match customer {
            Some(customer) => self.chosen(Some(customer))?,
            None => (self.customers()?.into_iter())
                .map(|own| own.customer)
                .collect(),
        };
        let mut found = Vec::new();
        for customer in customers {
            let known = self.known_proposals(&customer)?;
            let known = known.iter().filter(|own| !is_open || own.is_open(now));
            found.extend(known.map(|own| own.view(&customer, now)));
        }
        found.sort_by(|a, b| (a.at, &a.proposal).cmp(&(b.at, &b.proposal)));
        Ok(found)
    }

    /// One proposal.
    ///
    /// # Errors
    /// [`Absent::Proposal`].
    pub fn proposal(&self, customer: &str, id: &str, now: Timestamp) -> Result<view::Proposal> {
        Ok(self.known_proposal(customer, id)?.view(customer, now))
    }

    /// Approves a proposal, and does the act.
    ///
    /// # Errors
    /// [`Absent::Proposal`]; [`Refused`] where the same person proposed it, it was decided or has expired, it would do
    /// something else by now, or the act itself is refused; nothing is changed then.
    pub fn approve(&self, act: &Deciding<'_>, now: Timestamp) -> Result<Acted<Approved>> {
        let known = self.known_proposal(act.customer, act.proposal)?;
        let proposal = act.proposal.to_owned();
        if let Some((decided, _)) = &known.decided {
            if decided.answer == Answer::Approved && decided.by == act.by {
                return Ok(Acted::before(Approved {
                    proposal: known.view(act.customer, now),
                    statement: None,
                }));
            }
            return Err(Refused::AlreadyDecided { proposal }.into());
        }
        if !known.is_open(now) {
            let expired = known.proposed.expires;
            return Err(Refused::ProposalExpired { proposal, expired }.into());
        }
        if is_same_person(&known.proposed, act) {
            let by = known.proposed.by;
            return Err(Refused::SamePerson { proposal, by }.into());
        }
        let decided = act.decided(Answer::Approved);
        let entry = Control::ApprovalDecided(decided);
        let leave = Leave::Given(Box::new(Given {
            proposal: proposal.clone(),
            effect: known.proposed.effect,
            decided: control(act.customer, decided_id(&proposal), now, entry),
        }));
        let statement = self.perform(act.customer, &known.proposed, &leave, now)?;
        Ok(Acted::now(Approved {
            proposal: self.proposal(act.customer, act.proposal, now)?,
            statement,
        }))
    }

    /// Declines a proposal; whoever proposed it may take it back so.
    ///
    /// # Errors
    /// [`Absent::Proposal`]; [`Refused::AlreadyDecided`].
    pub fn decline(&self, act: &Deciding<'_>, now: Timestamp) -> Result<Acted<view::Proposal>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let known = self.known_proposal(act.customer, act.proposal)?;
        let decided = act.decided(Answer::Declined);
        if let Some((before, _)) = &known.decided {
            if *before == decided {
                return Ok(Acted::before(known.view(act.customer, now)));
            }
            let proposal = act.proposal.to_owned();
            return Err(Refused::AlreadyDecided { proposal }.into());
        }
        let id = decided_id(act.proposal);
        let entry = control(act.customer, id, now, Control::ApprovalDecided(decided));
        self.write(&[entry], now)?;
        Ok(Acted::now(self.proposal(
            act.customer,
            act.proposal,
            now,
        )?))
    }

    /// Does what was proposed; the number of a statement that it issued.
    fn perform(
        &self,
        customer: &str,
        proposed: &Proposed,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let unreadable = || Refused::UnreadableProposal {
            proposal: proposed.proposal.clone(),
        };
        let request: Request = serde_json::from_str(&proposed.request).map_err(|_| unreadable())?;
        let (by, key) = (proposed.by.as_str(), proposed.key.as_deref());
        match &request {
            Request::Issue { contract, cut, id } => {
                let act = acts::Issue {
                    customer,
                    contract: Some(contract),
                    due: Due::Cut(*cut),
                    by,
                    key,
                    id: id.as_deref(),
                };
                let issued = self.issue_under(&act, leave, now)?;
                return Ok(Some(issued.what.number));
            }
            Request::Credit {
                contract,
                amount,
                reason,
                id,
            } => {
                let act = acts::Credit {
                    customer,
                    contract: Some(contract),
                    amount: amount.parse().map_err(|_| unreadable())?,
                    reason,
                    by,
                    key,
                    id: id.as_deref(),
                };
                self.credit_under(&act, leave, now)?;
            }
            Request::Grant { entry } => {
                let event = Event::parse(entry).map_err(|_| unreadable())?;
                let Body::Control(Control::CreditGranted(grant)) = event.body else {
                    return Err(unreadable().into());
                };
                let act = CreditAct::Grant(grant);
                let names = (Some(event.id.as_str()), key);
                self.credits_act_under(customer, &act, names, leave, now)?;
            }
            Request::Money { entry } => {
                let event = Event::parse(entry).map_err(|_| unreadable())?;
                let id = Some(event.id.as_str()).filter(|id| *id != UNNAMED);
                match &event.body {
                    Body::Control(Control::PaymentRefunded(own)) => {
                        let at = Some(event.time).filter(|at| *at != Timestamp::UNIX_EPOCH);
                        let act = acts::GiveBack {
                            customer,
                            from: &own.from,
                            amount: Some(own.amount),
                            at: at.map(acts::PaidAt::Instant),
                            reference: own.reference.as_deref(),
                            reason: &own.reason,
                            by,
                            key,
                            id,
                        };
                        self.refund_under(&act, leave, now)?;
                    }
                    Body::Control(Control::BalanceWrittenOff(own)) => {
                        let act = acts::GiveUp {
                            customer,
                            of: &own.of,
                            amount: Some(own.amount),
                            reason: &own.reason,
                            by,
                            key,
                            id,
                        };
                        self.write_off_under(&act, leave, now)?;
                    }
                    _ => return Err(unreadable().into()),
                }
            }
            Request::CreditStatement {
                number,
                line,
                reason,
                id,
            } => {
                let act = acts::CreditStatement {
                    customer,
                    number,
                    line: line.as_deref(),
                    reason,
                    by,
                    key,
                    id: id.as_deref(),
                };
                self.credit_statement_under(&act, leave, now)?;
            }
            Request::Void { number, reason, id } => {
                let act = acts::Void {
                    customer,
                    number,
                    reason,
                    by,
                    key,
                    id: id.as_deref(),
                };
                self.void_under(&act, leave, now)?;
            }
            Request::Amend {
                contract,
                from,
                document,
                reprice,
                id,
            } => {
                let name = format!("the contract of proposal {}", proposed.proposal);
                let act = acts::Amend {
                    customer,
                    contract: Some(contract),
                    from: *from,
                    document: Some(ContractText {
                        name: &name,
                        text: document,
                    }),
                    reprice: Some(reprice),
                    by,
                    key,
                    id: id.as_deref(),
                };
                self.amend_under(&act, leave, now)?;
            }
            Request::RollBack {
                contract,
                from,
                to_version,
                reprice,
                id,
            } => {
                let act = acts::RollBack {
                    customer,
                    contract: Some(contract),
                    to_version: *to_version,
                    from: *from,
                    reprice: Some(reprice),
                    by,
                    key,
                    id: id.as_deref(),
                };
                self.roll_back_under(&act, leave, now)?;
            }
            Request::Waive {
                contract,
                check,
                reason,
                until,
            } => {
                let mut words = PriceCheck::WORDS.iter();
                let check = words.find(|(word, _)| word == check);
                let act = Waive {
                    customer,
                    contract: Some(contract),
                    check: check.ok_or_else(unreadable)?.1,
                    reason,
                    until: *until,
                    by,
                    key,
                };
                self.waive_under(&act, leave, now)?;
            }
        }
        Ok(None)
    }

    fn known_proposal(&self, customer: &str, id: &str) -> Result<Known> {
        self.chosen(Some(customer))?;
        let absent = || Absent::Proposal {
            customer: customer.to_owned(),
            proposal: id.to_owned(),
        };
        Ok(self.proposed(customer, id)?.ok_or_else(absent)?)
    }

    fn proposed(&self, customer: &str, id: &str) -> Result<Option<Known>> {
        let Some(entry) = self.entry_under(customer, PIECEWORK, &entry_id(id))? else {
            return Ok(None);
        };
        let at = entry.event.time;
        let Body::Control(Control::ApprovalProposed(proposed)) = entry.event.body else {
            return Ok(None);
        };
        Ok(Some(Known {
            proposed: *proposed,
            at,
            decided: self.decision(customer, id)?,
        }))
    }

    fn decision(&self, customer: &str, id: &str) -> Result<Option<(Decided, Timestamp)>> {
        let Some(entry) = self.entry_under(customer, PIECEWORK, &decided_id(id))? else {
            return Ok(None);
        };
        let at = entry.event.time;
        Ok(match entry.event.body {
            Body::Control(Control::ApprovalDecided(decided)) => Some((decided, at)),
            _ => None,
        })
    }

    /// The proposals of a customer, in the order of the log.
    pub(super) fn known_proposals(&self, customer: &str) -> Result<Vec<Known>> {
        let mut known: Vec<Known> = Vec::new();
        let facts = self
            .store
            .facts(customer, FactKind::Approval, FactsOf::Customer)?;
        for fact in facts {
            let Fact { event, .. } = fact?;
            let at = event.time;
            match event.body {
                Body::Control(Control::ApprovalProposed(proposed)) => known.push(Known {
                    proposed: *proposed,
                    at,
                    decided: None,
                }),
                Body::Control(Control::ApprovalDecided(decided)) => {
                    let mut open = known.iter_mut();
                    let own = open.find(|own| own.proposed.proposal == decided.proposal);
                    if let Some(own) = own {
                        own.decided = Some((decided, at));
                    }
                }
                _ => {}
            }
        }
        Ok(known)
    }
}

/// A proposal and what became of it.
pub(super) struct Known {
    pub(super) proposed: Proposed,
    pub(super) at: Timestamp,
    pub(super) decided: Option<(Decided, Timestamp)>,
}

impl Known {
    fn is_open(&self, now: Timestamp) -> bool {
        self.decided.is_none() && now < self.proposed.expires
    }

    pub(super) fn view(&self, customer: &str, now: Timestamp) -> view::Proposal {
        let own = &self.proposed;
        let decided = self.decided.as_ref();
        let state = match decided {
            Some((decided, _)) => decided.answer.word(),
            None if self.is_open(now) => "open",
            None => "expired",
        };
        view::Proposal {
            customer: customer.to_owned(),
            proposal: own.proposal.clone(),
            act: own.act.clone(),
            amount: own.amount,
            what: own.what.clone(),
            before: own.before.clone(),
            after: own.after.clone(),
            by: own.by.clone(),
            key: own.key.clone(),
            at: self.at,
            expires: own.expires,
            state: state.to_owned(),
            decided_by: decided.map(|(own, _)| own.by.clone()),
            decided_key: decided.and_then(|(own, _)| own.key.clone()),
            decided_at: decided.map(|(_, at)| *at),
            reason: decided.and_then(|(own, _)| own.reason.clone()),
        }
    }
}

impl Deciding<'_> {
    fn decided(&self, answer: Answer) -> Decided {
        Decided {
            proposal: self.proposal.to_owned(),
            answer,
            reason: self.reason.map(str::to_owned),
            by: self.by.to_owned(),
            key: self.key.map(str::to_owned),
            done: Vec::new(),
        }
    }
}

/// The entries of an approved act, the approval naming those that are the act; nothing where no approval comes first.
pub(crate) fn naming_what_is_done(entries: &[Event]) -> Option<Vec<Event>> {
    let (first, acts) = entries.split_first()?;
    let Body::Control(Control::ApprovalDecided(decided)) = &first.body else {
        return None;
    };
    let is_act = |own: &&Event| match &own.body {
        Body::Control(control) => changes::is_limited(control),
        _ => false,
    };
    let done = acts.iter().filter(is_act).map(|own| own.id.to_string());
    let decided = Decided {
        done: done.take(APPROVED_ENTRIES_MAX).collect(),
        ..decided.clone()
    };
    let first = Event {
        body: Body::Control(Control::ApprovalDecided(decided)),
        ..first.clone()
    };
    Some([&[first], acts].concat())
}

/// Whether somebody decides about what the same person proposed: by name, however it is written, or by key.
fn is_same_person(proposed: &Proposed, act: &Deciding<'_>) -> bool {
    let name = |text: &str| text.trim().to_lowercase();
    let keys = proposed.key.as_deref().zip(act.key);
    name(&proposed.by) == name(act.by) || keys.is_some_and(|(one, other)| one == other)
}

impl Error {
    /// The proposal that was made in place of the act, where that is all that is in the way.
    #[must_use]
    pub fn proposal(&self) -> Option<&view::Proposal> {
        match self {
            Error::Refused(Refused::Proposed(proposal)) => Some(proposal),
            _ => None,
        }
    }
}
