//! Copies of the book: asked for, and asked after.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::backups::{BackupState, Backups};
use crate::problem::{Code, Problem, Written};

/// A copy of the book.
#[derive(Serialize, ToSchema)]
pub(crate) struct Backup {
    /// Its directory, in the one that the server was started with.
    #[schema(example = "20260201T093000.000Z")]
    name: String,
    /// How far it is.
    state: BackupState,
}

/// Begins a copy of the book.
///
/// It is a book of its own: everything that was acknowledged before the request is in it. Taking events goes on
/// meanwhile. The address in `Location` says when it is whole.
#[utoipa::path(post, path = "/v1/backups", tag = "operation", operation_id = "begin_backup",
    responses(
        (status = 202, description = "It is being made", body = Backup),
        (status = 409, description = "Another is being made, or the server has no directory for copies", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn begin(State(app): State<App>) -> Result<Response, Problem> {
    let (name, making) = (directory(&app)?.begin(app.now())?, app.clone());
    let begun = name.clone();
    // A thread of its own: nobody waits for it when the server stops, and an unfinished copy is no copy.
    let thread = std::thread::Builder::new().name("backup".to_owned());
    let spawned = thread.spawn(move || {
        if let Some(backups) = making.backups() {
            backups.make(making.store(), &begun);
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for a copy of the book");
        directory(&app)?.give_up(&name);
        return Err(Problem::new(Code::Unavailable, "the copy was not begun"));
    }
    let state = BackupState::Running;
    let place = HeaderValue::from_str(&format!("/v1/backups/{name}"));
    let mut answer = (StatusCode::ACCEPTED, Json(Backup { name, state })).into_response();
    if let Ok(place) = place {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// How far a copy is.
#[utoipa::path(get, path = "/v1/backups/{name}", tag = "operation", operation_id = "get_backup",
    params(("name" = String, Path, description = "The name that beginning it gave", example = "20260201T093000.000Z")),
    responses(
        (status = 200, description = "How far it is", body = Backup),
        (status = 404, description = "There is none of that name", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "The server has no directory for copies", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn read(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<Backup>, Problem> {
    let state = directory(&app)?.state(&name);
    let state = state.ok_or_else(|| Problem::new(Code::NotFound, "there is no such copy"))?;
    Ok(Json(Backup { name, state }))
}

/// Where copies go.
fn directory(app: &App) -> Result<&Backups, Problem> {
    let detail = "the server was started without `--backup-to DIRECTORY`";
    let own = app.backups();
    own.ok_or_else(|| Problem::new(Code::Conflict, detail))
}
