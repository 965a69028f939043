//! The works that were done for the buyer, and one of them.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use book::listings::WorksAsked;
use pages::screen::at::segment;
use pages::screen::portal::{self, at};
use pages::view::OwnWorks;
use serde::Deserialize;

use super::frame::{above, frame};
use super::saying::sayable;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::PAGE_ROWS;
use crate::page::page;
use crate::params::{Cursor, Params, refused};
use crate::problem::Problem;
use crate::screens::{Screen, look};

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::WORKS, read, get(list)),
        look(at::WORK, read, get(show)),
    ]
}

/// Which works. An empty field asks for nothing.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    work: String,
    state: String,
    disputed: String,
    cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let is_disputed = match asked.disputed.as_str() {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => return Err(refused("disputed", "it is `true`, `false` or empty")),
    };
    let shown = move |app: &App| {
        app.book().require_customer(&customer)?;
        let listing = [
            "the buyer's works",
            &customer,
            &asked.work,
            &asked.state,
            &asked.disputed,
        ];
        let place = Cursor::place(&listing, asked.cursor.as_deref())?;
        let some = |field: &'_ str| (!field.is_empty()).then(|| field.to_owned());
        let (work, state) = (some(&asked.work), some(&asked.state));
        let wanted = WorksAsked {
            work: work.as_deref(),
            state: state.as_deref(),
            is_disputed,
            ..WorksAsked::default()
        };
        let found = app.book();
        let found = found.works(&customer, &wanted, (place, PAGE_ROWS), app.now())?;
        let next = Cursor::next(&listing, found.next).map(|cursor| {
            let fields = [
                ("work", &asked.work),
                ("state", &asked.state),
                ("disputed", &asked.disputed),
                ("cursor", &cursor),
            ];
            let fields = fields.iter().filter(|(_, value)| !value.is_empty());
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}={}", segment(value)))
                .collect();
            format!("{}?{}", at::of(at::WORKS, &customer), fields.join("&"))
        });
        let frame = frame(app, &caller, &customer, (at::WORKS, "Works"), Vec::new());
        let search = OwnWorks {
            customer,
            work: asked.work,
            state: asked.state,
            disputed: asked.disputed,
        };
        Ok(portal::works(&frame, &search, &found.rows, next.as_deref()))
    };
    Ok(page(app.work(shown).await?))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, work)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        // Never with costs, whoever looks.
        let stories = app.book().work(&customer, &work, false, app.now())?;
        let title = format!("Work {work}");
        let trail = above("Works", at::WORKS, &customer);
        let frame = frame(app, &caller, &customer, (at::WORKS, &title), trail);
        Ok(portal::work(
            &frame,
            &customer,
            &work,
            &stories,
            &sayable(&caller),
        ))
    };
    Ok(page(app.work(shown).await?))
}
