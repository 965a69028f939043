//! How a contract came to its versions: which document put each in force, when, by whom, and what it
//! changed.
//!
//! Versions that a later document reached behind are in it too: what was agreed is not forgotten.
//! Invariant: every version that governs is told once, in the order of its number.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Agreement, Change, InForce, Version, changes};

/// A document that was put in force.
#[derive(Debug, Clone)]
pub struct Enacted {
    /// From when it governs.
    pub effective: Timestamp,
    /// Its terms, with all steps.
    pub terms: Arc<InForce>,
    /// The versions that it made.
    pub versions: Vec<Version>,
    /// The entry that did it; none for a draft.
    pub entry: Option<EnactingEntry>,
}

/// The entry that put a document in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnactingEntry {
    /// Its position in the log.
    pub index: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who acknowledged it for the buyer.
    pub by: String,
    /// Who approved re-pricing what was stated.
    pub reprice: Option<String>,
}

/// One version, as it came about.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The version.
    pub version: &'a Version,
    /// What put it in force.
    pub enacted: &'a Enacted,
    /// Whether it still governs what opens in its time: a later document may have reached behind it.
    pub governs: bool,
    /// What it changed against the version before it.
    pub changes: Vec<Change>,
}

impl Agreement {
    /// Every version there ever was, by number.
    #[must_use]
    pub fn history(&self) -> Vec<Told<'_>> {
        let mut told: Vec<Told<'_>> = Vec::new();
        let mut standing: Vec<&Version> = Vec::new();
        for enacted in &self.enacted {
            standing.retain(|version| version.from < enacted.effective);
            for version in &enacted.versions {
                let before = standing.last();
                told.push(Told {
                    version,
                    enacted,
                    governs: self.version(version.number).is_some(),
                    changes: before
                        .map_or_else(Vec::new, |own| changes(&own.terms, &version.terms)),
                });
                standing.push(version);
            }
        }
        told
    }

    /// The document that made a version.
    #[must_use]
    pub fn enacted_by(&self, version: u32) -> Option<&Enacted> {
        let mut all = self.enacted.iter();
        all.find(|enacted| enacted.versions.iter().any(|own| own.number == version))
    }

    /// Notes which entry put the latest document in force.
    pub fn note_entry(&mut self, entry: EnactingEntry) {
        if let Some(last) = self.enacted.last_mut() {
            last.entry = Some(entry);
        }
    }
}
