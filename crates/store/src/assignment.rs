//! A cost of nobody that turns out to be somebody's.
//!
//! What names no customer is recorded under [`UNASSIGNED`]. Identities are by customer, so it cannot be moved:
//! it is recorded under the customer with the same source and id, and then taken back where it was. In that
//! order: whatever happens in between, it is in the book; and two costs that differ in nothing but whose they
//! are count once wherever costs are added up (`pricing::margin`). Doing it again finishes it. A cost that has
//! its customer and lacks its work is replaced in its own log.

use jiff::Timestamp;
use work::body::{Action, Body};
use work::event::{Authorship, PIECEWORK, UNASSIGNED};
use work::{Event, EventError, Header, Headers, LogKind, SmolStr};

use crate::limits::{ASSIGNMENT_SCAN_MAX, PAGE_ROWS_MAX};
use crate::{FactKind, FactsOf, Outcome, Store, StoreError};

/// Which cost, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its source.
    pub source: SmolStr,
    /// Its id.
    pub id: SmolStr,
    /// Whose it is.
    pub customer: SmolStr,
    /// The work that it was for, where that is known.
    pub work: Option<SmolStr>,
    /// The work-unit definition, where the work alone does not tell.
    pub unit: Option<SmolStr>,
}

/// Why a cost cannot be assigned.
#[derive(Debug, thiserror::Error)]
pub enum AssignmentError {
    /// The book cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody is no customer.
    #[error("name a customer that the book knows; `{0}` is none")]
    NoCustomer(SmolStr),
    /// There is none.
    #[error(
        "no cost `{id}` of the source `{source_of}` stands under nobody or under `{customer}`; \
         `piecework cost unassigned` lists them"
    )]
    NotFound {
        /// Whose it was to be.
        customer: SmolStr,
        /// Its source.
        source_of: SmolStr,
        /// Its id.
        id: SmolStr,
    },
    /// A customer's cost does not become another's.
    #[error(
        "it is a cost of `{0}` already; where that is wrong, void it there with an `event.corrected`"
    )]
    OtherCustomer(SmolStr),
    /// The customer has something else under that identity.
    #[error("`{0}` has another cost of this source and id, or had one and took it back")]
    Taken(SmolStr),
    /// The work or unit is no identifier.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The book did not take it.
    #[error("{0}")]
    Refused(String),
}

/// Gives a cost its customer and work. Whether that changed anything; doing it again does not.
///
/// # Errors
/// [`AssignmentError`]. Where it is [`AssignmentError::Store`], part of it may be done, and doing it again
/// finishes it.
pub fn assign(
    store: &dyn Store,
    assignment: &Assignment,
    at: Timestamp,
) -> Result<bool, AssignmentError> {
    let Assignment {
        source,
        id,
        customer,
        ..
    } = assignment;
    require_customer(store, customer)?;
    let own = standing(store, customer, source, id)?;
    let nobodys = standing(store, UNASSIGNED, source, id)?;
    let mut is_changed = false;
    match (own, &nobodys) {
        (None, None) => {
            return Err(AssignmentError::NotFound {
                customer: customer.clone(),
                source_of: source.clone(),
                id: id.clone(),
            });
        }
        (Some(own), Some(nobodys)) if !differ_only_in_whose(&own, nobodys) => {
            return Err(AssignmentError::Taken(customer.clone()));
        }
        (Some(own), _) => {
            let assigned = assignment.of(&own);
            if assigned != own {
                append(store, &replacing(&own, assigned, at), at)?;
                is_changed = true;
            }
        }
        (None, Some(nobodys)) => {
            if store.find(customer, source, id)?.is_some() {
                return Err(AssignmentError::Taken(customer.clone()));
            }
            require_no_other(store, customer, nobodys)?;
            append(store, &assignment.of(nobodys), at)?;
            is_changed = true;
        }
    }
    if let Some(nobodys) = nobodys {
        append(store, &voiding(&nobodys, customer), at)?;
        is_changed = true;
    }
    Ok(is_changed)
}

/// Costs of nobody, or costs of a customer without a work, from the entry `from` on; as many as `rows`, and
/// where to go on: `None` at the end.
///
/// # Errors
/// Where the book cannot be read.
pub fn unassigned(
    store: &dyn Store,
    customer: &str,
    from: u64,
    rows: usize,
) -> Result<(Vec<Event>, Option<u64>), StoreError> {
    let rows = rows.clamp(1, PAGE_ROWS_MAX);
    let mut found = Vec::new();
    let facts = store.facts(customer, FactKind::Cost, FactsOf::Within(from..u64::MAX))?;
    for (looked_at, fact) in facts.enumerate() {
        let fact = fact?;
        if found.len() == rows || looked_at == ASSIGNMENT_SCAN_MAX {
            return Ok((found, Some(fact.entry)));
        }
        if customer == UNASSIGNED || fact.event.work.is_none() {
            found.push(fact.event);
        }
    }
    Ok((found, None))
}

/// The correction that takes a cost back for which another one counts: of nobody where a customer has it, or told
/// by another feed.
#[must_use]
pub fn taking_back(told: &Event, counts: &Event) -> Event {
    if (&told.source, &told.id) == (&counts.source, &counts.id) {
        return voiding(told, &counts.customer);
    }
    let id = format!("told/{}", told.digest());
    let reason = format!("the call that `{}` tells as `{}`", counts.source, counts.id);
    correction(told, id, told.time, None, reason)
}

impl Assignment {
    /// The cost, assigned.
    fn of(&self, cost: &Event) -> Event {
        let mut assigned = Event {
            customer: self.customer.clone(),
            ..cost.clone()
        };
        if let Some(work) = &self.work {
            assigned.work = Some(work.clone());
            assigned.headers.set(Header::Work, work.clone());
        }
        if let Some(unit) = &self.unit {
            assigned.headers.set(Header::Unit, unit.clone());
        }
        assigned
    }
}

/// Whether two costs are one, of nobody and of somebody.
fn differ_only_in_whose(own: &Event, nobodys: &Event) -> bool {
    let own = Event {
        customer: nobodys.customer.clone(),
        work: nobodys.work.clone(),
        headers: nobodys.headers.clone(),
        ..own.clone()
    };
    own == *nobodys
}

fn require_customer(store: &dyn Store, customer: &SmolStr) -> Result<(), AssignmentError> {
    let mut is_known = customer != UNASSIGNED;
    if is_known {
        let sizes = [LogKind::Shared, LogKind::Seller].map(|log| store.head(customer, log));
        let [shared, seller] = sizes;
        is_known = shared? + seller? > 0;
    }
    match is_known {
        true => Ok(()),
        false => Err(AssignmentError::NoCustomer(customer.clone())),
    }
}

/// Another customer that has it: an assignment that was not finished.
fn require_no_other(
    store: &dyn Store,
    customer: &SmolStr,
    nobodys: &Event,
) -> Result<(), AssignmentError> {
    let mut after: Option<String> = None;
    loop {
        let page = store.customers(after.as_deref(), PAGE_ROWS_MAX)?;
        for other in &page {
            let name = other.customer.as_str();
            if name == UNASSIGNED || name == customer.as_str() {
                continue;
            }
            let theirs = standing(store, name, &nobodys.source, &nobodys.id)?;
            if theirs.is_some_and(|theirs| differ_only_in_whose(&theirs, nobodys)) {
                return Err(AssignmentError::OtherCustomer(name.into()));
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE_ROWS_MAX => after = Some(last.customer.clone()),
            _ => return Ok(()),
        }
    }
}

/// The cost that an identity of a customer stands for; `None` where there is none, or it is void.
///
/// # Errors
/// Where the book cannot be read.
pub fn standing(
    store: &dyn Store,
    customer: &str,
    source: &str,
    id: &str,
) -> Result<Option<Event>, StoreError> {
    let found = store.find(customer, source, id)?;
    let Some(found) = found.filter(|found| found.log == LogKind::Seller) else {
        return Ok(None);
    };
    let Some((first, _)) = found.contents.first() else {
        return Ok(None);
    };
    let mut facts = store.facts(
        customer,
        FactKind::Cost,
        FactsOf::Within(*first..*first + 1),
    )?;
    Ok(facts.next().transpose()?.map(|fact| fact.event))
}

fn append(store: &dyn Store, event: &Event, at: Timestamp) -> Result<(), AssignmentError> {
    // Read once more, so that nothing is made here that a sender could not send.
    let event = Event::from_json(&event.to_json())?;
    for outcome in store.append(std::slice::from_ref(&event), at)? {
        if let Outcome::Refused { pointer, problem } = outcome {
            return Err(AssignmentError::Refused(format!("{pointer}: {problem}")));
        }
    }
    Ok(())
}

/// Made of the contents alone, so that it is the same when it is made again.
fn voiding(content: &Event, customer: &str) -> Event {
    let id = format!("assigned/{}", content.digest());
    let reason = format!("a cost of {customer}");
    correction(content, id, content.time, None, reason)
}

/// Of several for one content the latest counts, so it has a time of its own.
fn replacing(content: &Event, assigned: Event, at: Timestamp) -> Event {
    let id = format!("assigned/{}/{at}", content.digest());
    let reason = "its work is known now".to_owned();
    correction(content, id, at, Some(Box::new(assigned)), reason)
}

fn correction(
    content: &Event,
    id: String,
    time: Timestamp,
    replacement: Option<Box<Event>>,
    reason: String,
) -> Event {
    let action = match &replacement {
        Some(_) => Action::Replace,
        None => Action::Void,
    };
    Event {
        id: id.into(),
        source: PIECEWORK.into(),
        customer: content.customer.clone(),
        time,
        work: None,
        traceparent: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        signature: None,
        body: Body::Corrected {
            target_source: content.source.clone(),
            target_id: content.id.clone(),
            target_digest: content.digest(),
            target_kind: content.body.tag(),
            action,
            replacement,
            reason: Some(reason),
        },
    }
}
