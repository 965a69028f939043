//! Screens: the pages that a server serves to whoever signed in, one file each, in one frame.
//!
//! Each takes the frame and a view model and gives the whole page. No screen needs a script: what is done is done
//! by forms, what is looked for by addresses ([`at`]).

pub mod at;
pub mod portal;
pub mod settings;

mod approvals;
mod billing;
mod checks;
mod contracts;
mod customer;
mod customers;
mod definitions;
mod dispute;
mod disputes;
mod events;
mod form;
mod frame;
mod home;
mod listing;
mod logs;
mod margin;
mod plans;
mod quotes;
mod refusal;
mod renewal;
mod statements;
mod waiting;
mod work;
mod works;

pub use approvals::{approval, approvals};
pub use billing::statement_drafts;
pub use checks::checks;
pub use contracts::{contract, contract_change, contracts};
pub use customer::customer;
pub use customers::customers;
pub use definitions::{compare, definition, definitions};
pub use dispute::{MayDispute, dispute};
pub use disputes::disputes;
pub use events::events;
pub use home::home;
pub use logs::logs;
pub use margin::margin;
pub use plans::{plan, plans};
pub use quotes::{QuotesOf, quote, quotes};
pub use refusal::refusal;
pub use renewal::renewal;
pub use statements::{bridge, statement, statements};
pub use waiting::{refused_event, unassigned_costs};
pub use work::work;
pub use works::works;
