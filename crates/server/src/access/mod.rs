//! Who may do what: API keys, links, sessions, roles, permissions.

mod authenticate;
mod caller;
mod key;
mod role;
mod session;
mod site;

pub(crate) use authenticate::caller;
pub(crate) use key::digits;
pub(crate) use session::{SameSite, Sessions, Shown, cookie, given, taken_back};

pub use authenticate::authenticate;
pub use caller::Caller;
pub use key::{KeyText, KeyTextError, MadeKey};
pub use role::{Permission, Role};
pub use site::{Site, SiteError};
