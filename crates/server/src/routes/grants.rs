//! `/v1/customers/{customer}/grants`: prepaid credits.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use book::acts::CreditAct;
use jiff::Timestamp;
use money::Amount;
use pages::view::GrantRow;
use pages::view::json::{self, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::body::{Grant, GrantScope, RESTORE_DAYS};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{amount, done, refused_at, role, words};

/// The grants of a customer, at most a thousand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantList {
    /// In the order of the log.
    grants: Vec<GrantRow>,
}

/// Prepaid credits that are granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrant {
    /// The grant's id, once per customer.
    #[schema(example = "prepaid-2026")]
    grant: String,
    /// The contract that it pays for; every one in its currency where absent.
    #[schema(example = "acme-2026")]
    contract: Option<String>,
    /// How much it pays, above zero.
    amount: Money,
    /// What was paid for it; nothing where absent: a promotion.
    paid: Option<Money>,
    /// A lower number is drawn first.
    #[serde(default)]
    #[schema(example = 0)]
    priority: u32,
    /// From when it pays; now where absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts: Option<String>,
    /// From when it does not pay any more; never where absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<String>,
    /// Surfaces that it pays for; everything where this and `components` are absent.
    #[serde(default)]
    #[schema(example = json!([]))]
    surfaces: Vec<String>,
    /// Components that it pays for.
    #[serde(default)]
    #[schema(example = json!(["resolutions"]))]
    components: Vec<String>,
    /// Days for which what is restored after the expiry may be drawn; 30 where absent.
    #[schema(example = 30)]
    restore_days: Option<u32>,
    /// Who approves it (a role).
    #[schema(example = "finance")]
    by: String,
}

/// A grant as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Granted {
    /// The grant's id.
    #[schema(example = "prepaid-2026")]
    grant: String,
    /// How much it pays in all.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    amount: Amount,
    /// From when it does not pay any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

/// Lists the grants of prepaid credits, with what is left of them.
#[utoipa::path(get, path = "/v1/customers/{customer}/grants", tag = "credits", operation_id = "list_grants",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    responses((status = 200, description = "The grants", body = GrantList), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    Path(customer): Path<String>,
) -> Result<Json<GrantList>, Problem> {
    let found = app.work(move |app| Ok(app.book().grants(&customer)?));
    let grants = found.await?;
    Ok(Json(GrantList { grants }))
}

/// Grants prepaid credits.
#[utoipa::path(post, path = "/v1/customers/{customer}/grants", tag = "credits", operation_id = "grant_credits",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewGrant, content_type = "application/json"),
    responses((status = 201, description = "The grant", body = Granted),
        (status = 200, description = "It was granted by the same request before", body = Granted), Refusals))]
pub(crate) async fn grant(
    State(app): State<App>,
    caller: Caller,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Granted>), Problem> {
    let sent: NewGrant = body::json(&headers, body).await?;
    let granted = move |app: &App| {
        let id = key.id("grant");
        let paid = sent.paid.as_ref().map(|paid| amount("/paid", paid));
        let act = CreditAct::Grant(Grant {
            grant: words("/grant", &sent.grant)?.to_owned(),
            contract: sent.contract.clone(),
            amount: amount("/amount", &sent.amount)?,
            paid: paid.transpose()?,
            priority: sent.priority,
            starts: instant("/starts", sent.starts.as_deref())?,
            expires: instant("/expires", sent.expires.as_deref())?,
            scope: GrantScope {
                surfaces: sent.surfaces.clone(),
                components: sent.components.clone(),
            },
            restore_days: sent.restore_days.unwrap_or(RESTORE_DAYS),
            by: role("/by", &sent.by)?.to_owned(),
        });
        let acted = app.book().credits_act(
            &customer,
            &act,
            (id.as_deref(), Some(&caller.key)),
            app.now(),
        );
        let acted = acted.map_err(of_act)?;
        let shown = Granted {
            grant: acted.what.grant,
            amount: acted.what.amount,
            expires: acted.what.expires,
        };
        Ok((done(acted.is_known), Json(shown)))
    };
    app.work(granted).await
}

fn instant(pointer: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| refused_at(pointer, "it is no instant such as 2026-06-01T00:00:00Z"))
    };
    text.map(read).transpose()
}
