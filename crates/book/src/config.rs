//! `piecework.toml`: one file that a newcomer can read in a minute.
//!
//! It names a preset and what differs from it, or documents of one's own. [`Config::expand`] gives the
//! documents that are in force: the preset's own text where nothing differs, otherwise the preset with
//! the differences merged in. Arrays of tables merge by their `id`, `class`, `name` or `component`, everything else replaces.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use pages::view::SheetSize;
use serde::Deserialize;
use toml::{Table, Value};

use crate::Result;
use crate::approvals::Approvals;
use crate::checks::Checks;
use crate::dispute_url::DisputeUrl;
use crate::error::Damaged;
use crate::presets::{self, Preset};

/// The file's name.
pub const FILE_NAME: &str = "piecework.toml";

/// The file, read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The preset that everything else differs from, e.g. `fin-style@1`.
    #[serde(default)]
    pub extends: Option<String>,
    /// Documents of one's own, instead of a preset's.
    #[serde(default)]
    pub documents: Option<OwnDocuments>,
    /// Who sells: printed on statements.
    #[serde(default)]
    pub vendor: Option<String>,
    /// The book's directory, relative to the file.
    #[serde(default = "default_book")]
    pub book: PathBuf,
    /// Documents that say what foreign CloudEvents mean, relative to the file.
    #[serde(default)]
    pub meters: Vec<PathBuf>,
    /// Where the logs can be read, for the names of their keys.
    #[serde(default)]
    pub proof: Proof,
    /// What receipts of works say.
    #[serde(default)]
    pub receipt: Receipt,
    /// Where people reach the server, and what it keeps.
    #[serde(default)]
    pub server: Server,
    /// How the seller's papers look.
    #[serde(default)]
    pub stationery: Stationery,
    /// How the seller's books are kept.
    #[serde(default)]
    pub accounting: Accounting,
    /// Whether and how Stripe collects what statements come to.
    #[serde(default)]
    pub stripe: Stripe,
    /// Above which amounts a second person has to approve an act.
    #[serde(default)]
    pub approvals: Approvals,
    /// What is asked of prices before statements are issued by them.
    #[serde(default)]
    pub checks: Checks,
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

/// Documents of one's own, as files beside the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnDocuments {
    /// The definitions' files.
    pub definitions: Vec<PathBuf>,
    /// The plan's file.
    pub plan: PathBuf,
}

/// What the file says of proof.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// A URL without scheme under which the logs can be read, e.g. `vendor.example/log`.
    #[serde(default)]
    pub log: Option<String>,
}

/// What the file says of receipts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Where a buyer disputes a work: an `https` address with `{customer}`, `{work}` and `{unit}` in
    /// it.
    #[serde(default)]
    pub dispute_url: Option<DisputeUrl>,
}

/// What the file says of the server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address under which people reach it, as a browser shows it, e.g. `https://work.vendor.example`.
    #[serde(default)]
    pub url: Option<String>,
    /// Whether what people and models wrote in the model calls that are told to it is kept, as evidence. Without
    /// this it is cut away unread.
    #[serde(default)]
    pub keep_texts: bool,
}

/// What the file says of the seller's papers: statements and credit notes as documents.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stationery {
    /// The size of a sheet: `a4` or `letter`.
    #[serde(default)]
    pub size: SheetSize,
    /// How to pay, line by line: bank, account, what to name.
    #[serde(default)]
    pub pay: Vec<String>,
    /// The seller's logo, a PNG or an SVG, relative to the file.
    #[serde(default)]
    pub logo: Option<PathBuf>,
    /// Fonts for writing that the built-in ones of PDFs do not have, relative to the file.
    #[serde(default)]
    pub fonts: Vec<PathBuf>,
}

/// What the file says of the seller's books.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounting {
    /// Where the seller's months begin; UTC where absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// How much of what counts is expected to be taken back, by id of the work-unit definition.
    #[serde(default)]
    pub constraint: BTreeMap<String, Constraint>,
}

/// What the file says of Stripe. The key itself is never in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stripe {
    /// Whether statements go to Stripe.
    #[serde(default)]
    pub enabled: bool,
    /// Statements issued before this day, in UTC, were collected otherwise and never go there.
    #[serde(default)]
    pub from: Option<Date>,
    /// The environment variable that holds the secret key.
    #[serde(default)]
    pub key_env: Option<String>,
    /// Whether invoices are finalized; without, they stay drafts that a person finalizes.
    #[serde(default)]
    pub finalize: bool,
    /// Whether what is paid there is recorded as a payment.
    #[serde(default)]
    pub payments: bool,
    /// Days until an invoice is to be paid, where the contract does not say; 30 where absent.
    #[serde(default)]
    pub due_days: Option<u32>,
    /// Where Stripe is, for tests: an address without a path.
    #[serde(default)]
    pub base: Option<String>,
}

/// An estimate of what will be taken back, which is not revenue before it is over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// The percentage, e.g. `"2.5"`.
    pub percent: String,
    /// For how long after it counted, e.g. `"30d"`.
    pub within: String,
}

/// What the file says of one customer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The name to print.
    #[serde(default)]
    pub name: Option<String>,
    /// Its id at Stripe, `cus_…`.
    #[serde(default)]
    pub stripe: Option<String>,
    /// Contract terms of its own.
    #[serde(default)]
    pub contract: Table,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}; `piecework init` writes one", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file says something else.
    #[error("{} is not a piecework configuration", .path.display())]
    NotOne {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
    /// The file names no documents, or twice.
    #[error(
        "{} must say either `extends = \"PRESET\"` or [documents] with definitions and a plan",
        .path.display()
    )]
    NoDocuments {
        /// The file.
        path: PathBuf,
    },
    /// A document that it names cannot be read.
    #[error("cannot read the document {}", .path.display())]
    Document {
        /// The document.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// What it says of the seller's books makes no sense.
    #[error("[accounting] {key}: {problem}")]
    Accounting {
        /// Where it stands.
        key: String,
        /// What is wrong, and what it could be.
        problem: String,
    },
    /// What it says of Stripe makes no sense.
    #[error("{key}: {problem}")]
    Stripe {
        /// Where it stands.
        key: String,
        /// What is wrong, and what it could be.
        problem: String,
    },
    /// What differs is of no definition that there is.
    #[error("[definition.\"{id}\"] names no definition of {origin}; it has {}", .known.join(", "))]
    NoDefinition {
        /// The definition named.
        id: String,
        /// The preset, or the documents.
        origin: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// What differs is of a plan that is none.
    #[error("the plan of {origin}")]
    Plan {
        /// The preset, or the documents.
        origin: String,
        /// Where and what.
        source: Box<toml::de::Error>,
    },
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
        let path_buf = || path.to_path_buf();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path_buf(),
            source,
        })?;
        let mut config: Config = toml::from_str(&text).map_err(|error| ConfigError::NotOne {
            path: path_buf(),
            source: Box::new(error),
        })?;
        let beside = path.parent().unwrap_or(Path::new("."));
        config.book = beside.join(&config.book);
        let stationery = &mut config.stationery;
        let printed = stationery.fonts.iter_mut().chain(&mut stationery.logo);
        for file in config.meters.iter_mut().chain(printed) {
            *file = beside.join(&*file);
        }
        if let Some(own) = &mut config.documents {
            own.plan = beside.join(&own.plan);
            own.definitions
                .iter_mut()
                .for_each(|file| *file = beside.join(&*file));
        }
        if config.extends.is_some() == config.documents.is_some() {
            return Err(ConfigError::NoDocuments { path: path_buf() }.into());
        }
        Ok(config)
    }

    /// The configuration of a preset with nothing changed.
    #[must_use]
    pub fn of_preset(preset: &Preset, book: &Path) -> Config {
        Config {
            extends: Some(preset.reference()),
            documents: None,
            vendor: None,
            meters: Vec::new(),
            stationery: Stationery::default(),
            proof: Proof::default(),
            receipt: Receipt::default(),
            server: Server::default(),
            accounting: Accounting::default(),
            stripe: Stripe::default(),
            approvals: Approvals::default(),
            checks: Checks::default(),
            book: book.to_path_buf(),
            definition: BTreeMap::new(),
            plan: Table::new(),
            contract: Table::new(),
            customer: BTreeMap::new(),
        }
    }

    /// Whether what is said of Stripe can be gone by; the environment variable that holds the key.
    ///
    /// # Errors
    /// [`ConfigError::Stripe`].
    pub fn check_stripe(&self) -> Result<&str> {
        let fault = |key: &'static str, problem: &str| ConfigError::Stripe {
            key: format!("[stripe] {key}"),
            problem: problem.to_owned(),
        };
        if self.stripe.from.is_none() {
            let problem = "say from which day statements go to Stripe, such as from = \"2026-02-01\": what was issued before \
                           was collected otherwise";
            return Err(fault("from", problem).into());
        }
        for (customer, own) in &self.customer {
            let is_id = |id: &str| {
                let rest = id.strip_prefix("cus_").unwrap_or_default();
                !rest.is_empty()
                    && rest
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            };
            if own.stripe.as_deref().is_some_and(|id| !is_id(id)) {
                return Err(ConfigError::Stripe {
                    key: format!("[customer.\"{customer}\"] stripe"),
                    problem: "the id of a customer at Stripe begins with cus_".to_owned(),
                }
                .into());
            }
        }
        let variable = self.stripe.key_env.as_deref();
        Ok(variable.ok_or_else(|| {
            fault(
                "key_env",
                "name the environment variable that holds the secret key, never the key itself",
            )
        })?)
    }

    /// The preset that the file extends, if it does.
    ///
    /// # Errors
    /// Where there is no such preset; the message lists those there are.
    pub fn preset(&self) -> Result<Option<&'static Preset>> {
        self.extends.as_deref().map(presets::find).transpose()
    }

    /// The texts that the differences are merged into, and what to call them.
    fn base(&self) -> Result<(Vec<String>, String, String)> {
        if let Some(own) = &self.documents {
            let read = |path: &PathBuf| {
                std::fs::read_to_string(path).map_err(|source| ConfigError::Document {
                    path: path.clone(),
                    source,
                })
            };
            let definitions = own
                .definitions
                .iter()
                .map(read)
                .collect::<Result<Vec<_>, _>>()?;
            return Ok((definitions, read(&own.plan)?, "the documents".to_owned()));
        }
        let preset = presets::find(self.extends.as_deref().unwrap_or_default())?;
        let definitions = preset
            .definitions
            .iter()
            .map(|text| (*text).to_owned())
            .collect();
        Ok((definitions, preset.plan.to_owned(), preset.reference()))
    }

    /// The documents in force.
    ///
    /// # Errors
    /// Where the preset is unknown, or a difference names a definition that the preset does not have.
    pub fn expand(&self) -> Result<Expanded> {
        let (texts, plan, origin) = self.base()?;
        let mut definitions = Vec::new();
        let mut known = Vec::new();
        for text in texts {
            // A text that is not TOML is shown with its fault when it is read as a definition.
            let table: Table = text.parse().unwrap_or_default();
            let id = table
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            definitions.push(match self.definition.get(&id) {
                None => text,
                Some(differences) => merged(table, differences)?,
            });
            known.push(id);
        }
        if let Some(unknown) = self.definition.keys().find(|id| !known.contains(id)) {
            return Err(ConfigError::NoDefinition {
                id: unknown.clone(),
                origin,
                known,
            }
            .into());
        }
        let plan = if self.plan.is_empty() {
            plan
        } else {
            let plan = plan.parse().map_err(|error| ConfigError::Plan {
                origin,
                source: Box::new(error),
            })?;
            merged(plan, &self.plan)?
        };
        Ok(Expanded { definitions, plan })
    }
}

fn merged(mut base: Table, differences: &Table) -> Result<String> {
    merge(&mut base, differences);
    let text = toml::to_string(&base).map_err(|source| Damaged::Document {
        what: "a merged document",
        source,
    })?;
    Ok(text)
}

/// Merges `differences` into `base`.
fn merge(base: &mut Table, differences: &Table) {
    for (key, new) in differences {
        match (base.get_mut(key), new) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (Some(Value::Array(old)), Value::Array(new))
                if new.iter().all(|v| name(v).is_some()) =>
            {
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
    ["id", "class", "name", "component"]
        .iter()
        .find_map(|key| table.get(*key)?.as_str())
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
