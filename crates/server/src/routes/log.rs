//! `/log/{log}/…`: a log as the static files of [tlog-tiles](https://c2sp.org/tlog-tiles@v0.1.0).
//!
//! A client that knows nothing of piecework reads a log here with its name and its key. Entries hold what buyer
//! and seller rely on, so nothing is served to who may not read that log, and a log that a caller may not read is
//! as if it were not there. Invariant: the bytes are the store's; an address has one spelling.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use book::NamedLog;
use tlog::bundle::BundleId;
use tlog::tile::TileId;
use utoipa::ToSchema;
use work::LogKind;

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::precondition::tagged_text;
use crate::problem::{Code, Problem, Written};

/// What is there stays as it is; it is for who asked, and for no cache between.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
const ASK_AGAIN: &str = "private, no-cache";

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code)] // the description of what is sent
pub(crate) struct Octets(Vec<u8>);

/// The last signed head of a log.
///
/// A note of tlog-checkpoint: the log's name, its size and its root under the log's signature, and the
/// cosignatures that are kept.
#[utoipa::path(get, path = "/log/{log}/checkpoint", tag = "logs", operation_id = "get_log_checkpoint",
    params(("log" = String, Path, description = "The last part of the log's name", example = "1db37a5dfa1e0c85")),
    responses(
        (status = 200, description = "The note, with an `ETag`", body = String, content_type = "text/plain"),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 404, description = "There is no such log, none that the caller may read, or no head of it was signed yet", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn checkpoint(
    State(app): State<App>,
    caller: Caller,
    Path(log): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |app: &App| {
        let (customer, kind) = find(app, &caller, &log)?;
        Ok(app.book().signed_head(&customer, kind, u64::MAX)?)
    };
    let head = app.work(read).await?;
    let head = head.ok_or_else(|| {
        let detail = "no head of this log was signed yet; `POST /v1/customers/{customer}/checkpoints` signs one";
        Problem::new(Code::NotFound, detail)
    })?;
    let mut response = tagged_text(&headers, &head.to_string());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, value(ASK_AGAIN));
    Ok(response)
}

/// A tile of a log, or a bundle of its entries.
///
/// `tile` is what tlog-tiles puts behind `tile/`: `<level>/<index>` for hashes, `entries/<index>` for entries,
/// each with `.p/<width>` where it is not full. An index has a segment for every three digits, all but the last
/// with an `x` in front: `x001/x234/067`.
#[utoipa::path(get, path = "/log/{log}/tile/{*tile}", tag = "logs", operation_id = "get_log_tile",
    params(
        ("log" = String, Path, description = "The last part of the log's name", example = "1db37a5dfa1e0c85"),
        ("tile" = String, Path, description = "Which tile: segments of a path", example = "entries/000.p/15"),
    ),
    responses(
        (status = 200, description = "Its bytes, which never change", body = Octets, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such log, none that the caller may read, or the log has no such tile", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn tile(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Problem> {
    let bytes = app.work(move |app| bytes(app, &caller, uri.path())).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, FOR_EVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Bytes::from(bytes)).into_response())
}

/// The bytes behind a path as it was sent: a path that is written in another way is another path.
fn bytes(app: &App, caller: &Caller, path: &str) -> Result<Vec<u8>, Problem> {
    let nothing = || Problem::new(Code::NotFound, "the log has no such tile");
    let parts = path
        .strip_prefix("/log/")
        .and_then(|own| own.split_once('/'));
    let (name, tile) = parts.ok_or_else(nothing)?;
    let (customer, kind) = find(app, caller, name)?;
    if let Ok(id) = tile.parse::<BundleId>() {
        let bundle = app.store().entry_bundle(&customer, kind, id)?;
        return bundle.ok_or_else(nothing);
    }
    let id: TileId = tile.parse().map_err(|_| nothing())?;
    let tile = app.store().hash_tile(&customer, kind, id)?;
    Ok(tile.ok_or_else(nothing)?.to_bytes())
}

/// The log of a name, where the caller may read it.
fn find(app: &App, caller: &Caller, name: &str) -> Result<NamedLog, Problem> {
    let found = app.book().log_named(name, caller.customer.as_deref())?;
    let found = found.filter(|(_, kind)| may_read(caller, *kind));
    found.ok_or_else(|| Problem::new(Code::NotFound, "there is no such log"))
}

/// Whether a caller reads logs of a kind.
pub(crate) fn may_read(caller: &Caller, kind: LogKind) -> bool {
    match kind {
        LogKind::Shared => caller.may(Permission::Read),
        LogKind::Seller => caller.may(Permission::ReadCosts),
    }
}

fn value(text: &'static str) -> header::HeaderValue {
    header::HeaderValue::from_static(text)
}
