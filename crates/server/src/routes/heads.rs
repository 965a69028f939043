//! `/v1/customers/{customer}/…` of logs: which there are, their signed heads, the buyer's cosignatures, and proofs.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use pages::screen::at;
use serde::{Deserialize, Serialize};
use tlog::{Checkpoint, Note};
use utoipa::{IntoParams, ToSchema};
use work::LogKind;

use super::log::may_read;
use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::params::{Params, refused};
use crate::precondition::tagged;
use crate::problem::{Code, Problem, Written};

/// Which log of a customer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfLog {
    /// `shared`, which is meant where it is left out, or `seller`: of costs, for who may read them.
    #[param(example = "shared")]
    log: Option<String>,
}

/// Which entry is proved to be in a log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfEntry {
    /// `shared`, which is meant where it is left out, or `seller`.
    #[param(example = "shared")]
    log: Option<String>,
    /// The entry's position.
    #[param(example = 3)]
    entry: u64,
    /// Entries of the log under whose root it is; all where left out.
    #[param(example = 8)]
    size: Option<u64>,
}

/// Between which sizes a log is proved to have grown only.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfSizes {
    /// `shared`, which is meant where it is left out, or `seller`.
    #[param(example = "shared")]
    log: Option<String>,
    /// The smaller size.
    #[param(example = 6)]
    from: u64,
    /// The larger size; that of now where left out.
    #[param(example = 8)]
    to: Option<u64>,
}

/// The logs of a customer that the caller may read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logs {
    /// `shared` first.
    logs: Vec<Log>,
}

/// A log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Log {
    /// `shared` with the buyer, or the `seller`'s alone.
    #[schema(example = "shared")]
    log: &'static str,
    /// The log's name, which its heads and keys carry.
    #[schema(example = "vendor.example/log/1db37a5dfa1e0c85")]
    origin: String,
    /// Where its checkpoint and tiles are, on this server.
    #[schema(example = "/log/1db37a5dfa1e0c85")]
    path: String,
    /// The keys that sign its heads now, as verifiers read them.
    #[schema(example = json!(["vendor.example/log/1db37a5dfa1e0c85+a3dde112+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"]))]
    keys: Vec<String>,
    /// Entries that it has.
    #[schema(example = 8)]
    size: u64,
    /// Entries under the last signed head.
    #[schema(example = 8)]
    signed_size: Option<u64>,
}

/// A signed head of a log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogHead, example = json!({"log": "shared", "origin": "vendor.example/log/1db37a5dfa1e0c85", "size": 8, "root": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "note": "vendor.example/log/1db37a5dfa1e0c85\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\u{2014} vendor.example/log/1db37a5dfa1e0c85 o93hEg==\n"}))]
pub(crate) struct Head {
    /// `shared` or `seller`.
    #[schema(example = "shared")]
    log: &'static str,
    /// The log's name.
    #[schema(example = "vendor.example/log/1db37a5dfa1e0c85")]
    origin: String,
    /// Entries.
    #[schema(example = 8)]
    size: u64,
    /// Root of the tree, in base64.
    #[schema(example = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")]
    root: String,
    /// The note with all its signatures.
    note: String,
}

/// That an entry is in a log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"entry": 3, "size": 8, "root": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "proof": ["XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="]}))]
pub(crate) struct Included {
    /// The entry's position.
    #[schema(example = 3)]
    entry: u64,
    /// Entries of the log.
    #[schema(example = 8)]
    size: u64,
    /// Root of the log of that size, in base64.
    #[schema(example = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=")]
    root: String,
    /// The path of RFC 9162, 2.1.3, each hash in base64.
    proof: Vec<String>,
}

/// That a log only grew.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"from": 6, "to": 8, "from_root": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "to_root": "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=", "proof": ["XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="]}))]
pub(crate) struct Consistent {
    /// Entries before.
    #[schema(example = 6)]
    from: u64,
    /// Entries after.
    #[schema(example = 8)]
    to: u64,
    /// Root before, in base64.
    from_root: String,
    /// Root after, in base64.
    to_root: String,
    /// The path of RFC 9162, 2.1.4, each hash in base64.
    proof: Vec<String>,
}

/// Lists a customer's logs, with the keys that sign them.
#[utoipa::path(get, path = "/v1/customers/{customer}/logs", tag = "logs", operation_id = "list_logs",
    params(("customer" = String, Path, description = "The customer", example = "acme")),
    responses(
        (status = 200, description = "Those that the caller may read, with an `ETag`", body = Logs),
        (status = 304, description = "They are as `If-None-Match` says"),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let read = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kinds = [LogKind::Shared, LogKind::Seller];
        let kinds = kinds.into_iter().filter(|kind| may_read(&caller, *kind));
        let logs = kinds.map(|kind| log(app, &customer, kind));
        Ok(Logs {
            logs: logs.collect::<Result<_, Problem>>()?,
        })
    };
    tagged(&headers, &app.work(read).await?)
}

fn log(app: &App, customer: &str, kind: LogKind) -> Result<Log, Problem> {
    let book = app.book();
    let keyring = book.keyring().map_err(Problem::from)?;
    let keys = keyring.signers(kind, customer, app.now());
    let keys = keys.map_err(book::Error::from)?;
    let signed = book.signed_head(customer, kind, u64::MAX)?;
    let signed = signed.and_then(|note| note.text().parse::<Checkpoint>().ok());
    Ok(Log {
        log: kind.name(),
        origin: keyring
            .origin(kind, customer)
            .map_err(book::Error::from)?
            .to_string(),
        path: format!("/log/{}", keyring.pseudonym(kind, customer)),
        keys: keys
            .iter()
            .map(|key| key.verifier_key().to_string())
            .collect(),
        size: app.store().head(customer, kind)?,
        signed_size: signed.map(|own| own.size()),
    })
}

/// Signs the head of a log as it is now.
///
/// The log signs one root for each size. Where the head of this size was signed already it is answered again.
#[utoipa::path(post, path = "/v1/customers/{customer}/checkpoints", tag = "logs", operation_id = "sign_head",
    params(("customer" = String, Path, description = "The customer", example = "acme"), OfLog),
    responses(
        (status = 201, description = "The head; `Location` names it", body = Head),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn sign(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<OfLog>,
) -> Result<Response, Problem> {
    let of = customer.clone();
    let done = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kind = kind(&caller, asked.log.as_deref())?;
        let note = app.book().checkpoint(&customer, kind, None, app.now())?;
        head(kind, &note)
    };
    let head = app.work(done).await?;
    let location = format!(
        "/v1/customers/{}/checkpoints/{}?log={}",
        at::segment(&of),
        head.size,
        head.log
    );
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(head)).into_response())
}

/// A signed head of a log, with the cosignatures that are kept.
#[utoipa::path(get, path = "/v1/customers/{customer}/checkpoints/{size}", tag = "logs", operation_id = "get_head",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("size" = u64, Path, description = "Entries under the head", example = 8), OfLog),
    responses(
        (status = 200, description = "The head, with an `ETag`", body = Head),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "No head of this size was signed", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, size)): Path<(String, String)>,
    Params(asked): Params<OfLog>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let size = number(&size, "size")?;
    let read = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kind = kind(&caller, asked.log.as_deref())?;
        let note = app.book().signed_head(&customer, kind, size)?;
        let head = note.map(|note| head(kind, &note)).transpose()?;
        head.filter(|own| own.size == size).ok_or_else(|| {
            let detail = format!("no head of {size} entries was signed");
            Problem::new(Code::NotFound, detail)
        })
    };
    tagged(&headers, &app.work(read).await?)
}

/// Takes the buyer's cosignature of a head.
///
/// The body is the note of the head with a line of tlog-cosignature by a key that the customer log publishes as
/// the buyer's: what `piecework acknowledge` prints. Lines by others are passed over, an earlier time of the same
/// key changes nothing. Later proof files of this head carry it.
#[utoipa::path(post, path = "/v1/customers/{customer}/checkpoints/{size}/cosignatures", tag = "logs", operation_id = "cosign_head",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("size" = u64, Path, description = "Entries under the head", example = 8)),
    request_body(content = String, content_type = "text/plain", description = "The cosigned note"),
    responses(
        (status = 200, description = "The head with all cosignatures", body = Head),
        (status = 400, description = "The body is no head of a log", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It is another head than the log's of this size", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The encoding of the body is not read here", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "No line is the buyer's, or one does not verify", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cosign(
    State(app): State<App>,
    Path((customer, size)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Head>, Problem> {
    let size = number(&size, "size")?;
    let note = body::read(&headers, body).await?;
    let done = move |app: &App| {
        app.book().require_customer(&customer)?;
        let unread = |why: &str| Problem::new(Code::BadRequest, format!("the body: {why}"));
        let text = std::str::from_utf8(&note).map_err(|_| unread("a note is UTF-8"))?;
        let said: Note = text.parse().map_err(|error| unread(&format!("{error}")))?;
        let said: Checkpoint = said
            .text()
            .parse()
            .map_err(|error| unread(&format!("{error}")))?;
        if said.size() != size {
            let detail = format!(
                "the note is a head of {} entries, not of {size}",
                said.size()
            );
            return Err(Problem::new(Code::Conflict, detail));
        }
        let (_, note) = app.book().cosign(&customer, text, app.now())?;
        head(LogKind::Shared, &note)
    };
    app.work(done).await.map(Json)
}

/// The proof that an entry is in a log.
#[utoipa::path(get, path = "/v1/customers/{customer}/proofs/inclusion", tag = "logs", operation_id = "prove_inclusion",
    params(("customer" = String, Path, description = "The customer", example = "acme"), OfEntry),
    responses(
        (status = 200, description = "The proof", body = Included),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The log has no such entry, or is not that long", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn inclusion(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<OfEntry>,
) -> Result<Json<Included>, Problem> {
    let prove = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kind = kind(&caller, asked.log.as_deref())?;
        let head = app.store().tree_head(&customer, kind, asked.size)?;
        let proof = app
            .store()
            .inclusion_proof(&customer, kind, asked.entry, head.size)?;
        Ok(Included {
            entry: asked.entry,
            size: head.size,
            root: head.root.to_string(),
            proof: proof.iter().map(ToString::to_string).collect(),
        })
    };
    app.work(prove).await.map(Json)
}

/// The proof that a log only grew.
#[utoipa::path(get, path = "/v1/customers/{customer}/proofs/consistency", tag = "logs", operation_id = "prove_consistency",
    params(("customer" = String, Path, description = "The customer", example = "acme"), OfSizes),
    responses(
        (status = 200, description = "The proof", body = Consistent),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The log is not that long, or of these sizes there is nothing to prove", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn consistency(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<OfSizes>,
) -> Result<Json<Consistent>, Problem> {
    let prove = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kind = kind(&caller, asked.log.as_deref())?;
        let new = app.store().tree_head(&customer, kind, asked.to)?;
        let old = app.store().tree_head(&customer, kind, Some(asked.from))?;
        let proof = app
            .store()
            .consistency_proof(&customer, kind, old.size, new.size)?;
        Ok(Consistent {
            from: old.size,
            to: new.size,
            from_root: old.root.to_string(),
            to_root: new.root.to_string(),
            proof: proof.iter().map(ToString::to_string).collect(),
        })
    };
    app.work(prove).await.map(Json)
}

/// The receipt of an entry: the entry, and the proof that it is in the log, under a signed head.
///
/// A tlog-proof, which `piecework receipt check` checks without a network.
#[utoipa::path(get, path = "/v1/customers/{customer}/entries/{index}/receipt", tag = "logs", operation_id = "get_entry_receipt",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("index" = u64, Path, description = "The entry's position, as the answer to `POST /api/v1/events` says it", example = 3), OfLog),
    responses(
        (status = 200, description = "The receipt", body = String, content_type = "text/plain"),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "The log has no such entry", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn receipt(
    State(app): State<App>,
    caller: Caller,
    Path((customer, index)): Path<(String, String)>,
    Params(asked): Params<OfLog>,
) -> Result<String, Problem> {
    let index = number(&index, "index")?;
    let prove = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kind = kind(&caller, asked.log.as_deref())?;
        let proof = app.book().inclusion(&customer, kind, index, app.now())?;
        Ok(proof.to_string())
    };
    app.work(prove).await
}

/// The kind of log of a parameter, where the caller may read it.
fn kind(caller: &Caller, word: Option<&str>) -> Result<LogKind, Problem> {
    let kinds = [LogKind::Shared, LogKind::Seller].into_iter();
    let mut kinds = kinds.filter(|kind| may_read(caller, *kind));
    let word = word.unwrap_or(LogKind::Shared.name());
    let found = kinds.find(|kind| kind.name() == word);
    found.ok_or_else(|| {
        refused(
            "log",
            format!("there is no log `{word}`; there is `shared`"),
        )
    })
}

fn head(kind: LogKind, note: &Note) -> Result<Head, Problem> {
    let head: Checkpoint = note.text().parse().map_err(|error| {
        tracing::error!(%error, "a kept head cannot be read");
        Problem::new(Code::Internal, "a kept head cannot be read")
    })?;
    Ok(Head {
        log: kind.name(),
        origin: head.origin().to_owned(),
        size: head.size(),
        root: head.root().to_string(),
        note: note.to_string(),
    })
}

/// A number in a path.
fn number(text: &str, name: &str) -> Result<u64, Problem> {
    let detail = "it is a whole number below 2^64";
    text.parse().map_err(|_| refused(name, detail))
}
