//! `/v1/customers/{customer}/documents`: documents whose numbers enter prices.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use book::acts::{Publish, Published};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::body::DocumentKind;

use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::problem::{Problem, Refusals, of_act};
use crate::sent::{done, role};

/// A document that is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDocument {
    /// What it is.
    kind: NumbersOf,
    /// The document (TOML).
    #[schema(
        example = "subject = \"availability\"\nfrom = 2026-01-01T00:00:00Z\nuntil = 2026-02-01T00:00:00Z\nvalue = \"99.62\"\n"
    )]
    text: String,
    /// Who publishes it (a role).
    #[schema(example = "operations")]
    by: String,
}

/// The documents whose numbers enter prices.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumbersOf {
    /// Whether a price may depend on confidence.
    Calibration,
    /// What was measured in a rating period.
    Measure,
    /// What a rating period would have come to without the work.
    Baseline,
}

/// A document that was published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedDocument {
    /// SHA-256 of the text, by which lines name it.
    digest: String,
}

impl NumbersOf {
    const fn kind(self) -> DocumentKind {
        match self {
            NumbersOf::Calibration => DocumentKind::Calibration,
            NumbersOf::Measure => DocumentKind::Measure,
            NumbersOf::Baseline => DocumentKind::Baseline,
        }
    }
}

/// Publishes a calibration, a measure or a baseline.
///
/// Prices look at it from now on. One that changes what was stated is refused unless it says who approved that. A
/// document is known by its text.
#[utoipa::path(post, path = "/v1/customers/{customer}/documents", tag = "contracts", operation_id = "publish_document",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewDocument, content_type = "application/json"),
    responses((status = 201, description = "It is published", body = PublishedDocument),
        (status = 200, description = "It was published before", body = PublishedDocument), Refusals))]
pub(crate) async fn publish(
    State(app): State<App>,
    _key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<PublishedDocument>), Problem> {
    let sent: NewDocument = body::json(&headers, body).await?;
    let published = move |app: &App| {
        let act = Publish {
            customer: &customer,
            document: sent.kind.kind(),
            name: "the document",
            text: &sent.text,
            by: role("/by", &sent.by)?,
        };
        let acted = app.book().publish(&act, app.now()).map_err(of_act)?;
        let Published { digest, .. } = acted.what;
        Ok((done(acted.is_known), Json(PublishedDocument { digest })))
    };
    app.work(published).await
}
