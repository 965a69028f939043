//! [`Kept`]: the running totals of one customer, and how they follow its log.
//!
//! Invariant: after [`Kept::follow`] the totals are those of the log at a size that everything acknowledged
//! before the call is in. Whatever the totals cannot follow (what governs changed, a correction of something that
//! is no work) makes them begin again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pricing::account::{Account, Held, claim};
use pricing::cell::{Credit, Running, SeatChange, Usage};
use pricing::contract::Agreement;
use pricing::published::is_rated;
use store::{FactKind, FactsOf, ScopeId, SettledSince, SettledUnit, Store, UnitsOf};
use work::body::{Body, Control, DocumentKind};
use work::effective::Content;
use work::settle::Unit;
use work::{Event, LogKind};

use crate::Result;
use crate::book::Book;

/// The kinds of facts that say what governs a customer.
const GOVERNING: [FactKind; 2] = [FactKind::Document, FactKind::Contract];
/// The kinds that say beside them what a decision about a statement comes to.
const DECIDING: [FactKind; 5] = [
    FactKind::Stated,
    FactKind::Statement,
    FactKind::Void,
    FactKind::Payment,
    FactKind::Decision,
];

/// The running totals of one customer.
pub(super) struct Kept {
    customer: String,
    /// Entries of the shared log that are in it.
    pub(super) size: u64,
    pub(super) contracts: Vec<Running<ScopeId>>,
    /// The earliest time in the log, where the terms are a draft that begins with it.
    draft_since: Option<Timestamp>,
    /// What was stated and granted, where it was asked for.
    ledger: Option<Account>,
}

/// The kinds of facts that say what governs a customer, what was stated and what was granted.
const LEDGER: [FactKind; 6] = [
    FactKind::Document,
    FactKind::Contract,
    FactKind::Stated,
    FactKind::Statement,
    FactKind::Void,
    FactKind::Grant,
];

/// What the entries since a size ask for.
enum Step {
    /// Nothing but what the store and the facts say.
    Follow,
    /// Everything anew.
    BeginAgain,
}

impl Kept {
    /// Reads the totals of a customer at an instant.
    pub(super) fn begin(book: &Book, customer: &str, now: Timestamp) -> Result<Kept> {
        let size = book.store.head(customer, LogKind::Shared)?;
        let store = book.store.as_ref();
        let mut governing = contents(store, customer, &GOVERNING)?;
        let decided = store.facts(customer, FactKind::Decision, FactsOf::Customer)?;
        // Whether a document may change what was stated, and what a decision comes to, follows from statements.
        if decided.count() > 0
            || governing
                .iter()
                .any(|content| enters_rating(&content.event))
        {
            governing.extend(contents(store, customer, &DECIDING)?);
        }
        governing.sort_by_key(|content| content.entry);
        let signed = |content: &Content| {
            matches!(
                &content.event.body,
                Body::Control(Control::ContractSigned { .. })
            )
        };
        let draft_since = match governing.iter().any(signed) {
            true => None,
            false => first_time(store, customer, size)?,
        };
        let draft = draft_since.map(|since| book.draft(customer, since));
        let account = Account::fold(customer, governing, draft.transpose()?);
        let held = account.contracts.iter();
        let new = |own: &Held| Running::new(own, now);
        let mut kept = Kept {
            customer: customer.to_owned(),
            size,
            contracts: held.map(new).collect(),
            draft_since,
            ledger: None,
        };
        kept.take_facts(store, 0, size)?;
        let mut scope: Option<(ScopeId, Vec<SettledUnit>)> = None;
        for unit in store.units(customer, UnitsOf::Customer)? {
            let unit = unit?;
            match &mut scope {
                Some((id, units)) if *id == unit.scope => units.push(unit),
                _ => {
                    if let Some((id, units)) = scope.replace((unit.scope, vec![unit])) {
                        kept.take_units(id, units)?;
                    }
                }
            }
        }
        if let Some((id, units)) = scope {
            kept.take_units(id, units)?;
        }
        Ok(kept)
    }

    /// Goes on to everything acknowledged before the call, and to an instant.
    pub(super) fn follow(&mut self, book: &Book, now: Timestamp) -> Result<()> {
        let store = book.store.as_ref();
        let settled = store.settled_since(&self.customer, self.size)?;
        let SettledSince::Scopes(size, scopes) = settled else {
            *self = Kept::begin(book, &self.customer, now)?;
            return Ok(());
        };
        if let Step::BeginAgain = self.step(store, size)? {
            *self = Kept::begin(book, &self.customer, now)?;
            return Ok(());
        }
        if size > self.size {
            self.take_facts(store, self.size, size)?;
        }
        for id in scopes {
            let units = store.units(&self.customer, UnitsOf::Scope(id))?;
            let units = units.collect::<Result<Vec<_>, _>>()?;
            self.take_units(id, units)?;
        }
        self.size = size;
        for contract in &mut self.contracts {
            contract.advance(now)?;
        }
        Ok(())
    }

    /// Works that are remembered.
    pub(super) fn scopes(&self) -> usize {
        self.contracts.iter().map(Running::scopes).sum()
    }

    /// The account without what its contracts claim; empty where no credits were ever granted.
    pub(super) fn ledger(&mut self, book: &Book) -> Result<&Account> {
        let ledger = match self.ledger.take() {
            Some(known) => known,
            None => ledger(book.store.as_ref(), &self.customer)?,
        };
        Ok(self.ledger.insert(ledger))
    }

    fn step(&mut self, store: &dyn Store, size: u64) -> Result<Step> {
        for entry in store.entries(&self.customer, LogKind::Shared, self.size..size)? {
            let event = entry?.event;
            if matches!(event.body, Body::Control(_)) {
                self.ledger = None;
            }
            let is_before_draft = self.draft_since.is_some_and(|since| event.time < since);
            if is_before_draft || self.contracts.is_empty() || cannot_be_followed(&event) {
                return Ok(Step::BeginAgain);
            }
        }
        Ok(Step::Follow)
    }

    /// Takes usage, seats and credits of the entries in a range.
    fn take_facts(&mut self, store: &dyn Store, from: u64, to: u64) -> Result<()> {
        for kind in [FactKind::Usage, FactKind::Seat, FactKind::Credit] {
            for fact in store.facts(&self.customer, kind, FactsOf::Within(from..to))? {
                let fact = fact?;
                if let Some(usage) = Usage::of(&fact) {
                    let agreements = self.contracts.iter().map(Running::agreement);
                    if let Ok(index) = claim::of_usage(agreements, &usage.meter, usage.time) {
                        self.contracts[index].add_usage(usage)?;
                    }
                } else if let Some(change) = SeatChange::of(&fact) {
                    for contract in &mut self.contracts {
                        contract.add_seat(change.clone());
                    }
                } else if let Some((contract, credit)) = Credit::of(&fact) {
                    let named = |own: &&mut Running<ScopeId>| own.agreement().id == contract;
                    if let Some(own) = self.contracts.iter_mut().find(named) {
                        own.add_credit(credit);
                    }
                }
            }
        }
        Ok(())
    }

    /// Puts the units of a scope in place of what was known of it.
    fn take_units(&mut self, scope: ScopeId, units: Vec<SettledUnit>) -> Result<()> {
        let mut by_contract: BTreeMap<usize, Vec<Unit>> = BTreeMap::new();
        for settled in units {
            let mut unit = settled.unit;
            let agreements = self.contracts.iter().map(Running::agreement);
            let claimed = claim::of_unit(agreements, &unit);
            let Ok((index, version)) = claimed else {
                continue; // it waits, and costs nothing yet
            };
            let own = self.contracts[index].agreement();
            if settled.contract.as_deref() == contract_of(own) {
                unit.version = version;
                by_contract.entry(index).or_default().push(unit);
            }
        }
        for (index, contract) in self.contracts.iter_mut().enumerate() {
            contract.replace(&scope, by_contract.remove(&index).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Folds what was stated and granted alone.
fn ledger(store: &dyn Store, customer: &str) -> Result<Account> {
    let mut grants = store.facts(customer, FactKind::Grant, FactsOf::Customer)?;
    if grants.next().transpose()?.is_none() && !is_opened(store, customer)? {
        return Ok(Account::default());
    }
    let mut contents = contents(store, customer, &LEDGER)?;
    contents.sort_by_key(|content| content.entry);
    Ok(Account::fold(customer, contents, None))
}

/// The facts of some kinds, kind by kind.
fn contents(store: &dyn Store, customer: &str, kinds: &[FactKind]) -> Result<Vec<Content>> {
    let mut contents = Vec::new();
    for kind in kinds {
        for fact in store.facts(customer, *kind, FactsOf::Customer)? {
            let fact = fact?;
            contents.push(Content {
                entry: fact.entry,
                event: fact.event,
            });
        }
    }
    Ok(contents)
}

/// Whether an event publishes a document whose numbers enter rating.
fn enters_rating(event: &Event) -> bool {
    matches!(&event.body, Body::Control(Control::DocumentPublished { document, .. }) if is_rated(*document))
}

/// Whether a contract went on from where another system stopped, which may have left credits.
fn is_opened(store: &dyn Store, customer: &str) -> Result<bool> {
    for fact in store.facts(customer, FactKind::Contract, FactsOf::Customer)? {
        if let Body::Control(Control::ContractOpened { .. }) = fact?.event.body {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The contract under which the store settles what an agreement governs: none for a draft.
pub(super) fn contract_of(agreement: &Agreement) -> Option<&str> {
    (!agreement.is_draft).then_some(agreement.id.as_str())
}

/// Whether totals have to begin again after an event.
fn cannot_be_followed(event: &Event) -> bool {
    match &event.body {
        Body::Corrected { target_kind, .. } => !target_kind.is_about_work(),
        Body::Control(control) => matches!(
            control,
            Control::DocumentPublished {
                document: DocumentKind::Plan
                    | DocumentKind::Definition
                    | DocumentKind::Contract
                    | DocumentKind::Calibration
                    | DocumentKind::Measure
                    | DocumentKind::Baseline,
                ..
            } | Control::ContractSigned { .. }
                | Control::ContractAmended { .. }
                | Control::ContractEnded { .. }
                | Control::ContractOpened { .. }
                | Control::StatementCredited { .. }
        ),
        _ => false,
    }
}

/// The earliest time of the entries of a shared log up to a size.
fn first_time(store: &dyn Store, customer: &str, size: u64) -> Result<Option<Timestamp>> {
    let mut first: Option<Timestamp> = None;
    for entry in store.entries(customer, LogKind::Shared, 0..size)? {
        let time = entry?.event.time;
        first = Some(first.map_or(time, |known| known.min(time)));
    }
    Ok(first)
}
