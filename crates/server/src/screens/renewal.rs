//! What a contract brought so far, for whoever talks about going on.
//!
//! It folds the account of one customer, which the book keeps for the next reader, and reads its log once.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use pages::screen::at;
use serde::Deserialize;

use super::frame::{frame, of_customer};
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::params::Params;
use crate::problem::Problem;

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![look(at::RENEWAL, read, get(show))]
}

/// Which contract; the one that began last where it is left out.
#[derive(Deserialize)]
struct Asked {
    contract: Option<String>,
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let book = app.book();
        let case = book.renewal_case(&customer, asked.contract.as_deref(), app.now())?;
        let title = format!("Renewal of {}", case.contract);
        let trail = of_customer(app, &customer);
        let frame = frame(app, &caller, at::CUSTOMERS, &title, trail);
        Ok(pages::screen::renewal(&frame, &case))
    };
    Ok(page(app.work(shown).await?))
}
