//! From the table of a `when` to a condition that runs.

use toml::de::DeValue;

use super::compile::{Compiler, constant};
use super::condition::{After, Condition, Test};
use super::template::{Part, Template, number};
use super::toml_section::{Entry, Faults, Section};
use crate::limits::CONDITION_DEPTH_MAX;

impl Compiler<'_> {
    /// The table of a `when`.
    pub(crate) fn condition(
        &mut self,
        mut section: Section<'_>,
        depth: usize,
        faults: &mut Faults,
    ) -> Option<Condition> {
        if depth > CONDITION_DEPTH_MAX {
            faults.add(
                section.span,
                format!("conditions nest at most {CONDITION_DEPTH_MAX} deep"),
            );
            return None;
        }
        let mut parts = Vec::new();
        for key in ["all", "any"] {
            if let Some(entry) = section.take(key) {
                let list = self.conditions(entry, depth, faults)?;
                parts.push(if key == "all" {
                    Condition::All(list)
                } else {
                    Condition::Any(list)
                });
            }
        }
        if let Some(inner) = section.table("not", faults) {
            let inner = self.condition(inner, depth + 1, faults)?;
            parts.push(Condition::Not(Box::new(inner)));
        }
        if let Some(inner) = section.table("after", faults) {
            parts.push(self.after(inner, depth, faults)?);
        }
        for (span, entry) in section.take_all() {
            let template = if entry.key.starts_with('{') {
                self.template(entry.key, span, faults)?
            } else {
                let slot = self.slot(entry.key, span, faults)?;
                Template {
                    written: format!("{{{}}}", entry.key),
                    parts: vec![Part::Slot(slot)],
                }
            };
            parts.push(Condition::Cell(template, test(entry, faults)?));
        }
        if parts.is_empty() {
            faults.hint(
                section.span,
                "an empty condition",
                "leave `when` out where every row counts",
            );
            return None;
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Condition::All(parts)
        })
    }

    fn conditions(
        &mut self,
        entry: Entry<'_>,
        depth: usize,
        faults: &mut Faults,
    ) -> Option<Vec<Condition>> {
        let items = entry.get().as_array().filter(|items| !items.is_empty());
        let Some(items) = items else {
            faults.add(
                entry.span(),
                format!("`{}` must be a list of conditions", entry.key),
            );
            return None;
        };
        items
            .iter()
            .map(|item| match item.get_ref().as_table() {
                Some(table) => self.condition(
                    Section::new("a condition", item.span(), table),
                    depth + 1,
                    faults,
                ),
                None => {
                    faults.add(
                        item.span(),
                        "expected a condition such as { column = \"word\" }",
                    );
                    None
                }
            })
            .collect()
    }

    fn after(
        &mut self,
        mut section: Section<'_>,
        depth: usize,
        faults: &mut Faults,
    ) -> Option<Condition> {
        let key = section
            .take("key")
            .and_then(|entry| self.value(entry, faults));
        let seen = section.table("seen", faults);
        let span = section.span.clone();
        section.finish(&[], faults);
        let (Some(key), Some(seen)) = (key, seen) else {
            faults.hint(
                span,
                "`after` needs `key` and `seen`",
                "for example after = { key = \"{case_id}\", seen = { activity = \"Resolved\" } }",
            );
            return None;
        };
        let Some(time) = self.time.clone() else {
            faults.hint(
                span,
                "`after` compares times",
                "give the file or the map a `time`",
            );
            return None;
        };
        let count = self.afters.len();
        let seen = self.condition(seen, depth + 1, faults)?;
        if self.afters.len() > count {
            faults.add(span, "an `after` inside an `after` is not read");
            return None;
        }
        let after = After { key, seen, time };
        let index = self
            .afters
            .iter()
            .position(|known| *known == after)
            .unwrap_or_else(|| {
                self.afters.push(after);
                self.afters.len() - 1
            });
        Some(Condition::After(index))
    }
}

/// What a column is compared with.
fn test(entry: Entry<'_>, faults: &mut Faults) -> Option<Test> {
    let Some(table) = entry.get().as_table() else {
        return words(entry, faults).map(Test::Is);
    };
    let mut section = Section::new(
        format!("the condition on `{}`", entry.key),
        entry.span(),
        table,
    );
    let mut tests = Vec::new();
    if let Some(not) = section.take("not") {
        tests.push(words(not, faults).map(Test::IsNot));
    }
    if let Some(known) = section.flag("present", faults) {
        tests.push(Some(Test::Present(known)));
    }
    for key in ["above", "below"] {
        if let Some(bound) = section.take(key) {
            let decimal = constant(bound.get()).and_then(|text| number(&text).ok());
            if decimal.is_none() {
                faults.add(bound.span(), format!("`{key}` must be a number"));
            }
            tests.push(decimal.map(if key == "above" {
                Test::Above
            } else {
                Test::Below
            }));
        }
    }
    section.finish(&[], faults);
    if tests.len() != 1 {
        faults.hint(
            entry.span(),
            "expected one of `not`, `present`, `above`, `below`",
            "combine several with `all = [ ... ]`",
        );
        return None;
    }
    tests.remove(0)
}

/// A word or a list of words.
fn words(entry: Entry<'_>, faults: &mut Faults) -> Option<Vec<String>> {
    let list = match entry.get() {
        DeValue::Array(items) => items.iter().map(|item| constant(item.get_ref())).collect(),
        single => constant(single).map(|word| vec![word]),
    };
    if list.is_none() {
        faults.add(entry.span(), "expected a word or a list of words");
    }
    list
}
