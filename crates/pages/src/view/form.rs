//! [`Entry`]: what was entered in a form of a screen, and what was wrong with it.

use std::collections::BTreeMap;

/// What the forms of a screen begin with: nothing, or what was entered in one of them and not taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Which of the screen's forms was not taken; empty where none was sent.
    pub act: String,
    /// A word of this page's own: the same form sent twice is done once.
    pub once: String,
    /// What was entered, by field: foreign text.
    pub fields: BTreeMap<String, String>,
    /// What is wrong with single fields.
    pub faults: Vec<FieldFault>,
    /// Why nothing was done.
    pub refused: Option<String>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Its name.
    pub field: String,
    /// What is wrong, and what to do.
    pub says: String,
}
