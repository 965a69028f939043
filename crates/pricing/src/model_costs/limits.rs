//! Bounds of a model-cost document.

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Entries in one list.
pub const MODELS_MAX: usize = 50_000;
/// Sources in one list.
pub const SOURCES_MAX: usize = 64;
/// Aliases and patterns of one entry.
pub const NAMES_MAX: usize = 64;
/// Longest name of a provider or model, in bytes.
pub const NAME_BYTES_MAX: usize = work::limits::ID_BYTES_MAX;
/// Context tiers of one entry.
pub const TIERS_MAX: usize = 8;
/// Leading `provider/` parts taken off a name.
pub const PREFIXES_MAX: usize = 4;
/// Faults reported for one document.
pub const FAULTS_MAX: usize = 50;
