//! The book over HTTP: routes, who may call them, how much at once.
//!
//! [`Api`] has the routes, each with what it needs of its caller and with its description; [`serve()`] takes
//! connections and ends in an orderly way. Requests that may wait for the disk are done beside the event loop
//! ([`App::work`]). What happens in the book is told to others over [`webhooks`]. Not here: foreign formats (`intake`), rules about money (`pricing`), SQL (`store`), the
//! environment and files of configuration (the binary). Invariants: what is acknowledged is durable; every
//! queue and body is bounded ([`limits`]); no secret is in a log line or in an error.

pub mod access;
pub mod limits;
pub mod once;
pub mod params;
pub mod precondition;
pub mod problem;
pub mod repair;
pub mod stripe;
pub mod webhooks;

mod api;
mod app;
mod backups;
mod body;
pub mod budgets;
mod examples;
pub mod expiries;
mod file_body;
mod journal;
mod meter;
mod naming;
mod outgoing;
mod page;
mod rate;
mod request_id;
mod returning;
mod routes;
mod screens;
mod sent;
mod serve;
mod taking;
mod takings;
mod telemetry;

pub use api::{Api, Needs, Route};
pub use app::{App, Parts, Spreadsheet, Typesetter};
pub use backups::{BackupState, Backups};
pub use rate::Rate;
pub use serve::{Ended, serve};
