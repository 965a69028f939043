//! Steps of one document: a trial, and phases in which other terms hold.
//!
//! A ramp that was agreed at the start is written down at the start. Each step is a version of the
//! contract like any other (semantics.md S12, P2), only that no further document is signed for it.
//! Not here: putting phases over the plan ([`super::InForce`]). Invariant: phases begin after the first
//! day, each after the one before it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use money::Currency;
use toml::de::DeValue;

use super::Contract;
use crate::document::Table;
use crate::limits::{COMPONENTS_MAX, PHASES_MAX, TRIAL_DAYS_MAX};
use crate::plan::{TotalsTerms, read_totals};

/// Other terms from a day on, in place of the contract's and of the phase's before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// The first day.
    pub from: Date,
    /// What costs nothing.
    pub free: Free,
    /// Totals in place of the contract's.
    pub(super) totals: TotalsTerms,
}

/// Days at the start of a contract in which nothing is charged but what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// How many.
    pub days: u32,
    /// Ids of the components that are charged all the same.
    pub charges: Vec<String>,
}

/// Which components cost nothing: what is measured under them is included, and they have neither
/// allowance nor position in tiers nor minimum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Free {
    /// None.
    #[default]
    Nothing,
    /// All but these. What is done to the sum of a period does not hold for these days either.
    AllBut(Vec<String>),
    /// These.
    These(Vec<String>),
}

impl Free {
    /// Whether a component is free.
    #[must_use]
    pub fn holds(&self, component: &str) -> bool {
        match self {
            Free::Nothing => false,
            Free::AllBut(charged) => !charged.iter().any(|own| own == component),
            Free::These(free) => free.iter().any(|own| own == component),
        }
    }

    /// Whether minimum, cap and fixed discount of the contract count these days.
    #[must_use]
    pub fn counts_for_totals(&self) -> bool {
        !matches!(self, Free::AllBut(_))
    }
}

/// Which step of its document terms are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The contract's own terms.
    Base,
    /// The trial.
    Trial,
    /// A phase.
    Phase,
}

impl Step {
    /// The word for people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Step::Base => "contract",
            Step::Trial => "trial",
            Step::Phase => "phase",
        }
    }
}

impl Contract {
    /// The first day after the trial.
    #[must_use]
    pub fn trial_end(&self) -> Option<Date> {
        let days = i64::from(self.trial.as_ref()?.days);
        self.starts.checked_add(days.days()).ok()
    }
}

/// Reads `trial_days` and `trial_charges`.
pub(super) fn read_trial(root: &Table<'_>) -> Option<Trial> {
    let days = root.count("trial_days", 1);
    let charges = root.texts("trial_charges", COMPONENTS_MAX);
    if root.has("trial_charges") && !root.has("trial_days") {
        root.fault(
            "trial_charges",
            "there is no trial: `trial_days` is missing",
            None,
        );
    }
    let days = days?;
    if days > TRIAL_DAYS_MAX {
        root.fault(
            "trial_days",
            format!("at most {TRIAL_DAYS_MAX} days"),
            Some("write longer free periods as a [[phase]] with `free = true`"),
        );
    }
    Some(Trial { days, charges })
}

/// Reads `[[phase]]`.
pub(super) fn read_phases(
    root: &Table<'_>,
    currency: Option<Currency>,
    starts: Option<Date>,
    ends: Option<Date>,
) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for table in root.tables("phase", PHASES_MAX) {
        let from = table.need("from", table.date("from"));
        let free = read_free(&table);
        let totals = currency
            .map(|currency| read_totals(&table, currency))
            .unwrap_or_default();
        if totals.sets_every() {
            table.fault(
                "totals",
                "`every` cannot change with a phase: stated periods would overlap",
                Some("say it in the contract's own [totals]"),
            );
        }
        for over in table.tables("override", COMPONENTS_MAX) {
            super::read::check_override(&over, &["every"]);
        }
        table.finish();
        let Some(from) = from else { continue };
        if starts.is_some_and(|starts| from <= starts) {
            table.fault(
                "from",
                "a phase begins after the first day of the contract",
                Some("what holds from the first day on is written in the contract itself"),
            );
        }
        if ends.is_some_and(|ends| from > ends) {
            table.fault(
                "from",
                "the phase begins after the last day of the contract",
                Some("let the contract end later, or the phase begin earlier"),
            );
        }
        if phases.last().is_some_and(|last| from <= last.from) {
            table.fault(
                "from",
                "phases are written in order, each after the one before it",
                Some("put them in the order of their days; two cannot begin on one day"),
            );
        }
        phases.push(Phase { from, free, totals });
    }
    phases
}

/// `free = true`, or a list of components.
fn read_free(table: &Table<'_>) -> Free {
    match table.take("free").map(toml::Spanned::get_ref) {
        None => Free::Nothing,
        Some(DeValue::Array(_)) => Free::These(table.texts("free", COMPONENTS_MAX)),
        Some(_) => match table.flag("free") {
            Some(true) => Free::AllBut(Vec::new()),
            _ => Free::Nothing,
        },
    }
}
