//! `/v1/webhooks`: who is told what happens, and what became of telling it.
//!
//! An endpoint's secret is in two answers, that of the request that made it, and no other. A key that knows one
//! customer sees and makes the endpoints of that customer alone.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::outbox::{Delivery, Disabled, Endpoint, EndpointChange, Redelivery, SigningSecret};
use utoipa::{IntoParams, ToSchema};
use work::limits::ID_BYTES_MAX;
use zeroize::Zeroizing;

use crate::access::{Caller, digits};
use crate::app::App;
use crate::body;
use crate::limits::WEBHOOK_DESCRIPTION_BYTES_MAX;
use crate::problem::{Code, Fault, Problem, Written};
use crate::webhooks::{self, EventType, Target, signature};

/// Bytes of a secret: the specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;
/// Deliveries of a page, unless told, and at most.
const PAGE_ROWS: usize = 50;
const PAGE_ROWS_MAX: usize = 500;
/// An overlap of secrets, unless told, and at most.
const OVERLAP_HOURS: u16 = 24;
const OVERLAP_HOURS_MAX: u16 = 24 * 30;

/// An endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Its id.
    #[schema(example = "wh_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// Where messages are posted.
    #[schema(example = "https://hooks.example.com/piecework")]
    url: String,
    /// What it is for.
    #[schema(example = "finance's Slack relay")]
    description: String,
    /// The only customer that it hears of; everything where `null`.
    #[schema(example = "acme")]
    customer: Option<String>,
    /// The types that it takes; all where empty.
    #[schema(example = json!(["statement.issued", "dispute.raised"]))]
    types: Vec<String>,
    /// Whether messages are sent to it. While they are not, they wait for 30 days.
    #[schema(example = true)]
    enabled: bool,
    /// Since when and why it is not.
    disabled: Option<DisabledWebhook>,
    /// Since when every attempt has failed; after five days of it the endpoint is disabled.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:00:00Z")]
    failing_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    created: Timestamp,
}

/// Why an endpoint is disabled.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisabledWebhook {
    /// Since when.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    at: Timestamp,
    /// In words.
    #[schema(example = "it answered 410: it wants no more messages")]
    why: String,
}

/// Endpoints.
#[derive(Serialize, ToSchema)]
pub(crate) struct Webhooks {
    /// All that the key may know of, by when they were made.
    webhooks: Vec<Webhook>,
}

/// An endpoint that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// The endpoint.
    webhook: Webhook,
    /// What signs its messages. It is not shown again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

/// An endpoint to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where messages are posted: `https`, without credentials, in the open internet.
    #[schema(
        example = "https://hooks.example.com/piecework",
        pattern = "^https?://[^@#]+$",
        max_length = 2048
    )]
    url: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "finance's Slack relay", max_length = 500)]
    description: String,
    /// The only customer that it is to hear of.
    #[serde(default)]
    #[schema(example = "acme", min_length = 1, max_length = 256)]
    customer: Option<String>,
    /// The types that it takes; all where empty.
    #[serde(default)]
    #[schema(example = json!(["statement.issued", "dispute.raised"]))]
    types: Vec<String>,
}

/// What is to change of an endpoint; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    /// Another URL.
    #[serde(default)]
    #[schema(
        example = "https://hooks.example.com/v2",
        pattern = "^https?://[^@#]+$",
        max_length = 2048
    )]
    url: Option<String>,
    /// Another description.
    #[serde(default)]
    #[schema(example = "finance's relay", max_length = 500)]
    description: Option<String>,
    /// Other types; all where empty.
    #[serde(default)]
    #[schema(example = json!(["statement.issued"]))]
    types: Option<Vec<String>>,
    /// `true` has messages sent again, also those that waited; `false` has them wait.
    #[serde(default)]
    #[schema(example = true)]
    enabled: Option<bool>,
}

/// A further secret.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretRotation {
    /// Hours for which the earlier ones still sign beside it: 24 unless told, 0 to end them at once, at most 720.
    #[serde(default)]
    #[schema(example = 24, minimum = 0, maximum = 720)]
    overlap_hours: Option<u16>,
}

/// A secret that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeSecret {
    /// What signs messages from now on. It is not shown again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
    /// Until when the earlier ones sign as well.
    #[schema(value_type = String, format = DateTime, example = "2026-02-02T09:00:00Z")]
    earlier_until: Timestamp,
}

/// A message that is on its way.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentMessage {
    /// The message's id: `webhook-id`.
    #[schema(example = "msg_0123456789abcdefghjkmnpqrs")]
    message: String,
}

/// Deliveries to an endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookDeliveries {
    /// The newest first.
    deliveries: Vec<WebhookDelivery>,
    /// What to give as `cursor` for the next page; `null` on the last.
    #[schema(example = "1204")]
    next_cursor: Option<String>,
}

/// A message on its way to an endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookDelivery {
    /// The message's id: `webhook-id`.
    #[schema(example = "msg_0123456789abcdefghjkmnpqrs")]
    message: String,
    /// Its type.
    #[schema(example = "statement.issued")]
    r#type: String,
    /// The customer that it is about, where its endpoints may hear of it.
    #[schema(example = "acme")]
    customer: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime, example = "2026-02-01T09:00:00Z")]
    created: Timestamp,
    /// `waiting` for its next attempt, `done`, or `dead`: given up.
    #[schema(example = "waiting")]
    state: &'static str,
    /// Attempts so far, or since it was asked for again.
    #[schema(example = 2)]
    attempts: u32,
    /// The next attempt.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:05:12Z")]
    next_attempt: Option<Timestamp>,
    /// The last attempt.
    last_attempt: Option<LastAttempt>,
}

/// What an attempt came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastAttempt {
    /// When it ended; `null` where it was given up without one.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-02-01T09:00:06Z")]
    at: Option<Timestamp>,
    /// The HTTP status that was answered.
    #[schema(example = 503)]
    status: Option<u16>,
    /// What was wrong.
    #[schema(example = "it answered 503")]
    problem: Option<String>,
}

/// Types of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookTypes {
    /// All of them.
    types: Vec<WebhookType>,
}

/// A type of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookType {
    /// Its word.
    #[schema(example = "statement.issued")]
    r#type: &'static str,
    /// When it is sent.
    #[schema(example = "A statement was issued.")]
    about: &'static str,
    /// An example of `data`, with every member that there may be.
    #[schema(value_type = Object)]
    example: Value,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, example = "1204", pattern = "^[0-9]{1,18}$")]
    cursor: Option<u64>,
    /// Deliveries of a page: 50 unless told, at most 500.
    #[param(value_type = Option<u16>, example = 50, minimum = 1, maximum = 500)]
    limit: Option<usize>,
}

/// Lists endpoints.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    responses((status = 200, description = "The endpoints", body = Webhooks)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Webhooks>, Problem> {
    let all = app
        .work(|app| Ok(app.store().operations().outbox().endpoints()?))
        .await?;
    let known = all.into_iter().filter(|own| is_known(&caller, own));
    let webhooks = known.map(Webhook::from).collect();
    Ok(Json(Webhooks { webhooks }))
}

/// Lists the types of messages.
#[utoipa::path(get, path = "/v1/webhooks/types", tag = "webhooks", operation_id = "list_webhook_types",
    responses((status = 200, description = "The types", body = WebhookTypes)))]
pub(crate) async fn types() -> Json<WebhookTypes> {
    let types = EventType::ALL.map(|own| WebhookType {
        r#type: own.word(),
        about: own.about(),
        example: own.example(),
    });
    Json(WebhookTypes {
        types: types.into(),
    })
}

/// Makes an endpoint.
///
/// From then on it is told of everything of its types and customer. Its secret is in the answer, and in no other.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", operation_id = "create_webhook",
    request_body(content = NewWebhook),
    responses(
        (status = 201, description = "It was made", body = MadeWebhook,
            headers(("Location" = String, description = "Its address"))),
        (status = 400, description = "A member is not as it must be", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "There are as many endpoints as may be", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The encoding is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let new: NewWebhook = read(&headers, body).await?;
    require_url(&app, &new.url)?;
    require_description(&new.description)?;
    let types = require_types(new.types)?;
    require_customer(&caller, new.customer.as_deref())?;
    let secret = fresh_secret(app.now())?;
    let endpoint = Endpoint {
        id: format!("wh_{}", random_digits()?),
        url: new.url,
        description: new.description,
        customer: new.customer,
        types,
        created: app.now(),
        disabled: None,
        failing_since: None,
    };
    let text = signature::secret_text(&secret.key);
    let kept = endpoint.clone();
    app.work(move |app| {
        let outbox = app.store().operations().outbox();
        if outbox.endpoints()?.is_empty() {
            // While there was nobody to tell, the journal was not read.
            webhooks::begin(app)?;
        }
        outbox.put_endpoint(&kept, &secret)?;
        app.wake_webhooks();
        Ok(())
    })
    .await?;
    let location = format!("/v1/webhooks/{}", endpoint.id);
    let location = HeaderValue::from_str(&location)
        .map_err(|_| Problem::new(Code::Internal, "the id is no header"))?;
    let made = MadeWebhook {
        webhook: endpoint.into(),
        secret: text.to_string(),
    };
    let headers = [(header::LOCATION, location), not_stored()];
    Ok((StatusCode::CREATED, headers, Json(made)).into_response())
}

/// Shows an endpoint.
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs")),
    responses(
        (status = 200, description = "The endpoint", body = Webhook),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, Problem> {
    let found = app.work(move |app| find(app, &caller, &id)).await?;
    Ok(Json(found.into()))
}

/// Changes an endpoint.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "webhooks", operation_id = "change_webhook",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs")),
    request_body(content = WebhookChange),
    responses(
        (status = 200, description = "What it is now", body = Webhook),
        (status = 400, description = "A member is not as it must be", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The encoding is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Webhook>, Problem> {
    let change: WebhookChange = read(&headers, body).await?;
    if let Some(url) = &change.url {
        require_url(&app, url)?;
    }
    require_description(change.description.as_deref().unwrap_or_default())?;
    let types = change.types.map(require_types).transpose()?;
    let changed = app
        .work(move |app| {
            let found = find(app, &caller, &id)?;
            let disabled = match change.enabled {
                Some(true) => Some(None),
                Some(false) if found.disabled.is_none() => Some(Some(Disabled {
                    at: app.now(),
                    why: "it was switched off".to_owned(),
                })),
                _ => None,
            };
            let change = EndpointChange {
                url: change.url,
                description: change.description,
                types,
                disabled,
            };
            let outbox = app.store().operations().outbox();
            let changed = outbox.change_endpoint(&found.id, &change)?;
            app.wake_webhooks();
            changed.ok_or_else(unknown)
        })
        .await?;
    Ok(Json(changed.into()))
}

/// Deletes an endpoint, with what waits for it.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks", operation_id = "delete_webhook",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    app.work(move |app| {
        let found = find(app, &caller, &id)?;
        app.store()
            .operations()
            .outbox()
            .delete_endpoint(&found.id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Makes a further secret.
///
/// For the overlap messages carry a signature by each, so that the receiver changes when it likes.
#[utoipa::path(post, path = "/v1/webhooks/{id}/secret", tag = "webhooks", operation_id = "rotate_webhook_secret",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs")),
    request_body(content = SecretRotation),
    responses(
        (status = 201, description = "The secret", body = MadeSecret),
        (status = 400, description = "A member is not as it must be", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such endpoint", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "Too many secrets are in force", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The encoding is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let rotation: SecretRotation = read(&headers, body).await?;
    let hours = rotation.overlap_hours.unwrap_or(OVERLAP_HOURS);
    if hours > OVERLAP_HOURS_MAX {
        let detail = format!("an overlap has at most {OVERLAP_HOURS_MAX} hours");
        return Err(fault("/overlap_hours", detail));
    }
    let secret = fresh_secret(app.now())?;
    let earlier_until = app.now() + SignedDuration::from_hours(i64::from(hours));
    let text = signature::secret_text(&secret.key);
    app.work(move |app| {
        let found = find(app, &caller, &id)?;
        let outbox = app.store().operations().outbox();
        let is_there = outbox.rotate_secret(&found.id, &secret, earlier_until)?;
        is_there.then_some(()).ok_or_else(unknown)
    })
    .await?;
    let made = MadeSecret {
        secret: text.to_string(),
        earlier_until,
    };
    Ok((StatusCode::CREATED, [not_stored()], Json(made)).into_response())
}

/// Sends a test message.
///
/// A `webhook.test` to this endpoint, whatever types it takes.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs")),
    responses(
        (status = 202, description = "It is on its way", body = SentMessage),
        (status = 404, description = "There is no such endpoint", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The endpoint is disabled", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn test(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<SentMessage>), Problem> {
    let key = format!("test/{}", random_digits()?);
    let message = app
        .work(move |app| {
            let found = find(app, &caller, &id)?;
            require_enabled(&found)?;
            Ok(app.outbox().test(key, &found.id)?)
        })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(SentMessage { message })))
}

/// Lists what was sent to an endpoint, or is to be.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs"), Page),
    responses(
        (status = 200, description = "Deliveries, the newest first", body = WebhookDeliveries),
        (status = 400, description = "A parameter is not as it must be", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such endpoint", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn deliveries(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<WebhookDeliveries>, Problem> {
    let refuse = |detail: String| Problem::new(Code::BadRequest, detail);
    let Query(page) = page.map_err(|error| refuse(error.body_text()))?;
    let rows = page.limit.unwrap_or(PAGE_ROWS);
    if !(1..=PAGE_ROWS_MAX).contains(&rows) {
        return Err(refuse(format!("`limit` is from 1 to {PAGE_ROWS_MAX}")));
    }
    let mut found = app
        .work(move |app| {
            let endpoint = find(app, &caller, &id)?;
            let outbox = app.store().operations().outbox();
            // One more, which says whether there is a next page.
            Ok(outbox.endpoint_deliveries(&endpoint.id, page.cursor, rows + 1)?)
        })
        .await?;
    let is_last = found.len() <= rows;
    found.truncate(rows);
    let last = found.last().map(|own| own.number.to_string());
    Ok(Json(WebhookDeliveries {
        deliveries: found.into_iter().map(WebhookDelivery::from).collect(),
        next_cursor: last.filter(|_| !is_last),
    }))
}

/// Sends a message once more.
///
/// At once, and from the first attempt on.
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{message}/redeliver", tag = "webhooks", operation_id = "redeliver_webhook",
    params(
        ("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs"),
        ("message" = String, Path, description = "The message", example = "msg_0123456789abcdefghjkmnpqrs"),
    ),
    responses(
        (status = 202, description = "It is on its way", body = SentMessage),
        (status = 404, description = "There is no such endpoint, or it had no such message in the last 30 days", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The endpoint is disabled, or the message is being sent now", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn redeliver(
    State(app): State<App>,
    caller: Caller,
    Path((id, message)): Path<(String, String)>,
) -> Result<(StatusCode, Json<SentMessage>), Problem> {
    let message = app
        .work(move |app| {
            let found = find(app, &caller, &id)?;
            require_enabled(&found)?;
            let outbox = app.store().operations().outbox();
            match outbox.redeliver(&found.id, &message, app.now())? {
                Redelivery::Due => {}
                Redelivery::UnderWay => {
                    let detail = "the message is being sent now; see what becomes of it first";
                    return Err(Problem::new(Code::Conflict, detail));
                }
                Redelivery::Unknown => {
                    let detail = "the endpoint had no such message in the last 30 days";
                    return Err(Problem::new(Code::NotFound, detail));
                }
            }
            app.wake_webhooks();
            Ok(message)
        })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(SentMessage { message })))
}

impl From<Endpoint> for Webhook {
    fn from(own: Endpoint) -> Webhook {
        Webhook {
            id: own.id,
            url: own.url,
            description: own.description,
            customer: own.customer,
            types: own.types,
            enabled: own.disabled.is_none(),
            disabled: own.disabled.map(|own| DisabledWebhook {
                at: own.at,
                why: own.why,
            }),
            failing_since: own.failing_since,
            created: own.created,
        }
    }
}

impl From<Delivery> for WebhookDelivery {
    fn from(own: Delivery) -> WebhookDelivery {
        let last = LastAttempt {
            at: own.last_at,
            status: own.last_status,
            problem: own.last_problem,
        };
        let is_there = last.at.is_some() || last.problem.is_some();
        WebhookDelivery {
            message: own.message,
            r#type: own.kind,
            customer: own.customer,
            created: own.created,
            state: own.state.word(),
            attempts: own.attempts,
            next_attempt: own.next_at,
            last_attempt: is_there.then_some(last),
        }
    }
}

/// The body, which is JSON; without one, an object without members.
async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let bytes = body::read(headers, body).await?;
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(Code::BadRequest, format!("the body: {error}")))
}

fn is_known(caller: &Caller, endpoint: &Endpoint) -> bool {
    caller.customer.is_none() || caller.customer == endpoint.customer
}

/// The endpoint, where the caller may know of it.
fn find(app: &App, caller: &Caller, id: &str) -> Result<Endpoint, Problem> {
    let found = app.store().operations().outbox().endpoint(id)?;
    found
        .filter(|own| is_known(caller, own))
        .ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "there is no such endpoint")
}

fn fault(pointer: &str, detail: String) -> Problem {
    let problem = Problem::new(Code::BadRequest, format!("{pointer}: {detail}"));
    problem.with_faults(vec![Fault {
        pointer: pointer.to_owned(),
        detail,
    }])
}

fn require_url(app: &App, url: &str) -> Result<(), Problem> {
    match Target::parse(url, app.webhooks().guard()) {
        Ok(_) => Ok(()),
        Err(error) => Err(fault("/url", error.to_string())),
    }
}

fn require_description(text: &str) -> Result<(), Problem> {
    if text.len() <= WEBHOOK_DESCRIPTION_BYTES_MAX {
        return Ok(());
    }
    let detail = format!("it has more than {WEBHOOK_DESCRIPTION_BYTES_MAX} bytes");
    Err(fault("/description", detail))
}

/// The types, each once and in order.
fn require_types(mut types: Vec<String>) -> Result<Vec<String>, Problem> {
    let mut numbered = types.iter().enumerate();
    let unknown = numbered.find(|(_, own)| EventType::of_word(own).is_none());
    if let Some((at, own)) = unknown {
        let words = EventType::ALL.map(EventType::word).join(", ");
        let detail = format!("`{own}` is no type of messages; there are {words}");
        return Err(fault(&format!("/types/{at}"), detail));
    }
    types.sort();
    types.dedup();
    Ok(types)
}

fn require_customer(caller: &Caller, customer: Option<&str>) -> Result<(), Problem> {
    let length = customer.map_or(1, str::len);
    if !(1..=ID_BYTES_MAX).contains(&length) {
        let detail = format!("a customer has 1 to {ID_BYTES_MAX} bytes");
        return Err(fault("/customer", detail));
    }
    match (&caller.customer, customer) {
        (None, _) => Ok(()),
        (Some(own), Some(other)) if own == other => Ok(()),
        (Some(own), _) => {
            let detail = format!("the key knows one customer: name `{own}`");
            Err(fault("/customer", detail))
        }
    }
}

fn require_enabled(endpoint: &Endpoint) -> Result<(), Problem> {
    if endpoint.disabled.is_none() {
        return Ok(());
    }
    let detail = "the endpoint is disabled; enable it first (PATCH `enabled`)";
    Err(Problem::new(Code::Conflict, detail))
}

fn fresh_secret(now: Timestamp) -> Result<SigningSecret, Problem> {
    Ok(SigningSecret {
        key: Zeroizing::new(random::<SECRET_BYTES>()?.to_vec()),
        created: now,
        ends: None,
    })
}

/// 26 digits that nobody guesses: 128 bits.
fn random_digits() -> Result<String, Problem> {
    Ok(digits(random::<16>()?.as_slice()))
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Problem> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        Problem::new(Code::Internal, "the system gives no random bytes")
    })?;
    Ok(bytes)
}

/// What has a secret in it is kept by nobody on the way.
fn not_stored() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
