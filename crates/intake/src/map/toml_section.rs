//! A TOML table whose keys are each taken once, so that what is left over is a fault with its place.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use work::definition::Fault;

use crate::nearest::nearest;

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, span: Range<usize>, problem: impl Into<String>) {
        self.push(span, problem.into(), None);
    }

    pub(crate) fn hint(
        &mut self,
        span: Range<usize>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(span, problem.into(), Some(hint.into()));
    }

    /// A value that several events inherit is faulty once.
    fn push(&mut self, span: Range<usize>, problem: String, hint: Option<String>) {
        let fault = Fault {
            span,
            problem,
            hint,
        };
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }
}

/// A key's value and where both stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'t> {
    pub(crate) key: &'t str,
    pub(crate) value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Entry<'t> {
    pub(crate) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    pub(crate) fn get(&self) -> &'t DeValue<'t> {
        self.value.get_ref()
    }
}

/// A table being read.
pub(crate) struct Section<'t> {
    /// What the table is, for messages: `[[event]]`.
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
    entries: Vec<(Range<usize>, Entry<'t>)>,
    known: Vec<Cow<'static, str>>,
}

impl<'t> Section<'t> {
    pub(crate) fn new(
        name: impl Into<String>,
        span: Range<usize>,
        table: &'t DeTable<'t>,
    ) -> Section<'t> {
        let mut entries: Vec<(Range<usize>, Entry<'t>)> = table
            .iter()
            .map(|(key, value)| {
                (
                    key.span(),
                    Entry {
                        key: key.get_ref().as_ref(),
                        value,
                    },
                )
            })
            .collect();
        entries.sort_by_key(|(span, _)| span.start);
        Section {
            name: name.into(),
            span,
            entries,
            known: Vec::new(),
        }
    }

    /// Takes a key.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Entry<'t>> {
        self.known.push(key.into());
        let index = self
            .entries
            .iter()
            .position(|(_, entry)| entry.key == key)?;
        Some(self.entries.remove(index).1)
    }

    /// Whether a key is there and nobody has taken it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(_, entry)| entry.key == key)
    }

    /// Adds the keys of another table, but for those that are there already, or that `has` knows.
    pub(crate) fn supply(&mut self, table: &'t DeTable<'t>, has: impl Fn(&str) -> bool) {
        for (key, value) in table {
            let key = key.get_ref().as_ref();
            if !self.has(key) && !has(key) {
                self.entries.push((value.span(), Entry { key, value }));
            }
        }
    }

    /// Takes every key, in the order of the file.
    pub(crate) fn take_all(&mut self) -> Vec<(Range<usize>, Entry<'t>)> {
        std::mem::take(&mut self.entries)
    }

    /// Takes a string.
    pub(crate) fn string(
        &mut self,
        key: &'static str,
        faults: &mut Faults,
    ) -> Option<(&'t str, Range<usize>)> {
        let entry = self.take(key)?;
        match entry.get().as_str() {
            Some(text) => Some((text, entry.span())),
            None => {
                faults.add(entry.span(), format!("`{key}` must be a string"));
                None
            }
        }
    }

    /// Takes a boolean.
    pub(crate) fn flag(&mut self, key: &'static str, faults: &mut Faults) -> Option<bool> {
        let entry = self.take(key)?;
        let flag = entry.get().as_bool();
        if flag.is_none() {
            faults.add(entry.span(), format!("`{key}` must be true or false"));
        }
        flag
    }

    /// Takes a list of strings.
    pub(crate) fn strings(
        &mut self,
        key: &'static str,
        faults: &mut Faults,
    ) -> Option<Vec<String>> {
        let entry = self.take(key)?;
        let list = entry.get().as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        if list.is_none() {
            faults.add(entry.span(), format!("`{key}` must be a list of strings"));
        }
        list
    }

    /// Takes a table.
    pub(crate) fn table(&mut self, key: &'static str, faults: &mut Faults) -> Option<Section<'t>> {
        let entry = self.take(key)?;
        match entry.get().as_table() {
            Some(table) => Some(Section::new(format!("`{key}`"), entry.span(), table)),
            None => {
                faults.add(entry.span(), format!("`{key}` must be a table"));
                None
            }
        }
    }

    /// Takes an array of tables.
    pub(crate) fn tables(&mut self, key: &'static str, faults: &mut Faults) -> Vec<Section<'t>> {
        let Some(entry) = self.take(key) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        let Some(items) = entry.get().as_array() else {
            faults.add(entry.span(), format!("write `[[{key}]]`, once for each"));
            return sections;
        };
        for item in items.iter() {
            match item.get_ref().as_table() {
                Some(table) => {
                    sections.push(Section::new(format!("`[[{key}]]`"), item.span(), table));
                }
                None => faults.add(item.span(), format!("write `[[{key}]]`, once for each")),
            }
        }
        sections
    }

    /// Refuses the keys that nobody took.
    pub(crate) fn finish(self, also: &[&str], faults: &mut Faults) {
        for (span, entry) in &self.entries {
            let known = self
                .known
                .iter()
                .map(AsRef::as_ref)
                .chain(also.iter().copied());
            let hint = match nearest(entry.key, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it knows {}", known.collect::<Vec<&str>>().join(", ")),
            };
            faults.hint(
                span.clone(),
                format!("{} knows no key `{}`", self.name, entry.key),
                hint,
            );
        }
    }
}
