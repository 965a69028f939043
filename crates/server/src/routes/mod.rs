//! Routes: one file for each thing that a caller speaks of.

pub(crate) mod backups;
pub(crate) mod calls;
pub(crate) mod events;
pub(crate) mod operation;
pub(crate) mod otlp;
pub(crate) mod refused;
pub(crate) mod webhooks;
