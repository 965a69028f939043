//! Budgets: how much a customer means to spend, beside what it has spent.
//!
//! Invariant: a budget is held against what was acknowledged before the question; it changes no price, no statement
//! and no proof.

use jiff::Timestamp;
use money::{Amount, Decimal, Ratio, Rounding};
use pages::view::{self, ComponentSpending, ContractSpending, Spending};
use pricing::account::Account;
use pricing::cell::CapStanding;
use pricing::credit::LiveLot;
use pricing::plan::CapMode;
use store::operations::{Budget, BudgetTerms};
use store::{FactKind, FactsOf};
use work::effective::Content;

use crate::Result;
use crate::balances::{Balance, ContractBalance};
use crate::book::Book;
use crate::error::{Invalid, Refused};
use crate::limits::{BUDGET_NOTE_BYTES_MAX, BUDGET_THRESHOLD_PERCENT_MAX, BUDGET_THRESHOLDS_MAX};

/// A budget that is to be set, or taken away.
#[derive(Debug, Clone)]
pub struct SetBudget<'a> {
    /// The customer.
    pub customer: &'a str,
    /// What it sets; nothing takes the budget away.
    pub terms: Option<BudgetTerms>,
    /// The version that the caller has seen; 0 where there was none.
    pub expected: u64,
    /// Id of the API key of who sets it.
    pub by: &'a str,
}

impl Book {
    /// What a customer has spent and whether it may spend as much as is asked, or anything at all.
    ///
    /// # Errors
    /// [`crate::error::Absent::Customer`]; [`Invalid`] for an amount in another currency than the budget's; as
    /// [`Book::balance`].
    pub fn spending(
        &self,
        customer: &str,
        asked: Option<Amount>,
        now: Timestamp,
    ) -> Result<Spending> {
        self.require_customer(customer)?;
        let budget = self.store.operations().budget(customer)?;
        let budget = budget.and_then(|own| Some((own.clone(), own.terms?)));
        let balance = self.balance(customer, now)?;
        standing(balance, budget, asked)
    }

    /// Whether some contract of a customer has a cap on everything, or would have it by the plan in force where the
    /// customer has signed nothing. Only what governs is read.
    ///
    /// # Errors
    /// Where the customer's log or the documents in force cannot be read.
    pub fn has_cap(&self, customer: &str) -> Result<bool> {
        let mut governing = Vec::new();
        for kind in [FactKind::Document, FactKind::Contract] {
            for fact in self.store.facts(customer, kind, FactsOf::Customer)? {
                let fact = fact?;
                governing.push(Content {
                    entry: fact.entry,
                    event: fact.event,
                });
            }
        }
        governing.sort_by_key(|content| content.entry);
        let account = Account::fold(customer, governing, None);
        let mut versions = account
            .contracts
            .iter()
            .flat_map(|held| &held.agreement.versions);
        Ok(match account.contracts.is_empty() {
            true => self.documents()?.plan.totals.totals.cap.is_some(),
            false => versions.any(|version| version.terms.totals.totals.cap.is_some()),
        })
    }

    /// Sets a customer's budget, or takes it away.
    ///
    /// # Errors
    /// [`crate::error::Absent::Customer`]; [`Invalid`] for terms that make no sense; [`Refused::BudgetChanged`] where another version is
    /// in force than the caller has seen.
    pub fn set_budget(&self, set: &SetBudget<'_>, now: Timestamp) -> Result<()> {
        self.require_customer(set.customer)?;
        if let Some(terms) = &set.terms {
            check(terms)?;
        }
        let budget = Budget {
            customer: set.customer.to_owned(),
            version: set.expected + 1,
            terms: set.terms.clone(),
            set_by: set.by.to_owned(),
            set_at: now,
        };
        match self.store.operations().set_budget(&budget, set.expected)? {
            true => Ok(()),
            false => Err(Refused::BudgetChanged(set.customer.to_owned()).into()),
        }
    }
}

fn check(terms: &BudgetTerms) -> Result<()> {
    let invalid = |argument, problem: String| Err(Invalid::Budget { argument, problem }.into());
    if terms.amount.is_zero() || terms.amount.is_negative() {
        return invalid("amount", format!("{} is not above zero", terms.amount));
    }
    let thresholds = &terms.thresholds_percent;
    let in_bounds = thresholds
        .iter()
        .all(|own| (1..=BUDGET_THRESHOLD_PERCENT_MAX).contains(own));
    if !in_bounds
        || !thresholds.is_sorted_by(|a, b| a < b)
        || thresholds.len() > BUDGET_THRESHOLDS_MAX
    {
        let problem = format!(
            "they are at most {BUDGET_THRESHOLDS_MAX} percentages from 1 to {BUDGET_THRESHOLD_PERCENT_MAX}, \
             ascending, each once"
        );
        return invalid("thresholds_percent", problem);
    }
    let note = terms.note.as_deref().unwrap_or_default();
    if note.len() > BUDGET_NOTE_BYTES_MAX {
        return invalid(
            "note",
            format!("it has more than {BUDGET_NOTE_BYTES_MAX} bytes"),
        );
    }
    Ok(())
}

/// A balance held against a budget.
fn standing(
    balance: Balance,
    budget: Option<(Budget, BudgetTerms)>,
    asked: Option<Amount>,
) -> Result<Spending> {
    let own = budget.as_ref().map(|(_, terms)| terms.amount.currency());
    let first = balance.contracts.first().map(ContractBalance::currency);
    let currency = own.or(first);
    if let (Some(asked), Some(currency)) = (asked, currency)
        && asked.currency() != currency
    {
        let problem = format!("{asked} is not in {currency}, in which it would be spent");
        return Err(Invalid::Budget {
            argument: "amount",
            problem,
        }
        .into());
    }
    let (counted, others): (Vec<_>, Vec<_>) = balance
        .contracts
        .iter()
        .partition(|own| Some(own.currency()) == currency);
    let spent = match currency {
        None => None,
        Some(currency) => Some(Amount::sum(currency, counted.iter().map(|own| own.spent))?),
    };
    let mut spending = Spending {
        allowed: true,
        reason: "no budget is set".to_owned(),
        as_of: balance.as_of,
        entries: balance.size,
        budget: None,
        spent,
        remaining: None,
        used_percent: None,
        thresholds_reached: Vec::new(),
        not_counted: others.iter().map(|own| own.contract.clone()).collect(),
        contracts: balance
            .contracts
            .iter()
            .map(of_contract)
            .collect::<Result<_>>()?,
        credits: credits(&balance.credits, balance.as_of)?,
        customer: balance.customer,
    };
    if let (Some((set, terms)), Some(spent)) = (budget, spent) {
        hold_against(&mut spending, &terms, spent, asked)?;
        spending.budget = shown(set);
    }
    hold_against_caps(&mut spending, &balance.contracts, asked)?;
    Ok(spending)
}

/// Charges held against the caps that contracts agree on: one that stops is answered before any budget.
fn hold_against_caps(
    spending: &mut Spending,
    contracts: &[ContractBalance],
    asked: Option<Amount>,
) -> Result<()> {
    for own in contracts {
        let Some(cap) = own.cap.as_ref().filter(|cap| cap.mode == CapMode::Stop) else {
            continue;
        };
        let asked = asked.filter(|asked| asked.currency() == own.currency());
        if !cap.has_room(asked)? {
            spending.allowed = false;
            spending.reason = format!(
                "the cap of {} in the contract `{}` is reached, and it stops",
                cap.most, own.contract
            );
        }
    }
    Ok(())
}

fn of_cap(own: &CapStanding) -> Result<view::CapSpending> {
    let word = own.mode.word();
    Ok(view::CapSpending {
        amount: own.most,
        mode: word.to_owned(),
        done: own.done,
        remaining: own.most.minus(own.done)?,
        reached: !own.has_room(None)?,
        from: own.period.start.at,
        until: own.period.end.at,
    })
}

/// Prepaid credits as they are shown; nothing where none were granted.
fn credits(lots: &[LiveLot], now: Timestamp) -> Result<Vec<view::CreditBalance>> {
    let mut balances: Vec<view::CreditBalance> = Vec::new();
    for lot in lots {
        let zero = Amount::zero(lot.left.currency());
        let known = balances
            .iter()
            .position(|own| own.balance.currency() == lot.left.currency());
        let at = known.unwrap_or_else(|| {
            balances.push(view::CreditBalance {
                balance: zero,
                accrued: zero,
                grants: Vec::new(),
            });
            balances.len() - 1
        });
        let own = &mut balances[at]; // it was found, or put there
        if lot.pays_at(now) {
            own.balance = own.balance.plus(lot.left)?;
        }
        own.accrued = own.accrued.plus(lot.stated.minus(lot.left)?)?;
        own.grants.push(view::CreditLot {
            credit: lot.lot.to_string(),
            left: lot.left,
            from: lot.from,
            until: lot.until,
            pays: lot.pays_at(now),
        });
    }
    Ok(balances)
}

/// A budget as it is shown; nothing of one that was taken away.
#[must_use]
pub fn shown(set: Budget) -> Option<view::Budget> {
    let terms = set.terms?;
    Some(view::Budget {
        version: set.version,
        amount: terms.amount,
        thresholds_percent: terms.thresholds_percent,
        stops: terms.stops,
        note: terms.note,
        set_by: set.set_by,
        set_at: set.set_at,
    })
}

fn hold_against(
    spending: &mut Spending,
    terms: &BudgetTerms,
    spent: Amount,
    asked: Option<Amount>,
) -> Result<()> {
    let hundred = Decimal::from_int(100);
    let remaining = terms.amount.minus(spent)?;
    let used = Ratio::of(spent.value().times(hundred)?, terms.amount.value())?;
    for percent in &terms.thresholds_percent {
        let reached = terms.amount.times(Decimal::from_int(i64::from(*percent)))?;
        if spent.times(hundred)?.value() >= reached.value() {
            spending.thresholds_reached.push(*percent);
        }
    }
    let is_within = match asked {
        Some(asked) => !remaining.minus(asked)?.is_negative(),
        None => !remaining.is_zero() && !remaining.is_negative(),
    };
    spending.allowed = is_within || !terms.stops;
    spending.reason = match (is_within, terms.stops) {
        (true, _) => "it stays within the budget".to_owned(),
        (false, true) => format!("the budget of {} is spent, and it stops", terms.amount),
        (false, false) => format!("the budget of {} is spent; it warns alone", terms.amount),
    };
    spending.remaining = Some(remaining);
    spending.used_percent = Some(used.rounded(1, Rounding::Down)?);
    Ok(())
}

fn of_contract(own: &ContractBalance) -> Result<ContractSpending> {
    let components = own.by_component.iter();
    let components = components.map(|(component, amount)| ComponentSpending {
        component: component.clone(),
        amount: *amount,
    });
    Ok(ContractSpending {
        contract: own.contract.clone(),
        is_draft: own.is_draft,
        from: own.period.start.at,
        until: own.period.end.at,
        time_zone: own.period.zone.clone(),
        spent: own.spent,
        components: components.collect(),
        credited: own.credited,
        minimum: own.minimum,
        remaining_minimum: own.remaining_minimum()?,
        cap: own.cap.as_ref().map(of_cap).transpose()?,
    })
}
