//! Following the journal: which statements and covers were issued and voided.

use store::operations::{DocumentOf, NewDocument};
use store::{Entry, StoreError};
use work::LogKind;
use work::body::{Body, Control, CoverEntry, Kind};

use super::plan::{COVER, COVER_VOID, STATEMENT, VOID};
use crate::app::App;
use crate::journal::{Reading, read};
use crate::limits::{STRIPE_COMMITS_MAX, STRIPE_ENTRIES_MAX};

/// The kinds of entries that Stripe is told of.
const TOLD: [Kind; 4] = [
    Kind::StatementIssued,
    Kind::StatementVoided,
    Kind::CoverIssued,
    Kind::CoverVoided,
];

/// Reads what was committed since the last time, and keeps what is found; whether there may be more.
pub(super) fn follow(app: &App) -> Result<bool, StoreError> {
    let operations = app.store().operations();
    let after = operations.stripe_followed()?.unwrap_or(0);
    let (found, followed) = found(app, after)?;
    if followed == after {
        return Ok(false);
    }
    operations.stripe_follow(&found, followed)?;
    Ok(true)
}

/// What was found after a commit, and how far that is.
pub(super) fn found(app: &App, after: u64) -> Result<(Vec<NewDocument>, u64), StoreError> {
    let reading = Reading {
        after,
        commits_max: STRIPE_COMMITS_MAX,
        entries_max: STRIPE_ENTRIES_MAX,
        kinds: &TOLD,
    };
    let mut found = Vec::new();
    let followed = read(app.store(), &reading, |entry| {
        found.extend(document(app, &entry));
    })?;
    Ok((found, followed))
}

/// What an entry makes, where Stripe is told of it.
fn document(app: &App, entry: &Entry) -> Option<NewDocument> {
    let event = &entry.event;
    if entry.conflict || entry.log != LogKind::Shared {
        return None;
    }
    let (kind, name) = match &event.body {
        Body::Control(Control::StatementIssued { number, .. }) => (STATEMENT, number),
        Body::Control(Control::StatementVoided { number, .. }) => (VOID, number),
        Body::Control(Control::Cover(CoverEntry::Issued { number, .. })) => (COVER, number),
        Body::Control(Control::Cover(CoverEntry::Voided { number, .. })) => (COVER_VOID, number),
        _ => return None,
    };
    if matches!(kind, STATEMENT | COVER) {
        let day = event.time.to_zoned(jiff::tz::TimeZone::UTC).date();
        // What was issued before was collected otherwise.
        app.book().config.stripe.from.filter(|from| day >= *from)?;
    }
    Some(NewDocument {
        of: DocumentOf {
            customer: event.customer.to_string(),
            kind: kind.to_owned(),
            name: name.clone(),
        },
        made: event.time,
        until: entry.index + 1,
    })
}
