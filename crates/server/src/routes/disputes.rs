//! `/v1/customers/{customer}/disputes` and `/reviews`: works that the buyer contests, and what people found who
//! looked at sampled ones.
//!
//! These acts are facts of the log, written by the seller's people. A buyer signs its own, and sends them as events.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{About, Review};
use jiff::Timestamp;
use money::Decimal;
use pages::view::DisputeRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use work::body::{ReviewResult, Verdict};
use work::{Header, Headers};

use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, Params, page, page_rows};
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, refused_at, role, words};

/// Which disputes are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
    /// Those that are open, or those that are decided.
    #[param(example = true)]
    open: Option<bool>,
}

/// A page of disputes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputePage {
    /// In an order that does not change. A page may have fewer rows than asked for, or none, and still not be
    /// the last.
    disputes: Vec<DisputeRow>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// A dispute that is raised for a buyer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDispute {
    /// The work id.
    #[schema(example = "T-1")]
    work: String,
    /// Why the buyer contests it.
    #[schema(example = "the customer wrote again")]
    reason: String,
    /// Who says so: the source of the event.
    #[schema(example = "support-desk")]
    source: String,
    /// When it was raised; now where absent.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:00:00Z")]
    at: Option<Timestamp>,
    /// Shared headers by which definitions count, where no earlier fact of the work has them.
    #[schema(example = json!({"conversation": "T-1"}))]
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// How a dispute is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDecision {
    /// The work id.
    #[schema(example = "T-1")]
    work: String,
    /// `credited` or `stands`.
    #[schema(example = "credited")]
    verdict: String,
    /// Who decides: the source of the event.
    #[schema(example = "cs-lead")]
    source: String,
    /// When; now where absent.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-02T09:00:00Z")]
    at: Option<Timestamp>,
}

/// What a review of a sampled work found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReview {
    /// The sample's id.
    #[schema(example = "acme-0001/1")]
    sample: String,
    /// The work, by its name, its work id or what it is counted by.
    #[schema(example = "T-1")]
    work: String,
    /// `accepted`, `edited` or `rejected`.
    #[schema(example = "accepted")]
    result: String,
    /// How much of the work was changed, 0 to 1.
    #[schema(example = "0.1")]
    edit_share: Option<String>,
    /// Minutes spent on the review.
    #[schema(example = "2.5")]
    minutes: Option<String>,
    /// Who reviewed (a role, no name).
    #[schema(example = "quality")]
    by: String,
}

/// A fact that was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordedFact {
    /// The kind, without prefix and version.
    kind: String,
    /// The work.
    work: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// Its position in the shared log.
    entry: u64,
    /// Why it changes nothing, where it does: of a dispute that comes too late, or while another is open.
    #[schema(example = "the window in which this work may be disputed is over")]
    #[serde(skip_serializing_if = "Option::is_none")]
    without_effect: Option<&'static str>,
}

/// A review that was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordedReview {
    /// The sample's id.
    #[schema(example = "acme-0001/1")]
    sample: String,
    /// The work as its people call it.
    #[schema(example = "T-1")]
    work: String,
    /// What the review found.
    #[schema(example = "accepted")]
    result: String,
    /// Source of the event.
    #[schema(example = "review/quality")]
    source: String,
    /// Its id within the source.
    #[schema(example = "once-5f0c1e2d3b4a59687786a5b4c3d2e1f0")]
    id: String,
}

/// Lists disputes.
#[utoipa::path(get, path = "/v1/customers/{customer}/disputes", tag = "disputes", operation_id = "list_disputes",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), Asked),
    responses((status = 200, description = "A page", body = DisputePage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let open = asked.open.map_or(String::new(), |own| own.to_string());
    let listing = ["disputes".to_owned(), customer.clone(), open];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from = Cursor::place(&listing, asked.cursor.as_deref())?;
    let found = move |app: &App| {
        app.book().chosen(Some(&customer))?;
        let (open, from) = (asked.open, (from, rows));
        Ok(app.book().disputes(&customer, open, from, app.now())?)
    };
    let found = app.work(found).await?;
    let shown = DisputePage {
        disputes: found.rows,
        next_cursor: Cursor::next(&listing, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// Raises a dispute for a buyer. While it is open the work is not stated.
///
/// A buyer's own key sends it as a signed event instead.
#[utoipa::path(post, path = "/v1/customers/{customer}/disputes", tag = "disputes", operation_id = "raise_dispute",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewDispute, content_type = "application/json"),
    responses((status = 201, description = "The fact", body = RecordedFact),
        (status = 200, description = "It was recorded before", body = RecordedFact), Refusals))]
pub(crate) async fn raise(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RecordedFact>), Problem> {
    let sent: NewDispute = body::json(&headers, body).await?;
    let raised = move |app: &App| {
        let id = key.id("dispute");
        let about = About {
            customer: &customer,
            work: &sent.work,
            source: role("/source", &sent.source)?,
            at: sent.at,
            headers: &shared_headers(&sent.headers)?,
            id: id.as_deref(),
        };
        let reason = words("/reason", &sent.reason)?;
        let raised = app.book().dispute(&about, reason, app.now());
        Ok(recorded(raised.map_err(of_act)?))
    };
    app.work(raised).await
}

/// Decides a dispute.
#[utoipa::path(post, path = "/v1/customers/{customer}/disputes/decide", tag = "disputes", operation_id = "decide_dispute",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewDecision, content_type = "application/json"),
    responses((status = 201, description = "The fact", body = RecordedFact),
        (status = 200, description = "It was recorded before", body = RecordedFact), Refusals))]
pub(crate) async fn decide(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RecordedFact>), Problem> {
    let sent: NewDecision = body::json(&headers, body).await?;
    let decided = move |app: &App| {
        let id = key.id("decision");
        let about = About {
            customer: &customer,
            work: &sent.work,
            source: role("/source", &sent.source)?,
            at: sent.at,
            headers: &Headers::default(),
            id: id.as_deref(),
        };
        let verdict = word("/verdict", Verdict::WORDS, &sent.verdict)?;
        let decided = app.book().decide(&about, verdict, app.now());
        Ok(recorded(decided.map_err(of_act)?))
    };
    app.work(decided).await
}

/// Records the seller's review of a sampled work.
#[utoipa::path(post, path = "/v1/customers/{customer}/reviews", tag = "reviews", operation_id = "record_review",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewReview, content_type = "application/json"),
    responses((status = 201, description = "The review", body = RecordedReview),
        (status = 200, description = "It was recorded before", body = RecordedReview), Refusals))]
pub(crate) async fn review(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RecordedReview>), Problem> {
    let sent: NewReview = body::json(&headers, body).await?;
    let reviewed = move |app: &App| {
        let id = key.id("review");
        let act = Review {
            customer: &customer,
            sample: &sent.sample,
            work: &sent.work,
            result: word("/result", ReviewResult::WORDS, &sent.result)?,
            edit_share: decimal("/edit_share", sent.edit_share.as_deref())?,
            minutes: decimal("/minutes", sent.minutes.as_deref())?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        let reviewed = app.book().review(&act, app.now()).map_err(of_act)?;
        let shown = RecordedReview {
            sample: reviewed.what.sample,
            work: reviewed.what.work,
            result: reviewed.what.result.to_owned(),
            source: reviewed.what.source,
            id: reviewed.what.id,
        };
        Ok((done(reviewed.is_known), Json(shown)))
    };
    app.work(reviewed).await
}

fn recorded(acted: book::acts::Acted<book::acts::Recorded>) -> (StatusCode, Json<RecordedFact>) {
    let own = acted.what;
    let shown = RecordedFact {
        kind: own.kind,
        work: own.work,
        time: own.time,
        entry: own.entry,
        without_effect: own.without_effect,
    };
    (done(acted.is_known), Json(shown))
}

fn shared_headers(sent: &BTreeMap<String, String>) -> Result<Headers, Problem> {
    let mut headers = Headers::default();
    for (name, value) in sent {
        let known = Header::ALL.into_iter().find(|own| own.name() == name);
        let header = known.ok_or_else(|| {
            refused_at(&format!("/headers/{name}"), "no shared header is called so")
        })?;
        headers.set(header, value);
    }
    Ok(headers)
}

/// What one of some words stands for.
pub(crate) fn word<T: Copy>(pointer: &str, words: &[(&str, T)], sent: &str) -> Result<T, Problem> {
    let found = words.iter().find(|(own, _)| *own == sent);
    found.map(|(_, own)| *own).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(own, _)| *own).collect();
        refused_at(pointer, format!("it is one of {}", known.join(", ")))
    })
}

fn decimal(pointer: &str, sent: Option<&str>) -> Result<Option<Decimal>, Problem> {
    let read = sent.map(str::parse).transpose();
    read.map_err(|_| refused_at(pointer, "it is a decimal number such as 2.5"))
}
