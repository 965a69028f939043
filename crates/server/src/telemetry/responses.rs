//! [`Turn`]: one call that several feeds tell of is one cost.
//!
//! An application's telemetry and its gateway both report one answer of a provider, and only one of them may know
//! whose it is. Identities are by customer and by source, so the book does not see by itself that it is one call.
//! Which report counts is for [`intake::told`] to say; here it is held against the book, and the others are not
//! recorded, or taken back. Invariant: what is remembered is the book itself, so nothing is forgotten by a restart;
//! and a report is taken back only once the one that counts is in the book.

use std::collections::HashMap;
use std::sync::MutexGuard;

use intake::told::{are_comparable, counts_rather, names_of, response_of};
use store::assignment::{standing, taking_back};
use store::{Store, StoreError};
use work::Event;

/// The right to record reports of calls. One at a time has it, until what was decided is in the book.
pub(crate) struct Turn<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) _held: MutexGuard<'a, ()>,
}

/// What a report comes to.
pub(crate) enum Report {
    /// It is to be recorded, in the place of these.
    Counts(Vec<Event>),
    /// The source that tells the same call, and counts.
    ToldBy(String),
}

impl Turn<'_> {
    /// What each of the reports of one request comes to, beside the book and each other.
    ///
    /// # Errors
    /// Where the book cannot be read.
    pub(crate) fn judge(&self, reports: &[&Event]) -> Result<Vec<Report>, StoreError> {
        let responses: Vec<Option<&str>> = reports.iter().map(|own| response_of(own)).collect();
        let names = responses.iter().flatten();
        let names: Vec<(&str, String)> = names.flat_map(|own| names_of(own)).collect();
        let mut known = Vec::new();
        if !names.is_empty() {
            let asked: Vec<(&str, &str)> = names
                .iter()
                .map(|(source, id)| (*source, id.as_str()))
                .collect();
            known = self.store.customers_of_costs(&asked)?;
        }
        let mut known = names.iter().zip(known);
        let mut judged: Vec<Report> = Vec::with_capacity(reports.len());
        let mut earlier: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, (report, response)) in reports.iter().zip(&responses).enumerate() {
            let Some(response) = response else {
                judged.push(Report::Counts(Vec::new()));
                continue;
            };
            let mut told_by = None;
            let mut instead_of = Vec::new();
            for ((source, id), customers) in known.by_ref().take(names_of(response).len()) {
                for customer in customers {
                    let Some(other) = standing(self.store, &customer, source, id)? else {
                        continue;
                    };
                    if is_same(report, &other) || !are_comparable(report, &other) {
                        continue;
                    }
                    if counts_rather(&other, report) {
                        told_by = Some(other.source.to_string());
                    } else {
                        instead_of.push(other);
                    }
                }
            }
            let same_call = earlier.entry(response).or_default();
            for place in same_call.iter() {
                let other = reports[*place];
                let is_told = matches!(judged[*place], Report::ToldBy(_));
                if is_told || is_same(report, other) || !are_comparable(report, other) {
                    continue;
                }
                if counts_rather(other, report) {
                    told_by = Some(other.source.to_string());
                } else {
                    judged[*place] = Report::ToldBy(report.source.to_string());
                }
            }
            same_call.push(at);
            judged.push(match told_by {
                Some(source) => Report::ToldBy(source),
                None => Report::Counts(instead_of),
            });
        }
        Ok(judged)
    }

    /// The corrections that take back what a report stands in the place of, now that it is in the book.
    ///
    /// # Errors
    /// Where the book cannot be read.
    pub(crate) fn taking_back(
        &self,
        report: &Event,
        instead_of: &[Event],
    ) -> Result<Vec<Event>, StoreError> {
        if instead_of.is_empty() {
            return Ok(Vec::new());
        }
        // One that was voided since counts for nothing, and takes nothing's place.
        let stands = standing(self.store, &report.customer, &report.source, &report.id)?.is_some();
        let others = instead_of.iter().filter(|_| stands);
        Ok(others.map(|other| taking_back(other, report)).collect())
    }
}

/// Whether two are one event, or contents of one identity: then the book tells them apart.
fn is_same(a: &Event, b: &Event) -> bool {
    (&a.customer, &a.source, &a.id) == (&b.customer, &b.source, &b.id)
}
