//! [`Mapping`]: how a span or log record names its work and its customer.
//!
//! There is no standard for it, so piecework has four attribute names of its own, and a mapping says
//! which attributes people already set mean the same. Order: the record's own `piecework.*`, the
//! resource's, then the mapping's carriers in their order. Invariant: without a mapping document
//! nothing becomes a fact about work; telemetry is cost.

use serde::Deserialize;
use work::Json;

use super::attributes::{Attributes, BadAttribute};
use crate::limits::{MAP_BYTES_MAX, OTLP_JSON_ATTRIBUTE_BYTES_MAX};

/// piecework's own attributes, on a span or log record or on its resource: the work instance, the
/// customer, the work-unit definition, and the number of the attempt.
pub const OWN: [&str; 4] = [
    "piecework.unit.id",
    "piecework.customer.id",
    "piecework.unit.type",
    "piecework.attempt",
];

/// Keys by which the default carriers are looked into, in the order of [`OWN`].
const KEYS: [&str; 4] = ["work_id", "customer_id", "unit_type", "attempt"];

/// Where people put their own keys, as it comes out of their SDKs; `#` looks into JSON in a string.
const CARRIERS: [&str; 5] = [
    "traceloop.association.properties.",
    "ai.telemetry.metadata.",
    "langfuse.trace.metadata.",
    "langfuse.trace.metadata#",
    "metadata#",
];

/// How a record names its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Carriers in the order of [`OWN`].
    carriers: [Vec<Carrier>; 4],
    /// Evaluations that are facts.
    pub(super) evaluations: Vec<Evaluation>,
}

/// An attribute, or a member of one that holds JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Carrier {
    attribute: String,
    member: Option<String>,
}

/// An evaluation that is taken as a check of the work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Evaluation {
    /// `gen_ai.evaluation.name`.
    pub(super) name: String,
    /// The check's name in the fact.
    pub(super) check: String,
    /// Labels that mean passed.
    #[serde(default = "passed")]
    pub(super) passed: Vec<String>,
    /// Labels that mean failed.
    #[serde(default = "failed")]
    pub(super) failed: Vec<String>,
}

fn passed() -> Vec<String> {
    vec!["pass".to_owned(), "passed".to_owned()]
}

fn failed() -> Vec<String> {
    vec!["fail".to_owned(), "failed".to_owned()]
}

/// What of an attribute a mapping reads.
pub(super) enum Reads<'m> {
    /// All of it.
    All,
    /// These members of the JSON that it holds.
    Members(Vec<&'m str>),
    /// Nothing.
    Nothing,
}

/// Why a mapping document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the OTLP mapping cannot be read: {0}")]
pub struct MappingError(String);

/// What a record says of its work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) work: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) attempt: Option<String>,
}

impl Default for Mapping {
    /// The carriers of common SDKs; no evaluation is a fact.
    fn default() -> Mapping {
        let carriers = KEYS.map(|key| {
            let carriers = CARRIERS.iter();
            carriers
                .map(|carrier| Carrier::parse(&format!("{carrier}{key}")))
                .collect()
        });
        Mapping {
            carriers,
            evaluations: Vec::new(),
        }
    }
}

impl Carrier {
    fn parse(text: &str) -> Carrier {
        let (attribute, member) = match text.split_once('#') {
            Some((attribute, member)) => (attribute, Some(member.to_owned())),
            None => (text, None),
        };
        Carrier {
            attribute: attribute.to_owned(),
            member,
        }
    }

    fn text(&self, attributes: &Attributes<'_>) -> Result<Option<String>, BadAttribute> {
        let Some(text) = attributes.text(&self.attribute)? else {
            return Ok(None);
        };
        let Some(member) = &self.member else {
            return Ok(Some(text));
        };
        // Other people's JSON: what is not an object with this member names nothing.
        if text.len() > OTLP_JSON_ATTRIBUTE_BYTES_MAX {
            return Ok(None);
        }
        Ok(
            match Json::parse(&text)
                .ok()
                .as_ref()
                .and_then(|json| json.get(member))
            {
                Some(Json::String(text)) if !text.trim().is_empty() => Some(text.to_string()),
                Some(Json::Number(digits)) => Some(digits.to_string()),
                _ => None,
            },
        )
    }
}

impl Mapping {
    /// Reads a mapping document. A list replaces the default carriers of its field.
    ///
    /// ```toml
    /// work = ["traceloop.association.properties.ticket", "metadata#ticket"]
    /// customer = ["traceloop.association.properties.tenant"]
    /// unit = []
    ///
    /// [[evaluation]]          # off unless it stands here
    /// name = "resolution"
    /// check = "judge"
    /// ```
    ///
    /// # Errors
    /// [`MappingError`] with the place of the fault.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Document {
            work: Option<Vec<String>>,
            customer: Option<Vec<String>>,
            unit: Option<Vec<String>>,
            attempt: Option<Vec<String>>,
            #[serde(default)]
            evaluation: Vec<Evaluation>,
        }
        if text.len() > MAP_BYTES_MAX {
            return Err(MappingError(format!("longer than {MAP_BYTES_MAX} bytes")));
        }
        let document: Document =
            toml::from_str(text).map_err(|error| MappingError(error.to_string()))?;
        let mut mapping = Mapping::default();
        let lists = [
            document.work,
            document.customer,
            document.unit,
            document.attempt,
        ];
        for (own, list) in mapping.carriers.iter_mut().zip(lists) {
            if let Some(list) = list {
                *own = list.iter().map(|carrier| Carrier::parse(carrier)).collect();
            }
        }
        mapping.evaluations = document.evaluation;
        Ok(mapping)
    }

    /// What of an attribute is read for the sake of its work and customer.
    pub(super) fn reads(&self, name: &str) -> Reads<'_> {
        if OWN.contains(&name) {
            return Reads::All;
        }
        let mut members = Vec::new();
        let carriers = self.carriers.iter().flatten();
        for carrier in carriers.filter(|own| own.attribute == name) {
            match &carrier.member {
                None => return Reads::All,
                Some(member) => members.push(member.as_str()),
            }
        }
        if members.is_empty() {
            Reads::Nothing
        } else {
            Reads::Members(members)
        }
    }

    /// What a record says of its work, itself or by its resource.
    pub(super) fn named(
        &self,
        record: &Attributes<'_>,
        resource: &Attributes<'_>,
    ) -> Result<Named, BadAttribute> {
        let mut found: [Option<String>; 4] = [const { None }; 4];
        for (index, own) in found.iter_mut().enumerate() {
            for attributes in [record, resource] {
                if own.is_none() {
                    *own = attributes.text(OWN[index])?;
                }
            }
            for carrier in &self.carriers[index] {
                for attributes in [record, resource] {
                    if own.is_none() {
                        *own = carrier.text(attributes)?;
                    }
                }
            }
        }
        let [work, customer, unit, attempt] = found;
        Ok(Named {
            work,
            customer,
            unit,
            attempt,
        })
    }
}
