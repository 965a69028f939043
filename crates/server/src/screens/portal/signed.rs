//! Events that the buyer signed elsewhere, brought all at once: what `piecework sign` prints.
//!
//! They take the very way of the API. Invariant: nothing is taken here without a signature of the buyer's, whoever
//! brings it, and nothing of another customer.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use pages::screen::portal::{self, at};
use pages::view::Brought;

use super::frame::frame;
use super::upload::Upload;
use crate::access::{Caller, Permission, Role};
use crate::api::Needs;
use crate::app::App;
use crate::limits::UPLOAD_EVENTS_MAX;
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::{Screen, act, look};
use crate::taking::{Arrived, Became, take};

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::SIGNED, Needs::Key(Permission::Read), get(show)),
        act(at::SIGNED, Needs::Key(Permission::Ingest), post(bring)),
    ]
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| told(app, &caller, &customer, &[]);
    Ok(page(app.work(shown).await?))
}

async fn bring(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let brought = move |app: &App| {
        app.book().require_customer(&customer)?;
        let body = batch(upload.text()?)?;
        let buyer = Caller {
            role: Role::Buyer,
            customer: Some(customer.clone()),
            ..caller.clone()
        };
        let at: Timestamp = app.now();
        let media_type = "application/cloudevents-batch+json".to_owned();
        let arrived = Arrived {
            route: "/api/v1/events",
            caller: &buyer,
            headers: &[(header::CONTENT_TYPE.as_str().to_owned(), media_type)],
            body: body.as_bytes(),
            at,
            first_at: at,
        };
        let taken = take(app, &arrived)?;
        taken.keep(app)?;
        let became: Vec<Brought> = taken.became.iter().map(brought_of).collect();
        told(app, &caller, &customer, &became)
    };
    Ok(page(app.work(brought).await?))
}

fn told(app: &App, caller: &Caller, customer: &str, became: &[Brought]) -> Result<String, Problem> {
    let origin = app.book().origin(customer)?;
    let frame = frame(
        app,
        caller,
        customer,
        (at::SIGNED, "Signed events"),
        Vec::new(),
    );
    Ok(portal::signed(&frame, customer, &origin, became))
}

fn brought_of(own: &Became) -> Brought {
    Brought {
        is_there: own.is_there(),
        detail: own.in_words(),
    }
}

/// The lines of a file as one batch: each is an event.
fn batch(text: &str) -> Result<String, Problem> {
    let lines: Vec<&str> = (text.lines())
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        return Err(Problem::new(
            Code::BadRequest,
            "there is no event in it: one stands on each line",
        ));
    }
    if lines.len() > UPLOAD_EVENTS_MAX {
        let detail = format!(
            "more than {UPLOAD_EVENTS_MAX} events; send them by `POST /api/v1/events`, or in parts"
        );
        return Err(Problem::new(Code::TooLarge, detail));
    }
    Ok(format!("[{}]", lines.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_lines_are_one_batch() {
        assert_eq!(batch(" {}\r\n\n{}\n").unwrap(), "[{},{}]");
        assert_eq!(batch(" \n").unwrap_err().code(), Code::BadRequest);
        assert!(batch(&"{}\n".repeat(UPLOAD_EVENTS_MAX)).is_ok());
        let more = batch(&"{}\n".repeat(UPLOAD_EVENTS_MAX + 1));
        assert_eq!(more.unwrap_err().code(), Code::TooLarge);
    }
}
