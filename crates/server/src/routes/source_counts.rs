//! `/v1/source-counts`: how many events a source says that it sent, held against what arrived.
//!
//! A source counts an event once, however often it sent it; so do accepted deliveries. Days are those of UTC,
//! on which the source sent and the book received.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use store::operations::{SourceCount, SourceDay};
use store::{Store, StoreError};
use utoipa::{IntoParams, ToSchema};
use work::limits::ID_BYTES_MAX;

use super::reconciliation::DeliveryCounts;
use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::limits::{PAGE_ROWS_MAX, SOURCE_COUNTS_MAX};
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Code, Fault, Problem, Written};

/// Days that are listed where the caller does not say.
const DAYS: i32 = 30;

/// Counts at the sources.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reported {
    /// At most 1,000.
    counts: Vec<ReportedCount>,
}

/// What one source says of one day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportedCount {
    /// The source, as its events name it.
    #[schema(example = "desk")]
    source: String,
    /// The day on which it sent them, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    day: Date,
    /// The customer that they name; all customers together where it is left out.
    #[schema(example = "acme")]
    customer: Option<String>,
    /// How many events, each once however often it was sent.
    #[schema(example = 1000)]
    events: u64,
}

/// Whether as many arrived as were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// As many.
    Matching,
    /// Fewer.
    Missing,
    /// More.
    More,
}

/// A page of counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComparedPage {
    /// By day, source and customer.
    counts: Vec<Compared>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What a source says of a day, and what arrived.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Compared {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    day: Date,
    /// The source.
    #[schema(example = "desk")]
    source: String,
    /// The customer; nothing for all together.
    customer: Option<String>,
    /// Events that the source says that it sent.
    #[schema(example = 1000)]
    events: u64,
    /// Deliveries of the source that arrived on the day.
    arrived: DeliveryCounts,
    /// Accepted deliveries less the events at the source: below zero where some are missing.
    #[schema(value_type = i64, example = -2)]
    difference: i128,
    /// What that means.
    verdict: Verdict,
    /// When it was reported.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Timestamp,
    /// Id of the API key that reported it.
    reported_by: String,
}

/// Which counts are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The first day (UTC); without, thirty days ago.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-01")]
    from: Option<Date>,
    /// `matching`, `missing` or `more`; a page has fewer rows then, and may have none before the last.
    #[param(inline)]
    verdict: Option<Verdict>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// Reports how many events sources sent.
///
/// Each count stands in place of an earlier one of the same source, day and customer. A key that knows one customer
/// reports for that one.
#[utoipa::path(post, path = "/v1/source-counts", tag = "reconciliation", operation_id = "report_source_counts",
    request_body(content = Reported, content_type = "application/json"),
    responses(
        (status = 204, description = "They are kept"),
        (status = 400, description = "Some cannot be used; none was kept", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn report(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    if caller.is_of_link {
        let detail = "a link may not report counts: nobody signs them";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    let Reported { counts } = body::json(&headers, body).await?;
    if counts.len() > SOURCE_COUNTS_MAX {
        let detail = format!("a request has at most {SOURCE_COUNTS_MAX} counts; send several");
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let now = app.now();
    let mut faults = Vec::new();
    let mut kept = Vec::with_capacity(counts.len());
    for (index, own) in counts.into_iter().enumerate() {
        match checked(own, &caller, now) {
            Ok(own) => kept.push(own),
            Err((member, detail)) => faults.push(Fault {
                pointer: format!("/counts/{index}/{member}"),
                detail: detail.to_owned(),
            }),
        }
    }
    if !faults.is_empty() {
        let detail = format!("{} counts cannot be used; none was kept", faults.len());
        return Err(Problem::new(Code::BadRequest, detail).with_faults(faults));
    }
    app.work(move |app| Ok(app.store().operations().put_source_counts(&kept)?))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what sources say that they sent, against what arrived.
///
/// A key of one customer is shown the counts of that one.
#[utoipa::path(get, path = "/v1/source-counts", tag = "reconciliation", operation_id = "list_source_counts",
    params(Asked),
    responses(
        (status = 200, description = "A page", body = ComparedPage),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let from = asked.from.unwrap_or_else(|| days_ago(app.now(), DAYS));
    let first = from.to_string();
    let verdict = serde_json::to_string(&asked.verdict).unwrap_or_default();
    let listing = ["source-counts", &first, &verdict];
    let after = match &asked.cursor {
        None => None,
        Some(cursor) => Some(read_place(&Cursor::read(&listing, cursor)?)?),
    };
    let found = move |app: &App| {
        let customer = caller.customer.as_deref();
        let counts =
            app.store()
                .operations()
                .source_counts(from, customer, after.as_ref(), rows + 1)?;
        counts
            .into_iter()
            .map(|own| Ok(compare(app.store(), own)?))
            .collect::<Result<Vec<Compared>, Problem>>()
    };
    let mut counts = app.work(found).await?;
    let is_more = counts.len() > rows;
    counts.truncate(rows);
    let last = counts.last().filter(|_| is_more);
    let next_cursor = last.map(|own| Cursor::write(&listing, &place(own)));
    counts.retain(|own| asked.verdict.is_none_or(|verdict| verdict == own.verdict));
    let shown = ComparedPage {
        counts,
        next_cursor,
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// A count that may be kept, or the member that keeps it from being so.
fn checked(
    own: ReportedCount,
    caller: &Caller,
    now: Timestamp,
) -> Result<SourceCount, (&'static str, &'static str)> {
    let is_name = |name: &str| (1..=ID_BYTES_MAX).contains(&name.len());
    if !is_name(&own.source) {
        return Err(("source", "a source has 1 to 256 bytes"));
    }
    if own.customer.as_deref().is_some_and(|own| !is_name(own)) {
        return Err(("customer", "a customer has 1 to 256 bytes"));
    }
    if own
        .customer
        .as_deref()
        .is_some_and(|own| !caller.knows(own))
    {
        return Err(("customer", "the key is of another customer"));
    }
    if own.day > days_ago(now, -1) {
        return Err(("day", "the day is yet to come"));
    }
    if i64::try_from(own.events).is_err() {
        return Err(("events", "these are more events than can be counted"));
    }
    Ok(SourceCount {
        of: SourceDay {
            day: own.day,
            source: own.source,
            customer: own.customer.or_else(|| caller.customer.clone()),
        },
        events: own.events,
        reported_at: now,
        reported_by: caller.key.clone(),
    })
}

/// Holds a count against what arrived.
fn compare(store: &dyn Store, own: SourceCount) -> Result<Compared, StoreError> {
    let SourceDay {
        day,
        source,
        customer,
    } = own.of;
    let arrived = store.source_deliveries(&source, day, customer.as_deref())?;
    let difference = i128::from(arrived.accepted) - i128::from(own.events);
    Ok(Compared {
        day,
        source,
        customer,
        events: own.events,
        arrived: arrived.into(),
        difference,
        verdict: match difference {
            0 => Verdict::Matching,
            ..0 => Verdict::Missing,
            _ => Verdict::More,
        },
        reported_at: own.reported_at,
        reported_by: own.reported_by,
    })
}

/// The counts of the last days, by what came of them.
pub(crate) fn verdicts(
    store: &dyn Store,
    now: Timestamp,
) -> Result<[(&'static str, u64); 3], StoreError> {
    let from = days_ago(now, DAYS);
    let mut verdicts = [("matching", 0), ("missing", 0), ("more", 0)];
    let mut after = None;
    loop {
        let page = store
            .operations()
            .source_counts(from, None, after.as_ref(), PAGE_ROWS_MAX)?;
        let Some(last) = page.last() else { break };
        after = Some(last.of.clone());
        for own in page {
            verdicts[compare(store, own)?.verdict as usize].1 += 1;
        }
    }
    Ok(verdicts)
}

/// The day so long before an instant.
fn days_ago(now: Timestamp, days: i32) -> Date {
    now.to_zoned(TimeZone::UTC)
        .date()
        .saturating_sub(days.days())
}

/// Where a page ends, as its cursor says it.
fn place(own: &Compared) -> String {
    let place = (own.day, &own.source, &own.customer);
    serde_json::to_string(&place).unwrap_or_default()
}

fn read_place(place: &str) -> Result<SourceDay, Problem> {
    let read: Result<(Date, String, Option<String>), _> = serde_json::from_str(place);
    let (day, source, customer) = read.map_err(|_| refused("cursor", "it names no place"))?;
    Ok(SourceDay {
        day,
        source,
        customer,
    })
}
