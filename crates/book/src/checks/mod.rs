//! The five checks of a price (`piecework check`): units apart, defined before priced, attribution decided, proof
//! there, margin known.
//!
//! Each check is one function over the terms in force and what the book knows, and comes out as pass, warn or fail,
//! with reasons and what mends it. A fail keeps statements of the contract from being issued, unless somebody waived
//! it ([`waivers`](Waive)); it keeps nothing from being drafted or looked at. Not here: the documents' own grammar
//! (`work`, `pricing`), and the statistics (`evidence`).
//!
//! Invariants: what was measured on few works warns and never fails; a statement that was issued stays what it was,
//! for what is checked is whether one is issued, and no part of what it says (semantics.md D13).

pub(crate) mod attribution;
mod gate;
mod margin;
mod order;
mod proof;
mod settings;
#[cfg(test)]
mod tests;
mod units;
mod waivers;

use jiff::Timestamp;
use pages::view::{CheckReason, CheckRow, CheckVerdict, ContractChecks};
use pricing::Plan;
use pricing::account::{Account, Held};
use pricing::contract::InForce;
use pricing::plan::{Component, Meter, Terms};
use pricing::rating::Measure;
use work::body::PriceCheck;
use work::effective::resolve;
use work::{Definition, LogKind};

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::documents::Documents;
use crate::statements::Known;

pub(crate) use gate::in_words;
pub use settings::{Checks, Needs};
pub use waivers::Waive;

use attribution::FactsByName;
use order::Published;

/// What a check found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    reasons: Vec<CheckReason>,
    remedy: Option<&'static str>,
}

impl Found {
    /// Nothing yet: what has no fault passes.
    fn passing() -> Found {
        Found::default()
    }

    fn add(&mut self, reason: CheckReason) {
        self.reasons.push(reason);
    }

    fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The same, with what mends it; the worst reasons first.
    fn mended_by(mut self, remedy: &'static str) -> Found {
        self.reasons
            .sort_by_key(|own| std::cmp::Reverse(own.verdict));
        self.remedy = Some(remedy);
        self
    }

    /// The worst of the reasons.
    pub(crate) fn verdict(&self) -> CheckVerdict {
        let worst = self.reasons.iter().map(|own| own.verdict).max();
        worst.unwrap_or(CheckVerdict::Pass)
    }

    fn row(self, check: PriceCheck) -> CheckRow {
        let verdict = self.verdict();
        let remedy = self.remedy.filter(|_| verdict != CheckVerdict::Pass);
        CheckRow {
            check: check.word().to_owned(),
            asks: asks(check).to_owned(),
            verdict,
            reasons: self.reasons,
            remedy: remedy.map(str::to_owned),
            waived: None,
        }
    }
}

/// What a check asks.
const fn asks(check: PriceCheck) -> &'static str {
    match check {
        PriceCheck::Units => "Are cost units kept apart from what the buyer values?",
        PriceCheck::Order => "Was the unit defined before it was priced?",
        PriceCheck::Attribution => "Was it decided whose the outcome is, with reasons?",
        PriceCheck::Proof => "Is the evidence there that the definition needs?",
        PriceCheck::Margin => "Is the margin known?",
    }
}

fn reason(verdict: CheckVerdict, says: String) -> CheckReason {
    reason_of(verdict, says, [])
}

fn reason_of<const N: usize>(
    verdict: CheckVerdict,
    says: String,
    entries: [u64; N],
) -> CheckReason {
    CheckReason {
        says,
        verdict,
        entries: entries.to_vec(),
    }
}

/// What is priced, of a contract or of the documents in force.
struct Priced<'a> {
    components: &'a [Component],
    precedence: &'a [String],
    definitions: Vec<&'a Definition>,
    free: Option<&'a InForce>,
}

impl<'a> Priced<'a> {
    fn by(terms: &'a InForce) -> Priced<'a> {
        Priced {
            components: &terms.components,
            precedence: &terms.precedence,
            definitions: terms.definitions.values().map(AsRef::as_ref).collect(),
            free: Some(terms),
        }
    }

    fn in_force(documents: &'a Documents) -> Priced<'a> {
        Priced {
            components: &documents.plan.components,
            precedence: &documents.plan.precedence,
            definitions: documents.definitions.iter().collect(),
            free: None,
        }
    }

    /// The components that charge counted work, each with its definition.
    fn outcomes(&self) -> impl Iterator<Item = (&'a Component, &'a Definition)> + '_ {
        self.components.iter().filter_map(|component| {
            let Terms::Outcome(own) = &component.terms else {
                return None;
            };
            let is_free = own.groups.iter().all(|group| group.free) && own.attempt.is_none();
            if is_free || self.is_free(component) {
                return None;
            }
            let mut definitions = self.definitions.iter();
            let definition = definitions.find(|known| known.id == own.unit)?;
            Some((component, *definition))
        })
    }

    /// The components that charge a share of what came to more than a baseline.
    fn over_a_baseline(&self) -> impl Iterator<Item = &'a Component> + '_ {
        let components = self.components.iter();
        components.filter(|own| matches!(own.terms, Terms::Aggregate(_)) && !self.is_free(own))
    }

    fn is_free(&self, component: &Component) -> bool {
        self.free.is_some_and(|terms| terms.is_free(&component.id))
    }

    /// Whether the price is of the difference that the work made, and not of a counted unit.
    fn prices_the_difference(component: &Component) -> bool {
        let Terms::Outcome(own) = &component.terms else {
            return false;
        };
        let mut groups = own.groups.iter().filter(|group| !group.free);
        groups.any(|group| group.price.measure() != Measure::Quantity)
    }
}

impl Book {
    /// The checks of contracts of a customer: of one, or of all.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer or contract; where the book cannot be read.
    pub fn checks(
        &self,
        customer: &str,
        contract: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<ContractChecks>> {
        self.chosen(Some(customer))?;
        let known = Known::of(self, customer)?;
        let contents = self.contents(customer, LogKind::Shared, Some(known.account.coverage))?;
        let facts = resolve(contents).facts;
        let facts: FactsByName<'_> = facts.iter().map(|own| (own.reference(), own)).collect();
        let published = Published::of(self, customer)?;
        let margin = margin::check(self, customer, now)?;
        let mut all = Vec::new();
        for held in accounts::contracts(&known.account, contract)? {
            let terms = &in_force(held, now).terms;
            let priced = Priced::by(terms);
            let meters = self.meters_of(terms, &published);
            let found = [
                (PriceCheck::Units, units::check(&priced, &meters)),
                (
                    PriceCheck::Order,
                    order::check(&priced, (terms.contract.digest, terms.plan), &published),
                ),
                (
                    PriceCheck::Attribution,
                    self.attribution(&priced, held, now, Some(&facts)),
                ),
                (PriceCheck::Proof, self.proof(&priced, held, now)),
                (PriceCheck::Margin, margin.clone()),
            ];
            let mut checks = Vec::new();
            for (check, found) in found {
                let mut row = found.row(check);
                row.waived = self.waived(customer, held, check, now)?;
                checks.push(row);
            }
            all.push(ContractChecks {
                customer: customer.to_owned(),
                contract: held.agreement.id.clone(),
                plan: terms.plan_name.clone(),
                is_draft: held.agreement.is_draft,
                blocks: checks.iter().any(CheckRow::blocks),
                as_of: now,
                checks,
            });
        }
        Ok(all)
    }

    /// The checks of the documents in force, as far as documents alone can say: units apart, and what is decided of
    /// attribution. What is measured takes a contract.
    ///
    /// # Errors
    /// Where a document cannot be used.
    pub fn document_checks(&self, now: Timestamp) -> Result<Vec<CheckRow>> {
        Ok(document_checks(
            &self.documents()?,
            &self.config.checks,
            now,
        ))
    }

    /// One check, as it would be shown.
    pub(crate) fn check_one(
        &self,
        account: &Account,
        held: &Held,
        check: PriceCheck,
        now: Timestamp,
    ) -> Result<Found> {
        self.check_under(account, held, &in_force(held, now).terms, check, now)
    }

    /// One check, under given terms.
    fn check_under(
        &self,
        account: &Account,
        held: &Held,
        terms: &InForce,
        check: PriceCheck,
        now: Timestamp,
    ) -> Result<Found> {
        let customer = &account.customer;
        let priced = Priced::by(terms);
        Ok(match check {
            PriceCheck::Units => {
                let published = Published::of(self, customer)?;
                units::check(&priced, &self.meters_of(terms, &published))
            }
            PriceCheck::Order => {
                let published = Published::of(self, customer)?;
                order::check(&priced, (terms.contract.digest, terms.plan), &published)
            }
            PriceCheck::Attribution => self.attribution(&priced, held, now, None),
            PriceCheck::Proof => self.proof(&priced, held, now),
            PriceCheck::Margin => margin::check(self, customer, now)?,
        })
    }

    fn attribution(
        &self,
        priced: &Priced<'_>,
        held: &Held,
        now: Timestamp,
        facts: Option<&FactsByName<'_>>,
    ) -> Found {
        attribution::check(priced, &held.units, now, facts, self.config.checks.needs())
    }

    fn proof(&self, priced: &Priced<'_>, held: &Held, now: Timestamp) -> Found {
        let least = self.config.checks.evidence_at_least();
        proof::check(priced, &held.units, now, least)
    }

    /// The meters of a contract's plan: as published, or as in force for a draft.
    fn meters_of(&self, terms: &InForce, published: &Published) -> Vec<Meter> {
        if self.documents.plan.digest == terms.plan {
            return self.documents.plan.meters.clone();
        }
        let text = published.plan(terms.plan);
        let plan = text.and_then(|text| Plan::parse(text).ok());
        plan.map(|plan| plan.meters).unwrap_or_default()
    }
}

/// The checks of documents alone.
#[must_use]
pub fn document_checks(documents: &Documents, asked: &Checks, now: Timestamp) -> Vec<CheckRow> {
    let priced = Priced::in_force(documents);
    let units = units::check(&priced, &documents.plan.meters);
    let attribution = attribution::check(&priced, &[], now, None, asked.needs());
    vec![
        units.row(PriceCheck::Units),
        attribution.row(PriceCheck::Attribution),
    ]
}

/// The terms that govern what opens at an instant; of a contract that is over the last ones, and of one that has not
/// begun its first.
fn in_force(held: &Held, at: Timestamp) -> &pricing::contract::Version {
    let versions = &held.agreement.versions;
    let mut governing = versions.iter().rev();
    let found = governing.find(|version| version.from <= at);
    found.unwrap_or(&versions[0]) // an agreement has a version
}
