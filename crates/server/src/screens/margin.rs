//! From price to margin.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use book::margins::{Costs, Scope};
use book::periods::month;
use pages::screen::at;
use pages::view::Narrowing;
use pricing::margin::Dimension;
use serde::Deserialize;

use super::frame::frame;
use super::{Screen, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::params::{Params, refused};
use crate::problem::Problem;

/// How everybody's is cut: the first cut is drawn.
const OF_ALL: &[Dimension] = &[Dimension::Customer, Dimension::Class, Dimension::Month];
/// How one customer's is.
const OF_ONE: &[Dimension] = &[Dimension::Class, Dimension::Month, Dimension::Model];

pub(super) fn screens() -> Vec<Screen> {
    vec![look(
        at::MARGIN,
        Needs::Key(Permission::ReadCosts),
        get(show),
    )]
}

/// Which margin. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    month: String,
    #[serde(default)]
    customer: String,
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let named = Some(asked.customer.clone()).filter(|own| !own.is_empty());
    if let Some(customer) = &named {
        caller.require(customer)?;
    }
    let first = Some(asked.month.as_str()).filter(|own| !own.is_empty());
    let first = match first.map(month).transpose() {
        Ok(first) => first,
        Err(error) => return Err(refused("month", error.to_string())),
    };
    let shown = move |app: &App| {
        let customer = named.or_else(|| caller.customer.clone());
        let dimensions = if customer.is_some() { OF_ONE } else { OF_ALL };
        let scope = Scope {
            customer,
            month: first,
            as_of: app.now(),
            costs: Costs::default(),
        };
        let margin = app.book().margin(&scope, dimensions)?;
        let of = (scope.customer.unwrap_or_default(), asked.month.clone());
        let narrowing = [
            Narrowing {
                name: "customer",
                label: "Customer, by id",
                placeholder: "all customers",
                value: asked.customer,
            },
            Narrowing {
                name: "month",
                label: "Month, as 2026-01",
                placeholder: "everything so far",
                value: asked.month,
            },
        ];
        let frame = frame(app, &caller, at::MARGIN, "Margin", Vec::new());
        let of = (of.0.as_str(), of.1.as_str());
        Ok(pages::screen::margin(&frame, &narrowing, of, &margin))
    };
    Ok(page(app.work(shown).await?))
}
