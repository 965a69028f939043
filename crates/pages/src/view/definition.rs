//! A definition by which work counts, as its screen shows it.

use super::Section;

/// A definition, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// The id.
    pub id: String,
    /// By what it is asked for: its id, or its digest where several are of that id.
    pub address: String,
    /// SHA-256 of its text, by which contracts name it.
    pub digest: String,
    /// The job, as the buyer would ask.
    pub question: String,
    /// Who answers for it.
    pub owner: String,
    /// Its classes, in the order of precedence.
    pub classes: Vec<String>,
    /// Whether it is in force for whoever signed no contract.
    pub is_default: bool,
    /// Customers in whose logs it is published.
    pub customers: u64,
}

/// A definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// As in a listing.
    pub row: DefinitionRow,
    /// The sections of its annex.
    pub sections: Vec<Section>,
    /// Edge cases: question and answer.
    pub cases: Vec<(String, String)>,
    /// SHA-256 of the annex as plain text.
    pub english_digest: String,
    /// Its text (TOML).
    pub text: String,
}
