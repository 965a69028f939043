//! The seller's books: the revenue of every contract by month, and double entry of what happened.
//!
//! Contracts that nobody signed are in neither: without a contract there is no revenue. Months begin in the zone that the
//! configuration names, whatever the contracts' own.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::{Amount, Decimal};
use pages::view;
use pricing::account::{Account, Held};
use pricing::accounting::{Entry, of_contract, of_costs, of_credits};
use pricing::margin::{CostLedger, count_once};
use pricing::revenue::{Close, Constraint, Contestable, Estimate, Row, right_to_invoice, schedule};
use work::event::UNASSIGNED;

use crate::config::{Config, ConfigError};
use crate::margins::costs_of;
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
}

impl Rules {
    fn of(config: &Config) -> Result<Rules> {
        let own = &config.accounting;
        let fault = |key: String, problem: String| ConfigError::Accounting { key, problem };
        let zone = match &own.time_zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| {
                let problem = format!("`{name}` is no zone of the tz database, e.g. Europe/Berlin");
                fault("time_zone".to_owned(), problem)
            })?,
        };
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
        Ok(Rules { zone, constraint })
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

    /// The months of a contract, from that of its first day through one.
    fn months<'a>(&self, held: &'a Held, through: Date) -> Vec<Close<'a>> {
        let mut closes = Vec::new();
        let mut month = self.first_of_month(held.agreement.schedule.start.at);
        while month <= through {
            let (Some(until), Ok(next)) = (self.end_of(month), month.checked_add(1.month())) else {
                break;
            };
            closes.push(Close {
                month,
                until,
                known: held,
            });
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
        let rules = Rules::of(&self.config)?;
        let through = rules.through(scope);
        let mut out = Vec::new();
        for account in self.signed_accounts(scope)? {
            for held in signed(&account) {
                let closes = rules.months(held, through);
                let rows = schedule(&closes, &rules.constraint)?;
                out.push(schedule_view(&account.customer, held, rows)?);
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
        let rules = Rules::of(&self.config)?;
        let through = rules.through(scope);
        let mut entries = Vec::new();
        for account in self.signed_accounts(scope)? {
            for held in signed(&account) {
                let closes = rules.months(held, through);
                let own = of_contract(&account.customer, &closes, &rules.constraint, &rules.zone)?;
                entries.extend(own);
            }
            let until = rules.end_of(through).unwrap_or(Timestamp::MAX);
            entries.extend(of_credits(&account, until, &rules.zone)?);
        }
        let ledger = self.costs(scope, rules.end_of(through).unwrap_or(Timestamp::MAX))?;
        entries.extend(of_costs(&ledger, &rules.zone)?);
        entries.sort_by_key(|entry| entry.date);
        Ok(entries)
    }

    /// The costs before the end of the month asked for.
    ///
    /// # Errors
    /// As [`Book::revenue`].
    pub fn cost_ledger(&self, scope: &Scope) -> Result<CostLedger> {
        let rules = Rules::of(&self.config)?;
        let until = rules.end_of(rules.through(scope));
        self.costs(scope, until.unwrap_or(Timestamp::MAX))
    }

    fn costs(&self, scope: &Scope, until: Timestamp) -> Result<CostLedger> {
        let prices = price_books::load(self.store.as_ref())?;
        let currency = self.documents()?.plan.currency;
        let mut customers = self.chosen(scope.customer.as_deref())?;
        if scope.customer.is_none() {
            customers.push(UNASSIGNED.to_owned());
        }
        let mut entries = Vec::new();
        for customer in customers {
            entries.extend(costs_of(self, &customer, &prices, currency)?);
        }
        count_once(&mut entries);
        entries.retain(|entry| entry.time < until);
        Ok(CostLedger { currency, entries })
    }

    fn signed_accounts(&self, scope: &Scope) -> Result<Vec<Arc<Account>>> {
        let customers = self.chosen(scope.customer.as_deref())?;
        let accounts = customers.iter();
        accounts
            .map(|customer| self.account(customer, None))
            .collect()
    }
}

/// The contracts that somebody signed.
fn signed(account: &Account) -> impl Iterator<Item = &Held> {
    let held = account.contracts.iter();
    held.filter(|held| !held.agreement.is_draft)
}

fn schedule_view(customer: &str, held: &Held, rows: Vec<Row>) -> Result<view::RevenueSchedule> {
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
