//! What a contract brought a buyer so far, for whoever talks with it about going on.
//!
//! Value stands at its lower bound: the works that the buyer's or a third party's own facts decided and nobody
//! contests, at what the definition says that one is worth. What is not known is said, never taken as nothing. Not here: forecasts. The
//! account of the customer is folded once, and its log read once more for what people said of works.

use std::collections::{BTreeMap, HashSet};

use evidence::Confidence;
use evidence::rate::Share;
use jiff::{SignedDuration, Timestamp};
use money::{Amount, Currency, Decimal, Quantity};
use pages::view;
use pricing::account::Held;
use pricing::period::Period;
use work::LogKind;
use work::body::{Body, ReviewResult};
use work::definition::WorkValue;
use work::effective::resolve;
use work::event::Authorship;
use work::settle::{FactRef, Unit};

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::error::Absent;
use crate::limits::RENEWAL_PERIODS_MAX;

/// A contract that ends within so long is worth a talk.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Prepaid credits that expire within so long are worth a word.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Works about which some people said something.
#[derive(Default)]
struct Said {
    reviewed: HashSet<FactRef>,
    accepted: HashSet<FactRef>,
    seen: HashSet<FactRef>,
    overridden: HashSet<FactRef>,
}

impl Book {
    /// What a contract brought so far: the one named, or the one that began last of those signed.
    ///
    /// # Errors
    /// Where there is no such customer, or no contract of it that somebody signed.
    pub fn renewal_case(
        &self,
        customer: &str,
        contract: Option<&str>,
        now: Timestamp,
    ) -> Result<view::RenewalCase> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let signed = || {
            account
                .contracts
                .iter()
                .filter(|own| !own.agreement.is_draft)
        };
        let held = match contract {
            Some(id) => accounts::contract(&account, Some(id))?,
            None => signed()
                .max_by_key(|own| own.agreement.schedule.start.at)
                .ok_or_else(|| Absent::AnyContract {
                    customer: customer.to_owned(),
                })?,
        };
        let said = self.said(customer)?;
        let terms = &held.agreement.latest().terms.contract;
        let all = held.agreement.statement_periods(now);
        let shown = all.len().saturating_sub(RENEWAL_PERIODS_MAX);
        let mut periods = Vec::new();
        for own in &all[shown..] {
            periods.push(period(held, own, &said, terms.currency)?);
        }
        let mut stated = Amount::zero(terms.currency);
        for own in held.standing() {
            stated = stated.plus(own.total(terms.currency)?)?;
        }
        let sheet = self.contract_sheet(customer, &held.agreement.id, now)?;
        let mut case = view::RenewalCase {
            customer: customer.to_owned(),
            contract: held.agreement.id.clone(),
            contracts: signed().map(|own| own.agreement.id.clone()).collect(),
            as_of: now,
            ends: held.agreement.schedule.end.as_ref().map(|end| end.at),
            stated,
            value: value(held, terms.currency, now)?,
            periods,
            earlier: shown as u64,
            spending: sheet.spending,
            grants: sheet.grants,
            risks: Vec::new(),
            unknown: Vec::new(),
        };
        case.risks = self.risks(&case, held)?;
        case.unknown = unknown(&case);
        Ok(case)
    }

    /// What people said of works, by the facts that say it.
    fn said(&self, customer: &str) -> Result<Said> {
        let mut said = Said::default();
        for fact in resolve(self.contents(customer, LogKind::Shared, None)?).facts {
            let own = fact.reference();
            match &fact.event.body {
                Body::Reviewed { result, .. } => {
                    if *result == ReviewResult::Accepted {
                        said.accepted.insert(own.clone());
                    }
                    said.reviewed.insert(own.clone());
                    said.seen.insert(own);
                }
                Body::HumanReplied { .. } | Body::Escalated { .. } => {
                    said.seen.insert(own);
                }
                Body::Overridden { .. } => {
                    said.overridden.insert(own.clone());
                    said.seen.insert(own);
                }
                _ => {}
            }
        }
        Ok(said)
    }

    fn risks(&self, case: &view::RenewalCase, held: &Held) -> Result<Vec<String>> {
        let now = case.as_of;
        let mut risks = Vec::new();
        let zone = &held.agreement.latest().terms.contract.time_zone;
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        if let Some(ends) = case.ends {
            if ends <= now {
                risks.push(format!("its term is over since {}", day(ends)));
            } else if ends <= now.saturating_add(ENDS_SOON)? {
                risks.push(format!("its term ends on {}, within 90 days", day(ends)));
            }
        }
        let open = held
            .units
            .iter()
            .filter(|unit| is_disputed(unit, now))
            .count();
        if open > 0 {
            let (works, are) = if open == 1 {
                ("work", "is")
            } else {
                ("works", "are")
            };
            risks.push(format!("{open} {works} {are} in dispute"));
        }
        let rows = self.statements(&case.customer)?.into_iter();
        let overdue = rows
            .filter(|row| row.contract == case.contract)
            .filter(|row| row.due_on.is_some_and(|due| due < day(now)))
            .filter(|row| {
                row.balance
                    .is_some_and(|own| !own.is_zero() && !own.is_negative())
            });
        let overdue: Vec<String> = overdue.map(|row| row.number).collect();
        if !overdue.is_empty() {
            risks.push(format!("overdue and not paid: {}", overdue.join(", ")));
        }
        if let Some([before, last]) = last_two_whole(case) {
            // A fifth less than before.
            let five = Decimal::from_int(5);
            let four = Decimal::from_int(4);
            if last.counted.times(five)? < before.counted.times(four)? {
                risks.push(format!(
                    "{} counted in the last whole period, {} in the one before",
                    last.counted, before.counted
                ));
            }
            if let (Some((low, _)), Some((_, high))) =
                (last.overridden.between, before.overridden.between)
                && low > high
            {
                risks.push("people override more than in the period before".to_owned());
            }
            if let (Some((_, high)), Some((low, _))) =
                (last.accepted.between, before.accepted.between)
                && high < low
            {
                risks.push("reviewers accept less than in the period before".to_owned());
            }
        }
        for own in case.grants.iter().filter(|own| !own.balance.is_zero()) {
            if let Some(expires) = own.expires
                && now < expires
                && expires <= now.saturating_add(EXPIRES_SOON)?
            {
                let (left, grant, expires) = (own.balance, &own.grant, day(expires));
                risks.push(format!(
                    "{left} of `{grant}` expire on {expires}, not drawn"
                ));
            }
        }
        if let Some(least) = case
            .value
            .at_least
            .filter(|own| own.currency() == case.stated.currency())
            && least.value() < case.stated.value()
        {
            risks.push(
                "what is proved to have been worth something is less than what was charged"
                    .to_owned(),
            );
        }
        Ok(risks)
    }
}

fn unknown(case: &view::RenewalCase) -> Vec<String> {
    let mut unknown = Vec::new();
    if case.value.at_most.is_none() {
        unknown.push(format!(
            "what the work is worth: {}; a definition says it with `value`",
            case.value.basis
        ));
    }
    let reviewed: u64 = case.periods.iter().map(|own| own.accepted.whole).sum();
    if reviewed == 0 {
        unknown.push(
            "how much of the work is accepted: nobody reviewed any; `piecework sample draw` draws works to review"
                .to_owned(),
        );
    }
    let seen: u64 = case.periods.iter().map(|own| own.overridden.whole).sum();
    if seen == 0 {
        unknown
            .push("how often people override it: no fact says that a person saw a work".to_owned());
    }
    unknown.push(
        "what would have happened without it: no baseline and no holdout is recorded here, so nothing says which \
         works are due to the product"
            .to_owned(),
    );
    unknown
}

/// The last two periods that are over.
fn last_two_whole(case: &view::RenewalCase) -> Option<[&view::RenewalPeriod; 2]> {
    let over = case
        .periods
        .iter()
        .filter(|own| own.period.until <= case.as_of);
    let mut over = over.rev();
    let (last, before) = (over.next()?, over.next()?);
    Some([before, last])
}

fn period(
    held: &Held,
    own: &Period,
    said: &Said,
    currency: Currency,
) -> Result<view::RenewalPeriod> {
    let (from, until) = (own.start.at, own.end.at);
    let is_in = |at: Timestamp| from <= at && at < until;
    let opened = || held.units.iter().filter(|unit| is_in(unit.opened));
    let mut counted = Quantity::ZERO;
    for movement in held.units.iter().flat_map(|unit| &unit.movements) {
        if is_in(movement.counted_at) {
            counted = counted.plus(movement.quantity)?;
        }
    }
    let of = |facts: &HashSet<FactRef>| {
        let said = opened().filter(|unit| unit.facts.iter().any(|own| facts.contains(own)));
        said.count() as u64
    };
    let mut standing = held.standing();
    let issued = standing.find(|issued| issued.cut == until);
    let stated = match issued {
        Some(issued) => Some((issued.number.clone(), issued.total(currency)?)),
        None => None,
    };
    Ok(view::RenewalPeriod {
        period: view::Period {
            from,
            until,
            zone: held.agreement.latest().terms.contract.time_zone.clone(),
        },
        stated,
        works: opened().count() as u64,
        counted,
        accepted: share(of(&said.accepted), of(&said.reviewed)),
        overridden: share(of(&said.overridden), of(&said.seen)),
        disputed: opened().filter(|unit| !unit.disputes.is_empty()).count() as u64,
    })
}

/// What counted by an instant is worth.
fn value(held: &Held, currency: Currency, now: Timestamp) -> Result<view::DeliveredValue> {
    let definitions = &held.agreement.latest().terms.definitions;
    let mut bases: BTreeMap<&str, String> = BTreeMap::new();
    let zero = Amount::zero(currency);
    let (mut least, mut most) = (Some(zero), Some(zero));
    for (id, definition) in definitions {
        let basis = match &definition.value {
            WorkValue::PerUnit(amount) => format!("{amount} a unit of {id}, agreed"),
            WorkValue::Measured => format!("measured for each unit of {id}"),
            WorkValue::Unstated => format!("not stated for {id}"),
        };
        bases.insert(id, basis);
        let units = held
            .units
            .iter()
            .filter(|unit| unit.key.unit.as_str() == id);
        let movements = units.flat_map(|unit| unit.movements.iter().map(move |own| (unit, own)));
        for (unit, movement) in movements.filter(|(_, own)| own.instant <= now) {
            let worth = match &definition.value {
                WorkValue::PerUnit(amount) => Some(amount.times(movement.quantity)?),
                WorkValue::Measured => movement.value,
                WorkValue::Unstated => None,
            };
            let is_proved =
                movement.basis.decided_by != Authorship::Seller && !is_disputed(unit, now);
            most = plus(most, worth)?;
            if is_proved {
                least = plus(least, worth)?;
            }
        }
    }
    if definitions
        .values()
        .any(|own| own.value == WorkValue::Unstated)
    {
        (least, most) = (None, None);
    }
    let basis: Vec<String> = bases.into_values().collect();
    Ok(view::DeliveredValue {
        at_least: least,
        at_most: most,
        basis: basis.join("; "),
    })
}

/// The sum where both are known and of one currency.
fn plus(sum: Option<Amount>, more: Option<Amount>) -> Result<Option<Amount>> {
    match (sum, more) {
        (Some(sum), Some(more)) if sum.currency() == more.currency() => Ok(Some(sum.plus(more)?)),
        (Some(sum), Some(more)) if sum.is_zero() => Ok(Some(more)),
        (Some(_), Some(_)) | (None, _) => Ok(None),
        (sum, None) => Ok(sum),
    }
}

fn share(part: u64, whole: u64) -> view::Share {
    let between = Share::new(part, whole).ok().zip(Confidence::new(0.95).ok());
    let between = between.and_then(|(share, confidence)| {
        let [low, high] = share.wilson(confidence).ends();
        low.parse().ok().zip(high.parse().ok())
    });
    view::Share {
        part,
        whole,
        between,
    }
}

fn is_disputed(unit: &Unit, now: Timestamp) -> bool {
    unit.disputes.iter().any(|own| own.is_open_at(now))
}
