//! What the allocator keeps of memory that was freed goes back to the system, whenever the process has grown by it.
//!
//! Without, the resident size grows for as long as events come, though what is held does not. Invariant: it is looked
//! seldom enough that no acknowledgement waits for it that would be seen in a thousand. Not here: how (`memory`).

use crate::limits::{MEMORY_GROWTH_BYTES, MEMORY_PAUSE};

/// Looks until the server stops.
pub(crate) async fn keep_flat() {
    let Some(mut after) = memory::resident() else {
        return;
    };
    loop {
        tokio::time::sleep(MEMORY_PAUSE).await;
        let resident = memory::resident().unwrap_or(0);
        if resident < after + MEMORY_GROWTH_BYTES {
            after = after.min(resident);
            continue;
        }
        let given = tokio::task::spawn_blocking(memory::give_back).await;
        after = memory::resident().unwrap_or(resident);
        tracing::debug!(
            given = given.unwrap_or(false),
            resident,
            after,
            "memory was given back"
        );
    }
}
