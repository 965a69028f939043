//! The server, asked as its callers ask.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(unreachable_pub)] // a test has no outside

mod access;
mod access_to_portal;
mod access_to_resources;
mod access_to_screens;
mod acts;
mod api_page;
mod backups;
mod bad_input;
mod budgets;
mod buyers;
mod calls;
mod checks;
mod connections;
mod costs;
mod desk;
mod document;
mod events;
mod examples;
mod links;
mod logs;
mod month_end;
mod once;
mod otlp;
mod papers;
mod person;
mod proof;
mod rate;
mod raw;
mod receiver;
mod reconciliation;
mod refused;
mod resources;
mod screens_acts;
mod screens_approvals;
mod screens_billing;
mod screens_contracts;
mod screens_home;
mod screens_logs;
mod screens_plans;
mod screens_portal;
mod screens_renewal;
mod screens_settings;
mod screens_works;
mod secrets;
mod sessions;
mod sold;
mod support;
mod texts;
mod webhooks;
mod webhooks_delivery;
