//! The seller's books: the revenue of every contract by month, and double entry of what happened.
//!
//! A month that is locked shows what was known when it was locked; what was learnt since is in the first month that was
//! open then.
//! Contracts that nobody signed are in neither: without a contract there is no revenue. Months begin in the zone that the
//! configuration names, whatever the contracts' own.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::{Amount, Decimal};
use pages::view;
use pricing::account::Held;
use pricing::accounting::{
    Entry, Locks, of_contract, of_costs, of_costs_learnt, of_credits, of_payments,
};
use pricing::margin::{CostLedger, count_once};
use pricing::revenue::{Close, Constraint, Contestable, Estimate, Row, right_to_invoice, schedule};
use work::event::UNASSIGNED;

use crate::config::{Config, ConfigError};
use crate::locks::Known;
use crate::margins::costs_known;
use crate::{Book, Result, price_books};

/// What of the seller's books is asked for.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Only this customer; all where absent.
    pub customer: Option<String>,
    /// Through this month, by its first day; the last month that is over where absent.
    pub through: Option<Date>,
    /// Now.
    pub now: Timestamp,
}

/// How the seller's books are kept, read from the configuration.
struct Rules {
    zone: TimeZone,
    constraint: Constraint,
    locks: Locks,
}

/// Where the seller's months begin.
///
/// # Errors
/// Where the configuration's zone is none.
pub(crate) fn zone(config: &Config) -> Result<TimeZone> {
    match &config.accounting.time_zone {
        None => Ok(TimeZone::UTC),
        Some(name) => TimeZone::get(name).map_err(|_| {
            let problem = format!("`{name}` is no zone of the tz database, e.g. Europe/Berlin");
            let key = "time_zone".to_owned();
            ConfigError::Accounting { key, problem }.into()
        }),
    }
}

impl Rules {
    fn of(config: &Config, locks: Locks) -> Result<Rules> {
        let own = &config.accounting;
        let fault = |key: String, problem: String| ConfigError::Accounting { key, problem };
        let mut constraint = Constraint::default();
        for (unit, estimate) in &own.constraint {
            let fault =
                |key: &str, problem: String| fault(format!("constraint.\"{unit}\".{key}"), problem);
            let percent: Decimal = estimate
                .percent
                .parse()
                .map_err(|error: money::MoneyError| fault("percent", error.to_string()))?;
            if percent.is_negative() || percent > Decimal::from_int(100) {
                return Err(fault("percent", "a percentage is 0 to 100".to_owned()).into());
            }
            let share = percent.times(Decimal::new(1, 2)?)?;
            let within = estimate
                .within
                .parse()
                .map_err(|error: work::span::SpanError| fault("within", error.to_string()))?;
            let estimate = Estimate { share, within };
            constraint.by_unit.insert(unit.clone(), estimate);
        }
        Ok(Rules {
            zone: zone(config)?,
            constraint,
            locks,
        })
    }

    fn first_of_month(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.zone.clone()).date().first_of_month()
    }

    /// The month asked for, or the last that is over.
    fn through(&self, scope: &Scope) -> Date {
        scope.through.unwrap_or_else(|| {
            let current = self.first_of_month(scope.now);
            current.checked_sub(1.month()).unwrap_or(current)
        })
    }

    /// The instant at which a month ends.
    fn end_of(&self, month: Date) -> Option<Timestamp> {
        let next = month.checked_add(1.month()).ok()?;
        let zoned = next.to_zoned(self.zone.clone()).ok()?;
        Some(zoned.timestamp())
    }

    /// The months of a contract, from that of its first day through one, each with what is known of it; without those
    /// that were locked before anybody signed it.
    fn months<'a>(&self, known: &'a Known, held: &Held, through: Date) -> Vec<Close<'a>> {
        let mut closes = Vec::new();
        let mut month = self.first_of_month(held.agreement.schedule.start.at);
        while month <= through {
            let (Some(until), Ok(next)) = (self.end_of(month), month.checked_add(1.month())) else {
                break;
            };
            let account = known.account(self.locks.stage_of(month));
            let own = account.contract(&held.agreement.id);
            if let Some(known) = own.filter(|own| !own.agreement.is_draft) {
                closes.push(Close {
                    month,
                    until,
                    known,
                });
            }
            month = next;
        }
        closes
    }
}

impl Book {
    /// The revenue of every signed contract, month by month.
    ///
    /// # Errors
    /// Where a log cannot be read, the configuration's `[accounting]` makes no sense, or an amount does not fit.
    pub fn revenue(&self, scope: &Scope) -> Result<Vec<view::RevenueSchedule>> {
        let rules = Rules::of(&self.config, self.locks()?)?;
        let through = rules.through(scope);
        let mut out = Vec::new();
        for customer in self.chosen(scope.customer.as_deref())? {
            let known = self.known(&customer, &rules.locks)?;
            for held in signed(&known) {
                let closes = rules.months(&known, held, through);
                let rows = schedule(&closes, &rules.constraint)?;
                out.push(schedule_view(&customer, held, rows, rules.locks.until())?);
            }
        }
        Ok(out)
    }

    /// What happened, as double entry: statements, payments, prepaid credits, revenue by month, costs by day. By day; what is of one day in the order of
    /// customers.
    ///
    /// # Errors
    /// As [`Book::revenue`].
    pub fn journal(&self, scope: &Scope) -> Result<Vec<Entry>> {
        let rules = Rules::of(&self.config, self.locks()?)?;
        let through = rules.through(scope);
        let until = rules.end_of(through).unwrap_or(Timestamp::MAX);
        let mut entries = Vec::new();
        for customer in self.chosen(scope.customer.as_deref())? {
            let known = self.known(&customer, &rules.locks)?;
            let first = entries.len();
            for held in signed(&known) {
                let closes = rules.months(&known, held, through);
                let own = of_contract(&customer, &closes, &rules.constraint, &rules.zone)?;
                entries.extend(own);
            }
            entries.extend(of_credits(known.now(), until, &rules.zone)?);
            entries.extend(of_payments(known.now(), until, &rules.zone));
            let covers = known.now().standing_covers();
            for own in &mut entries[first..] {
                own.cover = covers.get(own.link.as_str()).map(|own| own.number.clone());
            }
        }
        entries.extend(self.cost_entries(scope, &rules, until)?);
        entries.sort_by_key(|entry| entry.date);
        Ok(entries)
    }

    /// The costs before the end of the month asked for.
    ///
    /// # Errors
    /// As [`Book::revenue`].
    pub fn cost_ledger(&self, scope: &Scope) -> Result<CostLedger> {
        let rules = Rules::of(&self.config, Locks::default())?;
        let until = rules.end_of(rules.through(scope));
        self.costs(scope, until.unwrap_or(Timestamp::MAX), None)
    }

    /// The costs as entries: of locked months what was known when they were locked, and what was learnt of them since on
    /// the first day that was open then.
    fn cost_entries(&self, scope: &Scope, rules: &Rules, until: Timestamp) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut before: Option<(CostLedger, Timestamp, Date)> = None;
        let stages = rules.locks.stages().iter();
        let stages = stages.map(|own| (own.until, Some(own.known)));
        for (last, known) in stages
            .map(|(day, known)| (Some(day), known))
            .chain([(None, None)])
        {
            let end = last.and_then(|day| rules.end_of(day.first_of_month()));
            let end = end.unwrap_or(until).min(until);
            let ledger = self.costs(scope, end, known)?;
            match &before {
                None => entries.extend(of_costs(&ledger, &rules.zone)?),
                Some((then, closed, first_open)) => {
                    entries.extend(of_costs_learnt(then, &ledger, *closed, *first_open)?);
                    let own = ledger.entries.iter().filter(|own| own.time >= *closed);
                    let own = CostLedger {
                        currency: ledger.currency,
                        entries: own.cloned().collect(),
                    };
                    entries.extend(of_costs(&own, &rules.zone)?);
                }
            }
            let Some(day) = last.filter(|_| end < until) else {
                break;
            };
            before = Some((ledger, end, day.tomorrow().unwrap_or(day)));
        }
        Ok(entries)
    }

    /// The costs before an instant, as they were known at another; as they are, where there is none.
    fn costs(
        &self,
        scope: &Scope,
        until: Timestamp,
        known: Option<Timestamp>,
    ) -> Result<CostLedger> {
        let prices = price_books::load_known(self.store.as_ref(), known)?;
        let currency = self.documents()?.plan.currency;
        let mut customers = self.chosen(scope.customer.as_deref())?;
        if scope.customer.is_none() {
            customers.push(UNASSIGNED.to_owned());
        }
        let mut entries = Vec::new();
        for customer in customers {
            entries.extend(costs_known(self, &customer, (&prices, currency), known)?);
        }
        count_once(&mut entries);
        entries.retain(|entry| entry.time < until);
        Ok(CostLedger { currency, entries })
    }
}

/// The contracts that somebody signed.
fn signed(known: &Known) -> impl Iterator<Item = &Held> {
    let held = known.now().contracts.iter();
    held.filter(|held| !held.agreement.is_draft)
}

fn schedule_view(
    customer: &str,
    held: &Held,
    rows: Vec<Row>,
    locked: Option<Date>,
) -> Result<view::RevenueSchedule> {
    let zero = Amount::zero(held.agreement.latest().terms.contract.currency);
    let obstacles: Vec<view::Obstacle> = right_to_invoice(&held.agreement)
        .into_iter()
        .map(|own| view::Obstacle {
            place: own.place,
            why: own.why.to_string(),
        })
        .collect();
    let mut months = Vec::with_capacity(rows.len());
    let (mut asset, mut deferred) = (zero, zero);
    for row in rows {
        let closing = row.deferred.plus(row.refund_liability)?;
        months.push(view::RevenueMonth {
            month: row.month,
            is_locked: locked.is_some_and(|until| row.month <= until),
            opening_contract_asset: std::mem::replace(&mut asset, row.contract_asset),
            opening_deferred: std::mem::replace(&mut deferred, closing),
            revenue: row
                .revenue
                .iter()
                .map(|(stream, amount)| view::StreamRevenue {
                    stream: stream.word().to_owned(),
                    amount: *amount,
                })
                .collect(),
            recognised: row.recognised,
            stated: row.stated,
            contract_asset: row.contract_asset,
            deferred: row.deferred,
            refund_liability: row.refund_liability,
            contestable: row.contestable.into_iter().map(contestable_view).collect(),
        });
    }
    Ok(view::RevenueSchedule {
        customer: customer.to_owned(),
        contract: held.agreement.id.clone(),
        months,
        right_to_invoice: obstacles.is_empty(),
        obstacles,
    })
}

fn contestable_view((unit, own): (String, Contestable)) -> view::ContestableWork {
    view::ContestableWork {
        unit,
        works: own.works,
        amount: own.amount,
        constrained: own.constrained,
        past_works: own.past.0,
        past_taken_back: own.past.1,
    }
}
