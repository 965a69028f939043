//! `/v1/customers/{customer}/links`: links for buyers, made, listed, taken back.
//!
//! The text of a link is in the answer that made it and nowhere else.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use book::links::AskedLink;
use jiff::{SignedDuration, Timestamp};
use pages::screen::at;
use serde::{Deserialize, Serialize};
use store::Link;
use utoipa::ToSchema;

use crate::app::App;
use crate::body;
use crate::problem::{Code, Problem, Written};

/// A link that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AskedLink, example = json!({"label": "accounts payable at acme", "days": 7, "statement": "acme-0001"}))]
pub(crate) struct Asked {
    /// Whom it is for, in one line.
    #[schema(example = "accounts payable at acme")]
    #[serde(default = "the_buyer")]
    pub(crate) label: String,
    /// Days until it ends, at most 92.
    #[schema(example = 7)]
    pub(crate) days: u32,
    /// The only statement that its holder sees; all of the customer's where left out.
    #[schema(example = "acme-0001")]
    pub(crate) statement: Option<String>,
}

fn the_buyer() -> String {
    "the buyer".to_owned()
}

/// The links of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"links": [{"id": "0f8a3c5d7e9b1a2c4d6e", "statement": "acme-0001", "label": "accounts payable at acme", "created": "2026-02-01T00:00:00Z", "expires": "2026-02-08T00:00:00Z", "revoked": null, "in_force": true}]}))]
pub(crate) struct Links {
    /// By when they were made; those that ended long ago are forgotten.
    links: Vec<Kept>,
}

/// A link, as it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub(crate) struct Kept {
    /// What it is known by.
    #[schema(example = "0f8a3c5d7e9b1a2c4d6e")]
    id: String,
    /// The only statement that its holder sees.
    #[schema(example = "acme-0001")]
    statement: Option<String>,
    /// Whom it is for.
    #[schema(example = "accounts payable at acme")]
    label: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked: Option<Timestamp>,
    /// Whether it opens anything now.
    in_force: bool,
}

/// A link that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0f8a3c5d7e9b1a2c4d6e", "statement": "acme-0001", "label": "accounts payable at acme", "created": "2026-02-01T00:00:00Z", "expires": "2026-02-08T00:00:00Z", "revoked": null, "in_force": true, "url": "https://work.vendor.example/link/pwl_MQow"}))]
pub(crate) struct MadeLink {
    /// What is kept of it.
    #[serde(flatten)]
    kept: Kept,
    /// The address to send to the buyer. It is not shown again.
    #[schema(example = "https://work.vendor.example/link/pwl_MQow…")]
    url: String,
}

/// Makes a link for a buyer.
///
/// Whoever has its address sees what the customer's own key would see, or one statement alone, until it ends or is
/// taken back. The address is shown once.
#[utoipa::path(post, path = "/v1/customers/{customer}/links", tag = "links", operation_id = "create_link",
    params(("customer" = String, Path, description = "The customer", example = "acme")),
    request_body = Asked,
    responses(
        (status = 201, description = "The link; `Location` names it", body = MadeLink),
        (status = 400, description = "The body cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such customer or statement", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The encoding of the body is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn create(
    State(app): State<App>,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked: Asked = body::json(&headers, body).await?;
    let now = app.now();
    let location = format!("/v1/customers/{}/links", at::segment(&customer));
    let made = app.work(move |app| create_one(app, customer, asked));
    let (kept, url) = made.await?;
    let location = format!("{location}/{}", kept.id);
    let made = MadeLink {
        kept: Kept::of(kept, now),
        url,
    };
    let headers = [
        (header::LOCATION, location.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((StatusCode::CREATED, headers, Json(made)).into_response())
}

/// Lists the links of a customer, without their addresses.
#[utoipa::path(get, path = "/v1/customers/{customer}/links", tag = "links", operation_id = "list_links",
    params(("customer" = String, Path, description = "The customer", example = "acme")),
    responses(
        (status = 200, description = "The links", body = Links),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<Links>, Problem> {
    let now = app.now();
    let found = move |app: &App| {
        app.book().require_customer(&customer)?;
        Ok(app.store().operations().links(&customer)?)
    };
    let links = app.work(found).await?.into_iter();
    let links = links.map(|own| Kept::of(own, now)).collect();
    Ok(Json(Links { links }))
}

/// Takes a link back, at once.
#[utoipa::path(delete, path = "/v1/customers/{customer}/links/{id}", tag = "links", operation_id = "revoke_link",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("id" = String, Path, description = "The link's id", example = "0f8a3c5d7e9b1a2c4d6e")),
    responses(
        (status = 204, description = "It opens nothing any more"),
        (status = 404, description = "There is no such link", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn revoke(
    State(app): State<App>,
    Path((customer, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    app.work(move |app| revoke_one(app, &customer, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link: as it is kept, and its address.
pub(crate) fn create_one(
    app: &App,
    customer: String,
    asked: Asked,
) -> Result<(Link, String), Problem> {
    app.book().require_customer(&customer)?;
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(24 * i64::from(asked.days)));
    let asked = AskedLink {
        customer,
        statement: asked.statement,
        label: asked.label,
        expires: expires.unwrap_or(Timestamp::MAX),
    };
    let made = app.book().make_link(&asked, now)?;
    let url = app.site().link(&made.text);
    Ok((made.kept, url))
}

/// Takes a link back.
pub(crate) fn revoke_one(app: &App, customer: &str, id: &str) -> Result<(), Problem> {
    app.book().require_customer(customer)?;
    let operations = app.store().operations();
    let kept = operations.link(id)?;
    if kept.is_none_or(|own| own.customer != customer) {
        let detail = format!("{customer} has no link `{id}`");
        return Err(Problem::new(Code::NotFound, detail));
    }
    operations.revoke_link(customer, id, app.now())?;
    Ok(())
}

impl Kept {
    fn of(own: Link, now: Timestamp) -> Kept {
        Kept {
            in_force: own.is_in_force(now),
            id: own.id,
            statement: own.statement,
            label: own.label,
            created: own.created,
            expires: own.expires,
            revoked: own.revoked,
        }
    }
}
