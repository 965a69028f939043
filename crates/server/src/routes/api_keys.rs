//! `/v1/api-keys`: who may call the server.
//!
//! Invariants: a secret is answered once, to the request that made the key, and never kept, so these requests
//! are not answered again by an `Idempotency-Key`; nobody makes a key that may do more than its own.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::ApiKey;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::access::{Caller, MadeKey, Role};
use crate::app::App;
use crate::body;
use crate::limits::{KEY_DAYS_MAX, KEY_LABEL_BYTES_MAX, KEY_OVERLAP_HOURS_MAX};
use crate::problem::{Code, Problem, Refusals};
use crate::sent::refused_at;

/// The keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKeys {
    /// By when they were made.
    api_keys: Vec<ApiKeyShown>,
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyShown {
    /// The public part, by which it is known.
    pub(crate) id: String,
    /// What it may do.
    pub(crate) role: String,
    /// The only customer that it knows of; all where absent.
    pub(crate) customer: Option<String>,
    /// What it is for.
    pub(crate) label: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created: Timestamp,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires: Option<Timestamp>,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) revoked: Option<Timestamp>,
    /// Whether requests with it are answered.
    pub(crate) in_force: bool,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeApiKey)]
pub(crate) struct Made {
    /// As in a listing.
    #[serde(flatten)]
    pub(crate) shown: ApiKeyShown,
    /// The key with its secret, which is not shown again.
    pub(crate) key: String,
}

/// Which key is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// `ingest`, `operator`, `finance`, `auditor` or `buyer`.
    #[schema(example = "buyer")]
    pub(crate) role: String,
    /// The only customer that it knows of; a buyer's key needs one.
    #[schema(example = "acme")]
    pub(crate) customer: Option<String>,
    /// What it is for.
    #[schema(example = "the portal of Acme")]
    pub(crate) label: String,
    /// Days for which it works; until it is revoked where absent.
    #[schema(example = 90)]
    pub(crate) days: Option<u32>,
}

/// How a key is followed by another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Hours for which the old key works beside the new one.
    #[schema(example = 24)]
    overlap_hours: u32,
}

/// Lists keys, without their secrets.
#[utoipa::path(get, path = "/v1/api-keys", tag = "api-keys", operation_id = "list_api_keys",
    responses((status = 200, description = "All of them", body = ApiKeys), Refusals))]
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Json<ApiKeys>, Problem> {
    let found = move |app: &App| {
        Ok(ApiKeys {
            api_keys: known(app, &caller)?,
        })
    };
    Ok(Json(app.work(found).await?))
}

/// Makes a key. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/api-keys", tag = "api-keys", operation_id = "create_api_key",
    request_body(content = NewKey, content_type = "application/json"),
    responses((status = 201, description = "The key", body = Made), Refusals))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let asked: NewKey = body::json(&headers, body).await?;
    let made = app.work(move |app| create_one(app, &caller, asked));
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Makes a successor of a key, and ends the key after an overlap.
#[utoipa::path(post, path = "/v1/api-keys/{id}/rotate", tag = "api-keys", operation_id = "rotate_api_key",
    params(("id" = String, Path, description = "The public part", example = "3k1v8m2n5p7q9r4s")),
    request_body(content = Rotation, content_type = "application/json"),
    responses((status = 201, description = "The successor", body = Made), Refusals))]
pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let Rotation { overlap_hours } = body::json(&headers, body).await?;
    let made = app.work(move |app| rotate_one(app, &caller, &id, overlap_hours));
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Takes a key back: no request with it is answered from now on.
#[utoipa::path(post, path = "/v1/api-keys/{id}/revoke", tag = "api-keys", operation_id = "revoke_api_key",
    params(("id" = String, Path, description = "The public part", example = "3k1v8m2n5p7q9r4s")),
    responses((status = 200, description = "As it is now", body = ApiKeyShown), Refusals))]
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ApiKeyShown>, Problem> {
    let revoked = app.work(move |app| revoke_one(app, &caller, &id));
    Ok(Json(revoked.await?))
}

/// The keys that a caller may know of.
pub(crate) fn known(app: &App, caller: &Caller) -> Result<Vec<ApiKeyShown>, Problem> {
    let mut keys = app.store().operations().api_keys()?;
    keys.retain(|own| is_known_to(caller, own));
    Ok(keys.into_iter().map(|own| shown(own, app.now())).collect())
}

/// Makes a key.
pub(crate) fn create_one(app: &App, caller: &Caller, asked: NewKey) -> Result<Made, Problem> {
    let role = role_of(&asked)?;
    require_no_stronger(caller, role, asked.customer.as_deref())?;
    if let Some(customer) = &asked.customer {
        app.book().chosen(Some(customer))?;
    }
    let expires =
        (asked.days).map(|days| app.now() + SignedDuration::from_hours(i64::from(days) * 24));
    make(app, role, asked.customer, asked.label, expires)
}

/// Makes a key's successor; the old one works for so many hours beside it.
pub(crate) fn rotate_one(
    app: &App,
    caller: &Caller,
    id: &str,
    overlap_hours: u32,
) -> Result<Made, Problem> {
    if overlap_hours > KEY_OVERLAP_HOURS_MAX {
        let detail = format!("the overlap has at most {KEY_OVERLAP_HOURS_MAX} hours");
        return Err(refused_at("/overlap_hours", detail));
    }
    let old = find(app, caller, id)?;
    let role = Role::of_word(&old.role)
        .ok_or_else(|| Problem::new(Code::Conflict, "this release knows no such role"))?;
    require_no_stronger(caller, role, old.customer.as_deref())?;
    let now = app.now();
    // As long as the old one was meant to work.
    let expires = old.expires.map(|end| now + end.duration_since(old.created));
    let made = make(app, role, old.customer, old.label, expires)?;
    let end = now + SignedDuration::from_hours(i64::from(overlap_hours));
    app.store().operations().expire_api_key(&old.id, end)?;
    app.forget_key(&old.id);
    Ok(made)
}

/// Revokes a key.
pub(crate) fn revoke_one(app: &App, caller: &Caller, id: &str) -> Result<ApiKeyShown, Problem> {
    let mut key = find(app, caller, id)?;
    let now = app.now();
    app.store().operations().revoke_api_key(&key.id, now)?;
    app.forget_key(&key.id);
    key.revoked = Some(now);
    Ok(shown(key, now))
}

/// A key that is not revoked.
fn find(app: &App, caller: &Caller, id: &str) -> Result<ApiKey, Problem> {
    let found = app.store().operations().api_key(id)?;
    let found = found.filter(|own| is_known_to(caller, own));
    let key =
        found.ok_or_else(|| Problem::new(Code::NotFound, format!("there is no API key `{id}`")))?;
    match key.revoked {
        None => Ok(key),
        Some(at) => Err(Problem::new(
            Code::Conflict,
            format!("the API key `{id}` was revoked at {at}"),
        )),
    }
}

fn is_known_to(caller: &Caller, key: &ApiKey) -> bool {
    let own = caller.customer.as_deref();
    own.is_none_or(|own| key.customer.as_deref() == Some(own))
}

fn role_of(asked: &NewKey) -> Result<Role, Problem> {
    let role = Role::of_word(&asked.role).ok_or_else(|| {
        let words: Vec<&str> = Role::WORDS.iter().map(|(word, _)| *word).collect();
        refused_at("/role", format!("it is one of {}", words.join(", ")))
    })?;
    if role == Role::Buyer && asked.customer.is_none() {
        return Err(refused_at(
            "/customer",
            "a buyer's key knows one customer: name it",
        ));
    }
    if asked.label.len() > KEY_LABEL_BYTES_MAX {
        return Err(refused_at(
            "/label",
            format!("it has at most {KEY_LABEL_BYTES_MAX} bytes"),
        ));
    }
    if asked
        .days
        .is_some_and(|days| !(1..=KEY_DAYS_MAX).contains(&days))
    {
        return Err(refused_at(
            "/days",
            format!("a key works for 1 to {KEY_DAYS_MAX} days"),
        ));
    }
    Ok(role)
}

/// Refuses a key that may do, or knows of, more than the caller's.
fn require_no_stronger(caller: &Caller, role: Role, customer: Option<&str>) -> Result<(), Problem> {
    let lacking = caller.role.lacks(role);
    if let Some(lacking) = lacking {
        let detail = format!(
            "a key of the role `{}` may {}, which yours may not",
            role.word(),
            lacking.word()
        );
        return Err(Problem::new(Code::Forbidden, detail));
    }
    match (&caller.customer, customer) {
        (None, _) => Ok(()),
        (Some(own), Some(asked)) if own == asked => Ok(()),
        (Some(own), _) => Err(refused_at(
            "/customer",
            format!("your key knows `{own}` alone: name it"),
        )),
    }
}

fn make(
    app: &App,
    role: Role,
    customer: Option<String>,
    label: String,
    expires: Option<Timestamp>,
) -> Result<Made, Problem> {
    let random = || {
        (app.book().random)().map_err(|error| {
            tracing::error!(%error, "no random bytes");
            Problem::new(Code::Internal, "the key could not be made")
        })
    };
    let mut bytes = Zeroizing::new([0; 42]);
    bytes[..10].copy_from_slice(&random()?[..10]);
    bytes[10..].copy_from_slice(&*random()?);
    let made = MadeKey::from_random(&bytes, role, customer, label, (app.now(), expires));
    app.store().operations().put_api_key(&made.kept)?;
    Ok(Made {
        shown: shown(made.kept, app.now()),
        key: made.text.to_string(),
    })
}

fn shown(own: ApiKey, now: Timestamp) -> ApiKeyShown {
    ApiKeyShown {
        in_force: own.revoked.is_none() && own.expires.is_none_or(|at| at > now),
        id: own.id,
        role: own.role,
        customer: own.customer,
        label: own.label,
        created: own.created,
        expires: own.expires,
        revoked: own.revoked,
    }
}
