//! `/v1/statement-runs`: the statements of a period for everybody, asked for and asked after.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use book::runs::{RowState, Run, Working};
use jiff::civil::Date;
use pages::view::{RunRow, StatementRun, StatementRunReport};
use serde::{Deserialize, Serialize};
use store::operations;
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::limits::RUN_THREADS_MAX;
use crate::params::{Cursor, PageAsked, Params, page, page_rows, refused};
use crate::problem::{Code, Problem, Refusals, of_act};
use crate::sent::{refused_at, role};

/// What is run over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRun {
    /// The first day that is not stated any more, in the zone of each contract: every period that is over by then.
    #[schema(example = "2026-02-01")]
    cut: String,
    /// Only these customers; everybody where absent.
    #[serde(default)]
    #[schema(example = json!(["acme"]))]
    customers: Vec<String>,
    /// Only say what would be issued.
    #[serde(default)]
    #[schema(example = true)]
    dry_run: bool,
    /// Who approves what is issued (a role).
    #[schema(example = "finance-lead")]
    by: String,
}

/// A page of runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementRunPage {
    /// The newest first.
    runs: Vec<StatementRun>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which rows of a run.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsAsked {
    /// Only those that came to this: `issued`, `would_issue`, `proposed`, `would_propose`, `nothing_to_state` or
    /// `refused`.
    #[param(example = "refused")]
    state: Option<String>,
    /// At most so many on the page.
    #[param(example = 100)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of what became of statements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunRowPage {
    /// By customer, contract and cut.
    rows: Vec<RunRow>,
    /// For the next page; not there on the last.
    #[schema(example = "AQID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Begins a statement run.
///
/// Every contract with a period that is over is stated, each by itself: what cannot be issued is told with its reason
/// and stops nothing else. The address in `Location` says how far it is. A run that a restart cut off, or that refused
/// something, can be gone on with.
#[utoipa::path(post, path = "/v1/statement-runs", tag = "statements", operation_id = "begin_statement_run",
    request_body(content = NewRun, content_type = "application/json"),
    responses((status = 202, description = "It is worked on", body = StatementRunReport), Refusals))]
pub(crate) async fn begin(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require_everybody()?;
    let sent: NewRun = body::json(&headers, body).await?;
    let Ok(cut) = sent.cut.parse::<Date>() else {
        return Err(refused_at("/cut", "it is not a day such as 2026-02-01"));
    };
    let key = caller.key;
    let begun = move |app: &App| {
        let asked = Run {
            cut,
            customers: &sent.customers,
            by: role("/by", &sent.by)?,
            key: Some(&key),
            is_dry: sent.dry_run,
            proves: true,
        };
        app.book().begin_run(&asked, app.now()).map_err(of_act)
    };
    let run = app.work(begun).await?;
    work_on(app, run, false).await
}

/// Goes on with a statement run: with customers that it has not looked at, and with what was refused or proposed.
#[utoipa::path(post, path = "/v1/statement-runs/{name}/resume", tag = "statements", operation_id = "resume_statement_run",
    params(("name" = String, Path, description = "The name that beginning it gave", example = "20260203T090000.000Z")),
    responses((status = 202, description = "It is worked on", body = StatementRunReport), Refusals))]
pub(crate) async fn resume(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    caller.require_everybody()?;
    let run = app.work(move |app| Ok(app.book().resumed_run(Some(&name))?));
    let run = run.await?;
    work_on(app, run, true).await
}

/// Works on a run beside the requests, and says where it is told of.
async fn work_on(
    app: App,
    run: operations::StatementRun,
    resumes: bool,
) -> Result<Response, Problem> {
    let (working, name) = (app.clone(), run.name.clone());
    // A thread of its own: nobody waits for it when the server stops, and what is cut off can be gone on with.
    let thread = std::thread::Builder::new().name("statement-run".to_owned());
    let spawned = thread.spawn(move || {
        let app = working;
        let worked = app.book().work_on_run(
            &run,
            &mut Working {
                resumes,
                threads: RUN_THREADS_MAX,
                clock: &|| app.now(),
                stops: &|| app.is_draining(),
                told: &mut |_, _| {},
            },
        );
        match worked {
            Ok(true) => tracing::info!(name = run.name, "a statement run came to its end"),
            Ok(false) => tracing::warn!(name = run.name, "a statement run was cut off"),
            Err(error) => tracing::error!(name = run.name, %error, "a statement run failed"),
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for a statement run");
        app.book().give_up_run(&name);
        let detail = format!("the run `{name}` was not begun; resume it");
        return Err(Problem::new(Code::Unavailable, detail));
    }
    let place = HeaderValue::from_str(&format!("/v1/statement-runs/{name}"));
    let report = app.work(move |app| Ok(app.book().run_report(&name)?));
    let mut answer = (StatusCode::ACCEPTED, Json(report.await?)).into_response();
    if let Ok(place) = place {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// Lists the statement runs.
#[utoipa::path(get, path = "/v1/statement-runs", tag = "statements", operation_id = "list_statement_runs",
    params(PageAsked),
    responses((status = 200, description = "A page", body = StatementRunPage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    caller.require_everybody()?;
    let rows = page_rows(asked.limit)?;
    let listing = ["statement-runs"];
    let from: Option<String> = Cursor::place(&listing, asked.cursor.as_deref())?;
    let found = app.work(move |app| Ok(app.book().runs((from.as_deref(), rows))?));
    let found = found.await?;
    let shown = StatementRunPage {
        runs: found.rows,
        next_cursor: Cursor::next(&listing, found.next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// How far a statement run is, and what it came to.
#[utoipa::path(get, path = "/v1/statement-runs/{name}", tag = "statements", operation_id = "get_statement_run",
    params(("name" = String, Path, description = "The name that beginning it gave", example = "20260203T090000.000Z")),
    responses((status = 200, description = "The report", body = StatementRunReport), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<StatementRunReport>, Problem> {
    caller.require_everybody()?;
    let found = app.work(move |app| Ok(app.book().run_report(&name)?));
    Ok(Json(found.await?))
}

/// What became of each statement in a run.
#[utoipa::path(get, path = "/v1/statement-runs/{name}/rows", tag = "statements", operation_id = "list_statement_run_rows",
    params(("name" = String, Path, description = "The name that beginning it gave", example = "20260203T090000.000Z"), RowsAsked),
    responses((status = 200, description = "A page", body = RunRowPage), Refusals))]
pub(crate) async fn rows(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    Params(asked): Params<RowsAsked>,
) -> Result<Response, Problem> {
    caller.require_everybody()?;
    let rows = page_rows(asked.limit)?;
    let state = match asked.state.as_deref() {
        None => None,
        Some(word) => Some(RowState::of_word(word).ok_or_else(|| {
            let words = RowState::ALL.map(RowState::word).join(", ");
            refused("state", format!("it is one of {words}"))
        })?),
    };
    let word = state.map_or("", RowState::word);
    let listing = [
        "statement-run-rows".to_owned(),
        name.clone(),
        word.to_owned(),
    ];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: Option<Place> = Cursor::place(&listing, asked.cursor.as_deref())?;
    let from = from.map(|own| own.0);
    let found =
        app.work(move |app| Ok(app.book().run_rows(&name, state, (from.as_ref(), rows))?));
    let found = found.await?;
    let shown = RunRowPage {
        rows: found.rows,
        next_cursor: Cursor::next(&listing, found.next.map(Place)),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// A place between rows, as a cursor writes it: no name of a customer or contract has a control character.
struct Place(operations::AfterRow);

const BETWEEN: char = '\u{1f}';

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place((customer, contract, cut)) = self;
        write!(f, "{customer}{BETWEEN}{contract}{BETWEEN}{cut}")
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Place, ()> {
        let mut parts = text.split(BETWEEN).map(str::to_owned);
        let mut part = || parts.next().ok_or(());
        Ok(Place((part()?, part()?, part()?)))
    }
}
