//! `/v1/webhooks`: who is told what happens, and what became of telling it.
//!
//! A secret is in one answer, that of the request that made it, and in no other. A key that knows one
//! customer sees and makes the endpoints of that customer alone.

mod shown;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use store::outbox::{Disabled, Endpoint, EndpointChange, Redelivery, SigningSecret};
use work::limits::ID_BYTES_MAX;
use zeroize::Zeroizing;

use self::shown::{
    Asked, MadeSecret, MadeWebhook, SecretRotation, SentMessage, Webhook, WebhookDeliveries,
    WebhookDelivery, WebhookType, WebhookTypes, Webhooks,
};
pub(crate) use self::shown::{NewWebhook, WebhookChange};
use crate::access::{Caller, digits};
use crate::app::App;
use crate::body;
use crate::limits::WEBHOOK_DESCRIPTION_BYTES_MAX;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::precondition::{Tag, tag};
use crate::problem::{Code, Fault, Problem, Written};
use crate::webhooks::{self, EventType, Target, signature};

/// An overlap of secrets, unless told, and at most.
const OVERLAP_HOURS: u16 = 24;
const OVERLAP_HOURS_MAX: u16 = 24 * 30;

/// Lists endpoints.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    responses((status = 200, description = "The endpoints", body = Webhooks)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Webhooks>, Problem> {
    let known = app.work(move |app| known(app, &caller)).await?;
    let webhooks = known.into_iter().map(Webhook::from).collect();
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
    let new: NewWebhook = body::json(&headers, body).await?;
    let made = app.work(move |app| create_one(app, &caller, new));
    let (endpoint, text) = made.await?;
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
        (status = 200, description = "The endpoint, with an `ETag`", body = Webhook),
        (status = 404, description = "There is none", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let found = app.work(move |app| find(app, &caller, &id)).await?;
    answered(found)
}

/// An endpoint with its tag.
fn answered(endpoint: Endpoint) -> Result<Response, Problem> {
    let tag = version(&endpoint)?;
    Ok(tag.on(Json(Webhook::from(endpoint)).into_response()))
}

/// The version of what a caller may change; how attempts go changes no version.
fn version(endpoint: &Endpoint) -> Result<Tag, Problem> {
    tag(&(
        &endpoint.url,
        &endpoint.description,
        &endpoint.types,
        endpoint.disabled.is_none(),
    ))
}

/// Changes an endpoint. `If-Match` may name the version that the caller has read.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "webhooks", operation_id = "change_webhook",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what was read")),
    request_body(content = WebhookChange),
    responses(
        (status = 200, description = "What it is now, with its new `ETag`", body = Webhook),
        (status = 412, description = "It is another version by now", body = Written, content_type = "application/problem+json"),
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
) -> Result<Response, Problem> {
    let change: WebhookChange = body::json(&headers, body).await?;
    let changed = move |app: &App| {
        let found = find(app, &caller, &id)?;
        version(&found)?.check(&headers)?;
        change_one(app, &found, change)
    };
    let changed = app.work(changed).await?;
    answered(changed)
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
    app.work(move |app| delete_one(app, &caller, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
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
    let rotation: SecretRotation = body::json(&headers, body).await?;
    let hours = rotation.overlap_hours.unwrap_or(OVERLAP_HOURS);
    let made = app.work(move |app| rotate_one(app, &caller, &id, hours));
    let (text, earlier_until) = made.await?;
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
    let message = app.work(move |app| test_one(app, &caller, &id)).await?;
    Ok((StatusCode::ACCEPTED, Json(SentMessage { message })))
}

/// Lists what was sent to an endpoint, or is to be.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(("id" = String, Path, description = "The endpoint", example = "wh_0123456789abcdefghjkmnpqrs"), Asked),
    responses(
        (status = 200, description = "Deliveries, the newest first", body = WebhookDeliveries),
        (status = 400, description = "A parameter is not as it must be", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such endpoint", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn deliveries(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["webhook-deliveries", id.as_str()];
    let before = match &asked.cursor {
        None => None,
        Some(cursor) => {
            let place = Cursor::read(&listing, cursor)?.parse();
            Some(place.map_err(|_| refused("cursor", "it names no place"))?)
        }
    };
    let found = {
        let id = id.clone();
        move |app: &App| {
            let endpoint = find(app, &caller, &id)?;
            let outbox = app.store().operations().outbox();
            // One more, which says whether there is a next page.
            Ok(outbox.endpoint_deliveries(&endpoint.id, before, rows + 1)?)
        }
    };
    let mut found = app.work(found).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| is_more);
    let next_cursor = last.map(|last| Cursor::write(&listing, &last.number.to_string()));
    let shown = WebhookDeliveries {
        deliveries: found.into_iter().map(WebhookDelivery::from).collect(),
        next_cursor,
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
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
    let again = app.work(move |app| {
        redeliver_one(app, &caller, &id, &message)?;
        Ok(message)
    });
    let message = again.await?;
    Ok((StatusCode::ACCEPTED, Json(SentMessage { message })))
}

/// The endpoints that a caller may know of.
pub(crate) fn known(app: &App, caller: &Caller) -> Result<Vec<Endpoint>, Problem> {
    let mut all = app.store().operations().outbox().endpoints()?;
    all.retain(|own| is_known(caller, own));
    Ok(all)
}

/// Makes an endpoint: as it is kept, and what signs its messages.
pub(crate) fn create_one(
    app: &App,
    caller: &Caller,
    new: NewWebhook,
) -> Result<(Endpoint, Zeroizing<String>), Problem> {
    require_url(app, &new.url)?;
    require_description(&new.description)?;
    let types = require_types(new.types)?;
    require_customer(caller, new.customer.as_deref())?;
    let secret = fresh_secret(app)?;
    let endpoint = Endpoint {
        id: format!("wh_{}", random_digits(app)?),
        url: new.url,
        description: new.description,
        customer: new.customer,
        types,
        created: app.now(),
        disabled: None,
        failing_since: None,
    };
    let outbox = app.store().operations().outbox();
    if outbox.endpoints()?.is_empty() {
        // While there was nobody to tell, the journal was not read.
        webhooks::begin(app)?;
    }
    outbox.put_endpoint(&endpoint, &secret)?;
    app.wake_webhooks();
    Ok((endpoint, signature::secret_text(&secret.key)))
}

/// Changes an endpoint.
pub(crate) fn change_one(
    app: &App,
    found: &Endpoint,
    change: WebhookChange,
) -> Result<Endpoint, Problem> {
    if let Some(url) = &change.url {
        require_url(app, url)?;
    }
    require_description(change.description.as_deref().unwrap_or_default())?;
    let types = change.types.map(require_types).transpose()?;
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
}

/// Deletes an endpoint.
pub(crate) fn delete_one(app: &App, caller: &Caller, id: &str) -> Result<(), Problem> {
    let found = find(app, caller, id)?;
    let outbox = app.store().operations().outbox();
    outbox.delete_endpoint(&found.id)?;
    Ok(())
}

/// Makes a further secret, and until when the earlier ones sign beside it.
pub(crate) fn rotate_one(
    app: &App,
    caller: &Caller,
    id: &str,
    hours: u16,
) -> Result<(Zeroizing<String>, Timestamp), Problem> {
    if hours > OVERLAP_HOURS_MAX {
        let detail = format!("an overlap has at most {OVERLAP_HOURS_MAX} hours");
        return Err(fault("/overlap_hours", detail));
    }
    let secret = fresh_secret(app)?;
    let earlier_until = app.now() + SignedDuration::from_hours(i64::from(hours));
    let found = find(app, caller, id)?;
    let outbox = app.store().operations().outbox();
    if !outbox.rotate_secret(&found.id, &secret, earlier_until)? {
        return Err(unknown());
    }
    Ok((signature::secret_text(&secret.key), earlier_until))
}

/// Sends a test; the message.
pub(crate) fn test_one(app: &App, caller: &Caller, id: &str) -> Result<String, Problem> {
    let key = format!("test/{}", random_digits(app)?);
    let found = find(app, caller, id)?;
    require_enabled(&found)?;
    Ok(app.outbox().test(key, &found.id)?)
}

/// Sends a message again.
pub(crate) fn redeliver_one(
    app: &App,
    caller: &Caller,
    id: &str,
    message: &str,
) -> Result<(), Problem> {
    let found = find(app, caller, id)?;
    require_enabled(&found)?;
    let outbox = app.store().operations().outbox();
    match outbox.redeliver(&found.id, message, app.now())? {
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
    Ok(())
}

fn is_known(caller: &Caller, endpoint: &Endpoint) -> bool {
    caller.customer.is_none() || caller.customer == endpoint.customer
}

/// The endpoint, where the caller may know of it.
pub(crate) fn find(app: &App, caller: &Caller, id: &str) -> Result<Endpoint, Problem> {
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

fn fresh_secret(app: &App) -> Result<SigningSecret, Problem> {
    Ok(SigningSecret {
        key: Zeroizing::new(random(app)?.to_vec()),
        created: app.now(),
        ends: None,
    })
}

/// 26 digits that nobody guesses: 128 bits.
fn random_digits(app: &App) -> Result<String, Problem> {
    Ok(digits(&random(app)?[..16]))
}

/// 32 bytes: the specification asks for 24 to 64 in a secret.
fn random(app: &App) -> Result<Zeroizing<[u8; 32]>, Problem> {
    (app.book().random)().map_err(|error| {
        tracing::error!(%error, "there are no random bytes");
        Problem::new(Code::Internal, "the server has no random bytes")
    })
}

/// What has a secret in it is kept by nobody on the way.
fn not_stored() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
