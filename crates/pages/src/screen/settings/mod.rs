//! How the server is set up, and forms that change it. A secret is told once, to the request that made it.

pub mod at;

mod budgets;
mod keys;
mod links;
mod overview;
mod webhooks;

pub use budgets::budgets;
pub use keys::keys;
pub use links::links;
pub use overview::overview;
pub use webhooks::{webhook, webhooks};
