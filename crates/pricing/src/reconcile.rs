//! Reconciliation: every entry has one class, and owed = stated + waived + unstated.
//!
//! Each accepted entry of the shared log that is not a control entry is rated, pending for a reason,
//! or not billable for a reason (semantics.md section 5). Unknown is pending, never not billable.
//! Not here: deliveries that never became entries; the store counts those.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, MoneyError};
use work::body::Kind;
use work::settle::{FactRef, NotCounted, State, Unit};

use crate::account::{Account, Held, Rated, Standing, StandingFact};
use crate::cell::{Contribution, Owed, Pending, PricingError, Source, is_test};
use crate::statement::{StatementError, last_before, stated};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// It is a cause of a cell, at whatever price.
    Rated,
    /// It waits.
    Pending(Pending),
    /// It never costs anything, for a reason that is known.
    NotBillable(NotBillable),
}

/// Why an entry never costs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotBillable {
    /// A correction voided it.
    Void,
    /// Another content of its identity stands.
    Superseded,
    /// The work does not count: it was given up.
    Abandoned,
    /// The work does not count: a dispute was decided for the buyer before it could.
    Credited,
    /// The work counted and was taken back.
    Reversed,
    /// A named rule leaves it out: the definition's `only`, or a test.
    Excluded,
    /// The late policy does not charge it.
    Waived,
    /// It measures, and is not sold.
    Informational,
}

impl Class {
    /// The class with its reason: `rated`, `pending(open)`, `not_billable(void)`.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Class::Rated => "rated".to_owned(),
            Class::Pending(pending) => format!("pending({})", pending.word()),
            Class::NotBillable(reason) => format!("not_billable({})", reason.word()),
        }
    }

    /// Which class wins where an entry belongs to several works: rated, then pending.
    fn rank(self) -> u8 {
        match self {
            Class::Rated => 0,
            Class::Pending(_) => 1,
            Class::NotBillable(_) => 2,
        }
    }
}

impl NotBillable {
    /// The reason's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            NotBillable::Void => "void",
            NotBillable::Superseded => "superseded",
            NotBillable::Abandoned => NotCounted::Abandoned.name(),
            NotBillable::Credited => NotCounted::Credited.name(),
            NotBillable::Reversed => "reversed",
            NotBillable::Excluded => NotCounted::Excluded.name(),
            NotBillable::Waived => "waived",
            NotBillable::Informational => "informational",
        }
    }
}

/// The reconciliation of an account at a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The class of every entry that is not a control entry, in the order of the log.
    pub entries: Vec<(u64, Class)>,
    /// Control entries.
    pub control: u64,
    /// The works by class.
    pub works: BTreeMap<Class, u64>,
    /// The money, contract by contract.
    pub contracts: Vec<Money>,
}

/// The money of one contract: `owed = stated + waived + unstated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The contract's id.
    pub contract: String,
    /// By the prices, before any rule that does not charge.
    pub owed: Amount,
    /// Charged by statements.
    pub stated: Amount,
    /// Waived by statements.
    pub waived: Amount,
    /// Neither yet.
    pub unstated: Amount,
}

impl Reconciliation {
    /// Entries by class.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Class, u64> {
        let mut counts = BTreeMap::new();
        for (_, class) in &self.entries {
            *counts.entry(*class).or_insert(0) += 1;
        }
        counts
    }
}

/// Reconciles an account at a cut.
///
/// # Errors
/// [`StatementError`].
pub fn reconcile(account: &Account, cut: Timestamp) -> Result<Reconciliation, StatementError> {
    reconcile_rated(&Rated::new(account), cut)
}

/// The same of an account that is rated.
///
/// # Errors
/// [`StatementError`].
pub fn reconcile_rated(
    rated: &Rated<'_>,
    cut: Timestamp,
) -> Result<Reconciliation, StatementError> {
    let account = rated.account;
    let mut classes = Classes {
        of_fact: HashMap::with_capacity(account.entries.len()),
        works: BTreeMap::new(),
        cut,
    };
    let mut contracts = Vec::new();
    for held in &account.contracts {
        let owed = rated.owed(held, cut)?;
        classes.contract(held, &owed);
        contracts.push(money(held, &owed)?);
    }
    for (unit, pending) in &account.loose_units {
        classes.unit(unit, Class::Pending(*pending));
    }
    for (usage, pending) in &account.loose_usage {
        classes.add(&usage.fact, Class::Pending(*pending));
    }
    let missing: HashSet<&FactRef> = account.missing_target.iter().collect();
    let conflicts: HashSet<&FactRef> = account.conflicts.iter().collect();
    let mut entries = Vec::with_capacity(account.entries.len());
    let mut control = 0;
    for meta in &account.entries {
        if meta.kind.is_control() {
            control += 1;
            continue;
        }
        let is_missing = missing.contains(&meta.fact);
        let class = match meta.standing {
            _ if is_missing => Class::Pending(Pending::Target),
            Standing::Fact(standing) => classes.fact(account, &meta.fact, standing),
            // Until somebody decides, either content may be the fact.
            Standing::Superseded if conflicts.contains(&meta.fact) => {
                Class::Pending(Pending::Provisional)
            }
            Standing::Superseded => Class::NotBillable(NotBillable::Superseded),
            Standing::Void => Class::NotBillable(NotBillable::Void),
            Standing::Correction => classes.correction(account, meta.target.as_deref()),
        };
        entries.push((meta.entry, class));
    }
    Ok(Reconciliation {
        entries,
        control,
        works: classes.works,
        contracts,
    })
}

struct Classes<'a> {
    of_fact: HashMap<&'a FactRef, Class>,
    works: BTreeMap<Class, u64>,
    cut: Timestamp,
}

impl<'a> Classes<'a> {
    fn add(&mut self, fact: &'a FactRef, class: Class) {
        let known = self.of_fact.entry(fact).or_insert(class);
        if class.rank() < known.rank() {
            *known = class;
        }
    }

    fn unit(&mut self, unit: &'a Unit, class: Class) {
        *self.works.entry(class).or_insert(0) += 1;
        for fact in &unit.facts {
            self.add(fact, class);
        }
    }

    fn contract(&mut self, held: &'a Held, owed: &Owed) {
        let of_sources = OfSources::of(held, owed);
        for (unit, own) in held.units.iter().zip(&of_sources.units) {
            let mut class = self.class_of(unit, own.waits, own.rated);
            if let Class::NotBillable(_) = class
                && own.is_attempted
            {
                class = own.rated.unwrap_or(class);
            }
            self.unit(unit, class);
        }
        for (usage, own) in held.usage.iter().zip(&of_sources.usage) {
            let class = if is_test(usage.headers.get(work::Header::Environment)) {
                Class::NotBillable(NotBillable::Excluded)
            } else if usage.time >= self.cut {
                Class::Pending(Pending::Unstated)
            } else if let Some(pending) = own.waits {
                Class::Pending(pending)
            } else {
                (own.rated).unwrap_or(Class::Pending(Pending::Provisional))
            };
            self.add(&usage.fact, class);
        }
        let cut = self.cut;
        for change in held.seats.iter().filter(|change| change.time < cut) {
            self.add(&change.fact, Class::Rated);
        }
    }

    fn class_of(&self, unit: &Unit, waiting: Option<Pending>, rated: Option<Class>) -> Class {
        if unit.opened >= self.cut {
            return Class::Pending(Pending::Unstated);
        }
        if is_test(unit.headers.get(work::Header::Environment)) {
            return Class::NotBillable(NotBillable::Excluded);
        }
        if let Some(pending) = waiting {
            return Class::Pending(pending);
        }
        let as_of = last_before(self.cut);
        match unit.state_at(as_of) {
            State::Pending => Class::Pending(Pending::Open),
            // What is not in a cell yet waits for the end of its rating period.
            State::Counted(_) => rated.unwrap_or(Class::Pending(Pending::Provisional)),
            State::Reversed => Class::NotBillable(NotBillable::Reversed),
            State::NotCounted(reason) => Class::NotBillable(match reason {
                NotCounted::Abandoned => NotBillable::Abandoned,
                NotCounted::Credited => NotBillable::Credited,
                NotCounted::Excluded => NotBillable::Excluded,
            }),
        }
    }

    /// The class of a fact that stands.
    fn fact(&self, account: &Account, fact: &FactRef, standing: StandingFact) -> Class {
        let StandingFact {
            kind,
            time,
            is_test,
        } = standing;
        if time >= self.cut {
            return Class::Pending(Pending::Unstated);
        }
        if is_test {
            return Class::NotBillable(NotBillable::Excluded);
        }
        if let Some(class) = self.of_fact.get(fact) {
            return *class;
        }
        if kind == Kind::Baseline {
            return Class::NotBillable(NotBillable::Informational);
        }
        let in_term = account
            .contracts
            .iter()
            .any(|held| held.agreement.in_force_at(time).is_some());
        if in_term {
            // No definition takes it, or nothing sells it.
            Class::Pending(Pending::NoPrice)
        } else {
            Class::Pending(Pending::NoContract)
        }
    }

    /// A correction is what its target is; one that took its target away did what a void does.
    fn correction(&self, account: &Account, target: Option<&FactRef>) -> Class {
        let Some(target) = target else {
            return Class::Pending(Pending::Target);
        };
        match account.corrected.get(target) {
            Some(standing) => self.fact(account, target, *standing),
            None => Class::NotBillable(NotBillable::Void),
        }
    }
}

/// What the cells of a contract say of its units and usage, by their places: the class is the work's, whichever of
/// its counts a cell is about.
struct OfSources {
    units: Vec<OfSource>,
    usage: Vec<OfSource>,
}

#[derive(Clone, Copy, Default)]
struct OfSource {
    /// The best class that a cell gives it.
    rated: Option<Class>,
    waits: Option<Pending>,
    /// An attempt is charged whatever became of it.
    is_attempted: bool,
}

impl OfSources {
    fn of(held: &Held, owed: &Owed) -> OfSources {
        let mut all = OfSources {
            units: vec![OfSource::default(); held.units.len()],
            usage: vec![OfSource::default(); held.usage.len()],
        };
        let mut last: Option<(&Arc<Vec<Contribution>>, bool)> = None;
        for cell in owed.cells.values() {
            let waives_late = cell.waives_late();
            // The tiers of a group share one list.
            let is_known = last.is_some_and(|(list, waives)| {
                Arc::ptr_eq(list, &cell.contributions) && waives == waives_late
            });
            last = Some((&cell.contributions, waives_late));
            if is_known {
                continue;
            }
            for own in cell.contributions.iter() {
                let class = if own.is_late && waives_late {
                    Class::NotBillable(NotBillable::Waived)
                } else {
                    Class::Rated
                };
                let is_attempt = matches!(own.source, Source::Attempt(_));
                let source = all.at(own.source);
                source.is_attempted |= is_attempt && !own.quantity.is_zero();
                if (source.rated).is_none_or(|known| class.rank() < known.rank()) {
                    source.rated = Some(class);
                }
            }
        }
        for unrated in &owed.unrated {
            all.at(unrated.source).waits = Some(unrated.pending);
        }
        all
    }

    fn at(&mut self, source: Source) -> &mut OfSource {
        match source {
            Source::Unit(unit, _) | Source::Attempt(unit) => &mut self.units[unit],
            Source::Usage(usage) => &mut self.usage[usage],
        }
    }
}

fn money(held: &Held, owed: &Owed) -> Result<Money, StatementError> {
    let currency = held.agreement.latest().terms.contract.currency;
    let stated = stated(held)?;
    let place = |source: MoneyError| {
        StatementError::Pricing(PricingError {
            contract: held.agreement.id.clone(),
            place: "reconciliation".to_owned(),
            source,
        })
    };
    let sum =
        |amounts: &mut dyn Iterator<Item = Amount>| Amount::sum(currency, amounts).map_err(place);
    let owed = sum(&mut owed.cells.values().map(|cell| cell.amount))?;
    let charged = sum(&mut stated.values().map(|own| own.charged))?;
    let waived = sum(&mut stated.values().flat_map(|own| own.waived.values().copied()))?;
    let unstated = owed
        .minus(charged)
        .and_then(|rest| rest.minus(waived))
        .map_err(place)?;
    Ok(Money {
        contract: held.agreement.id.clone(),
        owed,
        stated: charged,
        waived,
        unstated,
    })
}
