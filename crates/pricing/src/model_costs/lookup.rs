//! Finding the entry of a call: exact names first, then documented normalisations, never a guess.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::limits::PREFIXES_MAX;
use super::{ModelCost, ModelCosts, Unpriced, provider};

/// How the entry of a call was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Whether the provider decided too; otherwise the model's name alone did.
    pub with_provider: bool,
    /// What was done to the name; empty for the name as called.
    pub through: Vec<Through>,
}

/// A normalisation of a called name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Through {
    /// A leading `provider/` was read as the provider.
    Prefix,
    /// A pattern of the source matched.
    Pattern,
    /// The date was spelt differently.
    DateSpelling,
    /// The date was dropped: only the base model is listed.
    DateDropped,
}

/// Entries of one model of one provider, by date; positions in the list.
#[derive(Debug, Clone)]
struct Group {
    provider: Option<String>,
    /// Whether the bare name means this model.
    bare: bool,
    /// Ascending by `from`.
    entries: Vec<usize>,
}

/// What look-ups need, made once.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    groups: Vec<Group>,
    /// Lower-case model name to groups.
    models: HashMap<String, Vec<usize>>,
    /// Lower-case alias to groups.
    aliases: HashMap<String, Vec<usize>>,
    /// Groups with patterns, in the order of the list.
    patterned: Vec<usize>,
    providers: BTreeSet<String>,
}

impl Index {
    pub(super) fn of(models: &[ModelCost]) -> Index {
        let mut index = Index::default();
        let mut groups: HashMap<(Option<&str>, String), usize> = HashMap::new();
        for (position, entry) in models.iter().enumerate() {
            let name = entry.model.to_ascii_lowercase();
            let next = index.groups.len();
            let group = *groups
                .entry((entry.provider.as_deref(), name.clone()))
                .or_insert(next);
            if group == next {
                index.groups.push(Group {
                    provider: entry.provider.clone(),
                    bare: entry.provider.is_none(),
                    entries: Vec::new(),
                });
                index.models.entry(name).or_default().push(group);
            }
            index.groups[group].bare |= entry.bare;
            index.groups[group].entries.push(position);
            for alias in &entry.aliases {
                let list = index.aliases.entry(alias.to_ascii_lowercase()).or_default();
                if !list.contains(&group) {
                    list.push(group);
                }
            }
            if !entry.patterns.is_empty() && !index.patterned.contains(&group) {
                index.patterned.push(group);
            }
            index.providers.extend(entry.provider.clone());
        }
        for group in &mut index.groups {
            group.entries.sort_by_key(|position| models[*position].from);
        }
        index
    }

    /// Positions of the entries of a model by its own name, ascending by date.
    pub(super) fn timeline(&self, provider: Option<&str>, model: &str) -> &[usize] {
        self.exact(&self.models, provider, &model.to_ascii_lowercase())
    }

    /// The same by an alias.
    pub(super) fn alias_timeline(&self, provider: Option<&str>, alias: &str) -> &[usize] {
        self.exact(&self.aliases, provider, &alias.to_ascii_lowercase())
    }

    /// The same by a pattern, the first that matches.
    pub(super) fn pattern_timeline(
        &self,
        models: &[ModelCost],
        provider: Option<&str>,
        name: &str,
    ) -> &[usize] {
        self.patterned
            .iter()
            .map(|group| &self.groups[*group])
            .filter(|group| group.provider.as_deref() == provider)
            .find(|group| {
                group
                    .entries
                    .iter()
                    .any(|position| models[*position].patterns.iter().any(|p| p.matches(name)))
            })
            .map_or(&[], |group| group.entries.as_slice())
    }

    fn exact(
        &self,
        names: &HashMap<String, Vec<usize>>,
        provider: Option<&str>,
        name: &str,
    ) -> &[usize] {
        names
            .get(name)
            .and_then(|groups| {
                groups
                    .iter()
                    .find(|g| self.groups[**g].provider.as_deref() == provider)
            })
            .map_or(&[], |group| self.groups[*group].entries.as_slice())
    }
}

/// A name to look for.
#[derive(Clone)]
struct Candidate {
    provider: Option<String>,
    name: String,
    through: Vec<Through>,
}

impl ModelCosts {
    /// The entries in force on a day for a called name; several where a bare name means several.
    pub(super) fn find(
        &self,
        called_provider: Option<&str>,
        called: &str,
        day: Date,
    ) -> Result<(Vec<&ModelCost>, Matched), Unpriced> {
        let prefixes = self.prefixes(called_provider, &called.to_ascii_lowercase());
        let respelt: Vec<Candidate> = prefixes
            .iter()
            .flat_map(|c| {
                respellings(&c.name)
                    .into_iter()
                    .map(|name| c.with(name, Through::DateSpelling))
            })
            .collect();
        let undated: Vec<Candidate> = prefixes
            .iter()
            .filter_map(|c| {
                split_date(&c.name).map(|(base, _)| c.with(base.to_owned(), Through::DateDropped))
            })
            .collect();
        for (candidates, patterns) in [
            (&prefixes, false),
            (&prefixes, true),
            (&respelt, false),
            (&respelt, true),
            (&undated, false),
        ] {
            for candidate in candidates {
                let found = if patterns {
                    self.by_pattern(candidate)
                } else {
                    self.by_name(candidate)
                };
                if let Some((groups, mut matched)) = found {
                    if patterns {
                        matched.through.push(Through::Pattern);
                    }
                    return Ok((self.in_force(&groups, called, day)?, matched));
                }
            }
        }
        Err(Unpriced::UnknownModel {
            provider: called_provider.map(str::to_owned),
            model: called.to_owned(),
        })
    }

    /// The name as called, then with each leading known provider taken off.
    fn prefixes(&self, provider: Option<&str>, name: &str) -> Vec<Candidate> {
        let mut candidates = vec![Candidate {
            provider: provider.map(provider::canonical_provider),
            name: name.to_owned(),
            through: Vec::new(),
        }];
        let mut rest = name;
        for _ in 0..PREFIXES_MAX {
            let Some((head, tail)) = rest.split_once('/') else {
                break;
            };
            let head = provider::canonical_provider(head);
            if tail.is_empty()
                || !(provider::known(&head).is_some() || self.index.providers.contains(&head))
            {
                break;
            }
            candidates.push(Candidate {
                provider: Some(head),
                name: tail.to_owned(),
                through: vec![Through::Prefix],
            });
            rest = tail;
        }
        candidates
    }

    /// Groups that the candidate names: with its provider, else by the bare name.
    fn by_name(&self, candidate: &Candidate) -> Option<(Vec<usize>, Matched)> {
        let index = &self.index;
        for names in [&index.models, &index.aliases] {
            if candidate.provider.is_some()
                && let Some(groups) = names.get(&candidate.name)
            {
                let same = |g: &&usize| index.groups[**g].provider == candidate.provider;
                let groups: Vec<usize> = groups.iter().filter(same).copied().collect();
                if !groups.is_empty() {
                    return Some((groups, candidate.matched(true)));
                }
            }
        }
        for names in [&index.models, &index.aliases] {
            if let Some(groups) = names.get(&candidate.name) {
                let groups: Vec<usize> = groups
                    .iter()
                    .filter(|g| index.groups[**g].bare)
                    .copied()
                    .collect();
                if !groups.is_empty() {
                    return Some((groups, candidate.matched(false)));
                }
            }
        }
        None
    }

    /// The first group, in the order of the list, with a pattern that matches.
    fn by_pattern(&self, candidate: &Candidate) -> Option<(Vec<usize>, Matched)> {
        let index = &self.index;
        let matches = |group: &&usize| {
            index.groups[**group].entries.iter().any(|position| {
                self.models[*position]
                    .patterns
                    .iter()
                    .any(|p| p.matches(&candidate.name))
            })
        };
        let with_provider = index
            .patterned
            .iter()
            .filter(|g| {
                candidate.provider.is_some() && index.groups[**g].provider == candidate.provider
            })
            .find(matches);
        if let Some(group) = with_provider {
            return Some((vec![*group], candidate.matched(true)));
        }
        let group = index
            .patterned
            .iter()
            .filter(|g| index.groups[**g].bare)
            .find(matches)?;
        Some((vec![*group], candidate.matched(false)))
    }

    /// The entries of groups in force on a day, or why there is none.
    fn in_force(
        &self,
        groups: &[usize],
        called: &str,
        day: Date,
    ) -> Result<Vec<&ModelCost>, Unpriced> {
        let entries_of = |group: &usize| {
            self.index.groups[*group]
                .entries
                .iter()
                .map(|position| &self.models[*position])
        };
        let current: Vec<&ModelCost> = groups
            .iter()
            .filter_map(|group| entries_of(group).find(|entry| entry.in_force(day)))
            .collect();
        if !current.is_empty() {
            return Ok(current);
        }
        let entries: Vec<&ModelCost> = groups.iter().flat_map(entries_of).collect();
        let model = entries
            .first()
            .map_or_else(|| called.to_owned(), |e| e.model.clone());
        let next = entries
            .iter()
            .filter_map(|e| e.from)
            .filter(|from| *from > day)
            .min();
        let ended = entries
            .iter()
            .filter_map(|e| e.until)
            .filter(|until| *until <= day)
            .max();
        Err(match (ended, next) {
            (Some(until), _) => Unpriced::Ended { model, until },
            (None, Some(first)) => Unpriced::BeforeFirstDate { model, first },
            // A group has an entry, and an entry not in force has ended or not begun.
            (None, None) => Unpriced::UnknownModel {
                provider: None,
                model,
            },
        })
    }
}

impl ModelCost {
    /// Whether two entries price every call the same.
    pub(super) fn same_price(&self, other: &ModelCost) -> bool {
        self.rates == other.rates && self.tiers == other.tiers
    }
}

impl Candidate {
    fn with(&self, name: String, step: Through) -> Candidate {
        let mut through = self.through.clone();
        through.push(step);
        Candidate {
            provider: self.provider.clone(),
            name,
            through,
        }
    }

    fn matched(&self, with_provider: bool) -> Matched {
        Matched {
            with_provider,
            through: self.through.clone(),
        }
    }
}

/// Splits `name-2024-11-20`, `name-20241120` or `name@20241120` into name and date.
pub(super) fn split_date(name: &str) -> Option<(&str, Date)> {
    let digits = |from: usize, to: usize| -> Option<i16> {
        let part = name.get(from..to)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())
            .flatten()
    };
    let date =
        |year, month, day| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    let end = name.len();
    let separator = |at: usize, allowed: &[u8]| {
        name.as_bytes()
            .get(at)
            .is_some_and(|byte| allowed.contains(byte))
    };
    if let Some(at) = end
        .checked_sub(11)
        .filter(|at| *at > 0 && separator(*at, b"-@"))
        && separator(at + 5, b"-")
        && separator(at + 8, b"-")
        && let Some(date) = date(
            digits(at + 1, at + 5)?,
            digits(at + 6, at + 8)?,
            digits(at + 9, end)?,
        )
    {
        return Some((&name[..at], date));
    }
    let at = end
        .checked_sub(9)
        .filter(|at| *at > 0 && separator(*at, b"-@"))?;
    let date = date(
        digits(at + 1, at + 5)?,
        digits(at + 5, at + 7)?,
        digits(at + 7, end)?,
    )?;
    Some((&name[..at], date))
}

/// The other spellings of a dated name.
fn respellings(name: &str) -> Vec<String> {
    let Some((base, date)) = split_date(name) else {
        return Vec::new();
    };
    let (year, month, day) = (date.year(), date.month(), date.day());
    [
        format!("{base}-{year:04}-{month:02}-{day:02}"),
        format!("{base}-{year:04}{month:02}{day:02}"),
        format!("{base}@{year:04}{month:02}{day:02}"),
    ]
    .into_iter()
    .filter(|spelling| spelling != name)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_at_the_end_of_names() {
        let check = |name: &str, expected: Option<(&str, &str)>| {
            let found = split_date(name).map(|(base, date)| (base, date.to_string()));
            let expected = expected.map(|(base, date)| (base, date.to_owned()));
            assert_eq!(found, expected, "{name}");
        };
        check("gpt-4o-2024-11-20", Some(("gpt-4o", "2024-11-20")));
        check(
            "claude-sonnet-4-20250514",
            Some(("claude-sonnet-4", "2025-05-14")),
        );
        check(
            "claude-3-5-haiku@20241022",
            Some(("claude-3-5-haiku", "2024-10-22")),
        );
        for name in [
            "gpt-4o",
            "gpt-4-0613",
            "x-20251399",
            "-2024-11-20",
            "mistral-2402",
            "日-2024",
            "",
        ] {
            check(name, None);
        }
    }
}
