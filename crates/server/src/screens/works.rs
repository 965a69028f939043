//! Works: looked for, and one of them.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use book::listings::WorksAsked;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pages::screen::at;
use pages::view::{Step, WorkOf, WorkSearch};
use serde::Deserialize;

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, refused};
use crate::problem::Problem;

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::ReadCosts);
    vec![
        look(at::WORKS, read, get(search)),
        look("/customers/{customer}/works/{work}", read, get(show)),
        look(at::FIND, read, get(find)),
    ]
}

/// The fields of the form, and where a listing goes on. An empty field asks for nothing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    customer: String,
    work: String,
    state: String,
    class: String,
    unit: String,
    from: String,
    until: String,
    disputed: String,
    cursor: Option<String>,
}

impl Asked {
    /// What was entered, in the order of the form.
    fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("customer", &self.customer),
            ("work", &self.work),
            ("state", &self.state),
            ("class", &self.class),
            ("unit", &self.unit),
            ("from", &self.from),
            ("until", &self.until),
            ("disputed", &self.disputed),
        ]
    }

    /// The address of the page after this one.
    fn next(&self, cursor: &str) -> String {
        let entered = self
            .fields()
            .into_iter()
            .filter(|(_, value)| !value.is_empty());
        let fields = entered.chain([("cursor", cursor)]);
        let fields = fields.map(|(name, value)| format!("{name}={}", at::segment(value)));
        format!("{}?{}", at::WORKS, fields.collect::<Vec<_>>().join("&"))
    }
}

async fn search(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    // The path names no customer, so nobody has looked yet whether the caller may know of this one.
    if !asked.customer.is_empty() {
        caller.require(&asked.customer)?;
    }
    let from = day("from", &asked.from)?;
    let until = day("until", &asked.until)?;
    let is_disputed = match asked.disputed.as_str() {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => return Err(refused("disputed", "it is `true`, `false` or empty")),
    };
    let listing = asked.fields().map(|(_, value)| value.to_owned());
    let listing: Vec<&str> = ["works-screen"]
        .into_iter()
        .chain(listing.iter().map(String::as_str))
        .collect();
    let listing: Vec<String> = listing.into_iter().map(str::to_owned).collect();
    let html = {
        move |app: &App| {
            let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
            let cursor = asked.cursor.as_deref();
            let wanted = WorksAsked {
                state: some(&asked.state),
                class: some(&asked.class),
                unit: some(&asked.unit),
                from,
                until,
                is_disputed,
                work: some(&asked.work),
            };
            let (rows, next) = match some(&asked.customer).or(caller.customer.as_deref()) {
                None => {
                    let place = Cursor::place(&listing, cursor)?;
                    let from = (place, PAGE_ROWS);
                    let found = app.book().works_of_all(&wanted, from, app.now())?;
                    (found.rows, Cursor::next(&listing, found.next))
                }
                Some(customer) => {
                    app.book().chosen(Some(customer))?;
                    let place = Cursor::place(&listing, cursor)?;
                    let from = (place, PAGE_ROWS);
                    let found = app.book().works(customer, &wanted, from, app.now())?;
                    let rows = found.rows.into_iter().map(|row| WorkOf {
                        customer: customer.to_owned(),
                        name: app.book().customer_name(customer),
                        row,
                    });
                    (rows.collect(), Cursor::next(&listing, found.next))
                }
            };
            let next = next.map(|cursor| asked.next(&cursor));
            let frame = frame(app, &caller, at::WORKS, "Works", Vec::new());
            let search = WorkSearch {
                customer: asked.customer,
                work: asked.work,
                state: asked.state,
                class: asked.class,
                unit: asked.unit,
                from: asked.from,
                until: asked.until,
                disputed: asked.disputed,
            };
            Ok(pages::screen::works(
                &frame,
                &search,
                &rows,
                next.as_deref(),
            ))
        }
    };
    Ok(page(app.work(html).await?))
}

/// What the box at the top asks for: the id of a customer, or of a work.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    id: String,
}

async fn find(
    State(app): State<App>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let found = move |app: &App| {
        let id = wanted.id.trim();
        let is_customer = caller.knows(id) && app.book().is_customer(id)?;
        Ok(match id {
            "" => at::WORKS.to_owned(),
            id if is_customer => at::customer(id),
            id => at::works_called(id),
        })
    };
    let headers = [
        (header::LOCATION, app.work(found).await?),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, work)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let html = move |app: &App| {
        let stories = app.book().work_at_hand(&customer, &work, app.now())?;
        let trail = vec![
            Step {
                name: app.book().customer_name(&customer),
                address: at::customer(&customer),
            },
            Step {
                name: "Works".to_owned(),
                address: at::works_of(&customer),
            },
        ];
        let frame = frame(app, &caller, at::WORKS, &format!("Work {work}"), trail);
        Ok(pages::screen::work(&frame, &customer, &work, &stories))
    };
    Ok(page(app.work(html).await?))
}

fn some(field: &str) -> Option<&str> {
    (!field.is_empty()).then_some(field)
}

/// The beginning of a day in UTC.
fn day(name: &str, text: &str) -> Result<Option<Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let date: Option<Date> = text.parse().ok();
    let start = date.and_then(|own| own.to_zoned(TimeZone::UTC).ok());
    let start = start.ok_or_else(|| refused(name, "it is a day such as 2026-01-31"))?;
    Ok(Some(start.timestamp()))
}
