//! `/v1/reconciliation`: where everything is that was delivered, for the book and for one customer
//! (semantics.md section 5).
//!
//! From counts that the book keeps, never from the log. What is owed, stated and waived is not here: prices
//! decide it, and statements say it.

use std::ops::Range;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use store::reconciliation::{Ages, UnitDay};
use store::{Deliveries, StoreError};
use utoipa::{IntoParams, ToSchema};
use work::LogKind;

use crate::app::App;
use crate::limits::RECONCILIATION_DAYS_MAX;
use crate::params::{Cursor, Params, page, page_rows, refused};
use crate::problem::{Code, Problem, Written};

/// Days where the caller does not say.
const DAYS: i32 = 7;
const ALWAYS: Range<Date> = Date::MIN..Date::MAX;

/// Deliveries: `received = accepted + duplicate + conflicting + refused`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct DeliveryCounts {
    /// Everything that arrived.
    #[schema(example = 120)]
    received: u64,
    /// New events.
    #[schema(example = 100)]
    pub(crate) accepted: u64,
    /// The same again.
    #[schema(example = 17)]
    duplicate: u64,
    /// Another content under a known identity.
    #[schema(example = 1)]
    conflicting: u64,
    /// Not taken.
    #[schema(example = 2)]
    refused: u64,
}

/// Units of work: `opened = pending + counted + reversed + not_counted`.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct UnitCounts {
    /// All that were opened.
    #[schema(example = 50)]
    opened: u64,
    /// Not decided yet; what is unknown is here.
    #[schema(example = 5)]
    pending: u64,
    /// They count.
    #[schema(example = 40)]
    counted: u64,
    /// They counted, and were taken back.
    #[schema(example = 2)]
    reversed: u64,
    /// They do not count, for a reason that is known.
    #[schema(example = 3)]
    not_counted: u64,
}

/// How many wait, by how long they have.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct AgeCounts {
    /// Less than a day.
    under_1_day: u64,
    /// Less than three days.
    under_3_days: u64,
    /// Less than seven days.
    under_7_days: u64,
    /// Less than thirty days.
    under_30_days: u64,
    /// Longer.
    older: u64,
}

/// What waits for somebody, or for time to pass.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingCounts {
    /// Refused events that nobody has decided about.
    refused_events: AgeCounts,
    /// Units that are pending.
    pending_units: AgeCounts,
    /// Costs of a customer that belong to no work.
    costs_without_work: AgeCounts,
    /// Costs of no customer yet; for the whole book alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    unassigned_costs: Option<AgeCounts>,
}

/// Counts by day against what is kept elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreement {
    /// As it is counted by day, since the book began.
    by_day: u64,
    /// As it is kept elsewhere: entries of the logs, or deliveries of the journal.
    kept: u64,
    /// Deliveries of a release that did not tell where duplicates and refused ones came from.
    before_days_were_counted: u64,
    /// Whether they are the same.
    agrees: bool,
}

/// The reconciliation of one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerReconciliation {
    /// The customer.
    #[schema(example = "acme")]
    customer: String,
    /// The first day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    from: Date,
    /// The day after the last.
    #[schema(value_type = String, format = Date, example = "2026-02-08")]
    until: Date,
    /// The instant at which units and what waits stand like this.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Deliveries that arrived on these days.
    deliveries: DeliveryCounts,
    /// Units that were opened on these days.
    units: UnitCounts,
    /// Day by day; days of which there is nothing to say are not there.
    days: Vec<Day>,
    /// What waits, whenever it came.
    waiting: WaitingCounts,
    /// Accepted and conflicting deliveries against the entries of the customer's logs.
    entries: Agreement,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    day: Date,
    /// Deliveries that arrived on it.
    deliveries: DeliveryCounts,
    /// The same by source.
    sources: Vec<SourceDeliveries>,
    /// Units that were opened on it.
    units: UnitCounts,
}

/// Deliveries of one source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceDeliveries {
    /// The source; nothing where it could not be read.
    #[schema(example = "desk")]
    source: Option<String>,
    /// What became of them.
    deliveries: DeliveryCounts,
}

/// The reconciliation of the book: a page of its customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookReconciliation {
    /// The first day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    from: Date,
    /// The day after the last.
    #[schema(value_type = String, format = Date, example = "2026-02-08")]
    until: Date,
    /// The instant at which it stands like this.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
    /// Of the whole book; on the first page alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    book: Option<WholeBook>,
    /// By the customer that deliveries name, in the order of their names.
    customers: Vec<CustomerDeliveries>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The whole book.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeBook {
    /// Deliveries that arrived on these days.
    deliveries: DeliveryCounts,
    /// What waits, whenever it came.
    waiting: WaitingCounts,
    /// Deliveries by day against those of the journal.
    received: Agreement,
}

/// Deliveries that name one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerDeliveries {
    /// The customer; nothing where it could not be read.
    #[schema(example = "acme")]
    customer: Option<String>,
    /// What became of them.
    deliveries: DeliveryCounts,
}

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

impl From<Deliveries> for DeliveryCounts {
    fn from(own: Deliveries) -> DeliveryCounts {
        DeliveryCounts {
            received: own.received,
            accepted: own.accepted,
            duplicate: own.duplicate,
            conflicting: own.conflicting,
            refused: own.refused,
        }
    }
}

impl DeliveryCounts {
    fn add(&mut self, other: Deliveries) {
        self.add_counts(other.into());
    }

    fn add_counts(&mut self, other: DeliveryCounts) {
        self.received += other.received;
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        self.conflicting += other.conflicting;
        self.refused += other.refused;
    }
}

impl UnitCounts {
    fn add(&mut self, other: UnitDay) {
        self.add_counts(UnitCounts {
            opened: other.opened,
            pending: other.pending,
            counted: other.counted,
            reversed: other.reversed,
            not_counted: other.not_counted,
        });
    }

    fn add_counts(&mut self, other: UnitCounts) {
        self.opened += other.opened;
        self.pending += other.pending;
        self.counted += other.counted;
        self.reversed += other.reversed;
        self.not_counted += other.not_counted;
    }
}

impl From<Ages> for AgeCounts {
    fn from(
        [
            under_1_day,
            under_3_days,
            under_7_days,
            under_30_days,
            older,
        ]: Ages,
    ) -> AgeCounts {
        AgeCounts {
            under_1_day,
            under_3_days,
            under_7_days,
            under_30_days,
            older,
        }
    }
}
