//! Revenue and cost of a book side by side: what the margin command and the bridge page are made of.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Currency;
use pages::view;
use pricing::account::Account;
use pricing::margin::{
    self, CostEntry, CostLedger, Counting, Dimension, Earning, Margin, Settings, Sharing, SoldUnit,
};
use pricing::model_costs::ModelCosts;
use work::LogKind;
use work::body::CostLine;
use work::effective::resolve;
use work::event::UNASSIGNED;

use crate::Result;
use crate::book::Book;
use crate::error::Refused;
use crate::price_books;
use crate::views::margin::bridge;

/// What a margin is about.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Only this customer; all where absent.
    pub customer: Option<String>,
    /// Only this month, by its first day; everything where absent. A rating period is of the month in which it begins
    /// where its contract is; a cost of the month of its day in UTC, since many customers may share it.
    pub month: Option<Date>,
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
    /// Which costs.
    pub costs: Costs,
}

/// Which costs a margin is about: all of them, or some beside the whole price.
#[derive(Debug, Clone, Default)]
pub struct Costs {
    /// Only of these lines; of all where empty.
    pub lines: Vec<CostLine>,
    /// Only what this agent caused.
    pub agent: Option<String>,
    /// The rule by which costs that belong to no work are shared out; the usual one where absent.
    pub unassigned: Option<Sharing>,
}

impl Book {
    /// The margin bridge of a book.
    ///
    /// # Errors
    /// As [`Sold::read`], or where an amount does not fit.
    pub fn margin(&self, scope: &Scope, dimensions: &[Dimension]) -> Result<view::MarginBridge> {
        let mut name = match &scope.customer {
            Some(customer) => self.customer_name(customer),
            None => "All customers".to_owned(),
        };
        name.push_str(&scope.costs.note());
        let mut command = "piecework margin".to_owned();
        if let Some(customer) = &scope.customer {
            command.push_str(&format!(" --customer {customer}"));
        }
        if let Some(month) = scope.month {
            command.push_str(&format!(" --period {}", month.strftime("%Y-%m")));
        }
        for line in &scope.costs.lines {
            command.push_str(&format!(" --line {}", line.word()));
        }
        if let Some(agent) = &scope.costs.agent {
            command.push_str(&format!(" --agent '{agent}'"));
        }
        if let Some(rule) = scope.costs.unassigned {
            command.push_str(&format!(" --unassigned {}", rule.word()));
        }
        let sold = Sold::read(self, scope.clone())?;
        let period = period(&sold, scope)?;
        let units = sold.units();
        let summary = sold.ledger().summary()?;
        let as_of = scope.as_of;
        sold.margin(&units, |margin| {
            bridge(margin, &summary, name, period, as_of, dimensions, command)
        })
    }
}

/// Everything that a margin is computed from.
pub struct Sold {
    accounts: Vec<Arc<Account>>,
    ledger: CostLedger,
    earnings: Vec<Earning>,
    scope: Scope,
    currency: Currency,
}

impl Sold {
    /// Reads accounts and costs of a book.
    ///
    /// # Errors
    /// Where the book cannot be read, or its contracts are in several currencies.
    pub fn read(book: &Book, scope: Scope) -> Result<Sold> {
        let costs = price_books::load(book.store.as_ref())?;
        let mut accounts = Vec::new();
        let mut entries = Vec::new();
        let currency = book.documents()?.plan.currency;
        for customer in book.chosen(scope.customer.as_deref())? {
            accounts.push(book.account(&customer, None)?);
            entries.extend(costs_of(book, &customer, &costs, currency)?);
        }
        if scope.customer.is_none() {
            entries.extend(costs_of(book, UNASSIGNED, &costs, currency)?);
        }
        margin::count_once(&mut entries);
        entries.retain(|entry: &CostEntry| {
            let day = entry.time.to_zoned(TimeZone::UTC).date();
            entry.time <= scope.as_of && scope.holds(day) && scope.costs.hold(entry)
        });
        let mut ledger = CostLedger { currency, entries };
        ledger.convert(&price_books::rates(book.store.as_ref())?)?;
        let mut sold = Sold {
            ledger,
            earnings: Vec::new(),
            accounts,
            scope,
            currency,
        };
        sold.earnings = sold.earned()?;
        Ok(sold)
    }

    /// The accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> + Clone {
        self.accounts.iter().map(AsRef::as_ref)
    }

    /// The costs.
    pub fn ledger(&self) -> &CostLedger {
        &self.ledger
    }

    /// The units of every contract, in the order of accounts and contracts, then those of none.
    pub fn units(&self) -> Vec<SoldUnit<'_>> {
        margin::Sold::units_of(self.accounts())
    }

    /// Puts revenue and cost side by side and hands the margin over.
    ///
    /// # Errors
    /// Where an amount does not fit.
    pub fn margin<T>(
        &self,
        units: &[SoldUnit<'_>],
        then: impl FnOnce(&Margin<'_>) -> Result<T>,
    ) -> Result<T> {
        let usual = Settings::usual(self.scope.as_of, TimeZone::UTC, self.currency);
        let settings = Settings {
            unassigned: self.scope.costs.unassigned.unwrap_or(usual.unassigned),
            ..usual
        };
        let mut margin = Margin::of(units, &self.ledger, &self.earnings, &settings)?;
        if let Some(month) = self.scope.month {
            margin = margin.of_month(month.year(), month.month());
        }
        then(&margin)
    }

    /// What is owed, cell by cell, with the units that earned it.
    fn earned(&self) -> Result<Vec<Earning>> {
        let sold = margin::Sold::of(self.accounts(), cut_after(self.scope.as_of), self.currency)?;
        if let Some((code, _)) = sold.other_currencies.iter().next() {
            return Err(Refused::OtherCurrency {
                contract: code.to_string(),
                plan: self.currency,
            }
            .into());
        }
        Ok(sold
            .earnings
            .into_iter()
            .filter(|own| self.scope.holds(own.begins))
            .collect())
    }
}

impl Scope {
    fn holds(&self, day: Date) -> bool {
        self.month.is_none_or(|first| day.first_of_month() == first)
    }
}

impl Costs {
    fn hold(&self, entry: &CostEntry) -> bool {
        (self.lines.is_empty() || self.lines.contains(&entry.line))
            && self
                .agent
                .as_ref()
                .is_none_or(|agent| entry.agent.as_ref() == Some(agent))
    }

    /// What is left out, for a title; nothing where everything is in.
    pub fn note(&self) -> String {
        let mut note = String::new();
        if !self.lines.is_empty() {
            let words: Vec<String> = self
                .lines
                .iter()
                .map(|line| line.word().replace('_', " "))
                .collect();
            note.push_str(&format!(", only costs of {}", words.join(", ")));
        }
        if let Some(agent) = &self.agent {
            note.push_str(&format!(", only costs of the agent {agent}"));
        }
        if let Some(rule) = self.unassigned {
            let rule = rule.word().replace('_', " ");
            note.push_str(&format!(", costs of no work: {rule}"));
        }
        note
    }
}

/// The month, or from the first opening to now.
fn period(sold: &Sold, scope: &Scope) -> Result<view::Period> {
    let zone = TimeZone::UTC;
    let (from, until) = match scope.month {
        Some(first) => {
            let next = first.last_of_month().tomorrow()?;
            (
                first.to_zoned(zone.clone())?.timestamp(),
                next.to_zoned(zone.clone())?.timestamp(),
            )
        }
        None => {
            let opened = sold
                .accounts()
                .flat_map(|account| &account.contracts)
                .flat_map(|held| held.units.iter())
                .map(|unit| unit.opened)
                .min();
            (opened.unwrap_or(scope.as_of).min(scope.as_of), scope.as_of)
        }
    };
    Ok(view::Period { from, until, zone })
}

/// What happened at an instant is seen by a cut just after it.
fn cut_after(instant: Timestamp) -> Timestamp {
    instant
        .checked_add(jiff::SignedDuration::from_nanos(1))
        .unwrap_or(instant)
}

/// The costs of one customer, as the sellers' log records them.
pub fn costs_of(
    book: &Book,
    customer: &str,
    costs: &ModelCosts,
    currency: Currency,
) -> Result<Vec<CostEntry>> {
    costs_known(book, customer, (costs, currency), None)
}

/// Those that had arrived by an instant; all, where there is none.
pub(crate) fn costs_known(
    book: &Book,
    customer: &str,
    (costs, currency): (&ModelCosts, Currency),
    known: Option<Timestamp>,
) -> Result<Vec<CostEntry>> {
    let size = known.map(|known| book.size_known(customer, LogKind::Seller, known));
    let contents = book.contents(customer, LogKind::Seller, size.transpose()?)?;
    let facts = resolve(contents).facts;
    Ok(CostLedger::of(&facts, costs, currency, Counting::Claimed).entries)
}
