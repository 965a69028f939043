//! What everybody is charged is kept in sums, so that the first page need not ask every customer.
//!
//! Whose log grew, and who was not asked for an hour, is asked again, a few at a time and with a pause, so that a server
//! that takes many events is not kept busy by it. Not here: the sums (`book`).

use crate::app::App;
use crate::limits::{TAKINGS_AT_ONCE, TAKINGS_PAUSE};

/// Follows until the server stops.
pub(crate) async fn follow(app: App) {
    while !app.is_draining() {
        let asked = app.work(|app| Ok(app.book().follow_takings(TAKINGS_AT_ONCE, app.now())));
        if let Ok(Err(error)) = asked.await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "what is charged could not be followed");
        }
        tokio::time::sleep(TAKINGS_PAUSE).await;
    }
}
