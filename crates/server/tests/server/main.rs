//! The server, asked as its callers ask.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(unreachable_pub)] // a test has no outside

mod access;
mod backups;
mod bad_input;
mod budgets;
mod calls;
mod connections;
mod document;
mod events;
mod once;
mod otlp;
mod rate;
mod raw;
mod receiver;
mod reconciliation;
mod refused;
mod support;
mod webhooks;
mod webhooks_delivery;
