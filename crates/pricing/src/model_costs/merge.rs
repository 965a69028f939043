//! One list after another: the later book counts from its date on, the earlier one before it.

use std::collections::{BTreeMap, BTreeSet};

use super::{ModelCost, ModelCosts, ModelCostsError, Source};

/// Why two lists cannot follow each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The second list is not later than the first.
    #[error(
        "the list of {later} is not later than the list of {earlier}; put them in the order of their dates"
    )]
    NotLater {
        /// Date of the first list.
        earlier: jiff::civil::Date,
        /// Date of the second list.
        later: jiff::civil::Date,
    },
    /// The lists are in different currencies.
    #[error(
        "one list is in {earlier}, the other in {later}; convert one with a dated exchange-rate document first"
    )]
    Currency {
        /// Currency of the first list.
        earlier: money::Currency,
        /// Currency of the second list.
        later: money::Currency,
    },
    /// One id names two different sources.
    #[error("both lists have a source `{id}`, and they differ; rename one")]
    Source {
        /// The id.
        id: String,
    },
    /// The result is not a list, e.g. too long.
    #[error(transparent)]
    Result(#[from] ModelCostsError),
}

impl ModelCosts {
    /// This list, then `later` from its date on.
    ///
    /// A model in both: the earlier prices stand until the later list's date, unless they are the
    /// same. A model only in the later list: its own dates stand. A model only in the earlier list
    /// keeps its price and is marked with the date on which it was last seen, because books drop
    /// retired models and old usage must still be priced. A model is also in a list that knows its
    /// name, with that provider, as an alias or by a pattern: one book's snapshot name is another's
    /// alias.
    ///
    /// # Errors
    /// [`MergeError`].
    pub fn followed_by(&self, later: &ModelCosts) -> Result<ModelCosts, MergeError> {
        if later.date <= self.date {
            return Err(MergeError::NotLater {
                earlier: self.date,
                later: later.date,
            });
        }
        if later.currency != self.currency {
            return Err(MergeError::Currency {
                earlier: self.currency,
                later: later.currency,
            });
        }
        let mut sources: BTreeMap<String, Source> = self.sources.clone();
        for (id, source) in &later.sources {
            if sources
                .insert(id.clone(), source.clone())
                .is_some_and(|old| old != *source)
            {
                return Err(MergeError::Source { id: id.clone() });
            }
        }
        let mut models = Vec::with_capacity(self.models.len() + later.models.len());
        let mut done: BTreeSet<(Option<&str>, String)> = BTreeSet::new();
        for entry in &self.models {
            let key = (entry.provider.as_deref(), entry.model.to_ascii_lowercase());
            if done.insert(key) {
                let provider = entry.provider.as_deref();
                let earlier = self.entries(self.index.timeline(provider, &entry.model));
                models.extend(self.continued(earlier, later.known_as(entry), later));
            }
        }
        for entry in &later.models {
            let key = (entry.provider.as_deref(), entry.model.to_ascii_lowercase());
            if done.insert(key) {
                let provider = entry.provider.as_deref();
                let after = later.entries(later.index.timeline(provider, &entry.model));
                let earlier = self.known_as(entry);
                if earlier.is_empty() {
                    models.extend(after);
                } else {
                    models.extend(self.continued(earlier, after, later));
                }
            }
        }
        let title = format!("{}; from {}: {}", self.title, later.date, later.title);
        let title = if title.len() > super::limits::NAME_BYTES_MAX {
            &later.title
        } else {
            &title
        };
        Ok(ModelCosts::new(
            title,
            later.date,
            self.currency,
            &sources,
            &models,
        )?)
    }

    fn entries(&self, positions: &[usize]) -> Vec<ModelCost> {
        positions
            .iter()
            .map(|position| self.models[*position].clone())
            .collect()
    }

    /// This list's prices of a model of another list: under its own name, as an alias, or by a
    /// pattern.
    fn known_as(&self, model: &ModelCost) -> Vec<ModelCost> {
        let provider = model.provider.as_deref();
        let own = self.index.timeline(provider, &model.model);
        if !own.is_empty() {
            return self.entries(own);
        }
        let alias = self.index.alias_timeline(provider, &model.model);
        let mut entries = if alias.is_empty() {
            self.entries(
                self.index
                    .pattern_timeline(&self.models, provider, &model.model),
            )
        } else {
            self.entries(alias)
        };
        for entry in &mut entries {
            entry.model.clone_from(&model.model);
            entry.aliases.clear();
            entry.patterns.clear();
            entry.bare = model.bare;
        }
        entries
    }

    /// The prices of one model over both lists.
    fn continued(
        &self,
        mut earlier: Vec<ModelCost>,
        after: Vec<ModelCost>,
        later: &ModelCosts,
    ) -> Vec<ModelCost> {
        if after.is_empty() {
            if let Some(last) = earlier.last_mut()
                && last.until.is_none()
            {
                last.last_seen.get_or_insert(self.date);
            }
            return earlier;
        }
        let mut after: Vec<ModelCost> = after
            .into_iter()
            .filter(|entry| entry.until.is_none_or(|until| until > later.date))
            .map(|mut entry| {
                entry.from = Some(entry.from.map_or(later.date, |from| from.max(later.date)));
                entry
            })
            .collect();
        let Some(start) = after.first().and_then(|entry| entry.from) else {
            return earlier;
        };
        earlier.retain(|entry| entry.from.is_none_or(|from| from < start));
        if let Some(last) = earlier.last_mut() {
            let open = last.until.is_none_or(|until| until >= start);
            if open && last.same_price(&after[0]) {
                let next = after.remove(0);
                last.until = next.until;
                last.last_seen = next.last_seen;
                last.bare |= next.bare;
                union(&mut last.aliases, next.aliases);
                union(&mut last.patterns, next.patterns);
            } else if open {
                last.until = Some(start);
            }
        }
        earlier.extend(after);
        earlier
    }
}

fn union<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}
