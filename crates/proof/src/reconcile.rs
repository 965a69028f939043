//! [`reconcile()`]: a statement beside what the buyer's own systems saw.
//!
//! A proof file shows that the statement follows from the seller's log; whether the log has what
//! happened only the buyer's own records show. Records meet billed works by work id or by the headers
//! that the definition counts by. Facts that speak against a work, and that the log never had, are
//! added to the entries the statement was computed from, and the same cut is computed again: the
//! works whose charge falls are in question. Not here: reading the buyer's files, and deciding the
//! dispute. Invariant: pure, and nothing is said of a file that does not verify.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use money::{Amount, MoneyError};
use pricing::account::{Account, Held};
use pricing::cell::{Owed, owed};
use pricing::statement::{LineKind, StatementError, draw, explain, unit_name};
use work::body::{Body, Kind};
use work::effective::{Content, Fact, resolve};
use work::event::Authorship;
use work::settle::{FactRef, State, Unit, inherit_headers, scopes};
use work::{Definition, Event, Header, Headers};

use crate::carry::LogEntry;
use crate::verify::{self, Code, Options, Refusal, Report};

/// The source of the disputes that come out of a reconciliation.
const SOURCE: &str = "reconcile";

/// Facts that speak against a work that counted.
const AGAINST: [Kind; 6] = [
    Kind::Asked,
    Kind::Rejected,
    Kind::Escalated,
    Kind::HumanReplied,
    Kind::Overridden,
    Kind::Reopened,
];

/// What the buyer brings along.
#[derive(Debug, Clone)]
pub struct Mine {
    /// The buyer's records as events; those of other customers are passed over, and counted.
    pub events: Vec<Event>,
    /// How far apart two clocks may put the same fact.
    pub tolerance: SignedDuration,
}

/// A statement beside the buyer's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// Works that are billed and in the buyer's records.
    pub matched: Vec<Billed>,
    /// Works that are billed and not in the buyer's records at all.
    pub not_mine: Vec<Billed>,
    /// Works of the buyer's records that are not billed, and why.
    pub not_billed: Vec<NotBilled>,
    /// The buyer's facts that speak against works in the log, and that the log has not.
    pub unreported: Vec<Event>,
    /// Works whose charge falls once these facts are known.
    pub in_question: Vec<InQuestion>,
    /// What they fall by, summed.
    pub amount: Amount,
    /// The buyer's records that are of another customer.
    pub others: u64,
}

/// A work that the statement charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// The work's name in statements.
    pub name: String,
    /// Its work id, or the values that it is counted by.
    pub work: String,
    /// The class that it counts in.
    pub class: String,
    /// Its share of the statement's charges.
    pub amount: Amount,
}

/// A work of the buyer's records that the statement does not charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBilled {
    /// The work id, or the values that it is counted by.
    pub work: String,
    /// Why it is not billed.
    pub why: WhyNot,
}

/// Why a work of the buyer's records is not billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// The log does not have it.
    NotInLog,
    /// The log has it, and no definition of the contract makes a unit of it.
    NoUnit,
    /// It is decided later.
    Pending,
    /// It counted, and was taken back.
    Reversed,
    /// It did not count: the reason's name.
    NotCounted(&'static str),
    /// It counts, and is charged by another statement or at no price.
    Elsewhere,
}

impl WhyNot {
    /// The reason's word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            WhyNot::NotInLog => "not_in_log",
            WhyNot::NoUnit => "no_unit",
            WhyNot::Pending => "pending",
            WhyNot::Reversed => "reversed",
            WhyNot::NotCounted(reason) => reason,
            WhyNot::Elsewhere => "not_charged_here",
        }
    }
}

/// A work whose charge falls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InQuestion {
    /// The work's name in statements.
    pub name: String,
    /// Its work id, or the values that it is counted by.
    pub work: String,
    /// What it is charged.
    pub charged: Amount,
    /// What it would be charged.
    pub would_be: Amount,
    /// What it falls by.
    pub falls: Amount,
    /// The unreported facts about it: kind and time.
    pub facts: Vec<(String, Timestamp)>,
    id: Option<String>,
    headers: Headers,
}

/// Why there is no reconciliation.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The file does not hold.
    #[error("the proof file is refused ({}): {}", .0.code.word(), .0.reason)]
    Refused(Refusal),
    /// The file does not have the whole log.
    #[error(
        "the proof file goes on from the carry of statement {0} and has not the whole log; ask for \
         one made without --carry"
    )]
    Carry(String),
    /// The statement cannot be computed with the buyer's facts.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

/// Verifies a proof file, and compares its statement with the buyer's records.
///
/// # Errors
/// [`ReconcileError`].
pub fn reconcile(
    file: &[u8],
    options: &Options,
    mine: Mine,
) -> Result<(Report, Reconciliation), ReconcileError> {
    let report = verify::verify(file, options);
    if let Some(refusal) = report.refusal.as_ref().filter(|own| own.code != Code::Void) {
        return Err(ReconcileError::Refused(refusal.clone()));
    }
    if let Some(number) = &report.rests_on {
        return Err(ReconcileError::Carry(number.clone()));
    }
    let entries = verify::entries(file).map_err(ReconcileError::Refused)?;
    let Some(which) = report.statement.clone() else {
        let reason = "it names no statement";
        return Err(ReconcileError::Refused(Refusal::new(Code::Proof, reason)));
    };
    let log: Vec<Content> = entries.into_iter().map(LogEntry::into_content).collect();
    let compared = compare(&which, &log, mine)?;
    Ok((report, compared))
}

impl Reconciliation {
    /// The disputes: one event per work in question, in the buyer's name.
    #[must_use]
    pub fn disputes(&self, customer: &str, number: &str, at: Timestamp) -> Vec<Event> {
        let disputed = |own: &InQuestion| {
            let facts: Vec<String> = own
                .facts
                .iter()
                .map(|(kind, time)| format!("{kind} at {time}"))
                .collect();
            let reason = format!(
                "statement {number} charges {}; our records have {}, which the log does not: that \
                 leaves {}",
                own.charged,
                facts.join(", "),
                own.would_be
            );
            Event {
                id: format!("{number}/{}", own.name),
                source: SOURCE.to_owned(),
                customer: customer.to_owned(),
                time: at,
                work: own.id.clone(),
                traceparent: None,
                authorship: Authorship::Buyer,
                headers: own.headers.clone(),
                signature: None,
                body: Body::Disputed {
                    reason: Some(reason),
                },
            }
        };
        self.in_question.iter().map(disputed).collect()
    }
}

/// What facts and works meet by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Place {
    Work(String),
    Scope(String, Vec<String>),
}

impl Place {
    fn told(&self) -> String {
        match self {
            Place::Work(work) => work.clone(),
            Place::Scope(_, key) => key.join(","),
        }
    }
}

fn compare(
    which: &verify::Which,
    log: &[Content],
    mine: Mine,
) -> Result<Reconciliation, StatementError> {
    let covered = |content: &&Content| content.entry < which.coverage;
    let stated: Vec<Content> = log.iter().filter(covered).cloned().collect();
    let account = Account::fold(&which.customer, stated.clone(), None);
    let statement = draw(&account, None, &which.contract, which.cut)?;
    let held = contract(&account, &which.contract)?;
    let definitions = definitions(held);
    let received = mine.events.len();
    let mut own = own_facts(log, mine.events, &which.customer);
    let others = (received - own.len()) as u64;
    let known = located(log, &mut own, &definitions);
    let unreported = unreported(&known, &own, mine.tolerance);

    let mut with_mine = stated;
    for (fact, entry) in unreported.iter().zip(which.coverage..) {
        let event = fact.event.clone();
        with_mine.push(Content { entry, event });
    }
    let after = Account::fold(&which.customer, with_mine, None);
    let owed_now = owed(&held.agreement, &held.facts(), statement.as_of)?;
    let held_after = contract(&after, &which.contract)?;
    let owed_after = owed(&held_after.agreement, &held_after.facts(), statement.as_of)?;
    let money = |source| StatementError::Money {
        contract: which.contract.clone(),
        source,
    };
    let charged = charges(held, &owed_now).map_err(money)?;
    let left = charges(held_after, &owed_after).map_err(money)?;
    let cells: BTreeSet<_> = statement
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::Charge)
        .map(|line| &line.cell)
        .collect();
    let mut billed: BTreeMap<String, Billed> = BTreeMap::new();
    for cell in cells {
        let explained = explain(held, &owed_now, cell).map_err(money)?;
        for share in explained.into_iter().flat_map(|own| own.shares) {
            let Some(class) = share.class else { continue };
            match billed.get_mut(&share.name) {
                Some(known) => known.amount = known.amount.plus(share.amount).map_err(money)?,
                None => {
                    let own = Billed {
                        name: share.name.clone(),
                        work: String::new(),
                        class,
                        amount: share.amount,
                    };
                    billed.insert(share.name, own);
                }
            }
        }
    }
    let mine: HashSet<&Place> = own.iter().flat_map(|fact| &fact.places).collect();
    let mut outcome = Reconciliation {
        matched: Vec::new(),
        not_mine: Vec::new(),
        not_billed: Vec::new(),
        in_question: Vec::new(),
        amount: Amount::zero(statement.currency),
        unreported: unreported.iter().map(|own| own.event.clone()).collect(),
        others,
    };
    let mut explained: HashMap<Place, WhyNot> = HashMap::new();
    let at = last_before(statement.as_of);
    for unit in &held.units {
        let name = unit_name(&unit.key);
        let places = places_of(unit);
        let is_mine = places.iter().any(|place| mine.contains(place));
        if let Some(mut own) = billed.remove(&name) {
            own.work = told(unit);
            for place in &places {
                explained.insert(place.clone(), WhyNot::Elsewhere);
            }
            let list = if is_mine {
                &mut outcome.matched
            } else {
                &mut outcome.not_mine
            };
            list.push(own);
        } else if is_mine {
            let why = match unit.state_at(at) {
                State::Pending => WhyNot::Pending,
                State::Reversed => WhyNot::Reversed,
                State::NotCounted(reason) => WhyNot::NotCounted(reason.name()),
                State::Counted(_) => WhyNot::Elsewhere,
            };
            for place in &places {
                explained.insert(place.clone(), why.clone());
            }
            let work = told(unit);
            outcome.not_billed.push(NotBilled { work, why });
        }
        let Some(now) = charged.get(&name) else {
            continue;
        };
        let then = left.get(&name).copied();
        let then = then.unwrap_or(Amount::zero(statement.currency));
        if then.value() < now.value() {
            let falls = now.minus(then).map_err(money)?;
            outcome.amount = outcome.amount.plus(falls).map_err(money)?;
            let about = unreported
                .iter()
                .filter(|own| own.places.iter().any(|place| places.contains(place)));
            let facts = about.map(|own| (own.event.body.kind(), own.event.time));
            let id = unit.works.first().cloned();
            let mut headers = unit.headers.clone();
            if let Some(work) = &id {
                headers.set(Header::Work, work.clone());
            }
            outcome.in_question.push(InQuestion {
                name,
                work: told(unit),
                charged: *now,
                would_be: then,
                falls,
                facts: facts.collect(),
                id,
                headers,
            });
        }
    }
    let in_log: HashSet<&Place> = known.iter().flat_map(|fact| &fact.places).collect();
    let mut told_already = BTreeSet::new();
    for fact in &own {
        let is_known = fact.places.iter().any(|place| explained.contains_key(place));
        let Some(place) = fact.places.first().filter(|_| !is_known) else {
            continue;
        };
        if told_already.insert(place) {
            let why = if fact.places.iter().any(|place| in_log.contains(place)) {
                WhyNot::NoUnit
            } else {
                WhyNot::NotInLog
            };
            let work = place.told();
            outcome.not_billed.push(NotBilled { work, why });
        }
    }
    Ok(outcome)
}

fn contract<'a>(account: &'a Account, id: &str) -> Result<&'a Held, StatementError> {
    let held = account.contract(id);
    held.ok_or_else(|| StatementError::NoContract(id.to_owned()))
}

/// The last instant before a cut.
fn last_before(cut: Timestamp) -> Timestamp {
    cut.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(cut)
}

/// Every definition that a version of the contract names.
fn definitions(held: &Held) -> Vec<&Definition> {
    let versions = held.agreement.versions.iter();
    let named = versions.flat_map(|version| version.terms.definitions.values());
    named.map(AsRef::as_ref).collect()
}

fn places_of(unit: &Unit) -> Vec<Place> {
    let works = unit.works.iter().cloned().map(Place::Work);
    let scope = Place::Scope(unit.key.unit.clone(), unit.key.scope.clone());
    works.chain([scope]).collect()
}

/// The work as its people call it.
fn told(unit: &Unit) -> String {
    match unit.works.as_slice() {
        [] => unit.key.scope.join(","),
        works => works.join(","),
    }
}

/// What each unit is charged, over all cells.
fn charges(held: &Held, owed: &Owed) -> Result<BTreeMap<String, Amount>, MoneyError> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for key in owed.cells.keys() {
        let explained = explain(held, owed, key)?;
        for share in explained.into_iter().flat_map(|own| own.shares) {
            if share.class.is_none() {
                continue;
            }
            let zero = Amount::zero(share.amount.currency());
            let sum = sums.entry(share.name).or_insert(zero);
            *sum = sum.plus(share.amount)?;
        }
    }
    Ok(sums)
}

/// A fact, and where it meets works.
#[derive(Debug, Clone)]
struct Located {
    event: Event,
    places: Vec<Place>,
}

/// The buyer's records about work, each in the buyer's name and under an identity that the log has
/// not used.
fn own_facts(log: &[Content], events: Vec<Event>, customer: &str) -> Vec<Located> {
    let taken: HashSet<(&str, &str)> = log
        .iter()
        .map(|own| (own.event.source.as_str(), own.event.id.as_str()))
        .collect();
    let mut own = Vec::new();
    for mut event in events {
        if event.customer != customer {
            continue;
        }
        event.authorship = Authorship::Buyer;
        event.signature = None;
        if taken.contains(&(event.source.as_str(), event.id.as_str())) {
            event.id = format!("buyer:{}", event.id);
        }
        own.push(Located {
            event,
            places: Vec::new(),
        });
    }
    own
}

/// Finds where the buyer's records and the log's facts meet works; headers are inherited among all of
/// them. Returns the log's.
fn located(log: &[Content], own: &mut [Located], definitions: &[&Definition]) -> Vec<Located> {
    let mut facts = resolve(log.to_vec()).facts;
    let first_own = facts.len();
    let fact = |(located, entry): (&Located, u64)| Fact {
        entry,
        event: located.event.clone(),
        corrected_by: None,
    };
    facts.extend(own.iter().zip(log.len() as u64..).map(fact));
    inherit_headers(&mut facts);
    let mut places: HashMap<FactRef, Vec<Place>> = HashMap::new();
    for fact in &facts {
        if fact.event.body.tag().is_about_work()
            && let Some(work) = &fact.event.work
        {
            let own = places.entry(fact.reference()).or_default();
            own.push(Place::Work(work.clone()));
        }
    }
    for definition in definitions {
        for (key, members) in scopes(definition, &facts) {
            for fact in members {
                let own = places.entry(fact.reference()).or_default();
                let place = Place::Scope(definition.id.clone(), key.clone());
                if !own.contains(&place) {
                    own.push(place);
                }
            }
        }
    }
    let of = |fact: &Fact| places.get(&fact.reference()).cloned().unwrap_or_default();
    for (located, fact) in own.iter_mut().zip(&facts[first_own..]) {
        located.places = of(fact);
    }
    let known = facts[..first_own].iter().map(|fact| Located {
        event: fact.event.clone(),
        places: of(fact),
    });
    known.collect()
}

/// The buyer's facts against works that the log knows, but for those that it has: the same kind on
/// the same work within the tolerance. Each fact of the log answers for one.
fn unreported(log: &[Located], own: &[Located], tolerance: SignedDuration) -> Vec<Located> {
    let mut by_place: HashMap<(&Place, Kind), Vec<usize>> = HashMap::new();
    for (index, fact) in log.iter().enumerate() {
        for place in &fact.places {
            let kind = fact.event.body.tag();
            by_place.entry((place, kind)).or_default().push(index);
        }
    }
    let on_known_work: HashSet<&Place> = log.iter().flat_map(|fact| &fact.places).collect();
    let against = |fact: &&Located| {
        AGAINST.contains(&fact.event.body.tag())
            && fact.places.iter().any(|place| on_known_work.contains(place))
    };
    let mut mine: Vec<&Located> = own.iter().filter(against).collect();
    mine.sort_by_key(|own| (own.event.time, &own.event.source, &own.event.id));
    let mut answered = HashSet::new();
    let mut missing = Vec::new();
    for fact in mine {
        let kind = fact.event.body.tag();
        let same = fact.places.iter().filter_map(|place| by_place.get(&(place, kind)));
        let near = same.flatten().filter(|index| {
            let apart = log[**index].event.time.duration_since(fact.event.time);
            apart.abs() <= tolerance && !answered.contains(*index)
        });
        match near.min_by_key(|index| (log[**index].event.time, **index)) {
            Some(index) => {
                answered.insert(*index);
            }
            None => missing.push(fact.clone()),
        }
    }
    missing
}
