//! The documents in force for whoever has no contract of their own: read, or shown with their faults.

use pricing::Plan;
use work::Definition;
use work::definition::Fault;

use crate::config::{Config, Expanded};
use crate::{Error, Result};

/// A document with faults, as an error.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {} fault{}", .faults.len(), if .faults.len() == 1 { "" } else { "s" })]
pub struct FaultyDocument {
    /// The file or where else the text came from.
    pub name: String,
    /// The text.
    pub text: String,
    /// The faults.
    pub faults: Vec<Fault>,
}

/// Definitions and plan, read.
#[derive(Debug, Clone)]
pub struct Documents {
    /// The texts.
    pub texts: Expanded,
    /// The definitions, in the preset's order.
    pub definitions: Vec<Definition>,
    /// The plan.
    pub plan: Plan,
}

impl Documents {
    /// The documents of a configuration.
    ///
    /// # Errors
    /// [`FaultyDocument`] where one cannot be used.
    pub fn of(config: &Config) -> Result<Documents> {
        let texts = config.expand()?;
        let definitions = texts
            .definitions
            .iter()
            .map(|text| definition("a definition in force", text))
            .collect::<Result<Vec<_>>>()?;
        let plan = Plan::parse(&texts.plan)
            .map_err(|error| faulty("the plan in force", &texts.plan, error.faults))?;
        Ok(Documents {
            texts,
            definitions,
            plan,
        })
    }
}

impl Documents {
    /// The same with another plan.
    ///
    /// # Errors
    /// [`FaultyDocument`] where its text cannot be used.
    pub fn with_plan(mut self, text: &str) -> Result<Documents> {
        let plan = Plan::parse(text).map_err(|error| faulty("the plan", text, error.faults))?;
        text.clone_into(&mut self.texts.plan);
        self.plan = plan;
        Ok(self)
    }
}

/// Reads a definition; `name` is where the text came from.
///
/// # Errors
/// [`FaultyDocument`].
pub fn definition(name: &str, text: &str) -> Result<Definition> {
    Definition::parse(text).map_err(|error| faulty(name, text, error.faults))
}

/// A document's faults as an error.
pub fn faulty(name: &str, text: &str, faults: Vec<Fault>) -> Error {
    FaultyDocument {
        name: name.to_owned(),
        text: text.to_owned(),
        faults,
    }
    .into()
}
