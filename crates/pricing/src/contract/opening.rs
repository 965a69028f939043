//! The opening of a contract: what another system counted and billed before it began.
//!
//! A customer rarely begins with the first unit it ever bought. The opening says where tiers and allowances stand,
//! which charges of the first period were billed already, which works are under way or were billed, what is left of
//! prepaid credits, and what is unpaid (semantics.md P6). It is one document, put in force once, before the
//! contract's first statement. Not here: its effect on amounts ([`crate::cell`]). Invariant: nothing of it is
//! charged, and nothing that it says was billed is billed again.

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency, Quantity};
use work::Digest;
use work::body::{Grant, GrantScope, RESTORE_DAYS};
use work::settle::Unit;

use super::InForce;
use super::invoice::line;
use crate::document::{DocumentError, Faults, Table, parse};
use crate::limits::{GROUPS_MAX, OPENING_WORKS_MAX};
use crate::plan::{Aggregate, CURRENCY_HINT, Terms};
use crate::rating::Measure;

/// Why a percentage has no counter.
const OF_EACH: &str = "a percentage of each has no tiers, so there is nothing to go on from";

/// What another system counted and billed before a contract began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The contract's id.
    pub contract: String,
    /// The contract's currency.
    pub currency: Currency,
    /// The digest of the document's text.
    pub digest: Digest,
    /// Which system, and as of when, in words.
    pub system: String,
    /// Where tiers and allowances stand.
    pub counters: Vec<Counter>,
    /// Charges of the first period that were billed.
    pub stated: Vec<StatedBefore>,
    /// Works that began before the contract.
    pub works: Vec<WorkBefore>,
    /// What is left of prepaid credits.
    pub grants: Vec<GrantBefore>,
    /// What was billed and is not paid.
    pub unpaid: Vec<UnpaidBefore>,
    /// The document's text.
    pub text: String,
}

/// How far a component's first rating period had come (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The component.
    pub component: String,
    /// The label of its price group; empty where it has but one price.
    pub label: String,
    /// Its position in the tiers: units, or money of a graduated percentage.
    pub quantity: Quantity,
    /// What of the first period's allowance is used up.
    pub included: Quantity,
}

/// A charge of the first period that was billed (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedBefore {
    /// The component: a fee, or seats.
    pub component: String,
    /// How much of it: 1 for a fee, seat-days of seats.
    pub quantity: Quantity,
    /// What was billed.
    pub amount: Amount,
}

/// A work that began before the contract (P6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkBefore {
    /// Id of its definition.
    pub unit: String,
    /// Its work id, or the one value of the header that it is counted by.
    pub work: String,
    /// What was billed for it; nothing for one that is still open (P6).
    pub billed: Option<Amount>,
}

/// What is left of a grant of prepaid credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantBefore {
    /// Its id.
    pub grant: String,
    /// What is left of it.
    pub amount: Amount,
    /// What was paid for that; nothing for a promotion.
    pub paid: Option<Amount>,
    /// A lower number is drawn first.
    pub priority: u32,
    /// From when it does not pay any more.
    pub expires: Option<Timestamp>,
    /// What it pays for.
    pub scope: GrantScope,
}

/// A document of the other system that is not paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpaidBefore {
    /// Its number there.
    pub number: String,
    /// What is open.
    pub amount: Amount,
    /// When it is due.
    pub due: Option<Date>,
}

/// Why an opening cannot be put in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningRefusal {
    /// It is another contract's.
    #[error("the document opens `{given}`, not `{contract}`")]
    OtherContract {
        /// The contract.
        contract: String,
        /// The one in the document.
        given: String,
    },
    /// It is in another currency.
    #[error(
        "the document is in {given}, and `{contract}` in {currency}: state every amount in {currency}"
    )]
    OtherCurrency {
        /// The contract.
        contract: String,
        /// Its currency.
        currency: Currency,
        /// The document's.
        given: Currency,
    },
    /// The contract has an opening.
    #[error(
        "`{0}` has its opening already: a contract begins once; correct it with a credit, or void it by a new contract"
    )]
    Known(String),
    /// A statement was issued.
    #[error(
        "`{contract}` has issued `{number}`: an opening comes before the first statement; give a credit for what \
         was billed twice"
    )]
    Stated {
        /// The contract.
        contract: String,
        /// Its first statement.
        number: String,
    },
    /// Something in it does not go with the contract's first version.
    #[error("{what}: {why}")]
    Unfit {
        /// What of the document.
        what: String,
        /// Why.
        why: String,
    },
}

impl Opening {
    /// Reads an opening.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(text: &str) -> Result<Opening, DocumentError> {
        let error = |faults| DocumentError {
            document: "opening",
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let opening = read(&Table::new(root.get_ref(), root.span(), &faults), text);
        match opening {
            Some(opening) if faults.is_empty() => Ok(opening),
            _ => Err(error(faults.into_sorted())),
        }
    }

    /// The counter of a price group, where it has one.
    #[must_use]
    pub fn counter(&self, component: &str, label: &str) -> Option<&Counter> {
        let mut own = self.counters.iter();
        own.find(|own| {
            // The one price of an outcome has no name in the document.
            let is_named = own.label == label || (own.label.is_empty() && label == "work");
            own.component == component && is_named
        })
    }

    /// What of a component's first allowance is used up.
    ///
    /// # Errors
    /// [`money::MoneyError::Overflow`].
    pub fn included(&self, component: &str) -> Result<Quantity, money::MoneyError> {
        let own = self
            .counters
            .iter()
            .filter(|own| own.component == component);
        own.map(|own| own.included)
            .try_fold(Quantity::ZERO, |sum, own| sum.plus(own))
    }

    /// The place of a work in the list that a unit is, where it is one.
    #[must_use]
    pub fn work(&self, unit: &Unit) -> Option<usize> {
        let is_named = |own: &WorkBefore| {
            let scope = unit.key.scope.as_slice();
            unit.works.iter().any(|work| *work == *own.work)
                || matches!(scope, [value] if *value == *own.work)
        };
        let mut works = self.works.iter();
        works.position(|own| unit.key.unit == *own.unit && is_named(own))
    }

    /// What is unpaid together.
    ///
    /// # Errors
    /// [`money::MoneyError::Overflow`].
    pub fn unpaid(&self) -> Result<Amount, money::MoneyError> {
        Amount::sum(self.currency, self.unpaid.iter().map(|own| own.amount))
    }

    /// The grants as they would have been granted for the contract.
    pub fn granted(&self, by: &str) -> impl Iterator<Item = Grant> {
        self.grants.iter().map(|own| Grant {
            grant: own.grant.clone(),
            contract: Some(self.contract.clone()),
            amount: own.amount,
            paid: own.paid,
            priority: own.priority,
            starts: None,
            expires: own.expires,
            scope: own.scope.clone(),
            restore_days: RESTORE_DAYS,
            by: by.to_owned(),
        })
    }

    /// What it states, a line each.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let counters = self.counters.iter().map(|own| {
            let class = match own.label.as_str() {
                "" => String::new(),
                label => format!(", {label}"),
            };
            format!(
                "{}{class}: {} counted and {} of the allowance used before",
                own.component, own.quantity, own.included
            )
        });
        let stated = self
            .stated
            .iter()
            .map(|own| format!("{}: {} billed before", own.component, own.amount));
        let works = self.works.iter().map(|own| match own.billed {
            Some(billed) => format!("{} {}: {billed} billed before", own.unit, own.work),
            None => format!("{} {}: opened before, not billed", own.unit, own.work),
        });
        let grants = self.grants.iter();
        let grants = grants.map(|own| format!("credits {}: {} left", own.grant, own.amount));
        let unpaid = self.unpaid.iter().map(|own| match own.due {
            Some(due) => format!("{}: {} unpaid, due {due}", own.number, own.amount),
            None => format!("{}: {} unpaid", own.number, own.amount),
        });
        counters
            .chain(stated)
            .chain(works)
            .chain(grants)
            .chain(unpaid)
            .collect()
    }

    /// Whether it goes with the terms of a contract's first version.
    ///
    /// # Errors
    /// [`OpeningRefusal`].
    pub fn fits(&self, terms: &InForce) -> Result<(), OpeningRefusal> {
        let contract = &terms.contract;
        if self.contract != contract.id {
            return Err(OpeningRefusal::OtherContract {
                contract: contract.id.clone(),
                given: self.contract.clone(),
            });
        }
        if self.currency != contract.currency {
            return Err(OpeningRefusal::OtherCurrency {
                contract: contract.id.clone(),
                currency: contract.currency,
                given: self.currency,
            });
        }
        let unfit = |what: String, why: &str| {
            Err(OpeningRefusal::Unfit {
                what,
                why: why.to_owned(),
            })
        };
        let sold = |id: &str| terms.components.iter().find(|own| own.id == id);
        for own in &self.counters {
            let what = format!("the counter of `{}`", own.component);
            let Some(component) = sold(&own.component) else {
                return unfit(what, "the contract sells no such component");
            };
            let known = match &component.terms {
                Terms::Metered(metered) => {
                    if !matches!(metered.aggregate, Aggregate::Sum | Aggregate::Count) {
                        return unfit(what, "only sums and counts go on from a position");
                    }
                    if metered.price.measure() == Measure::MoneyOfEach {
                        return unfit(what, OF_EACH);
                    }
                    own.label.is_empty()
                }
                Terms::Indemnity(_) => own.label.is_empty(),
                Terms::Outcome(outcome) => {
                    let label = if own.label.is_empty() {
                        "work"
                    } else {
                        &own.label
                    };
                    let mut groups = outcome.groups.iter();
                    let group = groups.find(|group| group.label() == label);
                    if group.is_some_and(|own| own.price.measure() == Measure::MoneyOfEach) {
                        return unfit(what, OF_EACH);
                    }
                    group.is_some()
                }
                Terms::Platform(_)
                | Terms::Seats(_)
                | Terms::Risk(_)
                | Terms::ServiceLevel(_)
                | Terms::Aggregate(_) => {
                    return unfit(
                        what,
                        "it has no tiers that go on; what was billed is `[[stated]]`",
                    );
                }
            };
            if !known {
                return unfit(
                    what,
                    "`class` is the name of a price of its own in the component, several joined with `+`, and only there",
                );
            }
        }
        for own in &self.stated {
            let component = sold(&own.component).map(|own| &own.terms);
            if !matches!(component, Some(Terms::Platform(_) | Terms::Seats(_))) {
                return unfit(
                    format!("what was stated of `{}`", own.component),
                    "the contract sells no such fee or seats; tiers go on by `[[counter]]`",
                );
            }
        }
        for own in &self.works {
            let is_sold = terms.components.iter().any(|component| {
                matches!(&component.terms, Terms::Outcome(outcome) if outcome.unit == own.unit)
            });
            if !is_sold {
                return unfit(
                    format!("the work `{}`", own.work),
                    "the contract does not sell its unit",
                );
            }
        }
        Ok(())
    }
}

fn read(root: &Table<'_>, text: &str) -> Option<Opening> {
    let contract = root.need("contract", root.id("contract"));
    let code = root.need("currency", root.text("currency"));
    let currency: Option<Currency> = code.and_then(|code| {
        code.parse()
            .map_err(|error: money::MoneyError| {
                root.fault("currency", error.to_string(), Some(CURRENCY_HINT));
            })
            .ok()
    });
    let system = root.need("system", line(root, "system"));
    // Without a currency no amount can be read, and that is the fault.
    let currency = currency?;
    let counters = read_counters(root);
    let stated = read_stated(root, currency);
    let works = read_works(root, currency);
    let grants = read_grants(root, currency);
    let unpaid = read_unpaid(root, currency);
    root.finish();
    Some(Opening {
        contract: contract?,
        currency,
        digest: Digest::of(text.as_bytes()),
        system: system?,
        counters,
        stated,
        works,
        grants,
        unpaid,
        text: text.to_owned(),
    })
}

fn read_counters(root: &Table<'_>) -> Vec<Counter> {
    let mut found: Vec<Counter> = Vec::new();
    for table in root.tables("counter", GROUPS_MAX) {
        let component = table.need("component", table.id("component"));
        let label = table.text("class").unwrap_or_default();
        let quantity = table.need("quantity", table.quantity("quantity"));
        let included = table.quantity("included").unwrap_or_default();
        table.finish();
        let (Some(component), Some(quantity)) = (component, quantity) else {
            continue;
        };
        if found
            .iter()
            .any(|own| own.component == component && own.label == label)
        {
            table.fault("component", "this counter is there twice", None);
        }
        found.push(Counter {
            component,
            label,
            quantity,
            included,
        });
    }
    found
}

fn read_stated(root: &Table<'_>, currency: Currency) -> Vec<StatedBefore> {
    let mut found: Vec<StatedBefore> = Vec::new();
    for table in root.tables("stated", GROUPS_MAX) {
        let component = table.need("component", table.id("component"));
        let quantity = table.quantity("quantity").unwrap_or(Quantity::ONE);
        let amount = table.need("amount", table.amount("amount", currency));
        table.finish();
        let (Some(component), Some(amount)) = (component, amount) else {
            continue;
        };
        if found.iter().any(|own| own.component == component) {
            let hint = "one amount for each component: the sum of what was billed of it";
            table.fault("component", "this component is there twice", Some(hint));
        }
        found.push(StatedBefore {
            component,
            quantity,
            amount,
        });
    }
    found
}

fn read_works(root: &Table<'_>, currency: Currency) -> Vec<WorkBefore> {
    let mut found: Vec<WorkBefore> = Vec::new();
    for table in root.tables("work", OPENING_WORKS_MAX) {
        let unit = table.need("unit", table.id("unit"));
        let work = table.need("work", line(&table, "work"));
        let billed = table.amount("billed", currency);
        table.finish();
        let (Some(unit), Some(work)) = (unit, work) else {
            continue;
        };
        if found.iter().any(|own| own.unit == unit && own.work == work) {
            table.fault("work", "this work is there twice", None);
        }
        found.push(WorkBefore { unit, work, billed });
    }
    found
}

fn read_grants(root: &Table<'_>, currency: Currency) -> Vec<GrantBefore> {
    let mut found: Vec<GrantBefore> = Vec::new();
    for table in root.tables("grant", GROUPS_MAX) {
        let grant = table.need("grant", table.id("grant"));
        let amount = table.need("amount", table.amount("amount", currency));
        let paid = table.amount("paid", currency);
        let priority = table.count("priority", 0).unwrap_or(0);
        let expires = table.text("expires").and_then(|text| {
            let read: Option<Timestamp> = text.parse().ok();
            let read = read.filter(|own| own.to_string() == text);
            if read.is_none() {
                let fault = "an instant such as `2026-12-31T23:00:00Z`, in quotes";
                table.fault("expires", fault, None);
            }
            read
        });
        let scope = GrantScope {
            surfaces: table.texts("surfaces", GROUPS_MAX),
            components: table.texts("components", GROUPS_MAX),
        };
        table.finish();
        if !scope.surfaces.is_empty() && !scope.components.is_empty() {
            table.fault(
                "components",
                "a grant is for surfaces or for components",
                None,
            );
        }
        let (Some(grant), Some(amount)) = (grant, amount) else {
            continue;
        };
        if amount.is_zero() {
            table.fault("amount", "a grant gives something", None);
        }
        if found.iter().any(|own| own.grant == grant) {
            table.fault("grant", "this grant is there twice", None);
        }
        found.push(GrantBefore {
            grant,
            amount,
            paid,
            priority,
            expires,
            scope,
        });
    }
    found
}

fn read_unpaid(root: &Table<'_>, currency: Currency) -> Vec<UnpaidBefore> {
    let mut found = Vec::new();
    for table in root.tables("unpaid", GROUPS_MAX) {
        let number = table.need("number", line(&table, "number"));
        let amount = table.need("amount", table.amount("amount", currency));
        let due = table.date("due");
        table.finish();
        if let (Some(number), Some(amount)) = (number, amount) {
            found.push(UnpaidBefore {
                number,
                amount,
                due,
            });
        }
    }
    found
}
