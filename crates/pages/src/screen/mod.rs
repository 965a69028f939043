//! Screens: the pages that a server serves to whoever signed in, one file each, in one frame.
//!
//! Each takes the frame and a view model and gives the whole page. No screen needs a script: what is done is done
//! by forms, what is looked for by addresses ([`at`]).

pub mod at;

mod customer;
mod customers;
mod events;
mod frame;
mod listing;
mod logs;
mod refusal;
mod work;
mod works;

pub use customer::customer;
pub use customers::customers;
pub use events::events;
pub use logs::logs;
pub use refusal::refusal;
pub use work::work;
pub use works::works;
