//! Who may do what: API keys, roles, permissions.

mod caller;
mod key;
mod role;

pub use caller::{Caller, authenticate};
pub(crate) use key::digits;
pub use key::{KeyText, KeyTextError, MadeKey};
pub use role::{Permission, Role};
