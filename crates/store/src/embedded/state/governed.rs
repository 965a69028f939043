//! Which definitions govern a customer's works over time (semantics.md S12, P1).
//!
//! A contract is signed, amended and ended by entries of the shared log; its document and the
//! definitions that it pins are published there. A customer without any contract is governed by the
//! book's default documents. Whatever keeps a contract from governing is a [problem](Problem), kept
//! for people: its works stay unsettled, not uncounted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pricing::Contract;
use rusqlite::params;
use work::body::{Body, Control};
use work::definition::Timeline;
use work::{Definition, Digest};

use super::closure::Closure;
use super::{failed, rows};
use crate::StoreError;
use crate::limits::{DEFINITIONS_KEPT_MAX, GOVERNED_KEPT_MAX};
use crate::store::DefaultDocuments;

/// One version of one definition: from when, the contract's version, the definition.
type Version = (Timestamp, u32, Arc<Definition>);

/// What one contract, or the default documents, governs.
#[derive(Debug, Clone)]
pub(super) struct Governed {
    /// The contract; `None` for the default documents.
    pub(super) contract: Option<String>,
    from: Timestamp,
    until: Option<Timestamp>,
    zone: TimeZone,
    definitions: BTreeMap<String, Vec<Version>>,
}

/// Why a contract does not govern, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) contract: String,
    pub(super) problem: String,
}

impl Governed {
    /// The definitions' ids.
    pub(super) fn units(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
    }

    /// The versions of a definition, for [`work::settle::settle`].
    pub(super) fn timeline(&self, unit: &str) -> Timeline<'_> {
        let versions = self.definitions.get(unit).into_iter().flatten();
        Timeline {
            versions: versions
                .map(|(from, version, d)| (*from, *version, d.as_ref()))
                .collect(),
            zone: self.zone.clone(),
        }
    }

    fn holds(&self, opened: Timestamp) -> bool {
        self.from <= opened && self.until.is_none_or(|until| opened < until)
    }

    /// Whether a unit that opened at an instant belongs here: to the contract in force then, for life;
    /// before any contract, to each.
    pub(super) fn takes(&self, opened: Timestamp, all: &[Governed]) -> bool {
        self.holds(opened) || (opened < self.from && !all.iter().any(|other| other.holds(opened)))
    }
}

/// Documents read and contracts put together, kept between transactions.
#[derive(Default)]
pub(super) struct Cache {
    definitions: HashMap<Digest, Arc<Definition>>,
    governed: HashMap<i64, Arc<Vec<Governed>>>,
}

impl Cache {
    /// Forgets what governs a customer.
    pub(super) fn forget(&mut self, customer: i64) {
        self.governed.remove(&customer);
    }

    /// What governs a customer, and what keeps its contracts from governing (told only when it is
    /// put together, which is after every change).
    pub(super) fn governed(
        &mut self,
        closure: &Closure<'_>,
        defaults: &DefaultDocuments,
    ) -> Result<(Arc<Vec<Governed>>, Vec<Problem>), StoreError> {
        if let Some(known) = self.governed.get(&closure.customer) {
            return Ok((Arc::clone(known), Vec::new()));
        }
        let mut problems = Vec::new();
        let acts = acts(closure)?;
        let governed = if acts.is_empty() {
            self.by_default(defaults)
        } else {
            self.by_contracts(closure, acts, &mut problems)?
        };
        if self.governed.len() >= GOVERNED_KEPT_MAX {
            self.governed.clear();
        }
        let governed = Arc::new(governed);
        self.governed
            .insert(closure.customer, Arc::clone(&governed));
        Ok((governed, problems))
    }

    /// Default documents are read before they are taken, so that each is a definition.
    fn by_default(&mut self, defaults: &DefaultDocuments) -> Vec<Governed> {
        let mut definitions = BTreeMap::new();
        for text in &defaults.definitions {
            if let Ok(definition) = self.definition(text) {
                definitions.insert(definition.id.clone(), vec![(Timestamp::MIN, 1, definition)]);
            }
        }
        if definitions.is_empty() {
            return Vec::new();
        }
        let zone = TimeZone::get(&defaults.time_zone).unwrap_or(TimeZone::UTC);
        vec![Governed {
            contract: None,
            from: Timestamp::MIN,
            until: None,
            zone,
            definitions,
        }]
    }

    fn definition(&mut self, text: &str) -> Result<Arc<Definition>, String> {
        let digest = Digest::of(text.as_bytes());
        if let Some(known) = self.definitions.get(&digest) {
            return Ok(Arc::clone(known));
        }
        let definition = Definition::parse(text).map_err(|error| error.to_string())?;
        let definition = Arc::new(definition);
        if self.definitions.len() >= DEFINITIONS_KEPT_MAX {
            self.definitions.clear();
        }
        self.definitions.insert(digest, Arc::clone(&definition));
        Ok(definition)
    }

    fn by_contracts(
        &mut self,
        closure: &Closure<'_>,
        acts: BTreeMap<String, Vec<Control>>,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Governed>, StoreError> {
        let mut all = Vec::new();
        for (contract, acts) in acts {
            match self.by_contract(closure, &contract, &acts)? {
                Ok(governed) => all.push(governed),
                Err(problem) => problems.push(Problem { contract, problem }),
            }
        }
        Ok(all)
    }

    fn by_contract(
        &mut self,
        closure: &Closure<'_>,
        contract: &str,
        acts: &[Control],
    ) -> Result<Result<Governed, String>, StoreError> {
        let mut governed: Option<Governed> = None;
        let mut version = 0;
        for act in acts {
            let (document, effective) = match act {
                Control::ContractSigned { document, .. } => {
                    if version > 0 {
                        return Ok(Err("it is signed twice; amend it instead".to_owned()));
                    }
                    (document, None)
                }
                Control::ContractAmended {
                    document,
                    effective,
                    ..
                } => {
                    if version == 0 {
                        return Ok(Err("it is amended before it is signed".to_owned()));
                    }
                    (document, Some(*effective))
                }
                Control::ContractEnded { effective, .. } => {
                    if let Some(governed) = &mut governed {
                        let until = governed.until.unwrap_or(Timestamp::MAX);
                        governed.until = Some(until.min(*effective));
                    }
                    continue;
                }
                _ => continue,
            };
            version += 1;
            let document = match published(closure, "contract", document)? {
                None => return Ok(Err(format!("its document {document} is not published"))),
                Some(text) => match Contract::parse(&text) {
                    Ok(document) => document,
                    Err(error) => return Ok(Err(error.to_string())),
                },
            };
            if document.id != contract || document.customer != closure.name.customer {
                return Ok(Err(format!(
                    "its document is of contract `{}` with `{}`",
                    document.id, document.customer
                )));
            }
            let definitions = match self.pinned(closure, &document)? {
                Ok(definitions) => definitions,
                Err(problem) => return Ok(Err(problem)),
            };
            let starts = midnight(document.starts, &document.time_zone);
            let from = effective.or(starts).unwrap_or(Timestamp::MIN);
            let last = document.ends.and_then(|ends| ends.tomorrow().ok());
            let until = last.and_then(|day| midnight(day, &document.time_zone));
            let governed = governed.get_or_insert_with(|| Governed {
                contract: Some(contract.to_owned()),
                from,
                until,
                zone: document.time_zone.clone(),
                definitions: BTreeMap::new(),
            });
            governed.until = until;
            for definition in definitions {
                let versions = governed
                    .definitions
                    .entry(definition.id.clone())
                    .or_default();
                versions.push((from, version, definition));
                versions.sort_by_key(|(from, version, _)| (*from, *version));
            }
        }
        Ok(governed.ok_or_else(|| "it is ended before it is signed".to_owned()))
    }

    /// The definitions that a contract pins.
    fn pinned(
        &mut self,
        closure: &Closure<'_>,
        contract: &Contract,
    ) -> Result<Result<Vec<Arc<Definition>>, String>, StoreError> {
        let mut pinned = Vec::with_capacity(contract.definitions.len());
        for digest in &contract.definitions {
            let Some(text) = published(closure, "definition", digest)? else {
                return Ok(Err(format!(
                    "the definition {digest} that it pins is not published"
                )));
            };
            let mut definition = match self.definition(&text) {
                Ok(definition) => definition,
                Err(problem) => return Ok(Err(format!("the definition {digest}: {problem}"))),
            };
            if let Some(verdict) = contract.dispute_default {
                Arc::make_mut(&mut definition).dispute.default = verdict;
            }
            pinned.push(definition);
        }
        Ok(Ok(pinned))
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone())
        .ok()
        .map(|start| start.timestamp())
}

/// What was done to the customer's contracts, by contract, in the order of the log.
fn acts(closure: &Closure<'_>) -> Result<BTreeMap<String, Vec<Control>>, StoreError> {
    let read = || {
        let mut select = closure
            .connection
            .prepare_cached("SELECT entry FROM contracts WHERE customer = ?1 ORDER BY entry")?;
        let entries = select.query_map([closure.customer], |row| rows::index(row, 0))?;
        entries.collect::<rusqlite::Result<Vec<u64>>>()
    };
    let mut acts: BTreeMap<String, Vec<Control>> = BTreeMap::new();
    for entry in read().map_err(failed("reading contracts"))? {
        let Some(fact) = closure.fact_at(entry)? else {
            continue;
        };
        if let Body::Control(control) = fact.event.body
            && let Control::ContractSigned { contract, .. }
            | Control::ContractAmended { contract, .. }
            | Control::ContractEnded { contract, .. } = &control
        {
            acts.entry(contract.clone()).or_default().push(control);
        }
    }
    Ok(acts)
}

/// The text of a document that is published in the customer's shared log.
fn published(
    closure: &Closure<'_>,
    document: &str,
    digest: &Digest,
) -> Result<Option<String>, StoreError> {
    let read = || {
        let mut select = closure.connection.prepare_cached(
            "SELECT entry FROM documents
             WHERE customer = ?1 AND log = 0 AND document = ?2 AND digest = ?3 ORDER BY entry",
        )?;
        let key = params![closure.customer, document, digest.to_string()];
        let entries = select.query_map(key, |row| rows::index(row, 0))?;
        entries.collect::<rusqlite::Result<Vec<u64>>>()
    };
    for entry in read().map_err(failed("reading documents"))? {
        if let Some(fact) = closure.fact_at(entry)?
            && let Body::Control(Control::DocumentPublished { text, .. }) = fact.event.body
        {
            return Ok(Some(text));
        }
    }
    Ok(None)
}
