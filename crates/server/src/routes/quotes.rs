//! `/v1/customers/{customer}/quotes`: what is offered to a customer, and the buyer's answer.
//!
//! The seller drafts, sends and withdraws, and records in words what the buyer said. A buyer with a key of its own
//! sends its answer signed, and needs nobody's word.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use book::acts::{Acted, ContractText, DraftQuote, Step, StepQuote};
use pages::view::Quote;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use work::Event;

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::body;
use crate::once::RequestKey;
use crate::params::{Cursor, PageAsked, Params, page, page_of, page_rows};
use crate::precondition::tagged;
use crate::problem::{Code, Problem, Refusals, of_act};
use crate::sent::{day, done, refused_at, role, words};

/// A page of quotes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuotePage {
    /// By number.
    quotes: Vec<Quote>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What is quoted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQuote {
    /// First day of the contract, in its zone; a document of one's own says it itself.
    #[schema(example = "2026-04-01")]
    from: String,
    /// The contract document (TOML); made of the configuration, over the documents in force, where absent.
    #[schema(example = json!(null))]
    document: Option<String>,
    /// The last day on which it can be accepted, in the contract's zone.
    #[schema(example = "2026-03-31")]
    valid_until: String,
    /// What the seller says to it.
    #[schema(example = "As we spoke of on the phone.")]
    words: Option<String>,
    /// Who drafts it (a role, no name).
    #[schema(example = "sales")]
    by: String,
}

/// Who takes a step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sending {
    /// Who sends it (a role, no name).
    #[schema(example = "sales")]
    by: String,
}

/// An acceptance that the seller records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    /// How the buyer said so.
    #[schema(example = "by letter of March 3")]
    how: String,
    /// Who accepted it for the buyer (a role, no name).
    #[schema(example = "procurement")]
    by: String,
}

/// Why a quote is declined or taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurningDown {
    /// Why, in words.
    #[schema(example = "the budget went elsewhere")]
    reason: String,
    /// Who says so (a role, no name).
    #[schema(example = "procurement")]
    by: String,
}

/// The buyer's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    /// The signed event, as `piecework sign --acknowledge quote` prints it: `quote.accepted` or `quote.declined`.
    event: String,
}

/// A quote as a buyer sees it: before it is sent it is the seller's own, and is not there.
///
/// # Errors
/// [`Code::NotFound`].
pub(crate) fn to_buyer(quote: Quote) -> Result<Quote, Problem> {
    if quote.was_sent() {
        return Ok(quote);
    }
    let detail = format!("there is no quote `{}`", quote.quote);
    Err(Problem::new(Code::NotFound, detail))
}

/// A quote as a caller sees it.
///
/// # Errors
/// As [`to_buyer`].
pub(crate) fn to_caller(caller: &Caller, quote: Quote) -> Result<Quote, Problem> {
    match caller.may(Permission::ReadCosts) {
        true => Ok(quote),
        false => to_buyer(quote),
    }
}

/// Lists the quotes of a customer; to a buyer those that were sent.
#[utoipa::path(get, path = "/v1/customers/{customer}/quotes", tag = "quotes", operation_id = "list_quotes",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"), PageAsked),
    responses((status = 200, description = "A page", body = QuotePage), Refusals))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    uri: Uri,
    Params(asked): Params<PageAsked>,
) -> Result<Response, Problem> {
    let rows = page_rows(asked.limit)?;
    let listing = ["quotes".to_owned(), customer.clone()];
    let listing: Vec<&str> = listing.iter().map(String::as_str).collect();
    let from: usize = Cursor::place(&listing, asked.cursor.as_deref())?.unwrap_or(0);
    let found = app.work(move |app| {
        let mut quotes = app.book().quotes(&customer, app.now())?;
        quotes.retain(|own| own.was_sent() || caller.may(Permission::ReadCosts));
        Ok(quotes)
    });
    let (quotes, next) = page_of(found.await?, from, rows);
    let shown = QuotePage {
        quotes,
        next_cursor: Cursor::next(&listing, next),
    };
    Ok(page(&uri, &shown, shown.next_cursor.as_deref()))
}

/// One quote: what it offers, and what became of it.
#[utoipa::path(get, path = "/v1/customers/{customer}/quotes/{quote}", tag = "quotes", operation_id = "get_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    responses((status = 200, description = "It, with an `ETag`", body = Quote),
        (status = 304, description = "It is as `If-None-Match` says"), Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, quote)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = move |app: &App| {
        let quote = app.book().quote(&customer, &quote, app.now())?;
        to_caller(&caller, quote)
    };
    tagged(&headers, &app.work(found).await?)
}

/// Drafts a quote.
///
/// The texts that it names are published to the customer with it. The customer need not have any events yet.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes", tag = "quotes", operation_id = "draft_quote",
    params(("customer" = String, Path, description = "The customer's id", example = "acme")),
    request_body(content = NewQuote, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was drafted by the same request before", body = Quote), Refusals))]
pub(crate) async fn draft(
    State(app): State<App>,
    key: RequestKey,
    Path(customer): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: NewQuote = body::json(&headers, body).await?;
    let drafted = move |app: &App| {
        let id = key.id("quote");
        let document = sent.document.as_deref();
        let own = sent.words.as_deref();
        let act = DraftQuote {
            customer: &customer,
            from: day("/from", &sent.from)?,
            document: document.map(|text| ContractText {
                name: "the contract document",
                text,
            }),
            valid_until: day("/valid_until", &sent.valid_until)?,
            words: own.map(|own| words("/words", own)).transpose()?,
            by: role("/by", &sent.by)?,
            id: id.as_deref(),
        };
        Ok(answered(
            app.book().draft_quote(&act, app.now()).map_err(of_act)?,
        ))
    };
    app.work(drafted).await
}

/// Sends a draft to the buyer, who may accept it from then on.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes/{quote}/send", tag = "quotes", operation_id = "send_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    request_body(content = Sending, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was sent by the same request before", body = Quote), Refusals))]
pub(crate) async fn send(
    State(app): State<App>,
    key: RequestKey,
    Path(of): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: Sending = body::json(&headers, body).await?;
    let id = key.id("quote-sent");
    app.work(move |app| step(app, &of, Step::Send, &sent.by, id.as_deref()))
        .await
}

/// Records that the buyer accepted a quote, in the seller's words: its contract is signed.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes/{quote}/accept", tag = "quotes", operation_id = "accept_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    request_body(content = Acceptance, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was accepted before", body = Quote), Refusals))]
pub(crate) async fn accept(
    State(app): State<App>,
    key: RequestKey,
    Path(of): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: Acceptance = body::json(&headers, body).await?;
    let id = key.id("quote-accepted");
    let accepted = move |app: &App| {
        let how = words("/how", &sent.how)?;
        step(app, &of, Step::Accept(how), &sent.by, id.as_deref())
    };
    app.work(accepted).await
}

/// Records that the buyer declined a quote.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes/{quote}/decline", tag = "quotes", operation_id = "decline_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    request_body(content = TurningDown, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was declined by the same request before", body = Quote), Refusals))]
pub(crate) async fn decline(
    State(app): State<App>,
    key: RequestKey,
    Path(of): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: TurningDown = body::json(&headers, body).await?;
    let id = key.id("quote-declined");
    let declined = move |app: &App| {
        let why = words("/reason", &sent.reason)?;
        step(app, &of, Step::Decline(why), &sent.by, id.as_deref())
    };
    app.work(declined).await
}

/// Takes a quote back.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes/{quote}/withdraw", tag = "quotes", operation_id = "withdraw_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    request_body(content = TurningDown, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was withdrawn by the same request before", body = Quote), Refusals))]
pub(crate) async fn withdraw(
    State(app): State<App>,
    key: RequestKey,
    Path(of): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: TurningDown = body::json(&headers, body).await?;
    let id = key.id("quote-withdrawn");
    let withdrawn = move |app: &App| {
        let why = words("/reason", &sent.reason)?;
        step(app, &of, Step::Withdraw(why), &sent.by, id.as_deref())
    };
    app.work(withdrawn).await
}

/// Takes the buyer's own signed answer: an acceptance signs the contract that was quoted, a refusal declines it.
///
/// The signature is what counts, whoever delivers it. The same answer twice is one.
#[utoipa::path(post, path = "/v1/customers/{customer}/quotes/{quote}/answer", tag = "quotes", operation_id = "answer_quote",
    params(
        ("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
    ),
    request_body(content = Answer, content_type = "application/json"),
    responses((status = 201, description = "The quote", body = Quote),
        (status = 200, description = "It was answered so before", body = Quote), Refusals))]
pub(crate) async fn answer(
    State(app): State<App>,
    Path((customer, quote)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let sent: Answer = body::json(&headers, body).await?;
    let taken = move |app: &App| {
        let event = Event::parse(sent.event.trim());
        let event = event.map_err(|error| refused_at("/event", error.to_string()))?;
        let book = app.book();
        let taken = book.answer_quote(&customer, &quote, &event, app.now());
        Ok(answered(taken.map_err(of_act)?))
    };
    app.work(taken).await
}

fn step(
    app: &App,
    (customer, quote): &(String, String),
    step: Step<'_>,
    by: &str,
    id: Option<&str>,
) -> Result<(StatusCode, Json<Quote>), Problem> {
    let act = StepQuote {
        customer,
        quote,
        step,
        by: role("/by", by)?,
        id,
    };
    let taken = app.book().step_quote(&act, app.now()).map_err(of_act)?;
    Ok(answered(taken))
}

fn answered(acted: Acted<Quote>) -> (StatusCode, Json<Quote>) {
    (done(acted.is_known), Json(acted.what))
}
