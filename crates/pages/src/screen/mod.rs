//! Screens: the pages that a server serves to whoever signed in, one file each, in one frame.
//!
//! Each takes the frame and a view model and gives the whole page. No screen needs a script: what is done is done
//! by forms, what is looked for by addresses ([`at`]).

pub mod at;

mod customer;
mod customers;
mod definitions;
mod disputes;
mod events;
mod frame;
mod home;
mod listing;
mod logs;
mod margin;
mod refusal;
mod statements;
mod work;
mod works;

pub use customer::customer;
pub use customers::customers;
pub use definitions::{definition, definitions};
pub use disputes::disputes;
pub use events::events;
pub use home::home;
pub use logs::logs;
pub use margin::margin;
pub use refusal::refusal;
pub use statements::{bridge, statement, statements};
pub use work::work;
pub use works::works;
