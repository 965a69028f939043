//! What whoever runs the server asks: is it alive, does it take work, what did it count; and the pages
//! that problems name.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::meter::BookCounts;
use crate::problem::{Code, Problem, Written};
use crate::routes::source_counts;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the server takes work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// Commits of the journal that are durable.
    committed: u64,
    /// Commits that the state has applied: what is read is that far.
    applied: u64,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operation", operation_id = "get_health",
    security(()),
    responses((status = 200, description = "It is", body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// The server takes work: it is not stopping, and its journal takes writes.
#[utoipa::path(get, path = "/readyz", tag = "operation", operation_id = "get_readiness",
    security(()),
    responses(
        (status = 200, description = "It does", body = Readiness),
        (status = 503, description = "It does not, for now", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn readiness(State(app): State<App>) -> Result<Json<Readiness>, Problem> {
    if app.is_draining() {
        return Err(Problem::new(Code::Unavailable, "the server is stopping"));
    }
    let probe = |app: &App| {
        app.probe()?;
        Ok(app.store().position())
    };
    let position = app.work(probe).await?;
    Ok(Json(Readiness {
        status: "ready",
        committed: position.committed,
        applied: position.applied,
    }))
}

/// Counts, in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", operation_id = "get_metrics",
    responses(
        (status = 200, description = "Counts since the server began, and counts of the book", body = String, content_type = "text/plain"),
    ))]
pub(crate) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let counted = |app: &App| Ok((counts(app)?, app.telemetry().page(app.store())?));
    let (book, telemetry) = app.work(counted).await?;
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    let mut page = app.meter().page(&book) + &telemetry;
    if let Some(backups) = app.backups() {
        page.push_str(&backups.metric());
    }
    Ok(([(header::CONTENT_TYPE, media_type)], page))
}

/// What the book says of itself, from the counts that it keeps.
fn counts(app: &App) -> Result<BookCounts, Problem> {
    let (store, now) = (app.store(), app.now());
    Ok(BookCounts {
        deliveries: store.deliveries()?,
        position: store.position(),
        refused: store.operations().refused_ages(None, now)?,
        waiting: store.waiting(None, now)?,
        verdicts: source_counts::verdicts(store, now)?,
        webhooks_waiting: store.operations().outbox().waiting()?,
    })
}

/// What a kind of problem means and what to do.
#[utoipa::path(get, path = "/problems/{code}", tag = "operation", operation_id = "get_problem",
    security(()),
    params(("code" = String, Path, description = "The `code` of a problem", example = "bad-request")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no such kind", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn problem(Path(code): Path<String>) -> Result<Html<String>, Problem> {
    let known = Code::ALL.iter().copied().find(|own| own.word() == code);
    let code = known.ok_or_else(|| Problem::new(Code::NotFound, "there is no such problem"))?;
    let (title, status, about) = (code.title(), code.status().as_u16(), code.about());
    Ok(Html(format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style>\
         <h1>{title}</h1><p><code>{word}</code>, HTTP status {status}</p><p>{about}</p></html>\n",
        word = code.word(),
    )))
}
