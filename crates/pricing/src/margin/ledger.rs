//! [`CostLedger`]: every `cost.recorded` fact as a costed line, or as one without a price.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError};
use work::Headers;
use work::body::{Body, Cost, CostLine};
use work::effective::Fact;
use work::settle::FactRef;

use super::{Conversion, Converted};
use crate::model_costs::{ModelCosts, Priced, Unpriced};

/// Which of two known costs counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// The claimed one where it is not zero, else the computed one: the default. A recorded zero
    /// does not mean free: self-hosted and fine-tuned models have no price at run time.
    #[default]
    Claimed,
    /// The computed one, else the claimed one where it is not zero.
    Computed,
}

impl Counting {
    /// The setting's words.
    pub const WORDS: [(&'static str, Counting); 2] = [
        ("claimed", Counting::Claimed),
        ("computed", Counting::Computed),
    ];
}

/// The costs of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLedger {
    /// The currency of every amount that counts.
    pub currency: Currency,
    /// The entries, by time, customer, source and id.
    pub entries: Vec<CostEntry>,
}

/// One cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostEntry {
    /// The customer, [`work::event::UNASSIGNED`] where the sender named none.
    pub customer: String,
    /// Source and id of the fact.
    pub fact: FactRef,
    /// When.
    pub time: Timestamp,
    /// The work instance that the sender named.
    pub work: Option<String>,
    /// The trace that it happened in.
    pub trace: Option<String>,
    /// Shared headers.
    pub headers: Headers,
    /// The cost line.
    pub line: CostLine,
    /// Who ran the model.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The agent.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The amount that the sender claimed; negative for a credit.
    pub claimed: Option<Amount>,
    /// The amount by the model costs of the day, where the entry counts tokens of a model.
    pub computed: Option<Result<Priced, Unpriced>>,
    /// What counts.
    pub counts: What,
}

/// What of an entry counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The claimed amount.
    Claimed(Amount),
    /// The computed amount.
    Computed(Amount),
    /// One of them, in another currency, by a published rate of exchange.
    Converted(Box<Converted>),
    /// Neither: shown and counted as without a price, never as zero.
    Uncosted(Uncosted),
}

/// Why an entry has no cost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncosted {
    /// The model costs do not price it.
    #[error(transparent)]
    Model(#[from] Unpriced),
    /// No model is named, and no amount above zero.
    #[error("a model cost without an amount and without a model; record one of them")]
    NoModel,
    /// Another currency than the ledger's, and no rate of exchange for it.
    #[error("in {code}; no rate of exchange is published", code = .0.currency())]
    OtherCurrency(Amount),
}

/// A ledger in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Entries with a cost.
    pub costed: u64,
    /// Their sum.
    pub amount: Amount,
    /// Entries in another currency that no published rate converts, by its code: they are in no sum.
    pub other_currencies: BTreeMap<&'static str, Unconverted>,
    /// What was converted, by currency, then by rate; in the sum.
    pub conversions: Vec<Conversion>,
    /// Entries that nothing prices.
    pub unpriced: u64,
    /// The models they name, with the number of entries; `None` where none is named.
    pub unpriced_models: BTreeMap<Option<String>, u64>,
    /// Entries with both a claimed amount above zero and a computed one that differ.
    pub differing: u64,
    /// Claimed less computed, summed over the entries that have both.
    pub difference: Amount,
}

/// Costs in a currency that is not the ledger's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconverted {
    /// How many entries.
    pub entries: u64,
    /// Their sum, in their own currency.
    pub amount: Amount,
}

impl CostLedger {
    /// The costs among `facts`, in `currency`.
    #[must_use]
    pub fn of<'f>(
        facts: impl IntoIterator<Item = &'f Fact>,
        costs: &ModelCosts,
        currency: Currency,
        counting: Counting,
    ) -> CostLedger {
        let mut entries: Vec<CostEntry> = facts
            .into_iter()
            .filter_map(|fact| match &fact.event.body {
                Body::Cost(cost) => Some(entry(fact, cost, costs, currency, counting)),
                _ => None,
            })
            .collect();
        entries.sort_by(|a, b| (a.time, &a.customer, &a.fact).cmp(&(b.time, &b.customer, &b.fact)));
        CostLedger { currency, entries }
    }

    /// The ledger in a few numbers.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn summary(&self) -> Result<Summary, MoneyError> {
        let mut summary = Summary {
            costed: 0,
            amount: Amount::zero(self.currency),
            other_currencies: BTreeMap::new(),
            conversions: self.conversions()?,
            unpriced: 0,
            unpriced_models: BTreeMap::new(),
            differing: 0,
            difference: Amount::zero(self.currency),
        };
        for entry in &self.entries {
            if let Some(amount) = entry.amount() {
                summary.costed += 1;
                summary.amount = summary.amount.plus(amount)?;
            } else if let Some(foreign) = entry.unconverted() {
                let other = summary
                    .other_currencies
                    .entry(foreign.currency().code())
                    .or_insert(Unconverted {
                        entries: 0,
                        amount: Amount::zero(foreign.currency()),
                    });
                other.entries += 1;
                other.amount = other.amount.plus(foreign)?;
            } else {
                summary.unpriced += 1;
                *summary
                    .unpriced_models
                    .entry(entry.model.clone())
                    .or_default() += 1;
            }
            if let Some(difference) = entry.difference()? {
                summary.differing += u64::from(!difference.is_zero());
                summary.difference = summary.difference.plus(difference)?;
            }
        }
        Ok(summary)
    }
}

impl CostEntry {
    /// The amount that counts; `None` where there is none.
    #[must_use]
    pub fn amount(&self) -> Option<Amount> {
        match &self.counts {
            What::Claimed(amount) | What::Computed(amount) => Some(*amount),
            What::Converted(own) => Some(own.amount),
            What::Uncosted(_) => None,
        }
    }

    /// What it cost in a currency that is not the ledger's and that nothing converts.
    #[must_use]
    pub const fn unconverted(&self) -> Option<Amount> {
        match self.counts {
            What::Uncosted(Uncosted::OtherCurrency(amount)) => Some(amount),
            _ => None,
        }
    }

    /// Claimed less computed, where both are known in one currency and something was claimed.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn difference(&self) -> Result<Option<Amount>, MoneyError> {
        match (self.claimed, &self.computed) {
            (Some(claimed), Some(Ok(priced)))
                if is_positive(claimed) && claimed.currency() == priced.amount.currency() =>
            {
                claimed.minus(priced.amount).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn is_positive(amount: Amount) -> bool {
    !amount.is_zero() && !amount.is_negative()
}

fn entry(
    fact: &Fact,
    cost: &Cost,
    costs: &ModelCosts,
    currency: Currency,
    counting: Counting,
) -> CostEntry {
    let event = &fact.event;
    let computed = cost
        .model
        .as_deref()
        .map(|model| costs.price(cost.provider.as_deref(), model, &cost.tokens, event.time));
    let counts = counts(cost, computed.as_ref(), currency, counting);
    CostEntry {
        customer: event.customer.to_string(),
        fact: fact.reference(),
        time: event.time,
        work: event.work.as_deref().map(str::to_owned),
        trace: event.trace_id(),
        headers: event.headers.clone(),
        line: cost.line,
        provider: cost.provider.clone(),
        model: cost.model.clone(),
        agent: cost.agent.clone(),
        agent_version: cost.agent_version.clone(),
        claimed: cost.amount,
        computed,
        counts,
    }
}

fn counts(
    cost: &Cost,
    computed: Option<&Result<Priced, Unpriced>>,
    currency: Currency,
    counting: Counting,
) -> What {
    let own = |amount: Amount, what: fn(Amount) -> What| {
        if amount.currency() == currency {
            what(amount)
        } else {
            What::Uncosted(Uncosted::OtherCurrency(amount))
        }
    };
    // Below zero it is what a provider gave back.
    let claimed = cost.amount.filter(|amount| !amount.is_zero());
    let priced = computed
        .and_then(|computed| computed.as_ref().ok())
        .map(|priced| priced.amount);
    let (first, second) = match counting {
        Counting::Claimed => (
            claimed.map(|a| own(a, What::Claimed)),
            priced.map(|a| own(a, What::Computed)),
        ),
        Counting::Computed => (
            priced.map(|a| own(a, What::Computed)),
            claimed.map(|a| own(a, What::Claimed)),
        ),
    };
    if let Some(what) = first.or(second) {
        return what;
    }
    match (computed, cost.amount) {
        (Some(Err(reason)), _) => What::Uncosted(Uncosted::Model(reason.clone())),
        // An amount of zero on another line than the model's is what it says.
        (_, Some(zero)) if cost.line != CostLine::Model => own(zero, What::Claimed),
        _ => What::Uncosted(Uncosted::NoModel),
    }
}
