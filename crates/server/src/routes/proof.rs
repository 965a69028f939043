//! What proves a statement and a work: proof files, proof reports, receipts, samples.
//!
//! The bytes are those of the commands (`prove`, `report --proof`, `receipt work`); every verifier of proof files
//! reads them. Not here: drawing and revealing, which stay where the secrets are (`piecework sample`).

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path as FilePath;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use book::proof_files::{Proving, file_name, is_of};
use book::proof_report::proof_report;
use book::receipts::Asked;
use jiff::Timestamp;
use money::Amount;
use pages::view::json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use work::{Digest, LogKind};

use super::log::Octets;
use crate::app::App;
use crate::file_body::FileBody;
use crate::limits::PROOF_FILE_BYTES_MAX;
use crate::page::{page, preferred};
use crate::params::{Params, refused};
use crate::precondition::Tag;
use crate::problem::{Code, Problem, Written};

/// Which proof file of a statement.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfKind {
    /// `whole`: of the whole log as it is now; `carry`: from the last statement's carry on. Left out: the file that
    /// issuing kept, or else a whole one.
    #[param(example = "whole")]
    kind: Option<String>,
}

/// Which unit of a work.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfUnit {
    /// The definition's id, where the work is several units.
    #[param(example = "support.fin_outcome")]
    unit: Option<String>,
}

/// Which samples of a customer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfStatement {
    /// Those drawn from this statement.
    #[param(example = "acme-0001")]
    statement: Option<String>,
}

/// Samples of what was billed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"samples": [{"sample": "draw-1", "statement": "acme-0001", "method": "bottom_k", "stratum": "all", "population": 412, "by_buyers_nonce": true, "works": [{"item": 17, "work": "T-1", "charge": {"amount": "0.99", "currency": "USD"}, "verdict": "passed", "reviews": []}]}]}))]
pub(crate) struct Samples {
    /// In the order of their first draw.
    samples: Vec<Sample>,
}

/// Works that were drawn from a statement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sample {
    /// Its id: of the first draw.
    sample: String,
    /// The statement that it is drawn from.
    #[schema(example = "acme-0001")]
    statement: String,
    /// `bottom_k` or `money`.
    #[schema(example = "bottom_k")]
    method: &'static str,
    /// From which works: `all` or `unit:<id>`.
    #[schema(example = "all")]
    stratum: String,
    /// How many works there were to draw from.
    #[schema(example = 412)]
    population: u64,
    /// Whether the buyer's nonce is in the seed. Without it the seller could have picked what was drawn.
    by_buyers_nonce: bool,
    /// The works, each once, in the order drawn.
    works: Vec<SampledWork>,
}

/// A work that was drawn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SampledWork {
    /// Position of the entry that opened it.
    item: u64,
    /// The work as its people call it.
    #[schema(example = "T-1")]
    work: String,
    /// What the statement charges for it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    charge: Amount,
    /// `passed`, `edited`, `failed`, `redacted` or `unreviewed`.
    #[schema(example = "passed")]
    verdict: &'static str,
    /// What reviews behind the draw found.
    reviews: Vec<Reviewed>,
}

/// A review of a work that was drawn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reviewed {
    /// Position of its entry.
    entry: u64,
    /// The system that it comes from.
    source: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// `seller`, `buyer` or `third_party`.
    #[schema(example = "buyer")]
    authorship: &'static str,
    /// Whether the buyer signed it.
    signed: bool,
    /// What it found.
    result: &'static str,
}

/// The proof file of a statement.
///
/// A zip that holds the log, its signed head and the statement: whoever has it recomputes the statement without a
/// network, by `piecework verify` or by software of its own.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}/proof", tag = "proof", operation_id = "get_proof_file",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("number" = String, Path, description = "The statement's number", example = "acme-0001"), OfKind),
    responses(
        (status = 200, description = "The file; its `ETag` and `Repr-Digest` are its SHA-256", body = Octets, content_type = "application/zip"),
        (status = 304, description = "It is as `If-None-Match` says"),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such statement", body = Written, content_type = "application/problem+json"),
        (status = 409, description = "It has no file of this kind: a contract's first statement has no carry", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn file(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<OfKind>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = match asked.kind.as_deref() {
        None => None,
        Some("whole") => Some(false),
        Some("carry") => Some(true),
        Some(_) => return Err(refused("kind", "it is `whole` or `carry`")),
    };
    // Made and read whole once; sent piece by piece.
    let place = app.place_for_large_body().await;
    let served = app
        .work(move |app| served(app, &customer, &number, kind))
        .await;
    drop(place);
    served?.answer(&headers)
}

/// A proof file that is ready to be sent.
struct Served {
    file: File,
    bytes: u64,
    digest: Digest,
    name: String,
}

/// The file that issuing kept, or one that is made now; `kind` says whether from a carry.
fn served(app: &App, customer: &str, number: &str, kind: Option<bool>) -> Result<Served, Problem> {
    let book = app.book();
    let account = book.account(customer, None)?;
    if account.statement(number).is_none() {
        let detail = format!("{customer} has no statement `{number}`");
        return Err(Problem::new(Code::NotFound, detail));
    }
    let origin = book.origin(customer)?;
    if kind.is_none()
        && let Ok(file) = File::open(book.kept_proof_file(number))
        && let Some(served) = read(file, number, |bytes| is_of(bytes, &origin, number))?
    {
        return Ok(served);
    }
    let random = (book.random)().map_err(book::Error::Random)?;
    let random = Digest::of(&*random).to_string();
    let path = book
        .proofs_directory()?
        .join(format!("served-{random}.zip"));
    let proving = Proving {
        customer,
        number,
        from_carry: kind == Some(true),
        payloads: &[],
    };
    book.prove(&proving, &path, app.now())?;
    let file = open_and_remove(&path)?;
    let served = read(file, number, |_| true)?;
    served.ok_or_else(|| Problem::new(Code::Internal, "the proof file could not be read"))
}

/// Reads a file through, where it is as wanted.
fn read(
    mut file: File,
    number: &str,
    is_wanted: impl Fn(&[u8]) -> bool,
) -> Result<Option<Served>, Problem> {
    let length = file.metadata().map_err(unread)?.len();
    if length > PROOF_FILE_BYTES_MAX {
        let detail = format!(
            "the proof file has more than {PROOF_FILE_BYTES_MAX} bytes; `piecework prove` writes it"
        );
        return Err(Problem::new(Code::TooLarge, detail));
    }
    // What is at that name is replaced as a whole, so an open file keeps its length.
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unread)?;
    if !is_wanted(&bytes) {
        return Ok(None);
    }
    file.rewind().map_err(unread)?;
    Ok(Some(Served {
        file,
        bytes: bytes.len() as u64,
        digest: Digest::of(&bytes),
        name: file_name(number).display().to_string(),
    }))
}

/// The file stays readable until it is closed, and leaves nothing behind.
fn open_and_remove(path: &FilePath) -> Result<File, Problem> {
    let file = File::open(path).map_err(unread);
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(%error, "a proof file that was served stays behind");
    }
    file
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` calls it
fn unread(error: std::io::Error) -> Problem {
    tracing::error!(%error, "a proof file cannot be read");
    Problem::new(Code::Internal, "the proof file could not be read")
}

impl Served {
    fn answer(self, headers: &HeaderMap) -> Result<Response, Problem> {
        let tag = Tag::of_digest(&self.digest);
        let response = if tag.is_had(headers) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body = Body::new(FileBody::new(self.file, self.bytes));
            let named = [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_LENGTH, self.bytes.to_string()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{}\"", self.name),
                ),
            ];
            (named, body).into_response()
        };
        let digest = format!("sha-256=:{}:", STANDARD.encode(self.digest.as_bytes()));
        let mut response = tag.on(response);
        let headers = response.headers_mut();
        if let Ok(digest) = HeaderValue::from_str(&digest) {
            headers.insert("repr-digest", digest);
        }
        let private = HeaderValue::from_static("private, no-cache");
        headers.insert(header::CACHE_CONTROL, private);
        Ok(response)
    }
}

/// The proof report of a statement.
///
/// The page of `piecework report --proof`, of the log as it is now: no script, no second file.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}/proof-report", tag = "proof", operation_id = "get_proof_report",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("number" = String, Path, description = "The statement's number", example = "acme-0001")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no such statement", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn report(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let made = move |app: &App| {
        let account = app.book().account(&customer, None)?;
        if account.statement(&number).is_none() {
            let detail = format!("{customer} has no statement `{number}`");
            return Err(Problem::new(Code::NotFound, detail));
        }
        let prefix = app.book().prefix(&customer, &number, app.now())?;
        Ok(pages::proof_report_page(&proof_report(prefix)?))
    };
    Ok(page(app.work(made).await?))
}

/// The receipt of a work.
///
/// Text that `piecework receipt check` checks without a network; where the caller prefers `text/html`, the same as
/// a fragment for a page of the seller's product.
#[utoipa::path(get, path = "/v1/customers/{customer}/works/{work}/receipt", tag = "proof", operation_id = "get_work_receipt",
    params(("customer" = String, Path, description = "The customer", example = "acme"),
        ("work" = String, Path, description = "The work, by its id or by what it is counted by", example = "T-1"),
        ("Accept" = Option<String>, Header, description = "`text/html` for the fragment", example = "application/json"), OfUnit),
    responses(
        (status = 200, description = "The receipt", content(
            (Object = "application/json", example = json!({"v": 1, "customer": "acme", "work": "T-1", "unit": "support.resolved_conversation", "state": "counted", "class": "confirmed", "statement": "acme-0001", "evidence": [], "proofs": []})),
            (String = "text/html"),
        )),
        (status = 400, description = "The work is several units, and none is named", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such work", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn receipt(
    State(app): State<App>,
    Path((customer, work)): Path<(String, String)>,
    Params(asked): Params<OfUnit>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kinds = ["application/json", "text/plain", "text/html"];
    let wants_html = preferred(&headers, &kinds) == Some("text/html");
    let made = move |app: &App| {
        let made = app.book().receipt(&Asked {
            customer: &customer,
            work: &work,
            unit: asked.unit.as_deref(),
            now: app.now(),
        })?;
        Ok(if wants_html {
            pages::receipt_fragment(&made.view)
        } else {
            made.receipt.to_text()
        })
    };
    let text = app.work(made).await?;
    if wants_html {
        return Ok(page(text));
    }
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, text).into_response())
}

/// Lists the samples that were drawn of what was billed, and what was found of each work.
///
/// `piecework sample draw` draws, with the buyer's nonce from `piecework sample reveal`.
#[utoipa::path(get, path = "/v1/customers/{customer}/samples", tag = "proof", operation_id = "list_samples",
    params(("customer" = String, Path, description = "The customer", example = "acme"), OfStatement),
    responses(
        (status = 200, description = "The samples", body = Samples),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn samples(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(asked): Params<OfStatement>,
) -> Result<Json<Samples>, Problem> {
    let found = move |app: &App| {
        app.book().require_customer(&customer)?;
        let log = app.book().contents(&customer, LogKind::Shared, None)?;
        let found = proof::verdicts::samples(&customer, &log, asked.statement.as_deref());
        let found = found.map_err(|error| {
            tracing::error!(%error, "the samples of a log cannot be read");
            Problem::new(Code::Internal, "the samples could not be read")
        })?;
        Ok(Samples {
            samples: found.iter().map(Sample::of).collect(),
        })
    };
    app.work(found).await.map(Json)
}

impl Sample {
    fn of(own: &proof::verdicts::Sample) -> Sample {
        Sample {
            sample: own.id.clone(),
            statement: own.issued.number.clone(),
            method: own.method.word(),
            stratum: own.stratum.clone(),
            population: own.population,
            by_buyers_nonce: own.nonce.is_some(),
            works: own.works.iter().map(SampledWork::of).collect(),
        }
    }
}

impl SampledWork {
    fn of(own: &proof::verdicts::SampledWork) -> SampledWork {
        let reviews = own.reviews.iter().map(|review| Reviewed {
            entry: review.entry,
            source: review.source.clone(),
            time: review.time,
            authorship: review.authorship.word(),
            signed: review.is_signed,
            result: review.result.word(),
        });
        SampledWork {
            item: own.item,
            work: own.name.clone(),
            charge: own.charge,
            verdict: own.verdict().word(),
            reviews: reviews.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(PROOF_FILE_BYTES_MAX + 1).unwrap();
        let problem = read(file, "acme-0001", |_| true).err().unwrap();
        assert_eq!(problem.code(), Code::TooLarge);
    }
}
