//! The headers that definitions count by, on the facts of a verb, whose sender need not say them: where no
//! earlier fact of the work does, they are the work itself.
//!
//! Not here: which headers those are (the documents in force), what a verb stands for (`intake`). Invariant: a
//! verb that is sent again says the same, whatever became known of its work in between.

use intake::delivery::{is_repeated, name_scope};
use store::Store;
use work::{Event, Header, LogKind};

use crate::app::App;
use crate::problem::Problem;

/// The facts of a verb with the headers that definitions count by.
pub(crate) fn named(app: &App, mut events: Vec<Event>) -> Result<Vec<Event>, Problem> {
    let Some(first) = events.first() else {
        return Ok(events);
    };
    let Some(work) = first.work.clone() else {
        return Ok(events);
    };
    let mut known = Vec::new();
    for entry in app.store().work_entries(&first.customer, &work)? {
        let entry = entry?;
        // Facts inherit headers from facts. Costs are in another log, and lend none.
        if entry.log == LogKind::Shared {
            known.extend(entry.event.headers.iter().map(|(header, _)| header));
        }
    }
    for event in &mut events {
        if let Some(before) = said_before(app.store(), event, app.scope())? {
            event.headers = before.headers;
            continue;
        }
        let is_known = |header: Header| known.contains(&header);
        name_scope(
            &mut event.headers,
            &work,
            app.scope().iter().copied(),
            is_known,
        );
    }
    Ok(events)
}

/// The content that is there under the same identity, and says the same but for the headers that were added.
fn said_before(
    store: &dyn Store,
    event: &Event,
    scope: &[Header],
) -> Result<Option<Event>, Problem> {
    let Some(found) = store.find(&event.customer, &event.source, &event.id)? else {
        return Ok(None);
    };
    for (index, _) in &found.contents {
        let Some(entry) = store.entry(&event.customer, found.log, *index)? else {
            continue;
        };
        let mut again = event.clone();
        for header in scope {
            let added = entry.event.headers.get(*header);
            let added = added.filter(|own| Some(*own) == event.work.as_ref());
            if let (None, Some(added)) = (event.headers.get(*header), added) {
                again.headers.set(*header, added.clone());
            }
        }
        if is_repeated(&again, &entry.event) {
            return Ok(Some(entry.event));
        }
    }
    Ok(None)
}
