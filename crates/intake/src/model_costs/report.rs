//! What became of each model of a price book.

use std::collections::BTreeMap;
use std::fmt;

/// What was taken from a price book and what was not.
///
/// Invariant: `listed = imported + skipped`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Models that the book lists.
    pub listed: usize,
    /// Models imported.
    pub imported: usize,
    /// Models imported into an entry that was already there, at the same price under the same name.
    pub same_as_another: usize,
    /// Models not imported, by reason: their names in the book.
    pub skipped: BTreeMap<Skip, Vec<String>>,
    /// Price fields of imported models that were not taken, with the number of models.
    pub fields_not_imported: BTreeMap<String, usize>,
    /// Matching rules that a list cannot hold, with their models; the models' other names were taken.
    pub rules_not_imported: Vec<String>,
}

/// Why a model was not imported. Its calls stay unpriced until somebody adds an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// The format's own explanation, not a model.
    NotAModel,
    /// Priced per image, second, page or request, not per token.
    NotByToken,
    /// The book states no price.
    NoPrice,
    /// Every rate is zero: self-hosted, a free preview, or not known.
    AllZero,
    /// The price depends on the time of day.
    TimeOfDay,
    /// The price depends on something else that is not known here.
    OtherCondition,
    /// A number that is not a non-negative decimal.
    BadNumber,
}

impl Skip {
    /// The reason in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Skip::NotAModel => "not a model",
            Skip::NotByToken => "not priced per token",
            Skip::NoPrice => "no price stated",
            Skip::AllZero => "every rate is zero, which does not say that it is free",
            Skip::TimeOfDay => "the price depends on the time of day",
            Skip::OtherCondition => "the price depends on an unknown condition",
            Skip::BadNumber => "a price is not a non-negative decimal",
        }
    }
}

impl Report {
    /// Models not imported.
    #[must_use]
    pub fn skipped_count(&self) -> usize {
        self.skipped.values().map(Vec::len).sum()
    }

    pub(super) fn skip(&mut self, reason: Skip, name: &str) {
        self.skipped
            .entry(reason)
            .or_default()
            .push(name.to_owned());
    }

    pub(super) fn field(&mut self, name: &str) {
        *self.fields_not_imported.entry(name.to_owned()).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} models imported, {} not:",
            self.imported,
            self.listed,
            self.skipped_count()
        )?;
        for (reason, names) in &self.skipped {
            writeln!(f, "  {:>5}  {}", names.len(), reason.reason())?;
        }
        if !self.fields_not_imported.is_empty() {
            writeln!(f, "price fields not imported, with the number of models:")?;
            for (field, count) in &self.fields_not_imported {
                writeln!(f, "  {count:>5}  {field}")?;
            }
        }
        if !self.rules_not_imported.is_empty() {
            writeln!(
                f,
                "matching rules not imported: {}",
                self.rules_not_imported.join(", ")
            )?;
        }
        Ok(())
    }
}
