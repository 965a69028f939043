//! Holdback: what the buyer keeps back of the outcome components until the time for disputes is over.
//!
//! It belongs to the contract and not to a price (semantics.md D11): the price is owed, and a share of
//! it waits. Not here: the amounts ([`crate::cell`]). Invariant: what is held back of a component and
//! period is released at one instant, which the documents alone decide.

use jiff::Timestamp;
use money::Decimal;
use work::Span;

use super::{Agreement, Version};
use crate::document::Table;
use crate::limits::COMPONENTS_MAX;
use crate::period::Period;
use crate::plan::{Component, Surface, Terms};

/// `[holdback]` of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdback {
    /// The share of what a component charges, of one.
    pub share: Decimal,
    /// How long after the end of the rating period it is released; the dispute window of the
    /// component's definition where absent.
    pub release_after: Option<Span>,
    /// The components; every outcome component where empty.
    pub components: Vec<String>,
}

/// What is held back of one component in one rating period, and until when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold<'a> {
    /// The version of the period, whose contract says so.
    pub(crate) version: &'a Version,
    /// The share.
    pub(crate) share: Decimal,
    /// When it is released.
    pub(crate) release: Timestamp,
}

impl Holdback {
    /// Reads `[holdback]`.
    pub(super) fn read(root: &Table<'_>) -> Option<Holdback> {
        let table = root.table("holdback")?;
        let share = table.need("percent", table.share_of_percent("percent"));
        if share.is_some_and(Decimal::is_zero) {
            table.fault(
                "percent",
                "nothing is held back",
                Some("leave [holdback] out, or give a percentage above zero"),
            );
        }
        let release_after = table.text("release_after").and_then(|text| {
            let span = text.parse::<Span>();
            span.map_err(|error| table.fault("release_after", error.to_string(), None))
                .ok()
        });
        if release_after == Some(Span::Forever) {
            table.fault(
                "release_after",
                "what is held back is released at some time",
                Some("a span such as \"30d\"; without it, the definition's dispute window"),
            );
        }
        let components = table.texts("components", COMPONENTS_MAX);
        table.finish();
        Some(Holdback {
            share: share?,
            release_after,
            components,
        })
    }

    /// Checks the components named, beside those that the plan sells.
    pub(super) fn check(&self, root: &Table<'_>, components: &[Component]) {
        for id in &self.components {
            match components.iter().find(|component| component.id == *id) {
                None => root.fault(
                    "holdback",
                    format!("there is no component `{id}` to hold back of"),
                    None,
                ),
                Some(component) if component.surface() != Surface::Outcome => root.fault(
                    "holdback",
                    format!(
                        "`{id}` is of kind {}; only outcomes are held back",
                        component.kind()
                    ),
                    Some("fees and usage are owed when they are due"),
                ),
                Some(_) => {}
            }
        }
    }

    fn concerns(&self, component: &Component) -> bool {
        if self.components.is_empty() {
            component.surface() == Surface::Outcome
        } else {
            self.components.contains(&component.id)
        }
    }
}

impl Agreement {
    /// What is held back of a component in one of its rating periods.
    pub(crate) fn hold(&self, component: &str, period: &Period) -> Option<Hold<'_>> {
        let version = self.of_period(period);
        let contract = &version.terms.contract;
        let holdback = contract.holdback.as_ref()?;
        // Never one that came after: an amendment would move what was released already.
        let (until, since) = self.versions.split_at(
            self.versions
                .partition_point(|own| own.number <= version.number),
        );
        let mut versions = until.iter().rev().chain(since);
        let (owner, sold) =
            versions.find_map(|own| own.component(component).map(|sold| (own, sold)))?;
        if !holdback.concerns(sold) {
            return None;
        }
        let window = match &sold.terms {
            Terms::Outcome(outcome) => owner.terms.definitions.get(&outcome.unit),
            _ => None,
        };
        let window = window.map(|definition| definition.dispute.window);
        let span = holdback.release_after.or(window)?;
        let release = span.after(period.end.at, &contract.time_zone)?;
        Some(Hold {
            version,
            share: holdback.share,
            release,
        })
    }
}
