//! Home: the first page of whoever sells. The address is the first page's, which is for anybody.

use axum::extract::Query;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use book::home::HomeAsked;
use book::periods::month;
use pages::screen::at;
use serde::Deserialize;

use super::frame::frame;
use super::refusal::as_page;
use crate::access::Caller;
use crate::app::App;
use crate::page::page;
use crate::params::refused;
use crate::problem::{Code, Problem};
use crate::routes::sign_in::reader;

/// Which month, around which work unit. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    unit: String,
}

/// The page, for a caller who may read costs; its refusals are pages too.
pub(crate) async fn home(app: App, caller: Caller, uri: &Uri) -> Response {
    match shown(app, caller, uri).await {
        Ok(shown) => shown,
        Err(problem) => as_page(problem.into_response(), None),
    }
}

async fn shown(app: App, caller: Caller, uri: &Uri) -> Result<Response, Problem> {
    let asked = Query::<Asked>::try_from_uri(uri);
    let Query(asked) =
        asked.map_err(|rejection| Problem::new(Code::BadRequest, rejection.body_text()))?;
    let some = |text: String| Some(text).filter(|own| !own.is_empty());
    let first = some(asked.month).map(|text| month(&text)).transpose();
    let asked = HomeAsked {
        customer: caller.customer.clone(),
        month: first.map_err(|error| refused("month", error.to_string()))?,
        unit: some(asked.unit),
    };
    let shown = move |app: &App| {
        let reader = reader(app, &caller)?;
        let home = app.book().home(&asked, reader, app.now())?;
        let title = home.meters.period.label();
        let frame = frame(app, &caller, at::HOME, &title, Vec::new());
        Ok(pages::screen::home(&frame, &home))
    };
    Ok(page(app.work(shown).await?))
}
