//! Budgets: how much a customer means to spend, beside what it has spent.
//!
//! Invariant: a budget is held against what was acknowledged before the question; it changes no price, no statement
//! and no proof.

use jiff::Timestamp;
use money::{Amount, Decimal, Ratio, Rounding};
use pages::view::{self, ComponentSpending, ContractSpending, Spending};
use pricing::credit::LiveLot;
use store::operations::{Budget, BudgetTerms};

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
    Ok(spending)
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
        spent: own.spent,
        components: components.collect(),
        credited: own.credited,
        minimum: own.minimum,
        remaining_minimum: own.remaining_minimum()?,
    })
}
