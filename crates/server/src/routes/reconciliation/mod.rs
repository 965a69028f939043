//! `/v1/reconciliation`: where everything is that was delivered, for the book and for one customer
//! (semantics.md section 5).
//!
//! Deliveries, entries and units come from counts that the book keeps, never from the log; the money of one
//! customer from its account, as a statement would.

mod counts;

use std::ops::Range;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use store::{Deliveries, StoreError};
use utoipa::IntoParams;
use work::LogKind;

use crate::app::App;
use crate::limits::RECONCILIATION_DAYS_MAX;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Code, Problem, Written};

pub(crate) use counts::DeliveryCounts;
use counts::{
    Agreement, BookReconciliation, CustomerDeliveries, CustomerReconciliation, Day,
    SourceDeliveries, UnitCounts, WaitingCounts, WholeBook,
};

/// Days where the caller does not say.
const DAYS: i32 = 7;
const ALWAYS: Range<Date> = Date::MIN..Date::MAX;

/// Which days are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Days {
    /// The first day (UTC); without, seven days before the last.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-01")]
    from: Option<Date>,
    /// The day after the last; without, tomorrow.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-08")]
    until: Option<Date>,
}

/// Which days and customers are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysPaged {
    /// The first day (UTC); without, seven days before the last.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-01")]
    from: Option<Date>,
    /// The day after the last; without, tomorrow.
    #[param(value_type = Option<String>, format = Date, example = "2026-02-08")]
    until: Option<Date>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 500.
    #[param(example = 100)]
    limit: Option<usize>,
}

/// Where everything of one customer is.
#[utoipa::path(get, path = "/v1/customers/{customer}/reconciliation", tag = "reconciliation", operation_id = "reconcile_customer",
    params(("customer" = String, Path, description = "The customer", example = "acme"), Days),
    responses(
        (status = 200, description = "Its deliveries and units, day by day", body = CustomerReconciliation),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such customer", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn of_customer(
    State(app): State<App>,
    Path(customer): Path<String>,
    Params(asked): Params<Days>,
) -> Result<Json<CustomerReconciliation>, Problem> {
    let as_of = app.now();
    let days = days(asked.from, asked.until, as_of)?;
    let reconciled = move |app: &App| reconcile_customer(app, customer, days, as_of);
    Ok(Json(app.work(reconciled).await?))
}

/// Where everything of the book is: totals for each customer.
#[utoipa::path(get, path = "/v1/reconciliation", tag = "reconciliation", operation_id = "reconcile_book",
    params(DaysPaged),
    responses(
        (status = 200, description = "A page of customers; the whole book on the first", body = BookReconciliation),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn of_book(
    State(app): State<App>,
    uri: Uri,
    Params(asked): Params<DaysPaged>,
) -> Result<Response, Problem> {
    let as_of = app.now();
    let days = days(asked.from, asked.until, as_of)?;
    let rows = page_rows(asked.limit)?;
    let (from, until) = (days.start.to_string(), days.end.to_string());
    let listing = ["reconciliation", &from, &until];
    let after = asked.cursor.as_deref();
    let after = after
        .map(|cursor| Cursor::read(&listing, cursor))
        .transpose()?;
    let found = {
        let days = days.clone();
        move |app: &App| {
            let is_first = after.is_none();
            let found = app
                .store()
                .delivery_customers(&days, after.as_deref(), rows + 1)?;
            let book = is_first
                .then(|| whole_book(app, &days, as_of))
                .transpose()?;
            Ok((found, book))
        }
    };
    let (mut found, book) = app.work(found).await?;
    let is_more = found.len() > rows;
    found.truncate(rows);
    let last = found.last().filter(|_| is_more);
    let next_cursor = last.map(|(customer, _)| Cursor::write(&listing, customer));
    let customers = found
        .into_iter()
        .map(|(customer, deliveries)| CustomerDeliveries {
            customer: Some(customer).filter(|own| !own.is_empty()),
            deliveries: deliveries.into(),
        });
    let shown = BookReconciliation {
        from: days.start,
        until: days.end,
        as_of,
        book,
        customers: customers.collect(),
        next_cursor,
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// The days that are asked for, the last not among them.
fn days(from: Option<Date>, until: Option<Date>, now: Timestamp) -> Result<Range<Date>, Problem> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let until = until.unwrap_or_else(|| today.saturating_add(1.day()));
    let from = from.unwrap_or_else(|| until.saturating_sub(DAYS.days()));
    if from >= until {
        return Err(refused(
            "until",
            "it is the day after the last one, and lies after `from`",
        ));
    }
    let most = from.saturating_add(RECONCILIATION_DAYS_MAX.days());
    if until > most {
        let detail = format!("at most {RECONCILIATION_DAYS_MAX} days are reconciled at once");
        return Err(refused("until", detail));
    }
    Ok(from..until)
}

fn reconcile_customer(
    app: &App,
    customer: String,
    days: Range<Date>,
    as_of: Timestamp,
) -> Result<CustomerReconciliation, Problem> {
    let store = app.store();
    let entries = || -> Result<u64, StoreError> {
        Ok(store.head(&customer, LogKind::Shared)? + store.head(&customer, LogKind::Seller)?)
    };
    // Events may come while this is read.
    let before = entries()?;
    let always = store.delivery_totals(Some(&customer), &ALWAYS)?;
    let after = entries()?;
    if always.received == 0 && after == 0 {
        let detail = format!("there is no customer `{customer}`");
        return Err(Problem::new(Code::NotFound, detail));
    }
    let by_source = store.delivery_days(&customer, &days);
    let by_source = by_source.map_err(|error| match error {
        StoreError::TooMany { max, .. } => {
            let detail = format!("these are more than {max} days and sources; ask for fewer days");
            refused("until", detail)
        }
        other => other.into(),
    })?;
    let mut shown: Vec<Day> = Vec::new();
    for own in by_source {
        let day = day_of(&mut shown, own.day);
        day.deliveries.add(own.deliveries);
        day.sources.push(SourceDeliveries {
            source: own.source,
            deliveries: own.deliveries.into(),
        });
    }
    for own in store.unit_days(&customer, &days, as_of)? {
        day_of(&mut shown, own.day).units.add(own);
    }
    shown.sort_by_key(|own| own.day);
    let (mut deliveries, mut units) = (
        DeliveryCounts::from(Deliveries::default()),
        UnitCounts::default(),
    );
    for day in &shown {
        deliveries.add_counts(day.deliveries);
        units.add_counts(day.units);
    }
    let by_day = always.accepted + always.conflicting;
    // Who has costs alone owes nothing, and has no account.
    let money = if store.head(&customer, LogKind::Shared)? == 0 {
        Vec::new()
    } else {
        app.book().money(&customer, as_of)?
    };
    Ok(CustomerReconciliation {
        waiting: waiting(app, Some(&customer), as_of)?,
        customer,
        from: days.start,
        until: days.end,
        as_of,
        deliveries,
        units,
        days: shown,
        entries: Agreement {
            by_day,
            kept: by_day.clamp(before, after),
            before_days_were_counted: 0,
            agrees: (before..=after).contains(&by_day),
        },
        money,
    })
}

/// The row of a day, which is made where there is none.
fn day_of(days: &mut Vec<Day>, day: Date) -> &mut Day {
    let position = days.iter().rposition(|own| own.day == day);
    let position = position.unwrap_or_else(|| {
        days.push(Day {
            day,
            deliveries: Deliveries::default().into(),
            sources: Vec::new(),
            units: UnitCounts::default(),
        });
        days.len() - 1
    });
    &mut days[position]
}

fn whole_book(app: &App, days: &Range<Date>, as_of: Timestamp) -> Result<WholeBook, Problem> {
    let store = app.store();
    let before = store.deliveries()?;
    let by_day = store.delivery_totals(None, &ALWAYS)?;
    let after = store.deliveries()?;
    Ok(WholeBook {
        deliveries: store.delivery_totals(None, days)?.into(),
        waiting: waiting(app, None, as_of)?,
        received: Agreement {
            by_day: by_day.received,
            kept: before.received.max(by_day.received),
            // Entries tell of themselves; only the others may be missing.
            before_days_were_counted: before.received.saturating_sub(by_day.received),
            agrees: (before.accepted..=after.accepted).contains(&by_day.accepted)
                && (before.conflicting..=after.conflicting).contains(&by_day.conflicting)
                && by_day.received <= after.received,
        },
    })
}

fn waiting(app: &App, customer: Option<&str>, as_of: Timestamp) -> Result<WaitingCounts, Problem> {
    let own = app.store().waiting(customer, as_of)?;
    let refused = app.store().operations().refused_ages(customer, as_of)?;
    Ok(WaitingCounts {
        refused_events: refused.into(),
        pending_units: own.pending.into(),
        costs_without_work: own.without_work.into(),
        unassigned_costs: customer.is_none().then(|| own.unassigned.into()),
    })
}
