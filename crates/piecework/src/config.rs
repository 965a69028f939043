//! `piecework.toml`: one file that a newcomer can read in a minute.
//!
//! It names a preset and what differs from it. [`Config::expand`] gives the documents that are in
//! force: the preset's own text where nothing differs, otherwise the preset with the differences
//! merged in. Arrays of tables merge by their `id`, `class`, `name` or `component`, everything else replaces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use toml::{Table, Value};

use crate::presets::{self, Preset};

/// The file's name.
pub const FILE_NAME: &str = "piecework.toml";

/// The file, read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The preset that everything else differs from, e.g. `fin-style@1`.
    pub extends: String,
    /// Who sells: printed on statements.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The book's directory, relative to the file.
    #[serde(default = "default_book")]
    pub book: PathBuf,
    /// What differs from the preset's definitions, by definition id.
    #[serde(default)]
    pub definition: BTreeMap<String, Table>,
    /// What differs from the preset's plan.
    #[serde(default)]
    pub plan: Table,
    /// Terms of contracts that do not say otherwise: `time_zone`, `anchor_day`, `rounding`, ...
    #[serde(default)]
    pub contract: Table,
    /// Customers by id, for names and terms of their own.
    #[serde(default)]
    pub customer: BTreeMap<String, Customer>,
}

/// What the file says of one customer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The name to print.
    #[serde(default)]
    pub name: Option<String>,
    /// Contract terms of its own.
    #[serde(default)]
    pub contract: Table,
}

/// The documents that a file amounts to.
#[derive(Debug, Clone)]
pub struct Expanded {
    /// The definitions' texts.
    pub definitions: Vec<String>,
    /// The plan's text.
    pub plan: String,
}

fn default_book() -> PathBuf {
    PathBuf::from("book")
}

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// Where it cannot be read, or is not a configuration; the message names the place.
    pub fn read(path: &Path) -> Result<Config> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("cannot read {}; `piecework init` writes one", path.display())
        })?;
        let mut config: Config = toml::from_str(&text)
            .with_context(|| format!("{} is not a piecework configuration", path.display()))?;
        if config.book.is_relative()
            && let Some(parent) = path.parent()
        {
            config.book = parent.join(&config.book);
        }
        Ok(config)
    }

    /// The configuration of a preset with nothing changed.
    #[must_use]
    pub fn of_preset(preset: &Preset, book: &Path) -> Config {
        Config {
            extends: preset.reference(),
            vendor: None,
            book: book.to_path_buf(),
            definition: BTreeMap::new(),
            plan: Table::new(),
            contract: Table::new(),
            customer: BTreeMap::new(),
        }
    }

    /// The preset that the file extends.
    ///
    /// # Errors
    /// Where there is no such preset; the message lists those there are.
    pub fn preset(&self) -> Result<&'static Preset> {
        presets::find(&self.extends)
    }

    /// The documents in force.
    ///
    /// # Errors
    /// Where the preset is unknown, or a difference names a definition that the preset does not have.
    pub fn expand(&self) -> Result<Expanded> {
        let preset = self.preset()?;
        let mut definitions = Vec::new();
        let mut known = Vec::new();
        for text in preset.definitions {
            let table: Table = text.parse().context("a preset's definition is TOML")?;
            let id = table.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            definitions.push(match self.definition.get(&id) {
                None => (*text).to_owned(),
                Some(differences) => merged(table, differences)?,
            });
            known.push(id);
        }
        if let Some(unknown) = self.definition.keys().find(|id| !known.contains(id)) {
            bail!(
                "[definition.\"{unknown}\"] names no definition of {}; it has {}",
                preset.reference(),
                known.join(", ")
            );
        }
        let plan = if self.plan.is_empty() {
            preset.plan.to_owned()
        } else {
            merged(preset.plan.parse().context("a preset's plan is TOML")?, &self.plan)?
        };
        Ok(Expanded { definitions, plan })
    }
}

fn merged(mut base: Table, differences: &Table) -> Result<String> {
    merge(&mut base, differences);
    toml::to_string(&base).context("writing a merged document")
}

/// Merges `differences` into `base`.
fn merge(base: &mut Table, differences: &Table) {
    for (key, new) in differences {
        match (base.get_mut(key), new) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (Some(Value::Array(old)), Value::Array(new)) if new.iter().all(|v| name(v).is_some()) => {
                merge_rows(old, new);
            }
            _ => {
                base.insert(key.clone(), new.clone());
            }
        }
    }
}

/// Merges arrays of tables by the rows' names; a row of a new name is appended.
fn merge_rows(base: &mut Vec<Value>, differences: &[Value]) {
    for row in differences {
        match base.iter_mut().find(|old| name(old) == name(row)) {
            Some(Value::Table(old)) => {
                if let Value::Table(new) = row {
                    merge(old, new);
                }
            }
            _ => base.push(row.clone()),
        }
    }
}

/// What a row of an array of tables is called.
fn name(row: &Value) -> Option<&str> {
    let table = row.as_table()?;
    ["id", "class", "name", "component"].iter().find_map(|key| table.get(*key)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_merge_by_name_and_leave_the_rest() {
        let mut base: Table = r#"
            id = "p"
            [[component]]
            id = "seats"
            price = "40"
            [[component]]
            id = "resolutions"
            [component.class.confirmed]
            price = "0.99"
            [component.class.assumed]
            price = "0.99"
        "#
        .parse()
        .unwrap();
        let differences: Table = r#"
            cap = "5000 USD"
            [[component]]
            id = "resolutions"
            class.assumed.price = "0.80"
            [[component]]
            id = "platform"
            amount = "100"
        "#
        .parse()
        .unwrap();
        merge(&mut base, &differences);
        let expected: Table = r#"
            id = "p"
            cap = "5000 USD"
            [[component]]
            id = "seats"
            price = "40"
            [[component]]
            id = "resolutions"
            [component.class.confirmed]
            price = "0.99"
            [component.class.assumed]
            price = "0.80"
            [[component]]
            id = "platform"
            amount = "100"
        "#
        .parse()
        .unwrap();
        assert_eq!(base, expected);
    }
}
