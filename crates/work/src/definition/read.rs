//! Reading a definition document, with the place of every fault.

/// A document that is not a definition, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} in the definition: {}", if .faults.len() == 1 { "a fault" } else { "faults" }, .faults.first().map_or("", |f| f.problem.as_str()))]
pub struct DefinitionError {
    /// The faults, in the order of the file.
    pub faults: Vec<Fault>,
}

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the text that the fault is about.
    pub span: std::ops::Range<usize>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: Option<String>,
}
