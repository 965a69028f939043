//! Routes: one file for each thing that a caller speaks of.

pub(crate) mod calls;
pub(crate) mod events;
pub(crate) mod heads;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod operation;
pub(crate) mod otlp;
pub(crate) mod proof;
pub(crate) mod refused;
pub(crate) mod sign_in;
pub(crate) mod webhooks;

mod page;
