//! Routes: one file for each thing that a caller speaks of.

pub(crate) mod api_keys;
pub(crate) mod backups;
pub(crate) mod budgets;
pub(crate) mod calls;
pub(crate) mod contracts;
pub(crate) mod costs;
pub(crate) mod credit_notes;
pub(crate) mod credits;
pub(crate) mod customers;
pub(crate) mod definitions;
pub(crate) mod disputes;
pub(crate) mod documents;
pub(crate) mod events;
pub(crate) mod grants;
pub(crate) mod heads;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod margins;
pub(crate) mod operation;
pub(crate) mod otlp;
pub(crate) mod proof;
pub(crate) mod reconciliation;
pub(crate) mod refused;
pub(crate) mod sign_in;
pub(crate) mod source_counts;
pub(crate) mod statements;
pub(crate) mod stripe;
pub(crate) mod tables;
pub(crate) mod webhooks;
pub(crate) mod works;

mod page;
