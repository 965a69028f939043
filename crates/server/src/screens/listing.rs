//! What listings share: where one goes on.

use serde::Deserialize;

/// Where a listing goes on; at its beginning where absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    pub(super) cursor: Option<String>,
}
