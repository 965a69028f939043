//! Scenario files: read, played, compared.

pub mod covers;
pub mod file;
pub mod laws;
pub mod money;
pub mod play;
pub mod random;
pub mod show;
pub mod timeline;
pub mod verifier;
