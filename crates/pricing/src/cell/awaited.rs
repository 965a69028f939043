//! What is awaited: documents without which a period that is over has no price.
//!
//! Unknown is pending, never zero: a statement lists them.

use jiff::Timestamp;
use money::MoneyError;
use work::body::DocumentKind;

use super::aggregate::valued;
use super::service_level::reached;
use crate::contract::Agreement;
use crate::period::Period;
use crate::plan::Terms;
use crate::published::Published;

/// A document that a component waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The component.
    pub component: String,
    /// The kind of document.
    pub document: DocumentKind,
    /// Its subject.
    pub subject: String,
    /// The rating period that it is to be of.
    pub period: (Timestamp, Timestamp),
}

/// The documents that a contract waits for at a cut, by component, then by period.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn awaited(
    agreement: &Agreement,
    documents: &[Published],
    cut: Timestamp,
) -> Result<Vec<Awaited>, MoneyError> {
    let mut all = Vec::new();
    for (id, every) in agreement.component_ids() {
        let mut versions = agreement.versions.iter();
        let kind = versions.find_map(|version| version.component(id));
        let kind = kind.map(|component| &component.terms);
        let periods = || agreement.rating_periods(every, cut);
        let mut wait = |document, subject: &str, period: (Timestamp, Timestamp)| {
            all.push(Awaited {
                component: id.to_owned(),
                document,
                subject: subject.to_owned(),
                period,
            });
        };
        match kind {
            Some(Terms::ServiceLevel(_)) => {
                let is_over = |period: &&Period| period.end.at <= cut;
                for period in periods().iter().filter(is_over) {
                    if let Some(own) = reached(agreement, documents, id, period)
                        && own.level.is_none()
                    {
                        let span = (period.start.at, period.end.at);
                        wait(DocumentKind::Measure, &own.terms.measure, span);
                    }
                }
            }
            Some(Terms::Aggregate(_)) => {
                for own in valued(agreement, documents, (id, &periods()), cut)? {
                    if own.measure.is_none() {
                        wait(DocumentKind::Measure, &own.terms.measure, own.period);
                    }
                    if own.baseline.is_none() {
                        wait(DocumentKind::Baseline, &own.terms.baseline, own.period);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(all)
}
