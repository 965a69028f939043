//! `/v1/books`: the seller's books. Revenue, double entry, costs, and which months are closed.
//!
//! Not here: what is posted (`pricing`), and how it is written (`exports`). Invariant: no answer has more than
//! [`JOURNAL_POSTINGS_MAX`] rows; whoever needs more asks customer by customer, or uses the command line.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use book::accounting::Scope;
use book::acts::LockBooks;
use book::periods::month;
use exports::{beancount, focus, gl_csv};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use pages::view::RevenueSchedule;
use pages::view::json::{self, Money};
use pricing::accounting::{Entry, TrialBalance};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::limits::JOURNAL_POSTINGS_MAX;
use crate::once::RequestKey;
use crate::params::{Params, refused};
use crate::problem::{Code, Problem, Refusals, of_act};
use crate::sent::{day, done, role, words};

/// Which customers and months.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Of this customer; of all where absent.
    #[param(example = "acme")]
    customer: Option<String>,
    /// Through this month; through the last that is over where absent.
    #[param(example = "2026-01")]
    through: Option<String>,
    /// In whose format, where there are several.
    format: Option<String>,
}

/// The revenue of contracts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revenue {
    /// One for each signed contract.
    contracts: Vec<RevenueSchedule>,
}

/// Double entry.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Journal {
    /// By day.
    entries: Vec<JournalEntry>,
}

/// Something that happened, on a day, in two accounts or more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JournalEntry {
    /// The day that it is posted on.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// What happened.
    #[schema(example = "payment on statement acme-0001")]
    narration: String,
    /// What it can be found again by: a statement's number, a contract and month.
    #[schema(example = "acme-0001")]
    link: String,
    /// The standing cover that the statement is paid with, where it is about one that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "acme-A0001")]
    cover: Option<String>,
    /// The sides. They sum to zero in each currency.
    postings: Vec<JournalPosting>,
}

/// One side of an entry, or what an account comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JournalPosting {
    /// The account.
    #[schema(example = "Assets:Receivable:Acme")]
    account: String,
    /// Debit above zero, credit below.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = Money)]
    amount: Amount,
    /// What the tax system knows that by which a statement charges, where the plan says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "digital-services")]
    tax_category: Option<String>,
}

/// What every account comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Balances {
    /// The balances that are not zero, by account and currency.
    balances: Vec<JournalPosting>,
}

/// Which months are closed, and who closed them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LockState {
    /// The last day that is closed; nothing where everything is open.
    #[schema(value_type = Option<String>, format = Date)]
    locked_until: Option<Date>,
    /// In the order in which it was done.
    acts: Vec<Locked>,
}

/// That months were closed, or opened again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Locked {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// `locked` or `unlocked`.
    #[schema(example = "locked")]
    act: String,
    /// The last day that is closed after it; nothing where none is.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    /// Why.
    reason: String,
    /// Who decided it (a role).
    by: String,
}

/// Months that are closed, or opened again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Locking {
    /// The last day that is closed after it, the last of a month. Where months are opened, it may be left out: then all are.
    #[schema(example = "2026-01-31")]
    until: Option<String>,
    /// Why.
    #[schema(example = "January is reported")]
    reason: String,
    /// Who decides it (a role).
    #[schema(example = "controller")]
    by: String,
}

/// Revenue by month, contract by contract.
///
/// What was performed against what was stated; with what stands against taking revenue as what may be invoiced.
#[utoipa::path(get, path = "/v1/books/revenue", tag = "books", operation_id = "get_revenue",
    params(Asked),
    responses((status = 200, description = "The schedules", body = Revenue), Refusals))]
pub(crate) async fn revenue(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<Revenue>, Problem> {
    asked.only(&["json"])?;
    let (customer, through) = asked.scope(&caller)?;
    let found = app.work(move |app| {
        let scope = Scope {
            customer,
            through,
            now: app.now(),
        };
        Ok(app.book().revenue(&scope)?)
    });
    let contracts = found.await?;
    bounded(contracts.iter().map(|own| own.months.len()).sum())?;
    Ok(Json(Revenue { contracts }))
}

/// Double entry: as JSON, as beancount text, or as CSV for general ledgers.
#[utoipa::path(get, path = "/v1/books/journal", tag = "books", operation_id = "get_journal",
    params(Asked),
    responses((status = 200, description = "The journal; `format` is `json`, `beancount` or `csv`", body = Journal), Refusals))]
pub(crate) async fn journal(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let format = asked.only(&["json", "beancount", "csv"])?;
    let seller = seller(&app);
    let entries = entries(app, &caller, &asked).await?;
    Ok(match format {
        "beancount" => text(
            "text/plain",
            beancount::ledger(&seller, &entries).into_bytes(),
        ),
        "csv" => {
            let bytes = gl_csv::write(&entries).map_err(|error| unwritten(&error))?;
            text("text/csv", bytes)
        }
        _ => {
            let entries = entries.into_iter().map(JournalEntry::from);
            Json(Journal {
                entries: entries.collect(),
            })
            .into_response()
        }
    })
}

/// What every account of the double entry comes to.
#[utoipa::path(get, path = "/v1/books/trial-balance", tag = "books", operation_id = "get_trial_balance",
    params(Asked),
    responses((status = 200, description = "The balances", body = Balances), Refusals))]
pub(crate) async fn trial_balance(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<Balances>, Problem> {
    asked.only(&["json"])?;
    let entries = entries(app, &caller, &asked).await?;
    let balance = TrialBalance::of(&entries)
        .map_err(|error| Problem::new(Code::Refused, error.to_string()))?;
    let balances = balance.balances().map(|own| JournalPosting {
        account: exports::account_name(own.account),
        amount: own.amount,
        tax_category: None,
    });
    Ok(Json(Balances {
        balances: balances.collect(),
    }))
}

/// Costs in the columns of FOCUS, as CSV.
#[utoipa::path(get, path = "/v1/books/costs", tag = "books", operation_id = "get_focus_costs",
    params(Asked),
    responses((status = 200, description = "The costs", body = String, content_type = "text/csv"), Refusals))]
pub(crate) async fn costs(
    State(app): State<App>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    asked.only(&["csv"])?;
    let (customer, through) = asked.scope(&caller)?;
    let seller = seller(&app);
    let found = app.work(move |app| {
        let scope = Scope {
            customer,
            through,
            now: app.now(),
        };
        Ok(app.book().cost_ledger(&scope)?)
    });
    let ledger = found.await?;
    bounded(ledger.entries.len())?;
    let bytes = focus::write(&seller, &ledger).map_err(|error| unwritten(&error))?;
    Ok(text("text/csv", bytes))
}

/// Which months are closed, and who closed them.
#[utoipa::path(get, path = "/v1/books/locks", tag = "books", operation_id = "list_locks",
    responses((status = 200, description = "The locks", body = LockState), Refusals))]
pub(crate) async fn locks(State(app): State<App>) -> Result<Json<LockState>, Problem> {
    let found = app.work(|app| {
        let acts = app.book().lock_acts()?;
        Ok((app.book().locks()?.until(), acts))
    });
    let (locked_until, acts) = found.await?;
    Ok(Json(LockState {
        locked_until,
        acts: acts.into_iter().map(Locked::from).collect(),
    }))
}

/// Closes months: nothing is posted in them any more.
///
/// What is learnt of them later is posted in the first month that is open.
#[utoipa::path(post, path = "/v1/books/lock", tag = "books", operation_id = "lock_books",
    request_body(content = Locking, content_type = "application/json"),
    responses((status = 201, description = "They are closed", body = Locked),
        (status = 200, description = "They were closed by the same request before", body = Locked), Refusals))]
pub(crate) async fn lock(
    State(app): State<App>,
    key: RequestKey,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Locked>), Problem> {
    let sent: Locking = body::json(&headers, body).await?;
    app.work(move |app| locked(app, &key, &sent, false)).await
}

/// Opens months again.
#[utoipa::path(post, path = "/v1/books/unlock", tag = "books", operation_id = "unlock_books",
    request_body(content = Locking, content_type = "application/json"),
    responses((status = 201, description = "They are open", body = Locked),
        (status = 200, description = "They were opened by the same request before", body = Locked), Refusals))]
pub(crate) async fn unlock(
    State(app): State<App>,
    key: RequestKey,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Locked>), Problem> {
    let sent: Locking = body::json(&headers, body).await?;
    app.work(move |app| locked(app, &key, &sent, true)).await
}

fn locked(
    app: &App,
    key: &RequestKey,
    sent: &Locking,
    unlocks: bool,
) -> Result<(StatusCode, Json<Locked>), Problem> {
    let id = key.id("books");
    let until = sent.until.as_deref().map(|text| day("/until", text));
    let act = LockBooks {
        until: until.transpose()?,
        unlocks,
        reason: words("/reason", &sent.reason)?,
        by: role("/by", &sent.by)?,
        id: id.as_deref(),
    };
    let acted = app.book().lock_books(&act, app.now()).map_err(of_act)?;
    Ok((done(acted.is_known), Json(acted.what.into())))
}

impl Asked {
    /// The customer, as far as the caller may ask for it, and the month.
    fn scope(&self, caller: &Caller) -> Result<(Option<String>, Option<Date>), Problem> {
        if let Some(customer) = &self.customer {
            caller.require(customer)?;
        }
        let through = match self.through.as_deref().map(month).transpose() {
            Ok(through) => through,
            Err(error) => return Err(refused("through", error.to_string())),
        };
        let customer = self.customer.clone().or_else(|| caller.customer.clone());
        Ok((customer, through))
    }

    /// The format: one of these, the first where none is said.
    fn only(&self, formats: &[&'static str]) -> Result<&'static str, Problem> {
        let Some(asked) = &self.format else {
            return Ok(formats[0]);
        };
        let mut known = formats.iter().copied();
        known
            .find(|own| own == asked)
            .ok_or_else(|| refused("format", format!("it is one of {}", formats.join(", "))))
    }
}

impl From<Entry> for JournalEntry {
    fn from(own: Entry) -> JournalEntry {
        let posting = |own: &pricing::accounting::Posting| JournalPosting {
            account: exports::account_name(&own.account),
            amount: own.amount,
            tax_category: own.tax_category.clone(),
        };
        JournalEntry {
            date: own.date,
            postings: own.postings.iter().map(posting).collect(),
            narration: own.narration,
            link: own.link,
            cover: own.cover,
        }
    }
}

impl From<book::LockAct> for Locked {
    fn from(own: book::LockAct) -> Locked {
        Locked {
            time: own.time,
            act: own.act,
            until: own.until,
            reason: own.reason,
            by: own.by,
        }
    }
}

async fn entries(app: App, caller: &Caller, asked: &Asked) -> Result<Vec<Entry>, Problem> {
    let (customer, through) = asked.scope(caller)?;
    let found = app.work(move |app| {
        let scope = Scope {
            customer,
            through,
            now: app.now(),
        };
        Ok(app.book().journal(&scope)?)
    });
    let entries = found.await?;
    bounded(entries.iter().map(|own| own.postings.len()).sum())?;
    Ok(entries)
}

/// Refuses an answer of too many rows.
fn bounded(rows: usize) -> Result<(), Problem> {
    if rows <= JOURNAL_POSTINGS_MAX {
        return Ok(());
    }
    let detail = format!(
        "it has {rows} rows, and an answer at most {JOURNAL_POSTINGS_MAX}: name a `customer`, or use `piecework export`"
    );
    Err(refused("customer", detail))
}

fn seller(app: &App) -> String {
    let vendor = app.book().config.vendor.as_deref();
    vendor.unwrap_or("Seller").to_owned()
}

fn text(kind: &str, bytes: Vec<u8>) -> Response {
    let kind = format!("{kind}; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// What could not be written in a foreign format.
pub(crate) fn unwritten(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "an export was not written");
    Problem::new(Code::Internal, "it could not be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_an_end() {
        assert!(bounded(JOURNAL_POSTINGS_MAX).is_ok());
        assert_eq!(
            bounded(JOURNAL_POSTINGS_MAX + 1).unwrap_err().code(),
            Code::BadRequest
        );
    }
}
