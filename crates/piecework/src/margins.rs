//! Revenue and cost of a book side by side: what the margin command and the bridge page are made of.

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Currency, Decimal};
use pricing::account::{Account, Held};
use pricing::cell::{Source, owed};
use pricing::margin::{CostEntry, CostLedger, Counting, Earning, Margin, Settings, SoldUnit};
use pricing::model_costs::ModelCosts;
use work::Header;
use work::LogKind;
use work::effective::resolve;
use work::event::UNASSIGNED;
use work::settle::Unit;

use crate::context::Book;
use crate::price_books;

/// What a margin is about.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Only this customer; all where absent.
    pub customer: Option<String>,
    /// Only this month, by its first day; everything where absent.
    pub month: Option<Date>,
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
}

/// Everything that a margin is computed from.
pub struct Sold {
    accounts: Vec<Account>,
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
        let costs = price_books::load(book.path(), book.store.as_ref())?;
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
        entries.retain(|entry: &CostEntry| entry.time <= scope.as_of && scope.holds(entry.time));
        let mut sold = Sold {
            ledger: CostLedger { currency, entries },
            earnings: Vec::new(),
            accounts,
            scope,
            currency,
        };
        sold.earnings = sold.earned()?;
        Ok(sold)
    }

    /// The accounts.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The costs.
    pub fn ledger(&self) -> &CostLedger {
        &self.ledger
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The units of every contract, in the order of accounts and contracts, then those of none.
    pub fn units(&self) -> Vec<SoldUnit<'_>> {
        self.accounts
            .iter()
            .flat_map(|account| {
                let held = account.contracts.iter().flat_map(|held| {
                    held.units.iter().map(|unit| sold_unit(account, Some(held), unit))
                });
                let loose =
                    account.loose_units.iter().map(|(unit, _)| sold_unit(account, None, unit));
                held.chain(loose)
            })
            .collect()
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
        let settings = Settings::usual(self.scope.as_of, TimeZone::UTC, self.currency);
        let mut margin = Margin::of(units, &self.ledger, &self.earnings, &settings)?;
        if let Some(month) = self.scope.month {
            margin = margin.of_month(month.year(), month.month());
        }
        then(&margin)
    }

    /// What is owed, cell by cell, with the units that earned it.
    fn earned(&self) -> Result<Vec<Earning>> {
        let mut earnings = Vec::new();
        let mut offset = 0;
        for account in &self.accounts {
            for held in &account.contracts {
                let contract = &held.agreement.latest().terms.contract;
                if contract.currency != self.currency {
                    bail!(
                        "`{}` is in {}, the plan in force in {}; a margin over both needs a dated \
                         exchange-rate document, so name a customer",
                        contract.id,
                        contract.currency,
                        self.currency
                    );
                }
                let owed = owed(&held.agreement, &held.facts(), cut_after(self.scope.as_of))?;
                for (key, cell) in &owed.cells {
                    if !self.scope.holds(key.period) {
                        continue;
                    }
                    let earned_by: Vec<(usize, Decimal)> = cell
                        .contributions
                        .iter()
                        .filter_map(|own| match own.source {
                            Source::Unit(unit, _) => Some((offset + unit, own.weight)),
                            Source::Usage(_) => None,
                        })
                        .collect();
                    earnings.push(Earning {
                        customer: account.customer.clone(),
                        plan: Some(plan_name(held)),
                        what: key.to_string(),
                        period: key.period,
                        amount: cell.charged()?,
                        earned_by,
                    });
                }
                offset += held.units.len();
            }
            offset += account.loose_units.len();
        }
        Ok(earnings)
    }
}

impl Scope {
    fn holds(&self, instant: Timestamp) -> bool {
        self.month.is_none_or(|first| {
            instant.to_zoned(TimeZone::UTC).date().first_of_month() == first
        })
    }
}

/// What happened at an instant is seen by a cut just after it.
fn cut_after(instant: Timestamp) -> Timestamp {
    instant.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(instant)
}

/// The costs in one customer's seller-only log.
/// The costs of one customer, as the sellers' log records them.
pub fn costs_of(
    book: &Book,
    customer: &str,
    costs: &ModelCosts,
    currency: Currency,
) -> Result<Vec<CostEntry>> {
    let contents = book.contents(customer, LogKind::Seller, None)?;
    let facts = resolve(contents).facts;
    Ok(CostLedger::of(&facts, costs, currency, Counting::Claimed).entries)
}

fn plan_name(held: &Held) -> String {
    held.agreement.latest().terms.plan_name.clone()
}

fn sold_unit<'a>(account: &'a Account, held: Option<&'a Held>, unit: &'a Unit) -> SoldUnit<'a> {
    let definition = held.and_then(|held| {
        let version = held.agreement.version(unit.version)?;
        version.terms.definitions.get(&unit.key.unit)
    });
    let key: &[Header] = definition.map_or(&[], |definition| &definition.one_per.key);
    let plan = held.map(|held| held.agreement.latest().terms.plan_name.as_str());
    SoldUnit { customer: &account.customer, plan, key, unit }
}
