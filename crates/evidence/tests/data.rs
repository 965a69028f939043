//! The estimators on real data. Skipped where the data are not there; CI has them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests, outside of test functions too"
)]

#[path = "data/agent_requests.rs"]
mod agent_requests;
#[path = "data/castle.rs"]
mod castle;
#[path = "data/developers.rs"]
mod developers;
#[path = "data/helpdesk.rs"]
mod helpdesk;
#[path = "data/judges.rs"]
mod judges;
#[path = "data/minimum_wage.rs"]
mod minimum_wage;
#[path = "data/support.rs"]
mod support;
