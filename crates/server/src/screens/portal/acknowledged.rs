//! The buyer's cosignature under a head of the log, as `piecework acknowledge` prints it.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use pages::screen::portal::at;
use pages::view::Told;

use super::proof::one;
use super::upload::Upload;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::{Screen, act};

pub(super) fn screens() -> Vec<Screen> {
    vec![act(
        at::ACKNOWLEDGED,
        Needs::Key(Permission::Ingest),
        post(keep),
    )]
}

async fn keep(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let kept = move |app: &App| {
        app.book().require_customer(&customer)?;
        let kept = app.book().cosign(&customer, upload.text()?, app.now());
        let (head, _) = match kept.map_err(Problem::from) {
            Ok(kept) => kept,
            Err(problem) => {
                let mends = [
                    Code::BadRequest,
                    Code::Refused,
                    Code::NotVerified,
                    Code::Conflict,
                ];
                if !mends.contains(&problem.code()) {
                    return Err(problem);
                }
                let status = problem.code().status();
                let (detail, _) = problem.into_parts();
                let told = format!("Nothing was kept. {detail}");
                let html = one(app, &caller, &customer, Some(told))?;
                return Ok((status, page(html)).into_response());
            }
        };
        if let Some(session) = &caller.session {
            let told = format!("The head of {} entries is acknowledged.", head.size());
            app.sessions().tell(session, Told::Done(told));
        }
        let headers = [
            (header::LOCATION, at::of(at::PROOF, &customer)),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        Ok((StatusCode::SEE_OTHER, headers).into_response())
    };
    app.work(kept).await
}
