//! Routes: one file for each thing that a caller speaks of.

pub(crate) mod backups;
pub(crate) mod events;
pub(crate) mod operation;
