//! [`Random`]: where secrets and salts come from. The caller gives it, as it gives the instant.

use std::sync::Arc;

use zeroize::Zeroizing;

/// A source of 32 random bytes at a time.
pub type Random = Arc<dyn Fn() -> Result<Zeroizing<[u8; 32]>, RandomError> + Send + Sync>;

/// Why there are none.
pub type RandomError = Box<dyn std::error::Error + Send + Sync>;
